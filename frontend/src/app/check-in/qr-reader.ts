/** Finds the QR codes in a picture. */
export type QrReader = (frame: HTMLCanvasElement) => Promise<string | null>;

interface NativeDetector {
  detect(image: HTMLCanvasElement): Promise<{ rawValue: string }[]>;
}

interface NativeDetectorClass {
  new (options: { formats: string[] }): NativeDetector;
  getSupportedFormats(): Promise<string[]>;
}

/** The browser's own detector where it has one, else one in JavaScript, loaded only then. */
export async function qrReader(): Promise<QrReader> {
  return (await nativeReader()) ?? (await scriptReader());
}

async function nativeReader(): Promise<QrReader | null> {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: NativeDetectorClass };
  try {
    const formats = (await BarcodeDetector?.getSupportedFormats()) ?? [];
    if (BarcodeDetector === undefined || !formats.includes('qr_code')) return null;
    const detector = new BarcodeDetector({ formats: ['qr_code'] });
    let instead: QrReader | undefined;
    return async (frame) => {
      if (instead !== undefined) return instead(frame);
      try {
        return (await detector.detect(frame))[0]?.rawValue ?? null;
      } catch {
        // Some systems promise a detector and say only at the first picture that there is none.
        instead = await scriptReader();
        return instead(frame);
      }
    };
  } catch {
    return null;
  }
}

async function scriptReader(): Promise<QrReader> {
  const { decodeQR } = await import('qr/decode.js');
  return (frame) => {
    const pixels = frame.getContext('2d')?.getImageData(0, 0, frame.width, frame.height);
    if (pixels === undefined) return Promise.resolve(null);
    try {
      return Promise.resolve(decodeQR(pixels));
    } catch {
      // It throws when there is no code in the picture, which is nearly always.
      return Promise.resolve(null);
    }
  };
}
