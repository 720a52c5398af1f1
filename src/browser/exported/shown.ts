/** What the parts of an exported model's page share: the model of classify.js, elements, and how answers are shown. */
import type * as Classifying from './classify';
import type { Answer, Seen } from './classify';

/** What classify.js puts there, so that both scripts share one model. */
export const { ready, answersFor, seenOf } = globalThis as unknown as typeof Classifying;

export function element<E extends HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

/** Says a line, also to who listens to the page. */
export function say(text: string): void {
  element('status').textContent = text;
}

/** What the visitor chose of dark pictures; undefined where the picture itself tells. */
export async function askedInverted(): Promise<boolean | undefined> {
  const { facts } = await ready;
  return facts.input.background ? undefined : element<HTMLInputElement>('invert').checked;
}

/** Whether this is what is thrown for an image that the browser cannot read. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof Error && 'reason' in error;
}

/** `93.21 %`, or the score where there are no probabilities. */
export function shareText({ probability, score }: Answer): string {
  return probability === null ? score.toPrecision(4) : `${(100 * probability).toFixed(2)} %`;
}

/** Draws what the network sees. */
export function draw(canvas: HTMLCanvasElement, { pixels, window: { height, width } }: Seen): void {
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

/** Shows the answers for one picture, with what the network sees of it. */
export function showAnswers(seen: Seen, answers: readonly Answer[]): void {
  draw(element<HTMLCanvasElement>('seen'), seen);
  element('answers').replaceChildren(...answers.map(rowOf));
  element('result').hidden = false;
}

function rowOf(answer: Answer): HTMLTableRowElement {
  const row = document.createElement('tr');
  const cells = [answer.label, '', shareText(answer)].map((content) => {
    const cell = document.createElement('td');
    cell.textContent = content;
    row.append(cell);
    return cell;
  });
  if (answer.probability !== null) {
    const meter = document.createElement('meter');
    meter.value = answer.probability;
    meter.setAttribute('aria-hidden', 'true');
    cells[1]!.append(meter);
  }
  return row;
}
