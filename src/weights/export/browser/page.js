/* What classify.html does: takes photos, and shows what the network sees and answers. */
'use strict';

/* global tf, document, createImageBitmap, location, performance, ready, classify, seenOf */

const element = (id) => document.getElementById(id);

function say(text) {
  element('status').textContent = text;
}

async function show(file) {
  let image;
  try {
    image = await createImageBitmap(file, { colorSpaceConversion: 'none' });
  } catch {
    say(`${file.name ?? 'That'} is no image that this browser can read.`);
    return;
  }
  const { facts } = await ready;
  const asked = facts.input.background ? undefined : element('invert').checked;
  const started = performance.now();
  const answers = await classify(image, { inverted: asked });
  const milliseconds = Math.round(performance.now() - started);
  const seen = seenOf(image, facts.input, asked);
  draw(seen);
  element('answers').replaceChildren(...answers.map(rowOf));
  element('result').hidden = false;
  const name = file.name ?? 'A pasted image';
  const turned = seen.inverted && asked === undefined ? ' It is dark on light, and shown inverted.' : '';
  const remarks = `${turned}${meaningOf(facts.scores)}${drawnRemark(facts.notLoaded)}`;
  say(`${name}: ${milliseconds} ms, computed by ${tf.getBackend()}.${remarks}`);
}

/** What the numbers beside the classes are, where they are no probabilities. */
function meaningOf(scores) {
  if (scores === 'rbfPenalty') return ' Distances, smaller is nearer.';
  return scores === 'squaredError' ? ' Activations, larger is surer.' : '';
}

/** That answers depend on weights which nothing has trained. */
function drawnRemark(notLoaded = []) {
  return notLoaded.length > 0 ? ' Some of its weights were never trained: its answers mean little.' : '';
}

function draw({ pixels, height, width }) {
  const canvas = element('seen');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  for (let at = 0; at < height * width; at++) {
    for (let colour = 0; colour < 3; colour++) image.data[4 * at + colour] = pixels[3 * at + colour];
    image.data[4 * at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

function rowOf({ label, probability, score }) {
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
    cells[1].append(meter);
  }
  return row;
}

async function start() {
  if (location.protocol === 'file:') {
    say('Open this page from a web server, such as: npx http-server, or python3 -m http.server');
    return;
  }
  try {
    const { facts } = await ready;
    // Where it is known what the network learned, the picture itself tells.
    element('inverting').hidden = facts.input.shape[2] !== 1 || facts.input.background !== undefined;
  } catch (error) {
    say(`The model cannot be loaded: ${error.message}`);
    return;
  }
  const file = element('file');
  let latest;
  const take = (given) => {
    if (!given) return;
    latest = given;
    void show(given);
  };
  file.addEventListener('change', () => take(file.files[0]));
  element('invert').addEventListener('change', () => take(latest));
  document.addEventListener('paste', (event) => take(event.clipboardData.files[0]));
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    element('drop').classList.add('over');
  });
  document.addEventListener('dragleave', () => element('drop').classList.remove('over'));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    element('drop').classList.remove('over');
    take(event.dataTransfer.files[0]);
  });
  file.disabled = false;
  say(`Ready, computing by ${tf.getBackend()}.`);
}

void start();
