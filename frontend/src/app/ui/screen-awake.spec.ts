import { DOCUMENT } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { ScreenAwake } from './screen-awake';

class FakeLock {
  released = false;
  release(): Promise<void> {
    this.released = true;
    return Promise.resolve();
  }
}

describe('ScreenAwake', () => {
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
    TestBed.inject(ScreenAwake).keep();
    await settled();
    expect(held()).toBe(1);
    await becomes('hidden');
    expect(held()).toBe(0);
    await becomes('visible');
    await becomes('visible');
    expect(held()).toBe(1);
  });

  it('gives it back when it is released, and takes no other', async () => {
    TestBed.inject(ScreenAwake).keep();
    await settled();
    TestBed.inject(ScreenAwake).release();
    await settled();
    expect(held()).toBe(0);
    await becomes('visible');
    expect(held()).toBe(0);
  });

  it('does nothing where the browser has no such lock, or refuses it', async () => {
    vi.stubGlobal('navigator', {});
    TestBed.inject(ScreenAwake).keep();
    vi.stubGlobal('navigator', { wakeLock: { request: () => Promise.reject(new Error()) } });
    TestBed.inject(ScreenAwake).keep();
    await settled();
    expect(locks).toEqual([]);
  });
});
