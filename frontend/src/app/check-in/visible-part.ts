export interface Size {
  width: number;
  height: number;
}

export interface Part extends Size {
  left: number;
  top: number;
}

/** The part of a picture that is to be seen in a frame filled by it, as `object-fit: cover` does. */
export function visiblePart(picture: Size, frame: Size): Part {
  if (frame.width === 0 || frame.height === 0) return { left: 0, top: 0, ...picture };
  const scale = Math.max(frame.width / picture.width, frame.height / picture.height);
  const width = frame.width / scale;
  const height = frame.height / scale;
  return {
    left: (picture.width - width) / 2,
    top: (picture.height - height) / 2,
    width,
    height,
  };
}
