/** Classifies a picture by LeNet-5's weights, which come along, or by a model folder: behind `?model=…` or dropped. */
import { UserError, lenet5, loadPretrained, openModel, useBackend, zoo } from 'cnn-lineage/browser';

const element = (id) => document.getElementById(id);
let trained; // the network that is open
let picture; // the picture shown last

/** Opens a network in place of the one before, and classifies the picture by it. */
async function open(opening) {
  const opened = await opening;
  trained?.dispose();
  trained = opened;
  const { network, labels, source } = trained;
  const origin = source.kind === 'fineTuned' ? `fine-tuned on ${source.data}` : source.kind;
  element('open').textContent = `${network} (${origin}), ${labels?.length ?? 'unnamed'} classes`;
  if (picture) await told(classify(picture));
}

async function classify(file) {
  picture = file;
  element('answers').replaceChildren();
  URL.revokeObjectURL(element('shown').src);
  Object.assign(element('shown'), { src: URL.createObjectURL(file), hidden: false });
  if (!trained) return; // `open` classifies it then
  const { predictions, inverted } = await trained.answer(file);
  if (picture !== file) return; // another one was chosen meanwhile
  element('answers').replaceChildren(
    ...predictions.map(({ label, probability, score }) => {
      const line = document.createElement('li');
      // LeNet-5 compares with codes of the classes: the smaller the distance, the better.
      line.textContent =
        probability === null
          ? `${label}: distance ${score.toFixed(1)}`
          : `${label}: ${(100 * probability).toFixed(1)} %`;
      return line;
    }),
  );
  if (inverted) element('answers').firstChild.append(' (seen inverted, since it is dark on light)');
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

const onProgress = (file, bytes, all) =>
  (element('status').textContent =
    `${file}: ${(bytes / 1e6).toFixed(0)} MB${all ? ` of ${(all / 1e6).toFixed(0)}` : ''}`);

async function openAddress(address) {
  const opening = address ? openModel(address, zoo, { onProgress }) : loadPretrained('lenet5', { lenet5 });
  await open(opening);
  const { backend, device, passedOver } = await useBackend();
  const why = passedOver.map((better) => ` No ${better.backend}: ${better.why}.`);
  element('status').textContent =
    `Ready; ${device ?? 'this processor'} computes by ${backend}.${why.join('')}`;
}

element('network').addEventListener('submit', (event) => {
  event.preventDefault();
  void told(openAddress(new FormData(event.target).get('address')));
});
element('folder').addEventListener(
  'change',
  ({ target }) => void told(open(openModel([...target.files], zoo))),
);
element('picture').addEventListener('change', ({ target }) => {
  const [file] = target.files;
  target.value = ''; // so that the same file can be chosen again
  if (file) void told(classify(file));
});
const drop = element('drop');
drop.addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
drop.addEventListener('dragleave', () => drop.classList.remove('over'));
drop.addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  if (event.dataTransfer.files.length > 0) void told(classify(event.dataTransfer.files[0]));
});
void told(openAddress(new URLSearchParams(location.search).get('model')));
