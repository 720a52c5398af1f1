/** Translates the names of layers and weights in the files of all Keras versions to today's form, `conv1/kernel`. */
import { member } from '../../../core/io/json-text';

/** The short names of Keras 1. */
const firstNames: Readonly<Record<string, string>> = {
  W: 'kernel',
  b: 'bias',
  running_mean: 'moving_mean',
  running_std: 'moving_variance', // a variance, despite its name
};

/**
 * The names of the weights in an `.h5` file, by their paths: `/block1_conv1/block1_conv1_W_1:0` of Keras 1,
 * `/block1_conv1/block1_conv1_1/kernel:0` of Keras 2, `/block1_conv1/vgg16/block1_conv1/kernel` of Keras 3. In a file
 * of a whole model they are below `/model_weights`. A nested model is one group, which contains layers of
 * several names.
 * @param paths of all numbers in the file; those that are not weights of a layer get no name
 */
export function legacyNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const root = paths.some((path) => path.startsWith(wholeModel)) ? wholeModel : '/';
  const inside = paths.flatMap((path) => {
    const [group, ...others] = path.slice(root.length).split('/');
    const isWeight = path.startsWith(root) && others.length > 0 && group !== 'optimizer_weights';
    return isWeight ? [{ path, group: group!, parent: others.at(-2), last: others.at(-1)! }] : [];
  });
  const parents = new Map<string, Set<string | undefined>>();
  for (const { group, parent } of inside) parents.set(group, (parents.get(group) ?? new Set()).add(parent));
  return new Map(
    inside.map(({ path, group, parent, last }) => {
      const layer = parents.get(group)!.size > 1 ? (parent ?? group) : group;
      return [path, `${layer}/${legacyWeight(last)}`];
    }),
  );
}

const wholeModel = '/model_weights/';

/** `kernel:0`, `kernel_1:0`, `block1_conv1_W_1:0` */
function legacyWeight(last: string): string {
  const plain = last.replace(/:\d+$/, '').replace(/_\d+$/, '');
  const short = /(?:^|_)(W|b|running_mean|running_std)$/.exec(plain)?.[1];
  return short === undefined ? plain : firstNames[short]!;
}

/**
 * The names of Keras 3's weights, by their indices in a layer's group; the group is named after its kind: `conv2d_1`.
 */
export function variableNames(group: string, count: number): readonly string[] {
  if (!/^batch_normalization(?:_\d+)?$/.test(group))
    return ['kernel', 'bias'].slice(0, count <= 2 ? count : 0);
  return count === 4 ? ['gamma', 'beta', 'moving_mean', 'moving_variance'] : [];
}

/**
 * The groups' names if each layer had been counted once. Keras 2.13 counts layers with weights twice, so its `conv2d_2`
 * is the second convolution (`_layer_checkpoint_dependencies` of keras/src/engine/functional.py lists them as layers
 * and as layers with weights). Later versions count once, which an odd number reveals.
 * @param groups of layers with weights
 */
export function countedOnce(groups: readonly string[]): ReadonlyMap<string, string> {
  const numbers = groups.map((group) => Number(/_(\d+)$/.exec(group)?.[1] ?? 0));
  if (numbers.some((number) => number % 2 !== 0)) return new Map();
  const once = (group: string) => group.replace(/_(\d+)$/, (_, number: string) => half(Number(number)));
  return new Map(groups.map((group) => [group, once(group)]));
}

const half = (number: number) => `_${number / 2}`;

/** The names of a model's layers, by those of their groups: the kind and, from the second layer on, a number. */
export function namesByKind(config: unknown): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const layers = member(member(config, 'config'), 'layers');
  for (const layer of Array.isArray(layers) ? (layers as readonly unknown[]) : []) {
    const kind = member(layer, 'class_name');
    const name = member(member(layer, 'config'), 'name') ?? member(layer, 'name');
    if (typeof kind !== 'string' || typeof name !== 'string' || kind.length > 200) continue;
    const snake = snakeCase(kind);
    const before = counts.get(snake) ?? 0;
    names.set(before === 0 ? snake : `${snake}_${before}`, name);
    counts.set(snake, before + 1);
  }
  return names;
}

/** keras/src/utils/naming.py, `to_snake_case` */
function snakeCase(name: string): string {
  return name
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
