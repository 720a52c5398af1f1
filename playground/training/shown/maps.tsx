/** The kernels that are learning: as they are, and how they have changed. */
import { Legend } from '../../parts/legend';
import { MapCanvas } from '../../parts/map-canvas';
import { number } from '../../../src/core/text/numbers';
import { divergingScale, type Scale } from '../../../src/describe/draw/palette';
import { useTexts } from '../../texts/language';
import { training as table } from '../../texts/training';
import type { LayerMaps } from '../messages';
import type { TrainingState } from '../state';

export function Maps({ state: { layers, start } }: { readonly state: TrainingState }) {
  const texts = useTexts(table);
  const [first] = layers;
  if (!first) return null;
  if (!first.inhibition) return <Kernels now={first} start={start[0]!} />;
  return (
    <section>
      <h3>{texts.planes}</h3>
      <p class="quiet note">{texts.planesNote}</p>
      {layers.map((layer) => (
        <Planes layer={layer} inhibition={layer.inhibition!} />
      ))}
    </section>
  );
}

function Kernels({ now, start }: { readonly now: LayerMaps; readonly start: LayerMaps }) {
  const texts = useTexts(table);
  const changes = now.maps.map((map, at) => map.map((value, place) => value - start.maps[at]![place]!));
  return (
    <section>
      <h3>{texts.kernels(now.layer)}</h3>
      <KernelRow layer={now} maps={now.maps} what={texts.kernelsNow} name="now" />
      <KernelRow layer={now} maps={changes} what={texts.kernelsChange} name="change" />
    </section>
  );
}

interface RowProps {
  readonly layer: LayerMaps;
  readonly maps: readonly Float32Array[];
  readonly what: string;
  readonly name: string;
}

function KernelRow({ layer: { layer, side }, maps, what, name }: RowProps) {
  const texts = useTexts(table);
  const scale = divergingScale(maps.flatMap((map) => [...map]));
  return (
    <div class="kernels" data-kernels={name} data-most={scale.most}>
      <div class="row">
        <span>{what}</span> <Legend scale={scale} />
      </div>
      <div class="row">
        {maps.map((values, map) => (
          <MapCanvas
            {...{ values, height: side, width: side, scale, unit: 13 }}
            label={texts.kernel(layer, map, what)}
          />
        ))}
      </div>
    </div>
  );
}

interface PlanesProps {
  readonly layer: LayerMaps;
  readonly inhibition: Float32Array;
}

function Planes({ layer: { layer, side, maps }, inhibition }: PlanesProps) {
  const texts = useTexts(table);
  const most = maps.reduce((found, map) => map.reduce((all, value) => Math.max(all, value), found), 0);
  // The same for all planes: those that have not learned stay dark beside those that have.
  const scale: Scale = { kind: 'grey', least: 0, most: most || 1 };
  const learned = inhibition.reduce((count, b) => count + (b > 0 ? 1 : 0), 0);
  return (
    <div class="kernels" data-planes={layer} data-learned={learned}>
      <div class="row">
        <h4>{texts.layerPlanes(layer, learned, maps.length)}</h4> <Legend scale={scale} />
      </div>
      <div class="row planes">
        {maps.map((values, map) => (
          <span class="plane">
            <MapCanvas
              {...{ values, height: side, width: side, scale, unit: 9 }}
              label={texts.plane(layer, map, number(inhibition[map]!, 3))}
            />
            <span class="quiet number" aria-hidden="true">
              {number(inhibition[map]!, 3)}
            </span>
          </span>
        ))}
      </div>
    </div>
  );
}
