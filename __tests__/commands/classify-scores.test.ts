import { join } from 'node:path';
import sharp from 'sharp';
import { zoo, type NetworkName } from '../../models/registry';
import { useBackend } from '../../src/runtime/backend';
import { writeModelFolder } from '../../src/weights/model-folder';
import { command, fillWeights, temporaryFolder } from '../support/fixtures';

const root = temporaryFolder();
const image = join(root, 'stroke.png');

beforeAll(async () => {
  await useBackend();
  const pixels = Uint8Array.from({ length: 28 * 28 }, (_, at) => (at % 28 > 11 && at % 28 < 16 ? 255 : 0));
  await sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } })
    .png()
    .toFile(image);
});

async function folderOf(network: NetworkName): Promise<string> {
  const { build, recipe } = zoo[network];
  const built = build({ classes: 10, seed: 1 });
  fillWeights(built);
  const folder = join(root, network);
  await writeModelFolder(folder, built, {
    network,
    classes: 10,
    labels: null,
    synsets: null,
    input: JSON.parse(JSON.stringify(recipe.input)) as { shape: [number, number, number]; preprocess: [] },
    missing: [],
    seed: 1,
    source: {
      kind: 'imported',
      file: 'weights.safetensors',
      bytes: 1,
      sha256: '0'.repeat(64),
      format: 'safetensors',
      convention: 'own',
      published: null,
    },
    command: 'made by a test',
    commit: null,
    made: new Date(0).toISOString(),
  });
  built.dispose();
  return folder;
}

interface Found {
  readonly scores: string;
  readonly predictions: readonly { readonly probability: number | null; readonly score?: number }[];
}

it.each([
  ['lenet5', 'distances', 'distances, smaller is nearer', 1],
  ['lenet1', 'activations', 'activations, larger is surer; they are no probabilities', -1],
] as const)(
  'classify says what the scores of %s are, and has the best first',
  async (network, kind, words, order) => {
    const model = await folderOf(network);
    const told = await command(['classify', image, '--model', model, '--top', '10']);
    const [head, file, ...rows] = told.stdout.trimEnd().split('\n');
    expect({ code: told.code, head, file }).toEqual({ code: 0, head: words, file: image });
    expect(rows.join()).not.toContain('%');
    const printed = rows.map((row) => order * Number(row.trim().split(/\s+/)[0]));
    expect(printed).toEqual([...printed].sort((one, other) => one - other));
    expect(new Set(printed).size).toBeGreaterThan(5);
    const { stdout } = await command(['classify', image, '--model', model, '--json']);
    const [found] = JSON.parse(stdout) as Found[];
    expect(found!.scores).toBe(kind);
    expect(found!.predictions.map(({ probability }) => probability)).toEqual([null, null, null, null, null]);
    expect(found!.predictions[0]!.score! * order).toBeLessThan(found!.predictions[1]!.score! * order);
  },
);

it('classify prints probabilities without a word on them, and names them in JSON', async () => {
  const model = await folderOf('lenet-caffe');
  const { stdout } = await command(['classify', image, '--model', model, '--top', '2']);
  expect(stdout).toMatch(/^\S+stroke\.png\n +\d+\.\d\d %  \d\n +\d+\.\d\d %  \d\n$/);
  const json = await command(['classify', image, '--model', model, '--json']);
  expect((JSON.parse(json.stdout) as Found[])[0]!.scores).toBe('probabilities');
});
