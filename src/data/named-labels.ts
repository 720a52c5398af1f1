import { UserError } from '../errors';
import type { ImageSet } from './dataset';

/**
 * A data set whose labels are a network's classes. Classes are found by name, so that a set may have only some of them
 * or have them in another order; where one side has numbers for names, they are taken in their order.
 * @param labels the network's, or null where it has none
 * @throws UserError when the set has a class that the network lacks, or another number of nameless ones
 */
export function withLabelsOf<Set extends ImageSet>(
  data: Set,
  labels: readonly string[] | null,
  classes: number,
): Set {
  if (labels?.join('\n') === data.classes.join('\n')) return data;
  const named = labels && !isNumbers(labels) && !isNumbers(data.classes);
  if (!named) {
    if (data.classes.length === classes) return labels ? { ...data, classes: labels } : data;
    throw new UserError(
      `${data.name}: expected ${classes} classes as the network has, found ${data.classes.length}`,
    );
  }
  const index = new Map(labels.map((label, at) => [label, at]));
  const strange = data.classes.filter((label) => !index.has(label));
  if (strange.length > 0) {
    const some = strange.slice(0, 3).join(', ');
    throw new UserError(
      `${data.name}: expected classes of the network (${labels.slice(0, 3).join(', ')}${labels.length > 3 ? ', …' : ''}), found ${some}`,
    );
  }
  const twice = data.classes.find((label) => labels.indexOf(label) !== index.get(label));
  if (twice !== undefined)
    throw new UserError(`${data.name}: expected the network to have one class ${twice}, found several`);
  return {
    ...data,
    classes: labels,
    labels: data.labels.map((label) => index.get(data.classes[label]!)!),
  };
}

function isNumbers(names: readonly string[]): boolean {
  return names.every((name, index) => name === String(index));
}
