import { CanDeactivateFn } from '@angular/router';

/** A page with something typed that nobody has saved yet. */
export interface MayHoldUnsaved {
  /** Asks, if there is anything to lose. */
  mayLeave(): boolean | Promise<boolean>;
}

/** Asks before what was typed is lost. */
export const keepUnsaved: CanDeactivateFn<MayHoldUnsaved> = (page) => page.mayLeave();
