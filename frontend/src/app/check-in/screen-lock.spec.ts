import { DOCUMENT } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { keepScreenOn } from './screen-lock';

class FakeLock {
  released = false;
  release(): Promise<void> {
    this.released = true;
    return Promise.resolve();
  }
}

describe('keepScreenOn', () => {
  let locks: FakeLock[];
  let visibility: DocumentVisibilityState;

  const settled = () => new Promise((resolve) => setTimeout(resolve));
  const held = () => locks.filter(({ released }) => !released).length;

  async function becomes(state: DocumentVisibilityState): Promise<void> {
    visibility = state;
    if (state === 'hidden') locks.forEach((lock) => (lock.released = true));
    document.dispatchEvent(new Event('visibilitychange'));
    await settled();
  }

  beforeEach(() => {
    locks = [];
    visibility = 'visible';
    vi.spyOn(TestBed.inject(DOCUMENT), 'visibilityState', 'get').mockImplementation(
      () => visibility,
    );
    const request = () => {
      const lock = new FakeLock();
      locks.push(lock);
      return Promise.resolve(lock);
    };
    vi.stubGlobal('navigator', { wakeLock: { request } });
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it('holds one lock while the page is visible', async () => {
    TestBed.runInInjectionContext(keepScreenOn);
    await settled();
    expect(held()).toBe(1);
    await becomes('hidden');
    expect(held()).toBe(0);
    await becomes('visible');
    await becomes('visible');
    expect(held()).toBe(1);
  });

  it('gives it back at the end, and takes no other', async () => {
    TestBed.runInInjectionContext(keepScreenOn);
    await settled();
    TestBed.resetTestingModule();
    await settled();
    expect(held()).toBe(0);
    await becomes('visible');
    expect(held()).toBe(0);
  });

  it('does nothing where the browser has no such lock, or refuses it', async () => {
    vi.stubGlobal('navigator', {});
    TestBed.runInInjectionContext(keepScreenOn);
    vi.stubGlobal('navigator', { wakeLock: { request: () => Promise.reject(new Error()) } });
    TestBed.runInInjectionContext(keepScreenOn);
    await settled();
    expect(locks).toEqual([]);
  });
});
