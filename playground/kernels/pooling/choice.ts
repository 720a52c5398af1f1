/** The kinds of pooling that the page offers, and their pooled maps. */
import { squashings, type Squashing } from '../../model/squashing';
import { squashedPlane } from '../activations/squash';
import type { Subsampling } from '../first-layer';
import type { Plane } from '../plane';
import { oneOf, type Settings } from '../settings';
import { pooled, type Pooling } from './pool';

const poolKinds = ['maximum2', 'average2', 'trained', 'maximum3', 'average3'] as const;

type PoolKind = (typeof poolKinds)[number];

/** Of one map: how it is pooled, and what is learned for it. */
export interface PoolSetting {
  readonly kind: PoolKind;
  readonly pooling: Pooling;
  readonly trained: TrainedMap | undefined;
}

/** The sub-sampling of one map: sum × coefficient + bias, and what squashes it. */
interface TrainedMap {
  readonly coefficient: number;
  readonly bias: number;
  readonly squashing: Squashing | undefined;
}

/**
 * What the settings say.
 * @param trained that of the map that is chosen, if the network has one
 */
export function poolSetting(settings: Settings, trained: TrainedMap | undefined, size = 2): PoolSetting {
  const rounding = oneOf(settings['pool.edge'], ['floor', 'ceil'], 'floor');
  const asked = oneOf(settings['pool.kind'], poolKinds, 'maximum2');
  const kind = asked === 'trained' && !trained ? 'maximum2' : asked;
  switch (kind) {
    case 'maximum2':
      return { kind, pooling: { of: 'maximum', size: 2, stride: 2, rounding }, trained: undefined };
    case 'average2':
      return { kind, pooling: { of: 'mean', size: 2, stride: 2, rounding }, trained: undefined };
    case 'maximum3':
      return { kind, pooling: { of: 'maximum', size: 3, stride: 2, rounding }, trained: undefined };
    case 'average3':
      return { kind, pooling: { of: 'mean', size: 3, stride: 2, rounding }, trained: undefined };
    case 'trained':
      return { kind, pooling: { of: 'sum', size, stride: size, rounding: 'floor' }, trained };
    default:
      return kind satisfies never;
  }
}

/** What a network learned for one map. */
export function trainedMap(
  subsampling: Subsampling | undefined,
  map: number,
  squashed: boolean,
): TrainedMap | undefined {
  if (!subsampling || !(map < subsampling.coefficients.length)) return undefined;
  return {
    coefficient: subsampling.coefficients[map]!,
    bias: subsampling.biases[map]!,
    squashing: squashed ? subsampling.squashing : undefined,
  };
}

/** The pooled map; null if no window fits. */
export function poolResult(plane: Plane, { pooling, trained }: PoolSetting): Plane | null {
  const windows = pooled(plane, pooling);
  if (!windows || !trained) return windows;
  const { coefficient, bias, squashing } = trained;
  const sums = { ...windows, values: windows.values.map((sum) => sum * coefficient + bias) };
  return squashing ? squashedPlane(sums, squashing) : sums;
}

/** The value of one window, with its steps. */
export function trainedValue(sum: number, { coefficient, bias, squashing }: TrainedMap) {
  const before = sum * coefficient + bias;
  return { before, after: squashing ? squashings[squashing](before) : before };
}
