import { HttpErrorResponse } from '@angular/common/http';
import { TimeoutError } from 'rxjs';
import { toProblem } from './problem';

describe('toProblem', () => {
  it('passes on what the API says', () => {
    const error = {
      type: '/problems/sold-out',
      title: 'Not enough tickets left',
      status: 409,
      detail: 'Only 2 tickets are left.',
      request_id: 'r-1',
      available: 2,
    };
    expect(toProblem(new HttpErrorResponse({ status: 409, error }))).toEqual(error);
  });

  it('has its own words for a bug of the server, and keeps the request to ask about', () => {
    const error = {
      type: '/problems/internal',
      title: 'Something went wrong here',
      status: 500,
      detail: 'The error is logged under this request_id.',
      request_id: 'r-2',
    };
    const problem = toProblem(new HttpErrorResponse({ status: 500, error }));
    expect(problem.request_id).toBe('r-2');
    expect(problem.detail).toContain('Try again in a moment.');
  });

  it('says that a session has ended as somebody meets it who had signed in', () => {
    const error = {
      type: '/problems/not-signed-in',
      title: 'Sign in first',
      status: 401,
      detail: 'Sign in first.',
      request_id: 'r-3',
    };
    const problem = toProblem(new HttpErrorResponse({ status: 401, error }));
    expect(problem.title).toBe('You were signed out');
    expect(problem.detail).toBe('Sign in again to go on.');
    expect(problem.request_id).toBeUndefined();
  });

  it('says the title when there is no detail', () => {
    const error = { type: 'about:blank', title: 'Not found', status: 404 };
    expect(toProblem(new HttpErrorResponse({ status: 404, error })).detail).toBe('Not found');
  });

  it.each([
    ['no answer', new HttpErrorResponse({ status: 0 })],
    ['an answer that never came', new TimeoutError()],
  ])('takes %s for a lost connection', (_, error) => {
    expect(toProblem(error)).toMatchObject({ type: '/problems/offline', status: 0 });
  });

  it('finds the response inside an error that wraps it', () => {
    const cause = new HttpErrorResponse({ status: 0 });
    expect(toProblem(new Error('wrapped', { cause })).status).toBe(0);
  });

  it.each([
    ['a page of a proxy', new HttpErrorResponse({ status: 502, error: '<html>Bad gateway' }), 502],
    ['a bug of ours', new TypeError('x is undefined'), 500],
    ['anything else', 'a string', 500],
  ])('shows nothing of the insides of %s', (_, error, status) => {
    const problem = toProblem(error);
    expect(problem).toMatchObject({ type: '/problems/internal', status });
    expect(problem.detail).not.toMatch(/html|undefined/);
  });
});
