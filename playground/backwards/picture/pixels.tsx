/** Which pixels matter: the input gradient, and what a square changes that hides a part of the picture. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { scoreKind } from '../../../src/core/score-kind';
import { mapOf, type LayerOutput } from '../../../src/describe/units/activations';
import { bestClass, className, scoresOf } from '../../model/answers';
import type { OpenedModel, Seen } from '../../model/opened';
import { hasUnit, namedUnit, unitText } from '../../model/units';
import { Select } from '../../parts/field';
import { Legend } from '../../parts/legend';
import { areaOf, MapCanvas, type Area } from '../../parts/map-canvas';
import { Num } from '../../parts/num';
import { grouped, number } from '../../../src/core/text/numbers';
import { divergingScale, greyScale, type Scale } from '../../../src/describe/draw/palette';
import { usePageState, useSetting } from '../../page-state';
import { backwards } from '../../texts/backwards';
import { useTexts } from '../../texts/language';
import { imageName } from '../layers/sensitivities';
import { lossTerms } from '../loss/loss-terms';
import type { SectionProps } from '../section';
import { plainInput } from './input-range';
import { mostPlaces, occludedScores } from './occlusion';

const covers = { black: 0, grey: 128, white: 255 } as const;
const coverNames = Object.keys(covers) as readonly (keyof typeof covers)[];
const sides = [1, 3, 5, 7, 9, 11] as const;
const measures = ['loss', 'score'] as const;

/** A setting of few values: what the address says, if it is one of them. */
function useChoice<T extends string>(name: string, values: readonly T[], usual: T) {
  const [text, set] = useSetting(name, usual);
  return [values.find((value) => value === text) ?? usual, set] as const;
}

export function Pixels({ model, seen, backward }: SectionProps) {
  const texts = useTexts(backwards);
  const [side, setSide] = useChoice('backwards.square', sides.map(String), '5');
  const [cover, setCover] = useChoice('backwards.cover', coverNames, 'black');
  const [measure, setMeasure] = useChoice('backwards.measure', measures, 'loss');
  const { scores, done } = useOccluded(model, seen, Number(side), covers[cover]);
  const kind = scoreKind(model.trained.recipe.loss);
  const score = {
    distances: texts.measureDistances,
    activations: texts.measureActivations,
    logits: texts.measureLogits,
  };
  return (
    <>
      <p>{texts.pixelsAbout}</p>
      {!isTooLarge(model) && (
        <p class="row">
          <Select label={texts.square} value={side} onChoose={setSide}>
            {sides.map((each) => (
              <option value={each}>{texts.squareOf(each)}</option>
            ))}
          </Select>
          <Select label={texts.cover} value={cover} onChoose={setCover}>
            {coverNames.map((each) => (
              <option value={each}>{texts[each]}</option>
            ))}
          </Select>
          <Select label={texts.measure} value={measure} onChoose={setMeasure}>
            <option value="loss">{texts.measureLoss}</option>
            <option value="score">{score[kind]}</option>
          </Select>
        </p>
      )}
      <PixelMaps {...{ model, seen, backward, scores, done, measure, side: Number(side) }} />
    </>
  );
}

/** Whether there are too many pixels to hide one after the other. */
function isTooLarge({ trained }: OpenedModel): boolean {
  const [height, width] = trained.recipe.input.shape;
  return height * width > mostPlaces;
}

/** The scores with the square at each pixel, and how many places are done; a new choice ends the one before. */
function useOccluded(model: OpenedModel, seen: Seen, side: number, grey: number) {
  const key = `${side} ${grey}`;
  const [found, setFound] = useState<{ seen: Seen; key: string; scores: readonly Float32Array[] }>();
  const [done, setDone] = useState(0);
  useEffect(() => {
    if (isTooLarge(model)) return undefined;
    const control = new AbortController();
    setDone(0);
    const hidden = { input: seen.input, cover: plainInput(model.trained, grey), side };
    occludedScores(model.trained.model, hidden, { signal: control.signal, onProgress: setDone }).then(
      (scores) => !control.signal.aborted && setFound({ seen, key, scores }),
      (error: unknown) => {
        if (!control.signal.aborted) throw error;
      },
    );
    return () => control.abort();
  }, [model, seen, side, grey]);
  const scores = found?.seen === seen && found.key === key ? found.scores : undefined;
  return { scores, done };
}

type Pixel = readonly [row: number, column: number];

interface PixelMapsProps extends Pick<SectionProps, 'model' | 'seen' | 'backward'> {
  readonly scores: readonly Float32Array[] | undefined;
  readonly done: number;
  readonly measure: (typeof measures)[number];
  readonly side: number;
}

