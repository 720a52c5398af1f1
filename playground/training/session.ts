/** The training of the page: its worker, and its state, which stay when another part of the page is shown. */
import { useEffect, useState } from 'preact/hooks';
import type { Choices } from './choices';
import type { Order, Report, SavedAs, SavedFiles } from './messages';
import { afterReport, beginning, withRate, type TrainingState } from './state';

let worker: Worker | null = null;
let state: TrainingState | null = null;
let files: readonly File[] | null = null;
const listeners = new Set<(state: TrainingState) => void>();
let saving: ((files: SavedFiles) => void) | null = null;

function become(next: TrainingState): void {
  state = next;
  listeners.forEach((tell) => tell(next));
}

/** The training, told anew after each change; null before the first was begun. */
export function useTraining(): TrainingState | null {
  const [shown, show] = useState(state);
  useEffect(() => {
    listeners.add(show);
    show(state);
    return () => void listeners.delete(show);
  }, []);
  return shown;
}

/** The files that are trained on; null for drawn digits. */
export function givenFiles(): readonly File[] | null {
  return files;
}

/** The training as it is now. */
export function training(): TrainingState | null {
  return state;
}

/**
 * Begins a training, in place of the one before.
 * @param given MNIST's files; null for drawn digits
 */
export function begin(choices: Choices, given: readonly File[] | null = files): void {
  worker?.terminate();
  files = given;
  saving = null;
  become(beginning(choices));
  // The page's start keeps the address of its own program, which is the worker's too.
  const { programAddress } = globalThis as { readonly programAddress?: string };
  const fail = (message: string) => become(afterReport(state!, { kind: 'failed', message }));
  let own: Worker;
  try {
    own = worker = new Worker(programAddress!);
  } catch (error) {
    worker = null;
    return fail((error as Error).message);
  }
  own.addEventListener('message', ({ data: report }: MessageEvent<Report>) => {
    if (own !== worker) return;
    if (report.kind === 'saved') saving?.(report.files);
    else become(afterReport(state!, report));
  });
  own.addEventListener('error', (event) => {
    event.preventDefault();
    if (own === worker) fail(event.message || 'the browser does not start the worker');
  });
  order({ kind: 'open', choices, files: given });
}

export function order(what: Order): void {
  worker?.postMessage(what);
}

/** Changes the rate of the updates that follow. */
export function changeRate(rate: number): void {
  if (!state || rate === state.choices.rate) return;
  order({ kind: 'rate', rate });
  become(withRate(state, rate));
}

/** The network as it is now. */
export function savedNetwork(as: SavedAs): Promise<SavedFiles> {
  return new Promise((resolve) => {
    saving = resolve;
    order({ kind: 'save', as });
  });
}
