/** The bench: a picture, a kernel that is laid on it, and what comes out. */
import { useState } from 'preact/hooks';
import { FileChoice } from '../../parts/file-choice';
import { areaOf } from '../../parts/map-canvas';
import { number } from '../../../src/core/text/numbers';
import { greyScale } from '../../../src/describe/draw/palette';
import { takesDigits } from '../../picture/picture';
import { kernels } from '../../texts/kernels';
import { useTexts } from '../../texts/language';
import type { PartProps } from '../../app';
import type { FirstLayer } from '../first-layer';
import { MapPanel, unitOf } from '../parts/map-panel';
import { largestDifference, planeOfOutput, type Plane } from '../plane';
import { usePointed } from '../parts/pointed';
import { Select } from '../../parts/field';
import type { Settings } from '../settings';
import { Geometry, OutputSize, TurnExplained } from './geometry';
import { KernelChoice, KernelNumbers } from './kernel-choice';
import { openPhoto, type Photo } from './photo';
import { Products } from './products';
import { asInLayer, type BenchResult, type BenchSetting } from './result';

interface BenchProps extends Pick<PartProps, 'model' | 'seen'> {
  readonly settings: Settings;
  readonly set: (changes: Partial<Settings>) => void;
  readonly layer: FirstLayer | undefined;
  /** Null where a photo is awaited. */
  readonly map: Plane | null;
  readonly setting: BenchSetting;
  readonly result: BenchResult | null;
  readonly photo: Photo | undefined;
  readonly onPhoto: (photo: Photo) => void;
}

export function Bench(props: BenchProps) {
  const texts = useTexts(kernels);
  const { settings, set, layer, map, setting, result, model } = props;
  const file = usePhotoFile(props);
  return (
    <section
      class="bench"
      aria-labelledby="bench"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        file.open(event.dataTransfer?.files[0]);
      }}
    >
      <h2 id="bench">{texts.bench}</h2>
      <p>{texts.benchAbout}</p>
      <div class="card controls">
        <Source {...props} {...file} />
        <KernelChoice {...{ settings, set, setting, layer }} network={model.name} />
        <Geometry {...{ settings, set, setting, layer }} />
      </div>
      {map && result && <Result {...props} map={map} result={result} />}
    </section>
  );
}

/** Opens a file as the bench's photo; the problem is what a file that is none says. */
function usePhotoFile({ onPhoto, set }: Pick<BenchProps, 'onPhoto' | 'set'>) {
  const [problem, setProblem] = useState('');
  const open = (file: File | undefined) => {
    if (!file) return;
    setProblem('');
    openPhoto(file).then(
      (opened) => {
        onPhoto(opened);
        set({ source: 'photo', at: '' });
      },
      (error: Error) => setProblem(error.message),
    );
  };
  return { open, problem };
}

function Source({
  model,
  settings,
  set,
  layer,
  photo,
  open,
  problem,
}: BenchProps & ReturnType<typeof usePhotoFile>) {
  const texts = useTexts(kernels);
  const size = ({ height, width }: { readonly height: number; readonly width: number }) =>
    `${height}×${width}`;
  return (
    <div class="row">
      <Select label={texts.source} value={settings.source} onChoose={(source) => set({ source })}>
        {takesDigits(model.trained) && <option value="picture">{texts.sourcePicture}</option>}
        <option value="input">{texts.sourceInput}</option>
        <option value="photo">{texts.sourcePhoto}</option>
      </Select>
      {settings.source === 'input' && layer && layer.channels > 1 && (
        <Select label={texts.channel} value={settings.channel} onChoose={(channel) => set({ channel })}>
          {Array.from({ length: layer.channels }, (_, channel) => (
            <option value={String(channel)}>{channel}</option>
          ))}
        </Select>
      )}
      {settings.source === 'photo' && (
        <FileChoice
          text={texts.photoFile}
          name="bench-photo"
          accept="image/*"
          onChoose={([file]) => open(file)}
        />
      )}
      {settings.source === 'photo' && photo && (
        <span class="quiet">{texts.photoSize(size(photo), size(photo.plane))}</span>
      )}
      {problem && <span role="alert">{texts.photoFailed(problem)}</span>}
    </div>
  );
}

function Result(props: BenchProps & { readonly map: Plane; readonly result: BenchResult }) {
  const texts = useTexts(kernels);
  const { settings, set, layer, map, setting, result, seen } = props;
  const { output, padded, borders } = result;
  const { place, pointing } = usePointed(output, settings.at, (at) => set({ at }));
  const unit = unitOf(padded);
  const { size } = setting.kernels[0]!;
  const window = areaOf([place[0] * setting.stride, place[1] * setting.stride], size);
  const inner = { top: borders.top, left: borders.left, height: map.height, width: map.width };
  const isPadded = padded.height > map.height || padded.width > map.width;
  const input = isPadded ? texts.inputPadded : texts.input;
  return (
    <>
      {output ? (
        <>
          <p>{texts.pointAt}</p>
          <div class="maps">
            <MapPanel
              id="input"
              title={input}
              plane={padded}
              unit={unit}
              scale={greyScale(padded.values)}
              marks={isPadded ? [window, inner] : [window]}
            />
            <KernelNumbers {...{ set, setting }} />
            <MapPanel
              {...pointing}
              id="output"
              title={texts.output}
              plane={output}
              unit={unit}
              marks={[areaOf(place)]}
            />
            <OutputSize {...{ map, setting, result }} />
          </div>
          <AgainstLayer {...{ setting, settings, layer, output, seen, biases: result.biases }} />
          <Products {...{ place, setting, result }} />
        </>
      ) : (
        <>
          <p class="error">{texts.doesNotFit}</p>
          <KernelNumbers {...{ set, setting }} />
          <OutputSize {...{ map, setting, result }} />
        </>
      )}
      <TurnExplained {...{ map, setting, result, layer }} />
    </>
  );
}

/** What the output of a trained kernel is to the layer that has it. */
function AgainstLayer({
  setting,
  settings,
  layer,
  output,
  seen,
  biases,
}: Pick<BenchProps, 'setting' | 'settings' | 'layer' | 'seen'> &
  Pick<BenchResult, 'biases'> & { readonly output: Plane }) {
  const texts = useTexts(kernels);
  const { choice } = setting;
  if (choice.kind !== 'trained' || !layer) return null;
  if (biases === 'leftOut') return <p class="quiet">{texts.biasesLeftOut}</p>;
  if (layer.channels > 1) return <p class="quiet">{texts.oneChannel(layer.channels)}</p>;
  if (!layer.sums || !asInLayer(setting, settings.source, layer)) return null;
  const own = planeOfOutput(seen.outputs.get(layer.name), choice.map);
  const most = own && largestDifference(own, output);
  if (most === undefined) return null;
  return (
    <p class="quiet" data-name="difference" data-value={most}>
      {texts.sameAsLayer(layer.name, number(most, 2))}
    </p>
  );
}
