import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { bundlers, scriptsIn, sizeOf, type Bundled, type Job } from '../../scripts/package/bundle';
import { networkNames } from '../../models/registry';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { served, testInChromium } from '../support/pages/chromium';
import { filmOf } from '../support/images/film';
import { temporaryFolder } from '../support/fixtures';
import { installedPackage, runWithoutSettings } from '../support/installed-package';
import { projectRoot } from '../support/places';

const folder = temporaryFolder();
const film = join(folder, 'camera.y4m');
const examples = ['photo', 'digits', 'camera'] as const;
let somebody: string;

beforeAll(async () => {
  ({ somebody } = await installedPackage());
  for (const name of examples)
    cpSync(join(projectRoot, 'examples', name), join(somebody, name), { recursive: true });
  await filmOf(film, [
    '<circle cx="160" cy="120" r="70"/>',
    '<rect x="30" y="105" width="260" height="30"/>',
  ]);
}, 400_000);

/** Bundlers are ES modules, which jest's sandbox cannot load: they run in a process of their own. */
async function bundled(jobs: readonly Job[]): Promise<Bundled[]> {
  const program = join(projectRoot, 'scripts', 'package', 'bundle.ts');
  const words = ['--require', 'tsx/cjs', program, JSON.stringify(jobs)];
  const { code, stdout, stderr } = await runWithoutSettings(process.execPath, words, projectRoot);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Bundled[];
}

const at = (out: string) => join(folder, out);

/** Fails if a bundle holds something of Node, or a warning names this package. */
function expectForPages({ modules, warnings }: Bundled): void {
  // webpack's advice on large files, which those of TensorFlow.js are, lists the largest.
  const others = warnings.filter((text) => !text.includes('size limit'));
  expect(others.filter((text) => text.includes('cnn-lineage/dist'))).toEqual([]);
  expect(modules.filter((name) => isBuiltin(name))).toEqual([]);
  const own = modules.filter((name) => name.includes('cnn-lineage/'));
  expect(own.length).toBeGreaterThan(10);
  expect(own.filter((name) => !name.includes('cnn-lineage/dist/page/'))).toEqual([]);
}

/** The names of networks in `cnn-lineage/networks`: `lenet5-modern` is `lenet5Modern` there. */
const exported = networkNames.map((name) =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
);

/** A word of each family's papers that no other network's say. */
const families = {
  lenet: 'document recognition',
  alexnet: 'ImageNet classification',
  vgg: 'Very deep',
  nin: 'Network In Network',
  googlenet: 'Going Deeper',
  neocognitron: 'Neocognitron',
} as const;

test.each(bundlers)('a network bundled by %s is below 30 kB, and holds no other family', async (bundler) => {
  const names = bundler === 'esbuild' ? exported : ['lenet5', 'googlenetTorchvision'];
  const jobs = names.map((name): Job => {
    const entry = join(somebody, `${name}.js`);
    writeFileSync(entry, `export { ${name} } from 'cnn-lineage/networks';`);
    return { bundler, entry, out: at(`${bundler}-${name}`), besideTfjs: true };
  });
  for (const [index, { modules, first }] of (await bundled(jobs)).entries()) {
    expect(modules.filter((name) => isBuiltin(name))).toEqual([]);
    const size = sizeOf(first).bytes;
    // What rollup gives is not minified.
    if (bundler !== 'rollup') expect([names[index], size, size < 30_000]).toEqual([names[index], size, true]);
    const text = first.map((file) => readFileSync(file, 'utf8')).join('');
    if (names[index] !== 'lenet5') continue;
    const held = Object.entries(families).filter(([, words]) => text.includes(words));
    expect(held.map(([family]) => family)).toEqual(['lenet']);
    expect(text).not.toContain('Notes on convolutional neural networks');
  }
});

test('layers that are imported for their effect alone register themselves', async () => {
  const entry = join(somebody, 'registered.js');
  writeFileSync(entry, `import 'cnn-lineage/layers';`);
  const jobs = bundlers.map((bundler): Job => ({
    bundler,
    entry,
    out: at(`${bundler}-layers`),
    besideTfjs: true,
  }));
  for (const { first, warnings } of await bundled(jobs)) {
    const text = first.map((file) => readFileSync(file, 'utf8')).join('');
    for (const name of ['Lrn', 'GroupedConv2D', 'SeededDropout', 'CeilPool', 'SCells'])
      expect(text).toContain(name);
    expect(warnings.filter((each) => /side effect/.test(each))).toEqual([]);
  }
});

