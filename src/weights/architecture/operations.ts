/** Finds the first difference between two operations. */
import { printable } from '../../core/errors';
import { rounded } from './caffe/caffe-layers';
import type { Chain } from './chains';
import type { ArchitectureNode, Operation, Sides } from './description';
import { placedApart, placedOn } from './geometry';
import { inWords } from './words';

/** A difference in words: `stride 2`, `3`; `isSetting` marks a setting of operations that are otherwise the same. */
export type Apart = readonly [expected: string, found: string, isSetting?: boolean];

/** The first difference between two operations, applied to a map of our network. */
export function operationsApart(our: Operation, their: Operation, size: Sides): Apart | undefined {
  if (isSum(our) && isSum(their)) {
    if (their.kind === 'full' && their.transposed)
      return ['kernel in the order outputs, inputs', 'the other order', true];
    const [groups, theirGroups] = [groupsOf(our), groupsOf(their)];
    if (groups !== undefined && theirGroups !== undefined && groups !== theirGroups)
      return [`${groups} ${groups === 1 ? 'group' : 'groups'}`, String(theirGroups), true];
    return windowsApart(our, their, size);
  }
  if (our.kind !== their.kind) return [inWords(our), inWords(their)];
  switch (our.kind) {
    case 'pooling': {
      const { of, countsMargin } = their as typeof our;
      if (of !== our.of) return [inWords(our), inWords(their)];
      return (
        windowsApart(our, their, size) ??
        (Boolean(countsMargin) !== Boolean(our.countsMargin)
          ? ['averages of what lies inside the map', 'zeros around it counted too', true]
          : undefined)
      );
    }
    case 'activation': {
      const { of } = their as typeof our;
      return of === our.of ? undefined : [our.of, printable(of)];
    }
    case 'responseNormalisation': {
      const other = their as typeof our;
      if (other.within !== our.within) return ['neighbouring maps', 'neighbouring places of one map', true];
      const facts = ['size', 'alpha', 'beta', 'k'] as const;
      const fact = facts.find((key) => !close(our[key], other[key]));
      // The alpha of Caffe and PyTorch applies to the mean of the squares.
      return fact && [`${fact} ${rounded(our[fact])}`, rounded(other[fact]), true];
    }
    case 'batchNormalisation': {
      const { epsilon } = their as typeof our;
      return close(our.epsilon, epsilon)
        ? undefined
        : [`epsilon ${rounded(our.epsilon)}`, rounded(epsilon), true];
    }
    case 'padding': {
      const { margins } = their as typeof our;
      return margins.join() === our.margins.join()
        ? undefined
        : [`margins ${our.margins.join(', ')}`, margins.join(', '), true];
    }
    case 'other': {
      const { type, settings } = their as typeof our;
      if (type !== our.type) return [inWords(our), inWords(their)];
      return settings === our.settings ? undefined : [`${our.type} as here`, 'other settings'];
    }
    case 'affine': {
      const { scale, shift } = their as typeof our;
      return close(scale, our.scale) && close(shift, our.shift) ? undefined : [inWords(our), inWords(their)];
    }
    case 'image':
    case 'identity':
    case 'end':
    case 'concatenation':
    case 'convolution':
    case 'full':
      return undefined;
    default:
      return our satisfies never;
  }
}

const isSum = ({ kind }: Operation) => kind === 'convolution' || kind === 'full';
const groupsOf = (operation: Operation) => (operation.kind === 'convolution' ? operation.groups : 1);

function windowsApart(our: Operation, their: Operation, size: Sides): Apart | undefined {
  const [placed, theirPlaced] = [placedOn(our, size), placedOn(their, size)];
  if (!placed || !theirPlaced) return undefined;
  const found = placedApart(placed, theirPlaced);
  return found && [`${found[0]} ${found[1]}`, found[2], true];
}

/** Equality within float32 precision. */
const close = (one: number, other: number) =>
  Math.abs(one - other) <= 1e-5 * Math.max(Math.abs(one), Math.abs(other));

/** Merges a padding layer before a convolution into the convolution's own padding. */
export function withMargins(
  node: ArchitectureNode,
  below: Chain,
): { readonly node: ArchitectureNode; readonly below: Chain; readonly margin?: ArchitectureNode } {
  const last = below.steps.at(-1);
  const { operation } = node;
  if (operation.kind !== 'convolution' || last?.operation.kind !== 'padding' || !operation.window)
    return { node, below };
  const { padding } = operation.window;
  if (padding === 'same') return { node, below };
  const { margins } = last.operation;
  const sum = [0, 1, 2, 3].map((at) => padding[at]! + margins[at]!) as unknown as typeof margins;
  return {
    node: { ...node, operation: { ...operation, window: { ...operation.window, padding: sum } } },
    below: { ...below, steps: below.steps.slice(0, -1) },
    margin: last,
  };
}
