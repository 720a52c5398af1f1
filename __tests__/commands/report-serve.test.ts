import { appendFileSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { testInChromium } from '../support/pages/chromium';
import { command, ended, startCommand, temporaryFolder, writeIdxFolder } from '../support/fixtures';

const folder = temporaryFolder();
const run = join(folder, 'run');
const underway = join(folder, 'underway');

beforeAll(async () => {
  const data = join(folder, 'digits');
  await writeIdxFolder(data, drawDigits({ seed: 3, train: 320, test: 50 }));
  const trained = await command(['train', 'lenet5', '--data', data, '--out', run, '--epochs', '3']);
  expect(trained).toMatchObject({ code: 0 });
  // The same run before its last epoch ended.
  cpSync(run, underway, { recursive: true });
  rmSync(join(underway, 'report.json'));
  writeFileSync(join(underway, 'log.jsonl'), epochs().slice(0, 2).join(''));
});

const epochs = () =>
  readFileSync(join(run, 'log.jsonl'), 'utf8')
    .split(/(?<=\n)/)
    .filter((line) => line.includes('meanLoss'));

/** Serves the two runs while `use` looks at them; ended by Ctrl-C. */
async function serving(use: (address: string) => Promise<void>): Promise<void> {
  const child = startCommand(['report:serve', run, underway, '--port', '0']);
  const end = ended(child);
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stderr!.on('data', (text: Buffer) => {
        said += text.toString();
        const [, found] = /serving on (\S+);/.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
      child.once('exit', () => reject(new Error(said)));
    });
    await use(address);
  } finally {
    child.kill('SIGINT');
    await end;
  }
}

it('says once of a folder that vanished, and that it is back', async () => {
  const gone = join(folder, 'gone');
  cpSync(run, gone, { recursive: true });
  const child = startCommand(['report:serve', run, gone, '--port', '0']);
  const end = ended(child);
  const lines: string[] = [];
  const said = (what: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = (text: Buffer) => {
        lines.push(...text.toString().trim().split('\n'));
        if (!lines.some((line) => what.test(line))) return;
        child.stderr!.off('data', look);
        resolve();
      };
      child.stderr!.on('data', look);
      child.once('exit', () => reject(new Error(lines.join('\n'))));
    });
  try {
    await said(/serving on/);
    rmSync(gone, { recursive: true });
    await said(/is gone/);
    // Whole at once: a folder that is still being copied is said to be damaged.
    cpSync(run, `${gone}-copied`, { recursive: true });
    renameSync(`${gone}-copied`, gone);
    await said(/is back/);
    expect(lines.slice(1)).toEqual([
      `${gone}: the folder of this run or model is gone; the page continues without it`,
      `${gone}: the folder is back; the page shows it again`,
    ]);
  } finally {
    child.kill('SIGINT');
    await end;
  }
});

const statusOf = (address: string, headers: Record<string, string>, method = 'GET') =>
  new Promise<number>((resolve, reject) => {
    request(address, { headers, method }, (response) => resolve(response.resume().statusCode!))
      .on('error', reject)
      .end();
  });

it('answers this machine alone, under its own name, and serves nothing else', () =>
  serving(async (address) => {
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await statusOf(address, {})).toBe(200);
    expect(await statusOf(address, { host: 'elsewhere.example' })).toBe(403);
    expect(await statusOf(`${address}package.json`, {})).toBe(404);
    expect(await statusOf(address, {}, 'POST')).toBe(405);
  }));

testInChromium('shows how a run goes on, without being loaded anew', (browser) =>
  serving(async (address) => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto(address);
    const part = page.locator(`[data-run="${underway}"]`);
    expect(await part.textContent()).toContain('2 of 3 epochs done');
    expect(await part.locator('.chart svg').count()).toBe(1);
    await page.locator('#overview summary').first().click();
    await page.evaluate('window.sameDocument = true');
    appendFileSync(join(underway, 'log.jsonl'), epochs()[2]!);
    await part.getByText('3 of 3 epochs done').waitFor();
    expect(await page.locator('#overview details[open]').count()).toBe(1);
    // The table as the reader left it: sorted, with a line unfolded.
    await page.getByRole('button', { name: 'Here' }).click();
    await page.locator('table.comparison .fold summary').click();
    cpSync(join(run, 'report.json'), join(underway, 'report.json'));
    // It is a run of the same training as the other, and so in its line.
    await page.locator(`[data-report="${join(underway, 'report.json')}"]`).waitFor();
    expect(await page.locator('table.comparison tbody').count()).toBe(1);
    expect(await page.locator('th[aria-sort="ascending"] button').allTextContents()).toEqual(['Here']);
    expect(await page.locator('form.controls').isVisible()).toBe(true);
    expect(await part.count()).toBe(0);
    expect(await page.evaluate('window.sameDocument')).toBe(true);
    expect(complaints).toEqual([]);
  }),
);

it.each([
  [
    'a folder that is not there',
    [join(folder, 'none')],
    /none: expected the folder of a run or a model, found none/,
  ],
  ['a port that is none', [run, '--port', '-1'], /--port: expected a whole number of at least 0, found -1/],
] as const)('refuses %s', async (_, words, reason) => {
  const refused = await command(['report:serve', ...words]);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(reason);
});
