/** What a look at a data set found, as text for a terminal. */
import { columns, count, wrapped } from '../../core/text/columns';
import { counted } from '../../core/text/counted';
import { visibleLine } from '../../core/text/visible-text';
import { option } from '../../core/text/wording';
import type { AlikeImages, InspectedData, Spread } from './inspect-data';

/** The most classes that are listed, and the most lines of each list. */
const mostClasses = 60;
const mostListed = 20;

/** The counts first, then what is wrong, gravest last. */
export function inspectedDataText(found: InspectedData): string {
  const { alike, unreadable, few, remarks, sheet } = found;
  const labels = alike.filter((group) => group.labels);
  const parts = alike.filter((group) => group.parts && !group.labels);
  const others = alike.filter((group) => !group.parts && !group.labels);
  const name = (file: string) =>
    visibleLine(file.startsWith(found.folder) ? file.slice(found.folder.length) : file);
  const group = ({ how, bits, images }: AlikeImages) =>
    `${howText(how, bits)}: ${images.map((image) => name(image.file)).join(', ')}`;
  const lists = [
    list('images that cannot be read', unreadable, ({ file, reason }) => `${name(file)}: ${reason}`),
    list('classes with too few images', few, fewText),
    list('twice in one class of one part', others, group),
    list('the same image in two parts, which makes the measured error too low', parts, group),
    list('the same image under two labels', labels, group),
  ];
  return [
    `${visibleLine(found.data)}: ${count(found.images)} images of ${counted(found.classes.length, 'class', 'classes')}`,
    '',
    ...countsLines(found),
    '',
    ...factsLines(found),
    ...remarks.map(visibleLine),
    ...lists.flat(),
    '',
    ...endLines(found),
    ...(sheet === null ? [] : [`drawn into ${visibleLine(sheet)}`]),
  ].join('\n');
}

function countsLines({ classes, parts }: InspectedData): readonly string[] {
  const shown = classes.slice(0, mostClasses);
  const right = [1, 2, 3];
  const rows = [
    ['class', ...parts.map(({ part }) => part)],
    ...shown.map((name, label) => [
      name.split(',')[0]!,
      ...parts.map(({ perClass }) => count(perClass[label]!)),
    ]),
    ['all', ...parts.map(({ images }) => count(images))],
  ];
  const lines = columns(rows, right);
  const rest = classes.length - shown.length;
  if (rest > 0) lines.splice(-1, 0, `… and ${counted(rest, 'class', 'classes')} more`);
  return lines;
}

function factsLines({ sizes, formats, parts }: InspectedData): readonly string[] {
  const lines: string[] = [];
  const spread = ({ least, median, most }: Spread) =>
    least === most ? `${least}` : `${least} to ${most}, median ${median}`;
  if (sizes) lines.push(`height ${spread(sizes.height)}; width ${spread(sizes.width)} (pixels, upright)`);
  const known = Object.entries(formats).map(([format, images]) => `${format} ${count(images)}`);
  if (known.length > 0) lines.push(`formats: ${known.join(', ')}`);
  if (parts.length === 1)
    lines.push(
      ...wrapped(
        '',
        `no parts: a training splits its own off at random (${option('validationSplit')}), and of images that are there ` +
          'twice one can be learned from and the other tested on',
      ),
    );
  return lines;
}

function list<Item>(what: string, items: readonly Item[], line: (item: Item) => string): readonly string[] {
  if (items.length === 0) return [];
  const rest = items.length - mostListed;
  return [
    '',
    `${what}: ${count(items.length)}`,
    ...items.slice(0, mostListed).map((item) => `  ${line(item)}`),
    ...(rest > 0 ? [`  and ${count(rest)} more, which ${option('json')} lists`] : []),
  ];
}

function howText(how: AlikeImages['how'], bits: number): string {
  switch (how) {
    case 'file':
      return 'the same file';
    case 'pixels':
      return 'the same pixels';
    case 'near':
      return `nearly the same (${bits} bits)`;
    case 'mirrored':
      return `mirrored (${bits} bits)`;
    default:
      return how satisfies never;
  }
}

function fewText({ class: name, part, images, needed }: InspectedData['few'][number]): string {
  const shown = visibleLine(name.split(',')[0]!);
  if (needed === null) return `${shown}: no readable image in ${part}`;
  return `${shown}: of its ${counted(images, 'image')} the ${part} part may get none; ${needed} are enough`;
}

function endLines({ alike, unreadable, few, images, near, seconds }: InspectedData): readonly string[] {
  const sound = alike.length + unreadable.length + few.length === 0;
  const how = near
    ? `nearly the same: at most ${near.bits} of the 256 bits of a perceptual hash differ (${near.hash.split(':')[0]!}), ` +
      'as they are or with one mirrored' +
      (near.plain > 0 ? `; ${counted(near.plain, 'plain image')} not compared so` : '') +
      (near.complete ? '' : '; there are more such pairs than were kept')
    : 'near duplicates are looked for among image files alone: of stored pixels only equal images are told';
  return [
    ...(sound ? ['no image twice, none unreadable, enough of each class'] : []),
    ...wrapped('', how),
    `looked at ${count(images)} image${images === 1 ? '' : 's'} in ${seconds.toFixed(1)} s`,
  ];
}
