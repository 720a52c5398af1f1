/** Trained weights by a name: those that come with the package, and well-known files from a server on this machine. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { zoo } from '../../models/registry';
import type { Checksum, Network } from '../../src/core/network';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { openTestData } from '../../src/data/open';
import { openLoader } from '../../src/data/loader/loader';
import { predict } from '../../src/evaluate/scores/predict';
import { weightsByName } from '../../src/report/published-weights';
import { useBackend } from '../../src/runtime/backend';
import { trainedNames } from '../../src/weights/trained-names';
import type { Zoo } from '../../src/workflows/context';
import { evaluateFolder } from '../../src/workflows/evaluate/evaluate-folder';
import { classify } from '../../src/workflows/trained/classify';
import { loadPretrained, openTrained } from '../../src/workflows/trained/trained';
import { exportModel } from '../../src/workflows/weights/export-model';
import { telling } from '../support/context';
import { refusal, temporaryFolder, testOnRealData } from '../support/fixtures';
import { projectRoot } from '../support/places';

const folder = temporaryFolder();
const [started, kept] = [process.cwd(), process.env['LINEAGE_CACHE']];
const cache = join(folder, 'cache');

beforeAll(async () => {
  await useBackend();
  process.env['LINEAGE_CACHE'] = cache;
  mkdirSync(join(folder, 'here'));
  process.chdir(join(folder, 'here'));
});
afterAll(() => {
  process.chdir(started);
  if (kept === undefined) delete process.env['LINEAGE_CACHE'];
  else process.env['LINEAGE_CACHE'] = kept;
});

/** Writes an image in grey as a picture. */
async function png(file: string, pixels: Uint8Array, side: number): Promise<string> {
  const image = sharp(pixels, { raw: { height: side, width: side, channels: 1 } });
  await image.toColourspace('b-w').png().toFile(file);
  return file;
}

async function drawnDigit(index: number): Promise<{ readonly pixels: Uint8Array; readonly label: string }> {
  const { labels, pixels } = drawDigits({ seed: 9, test: 20 }).test;
  return { pixels: await pixels(Int32Array.of(index)), label: String(labels[index]) };
}

/** What is said while something is done. */
async function remarksOf(work: (onProgress: ReturnType<typeof telling>) => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  await work(telling((line) => void lines.push(line)));
  return lines;
}

