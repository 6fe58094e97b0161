import { CanDeactivateFn } from '@angular/router';

/** A page with something typed that nobody has saved yet. */
export interface MayHoldUnsaved {
  holdsUnsaved(): boolean;
}

/** Asks before what was typed is lost. */
export const keepUnsaved: CanDeactivateFn<MayHoldUnsaved> = (page) =>
  !page.holdsUnsaved() || confirm('Leave without saving? What you typed would be lost.');
