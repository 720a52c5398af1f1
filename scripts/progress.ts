import type { EpochSummary } from '../src/train/log';
import type { Update } from '../src/train/train';
import { note } from './cli';

/** Prints a training's progress to standard error: a bar on a terminal, else a line an epoch. */
export function progressPrinter(epochs: number): {
  update(update: Update): void;
  epoch(summary: EpochSummary): void;
} {
  const terminal = process.stderr.isTTY;
  let window = { since: Date.now(), images: 0 };
  let speed = 0;
  return {
    update: ({ epoch, step, stepsPerEpoch, loss, images }) => {
      window.images += images;
      const elapsed = Date.now() - window.since;
      if (!terminal || elapsed < 250) return;
      speed = (1000 * window.images) / elapsed;
      window = { since: Date.now(), images: 0 };
      const share = (step - epoch * stepsPerEpoch) / stepsPerEpoch;
      const bar = '█'.repeat(Math.round(20 * share)).padEnd(20, '░');
      const text = `epoch ${epoch + 1}/${epochs} ${bar} loss ${loss.toFixed(4)} ${Math.round(speed)} images/s`;
      process.stderr.write(`\r${text.padEnd(76)}`);
    },
    epoch: ({ epoch, meanLoss, validationError, errors = {}, seconds }) => {
      const measured = { ...(validationError !== null && { validation: validationError }), ...errors };
      const said = Object.entries(measured).map(
        ([name, error]) => `, ${name} error ${(100 * error).toFixed(2)} %`,
      );
      const line = `epoch ${epoch + 1}/${epochs}: mean loss ${meanLoss.toFixed(4)}${said.join('')}, ${seconds.toFixed(0)} s`;
      note(terminal ? `\r${line.padEnd(76)}` : line);
    },
  };
}

/** Prints how many of something are done, to standard error, where that is a terminal. */
export function countPrinter(what: string): { count(done: number, all: number): void; end(): void } {
  const terminal = process.stderr.isTTY;
  return {
    count: (done, all) => {
      if (terminal) process.stderr.write(`\r${done} of ${all} ${what}`.padEnd(40));
    },
    end: () => {
      if (terminal) process.stderr.write('\n');
    },
  };
}
