import type { EpochSummary } from '../src/train/log';
import type { Update } from '../src/train/train';
import { bar, statusLine, statusMilliseconds, timeLeft } from './status-line';

/** Prints a training's progress to standard error: a bar on a terminal, else a line an epoch. */
export function progressPrinter(epochs: number): {
  update(update: Update): void;
  epoch(summary: EpochSummary): void;
  /** Takes the bar away. */
  end(): void;
} {
  const line = statusLine();
  let begun: { readonly at: number; readonly step: number } | undefined;
  let window = { since: Date.now(), images: 0 };
  return {
    update: ({ epoch, step, stepsPerEpoch, loss, images }) => {
      const now = Date.now();
      begun ??= { at: now, step };
      window.images += images;
      const elapsed = now - window.since;
      if (elapsed < statusMilliseconds) return;
      const speed = `${Math.round((1000 * window.images) / elapsed)} images/s`;
      window = { since: now, images: 0 };
      const share = step / stepsPerEpoch - epoch;
      const seconds = (((now - begun.at) / (step - begun.step)) * (epochs * stepsPerEpoch - step)) / 1000;
      const parts = [`loss ${loss.toFixed(4)}`, timeLeft(seconds), speed].filter((part) => part !== '');
      const where = `epoch ${epoch + 1}/${epochs}`;
      line.show(
        [where, bar(share, 20), parts.join(', ')].join(' '),
        [where, bar(share, 8), parts.slice(0, 2).join(', ')].join(' '),
        [where, `${Math.round(100 * share)} %`, parts.slice(0, 2).join(', ')].join(' '),
        [where, parts[0]].join(' '),
      );
    },
    epoch: ({ epoch, meanLoss, validationError, errors = {}, seconds }) => {
      const measured = { ...(validationError !== null && { validation: validationError }), ...errors };
      const said = Object.entries(measured).map(
        ([name, error]) => `, ${name} error ${(100 * error).toFixed(2)} %`,
      );
      line.say(
        `epoch ${epoch + 1}/${epochs}: mean loss ${meanLoss.toFixed(4)}${said.join('')}, ${seconds.toFixed(0)} s`,
      );
    },
    end: line.clear,
  };
}

/** Prints how many of something are done, to standard error, where that is a terminal. */
export function countPrinter(what: string): { count(done: number, all: number): void; end(): void } {
  const line = statusLine();
  const began = Date.now();
  let told = 0;
  return {
    count: (done, all) => {
      const now = Date.now();
      if (now - told < statusMilliseconds && done < all) return;
      told = now;
      const text = `${done} of ${all} ${what}`;
      const left = timeLeft((((now - began) / done) * (all - done)) / 1000);
      line.show(done < all && left !== '' ? `${text}, ${left}` : text, text);
    },
    end: line.clear,
  };
}
