/** What every workflow is given beside its own options: the networks, the backend, where data lies, whom to tell. */
import { hostname } from 'node:os';
import { webFetch } from '../core/io/download/web-fetch';
import { alone, gatherJson, type Communicator } from '../core/io/process/communicator';
import { expectSame, together, type Facts } from '../core/io/process/together';
import { counted } from '../core/text/counted';
import { option } from '../core/text/wording';
import { UserError } from '../core/errors';
import type { OptionNames } from '../core/given/options';
import type { Network } from '../core/network';
import { didYouMean } from '../core/text/did-you-mean';
import type { Crew } from '../data/cache/crew';
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
import { environment, machine, type Machine } from '../runtime/machine';
import { packageVersion } from './data/found-path';
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

/** What workflows take whose work several processes share. */
export interface RanksOption {
  /**
   * The ranks that do the work together, each with the same options: rank 0 writes all files, and all return what it
   * returns. Default: this process is alone.
   */
  readonly communicator?: Communicator | undefined;
}

/** The name of this. */
export const ranksOption = { communicator: 'optional' } as const satisfies OptionNames<RanksOption>;

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
  /** The ranks that do this together; remarks are made by rank 0 alone. */
  readonly ranks: Communicator;
  /** Ranks that wait to help rank 0 to pack images, while it begins a run. */
  readonly crew?: Crew | undefined;
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
 * @throws UserError if the backend is not available, or the ranks were not given the same
 */
export async function openContext(
  zoo: Zoo,
  call: readonly [verb: string, ...given: readonly unknown[]],
  given: WorkflowOptions & RanksOption,
  { computes = true }: { readonly computes?: boolean } = {},
): Promise<Context> {
  const { backend, root, onProgress, signal, provenance, communicator: ranks = alone } = given;
  const tell = (event: WorkflowEvent) => onProgress?.(event);
  const remark = (line: string) => void (ranks.rank === 0 && tell({ kind: 'remark', line }));
  const made = new Set<string>();
  const own = computes ? backendInUse : backendForCounting;
  const runtime = await together(ranks, () => (backend === undefined ? own() : useBackend(backend)));
  await expectSame(ranks, factsOf(call, runtime, provenance));
  if (ranks.size > 1) {
    const hosts = new Set(await gatherJson(ranks, hostname())).size;
    remark(`${ranks.size} ranks on ${counted(hosts, 'host')} share the work`);
  }
  const [passedOver] = runtime.passedOver;
  if (passedOver)
    remark(
      `backend ${runtime.backend}, for ${passedOver.backend} is not there: ${passedOver.why}. ${passedOver.fix}`,
    );
  if (runtime.remark) remark(runtime.remark);
  return {
    zoo,
    runtime,
    ranks,
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

/** What computes, as records and reports keep it. */
export function machineOf({ runtime, ranks }: Pick<Context, 'runtime' | 'ranks'>): Machine {
  return { ...machine(runtime), ...(ranks.size > 1 && { ranks: ranks.size }) };
}

/** A call as records keep it: its data, without functions and signals. */
function callText([verb, ...given]: readonly [string, ...(readonly unknown[])]): string {
  return `${verb}(${given.map((value) => JSON.stringify(dataOf(value))).join(', ')})`;
}

function dataOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { onProgress, signal, provenance, communicator, ...data } = value as WorkflowOptions & RanksOption;
  return data;
}

/** What has to be the same on all ranks before they do anything: where files lie and how they are read may differ. */
function factsOf(
  [verb, ...given]: readonly [string, ...(readonly unknown[])],
  { backend, tensorflow }: Runtime,
  provenance: Provenance | undefined,
): Facts {
  const [options = {}] = given.slice(-1) as readonly object[];
  const { workers, root, ...others } = dataOf(options) as Readonly<Record<string, unknown>>;
  const named = Object.entries(others).map(([name, value]) => [option(name), value] as const);
  return {
    call: [verb, ...given.slice(0, -1)],
    version: [packageVersion(), provenance?.commit ?? null],
    backend: [backend, tensorflow],
    ...Object.fromEntries(named),
  };
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
