/** The script `page.js` of an exported model: takes photos or the camera's pictures, and shows what is seen and answered. */
import { stopCamera, toggleCamera } from './camera';
import type { Answer, Seen } from './classify';
import { downloadCsv, droppedFiles, endSeveral, showSeveral, type Placed } from './several';
import { answersFor, askedInverted, element, isUnreadable, ready, say, seenOf, showAnswers } from './shown';

async function show(file: File): Promise<void> {
  const { facts } = await ready;
  const asked = await askedInverted();
  const started = performance.now();
  let answers: readonly Answer[];
  let seen: Seen;
  try {
    seen = await seenOf(file, asked);
    answers = await answersFor(seen);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    say(`${file.name || 'That'} is no image that this browser can read.`);
    return;
  }
  const milliseconds = Math.round(performance.now() - started);
  showAnswers(seen, answers);
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

/** What was given last, for when it is to be inverted. */
let latest: readonly Placed[] = [];

function take(given: readonly Placed[]): void {
  if (given.length === 0) return;
  stopCamera();
  endSeveral();
  latest = given;
  const [first, ...others] = given;
  void (others.length === 0 && !first!.path.includes('/') ? show(first!.file) : showSeveral(given));
}

/** The files of a list, with their places below a chosen folder. */
function placed(files: FileList | null | undefined): readonly Placed[] {
  return [...(files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
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
  const folder = element<HTMLInputElement>('folder');
  const camera = element<HTMLButtonElement>('camera');
  for (const input of [file, folder]) {
    input.addEventListener('change', () => take(placed(input.files)));
    input.disabled = false;
  }
  element('invert').addEventListener('change', () => take(latest));
  element('csv').addEventListener('click', downloadCsv);
  camera.addEventListener('click', () => {
    endSeveral();
    void toggleCamera();
  });
  camera.disabled = false;
  document.addEventListener('paste', (event) => take(placed(event.clipboardData?.files)));
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    element('drop').classList.add('over');
  });
  document.addEventListener('dragleave', () => element('drop').classList.remove('over'));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    element('drop').classList.remove('over');
    if (event.dataTransfer)
      droppedFiles(event.dataTransfer).then(
        (files) => (files.length > 0 ? take(files) : say('No file was found in what was dropped.')),
        (error: unknown) => say(`What was dropped cannot be read: ${(error as Error).message}`),
      );
  });
  say(`Ready, computing by ${tf.getBackend()}.`);
}

void start();

export {}; // a module, so that its names stay its own
