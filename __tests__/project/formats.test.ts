import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { readSafetensors } from '../../src/weights/formats/safetensors/read-safetensors';
import { drawKind } from '../support/images/drawn-kinds';
import { command, temporaryFolder } from '../support/fixtures';
import { projectRoot } from '../support/places';

/** The tables of fields in docs/formats.md: in the order of the page, each with its fields and when they are there. */
const tables = readFileSync(join(projectRoot, 'docs/formats.md'), 'utf8')
  .split('| field | type, unit | when | meaning |\n')
  .slice(1)
  .map((text) => {
    const rows = text.slice(0, text.indexOf('\n\n')).split('\n').slice(1);
    return new Map(
      rows.map((row) => {
        const [field, , when] = row.slice(2).split(' | ') as [string, string, string];
        return [field.slice(1, -1), when] as const;
      }),
    );
  });
const names = [
  'run',
  'recipe',
  'machine',
  'images',
  'update',
  'epoch',
  'progress',
  'report',
  'answers',
  'model',
  'shard',
  'page',
  'safetensors',
  'features',
  'summary',
  'search',
] as const;
type Name = (typeof names)[number];
const documented = Object.fromEntries(names.map((name, at) => [name, tables[at]!])) as unknown as Readonly<
  Record<Name, ReadonlyMap<string, string>>
>;

/** The fields of an interface, or of a schema that `z.object` or `z.strictObject` makes, inner ones after a dot. */
function fieldsInCode(file: string, name: string): readonly string[] {
  const path = join(projectRoot, file);
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
  let found: readonly string[] | undefined;
  source.forEachChild((node) => {
    if (ts.isInterfaceDeclaration(node) && node.name.text === name)
      found = node.members.flatMap((member) =>
        member.name && ts.isIdentifier(member.name) ? [member.name.text] : [],
      );
    if (!ts.isVariableStatement(node)) return;
    for (const { name: own, initializer } of node.declarationList.declarations)
      if (initializer && own.getText() === name) found = fieldsOfSchema(initializer);
  });
  if (!found) throw new RangeError(`${file}: expected ${name}, found no such interface or schema`);
  return found;
}

function fieldsOfSchema(node: ts.Node): readonly string[] {
  if (ts.isObjectLiteralExpression(node))
    return node.properties.flatMap((property) => {
      const name = property.name!.getText();
      if (!ts.isPropertyAssignment(property)) return [name];
      const inner = describesList(property.initializer) ? [] : fieldsOfSchema(property.initializer);
      return [name, ...inner.map((each) => `${name}.${each}`)];
    });
  return [...new Set(node.getChildren().flatMap(fieldsOfSchema))];
}

/** A list of objects is a row of the table, whose text names their fields. */
function describesList(node: ts.Node): boolean {
  return node.getText().startsWith('z.array');
}

/** The outermost fields of a table, or those within one field. */
function level(table: ReadonlyMap<string, string>, within?: string): readonly string[] {
  const prefix = within === undefined ? '' : `${within}.`;
  return [...table.keys()]
    .filter((field) => field.startsWith(prefix))
    .map((field) => field.slice(prefix.length))
    .filter((field) => !field.includes('.'));
}

const sorted = (fields: Iterable<string>) => [...new Set(fields)].sort();

