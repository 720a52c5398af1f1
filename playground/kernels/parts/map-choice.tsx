/** The choice of the map that is pooled or squashed. */
import type { LayerOutput } from '../../../src/describe/units/activations';
import { kernels } from '../../texts/kernels';
import { useTexts } from '../../texts/language';
import { planeOfOutput, type Plane } from '../plane';
import { Select } from '../../parts/field';

/** The maps among which one is chosen. */
export interface ChosenMaps {
  readonly picture: Plane;
  /** The output of the bench; null while it has none. */
  readonly bench: Plane | null;
  /** A layer's output, whose maps are numbered. */
  readonly layer: LayerOutput | undefined;
  readonly layerName: string;
}

/** A map by the text of the setting; the picture's if there is none. */
export function chosenMap(choice: string, { picture, bench, layer }: ChosenMaps): Plane {
  if (choice === 'bench') return bench ?? picture;
  const map = choice === '' || choice === 'picture' ? NaN : Number(choice);
  return planeOfOutput(layer, map) ?? picture;
}

export function MapChoice({
  maps,
  value,
  sums,
  onChoose,
}: {
  readonly maps: ChosenMaps;
  readonly value: string;
  /** Whether the layer's maps are sums. */
  readonly sums: boolean;
  readonly onChoose: (value: string) => void;
}) {
  const texts = useTexts(kernels);
  const count = maps.layer?.shape.length === 3 ? maps.layer.shape[2]! : 0;
  const name = sums ? texts.sumsOf : texts.mapOf;
  const known = value === 'bench' || Number(value) < count ? value : 'picture';
  return (
    <Select label={texts.map} value={known} onChoose={onChoose}>
      {Array.from({ length: count }, (_, map) => (
        <option value={String(map)}>{name(maps.layerName, map)}</option>
      ))}
      <option value="bench">{texts.mapBench}</option>
      <option value="picture">{texts.mapPicture}</option>
    </Select>
  );
}
