/** Finds out which network a file's weights belong to when they are not those of the requested network. */
import { printable } from '../../core/errors';
import type { Network } from '../../core/network';
import type { ForeignFormat, ForeignTensor, ForeignWeights } from '../formats/foreign-weights';
import { knownNetwork } from './known-networks';
import { few } from './mapping-report';
import type { Convention } from './toolkit-layout';

/** Networks by the names that commands use for them. */
export type Networks = Readonly<Record<string, Network>>;

const formatNames: Readonly<Record<ForeignFormat, string>> = {
  caffemodel: 'Caffe’s',
  pth: 'PyTorch’s',
  safetensors: 'a safetensors file’s',
  keras: 'Keras’s',
  tfjs: 'TensorFlow.js’s',
  onnx: 'an ONNX model’s',
};

/**
 * Describes a file whose names do not match the network: whose they are, the first of them, and what they look like.
 */
export function otherNames(given: ForeignWeights, network: Network, zoo: Networks): string {
  const names = given.tensors.map(({ name }) => printable(name));
  const like = likeness(given, network, zoo);
  const said = `names that are not this network’s (${formatNames[given.format]} ${few(names)})`;
  return [said, ...(like === undefined ? [] : [like])].join('; ');
}

/** `it looks like …`; undefined if the file is not recognised, or looks like the requested network itself. */
export function likeness(given: ForeignWeights, network: Network, zoo: Networks): string | undefined {
  const { names, shared } = lookalikes(given, zoo);
  // Networks of other zoos share some names with networks of this zoo, as VGG with batch normalisation does.
  const other = shared < surelyShared ? knownNetwork(given.tensors) : undefined;
  if (other !== undefined) return `it looks like ${other}, which is not in this zoo`;
  if (names.some((name) => zoo[name] === network)) return undefined;
  return names.length > 0 ? `it looks like ${names.join(' or ')} of this zoo` : undefined;
}

/**
 * The fractions of shared layers from which one network looks like another, and from which it certainly is that one.
 */
const leastShared = 0.6;
const surelyShared = 0.9;

/** The networks that share the most layers with a file, by their sources' names or by ours. */
function lookalikes(
  { tensors }: ForeignWeights,
  zoo: Networks,
): { readonly names: readonly string[]; readonly shared: number } {
  const found = Object.entries(zoo).flatMap(([name, { weights = [] }]) =>
    weights.flatMap(({ toolkit, layers }) => [
      { name, shared: sharedPart(tensors, toolkit, Object.values(layers)) },
      { name, shared: sharedPart(tensors, 'own', Object.keys(layers)) },
    ]),
  );
  const shared = Math.max(leastShared, ...found.map((one) => one.shared));
  const names = new Set(found.filter((one) => one.shared === shared).map(({ name }) => name));
  return { names: [...names], shared };
}

function sharedPart(
  tensors: readonly ForeignTensor[],
  convention: Convention,
  layers: readonly string[],
): number {
  const separator = convention === 'pytorch' ? '.' : '/';
  const wanted = new Set(layers);
  const there = new Set(
    tensors.flatMap(({ name }) =>
      fits(name, convention) ? [name.slice(0, name.lastIndexOf(separator))] : [],
    ),
  );
  const shared = [...there].filter((name) => wanted.has(name)).length;
  return shared / (wanted.size + there.size - shared);
}

/** Whether the weight's own name, without its layer, is one that the convention uses. */
function fits(name: string, convention: Convention): boolean {
  if (convention === 'pytorch') return /\.(?:weight|bias|running_mean|running_var)$/.test(name);
  return convention === 'caffe' ? /\/\d+$/.test(name) : /\/[a-z_]+$/.test(name);
}
