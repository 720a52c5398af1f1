/** What is shown while images are counted and a network learns, on a terminal and off it. */
import { showCount, showTraining } from '../../scripts/cli/terminal/progress';

let now = 0;
let written = '';
const terminal = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
const environment = { ...process.env };

const width = Object.getOwnPropertyDescriptor(process.stderr, 'columns');

function onTerminal(is: boolean, columns = 80): void {
  Object.defineProperty(process.stderr, 'columns', { value: columns, configurable: true });
  Object.defineProperty(process.stderr, 'isTTY', { value: is, configurable: true });
  process.env['TERM'] = 'xterm';
  delete process.env['CI'];
}

beforeEach(() => {
  [now, written] = [0, ''];
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  if (terminal) Object.defineProperty(process.stderr, 'isTTY', terminal);
  else Reflect.deleteProperty(process.stderr, 'isTTY');
  if (width) Object.defineProperty(process.stderr, 'columns', width);
  else Reflect.deleteProperty(process.stderr, 'columns');
  process.env = { ...environment };
});

/** 100 images after a second, then 20 a second. */
function count(until: number): void {
  const show = showCount();
  for (now = 1000; now <= until; now += 1000) show('images', 100 + 20 * (now / 1000 - 1), 2000);
}

it('says a line every ten seconds where there is no terminal, with the rate and the time that is left', () => {
  onTerminal(false);
  count(21_000);
  // 10 s after the first count 300 of 2,000: 1,700 at 20 a second are 85 s; ten seconds later 1,500, which are 75 s.
  expect(written).toBe(
    '300 of 2,000 images, 20 images/s, 2 min left\n500 of 2,000 images, 20 images/s, 2 min left\n',
  );
});

it('writes over one line on a terminal', () => {
  onTerminal(true);
  count(3000);
  expect(written).not.toContain('\n');
  expect(written).toContain('\r100 of 2,000 images');
  expect(written).toContain('\r140 of 2,000 images, 20 images/s, 2 min left');
});

it.each([
  [120, 'epoch 2/3000 ██████████░░░░░░░░░░ loss 0.1235, 5 h 50 min left, 40 images/s'],
  [50, 'epoch 2/3000 50 % loss 0.1235, 5 h 50 min left'],
  [30, 'epoch 2/3000 loss 0.1235'],
  [20, 'epoch 2/3000'],
  [10, '2'],
  [1, ''],
])('leaves out whole parts on a terminal of %i columns, and cuts no number', (columns, line) => {
  onTerminal(true, columns);
  const training = showTraining();
  // Ten updates an epoch, one in 0.7 s of 28 images; 29,985 are left, 20,989.5 s or 349.8 minutes.
  for (const step of [14, 15])
    training.update(
      { epoch: 1, step, stepsPerEpoch: 10, loss: 0.12345, images: 28, at: (now += 700) } as never,
      3000,
    );
  expect(written.split('\r').at(-1)).toBe(`${line}\u001B[K`);
});

it.each([
  [30, '140 of 2,000 images'],
  [15, '140 of 2,000'],
  [10, '140'],
])('leaves out whole parts of a count on a terminal of %i columns', (columns, line) => {
  onTerminal(true, columns);
  const show = showCount();
  for (now = 1000; now <= 3000; now += 1000) show('images', 100 + 20 * (now / 1000 - 1), 2000);
  expect(written.split('\r').at(-1)).toBe(`${line}\u001B[K`);
});

it('says of each epoch what it took by itself, and what is left', () => {
  onTerminal(false, 80);
  const training = showTraining();
  const ended = (epoch: number, seconds: number) =>
    training.epoch({ epoch, seconds, step: 0, meanLoss: 0.5, validationError: 0.25 }, 9);
  const said = () => written.split('\n').at(-2)!.split('\u001B[K').at(-1);
  // The figures of a log are those of the whole run so far.
  ended(0, 10);
  expect(said()).toBe('epoch 1/9: mean loss 0.5000, validation error 25.00 %, 10 s, 2 min left');
  ended(1, 24);
  ended(2, 100);
  expect(said()).toMatch(/, 1 min 16 s, 4 min left$/); // six more of 33.3 s each
  training.end();
  // Resumed within an epoch: what it took before is not known.
  training.update({ epoch: 7, step: 75, stepsPerEpoch: 10, loss: 1, images: 1 } as never, 9);
  now += 4000;
  ended(7, 4104);
  expect(said()).toMatch(/, 4\.0 s, 4 s left$/);
  ended(8, 8104);
  expect(said()).toMatch(/, 1 h 6 min$/);
});
