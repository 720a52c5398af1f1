/** Several images on an exported model's page: a table of answers, which can be kept as CSV. */
import { csv } from '../../core/text/csv';
import type { Answer, Seen } from './classify';
import { answersFor, askedInverted, draw, element, isUnreadable, say, seenOf, shareText } from './shown';

/** A file with its place below the folder that was dropped or chosen. */
export interface Placed {
  readonly path: string;
  readonly file: File;
}

/** An image's row; no answer where it cannot be read. */
interface Row {
  readonly path: string;
  readonly answers: readonly Answer[] | null;
}

let rows: Row[] = [];
let turn = 0;

/** Ends what is underway, and takes the table away. */
export function endSeveral(): void {
  turn++;
  element('several').hidden = true;
}

/** Names what each image shows, one after the other; files that are no images by their type are counted alone. */
export async function showSeveral(given: readonly Placed[]): Promise<void> {
  const own = ++turn;
  const images = given.filter(({ file }) => file.type.startsWith('image/'));
  const others = given.length - images.length;
  if (images.length === 0) return say(`No image was found among ${counted(others, 'file')}.`);
  const are = others === 1 ? 'is not an image' : 'are not images';
  const besides = others > 0 ? ` ${counted(others, 'other file')} ${are}.` : '';
  images.sort((one, other) => one.path.localeCompare(other.path, 'en', { numeric: true }));
  rows = [];
  const body = element('files');
  body.replaceChildren();
  element('result').hidden = true;
  element('several').hidden = false;
  element<HTMLButtonElement>('csv').disabled = true;
  const inverted = await askedInverted();
  say(`${counted(images.length, 'image')} …`);
  const progress = element<HTMLProgressElement>('progress');
  Object.assign(progress, { max: images.length, value: 0, hidden: false });
  for (const { path, file } of images) {
    let answers: readonly Answer[] | null = null;
    let seen: Seen | undefined;
    try {
      seen = await seenOf(file, inverted);
      answers = await answersFor(seen);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
    }
    if (own !== turn) return;
    rows.push({ path, answers });
    body.append(tableRow(path, seen, answers));
    progress.value = rows.length;
  }
  progress.hidden = true;
  element<HTMLButtonElement>('csv').disabled = false;
  const unread = rows.filter(({ answers }) => !answers).length;
  const unreadable = unread > 0 ? ` ${unread} of them cannot be read by this browser.` : '';
  say(`${counted(rows.length, 'image')}, computed by ${tf.getBackend()}.${unreadable}${besides}`);
}

function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

/** The side of a small picture. */
const thumbnail = 48;

function tableRow(
  path: string,
  seen: Seen | undefined,
  answers: readonly Answer[] | null,
): HTMLTableRowElement {
  const row = document.createElement('tr');
  const picture = document.createElement('td');
  if (seen) picture.append(small(seen));
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = path;
  const [best] = answers ?? [];
  const texts = best ? [best.label, shareText(best)] : ['cannot be read', ''];
  row.append(
    picture,
    name,
    ...texts.map((text) => Object.assign(document.createElement('td'), { textContent: text })),
  );
  return row;
}

/** What the network sees, small; the name beside it says which image it is. */
function small(seen: Seen): HTMLCanvasElement {
  const whole = document.createElement('canvas');
  draw(whole, seen);
  const canvas = document.createElement('canvas');
  const scale = thumbnail / Math.max(whole.width, whole.height);
  canvas.width = Math.round(whole.width * scale);
  canvas.height = Math.round(whole.height * scale);
  canvas.setAttribute('aria-hidden', 'true');
  canvas.getContext('2d')!.drawImage(whole, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Keeps the table as a CSV file: the best three classes of each image. */
export function downloadCsv(): void {
  const most = 3;
  const isShare = rows.some(({ answers }) => answers?.[0]?.probability != null);
  const value = isShare ? 'probability' : 'score';
  const columns = Array.from({ length: most }, (_, rank) => [`class ${rank + 1}`, `${value} ${rank + 1}`]);
  const lines = rows.map(({ path, answers }) => [
    path,
    ...columns.flatMap((_, rank) => {
      const answer = answers?.[rank];
      return answer ? [answer.label, String(answer.probability ?? answer.score)] : ['', ''];
    }),
  ]);
  const text = csv(['file', ...columns.flat()], lines);
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  Object.assign(document.createElement('a'), { href: address, download: 'answers.csv' }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The files of a drop, with those in folders. To be called while the event is handled. */
export async function droppedFiles(data: DataTransfer): Promise<readonly Placed[]> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...data.files].map((file) => ({ path: file.name, file }));
  return (await Promise.all(entries.map(filesIn))).flat();
}

async function filesIn(entry: FileSystemEntry): Promise<readonly Placed[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Placed[] = [];
  for (;;) {
    // A folder is read in parts, of which the last is empty.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await filesIn(inner)));
  }
}
