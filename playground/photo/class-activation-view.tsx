/** The class activation map of a chosen class over the photo, and the check that it adds up to the score. */
import { useMemo, useState } from 'preact/hooks';
import { className } from '../model/answers';
import { Legend } from '../parts/legend';
import { areaOf, MapCanvas } from '../parts/map-canvas';
import { number } from '../../src/core/text/numbers';
import { divergingScale } from '../../src/describe/draw/palette';
import { useTexts } from '../texts/language';
import { photo as table } from '../texts/photo';
import { centresOf } from '../../src/describe/units/centres';
import type { EvidenceProps } from './evidence';
import { classActivation } from '../../src/describe/inspect/class-activation';
import { Overlay } from './overlay';

export function ClassActivationView({ model, found, wanted }: EvidenceProps) {
  const texts = useTexts(table);
  const { averaging } = model;
  return (
    <>
      <h4>{texts.cam}</h4>
      {averaging ? (
        <>
          <p>{averaging.kernel ? texts.camAbout : texts.camOwn}</p>
          <Chosen {...{ model, found, wanted, averaging }} />
        </>
      ) : (
        <p>{texts.noCam}</p>
      )}
    </>
  );
}

interface ChosenProps extends EvidenceProps {
  readonly averaging: NonNullable<EvidenceProps['model']['averaging']>;
}

function Chosen({ model, found, wanted, averaging }: ChosenProps) {
  const texts = useTexts(table);
  const { scores, seen, crop } = found;
  const cam = useMemo(
    () => ({
      ...classActivation(seen.outputs.get(averaging.features.name)!, averaging, wanted),
      centres: centresOf(averaging.features),
    }),
    [seen, averaging, wanted],
  );
  const [height, width] = model.trained.recipe.input.shape;
  const total = cam.mean + cam.bias;
  return (
    <>
      <div class="row pictures">
        <figure>
          <Overlay
            pixels={crop}
            {...{ height, width, over: cam }}
            label={texts.overlay(className(model, wanted))}
          />
          <figcaption>{texts.overlayShort}</figcaption>
        </figure>
        <CamMap cam={cam} />
      </div>
      <p
        data-mean={cam.mean}
        data-bias={cam.bias}
        data-logit={scores[wanted]}
        data-cam-class={wanted}
        class="sum"
      >
        {texts.sum(number(cam.mean, 6), number(cam.bias, 6), number(total, 6), number(scores[wanted]!, 6))}
      </p>
    </>
  );
}

function CamMap({ cam }: { readonly cam: ReturnType<typeof classActivation> }) {
  const texts = useTexts(table);
  const [at, setAt] = useState<readonly [number, number] | null>(null);
  const { height, width, values } = cam;
  const scale = divergingScale(values);
  const label = texts.camMap(height, width);
  const marks = at ? [areaOf(at)] : [];
  return (
    <figure>
      <MapCanvas
        {...{ values, height, width, scale, label, marks }}
        unit={224 / width}
        chosen={at}
        onChoose={(row, column) => setAt([row, column])}
        onHover={setAt}
      />
      <figcaption>
        {label} <Legend scale={scale} />
        <br />
        <span class="quiet" role="status">
          {at ? texts.camAt(at[0] + 1, at[1] + 1, number(values[at[0] * width + at[1]]!)) : texts.point}
        </span>
      </figcaption>
    </figure>
  );
}
