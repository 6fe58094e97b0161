import { visiblePart } from './visible-part';

describe('visiblePart', () => {
  it('is the middle of a picture that is too wide or too tall', () => {
    const upright = visiblePart({ width: 640, height: 480 }, { width: 120, height: 240 });
    expect(upright).toEqual({ left: 200, top: 0, width: 240, height: 480 });
    const flat = visiblePart({ width: 640, height: 480 }, { width: 320, height: 120 });
    expect(flat).toEqual({ left: 0, top: 120, width: 640, height: 240 });
  });

  it('is all of it in a frame of the same shape, and where there is no frame', () => {
    const all = { left: 0, top: 0, width: 640, height: 480 };
    expect(visiblePart({ width: 640, height: 480 }, { width: 320, height: 240 })).toEqual(all);
    expect(visiblePart({ width: 640, height: 480 }, { width: 0, height: 0 })).toEqual(all);
  });
});
