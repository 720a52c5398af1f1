/** Shows on standard error how far a training, or the processing of a number of items, has come. */
import type { EpochSummary } from '../../../src/train/run/log';
import type { Solved } from '../../../src/finetune/solve/solve-path';
import type { Update } from '../../../src/train/train';
import { bar, statusLine, statusMilliseconds, timeLeft, timeText } from './status-line';

/** Shows a training: a bar on a terminal, otherwise one line for each epoch or each weight decay. */
export function showTraining(): {
  update(update: Update, epochs: number): void;
  epoch(summary: EpochSummary, epochs: number): void;
  solved(solved: Solved): void;
  /** Removes the bar; what follows is another training. */
  end(): void;
} {
  const line = statusLine();
  let begun: { readonly at: number; readonly step: number } | undefined;
  let window = { since: Date.now(), images: 0 };
  /** The training time at the end of the last epoch, over all sessions; undefined before one has ended in this. */
  let last: number | undefined;
  let spent = { epochs: 0, seconds: 0 };
  return {
    update: ({ epoch, step, stepsPerEpoch, loss, images }, epochs) => {
      const now = Date.now();
      // How long the first update took is not known.
      if (begun) window.images += images;
      else window = { since: now, images: 0 };
      begun ??= { at: now, step };
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
    epoch: ({ epoch, meanLoss, validationError, errors = {}, seconds }, epochs) => {
      const measured = { ...(validationError !== null && { validation: validationError }), ...errors };
      const said = Object.entries(measured).map(
        ([name, error]) => `, ${name} error ${(100 * error).toFixed(2)} %`,
      );
      // Of an epoch in which a run is resumed, what it took before is not known.
      const before = last ?? (epoch === 0 ? 0 : undefined);
      const took = before === undefined ? (Date.now() - (begun?.at ?? Date.now())) / 1000 : seconds - before;
      last = seconds;
      spent = { epochs: spent.epochs + 1, seconds: spent.seconds + took };
      const left = timeLeft((spent.seconds / spent.epochs) * (epochs - epoch - 1));
      const times = [timeText(took), ...(epoch + 1 < epochs ? [left] : [])];
      line.say(
        `epoch ${epoch + 1}/${epochs}: mean loss ${meanLoss.toFixed(4)}${said.join('')}, ${times.join(', ')}`,
      );
    },
    solved: ({ summary, at, of, settled }) => {
      const { weightDecay, validationError, validationLoss, meanLoss, seconds } = summary;
      line.say(
        `weight decay ${weightDecay} (${at + 1}/${of}): mean loss ${meanLoss.toFixed(4)}, ` +
          `validation loss ${validationLoss!.toFixed(4)} and error ${(100 * validationError).toFixed(2)} %, ${seconds.toFixed(0)} s` +
          (settled ? '' : '; it could still improve, but has taken all its passes'),
      );
    },
    end: () => {
      [begun, last] = [undefined, undefined];
      spent = { epochs: 0, seconds: 0 };
      line.clear();
    },
  };
}

/** Milliseconds between two permanent lines, used where no line can be overwritten. */
const sayEvery = 10_000;

/**
 * Shows how many items are done, how fast, and the time left. On a terminal this overwrites one line, elsewhere it
 * prints a line every ten seconds.
 */
export function showCount(): (what: string, done: number, all: number) => void {
  const line = statusLine();
  let begun: { readonly at: number; readonly done: number } | undefined;
  let shown = 0;
  let said = Date.now();
  return (what, done, all) => {
    const now = Date.now();
    if (!begun) said = now;
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
    if (done >= all) {
      line.clear();
      begun = undefined;
    }
    [shown, said] = [now, now];
  };
}
