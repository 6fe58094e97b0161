const STORE = 'marquee.door-camera';
/** A camera that was chosen once may be unplugged by now. */
const GONE = ['NotFoundError', 'OverconstrainedError'];

/** Opens the camera chosen before on this device, else the one that looks away from the screen. */
export async function openCamera(): Promise<MediaStream> {
  const chosen = chosenCamera();
  if (chosen !== null) {
    try {
      return await ask({ deviceId: { exact: chosen } });
    } catch (error) {
      const isGone = error instanceof DOMException && GONE.includes(error.name);
      if (!isGone) throw error;
    }
  }
  return ask({ facingMode: 'environment' });
}

function ask(which: MediaTrackConstraints): Promise<MediaStream> {
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  if (mediaDevices === undefined) throw new DOMException('', 'SecurityError');
  return mediaDevices.getUserMedia({
    audio: false,
    video: { ...which, width: { ideal: 1280 }, height: { ideal: 720 } },
  });
}

/** A browser names its cameras only once it was allowed to use one. */
export async function listCameras(): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '');
}

export function chooseCamera(deviceId: string): void {
  try {
    localStorage.setItem(STORE, deviceId);
  } catch {
    // Storage may be forbidden; openCamera() then asks for the usual one.
  }
}

function chosenCamera(): string | null {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null;
  }
}

/** Whether a camera has a light. TypeScript does not know it: only some browsers do. */
export function hasLight(track: MediaStreamTrack): boolean {
  // Firefox has no getCapabilities().
  const { getCapabilities } = track as Partial<MediaStreamTrack>;
  const capabilities = getCapabilities?.call(track) as { torch?: boolean } | undefined;
  return capabilities?.torch === true;
}

export async function switchLight(track: MediaStreamTrack, on: boolean): Promise<void> {
  const torch: MediaTrackConstraintSet & { torch: boolean } = { torch: on };
  await track.applyConstraints({ advanced: [torch] });
}
