/** The part of a picture that a network sees, and its size there. In pixels, counted from the top left corner. */
export interface Cut {
  /** Taken out of the picture as it is stored. */
  readonly region: Rectangle;
  /** What the region is then brought to. */
  readonly height: number;
  readonly width: number;
  /** Taken out of that. */
  readonly window: Rectangle;
  /** Whether the window is mirrored left to right. */
  readonly flip: boolean;
}

/** Whole pixels. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}
