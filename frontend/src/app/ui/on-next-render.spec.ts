import { Component } from '@angular/core';
import { TestBed } from '@angular/core/testing';

import { onNextRender } from './on-next-render';

@Component({ template: '' })
class Page {
  readonly onNextRender = onNextRender();
}

describe('onNextRender', () => {
  it('acts once the component is rendered again', async () => {
    const fixture = TestBed.createComponent(Page);
    await fixture.whenStable();
    const act = vi.fn();
    fixture.componentInstance.onNextRender(act);
    expect(act).not.toHaveBeenCalled();
    await fixture.whenStable();
    expect(act).toHaveBeenCalledOnce();
  });

  it('does nothing when the page was left', async () => {
    const fixture = TestBed.createComponent(Page);
    await fixture.whenStable();
    const act = vi.fn();
    fixture.destroy();
    fixture.componentInstance.onNextRender(act);
    await fixture.whenStable();
    expect(act).not.toHaveBeenCalled();
  });
});
