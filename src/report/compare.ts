/** Compares measured errors with those of the papers, and gives the reasons why two of them are not comparable. */
import { publishedDataset } from '../data/datasets/catalogue';
import type { Network, PublishedResult, Where } from '../core/network';
import { count } from '../core/text/columns';
import { weightsText } from '../weights/not-loaded';
import { describeNetwork } from '../describe/describe-network';
import { deviceOf, type Device } from '../core/text/device';
import type { Evaluation } from '../evaluate/evaluate';
import { wilson95 } from '../evaluate/metrics/interval';
import { sameProtocol } from '../evaluate/metrics/protocol';

/** A report on a run or a model, and the origin of its weights. */
export interface Reported {
  /** The report's file. */
  readonly file: string;
  readonly report: Partial<Evaluation> &
    Pick<
      Evaluation,
      'dataset' | 'images' | 'error' | 'interval95' | 'protocol' | 'top5Error' | 'synthetic'
    > & {
      readonly run: string;
      readonly network: string;
      readonly command: string;
      readonly commit: string | null;
      readonly machine: Device & { readonly backend: string };
      /** The number of epochs trained, if the weights were trained here. */
      readonly epochs?: number;
      /** How many of the images were used in the training. */
      readonly seenInTraining?: number;
      /** Runs for which it is unknown whether they learned from any of the images. */
      readonly trainingUnknown?: readonly string[];
      /** Weights that affect the answers but were neither loaded nor trained. */
      readonly notLoaded?: readonly string[];
      readonly trainingSeconds?: number;
      readonly totalSeconds?: number;
    } & HowTrained;
  /** The experiment whose mean the report gives, if it is the summary of one. */
  readonly experiment?: {
    readonly name: string;
    /** The published error that it repeats. */
    readonly published?: number;
    /** The standard deviation between its runs, with n − 1; null for a single run. */
    readonly deviation: number | null;
    readonly seeds: readonly SeedResult[];
  };
  readonly weights: 'trained' | { readonly kind: 'imported' | 'fineTuned'; readonly from: string };
}

/** How a run was trained, as far as the records beside its report say. */
export interface HowTrained {
  /** Fields of the recipe that differ from the network's own recipe. */
  readonly changed?: readonly string[];
  readonly seed?: number;
  /** Whether the training distorted its images; crops do not count. */
  readonly distorted?: boolean;
  /**
   * Equal for runs that differ at most in their seed and in what computed them (step, precision, backend, machine): a
   * digest of recipe, data, held-out images, starting point and frozen layers.
   */
  readonly trainedAlike?: string;
}

/** The error of one of several runs that differ in their seeds. */
export interface SeedResult {
  readonly seed: number;
  readonly error: number;
  /** The run's folder. */
  readonly run: string;
}

/** One row of the comparison: a paper's result and ours. Errors are fractions. */
export interface ComparedRow {
  readonly network: string;
  readonly year: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly dataset: string;
  readonly images: number;
  readonly protocol: string;
  readonly metric: PublishedResult['metric'];
  readonly error: number;
  /** Wilson's confidence interval of the error. */
  readonly interval95: readonly [number, number];
  readonly paper: { readonly error: number; readonly protocol: string; readonly where: Where } | null;
  /** The reasons why the two errors are not comparable, in words; empty if they are. */
  readonly remarks: readonly string[];
  readonly run: string;
  /** The experiment whose mean this is; null for a single run. */
  readonly experiment: string | null;
  /** The seed of a single run; null for an experiment, and where no seed is known. */
  readonly seed: number | null;
  /** The runs of an experiment, in the order of their seeds; empty for a single run. */
  readonly seeds: readonly SeedResult[];
  /** The standard deviation between an experiment's runs, with n − 1; null for a single one. */
  readonly deviation: number | null;
  /** See `HowTrained`; null for an experiment, and for weights that were not trained here. */
  readonly trainedAlike: string | null;
  /** The file that these values come from. */
  readonly report: string;
  readonly command: string;
  readonly commit: string | null;
  readonly device: string;
  /** The duration of training if the weights were trained here; otherwise that of the evaluation. */
  readonly seconds: number | null;
}

/** The results of saved runs and models, each beside its paper's result, ordered by year. */
export function compared(
  zoo: Readonly<Record<string, Network>>,
  reported: readonly Reported[],
): readonly ComparedRow[] {
  // A network is built once, however many reports there are on it.
  const counted = new Map<string, Counts>();
  const rows = reported.flatMap((one) => {
    const name = one.report.network;
    const network = zoo[name];
    if (!network) return [];
    const counts = counted.get(name) ?? describeNetwork(name, network);
    counted.set(name, counts);
    return [rowOf(name, network, counts, one)];
  });
  return rows.sort((one, other) => one.year - other.year || one.network.localeCompare(other.network));
}

type Counts = Pick<ComparedRow, 'parameters' | 'multiplyAdds'>;

