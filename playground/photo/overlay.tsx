/** A map that is laid over a photo in colours. */
import { useEffect, useRef } from 'preact/hooks';
import { colourOf, divergingScale, paint, paintColours, type Scale } from '../../src/describe/draw/palette';

interface OverlayProps {
  /** `[height, width, channels]`, 0–255; one channel is grey. */
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly label: string;
  /** It colours the photo, which is grey then: the stronger a value, the less is seen of the photo. */
  readonly over: { readonly values: Float32Array; readonly height: number; readonly width: number };
}

/** How much a map's largest value hides of the photo. */
const strongest = 0.8;

/** The scale of pixels. */
export const pixelScale: Scale = { kind: 'grey', least: 0, most: 255 };

export function Overlay({ pixels, height, width, label, over }: OverlayProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    const image = new ImageData(width, height);
    (pixels.length > height * width ? paintColours : paint)(pixels, pixelScale, image.data);
    context.putImageData(image, 0, 0);
    context.filter = 'grayscale(1)';
    context.drawImage(canvas.current!, 0, 0);
    context.filter = 'none';
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = 'high';
    context.drawImage(colouring(over), 0, 0, width, height);
  }, [pixels, over]);
  return <canvas ref={canvas} {...{ height, width }} role="img" aria-label={label} class="seen" />;
}

function colouring({ values, height, width }: OverlayProps['over']): HTMLCanvasElement {
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
