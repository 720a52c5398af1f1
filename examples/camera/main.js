/** Fine-tunes a network on pictures of the camera, and then names what the camera shows. */
import {
  UserError,
  finetune,
  labelledImages,
  lenet5,
  loadPretrained,
  openModel,
  saveModel,
  useBackend,
  zoo,
} from 'cnn-lineage/browser';

const element = (id) => document.getElementById(id);
const classes = []; // each with the field of its name, and its pictures as ImageBitmaps
let from; // the trained network to start from
let tuned; // what it has become
let cancelling = new AbortController();

async function start() {
  const address = new URLSearchParams(location.search).get('model');
  element('advice').hidden = address !== null;
  from = await (address ? openModel(address, zoo) : loadPretrained('lenet5', { lenet5 }));
  const { backend } = await useBackend();
  element('network').textContent = `${from.network}, computed by ${backend}`;
  const video = element('video');
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  await video.play();
  for (;;) {
    if (tuned) {
      const [{ label, probability }] = await tuned.classify(video);
      const sure = probability === null ? '' : ` (${(100 * probability).toFixed(0)} %)`;
      if (element('seen').textContent !== label + sure) element('seen').textContent = label + sure;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Adds a class: its name, a button that takes a picture, or several while it is held, and how many there are. */
function add() {
  const row = document.createElement('div');
  const number = classes.length + 1;
  row.className = 'row';
  row.innerHTML = `<label>Class ${number} <input value="thing ${number}" required></label>
    <button type="button">Take a picture of class ${number}</button> <output>no pictures yet</output>`;
  const [name, button, count] = ['input', 'button', 'output'].map((kind) => row.querySelector(kind));
  const pictures = [];
  const take = async () => {
    pictures.push(await createImageBitmap(element('video')));
    count.textContent = `${pictures.length} picture${pictures.length > 1 ? 's' : ''}`;
  };
  let timer;
  button.addEventListener('click', () => told(take()));
  button.addEventListener('pointerdown', () => (timer = setInterval(() => told(take()), 200)));
  for (const end of ['pointerup', 'pointerleave', 'pointercancel'])
    button.addEventListener(end, () => clearInterval(timer));
  classes.push({ name, pictures });
  element('classes').append(row);
}

async function learn() {
  const names = new Set(classes.map(({ name }) => name.value));
  if (names.size < classes.length) throw new UserError('Give each class a name of its own.');
  cancelling = new AbortController();
  const data = labelledImages(
    Object.fromEntries(classes.map(({ name, pictures }) => [name.value, pictures])),
  );
  const { trained, test } = await finetune({ from, data, signal: cancelling.signal, onProgress });
  tuned?.dispose();
  tuned = trained;
  await saveModel('camera', trained); // `openSavedModel('camera', zoo)` opens it at the next visit
  const right = (100 * (1 - test.error)).toFixed(0);
  element('status').textContent =
    `Learned: ${right} % of ${test.images} pictures that were set aside are named rightly.`;
}

function onProgress(event) {
  if (event.kind === 'features')
    element('status').textContent = `Looked at ${event.done} of ${event.all} pictures`;
  if (event.kind === 'solved')
    element('status').textContent = `Tried the weight decay ${event.weightDecay.toPrecision(2)}`;
  if (event.kind === 'epoch') element('status').textContent = `Epoch ${event.epoch + 1} of ${event.epochs}`;
}

/** Shows what goes wrong as one sentence. */
async function told(work) {
  element('error').textContent = '';
  try {
    await work;
  } catch (error) {
    if (error.name === 'AbortError') return void (element('status').textContent = 'Cancelled.');
    if (!(error instanceof UserError)) console.error(error);
    element('error').textContent = error.message;
  }
}

element('add').addEventListener('click', add);
element('cancel').addEventListener('click', () => cancelling.abort());
element('learning').addEventListener('submit', async (event) => {
  event.preventDefault();
  element('start').disabled = !(element('cancel').disabled = false);
  await told(learn());
  element('start').disabled = !(element('cancel').disabled = true);
});
add();
add();
void told(start());