test.each(bundlers)(
  'the examples are bundled by %s as they come, without anything of Node',
  async (bundler) => {
    // Reading TensorFlow.js is what takes long: but for vite, which bundles a page each, the three are read together.
    const together = join(somebody, 'examples.js');
    writeFileSync(together, examples.map((name) => `import './${name}/main.js';\n`).join(''));
    const pages = examples.map((name) => join(somebody, name, 'index.html'));
    const jobs = (bundler === 'vite' ? pages : [together]).map((entry, index): Job => ({
      bundler,
      entry,
      out: at(`${bundler}-examples-${index}`),
      besideTfjs: false,
      minify: false,
    }));
    for (const found of await bundled(jobs)) expectForPages(found);
  },
  300_000,
);

/** Builds an example by vite and opens it; errors that nobody caught fail the test. */
async function onExample(name: string, browser: Browser, use: (page: Page) => Promise<void>): Promise<void> {
  const out = at(`page-${name}`);
  const [found] = await bundled([
    { bundler: 'vite', entry: join(somebody, name, 'index.html'), out, besideTfjs: false },
  ]);
  expectForPages(found!);
  expect(scriptsIn(out).length).toBeGreaterThan(3);
  await served(out, async (address) => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(`${address}/index.html`);
    await use(page);
    expect(errors).toEqual([]);
    expect(await page.locator('#error').textContent()).toBe('');
  });
}

testInChromium(
  'examples/photo names the digit of a picture, and says what is none in one sentence',
  (browser) =>
    onExample('photo', browser, async (page) => {
      const { pixels, labels } = drawDigits({ seed: 5, train: 10, test: 10 }).test;
      const image = { raw: { width: 28, height: 28, channels: 1 } } as const;
      await sharp(await pixels(Int32Array.of(0)), image).toFile(at('digit.png'));
      writeFileSync(at('none.png'), 'no picture');
      const best = page.locator('#answers li').first();
      const choose = page.locator('#picture');
      await choose.setInputFiles(at('none.png'));
      await page
        .locator('#error')
        .filter({ hasText: /^none\.png: expected an image that the browser reads/ })
        .waitFor();
      await choose.setInputFiles(at('digit.png'));
      await best.waitFor();
      expect(await best.textContent()).toMatch(new RegExp(`^${labels[0]}: distance `));
      await page
        .locator('#status')
        .filter({ hasText: /^Ready; .* computes by wasm\. No webgpu: / })
        .waitFor();
      // A model folder beside the page, as `import --out` makes one; then an address behind which there is none.
      const models = at('page-photo/models/lenet1');
      mkdirSync(models, { recursive: true });
      cpSync(join(projectRoot, 'trained', 'lenet1'), models, { recursive: true });
      await page.getByLabel('Address of a model folder').fill('models/lenet1');
      await page.getByRole('button', { name: 'Open it' }).click();
      await page.locator('#open').filter({ hasText: 'lenet1 (trained), 10 classes' }).waitFor();
      await best.filter({ hasText: new RegExp(`^${labels[0]}: `) }).waitFor();
      await page.getByLabel('Address of a model folder').fill('models/none');
      await page.getByRole('button', { name: 'Open it' }).click();
      await page
        .locator('#error')
        .filter({ hasText: 'models/none: expected a model’s folder, found no network.json in it' })
        .waitFor();
      await choose.setInputFiles(at('digit.png'));
      await page.waitForFunction(() => document.getElementById('error')!.textContent === '');
    }),
);

