/** What a network sees of a photo, in its colours, and a map drawn over it. */
import { useEffect, useRef } from 'preact/hooks';
import { colourOf, divergingScale } from '../parts/palette';

export interface ColourCanvasProps {
  /** `[height, width, channels]`, 0–255; one channel is grey. */
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly label: string;
  /** A map that colours the photo, which is grey then: the stronger a value, the less is seen of the photo. */
  readonly over?: { readonly values: Float32Array; readonly height: number; readonly width: number };
}

/** How much a map's largest value hides of the photo. */
const strongest = 0.8;

export function ColourCanvas({ pixels, height, width, label, over }: ColourCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    context.putImageData(imageOf(pixels, height, width), 0, 0);
    if (!over) return;
    context.filter = 'grayscale(1)';
    context.drawImage(canvas.current!, 0, 0);
    context.filter = 'none';
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = 'high';
    context.drawImage(colouring(over), 0, 0, width, height);
  }, [pixels, over]);
  return <canvas ref={canvas} {...{ height, width }} role="img" aria-label={label} class="seen" />;
}

function imageOf(pixels: Float32Array, height: number, width: number): ImageData {
  const image = new ImageData(width, height);
  const channels = pixels.length / (height * width);
  for (let place = 0; place < height * width; place++) {
    for (let channel = 0; channel < 3; channel++)
      image.data[4 * place + channel] = pixels[place * channels + Math.min(channel, channels - 1)]!;
    image.data[4 * place + 3] = 255;
  }
  return image;
}

function colouring({ values, height, width }: NonNullable<ColourCanvasProps['over']>): HTMLCanvasElement {
  const small = document.createElement('canvas');
  Object.assign(small, { width, height });
  const image = new ImageData(width, height);
  const scale = divergingScale(values);
  values.forEach((value, place) => {
    // The colour of the end: how strong the value is, the opacity says.
    image.data.set(colourOf(value < 0 ? scale.least : scale.most, scale), 4 * place);
    image.data[4 * place + 3] = Math.round((255 * strongest * Math.abs(value)) / scale.most);
  });
  small.getContext('2d')!.putImageData(image, 0, 0);
  return small;
}
