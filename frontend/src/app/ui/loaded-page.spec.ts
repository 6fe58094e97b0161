import { HttpErrorResponse } from '@angular/common/http';
import { Component, resource, signal } from '@angular/core';
import { problem, showPage } from '../../testing/page';
import { loaded } from '../api/loaded';
import { LoadedPage } from './loaded-page';

interface Thing {
  name: string;
}

@Component({
  selector: 'mq-test-page',
  imports: [LoadedPage],
  template: `
    <mq-loaded what="thing" [of]="loaded">
      @if (loaded.value(); as thing) {
        <h1>{{ thing.name }}</h1>
      }
      <div skeleton>Skeleton</div>
    </mq-loaded>
  `,
})
class Page {
  readonly id = signal(1);
  readonly loaded = loaded(resource({ params: this.id, loader: () => this.#answer() }), this.id);
  answered: (thing: Thing) => void = () => undefined;
  failed: (error: unknown) => void = () => undefined;

  #answer(): Promise<Thing> {
    return new Promise((resolve, reject) => {
      this.answered = resolve;
      this.failed = reject;
    });
  }
}

describe('loaded and LoadedPage', () => {
  function show() {
    const page = showPage(Page);
    const component = page.fixture.componentInstance;
    const answer = async (name: string) => {
      component.answered({ name });
      await page.settled();
    };
    const refuse = async (status: number) => {
      component.failed(new HttpErrorResponse({ status, error: problem('refused', status) }));
      await page.settled();
    };
    return { ...page, answer, refuse, component };
  }

  it('shows the skeleton until there is something to show', async () => {
    const { screen, answer } = show();
    const status = screen.getByRole('status');
    expect(status.textContent).toBe('Loading the thing');
    expect(status.parentElement?.getAttribute('aria-busy')).toBe('true');
    expect(screen.getByText('Skeleton')).toBeTruthy();
    await answer('One');
    expect(screen.getByRole('heading').textContent).toBe('One');
    expect(screen.queryByText('Skeleton')).toBeNull();
    expect(screen.queryByRole('status')).toBeNull();
  });

  it.each([404, 422])('says after a %i that there is no such thing', async (status) => {
    const { screen, refuse, component } = show();
    await refuse(status);
    expect(screen.getByRole('heading').textContent).toBe('There is no such thing');
    expect(component.loaded.missing()).toBe(true);
  });

  it('says why it could not be loaded, and tries again', async () => {
    const { screen, answer, refuse, settled, component } = show();
    await refuse(503);
    expect(screen.getByRole('heading').textContent).toBe('This thing could not be loaded');
    expect(screen.getByText('Detail of refused.')).toBeTruthy();
    expect(component.loaded.missing()).toBe(false);
    screen.getByRole('button', { name: 'Try again' }).click();
    await settled();
    await answer('One');
    expect(screen.getByRole('heading').textContent).toBe('One');
  });

  it('keeps the loaded content when a later request fails', async () => {
    const { screen, answer, refuse, settled, component } = show();
    await answer('One');
    component.loaded.reload();
    await settled();
    await refuse(503);
    expect(screen.getByRole('heading').textContent).toBe('One');
    expect(component.loaded.problem()).toBeNull();
  });

  it('forgets it when another is asked for', async () => {
    const { screen, answer, settled, component } = show();
    await answer('One');
    component.id.set(2);
    await settled();
    expect(screen.queryByRole('heading')).toBeNull();
    await answer('Two');
    expect(screen.getByRole('heading').textContent).toBe('Two');
  });

  it('takes over a newer value', async () => {
    const { screen, answer, settled, component } = show();
    await answer('One');
    component.loaded.set({ name: 'Newer' });
    await settled();
    expect(screen.getByRole('heading').textContent).toBe('Newer');
  });
});
