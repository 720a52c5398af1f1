/** The worker that trains for the page: obeys its orders, and reports. */
import { UserError } from '../../browser';
import { Diverged } from '../../src/train/step/step';
import { startBackend } from '../model/opened';
import { divergenceWatch } from './learning/divergence';
import { openData, openRun, type Run } from './learning/run';
import type { Order, Report } from './messages';

/** Milliseconds between reports of updates, and between pictures of the kernels. */
const between = { updates: 60, layers: 200 } as const;

const report = (message: Report) => postMessage(message);

/** Starts to listen. */
export function serveTraining(): void {
  let last: Promise<unknown> = Promise.resolve();
  let trainer: Trainer | undefined;
  /** One thing after the other, so that nobody reads weights in the middle of an update. */
  const inTurn = (task: () => Promise<unknown>) => {
    last = last.then(task).catch((error: Error) => {
      report({
        kind: 'failed',
        message: error instanceof UserError ? error.message : `${error.name}: ${error.message}`,
      });
    });
  };
  addEventListener('message', ({ data: order }: MessageEvent<Order>) => {
    switch (order.kind) {
      case 'open':
        return inTurn(async () => {
          trainer = await opened(order, inTurn);
        });
      // These not in turn: the update that is being done when a pause is ordered is the last.
      case 'play':
        return trainer?.play(Infinity);
      case 'step':
        return trainer?.play(1);
      case 'pause':
        return trainer?.pause();
      case 'rate':
        return inTurn(async () => trainer?.run.changeRate(order.rate));
      case 'save':
        return inTurn(async () =>
          report({ kind: 'saved', as: order.as, files: await trainer!.run.save(order.as) }),
        );
      default:
        return order satisfies never;
    }
  });
}

interface Trainer {
  readonly run: Run;
  /** Does so many updates, or goes on with so many. */
  play(updates: number): void;
  pause(): void;
}

type InTurn = (task: () => Promise<unknown>) => void;

async function opened(
  { choices, files }: Extract<Order, { readonly kind: 'open' }>,
  inTurn: InTurn,
): Promise<Trainer> {
  const { backend } = await startBackend();
  const run = await openRun(choices, await openData(choices, files));
  report({ kind: 'opened', facts: { backend, ...run.facts }, layers: await run.maps() });
  report({ kind: 'tested', ...(await run.test()) });
  report({ kind: 'paused' });
  return trainerOf(run, inTurn);
}

/** Does the updates that are wanted, each in turn, and says what came of them. */
function trainerOf(run: Run, inTurn: InTurn): Trainer {
  const { untrainedLoss, testEvery } = run.facts;
  const watch = untrainedLoss === null ? () => undefined : divergenceWatch(untrainedLoss);
  const telling = updatesReporter(run);
  let wanted = 0;
  let [isGoing, isOver] = [false, false];
  const stop = async () => {
    isGoing = false;
    wanted = 0;
    telling.updates();
    // Of weights that are no numbers there is nothing to show.
    if (!isOver) await telling.layers();
    report({ kind: 'paused' });
    if (!isOver && telling.testedAt() !== run.done()) await telling.test();
  };
  const update = async (): Promise<void> => {
    if (wanted <= 0) return stop();
    wanted--;
    const started = performance.now();
    try {
      const { loss, rate, images } = await run.next();
      telling.add(loss, rate, images, performance.now() - started);
      const mean = watch(loss);
      if (mean !== undefined) {
        wanted = 0;
        telling.updates();
        report({ kind: 'diverged', at: run.done(), rate, loss: mean, message: null });
      }
    } catch (error) {
      if (!(error instanceof Diverged)) throw error;
      [isOver, wanted] = [true, 0];
      telling.updates();
      const { message } = error;
      report({ kind: 'diverged', at: run.done() + 1, rate: run.rate(), loss: NaN, message });
    }
    if (wanted > 0) {
      await telling.some();
      if (run.done() % testEvery === 0) await telling.test();
    }
    if (wanted > 0) inTurn(update);
    else await stop();
  };
  return {
    run,
    play: (updates) => {
      if (isOver) return;
      wanted = updates;
      if (isGoing) return;
      isGoing = true;
      if (updates > 1) report({ kind: 'playing' });
      inTurn(update);
    },
    pause: () => {
      wanted = 0;
    },
  };
}

/** Reports updates, kernels and errors, not more often than a page can draw them. */
function updatesReporter(run: Run) {
  let losses: number[] = [];
  let [rate, images, milliseconds] = [0, 0, 0];
  let [toldAt, drawnAt, tested] = [0, 0, 0];
  const tell = () => {
    if (losses.length === 0) return;
    const imagesPerSecond = (1000 * images) / milliseconds;
    report({ kind: 'updates', before: run.done() - losses.length, losses, rate, imagesPerSecond });
    [losses, images, milliseconds, toldAt] = [[], 0, 0, performance.now()];
  };
  const draw = async () => {
    report({ kind: 'layers', layers: await run.maps() });
    drawnAt = performance.now();
  };
  return {
    add: (loss: number, atRate: number, ofImages: number, took: number) => {
      losses.push(loss);
      rate = atRate;
      images += ofImages;
      milliseconds += took;
    },
    updates: tell,
    layers: draw,
    testedAt: () => tested,
    some: async () => {
      if (performance.now() - toldAt > between.updates) tell();
      if (performance.now() - drawnAt > between.layers) await draw();
    },
    test: async () => {
      tell();
      report({ kind: 'tested', ...(await run.test()) });
      tested = run.done();
    },
  };
}
