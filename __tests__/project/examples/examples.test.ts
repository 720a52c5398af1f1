import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { networkNames } from '../../../models/registry';
import { command, ended, temporaryFolder } from '../../support/fixtures';
import { fixtures, projectRoot } from '../../support/places';

const folder = temporaryFolder();

function start(example: string, words: readonly string[] = []): ChildProcess {
  const file = join(projectRoot, 'examples', `${example}.ts`);
  return spawn(process.execPath, ['--require', 'tsx/cjs', file, ...words], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

it('trains LeNet-5 on digits in memory, and the loss falls', async () => {
  const { code, stdout } = await ended(start('digits'));
  expect(code).toBe(0);
  const losses = [...stdout.matchAll(/loss ([\d.]+)/g)].map(([, loss]) => Number(loss));
  expect(losses.length).toBeGreaterThan(3);
  expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
  const [, error] = /error ([\d.]+) % on 2000 digits/.exec(stdout)!;
  expect(Number(error)).toBeLessThan(50); // of ten classes; guessing errs in 90 %
});

it('lists the lineage with the parameters that the papers count', async () => {
  const { code, stdout } = await ended(start('lineage'));
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(networkNames.length);
  expect(lines.find((line) => line.includes(' lenet5 '))).toMatch(/^1998 .* 0\.06 M parameters/);
  expect(lines.find((line) => line.includes(' vgg-d '))).toMatch(/^2015 .* 138\.36 M parameters/); // VGG Table 2
});

it('fine-tunes on photos and answers for the bytes of one, and in one line for what is none', async () => {
  const run = join(folder, 'digits');
  const trained = await command([
    'train',
    'lenet5-modern',
    '--data',
    'digits',
    '--epochs',
    '1',
    '--out',
    run,
  ]);
  expect(trained.code).toBe(0);
  const photos = join(fixtures, 'older', 'shades');
  const example = start('own-photos', ['lenet5-modern', run, photos, join(folder, 'shades'), '0']);
  try {
    let port: string | undefined;
    for await (const line of createInterface({ input: example.stdout! })) {
      port = /port (\d+)$/.exec(line)?.[1];
      if (port !== undefined) break;
    }
    const ask = (body: Uint8Array<ArrayBuffer>) =>
      fetch(`http://127.0.0.1:${port!}`, { method: 'POST', body });
    const bytes = Uint8Array.from(readFileSync(join(photos, '0', '0.png')));
    const answer = (await (await ask(bytes)).json()) as { label: string; probability: number }[];
    expect(answer).toHaveLength(3);
    const classes = readdirSync(photos);
    expect(answer.filter(({ label }) => !classes.includes(label))).toEqual([]);
    const [first, second] = answer;
    expect(first!.probability).toBeGreaterThanOrEqual(second!.probability);
    const refused = await ask(Uint8Array.from([1, 2, 3]));
    expect(refused.status).toBe(400);
    expect(await refused.text()).toMatch(/^image 1, given by its bytes: expected a .* image, found .*\n$/);
  } finally {
    example.kill();
  }
});

it('says in one line what an example lacks, with code 2', async () => {
  expect(await ended(start('own-photos', ['lenet5']))).toMatchObject({
    code: 2,
    stderr: 'own-photos: expected NETWORK WEIGHTS PHOTOS FOLDER, found only some of them\n',
  });
});
