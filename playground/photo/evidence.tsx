/** What speaks for a chosen class: the class activation map, Grad-CAM, the input gradient, and occlusion. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import {
  gradCam,
  inputGradient,
  type GradCam,
  type InputGradient,
} from '../../src/describe/inspect/score-gradients';
import { lossByPixel, occluderOf, occlusion, type Occlusion } from '../../src/describe/inspect/occlusion';
import { lastConvolution } from '../../src/describe/inspect/layers-shown';
import { divergingScale, type Scale } from '../../src/describe/draw/palette';
import { number, percent } from '../../src/core/text/numbers';
import { centresOf } from '../../src/describe/units/centres';
import { className } from '../model/answers';
import { useSetting } from '../page-state';
import { Select } from '../parts/field';
import { Legend } from '../parts/legend';
import { MapCanvas } from '../parts/map-canvas';
import { useTexts } from '../texts/language';
import { photo as table } from '../texts/photo';
import type { FoundProps } from './answers';
import { ClassActivationView } from './class-activation-view';
import { Overlay } from './overlay';

/** What is drawn for a class. */
export interface EvidenceProps extends FoundProps {
  /** The index of the class. */
  readonly wanted: number;
}

export function Evidence({ model, found }: FoundProps) {
  const texts = useTexts(table);
  const [asked, choose] = useSetting('photo.class', '');
  const { best, scores } = found;
  const wanted = asked !== '' && Number(asked) in scores ? Number(asked) : best[0]!;
  return (
    <section class="cam">
      <h3>{texts.evidence}</h3>
      <p>{texts.evidenceAbout}</p>
      <ClassChoice {...{ model, found, wanted }} onChoose={(index) => choose(String(index))} />
      <ClassActivationView {...{ model, found, wanted }} />
      <Gradients {...{ model, found, wanted }} />
      <Occlusions {...{ model, found, wanted }} />
    </section>
  );
}

/** A turn of the page's loop, in which it shows what has changed. */
const shown = () => new Promise<void>((resolve) => setTimeout(resolve, 20));

/** What was computed last, if it is of what is shown now. */
function useComputed<Result>(inputs: readonly unknown[], compute: (signal: AbortSignal) => Promise<Result>) {
  const [last, setLast] = useState<{ readonly of: readonly unknown[]; readonly result: Result }>();
  const [running, setRunning] = useState<AbortController>();
  const [problem, setProblem] = useState('');
  const isOf = (given: readonly unknown[]) => given.every((each, at) => each === inputs[at]);
  // What is asked of another class or photo ends what is under way.
  useEffect(() => () => running?.abort(), [running, ...inputs]);
  const start = async () => {
    const control = new AbortController();
    setProblem('');
    setRunning(control);
    await shown();
    try {
      const result = await compute(control.signal);
      if (!control.signal.aborted) setLast({ of: inputs, result });
    } catch (error) {
      if (!control.signal.aborted) setProblem((error as Error).message);
    } finally {
      setRunning(undefined);
    }
  };
  return { result: last && isOf(last.of) ? last.result : undefined, running, problem, start };
}

function Gradients({ model, found, wanted }: EvidenceProps) {
  const texts = useTexts(table);
  const layer = useMemo(() => lastConvolution(model.graph), [model]);
  const { input } = found.seen;
  const { result, running, problem, start } = useComputed(
    [model, found, wanted],
    async (): Promise<{ readonly cam: GradCam | null; readonly gradient: InputGradient }> => {
      const cam = layer && (await gradCam(model.trained, input, wanted, layer.name));
      await shown();
      return { cam, gradient: await inputGradient(model.trained, input, wanted) };
    },
  );
  const over = useMemo(
    () => (result?.cam && layer ? { ...result.cam, centres: centresOf(layer) } : undefined),
    [result],
  );
  const [height, width, channels] = model.trained.recipe.input.shape;
  return (
    <>
      <h4>{texts.gradients}</h4>
      <p>{texts.gradientsAbout(layer?.name ?? '–')}</p>
      {!result && (
        <button
          type="button"
          data-compute="gradients"
          disabled={running !== undefined}
          onClick={() => void start()}
        >
          {running ? texts.computing : texts.computeGradients}
        </button>
      )}
      <Problem text={problem} />
      {result && (
        <div class="row pictures">
          {over && (
            <figure data-grad-cam={over.layer} data-most={largestOf(over.values)}>
              <Overlay
                pixels={found.crop}
                {...{ height, width, over }}
                label={texts.gradCamMap(className(model, wanted))}
              />
              <figcaption>
                {texts.gradCamShort(over.layer, over.height, over.width)}{' '}
                <Legend scale={{ kind: 'diverging', least: 0, most: largestOf(over.values) || 1 }} />
              </figcaption>
            </figure>
          )}
          <figure data-gradient={largestOf(result.gradient.saliency)}>
            <MapCanvas
              values={result.gradient.saliency}
              {...{ height, width }}
              scale={saliencyScale(result.gradient.saliency)}
              label={texts.saliencyMap(className(model, wanted))}
              unit={224 / width}
            />
            <figcaption>
              {channels === 1 ? texts.saliencyGrey : texts.saliencyShort}{' '}
              <Legend scale={saliencyScale(result.gradient.saliency)} />
            </figcaption>
          </figure>
        </div>
      )}
    </>
  );
}

