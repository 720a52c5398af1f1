/** What a part of a data set consists of, in one line: it shows at once when a folder was read otherwise than meant. */
import type { SkippedImage } from './batches';
import type { Labelled } from './dataset';
import { listed } from './picture-files';

/** With so many classes or fewer, each is named with its count. */
const fewClasses = 5;

/** `pets train: 24 images of 2 classes (cats 14, dogs 10)`; of many classes, the first names and the counts' range. */
export function partSummary({ name, classes, labels }: Labelled): string {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  const words = classes.map((each) => each.split(',')[0]!.trim()); // ImageNet's have several names each
  const images = `${name}: ${number(labels.length)} image${labels.length === 1 ? '' : 's'}`;
  const of = `of ${number(classes.length)} class${classes.length === 1 ? '' : 'es'}`;
  if (classes.length <= fewClasses) {
    return `${images} ${of} (${words.map((word, label) => `${word} ${number(counts[label]!)}`).join(', ')})`;
  }
  return `${images} ${of} (${words.slice(0, 3).join(', ')}, …)${spread(counts)}`;
}

/** `pets train: left out, for they cannot be read: 16 of birds, 1 of cats; 56 images are left`. */
export function leftOutSummary(
  { name, classes, labels }: Labelled,
  bad: readonly Pick<SkippedImage, 'index'>[],
): string {
  const counts = new Map<number, number>();
  for (const { index } of bad) counts.set(labels[index]!, (counts.get(labels[index]!) ?? 0) + 1);
  const most = [...counts].sort(([one, ones], [other, others]) => others - ones || one - other);
  const told = most.map(([label, count]) => `${number(count)} of ${classes[label]!.split(',')[0]!.trim()}`);
  const left = labels.length - bad.length;
  return (
    `${name}: left out, for ${bad.length === 1 ? 'it' : 'they'} cannot be read: ${listed(told, fewClasses)}; ` +
    `${number(left)} image${left === 1 ? ' is' : 's are'} left`
  );
}

/** How many images the classes have, where they differ. */
function spread(counts: readonly number[]): string {
  let [least, most] = [Infinity, 0];
  for (const count of counts) {
    least = Math.min(least, count);
    most = Math.max(most, count);
  }
  return most > 1.5 * least ? `, ${number(least)} to ${number(most)} of each` : '';
}

const number = (value: number) => value.toLocaleString('en');
