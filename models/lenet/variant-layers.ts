/** The layers that variants have and LeNet-1 and LeNet-5 have not: apart, so that pages with those hold none of it. */
import type { tf } from '../../src/core/tf';
import { CeilPool } from '../../src/layers/ceil-pool';
import { LearnedCombination } from '../../src/layers/learned-combination';
import { kernelSize, window, type VariantRow } from './table';

export function variantLayer(row: VariantRow): tf.layers.Layer {
  const { name } = row;
  switch (row.kind) {
    case 'learnedCombination':
      return new LearnedCombination({ name, kernelSize, maps: row.maps });
    case 'maxPooling':
      return new CeilPool({ name, kind: 'max', size: window, stride: window });
    default:
      return row satisfies never;
  }
}
