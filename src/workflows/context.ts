/** What every workflow is given beside its own options: the networks, the backend, where data lies, whom to tell. */
import { webFetch } from '../core/io/download/web-fetch';
import { UserError } from '../core/errors';
import type { OptionNames } from '../core/given/options';
import type { Network } from '../core/network';
import { didYouMean } from '../core/text/did-you-mean';
import { dataRoot, type OpenOptions } from '../data/open';
import type { Solved } from '../finetune/solve/solve-path';
import {
  backendForCounting,
  backendInUse,
  backendNames,
  useBackend,
  type BackendName,
  type Runtime,
} from '../runtime/backend';
import { environment } from '../runtime/machine';
import type { EpochSummary } from '../train/run/log';
import type { Update } from '../train/train';

/** Networks by name. */
export type Zoo = Readonly<Record<string, Network>>;

/** What every workflow takes beside its own options. */
export interface WorkflowOptions {
  /** What computes. Default: what `useBackend` selected before, else the best there is. */
  readonly backend?: BackendName | undefined;
  /** The folder of the published data sets. Default: `LINEAGE_DATA`, else the user's own. */
  readonly root?: string | undefined;
  /** Told of everything that happens before the result. */
  readonly onProgress?: ((event: WorkflowEvent) => void) | undefined;
  /** Aborting it saves what is done, and ends the work. */
  readonly signal?: AbortSignal | undefined;
  /** What records and reports keep of the origin. Default: the call itself, and no commit. */
  readonly provenance?: Provenance | undefined;
}

/** The names of what every workflow takes. */
export const workflowOptions = {
  backend: backendNames,
  root: 'optional',
  onProgress: 'optional',
  signal: 'optional',
  provenance: 'optional',
} as const satisfies OptionNames<WorkflowOptions>;

/** Where a result comes from. */
export interface Provenance {
  /** The command or the call. */
  readonly command: string;
  /** The commit of the program; null if it is not known. */
  readonly commit: string | null;
}

/** Something that happens in a workflow before its result. */
export type WorkflowEvent =
  /** A remark of one line that the user should read. */
  | { readonly kind: 'remark'; readonly line: string }
  /** A run has its folder and is about to train. */
  | { readonly kind: 'begun'; readonly folder: string }
  | { readonly kind: 'update'; readonly update: Update; readonly epochs: number }
  | { readonly kind: 'epoch'; readonly summary: EpochSummary; readonly epochs: number }
  /** The training has ended or was interrupted: no further updates follow. */
  | { readonly kind: 'trained' }
  /** So many of all items, such as `images`, are done. */
  | { readonly kind: 'count'; readonly what: string; readonly done: number; readonly all: number }
  /** A linear head was solved with one weight decay. */
  | { readonly kind: 'solved'; readonly solved: Solved };

/** What the functions of a workflow share. */
export interface Context {
  readonly zoo: Zoo;
  readonly runtime: Runtime;
  readonly root: string;
  readonly signal: AbortSignal | undefined;
  readonly provenance: Provenance;
  readonly tell: (event: WorkflowEvent) => void;
  readonly remark: (line: string) => void;
  /** A remark that is made only once: with several networks, each opens the data anew and would repeat it. */
  readonly remarkOnce: (line: string) => void;
}

/**
 * Chooses the backend and gathers what the functions of a workflow share.
 * @param call the function and its options, which records keep as the command if no provenance is given
 * @param computes false for what only counts networks, for which any backend will do
 * @throws UserError if the backend is not available
 */
export async function openContext(
  zoo: Zoo,
  call: readonly [verb: string, ...given: readonly unknown[]],
  { backend, root, onProgress, signal, provenance }: WorkflowOptions,
  { computes = true }: { readonly computes?: boolean } = {},
): Promise<Context> {
  const tell = (event: WorkflowEvent) => onProgress?.(event);
  const remark = (line: string) => tell({ kind: 'remark', line });
  const made = new Set<string>();
  const own = computes ? backendInUse : backendForCounting;
  const runtime = await (backend === undefined ? own() : useBackend(backend));
  const [passedOver] = runtime.passedOver;
  if (passedOver)
    remark(
      `backend ${runtime.backend}, for ${passedOver.backend} is not there: ${passedOver.why}. ${passedOver.fix}`,
    );
  if (runtime.remark) remark(runtime.remark);
  return {
    zoo,
    runtime,
    root: dataRoot(environment(), root),
    signal,
    provenance: provenance ?? { command: callText(call), commit: null },
    tell,
    remark,
    remarkOnce: (line) => {
      if (made.has(line)) return;
      made.add(line);
      remark(line);
    },
  };
}

/** A call as records keep it: its data, without functions and signals. */
function callText([verb, ...given]: readonly [string, ...(readonly unknown[])]): string {
  const plain = given.map((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
    const { onProgress: _, signal: __, provenance: ___, ...data } = value as WorkflowOptions;
    return JSON.stringify(data);
  });
  return `${verb}(${plain.join(', ')})`;
}

/**
 * The network that a name or a file names.
 * @param where what names it, for messages
 * @throws UserError if the zoo has no network of that name
 */
export function networkOf(zoo: Zoo, name: string, where: string): Network {
  if (Object.hasOwn(zoo, name)) return zoo[name]!;
  const near = didYouMean(String(name), Object.keys(zoo));
  throw new UserError(`${where}: expected a network of the zoo, found ${name}${near}`);
}

/** The seed for drawing and splitting data. It is not the run's seed, so that the data is the same for every run. */
const dataSeed = 1;

/** The options with which every workflow opens data. */
export function dataOptions({ root, remarkOnce }: Context): OpenOptions {
  return { root, seed: dataSeed, fetch: webFetch(environment()), onProgress: remarkOnce };
}
