import { DOCUMENT, inject, Service, signal } from '@angular/core';
import { Tone } from './verdict';

const STORE = 'marquee.door-sound';

/** Hertz and seconds, one after the other: up is in, low and twice is not. */
const TUNES: Record<Tone, readonly (readonly [number, number])[]> = {
  admit: [
    [660, 0.09],
    [990, 0.16],
  ],
  again: [
    [660, 0.09],
    [660, 0.09],
  ],
  refuse: [
    [160, 0.22],
    [0, 0.07],
    [130, 0.32],
  ],
  unknown: [
    [420, 0.12],
    [0, 0.08],
    [420, 0.12],
    [0, 0.08],
    [420, 0.12],
  ],
};
const VIBRATIONS: Record<Tone, number[]> = {
  admit: [70],
  again: [70, 70, 70],
  refuse: [220, 90, 220],
  unknown: [70, 70, 70, 70, 70],
};

/** Says a verdict to ear and hand, for when the eye is on the customer. */
@Service()
export class DoorSignals {
  readonly #window = inject(DOCUMENT).defaultView;
  readonly #sound = signal(this.#restore());
  #context: AudioContext | undefined;

  readonly sound = this.#sound.asReadonly();

  toggleSound(): void {
    const on = !this.#sound();
    this.#sound.set(on);
    try {
      localStorage.setItem(STORE, on ? 'on' : 'off');
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
    if (on) this.#play('admit');
  }

  give(tone: Tone): void {
    this.#window?.navigator.vibrate?.(VIBRATIONS[tone]);
    if (this.#sound()) this.#play(tone);
  }

  #play(tone: Tone): void {
    const { AudioContext } = this.#window ?? {};
    if (AudioContext === undefined) return;
    // Not before the first verdict: a browser allows sound only after somebody pressed something.
    const context = (this.#context ??= new AudioContext());
    void context.resume();
    let at = context.currentTime + 0.01;
    for (const [frequency, seconds] of TUNES[tone]) {
      if (frequency > 0) beep(context, frequency, at, seconds, tone === 'refuse');
      at += seconds;
    }
  }

  #restore(): boolean {
    try {
      return localStorage.getItem(STORE) !== 'off';
    } catch {
      return true;
    }
  }
}

function beep(
  context: AudioContext,
  frequency: number,
  at: number,
  seconds: number,
  harsh: boolean,
): void {
  const oscillator = context.createOscillator();
  const volume = context.createGain();
  oscillator.type = harsh ? 'sawtooth' : 'triangle';
  oscillator.frequency.value = frequency;
  volume.gain.setValueAtTime(0.3, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + seconds);
}
