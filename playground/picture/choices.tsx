/** Digits to choose from, and pictures that come from files, the clipboard or a camera. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageDigit } from '../../src/workflows/weights/playground/page-data';
import { pageData, pixelsOf } from '../model/embedded';
import { FileChoice } from '../parts/file-choice';
import { MapCanvas } from '../parts/map-canvas';
import { usePageState } from '../page-state';
import { glance } from '../texts/glance';
import { useTexts } from '../texts/language';
import { digitCode } from './digit-code';
import { digitOf } from './ink';
import { keepPhoto } from './picture';

const kinds = ['sample', 'distorted', 'mistake'] as const;
const grey = { kind: 'grey', least: 0, most: 255 } as const;

/** The page's own digits, as buttons. */
export function DigitChoices() {
  const { state, change } = usePageState();
  const texts = useTexts(glance);
  const { digits } = pageData();
  const titles = { sample: texts.samples, distorted: texts.distorted, mistake: texts.mistakes };
  const label = ({ label: digit, answer }: PageDigit) =>
    answer === undefined ? texts.digitButton(digit) : texts.mistakeButton(digit, answer);
  return (
    <>
      {kinds.map((kind) => {
        const own = digits.filter((digit) => digit.kind === kind);
        if (own.length === 0) return null;
        return (
          <details open={kind === 'sample'}>
            <summary>
              {titles[kind]}{' '}
              {kind === 'mistake' && <span class="quiet">{texts.mistakesOf(own[0]!.source)}</span>}
            </summary>
            <div class="digits">
              {own.map((digit) => (
                <button
                  type="button"
                  class="digit"
                  aria-label={label(digit)}
                  aria-pressed={state.picture === digit.name}
                  data-picture={digit.name}
                  onClick={() => change({ picture: digit.name })}
                >
                  <MapCanvas
                    values={pixelsOf(digit)}
                    height={28}
                    width={28}
                    scale={grey}
                    label=""
                    unit={1.3}
                  />
                  {digit.answer !== undefined && (
                    <span class="small">
                      {digit.label} → {digit.answer}
                    </span>
                  )}
                </button>
              ))}
            </div>
          </details>
        );
      })}
    </>
  );
}

/** The longest side of a picture that is looked at; a digit needs no more. */
const largest = 560;

/** The digit of a picture whose transparent places show the paper behind it; undefined if there is none. */
function inkOn(
  paper: string,
  source: CanvasImageSource,
  size: { readonly height: number; readonly width: number },
): Uint8Array | undefined {
  const canvas = Object.assign(document.createElement('canvas'), size);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = paper;
  context.fillRect(0, 0, size.width, size.height);
  context.drawImage(source, 0, 0, size.width, size.height);
  const { data } = context.getImageData(0, 0, size.width, size.height);
  const colours = new Uint8Array(size.height * size.width * 3);
  for (let at = 0; at < size.height * size.width; at++)
    colours.set(data.subarray(4 * at, 4 * at + 3), 3 * at);
  return digitOf(colours, size.height, size.width);
}

/** Opens, pastes or takes a picture: a digit in it, or for networks of photos the photo. */
export function OwnPicture({ isPhoto }: { readonly isPhoto: boolean }) {
  const { change } = usePageState();
  const texts = useTexts(glance);
  const [told, setTold] = useState('');
  const take = (source: ImageBitmap | HTMLVideoElement, height: number, width: number) => {
    if (isPhoto) {
      setTold('');
      void createImageBitmap(source).then((photo) => change({ picture: keepPhoto(photo) }));
      return;
    }
    const shrink = Math.min(1, largest / Math.max(height, width));
    const size = {
      height: Math.max(1, Math.round(height * shrink)),
      width: Math.max(1, Math.round(width * shrink)),
    };
    // Ink that is white on nothing is seen on black.
    const digit = inkOn('white', source, size) ?? inkOn('black', source, size);
    setTold(digit ? '' : texts.noInk);
    if (digit) change({ picture: digitCode(digit) });
  };
  const open = async (file: Blob) => {
    try {
      const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' });
      take(bitmap, bitmap.height, bitmap.width);
    } catch {
      setTold(texts.notRead);
    }
  };
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent) => {
      const [file] = clipboardData?.files ?? [];
      if (file) void open(file);
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  });
  return (
    <div class="own-picture">
      <div class="row">
        <FileChoice
          text={texts.upload}
          name="picture"
          accept="image/*"
          onChoose={([file]) => void open(file!)}
        />
        <span class="quiet small">{texts.paste}</span>
        <Camera onPicture={(video) => take(video, video.videoHeight, video.videoWidth)} onProblem={setTold} />
      </div>
      <p role="status">{told}</p>
    </div>
  );
}

function Camera(props: {
  readonly onPicture: (video: HTMLVideoElement) => void;
  readonly onProblem: (line: string) => void;
}) {
  const texts = useTexts(glance);
  const video = useRef<HTMLVideoElement>(null);
  const [stream, setStream] = useState<MediaStream | null>(null);
  useEffect(() => {
    if (stream) video.current!.srcObject = stream;
    return () => stream?.getTracks().forEach((track) => track.stop());
  }, [stream]);
  const start = async () => {
    try {
      if (!navigator.mediaDevices) throw new Error('https');
      setStream(await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }));
      props.onProblem('');
    } catch (error) {
      props.onProblem(texts.noCamera + (error as Error).message);
    }
  };
  if (!stream)
    return (
      <button type="button" onClick={() => void start()}>
        {texts.camera}
      </button>
    );
  return (
    <>
      <video ref={video} autoplay muted playsInline width={196} />
      <button type="button" onClick={() => props.onPicture(video.current!)}>
        {texts.shoot}
      </button>
      <button type="button" onClick={() => setStream(null)}>
        {texts.stopCamera}
      </button>
    </>
  );
}