describe('docs/formats.md has the fields of the code, and no others', () => {
  it('has a table for each kind of file', () => {
    expect(tables).toHaveLength(names.length);
  });

  const record = 'src/train/run/run-record.ts';
  const inRun = (part: string, fields: readonly string[]) => fields.map((field) => `${part}.${field}`);
  const fromCode: Readonly<Partial<Record<Name, () => readonly string[]>>> = {
    run: () => [
      ...fieldsInCode(record, 'recordSchema').filter(
        (field) => !field.startsWith('parts.') && !field.startsWith('olderFingerprint.'),
      ),
      ...inRun('finetune', fieldsInCode(record, 'finetuneSchema')),
      ...inRun('start', fieldsInCode('src/train/run/start-from.ts', 'startSchema')),
    ],
    recipe: () => fieldsInCode('src/core/network.ts', 'Recipe'),
    machine: () => fieldsInCode('src/runtime/machine.ts', 'Machine'),
    images: () => [
      ...fieldsInCode('src/train/run/images-file.ts', 'headSchema'),
      ...fieldsInCode('src/train/run/images-file.ts', 'imageSchema'),
    ],
    update: () => fieldsInCode('src/train/run/log.ts', 'updateSchema'),
    epoch: () => fieldsInCode('src/train/run/log.ts', 'EpochSummary'),
    progress: () => fieldsInCode('src/train/run/checkpoint.ts', 'progressSchema'),
    answers: () =>
      ['headSchema', 'answerSchema', 'skippedSchema'].flatMap((schema) =>
        fieldsInCode('src/evaluate/answers-file.ts', schema),
      ),
    model: () =>
      fieldsInCode('src/weights/model-record.ts', 'recordSchema').filter(
        (field) => !field.startsWith('source.published.'),
      ),
    shard: () => fieldsInCode('src/data/cache/shard.ts', 'recordSchema'),
  };
  it.each(Object.entries(fromCode))('%s', (name, fields) => {
    expect(sorted(documented[name as Name].keys())).toEqual(sorted(fields()));
  });

  it('report: those of an evaluation', () => {
    const own = [
      ...fieldsInCode('src/evaluate/metrics/tally.ts', 'Tally'),
      ...fieldsInCode('src/evaluate/evaluate.ts', 'Evaluation'),
      ...fieldsInCode('src/report/report-file.ts', 'reportSchema'),
    ].filter((field) => !field.includes('.'));
    expect(own.filter((field) => !documented.report.has(field))).toEqual([]);
  });
});

/** What a value has and the table lacks, and what the table says is always there and the value lacks. */
function expectAsDocumented(value: object, table: ReadonlyMap<string, string>, within?: string): void {
  // The digest of a file and the checksum of a line are described once; a shard has a list of checksums.
  const found = Object.entries(value)
    .filter(([field, one]) => field !== 'digest' && !(field === 'crc32' && typeof one === 'string'))
    .map(([field]) => field);
  const wanted = level(table, within);
  const isAlways = (field: string) =>
    table.get(within === undefined ? field : `${within}.${field}`)!.startsWith('always');
  expect(found.filter((field) => !wanted.includes(field))).toEqual([]);
  expect(wanted.filter((field) => isAlways(field) && !found.includes(field))).toEqual([]);
}

