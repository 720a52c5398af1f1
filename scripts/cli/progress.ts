/** Shows on standard error how far a training, or the processing of a number of items, has come. */
import type { EpochSummary } from '../../src/train/run/log';
import type { Solved } from '../../src/finetune/solve/solve-path';
import type { Update } from '../../src/train/train';
import { bar, statusLine, statusMilliseconds, timeLeft } from './status-line';

/** Prints a training's progress to standard error: a bar on a terminal, otherwise one line per epoch. */
export function progressPrinter(epochs: number): {
  update(update: Update): void;
  epoch(summary: EpochSummary): void;
  /** Removes the bar. */
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
        where,
        String(epoch + 1),
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

/** Prints to standard error the result of one weight decay while a head is solved. */
export function saySolved({ summary, at, of, settled }: Solved): void {
  const { weightDecay, validationError, validationLoss, meanLoss, seconds } = summary;
  statusLine().say(
    `weight decay ${weightDecay} (${at + 1}/${of}): mean loss ${meanLoss.toFixed(4)}, ` +
      `validation loss ${validationLoss!.toFixed(4)} and error ${(100 * validationError!).toFixed(2)} %, ${seconds.toFixed(0)} s` +
      (settled ? '' : '; it could still improve, but has taken all its passes'),
  );
}

/** Milliseconds between two permanent lines, used where no line can be overwritten. */
const sayEvery = 10_000;

/**
 * Prints to standard error how many items are done, how fast, and the time left. On a terminal this overwrites one
 * line, elsewhere it prints a line every ten seconds.
 */
export function countPrinter(what: string): { count(done: number, all: number): void; end(): void } {
  const line = statusLine();
  let begun: { readonly at: number; readonly done: number } | undefined;
  let shown = 0;
  let said = Date.now();
  return {
    count: (done, all) => {
      const now = Date.now();
      begun ??= { at: now, done };
      const due = line.shows ? now - shown >= statusMilliseconds || done >= all : now - said >= sayEvery;
      if (!due) return;
      const text = `${done.toLocaleString('en')} of ${all.toLocaleString('en')} ${what}`;
      const perSecond = (1000 * (done - begun.done)) / (now - begun.at);
      const parts = [text];
      if (perSecond > 0 && Number.isFinite(perSecond)) {
        parts.push(`${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} ${what}/s`);
        if (done < all) parts.push(timeLeft((all - done) / perSecond));
      }
      if (line.shows)
        line.show(
          parts.join(', '),
          parts.slice(0, 2).join(', '),
          text,
          text.replace(` ${what}`, ''),
          text.split(' ')[0]!,
        );
      else line.say(parts.join(', '));
      [shown, said] = [now, now];
    },
    end: line.clear,
  };
}
