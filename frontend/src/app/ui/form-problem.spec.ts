import { TestBed } from '@angular/core/testing';
import { Problem } from '../api/problem';
import { problem } from '../../testing/page';
import { FormProblem } from './form-problem';

describe('FormProblem', () => {
  async function show(given: Problem | null): Promise<HTMLElement> {
    const fixture = TestBed.createComponent(FormProblem);
    fixture.componentRef.setInput('problem', given);
    await fixture.whenStable();
    return fixture.nativeElement as HTMLElement;
  }

  const paragraphs = (shown: HTMLElement) =>
    [...shown.querySelectorAll('p')].map((p) => p.textContent);

  it('says what happened and what to do', async () => {
    const busy = { ...problem('busy', 503), title: 'Too many requests', detail: 'Try again.' };
    const shown = await show(busy);
    expect(shown.querySelector('[role=alert]')).not.toBeNull();
    expect(paragraphs(shown)).toEqual(['Too many requests', 'Try again.']);
  });

  it('does not say a thing twice', async () => {
    const wrong = { ...problem('wrong', 409), title: 'Wrong password', detail: 'Wrong password.' };
    expect(paragraphs(await show(wrong))).toEqual(['Wrong password']);
  });

  it('takes no room without a problem', async () => {
    const shown = await show(null);
    expect(shown.hidden).toBe(true);
    expect(shown.textContent).toBe('');
  });
});
