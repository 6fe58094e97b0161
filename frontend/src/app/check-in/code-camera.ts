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
import { CodeInSight } from './code-in-sight';
import { qrReader, QrReader } from './qr-reader';

/** Often enough to feel immediate, seldom enough to leave a phone's battery alone. */
const EVERY_MS = 120;
const FRAME_WIDTH = 640;

/** Reads QR codes from the device's camera. */
@Component({
  selector: 'mq-code-camera',
  imports: [Icon],
  template: `
    <button type="button" class="button" [attr.aria-pressed]="on()" (click)="toggle()">
      <mq-icon name="code" />
      {{ on() ? 'Stop the camera' : 'Scan with the camera' }}
    </button>
    <div class="view" [hidden]="!on()">
      <video #video muted playsinline aria-label="What the camera sees"></video>
      <p class="hint">Hold the QR code of a ticket into the picture.</p>
    </div>
    @if (trouble(); as trouble) {
      <div class="notice bad" role="alert">
        <p class="heading">The camera cannot be used</p>
        <p>{{ trouble }}</p>
      </div>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: var(--space-3);
      justify-items: start;
    }

    .view {
      display: grid;
      gap: var(--space-2);
      width: 100%;
    }

    video {
      display: block;
      width: 100%;
      max-height: 45vh;
      aspect-ratio: 4 / 3;
      object-fit: cover;
      border-radius: var(--radius);
      background: #000;
    }
  `,
})
export class CodeCamera {
  /** A code came into sight. */
  readonly code = output<string>();

  readonly #page = inject(DOCUMENT);
  private readonly video = viewChild.required<ElementRef<HTMLVideoElement>>('video');

  protected readonly on = signal(false);
  protected readonly trouble = signal<string | null>(null);
  #stream: MediaStream | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sight = new CodeInSight();

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#stop());
  }

  protected async toggle(): Promise<void> {
    this.trouble.set(null);
    if (this.on()) {
      this.#stop();
      return;
    }
    this.on.set(true);
    try {
      const [stream, read] = await Promise.all([this.#open(), qrReader()]);
      this.#stream = stream;
      if (!this.on()) {
        this.#stop();
        return;
      }
      const video = this.video().nativeElement;
      video.srcObject = stream;
      await video.play();
      const canvas = this.#page.createElement('canvas');
      void this.#watch(video, canvas, read);
    } catch (error) {
      this.#stop();
      this.trouble.set(troubleWords(error));
    }
  }

  #open(): Promise<MediaStream> {
    const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
    if (mediaDevices === undefined) throw new DOMException('', 'SecurityError');
    return mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  }

  async #watch(video: HTMLVideoElement, canvas: HTMLCanvasElement, read: QrReader): Promise<void> {
    if (!this.on()) return;
    if (video.videoWidth > 0) {
      canvas.width = Math.min(FRAME_WIDTH, video.videoWidth);
      canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
      const context = canvas.getContext('2d', { willReadFrequently: true });
      context?.drawImage(video, 0, 0, canvas.width, canvas.height);
      try {
        this.#see(await read(canvas));
      } catch (error) {
        // A picture that goes on while nobody reads it would be waited at in vain.
        this.#stop();
        this.trouble.set(troubleWords(error));
        return;
      }
      if (!this.on()) return;
    }
    this.#timer = setTimeout(() => void this.#watch(video, canvas, read), EVERY_MS);
  }

  #see(code: string | null): void {
    if (!this.on()) return;
    const came = this.#sight.look(code, Date.now());
    if (came !== null) this.code.emit(came);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#sight = new CodeInSight();
    this.on.set(false);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }
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
