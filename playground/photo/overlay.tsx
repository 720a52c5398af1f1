/** A map that is laid over a photo in colours, as the sheets of `inspect` have it. */
import { useEffect, useRef } from 'preact/hooks';
import { imagePicture, overlaid, type Positions } from '../../src/describe/draw/picture';
import { divergingScale, type Scale } from '../../src/describe/draw/palette';

interface OverlayProps {
  /** `[height, width, channels]`, 0–255; one channel is grey. */
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly label: string;
  /** It colours the photo, which is grey then: the stronger a value, the less is seen of the photo. */
  readonly over: Positions;
}

/** The scale of pixels. */
export const pixelScale: Scale = { kind: 'grey', least: 0, most: 255 };

export function Overlay({ pixels, height, width, label, over }: OverlayProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const channels = pixels.length / (height * width);
    const picture = overlaid(
      imagePicture(pixels, [height, width, channels]),
      1,
      over,
      divergingScale(over.values),
    );
    const image = new ImageData(width, height);
    image.data.set(picture.pixels);
    canvas.current!.getContext('2d')!.putImageData(image, 0, 0);
  }, [pixels, over]);
  return <canvas ref={canvas} {...{ height, width }} role="img" aria-label={label} class="seen" />;
}
