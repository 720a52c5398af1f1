/** What is told while images are counted, on a terminal and off it. */
import { countPrinter } from '../scripts/progress';

let now = 0;
let written = '';
const terminal = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
const environment = { ...process.env };

function onTerminal(is: boolean): void {
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
  process.env = { ...environment };
});

/** 100 images after a second, then 20 a second. */
function count(until: number): void {
  const printer = countPrinter('images');
  for (now = 1000; now <= until; now += 1000) printer.count(100 + 20 * (now / 1000 - 1), 2000);
  printer.end();
}

it('says a line every ten seconds where there is no terminal, with the rate and the time that is left', () => {
  onTerminal(false);
  count(21_000);
  // After 10 s 280 of 2,000: 1,720 at 20 a second are 86 s; ten seconds later 1,520, which are 76 s.
  expect(written).toBe(
    '280 of 2,000 images, 20 images/s, 2 min left\n480 of 2,000 images, 20 images/s, 2 min left\n',
  );
});

it('writes over one line on a terminal', () => {
  onTerminal(true);
  count(3000);
  expect(written).not.toContain('\n');
  expect(written).toContain('\r100 of 2,000 images');
  expect(written).toContain('\r140 of 2,000 images, 20 images/s, 2 min left');
});