function rowOf(
  name: string,
  network: Network,
  { parameters, multiplyAdds }: Counts,
  { file, report, weights, experiment }: Reported,
): ComparedRow {
  const { paper } = network;
  const dataset = publishedName(network, report);
  const published = publishedFor(network, dataset, report, experiment?.published);
  const top5 = published?.metric === 'top-5 error' ? report.top5Error : null;
  const seconds = report.totalSeconds ?? report.trainingSeconds ?? report.seconds ?? null;
  return {
    network: name,
    year: paper.year,
    parameters,
    multiplyAdds,
    dataset: report.dataset,
    images: report.images,
    protocol: report.protocol,
    metric: top5 !== null ? 'top-5 error' : published?.metric === 'top-1 error' ? 'top-1 error' : 'error',
    error: top5 ?? report.error,
    interval95: top5 === null ? report.interval95 : wilson95(Math.round(top5 * report.images), report.images),
    paper: published && { error: published.error, protocol: published.protocol, where: published.where },
    remarks: remarksOn(network, report, weights, published),
    run: report.run,
    experiment: experiment?.name ?? null,
    seed: experiment ? null : (report.seed ?? null),
    seeds: experiment?.seeds ?? [],
    deviation: experiment?.deviation ?? null,
    trainedAlike: experiment ? null : (report.trainedAlike ?? null),
    report: file,
    command: report.command,
    commit: report.commit,
    device: `${deviceOf(report.machine)}, ${report.machine.backend}`,
    seconds,
  };
}

/**
 * The published data set that the images belong to: images of a thousand classes are ImageNet's, whatever their folder.
 */
function publishedName({ recipe }: Network, { dataset, perClass }: Reported['report']): string | null {
  const [first] = dataset.split(' ');
  if (first !== undefined && publishedDataset(first)?.testImages !== undefined) return first;
  return recipe.dataset === 'ilsvrc2012' && perClass?.length === 1000 ? 'ilsvrc2012' : null;
}

/**
 * The published result to hold a report against, of those on the same images: the one that its experiment repeats; else
 * the first with the same protocol that was trained alike, with distortions or without; else the first trained alike.
 * @param repeated the published error that the report's experiment repeats
 */
function publishedFor(
  { paper }: Network,
  dataset: string | null,
  report: Reported['report'],
  repeated: number | undefined,
): PublishedResult | null {
  const same = paper.results.filter((result) => result.dataset === dataset);
  const metric = same.some((result) => result.metric === 'top-5 error') ? 'top-5 error' : same[0]?.metric;
  const candidates = same.filter((result) => result.metric === metric);
  const alike = candidates.filter((result) => sameDistortion(result, report));
  return (
    candidates.find(({ error }) => error === repeated) ??
    alike.find((result) => sameProtocol(result, report)) ??
    candidates.find((result) => sameProtocol(result, report)) ??
    alike[0] ??
    candidates[0] ??
    null
  );
}

/** False only where both sources say whether the images of the training were distorted, and say otherwise. */
function sameDistortion({ distorted }: PublishedResult, report: Pick<HowTrained, 'distorted'>): boolean {
  return distorted === undefined || report.distorted === undefined || distorted === report.distorted;
}

function remarksOn(
  { recipe }: Network,
  report: Reported['report'],
  weights: Reported['weights'],
  published: PublishedResult | null,
): string[] {
  const { synthetic, dataset: found, images, epochs = recipe.epochs } = report;
  const remarks: string[] = [];
  if (synthetic) remarks.push('digits drawn by the program');
  else if (!published) remarks.push(`the paper reports no error on ${found}`);
  if (published && !sameProtocol(published, report)) remarks.push('by another protocol than the paper’s');
  if (published && !sameDistortion(published, report))
    remarks.push(
      report.distorted === true
        ? 'trained with distortions, the paper’s without'
        : 'trained without distortions, the paper’s with',
    );
  const all = published ? publishedDataset(published.dataset)?.testImages : undefined;
  if (all !== undefined && images !== all) {
    remarks.push(
      images < all
        ? `${count(images)} of ${count(all)} images`
        : `${count(images)} images, not ${count(all)}`,
    );
  }
  if (published && weights === 'trained' && epochs !== recipe.epochs)
    remarks.push(`after ${epochs} epoch${epochs === 1 ? '' : 's'}, not ${recipe.epochs}`);
  // Where the figure is that of distorted images, distortions are no departure.
  const asPublished = published?.distorted === true && report.distorted === true;
  const changed = (report.changed ?? []).filter(
    (field) => !(asPublished && (field === 'augment' || field === 'variants')),
  );
  if (published && changed.length > 0) remarks.push(`${changed.join(', ')} other than in its recipe`);
  const { seenInTraining = 0, trainingUnknown = [], notLoaded = [] } = report;
  if (notLoaded.length > 0) remarks.push(`${weightsText(notLoaded)} drawn at random, not loaded`);
  if (seenInTraining > 0) remarks.push(`${count(seenInTraining)} of the images served the training`);
  if (trainingUnknown.length > 0)
    remarks.push(`whether images served the training of ${trainingUnknown.join(', ')} cannot be told`);
  if (published && /\btrain$/.test(found)) remarks.push('images of the training set');
  if (weights !== 'trained')
    remarks.push(
      weights.kind === 'imported'
        ? `weights imported from ${weights.from}`
        : `fine-tuned from ${weights.from}`,
    );
  return remarks;
}
