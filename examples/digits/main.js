/** Trains LeNet-5 in the page, keeps it in the browser, and classifies digits that are drawn with it. */
import {
  UserError,
  drawDigits,
  evaluate,
  lenet5,
  openIdxFiles,
  openSavedModel,
  saveModel,
  savedModels,
  tf,
  train,
  trainedModel,
  useBackend,
} from 'cnn-lineage/browser';

const element = (id) => document.getElementById(id);
const kept = 'lenet5-of-this-page';
let data; // the images to learn from, and to test with
let trained; // what classifies: the model kept from an earlier visit, until one is trained
let stopping = new AbortController();

async function start() {
  const { backend, device, passedOver } = await useBackend();
  const why = passedOver.map((better) => ` No ${better.backend}: ${better.why}.`);
  element('runtime').textContent = `${device ?? 'This processor'} computes by ${backend}.${why.join('')}`;
  if (!(await savedModels()).includes(kept)) return;
  trained = await openSavedModel(kept, { lenet5 });
  element('status').textContent = 'The model of an earlier visit is open.';
}

async function learn(epochs) {
  data ??= drawDigits({ seed: 1, train: 6000, test: 1000 });
  stopping = new AbortController();
  const [seed, begun, losses] = [1, performance.now(), []];
  const model = lenet5.build({ classes: data.train.classes.length, seed });
  const recipe = { ...lenet5.recipe, epochs };
  let done = 0;
  try {
    const updates = train({ model, recipe, data: data.train, seed, signal: stopping.signal });
    for await (const { step, stepsPerEpoch, epoch, loss } of updates) {
      losses.push(loss);
      done = Math.floor(step / stepsPerEpoch);
      if (step % 5 > 0 && done < epochs) continue;
      show(losses, stepsPerEpoch * epochs, `Epoch ${epoch + 1} of ${epochs}, update ${step}`);
      await tf.nextFrame(); // lets the page draw, and its buttons be pressed
    }
  } catch (error) {
    if (error.name !== 'AbortError') {
      model.dispose();
      throw error;
    }
  }
  element('status').textContent = 'Testing …';
  const { error, images } = await evaluate({ model, recipe, data: data.test });
  const seconds = (performance.now() - begun) / 1000;
  trained?.dispose();
  trained = await trainedModel({
    model,
    networks: { lenet5 },
    recipe,
    data: data.train,
    seed,
    seconds,
    epochs: done,
  });
  await saveModel(kept, trained);
  const stopped = stopping.signal.aborted ? 'Stopped' : 'Trained';
  element('status').textContent =
    `${stopped} after ${seconds.toFixed(0)} s: ${(100 * error).toFixed(1)} % of ${images} test digits wrong. The model is kept in this browser.`;
}

function show(losses, updates, where) {
  const highest = Math.max(...losses);
  const points = losses.map((loss, at) => `${(600 * at) / updates},${155 - (150 * loss) / highest}`);
  element('curve').setAttribute('points', points.join(' '));
  element('progress').textContent = `${where}: loss ${losses.at(-1).toFixed(2)}`;
}

async function classify(image) {
  if (!trained) throw new UserError('Train the network first.');
  element('error').textContent = '';
  const [best, second] = await trained.classify(image, { top: 2 });
  element('answer').textContent = `${best.label} (or ${second.label})`;
}

/** Shows what goes wrong as one sentence. */
async function told(work) {
  element('error').textContent = '';
  try {
    await work;
  } catch (error) {
    if (!(error instanceof UserError)) console.error(error);
    element('error').textContent = error.message;
  }
}

element('training').addEventListener('submit', async (event) => {
  event.preventDefault();
  element('start').disabled = !(element('stop').disabled = false);
  element('status').textContent = 'Training …';
  await told(learn(Number(new FormData(event.target).get('epochs'))));
  element('start').disabled = !(element('stop').disabled = true);
});
element('stop').addEventListener('click', () => stopping.abort());
element('files').addEventListener('change', ({ target }) => told(open([...target.files])));

async function open(files) {
  data = await openIdxFiles(files);
  element('data').textContent =
    `${data.train.labels.length.toLocaleString('en')} digits of ${files.length} files`;
}

const paper = element('paper').getContext('2d', { willReadFrequently: true });
Object.assign(paper, { lineWidth: 16, lineCap: 'round', lineJoin: 'round', strokeStyle: 'white' });

function clear() {
  paper.fillRect(0, 0, 196, 196);
  element('answer').textContent = '';
}

clear();
element('clear').addEventListener('click', clear);
element('picture').addEventListener('change', ({ target }) => {
  const [file] = target.files;
  target.value = ''; // so that the same file can be chosen again
  if (file) void told(classify(file));
});
paper.canvas.addEventListener('pointerdown', (event) => {
  paper.canvas.setPointerCapture(event.pointerId);
  paper.beginPath();
  paper.moveTo(event.offsetX, event.offsetY);
});
paper.canvas.addEventListener('pointermove', ({ buttons, offsetX, offsetY }) => {
  if (buttons === 0) return;
  paper.lineTo(offsetX, offsetY);
  paper.stroke();
});
paper.canvas.addEventListener('pointerup', () => told(classify(paper.canvas)));
void told(start());