function PixelMaps(props: PixelMapsProps) {
  const { model, seen, backward, scores, done, measure, side } = props;
  const texts = useTexts(backwards);
  const { state, change } = usePageState();
  const shape = backward.image.shape as readonly [number, number, number];
  const [height, width] = shape;
  const input = useMemo(() => mapOf({ shape, values: seen.input }, 0), [seen]);
  const slopes = useMemo(() => strongest(backward.image), [backward]);
  const { loss } = model.trained.recipe;
  const measured = (of: Float32Array) =>
    measure === 'loss' ? lossTerms(loss, of, backward.target).loss : of[backward.target]!;
  const own = measured(scoresOf(seen));
  const changes = useMemo(
    () =>
      Float32Array.from({ length: height * width }, (_, at) => (scores ? measured(scores[at]!) - own : 0)),
    [scores, measure, backward],
  );
  const answer = bestClass(model, scoresOf(seen));
  const flips = useMemo(
    () => (scores ?? []).filter((each) => bestClass(model, each) !== answer).length,
    [scores],
  );
  const named = namedUnit(state.unit);
  const isThere = named?.layer === imageName(model) && hasUnit(shape, named.unit);
  const pixel: Pixel | null = isThere ? [named.unit[0]!, named.unit[1]!] : null;
  const at = pixel ? pixel[0] * width + pixel[1] : 0;
  const shared = {
    ...{ height, width, unit: Math.max(1, Math.floor(224 / width)) },
    chosen: pixel,
    onChoose: (row: number, column: number) => change({ unit: unitText(imageName(model), [row, column, 0]) }),
  };
  const one = pixel ? [areaOf(pixel)] : [];
  const maps: readonly (readonly [string, Float32Array, Scale, readonly Area[]])[] = [
    [texts.asSeen, input, greyScale(input), pixel ? [squareAround(pixel, side, height, width)] : []],
    [texts.inputGradient, slopes, divergingScale(slopes), one],
    ...(isTooLarge(model) ? [] : [[texts.occlusion, changes, divergingScale(changes), one] as const]),
  ];
  return (
    <>
      <div class="pictures">
        {maps.map(([title, values, scale, marks]) => (
          <figure>
            <MapCanvas {...{ values, scale, marks, ...shared }} label={title} />
            <figcaption>
              {title}
              <br />
              <Legend scale={scale} />
            </figcaption>
          </figure>
        ))}
      </div>
      <p role="status">
        {isTooLarge(model)
          ? texts.tooLarge(grouped(height * width))
          : scores
            ? texts.slid(flips, height * width)
            : texts.sliding(done, height * width)}
      </p>
      {pixel ? (
        <PixelReadout
          {...{ pixel, width, input, slopes, own }}
          after={scores && measured(scores[at]!)}
          answer={scores && className(model, bestClass(model, scores[at]!))}
        />
      ) : (
        <p class="quiet">{texts.pressPixel}</p>
      )}
    </>
  );
}

/** The numbers of the pixel that is chosen. */
function PixelReadout(props: {
  readonly pixel: Pixel;
  readonly width: number;
  readonly input: Float32Array;
  readonly slopes: Float32Array;
  /** What is measured without the square, and with it around this pixel. */
  readonly own: number;
  readonly after: number | undefined;
  readonly answer: string | undefined;
}) {
  const { pixel, width, input, slopes, own, after, answer } = props;
  const texts = useTexts(backwards);
  const [row, column] = pixel;
  const at = row * width + column;
  return (
    <p class="readout" role="status" data-pixel={`${row}.${column}`}>
      <strong>{texts.pixelAt(row, column)}</strong>: {texts.pixelValue} {number(input[at]!)}, ∂<var>E</var>/∂
      <var>x</var> = <Num name="input-slope" value={slopes[at]!} />.
      {after !== undefined && (
        <>
          {' '}
          {texts.withSquare}: <Num name="occluded" value={after} />; {texts.without}:{' '}
          <Num name="whole" value={own} />; {texts.changeIs}:{' '}
          <Num name="occlusion-change" value={after - own} />. {texts.answer}: {answer}
        </>
      )}
    </p>
  );
}

/** The derivatives at each pixel; of colours, the largest of a pixel's. */
function strongest({ shape, values }: LayerOutput): Float32Array {
  const channels = shape[2]!;
  return Float32Array.from({ length: values.length / channels }, (_, at) => {
    const own = values.subarray(at * channels, (at + 1) * channels);
    return own.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  });
}

/** The square around a pixel, within the picture. */
function squareAround([row, column]: Pixel, side: number, height: number, width: number): Area {
  const reach = (side - 1) / 2;
  const [top, left] = [Math.max(0, row - reach), Math.max(0, column - reach)];
  const bottom = Math.min(height, row + reach + 1);
  const right = Math.min(width, column + reach + 1);
  return { top, left, height: bottom - top, width: right - left };
}