const folder = temporaryFolder();
const [digits, photos, tuned] = ['digits', 'photos', 'tuned'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
const cache = join(folder, 'cache');
const page = join(folder, 'page');
const file = join(folder, 'weights.safetensors');

async function done(...words: string[]): Promise<void> {
  const { code, stderr } = await command(words);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

type Fields = Readonly<Record<string, unknown>>;

function json(...path: string[]): Fields {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as Fields;
}

function lines(...path: string[]): readonly Fields[] {
  const text = readFileSync(join(...path), 'utf8').trimEnd();
  return text.split('\n').map((line) => JSON.parse(line) as Fields);
}

describe('docs/formats.md has the fields of real files', () => {
  beforeAll(async () => {
    for (const kind of ['bright', 'dark'] as const) await drawKind(join(photos, kind), kind, 20);
    await done('train', 'lenet5-modern', '--data', 'digits', '--epochs', '1', '--validation', '500', '--out', digits); // prettier-ignore
    await done('finetune', 'lenet5-modern', '--weights', digits, '--data', photos, '--cache', cache, '--out', tuned); // prettier-ignore
    await done('export', tuned, '--format', 'tfjs', '--out', page);
    await done('export', tuned, '--format', 'safetensors', '--out', file);
  }, 240_000);

  it.each([digits, tuned])('run.json, with its recipe and machine, in %s', (run) => {
    const record = json(run, 'run.json');
    expectAsDocumented(record, documented.run);
    expectAsDocumented(record['recipe'] as object, documented.recipe);
    expectAsDocumented(record['machine'] as object, documented.machine);
    if (record['finetune']) expectAsDocumented(record['finetune'], documented.run, 'finetune');
  });

  it('images.jsonl', () => {
    const [head, ...images] = lines(tuned, 'images.jsonl');
    const fields = sorted(documented.images.keys());
    expect(Object.keys(head!)).toEqual(['folder', 'crc32']);
    expect(images).toHaveLength(40);
    for (const image of images) {
      const { crc32: _, ...own } = image;
      expect(Object.keys(own).filter((field) => !fields.includes(field))).toEqual([]);
      for (const field of ['part', 'class', 'file', 'sha256']) expect(own).toHaveProperty(field);
    }
    expect(existsSync(join(tuned, 'started-from', 'run.json'))).toBe(true);
  });

  it('log.jsonl', () => {
    const all = [...lines(digits, 'log.jsonl'), ...lines(tuned, 'log.jsonl')];
    expect(all.some((line) => 'loss' in line) && all.some((line) => 'weightDecay' in line)).toBe(true);
    for (const line of all) expectAsDocumented(line, 'loss' in line ? documented.update : documented.epoch);
  });

  it('last.safetensors and best.safetensors', async () => {
    for (const name of ['last.safetensors', 'best.safetensors']) {
      const { tensors, metadata } = await readSafetensors(readFileSync(join(digits, name)), name);
      expect(sorted(Object.keys(metadata))).toEqual(['progress', 'sha256']);
      const progress = JSON.parse(metadata['progress']!) as Fields;
      expectAsDocumented(progress, documented.progress);
      expectAsDocumented(progress['best'] as object, documented.progress, 'best');
      const kinds = sorted(tensors.map((tensor) => tensor.name.replace(/\/[^/]+\/[^/]+$/, '')));
      expect(kinds).toEqual(['memory/velocity', 'weights']);
    }
  });

  it.each([digits, tuned])('report.json in %s', (run) => {
    expectAsDocumented(json(run, 'report.json'), documented.report);
  });

  it('network.json', () => {
    const record = json(tuned, 'network.json');
    expectAsDocumented(record, documented.model);
    expectAsDocumented(record['source'] as object, documented.model, 'source');
  });

  it('the record of a shard', () => {
    const [packed] = readdirSync(cache).filter((name) => name !== 'CACHEDIR.TAG');
    expect(packed).toMatch(/^.+-\d+x\d+-[0-9a-f]{8}$/);
    const records = readdirSync(join(cache, packed!)).filter((name) => name.endsWith('.json'));
    expect(records.length).toBeGreaterThan(0);
    for (const name of records) expectAsDocumented(json(cache, packed!, name), documented.shard);
  });

  it('the page and the safetensors file of an export', async () => {
    const model = json(page, 'model.json');
    expectAsDocumented(model, documented.page);
    expectAsDocumented(model['userDefinedMetadata'] as object, documented.page, 'userDefinedMetadata');
    const { metadata } = await readSafetensors(readFileSync(file), file);
    expectAsDocumented(metadata, documented.safetensors);
  });

  it('the metadata of features as safetensors, of maps as they are, their means, and units', async () => {
    const layers = [['--layer', 'S2'], ['--layer', 'S2', '--pool', 'average'], []];
    for (const words of layers) {
      const out = join(folder, 'features.safetensors');
      await done('features', photos, '--model', tuned, ...words, '--out', out);
      const { metadata } = await readSafetensors(readFileSync(out), out);
      expectAsDocumented(metadata, documented.features);
    }
  });

  it.each(['lecun1989', 'lenet5', 'lenet5-set-sizes'])('results/%s', (name) => {
    expectAsDocumented(json(projectRoot, 'results', name, 'summary.json'), documented.summary);
    const search = join(projectRoot, 'results', name, 'search.json');
    if (existsSync(search)) expectAsDocumented(json(search), documented.search);
  });
});
