import encodeQR from 'qr';
import { qrReader } from './qr-reader';

const SCALE = 4;
const CODE = '7FDY9-S5J0F-BKKYT-F3Y6W-M';

/** A picture of a code, as a camera takes it. */
function frameOf(code: string): HTMLCanvasElement {
  const modules = encodeQR(code, 'raw', { border: 4 });
  const size = modules.length * SCALE;
  const data = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const [x, y] = [pixel % size, Math.floor(pixel / size)];
    if (modules[Math.floor(y / SCALE)]?.[Math.floor(x / SCALE)]) {
      data.set([0, 0, 0, 255], pixel * 4);
    }
  }
  const getImageData = () => ({ width: size, height: size, data });
  // jsdom draws nothing.
  const frame: unknown = { width: size, height: size, getContext: () => ({ getImageData }) };
  return frame as HTMLCanvasElement;
}

function browserWith(detect: () => Promise<{ rawValue: string }[]>): void {
  class BarcodeDetector {
    static getSupportedFormats = () => Promise.resolve(['qr_code']);
    detect = detect;
  }
  vi.stubGlobal('BarcodeDetector', BarcodeDetector);
}

describe('qrReader', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('reads without a detector in the browser', async () => {
    const read = await qrReader();
    expect(await read(frameOf(CODE))).toBe(CODE);
  });

  it('leaves reading to a detector in the browser', async () => {
    browserWith(() => Promise.resolve([{ rawValue: 'from the browser' }]));
    const read = await qrReader();
    expect(await read(frameOf(CODE))).toBe('from the browser');
  });

  it('goes on without a detector that fails', async () => {
    const detect = vi.fn(() => Promise.reject(new DOMException('', 'NotSupportedError')));
    browserWith(detect);
    const read = await qrReader();
    expect(await read(frameOf(CODE))).toBe(CODE);
    expect(await read(frameOf(CODE))).toBe(CODE);
    expect(detect).toHaveBeenCalledTimes(1);
  });
});
