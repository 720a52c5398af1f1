/** The script `page.js` of an exported model: takes photos, and shows what the network sees and answers. */
import type * as Classifying from './classify';
import type { Answer, Seen } from './classify';

// What classify.js puts there, so that both scripts share one model.
const { ready, classify, seenOf } = globalThis as unknown as typeof Classifying;

function element<E extends HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

function say(text: string): void {
  element('status').textContent = text;
}

async function show(file: File): Promise<void> {
  const { facts } = await ready;
  const asked = facts.input.background ? undefined : element<HTMLInputElement>('invert').checked;
  const started = performance.now();
  let answers: readonly Answer[];
  let seen: Seen;
  try {
    answers = await classify(file, { inverted: asked });
    seen = await seenOf(file, asked);
  } catch (error) {
    if (!(error instanceof Error) || !('reason' in error)) throw error;
    say(`${file.name || 'That'} is no image that this browser can read.`);
    return;
  }
  const milliseconds = Math.round(performance.now() - started);
  draw(seen);
  element('answers').replaceChildren(...answers.map(rowOf));
  element('result').hidden = false;
  const turned = seen.inverted && asked === undefined ? ' It is dark on light, and shown inverted.' : '';
  const remarks = `${turned}${meaningOf(facts.scores)}${drawnRemark(facts.notLoaded)}`;
  say(`${file.name || 'A pasted image'}: ${milliseconds} ms, computed by ${tf.getBackend()}.${remarks}`);
}

/** What the numbers beside the classes are, where they are no probabilities. */
function meaningOf(scores: string): string {
  if (scores === 'rbfPenalty') return ' Distances, smaller is nearer.';
  return scores === 'squaredError' ? ' Activations, larger is surer.' : '';
}

/** That answers depend on weights which nothing has trained. */
function drawnRemark(notLoaded: readonly string[] = []): string {
  return notLoaded.length > 0 ? ' Some of its weights were never trained: its answers mean little.' : '';
}

function draw({ pixels, window: { height, width } }: Seen): void {
  const canvas = element<HTMLCanvasElement>('seen');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  const channels = pixels.length / (height * width);
  for (let at = 0; at < height * width; at++) {
    for (let colour = 0; colour < 3; colour++)
      image.data[4 * at + colour] = pixels[channels * at + (channels === 3 ? colour : 0)]!;
    image.data[4 * at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

function rowOf({ label, probability, score }: Answer): HTMLTableRowElement {
  const row = document.createElement('tr');
  const text = probability === null ? score.toPrecision(4) : `${(100 * probability).toFixed(2)} %`;
  const cells = [label, '', text].map((content) => {
    const cell = document.createElement('td');
    cell.textContent = content;
    row.append(cell);
    return cell;
  });
  if (probability !== null) {
    const meter = document.createElement('meter');
    meter.value = probability;
    meter.setAttribute('aria-hidden', 'true');
    cells[1]!.append(meter);
  }
  return row;
}

async function start(): Promise<void> {
  if (location.protocol === 'file:') {
    say('Open this page from a web server, such as: npx http-server, or python3 -m http.server');
    return;
  }
  try {
    const { facts } = await ready;
    // Where it is known what the network learned, the picture itself tells.
    element('inverting').hidden = facts.input.shape[2] !== 1 || facts.input.background !== undefined;
  } catch (error) {
    say(`The model cannot be loaded: ${(error as Error).message}`);
    return;
  }
  const file = element<HTMLInputElement>('file');
  let latest: File | undefined;
  const take = (given: File | undefined) => {
    if (!given) return;
    latest = given;
    void show(given);
  };
  file.addEventListener('change', () => take(file.files![0]));
  element('invert').addEventListener('change', () => take(latest));
  document.addEventListener('paste', (event) => take(event.clipboardData?.files[0]));
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    element('drop').classList.add('over');
  });
  document.addEventListener('dragleave', () => element('drop').classList.remove('over'));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    element('drop').classList.remove('over');
    take(event.dataTransfer?.files[0]);
  });
  file.disabled = false;
  say(`Ready, computing by ${tf.getBackend()}.`);
}

void start();

export {}; // a module, so that its names stay its own