testInChromium(
  'examples/digits trains until it is stopped or done, keeps the model and names a drawn digit',
  (browser) =>
    onExample('digits', browser, async (page) => {
      const status = page.locator('#status');
      await page.locator('#runtime').filter({ hasText: 'computes by' }).waitFor();
      await page.getByRole('button', { name: 'Train' }).click();
      await page.locator('#progress').filter({ hasText: 'update' }).waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      await status.filter({ hasText: /^Stopped after / }).waitFor();
      await page.getByRole('button', { name: 'Train' }).click();
      await status.filter({ hasText: /^Trained after / }).waitFor({ timeout: 180_000 });
      const points = (await page.locator('#curve').getAttribute('points'))!.split(' ');
      const heights = points.map((point) => 155 - Number(point.split(',')[1]));
      const mean = (of: readonly number[]) => of.reduce((sum, height) => sum + height, 0) / of.length;
      expect(heights).toHaveLength(564); // 3 epochs of 6,000 images in batches of 32
      expect(mean(heights.slice(-20))).toBeLessThan(mean(heights.slice(0, 20)) / 2);
      const wrong = Number(/([\d.]+) % of 1000 test digits wrong/.exec((await status.textContent())!)![1]);
      expect(wrong).toBeLessThan(30); // of ten classes; guessing errs in 90 %
      // A stroke from top to bottom.
      await page.locator('#paper').scrollIntoViewIfNeeded();
      const { x, y } = (await page.locator('#paper').boundingBox())!;
      await page.mouse.move(x + 98, y + 30);
      await page.mouse.down();
      for (const down of [60, 90, 120, 165]) await page.mouse.move(x + 98, y + down);
      await page.mouse.up();
      await page
        .locator('#answer')
        .filter({ hasText: /^1 \(or/ })
        .waitFor();
      await page.reload();
      await status.filter({ hasText: 'The model of an earlier visit is open.' }).waitFor();
    }),
  240_000,
);

/** Which of the film's two pictures the camera shows now. */
async function shownBy(page: Page): Promise<number> {
  const brightness = await page.evaluate(() => {
    const context = new OffscreenCanvas(32, 24).getContext('2d')!;
    context.drawImage(document.querySelector('video')!, 0, 0, 32, 24);
    return context.getImageData(16, 7, 1, 1).data[0]!; // within the circle, above the bar
  });
  return brightness > 128 ? 0 : 1;
}

testInChromium(
  'examples/camera learns two things from a camera and names both',
  (browser) =>
    onExample('camera', browser, async (page) => {
      await page
        .locator('#network')
        .filter({ hasText: /^lenet5, computed by / })
        .waitFor();
      await page.getByRole('button', { name: 'Learn' }).click();
      await page.locator('#error').filter({ hasText: 'expected images of thing 1, found none' }).waitFor();
      const names = ['disc', 'bar'];
      for (const [index, name] of names.entries()) {
        await page.getByLabel(`Class ${index + 1}`, { exact: true }).fill(name);
        const take = page.getByRole('button', { name: `Take a picture of class ${index + 1}` });
        for (let taken = 0; taken < 12;)
          if ((await shownBy(page)) === index) {
            await take.click();
            taken++;
          } else await page.waitForTimeout(50);
      }
      await page.getByRole('button', { name: 'Learn' }).click();
      await page
        .locator('#status')
        .filter({ hasText: /^Learned: / })
        .waitFor();
      for (const [index, name] of names.entries()) {
        await expectWhile(page, index, name);
      }
    }),
  240_000,
  [
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${film}`,
  ],
);

/** Waits until the page names the picture that the camera shows, and shows before and after. */
async function expectWhile(page: Page, picture: number, name: string): Promise<void> {
  for (;;) {
    const before = await shownBy(page);
    await page.waitForTimeout(600); // three classifications
    const seen = await page.locator('#seen').textContent();
    if (before === picture && (await shownBy(page)) === picture) return expect(seen).toBe(name);
  }
}

test('the examples look alike, and each stands alone', () => {
  const styles = new Set(
    examples.map((name) => readFileSync(join(projectRoot, 'examples', name, 'style.css'), 'utf8')),
  );
  expect(styles.size).toBe(1);
  for (const name of examples)
    expect(
      readdirSync(join(projectRoot, 'examples', name))
        .filter((each) => !['dist', 'node_modules', 'package-lock.json'].includes(each))
        .sort(),
    ).toEqual(['index.html', 'main.js', 'package.json', 'style.css']);
});
