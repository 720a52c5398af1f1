/** The generated pages of `docs/networks/`: one for each network, with its drawing, and an index. */
import { experiments } from '../../experiments/registry';
import type { Network, Recipe, WeightSource } from '../../src/core/network';
import { count } from '../../src/core/text/columns';
import { markdownTable } from '../../src/core/text/markdown-table';
import { publishedDataset } from '../../src/data/datasets/catalogue';
import { dataNames } from '../../src/data/datasets/catalogue';
import { describeNetwork, shapesOf, type NetworkDescription } from '../../src/describe/describe-network';
import { drawNetwork } from '../../src/describe/draw/draw';
import { layerCells } from '../../src/describe/layers/layer-table';
import { percent } from '../../src/evaluate/evaluation-text';

/** The files of `docs/networks/` by their names, for all networks of a zoo. */
export function networkPages(zoo: Readonly<Record<string, Network>>): ReadonlyMap<string, string> {
  const files = new Map<string, string>([['README.md', indexPage(zoo)]]);
  for (const [name, network] of Object.entries(zoo)) {
    const model = shapesOf(name, network);
    files.set(`${name}.svg`, drawNetwork(name, model));
    model.dispose();
    files.set(`${name}.md`, networkPage(name, zoo));
  }
  return files;
}

function indexPage(zoo: Readonly<Record<string, Network>>): string {
  const rows = Object.entries(zoo).map(([name, { paper }]) => [
    linkTo(name),
    paper.year,
    count(paper.parameters.exact),
    cell(paper.title),
    cell(lineageText(paper.lineage)),
  ]);
  return page([
    '# The networks, a page each',
    generatedNote,
    markdownTable(['network', 'year', 'parameters', 'source', 'where it comes from'], rows),
  ]);
}

/** The other names that are accepted, and what else is called so. */
function calledParts({ called }: Network): readonly string[] {
  const { aliases = [], elsewhere } = called ?? {};
  const names = aliases.map((alias) => `\`${alias}\``).join(', ');
  return [
    ...(aliases.length > 0 ? [`Also called ${names}, in commands and in code.`] : []),
    ...(elsewhere === undefined ? [] : [`${elsewhere.charAt(0).toUpperCase()}${elsewhere.slice(1)}.`]),
  ];
}

function networkPage(name: string, zoo: Readonly<Record<string, Network>>): string {
  const network = zoo[name]!;
  const { paper, recipe, weights = [] } = network;
  const description = describeNetwork(name, network);
  return page([
    `# ${name}`,
    `${paper.authors}. *${paper.title}*. ${paper.venue}, ${paper.year}.`,
    cell(lineageText(paper.lineage)),
    ...calledParts(network),
    `![${name}: its layers are in the table below](${name}.svg)`,
    '## Layers',
    totalsTable(description),
    layersTable(description),
    'Field: the side of the square of input pixels that a unit sees / the distance between the squares of two neighbouring units, padding included.',
    '## Recipe',
    'As its authors trained it, but for the departures below. The last column says what the source leaves open, and why this was chosen.',
    recipeTable(recipe),
    '## Departures',
    departuresPart(description),
    '## Published results',
    resultsPart(description),
    '## Weights of other toolkits',
    weightsPart(name, weights),
    '## Train it',
    ...trainPart(name, recipe),
    '[All networks](README.md)',
  ]);
}

const generatedNote =
  'Made by `npm run readme` from [the registry](../../models/registry.ts): the counts are those of the built models.';

