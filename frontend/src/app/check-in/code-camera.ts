import {
  Component,
  DestroyRef,
  DOCUMENT,
  ElementRef,
  inject,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { Icon } from '../ui/icon';
import { chooseCamera, hasLight, listCameras, openCamera, switchLight } from './camera-devices';
import { CodeInSight } from './code-in-sight';
import { qrReader, QrReader } from './qr-reader';
import { visiblePart } from './visible-part';

/** Often enough to feel immediate, seldom enough to leave a phone's battery alone. */
const EVERY_MS = 120;
const FRAME_WIDTH = 640;

/** Reads QR codes from the device's camera. */
@Component({
  selector: 'mq-code-camera',
  imports: [Icon],
  templateUrl: './code-camera.html',
  styleUrl: './code-camera.css',
})
export class CodeCamera {
  /** A code came into sight. */
  readonly code = output<string>();

  readonly #page = inject(DOCUMENT);
  private readonly video = viewChild.required<ElementRef<HTMLVideoElement>>('video');

  readonly #on = signal(false);
  readonly on = this.#on.asReadonly();
  protected readonly other = signal(false);
  protected readonly trouble = signal<string | null>(null);
  protected readonly cameras = signal<readonly MediaDeviceInfo[]>([]);
  protected readonly current = signal<string | null>(null);
  /** Whether the camera's light is on; null when it has none. */
  protected readonly light = signal<boolean | null>(null);
  #stream: MediaStream | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sight = new CodeInSight(Date.now);
  /** Which start is the latest: an earlier one that comes late must not go on. */
  #start = 0;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#stop());
  }

  protected async toggle(): Promise<void> {
    this.trouble.set(null);
    if (this.on()) this.#stop();
    else await this.#open();
  }

  protected async use(deviceId: string): Promise<void> {
    chooseCamera(deviceId);
    this.#close();
    await this.#open();
  }

  protected async toggleLight(): Promise<void> {
    const [track] = this.#stream?.getVideoTracks() ?? [];
    if (track === undefined) return;
    const on = this.light() !== true;
    try {
      await switchLight(track, on);
      this.light.set(on);
    } catch {
      // It said that it had one.
      this.light.set(null);
    }
  }

  async #open(): Promise<void> {
    const start = ++this.#start;
    this.#on.set(true);
    try {
      const stream = await openCamera();
      if (start !== this.#start) {
        end(stream);
        return;
      }
      this.#stream = stream;
      const video = this.video().nativeElement;
      video.srcObject = stream;
      await video.play();
      await this.#learn(stream);
      const read = await qrReader();
      const canvas = this.#page.createElement('canvas');
      void this.#watch(start, video, canvas, read);
    } catch (error) {
      this.#fail(start, error);
    }
  }

  /** The settings that this camera supports. */
  async #learn(stream: MediaStream): Promise<void> {
    const [track] = stream.getVideoTracks();
    this.light.set(track !== undefined && hasLight(track) ? false : null);
    this.current.set(track?.getSettings().deviceId ?? null);
    this.cameras.set(await listCameras());
  }

  async #watch(
    start: number,
    video: HTMLVideoElement,
    canvas: HTMLCanvasElement,
    read: QrReader,
  ): Promise<void> {
    if (start !== this.#start) return;
    if (video.videoWidth > 0) {
      draw(video, canvas);
      try {
        const code = await read(canvas);
        if (start !== this.#start) return;
        this.#see(code);
      } catch (error) {
        // If the reader fails, stop the video: people would think that it still reads codes.
        this.#fail(start, error);
        return;
      }
    }
    this.#timer = setTimeout(() => void this.#watch(start, video, canvas, read), EVERY_MS);
  }

  #see(code: string | null): void {
    const { came, other } = this.#sight.look(code);
    this.other.set(other);
    if (came !== null) this.code.emit(came);
  }

  #fail(start: number, error: unknown): void {
    if (start !== this.#start) return;
    this.#stop();
    this.trouble.set(troubleWords(error));
  }

  #stop(): void {
    this.#close();
    this.#sight = new CodeInSight(Date.now);
    this.other.set(false);
    this.#on.set(false);
  }

  #close(): void {
    this.#start++;
    clearTimeout(this.#timer);
    if (this.#stream !== null) end(this.#stream);
    this.#stream = null;
    this.light.set(null);
  }
}

function end(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Reads only the visible part of the picture, so that no hidden code is checked in. */
function draw(video: HTMLVideoElement, canvas: HTMLCanvasElement): void {
  const picture = { width: video.videoWidth, height: video.videoHeight };
  const frame = { width: video.clientWidth, height: video.clientHeight };
  const part = visiblePart(picture, frame);
  canvas.width = Math.min(FRAME_WIDTH, Math.round(part.width));
  canvas.height = Math.round((canvas.width * part.height) / part.width);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const { left, top, width, height } = part;
  context?.drawImage(video, left, top, width, height, 0, 0, canvas.width, canvas.height);
}

function troubleWords(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
      return 'It is not allowed for this site. Allow it beside the address, then try again; typing the code works meanwhile.';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'This device has none. Type the code, or use a scanner that types it.';
    case 'SecurityError':
      return 'Browsers open cameras only over https. Type the code, or use a scanner that types it.';
    default:
      return 'Perhaps another program is using it. Type the code meanwhile, then try again.';
  }
}
