import { HttpContext, HttpContextToken } from '@angular/common/http';

/** Whether the page asks by itself, and not because somebody has pressed something. */
export const POLLED = new HttpContextToken(() => false);

export const polled = (): HttpContext => new HttpContext().set(POLLED, true);