function page(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

function linkTo(name: string): string {
  return `[\`${name}\`](${name}.md)`;
}

/** Text for a cell of a table or a line of a page: what Markdown would read as a mark is escaped. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*').replaceAll('\n', ' ');
}

function lineageText(lineage: Network['paper']['lineage']): string {
  switch (lineage.kind) {
    case 'first':
      return lineage.adds;
    case 'after':
      return `After [${lineage.network}](${lineage.network}.md). ${lineage.adds}`;
    case 'variant':
      return `A variant of [${lineage.network}](${lineage.network}.md).`;
    default:
      return lineage satisfies never;
  }
}

function totalsTable({ compared, paper, ...network }: NetworkDescription): string {
  const { quoted, where } = paper.parameters;
  const sources: Readonly<Record<string, string>> = {
    parameters: [...(quoted ? [`printed as “${quoted}”`] : []), ...(where ? [where] : [])].join(', '),
    connections: paper.connections?.where ?? '',
  };
  const beside = compared
    .filter(({ what }) => what in sources)
    .map(({ what, ours, paper: theirs }) => [what, count(ours), count(theirs), cell(sources[what]!)]);
  const own = (what: string, value: number) => (value > 0 ? [[what, count(value), '', '']] : []);
  return markdownTable(
    ['', 'here', 'the paper', 'where'],
    [
      ...beside,
      ...own('multiply-adds of one image', network.multiplyAdds),
      ...own('parameters of auxiliary heads', network.auxiliaryParameters),
      ...own('numbers that training does not change', network.fixedParameters),
      ['classes', count(network.classes), '', ''],
    ],
  );
}

function layersTable(description: NetworkDescription): string {
  const { main, heads, hidden } = layerCells(description, false);
  const { parameters, connections } = description.paper;
  const published = (counts: Readonly<Record<string, number>> | undefined, layer: string) => {
    const value = counts && Object.hasOwn(counts, layer) ? counts[layer] : undefined;
    return value === undefined ? '' : count(value);
  };
  const rowOf = ([layer, output, own, , multiplyAdds, links, field]: readonly string[]) => [
    cell(layer!),
    output!,
    own!,
    layer === 'total' ? count(parameters.exact) : published(parameters.layers, layer!),
    multiplyAdds!,
    ...(connections
      ? [links!, layer === 'total' ? count(connections.exact) : published(connections.layers, layer!)]
      : []),
    field ?? '',
  ];
  const head = [
    'layer',
    'output',
    'parameters',
    'the paper’s',
    'multiply-adds',
    ...(connections ? ['connections', 'the paper’s'] : []),
    'field',
  ];
  const apart = heads.length > 0 ? [['*auxiliary heads, which evaluation drops*'], ...heads] : [];
  const rows = [...main, ...apart.map((row) => [...row, ...Array<string>(7 - row.length).fill('')])];
  const left = `Layers with nothing to count are left out here: ${hidden}.`;
  const table = markdownTable(
    head,
    rows.map((row) => (row[0]!.startsWith('*') ? [row[0]!, ...head.slice(1).map(() => '')] : rowOf(row))),
  );
  return hidden > 0 ? `${table}\n\n${left}` : table;
}

function recipeTable(recipe: Recipe): string {
  const guesses: Readonly<Record<string, string | undefined>> = recipe.guesses;
  const { guesses: _, ...fields } = recipe;
  const rows = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => [`\`${field}\``, valueText(value), cell(guesses[field] ?? '')]);
  const absent = Object.keys(guesses).filter((field) => !(field in recipe));
  return markdownTable(
    ['field', 'value', 'guess'],
    [...rows, ...absent.map((field) => [`\`${field}\``, '-', cell(guesses[field]!)])],
  );
}

/** A value of a recipe as text: a choice begins with its kind. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return 'none';
    return value.map(valueText).join(value.some((one) => typeof one === 'object') ? '<br>' : ', ');
  }
  if (typeof value === 'object' && value !== null) {
    const { kind, ...fields } = value as Readonly<Record<string, unknown>>;
    const texts = Object.entries(fields).map(([name, one]) => `${name} ${innerText(one)}`);
    const text = texts.join(', ');
    if (typeof kind !== 'string') return text;
    return text ? `${kind}: ${text}` : kind;
  }
  return plainText(value);
}

function innerText(value: unknown): string {
  const isPlain = typeof value !== 'object' || value === null;
  return isPlain ? plainText(value) : `(${valueText(value).replaceAll('<br>', '; ')})`;
}

function plainText(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return cell(typeof value === 'string' ? value : JSON.stringify(value));
}

function departuresPart({ paper: { departures, discrepancies = [] } }: NetworkDescription): string {
  const table =
    departures.length > 0
      ? markdownTable(
          ['the source', 'here', 'why'],
          departures.map(({ paper, ours, why }) => [cell(paper), cell(ours), cell(why)]),
        )
      : 'None.';
  const texts = discrepancies.map((text) => `- ${cell(text)}`);
  return texts.length > 0
    ? `${table}\n\nWhere the literature contradicts itself:\n\n${texts.join('\n')}`
    : table;
}

function resultsPart({ paper: { results } }: NetworkDescription): string {
  if (results.length === 0) return 'None.';
  return markdownTable(
    ['error', 'of', 'images', 'protocol', 'where'],
    results.map(({ dataset, metric, error, protocol, where }) => [
      percent(error),
      metric,
      dataset,
      cell(protocol),
      cell(where),
    ]),
  );
}

function weightsPart(name: string, sources: readonly WeightSource[]): string {
  if (sources.length === 0)
    return `No other toolkit’s names are known for it. Files of this project are read: \`npm run import -- FILE --network ${name} --out DIR\`.`;
  const files = sources.flatMap(({ toolkit, files: published }) =>
    published.length === 0
      ? [[toolkit, 'none published', '', '', '']]
      : published.map(({ file, url, licence, results, unchecked }) => [
          toolkit,
          `[${cell(file)}](${url})`,
          results
            .map(({ metric, error, protocol }) => `${percent(error)} ${metric} (${cell(protocol)})`)
            .join('<br>') || '-',
          cell(licence),
          unchecked.length > 0 ? `${unchecked.join(', ')} unchecked` : 'checked',
        ]),
  );
  return [
    `\`npm run import -- FILE --network ${name} --out DIR\` reads files of these toolkits, and safetensors files by their names or this project’s ([import](../import.md)).`,
    markdownTable(['toolkit', 'well-known file', 'its error', 'licence', 'address and checksum'], files),
  ].join('\n\n');
}

function trainPart(name: string, recipe: Recipe): string[] {
  const { dataset, startFrom } = recipe;
  const isNamed = dataNames.includes(dataset);
  const folder = publishedDataset(dataset)?.folder;
  const lines = [
    `npm run train -- ${name} --data ${isNamed ? dataset : 'DIR'}`,
    ...Object.entries(experiments)
      .filter(([, { network }]) => network === name)
      .map(([experiment]) => `npm run reproduce -- ${experiment}`),
  ];
  const wanted = folder
    ? `For ${dataset}, \`DIR\` holds ${folder.replace(/,$/, '')}.`
    : `\`DIR\` holds the images of ${dataset}, by class.`;
  return [
    `\`\`\`\n${lines.join('\n')}\n\`\`\``,
    ...(isNamed ? [] : [`${wanted} Other folders of images by class are taken, too.`]),
    ...(startFrom
      ? [
          `\`--start-from RUN\` takes the layers that the recipe names from a trained run of [${startFrom.network}](${startFrom.network}.md); without it all layers start from random weights.`,
        ]
      : []),
  ];
}