describe('the weights that come with the package', () => {
  const home = join(projectRoot, 'trained');
  const json = (name: string, file: string) =>
    JSON.parse(readFileSync(join(home, name, file), 'utf8')) as Record<string, unknown>;

  it('are the folders of trained/, each small', () => {
    const folders = readdirSync(home, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual([...trainedNames].sort());
    for (const name of trainedNames) {
      expect(readdirSync(join(home, name)).sort()).toEqual([
        'network.json',
        'report.json',
        'weights.safetensors',
      ]);
      expect(readFileSync(join(home, name, 'weights.safetensors')).length).toBeLessThan(250_000);
    }
  });

  it.each(trainedNames)('%s says where it is from, and nothing of the machine’s folders', (name) => {
    const record = json(name, 'network.json');
    expect(record['source']).toMatchObject({
      kind: 'trained',
      seed: 1,
      command: `npm run reproduce -- ${name} --seeds 1`,
      commit: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    });
    expect(record['labels']).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(record['input']).toMatchObject({ background: 'black' });
    for (const file of ['network.json', 'report.json'])
      expect(readFileSync(join(home, name, file), 'utf8')).not.toMatch(/["= ]\/\w/);
    expect(json(name, 'report.json')).toMatchObject({
      run: `trained/${name}`,
      command: expect.stringMatching(`^npm run evaluate -- trained/${name} --data `) as string,
      commit: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    });
  });

  testOnRealData('lenet5 has the error of its report', async (root) => {
    const { report, path } = await evaluateFolder(zoo, 'lenet5', { data: 'mnist', root });
    const known = json('lenet5', 'report.json');
    expect([report.mistakes, report.error]).toEqual([known['mistakes'], known['error']]);
    expect(path).toBe(join('runs', 'evaluate-lenet5', 'report-mnist.json')); // not among the package's own files
    expect(readdirSync(join(home, 'lenet5'))).toHaveLength(3);
  });

  testOnRealData('lecun1989 has the error of its report', async (root) => {
    const { report } = await evaluateFolder(zoo, 'lecun1989', { data: 'usps', root });
    expect(report.mistakes).toBe(json('lecun1989', 'report.json')['mistakes']);
  });

  testOnRealData('lenet5 answers pictures of MNIST’s images as the images themselves', async (root) => {
    const test = await openTestData('mnist', { root, seed: 1 });
    if (test.kind !== 'pixels') throw new Error('expected images in memory');
    const indices = Int32Array.from({ length: 120 }, (_, at) => 83 * at);
    const pictures = join(folder, 'mnist-pictures');
    const files: string[] = [];
    for (const [at, index] of indices.entries()) {
      const own = join(pictures, 'test', String(test.labels[index]));
      mkdirSync(own, { recursive: true });
      const pixels = await test.pixels(Int32Array.of(index));
      const dark = at % 2 === 1; // every other one as its negative
      files.push(
        await png(join(own, `${index}.png`), dark ? pixels.map((value) => 255 - value) : pixels, 28),
      );
    }
    const trained = await openTrained(zoo, 'lenet5');
    const { model, recipe } = trained;
    const inMemory = { ...test, labels: indices.map((index) => test.labels[index]!) };
    const pixels = (rows: Int32Array) => test.pixels(rows.map((row) => indices[row]!));
    const wanted: Float32Array[] = [];
    for await (const { scores } of predict({ model, recipe, data: { ...inMemory, pixels } }))
      wanted.push(scores.slice());
    const loader = openLoader({ workers: 2 });
    const data = {
      ...({ kind: 'files', name: 'pictures', synthetic: false, classes: test.classes } as const),
      labels: inMemory.labels,
      files: files.map((file) => ({ file })),
    };
    let at = 0;
    for await (const { scores, inverted } of predict({ model, recipe, data, loader })) {
      expect([inverted === true, scores]).toEqual([at % 2 === 1, wanted[at]]); // bit for bit
      at++;
    }
    expect(at).toBe(120);
    await loader.close();
    trained.dispose();
    // The commands' own ways agree, and both say what was inverted.
    const said: string[] = [];
    const onProgress = telling((line) => void said.push(line));
    const named = await classify(zoo, files, { model: 'lenet5', top: 1, onProgress });
    const wrong = named.filter((one, index) => one.predictions[0]!.index !== inMemory.labels[index]).length;
    expect(named.filter(({ inverted }) => inverted)).toHaveLength(60);
    const { report } = await evaluateFolder(zoo, 'lenet5', { data: pictures, onProgress });
    expect(report).toMatchObject({ images: 120, mistakes: wrong, inverted: 60 });
    expect(said.filter((line) => line.includes('dark on light'))).toEqual([
      `${files[1]} and 59 more: they are dark on light, and shown inverted: lenet5 learned light on dark`,
      expect.stringMatching(/: 60 of its 120 images are dark on light, and shown inverted/) as string,
    ]);
  });

  it('are opened by name, and win over a folder here, which is said', async () => {
    const { pixels, label } = await drawnDigit(0);
    const file = await png(join(folder, 'digit.png'), pixels, 28);
    expect(
      await remarksOf(async (onProgress) => {
        const trained = await loadPretrained(zoo, 'lenet5', { onProgress });
        expect(trained).toMatchObject({ network: 'lenet5', source: { kind: 'trained', data: 'mnist' } });
        const [best] = await trained.classify(file);
        expect(best!.label).toBe(label);
        trained.dispose();
      }),
    ).toEqual([]);
    mkdirSync('lenet5-distorted');
    expect(
      await remarksOf(async (onProgress) =>
        (await openTrained(zoo, 'lenet5-distorted', { onProgress })).dispose(),
      ),
    ).toEqual([
      'lenet5-distorted: the weights that come with the package; the folder of that name here is meant by ./lenet5-distorted',
    ]);
    expect(await refusal(openTrained(zoo, './lenet5-distorted'))).toMatch(
      /expected a run’s folder or a model’s/,
    );
  });

  it.each([
    ['lenet-5', /; did you mean lenet5\?$/],
    ['lecun-1989', /; did you mean lecun1989\?$/],
    ['googlnet', /; did you mean googlenet\?$/],
    ['alexnet', /; did you mean alexnet-bvlc or alexnet-torchvision\?$/],
  ])('%s is refused with the known names, and the nearest', async (name, nearest) => {
    for (const open of [openTrained, loadPretrained]) {
      const message = await refusal(open(zoo, name));
      expect(message).toMatch(nearest);
      expect(message.split('\n')).toHaveLength(1);
      for (const known of [...trainedNames, 'vgg-d', 'nin-imagenet']) expect(message).toContain(known);
    }
  });

  it('a path is no name', async () => {
    expect(await refusal(loadPretrained(zoo, './lenet5'))).toMatch(
      /^\.\/lenet5: expected .* found no such thing; did you mean lenet5\?$/,
    );
    expect(await refusal(openTrained(zoo, 'runs/none'))).toMatch(/expected a run’s folder or a model’s/);
  });
});

it('a network’s name stands for one file of those that are published', () => {
  for (const [name, network] of Object.entries<Network>(zoo)) {
    const files = (network.weights ?? []).flatMap((source) => source.files);
    expect([name, files.filter(({ preferred }) => preferred).length]).toEqual([
      name,
      files.length > 1 ? 1 : 0,
    ]);
    expect(weightsByName(network) === undefined).toBe(files.length === 0);
  }
});

describe('well-known weights', () => {
  let content: Buffer;
  const labels = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
  let layers: Readonly<Record<string, string>>;
  const closing: (() => void)[] = [];
  let asked: string[] = [];
  let roots = 0;
  const freshRoot = () => join(folder, `root-${++roots}`);

  beforeAll(async () => {
    const file = join(folder, 'small.safetensors');
    await exportModel(zoo, 'lenet1', { format: 'safetensors', out: file });
    content = readFileSync(file);
    const model = zoo.lenet1.build({ classes: 10, seed: 1 });
    layers = Object.fromEntries(model.layers.map(({ name }) => [name, name]));
    model.dispose();
  });
  afterEach(() => {
    closing.splice(0).forEach((close) => close());
    asked = [];
  });

  async function serve(answer: RequestListener): Promise<string> {
    const server = createServer((request, response) => {
      asked.push(request.method!);
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/small.safetensors`;
  }
  const sends: RequestListener = (_, response) =>
    response.writeHead(200, { 'content-length': content.length }).end(content);

  /** A zoo in which LeNet-1 is published at an address. */
  function publishedAt(url: string, begins = createHash('sha256').update(content).digest('hex')): Zoo {
    const checksum: Checksum = { kind: 'sha256', begins };
    const file = { file: 'small.safetensors', url, checksum, licence: 'MIT', results: [], unchecked: [] };
    const { preprocess } = zoo.lenet1.recipe.input;
    const source = { toolkit: 'pytorch', layers, preprocess, files: [file] } as const;
    return { small: { ...zoo.lenet1, weights: [source] } };
  }

  it('are downloaded once, after it was said from where, and imported once', async () => {
    const root = freshRoot();
    const url = await serve(sends);
    const networks = publishedAt(url);
    const open = (onProgress: ReturnType<typeof telling>) =>
      openTrained(networks, 'small', { root, onProgress });
    const said = await remarksOf(async (onProgress) => {
      const trained = await open(onProgress);
      expect(trained).toMatchObject({ network: 'small', labels, source: { kind: 'imported' } });
      const { pixels, label } = await drawnDigit(1);
      const [best] = await trained.classify(await png(join(folder, 'one.png'), pixels, 28));
      expect(best!.label).toBe(label);
      trained.dispose();
    });
    expect(said).toEqual([
      `small: small.safetensors is not in ${root}; downloading it from ${url} (licence: MIT)`,
      expect.stringMatching(/^small\.safetensors: [\d.]+ MB from 127\.0\.0\.1:\d+$/) as string,
      `${join(root, 'weights', 'small.safetensors')}: its checksum is right`,
      expect.stringMatching(/^small: imported from .*, and kept in .*imported/) as string,
    ]);
    expect(asked.length).toBeGreaterThan(0);
    asked = [];
    expect(await remarksOf(async (onProgress) => (await open(onProgress)).dispose())).toEqual([]);
    expect(asked).toEqual([]);
    // Another recipe is another folder: the one that is kept is that of all that the import depends on.
    const before = readdirSync(join(cache, 'imported')).length;
    const { small } = networks as { readonly small: Network };
    const other = { small: { ...small, recipe: { ...small.recipe, augment: [{ kind: 'flip' }] } } } as const;
    (await openTrained(other, 'small', { root })).dispose();
    expect(readdirSync(join(cache, 'imported'))).toHaveLength(before + 1);
  });

  it.each(['weights', '.', 'small'])(
    'that lie in the data root, in %s, are not downloaded',
    async (place) => {
      const root = freshRoot();
      mkdirSync(join(root, place), { recursive: true });
      writeFileSync(join(root, place, 'small.safetensors'), content);
      const trained = await loadPretrained(publishedAt('http://127.0.0.1:9/small.safetensors'), 'small', {
        root,
      });
      expect(trained.labels).toEqual(labels);
      trained.dispose();
    },
  );

  it('that have another checksum are taken, and it is said', async () => {
    const root = freshRoot();
    mkdirSync(root);
    writeFileSync(join(root, 'small.safetensors'), content);
    const networks = publishedAt('http://127.0.0.1:9/small.safetensors', '0'.repeat(64));
    const said = await remarksOf(async (onProgress) =>
      (await openTrained(networks, 'small', { root, onProgress })).dispose(),
    );
    expect(said[0]).toBe(
      `${join(root, 'small.safetensors')}: its checksum is not that of the published file of this name; it is taken as it is`,
    );
  });

  it('that cannot be downloaded end in one line, and leave nothing to be taken for them', async () => {
    const root = freshRoot();
    const networks = publishedAt('http://127.0.0.1:9/small.safetensors');
    const message = await refusal(openTrained(networks, 'small', { root }));
    expect(message).toMatch(
      /^small\.safetensors: no server gave it \(.*\); try again later, or put the file into /,
    );
    expect(message.split('\n')).toHaveLength(1);
    const wrong = publishedAt(await serve(sends), '1'.repeat(64));
    expect(await refusal(openTrained(wrong, 'small', { root }))).toMatch(/expected the checksum 1/);
    expect(existsSync(join(root, 'weights', 'small.safetensors'))).toBe(false);
  });

  it('are continued where an interrupted download stopped', async () => {
    const root = freshRoot();
    const half = content.length >> 1;
    const stop = new AbortController();
    const stalls = await serve((request, response) => {
      if (request.method === 'HEAD' || stop.signal.aborted) return sends(request, response);
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, half));
      if (asked.length > 1) setTimeout(() => stop.abort(), 100);
    });
    const networks = publishedAt(stalls);
    expect(await refusal(openTrained(networks, 'small', { root, signal: stop.signal }))).toMatch(
      /interrupted; the next download continues with what has arrived/,
    );
    const [part] = readdirSync(join(root, 'weights'));
    expect(part).toMatch(/\.part$/);
    expect(readFileSync(join(root, 'weights', part!)).length).toBe(half);
    const ranges = await serve((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (from > 0) expect(from).toBe(half);
      response
        .writeHead(from > 0 ? 206 : 200, {
          'content-length': content.length - from,
          ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
        })
        .end(content.subarray(from));
    });
    (await openTrained(publishedAt(ranges), 'small', { root })).dispose();
  });
});
