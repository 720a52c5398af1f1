/** The lineage in the playground: all networks with counts and drawings, and published beside measured errors. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { Network } from '../../../core/network';
import { describeModel, type Description } from '../../../describe/describe-model';
import { shapesOf } from '../../../describe/describe-network';
import { drawNetwork } from '../../../describe/draw/draw';
import { compared, type ComparedRow } from '../../../report/compare';
import { reportedIn } from '../../compare/reports-on-file';
import type { Zoo } from '../../context';
import type { LineageData, LineageEntry, MeasuredError } from './page-data';

/**
 * The networks of a zoo, the oldest first. Measured errors are those of the weights in `trained/` and, in a checkout,
 * of the runs in `results/`, which the package does not bring.
 * @param home the folder that has them
 * @param onDamaged called with one line for each report that cannot be read; the report is left out
 */
export function lineageOf(zoo: Zoo, home: string, onDamaged: (line: string) => void): LineageData {
  const rows = (place: string) =>
    compared(zoo, reportedIn(zoo, foldersIn(join(home, place)), false, onDamaged));
  const [shipped, runs] = [rows('trained'), rows('results')];
  const measured = [
    ...shipped.map((row) => measuredError(row, home, 'shipped')),
    ...runs.map((row) => measuredError(row, home, 'run')),
  ];
  const networks = Object.entries(zoo).map(([name, network]) =>
    entryOf(
      name,
      network,
      measured.filter(([owner]) => owner === name).map(([, error]) => error),
    ),
  );
  return { hasRuns: runs.length > 0, networks };
}

/** The lineage as the page has it: JSON, gzipped, in base64. */
export async function packedLineage(lineage: LineageData): Promise<string> {
  return (await promisify(gzip)(JSON.stringify(lineage), { level: 9 })).toString('base64');
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}

function entryOf(name: string, network: Network, measured: readonly MeasuredError[]): LineageEntry {
  const { paper, recipe } = network;
  const model = shapesOf(name, network);
  const drawing = drawNetwork(name, model);
  const description = describeModel(model);
  const input = model.inputs[0]!.shape.slice(1) as [number, number, number];
  const classes = model.outputs[0]!.shape.at(-1)!;
  model.dispose();
  const { parameters, auxiliaryParameters, multiplyAdds, connections } = description;
  return {
    ...{ network: name, title: paper.title, authors: paper.authors, venue: paper.venue, year: paper.year },
    ...{ lineage: paper.lineage, dataset: recipe.dataset, input },
    ...{ classes, depth: depthOf(description), parameters, auxiliaryParameters },
    paperParameters: {
      exact: paper.parameters.exact,
      quoted: paper.parameters.quoted ?? null,
      where: paper.parameters.where ?? null,
    },
    ...{ multiplyAdds, connections },
    paperConnections: paper.connections
      ? { exact: paper.connections.exact, where: paper.connections.where }
      : null,
    ...{ drawing, published: paper.results, measured: [...measured].sort(orderOf) },
  };
}

/** The largest number of layers with kernels that follow each other, from the image to the scores. */
export function depthOf({ layers }: Pick<Description, 'layers'>): number {
  const depths = new Map<string, number>();
  for (const { name, inputs, parameters, multiplyAdds, auxiliary } of layers) {
    if (auxiliary) continue;
    const below = Math.max(0, ...inputs.map((input) => depths.get(input) ?? 0));
    const counts = parameters > 0 && multiplyAdds > 0;
    depths.set(name, below + (counts ? 1 : 0));
  }
  return Math.max(...depths.values());
}

function measuredError(
  row: ComparedRow,
  home: string,
  of: MeasuredError['of'],
): readonly [network: string, error: MeasuredError] {
  const { network, dataset, images, protocol, metric, error, interval95, remarks, run, command, commit } =
    row;
  const sameData = row.paper !== null;
  const place = of === 'shipped' ? basename(run) : relative(home, run);
  return [
    network,
    {
      ...{
        of,
        place,
        dataset,
        images,
        protocol,
        metric,
        error,
        interval95,
        sameData,
        remarks,
        command,
        commit,
      },
    },
  ];
}

/**
 * First the weights that the page may have, then what can be held against the paper's errors as it is, what differs in
 * something, and other images.
 */
function orderOf(one: MeasuredError, other: MeasuredError): number {
  const rank = ({ of, sameData, remarks }: MeasuredError) => {
    if (of === 'shipped') return -1;
    return sameData ? Math.sign(remarks.length) : 2;
  };
  return rank(one) - rank(other) || one.error - other.error;
}