/** From 0 to where all but the strongest of each 200 pixels lie: single ones would leave the others dark. */
function saliencyScale(values: Float32Array): Scale {
  const sorted = values.slice().sort();
  const most = sorted[Math.min(sorted.length - 1, Math.floor(0.995 * sorted.length))]!;
  return { kind: 'grey', least: 0, most: most || 1 };
}

function largestOf(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** The squares that may cover parts, as shares of the input's side: large ones are fewer, and sooner done. */
const shares = ['4', '6', '8'] as const;

function Occlusions({ model, found, wanted }: EvidenceProps) {
  const texts = useTexts(table);
  const [asked, setShare] = useSetting('photo.square', '4');
  const share = shares.find((each) => each === asked) ?? '4';
  const [done, setDone] = useState<readonly [number, number]>([0, 0]);
  const { shape } = model.trained.recipe.input;
  const [height, width] = shape;
  const size = Math.max(1, Math.round(Math.min(height, width) / Number(share)));
  const occluder = occluderOf({ size, stride: Math.max(1, Math.round(size / 2)) }, shape);
  const { result, running, problem, start } = useComputed([model, found, wanted, share], (signal) => {
    setDone([0, 0]);
    return occlusion(model.trained, { pixels: found.crop, input: found.seen.input }, wanted, {
      ...{ ...occluder, batchSize: 1, signal },
      onProgress: (places, all) => {
        setDone([places, all]);
        return shown();
      },
    });
  });
  return (
    <>
      <h4>{texts.occlusion}</h4>
      <p>{texts.occlusionAbout}</p>
      <div class="row">
        <Select label={texts.square} value={share} onChoose={setShare}>
          {shares.map((each) => (
            <option value={each}>{texts.squareOf(Math.round(Math.min(height, width) / Number(each)))}</option>
          ))}
        </Select>
        {!result && (
          <button type="button" onClick={() => (running ? running.abort() : void start())} data-occlude>
            {running ? texts.stop : texts.cover}
          </button>
        )}
      </div>
      {running && <p role="status">{done[1] === 0 ? texts.computing : texts.covered(done[0], done[1])}</p>}
      <Problem text={problem} />
      {result && <Covered {...{ model, found, wanted, result }} />}
    </>
  );
}

function Covered({ model, found, wanted, result }: EvidenceProps & { readonly result: Occlusion }) {
  const texts = useTexts(table);
  const [height, width] = model.trained.recipe.input.shape;
  const isShare = result.of === 'probability';
  const over = useMemo(() => {
    const values = lossByPixel(result, height, width);
    return { height, width, values: isShare ? values.map((value) => 100 * value) : values };
  }, [result]);
  const whole = isShare ? percent(result.whole) : number(result.whole);
  return (
    <figure
      data-occluded={result.values.length}
      data-whole={result.whole}
      data-least={leastOf(result.values)}
    >
      <Overlay
        pixels={found.crop}
        {...{ height, width, over }}
        label={texts.occlusionMap(className(model, wanted))}
      />
      <figcaption>
        {isShare ? texts.occlusionShare(whole) : texts.occlusionScore(whole)}{' '}
        <Legend scale={divergingScale(over.values)} />
      </figcaption>
    </figure>
  );
}

function leastOf(values: Float32Array): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}

function Problem({ text }: { readonly text: string }) {
  if (text === '') return null;
  return (
    <p class="error" role="alert">
      {text}
    </p>
  );
}

interface ClassChoiceProps extends FoundProps {
  readonly wanted: number;
  readonly onChoose: (index: number) => void;
}

/** The five best as buttons, and all others in a list. */
function ClassChoice({ model, found: { best, scores }, wanted, onChoose }: ClassChoiceProps) {
  const texts = useTexts(table);
  return (
    <div class="row" role="group" aria-label={texts.camClass}>
      {best.map((index) => (
        <button type="button" aria-pressed={index === wanted} onClick={() => onChoose(index)}>
          {className(model, index).split(',')[0]}
        </button>
      ))}
      <Select label={texts.camClass} value={wanted} onChoose={(value) => onChoose(Number(value))}>
        {Array.from(scores, (_, index) => (
          <option value={index}>{className(model, index)}</option>
        ))}
      </Select>
    </div>
  );
}
