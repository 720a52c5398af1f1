import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../../src/core/errors';
import { seededRandom } from '../../../src/core/random';
import { readHdf5 } from '../../../src/weights/formats/keras/hdf5';
import { readKerasHdf5 } from '../../../src/weights/formats/keras/keras';
import { fixtures, projectRoot } from '../../support/places';

const folder = join(fixtures, 'weights');
const fixture = (name: string) => readFileSync(join(folder, name));

/** The one line that a file is refused with. */
async function refusal(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => new Error('it was read'),
    (thrown: unknown) => thrown as Error,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).not.toContain('\n');
  return error.message;
}

describe('an HDF5 file', () => {
  it.each([
    ['hostile-external-link.h5', /found a link that leads nowhere, "\/dense\/kernel"$/],
    ['hostile-broken-link.h5', /found a link that leads nowhere, "\/dense\/kernel"$/],
    ['hostile-external-data.h5', /expected numbers in data set "\/dense\/kernel", found damage$/],
    ['hostile-virtual.h5', /found references to other files$/],
    ['hostile-circle.h5', /expected groups at most 24 deep, found deeper ones$/],
    [
      'hostile-giant.h5',
      /found more, with data set "\/dense\/kernel" of the shape \[1073741824, 1073741824\]$/,
    ],
    ['hostile-bomb.h5', /expected at most 18208096 bytes in its data sets, found more/],
    ['hostile-repeated.h5', /expected at most 17176 bytes in its data sets, found more/],
  ])('%s is refused', async (file, reason) => {
    const path = join(folder, file);
    const message = await refusal(readHdf5(path));
    expect(message).toMatch(reason);
    expect(message.startsWith(`${path} is not a whole HDF5 file: `)).toBe(true);
  });

  it('that keeps the library busy for ever is given up, and the process goes on', async () => {
    const file = fixture('vgg-d.weights.h5');
    // The size of the first text in the heap that groups share: rounded up to eight it becomes 0.
    file.writeBigInt64LE(-16n, file.indexOf('GCOL') + 24);
    const message = await refusal(readHdf5(file, { attributes: ['name'], seconds: 3 }));
    expect(message).toBe(
      'the data is not a whole HDF5 file: expected an end to its reading, found none in 3 s',
    );
  });

  it('of another kind, cut, or absent is refused', async () => {
    const whole = fixture('vgg-d.h5');
    expect(await refusal(readKerasHdf5(Buffer.from('no such thing'), 'net.h5'))).toBe(
      'net.h5 is not a whole HDF5 file: expected what the HDF5 library can open, found something else',
    );
    expect(await refusal(readKerasHdf5(whole.subarray(0, 60_000), 'net.h5'))).toMatch(/^net\.h5 is not/);
    expect(await refusal(readHdf5('/nowhere/net.h5'))).toMatch(
      /^expected an HDF5 file at .*: no such file or folder$/,
    );
    expect(await refusal(readHdf5(folder))).toMatch(/found damage \(a folder/);
  });
});

/**
 * Reads files one after the other in one thread, and in a new one where the library came to no end. A thread for each
 * file, as the product has it, would take minutes.
 * @returns for each, the number of its data sets, the name of what was thrown, or `endless`
 */
async function outcomes(files: readonly Uint8Array[]): Promise<readonly (number | string)[]> {
  const reader = join(projectRoot, 'src/weights/formats/keras/hdf5-contents.ts');
  const code = `
    require(${JSON.stringify(require.resolve('tsx/cjs'))});
    const { contentsOfHdf5 } = require(${JSON.stringify(reader)});
    const { parentPort, workerData } = require('node:worker_threads');
    (async () => {
      for (const bytes of workerData)
        parentPort.postMessage(
          await contentsOfHdf5({ kind: 'bytes', bytes }, ['name'], 'net').then(
            ({ datasets }) => datasets.every(({ shape, values }) => values.length === shape.reduce((a, b) => a * b, 1))
              ? datasets.length : 'wrong size',
            (error) => error.name,
          ));
    })();`;
  const found: (number | string)[] = [];
  while (found.length < files.length) {
    const worker = new Worker(code, {
      eval: true,
      workerData: files.slice(found.length),
      stdout: true,
      stderr: true,
    });
    await new Promise<void>((resolve) => {
      let patience = 15; // seconds without an answer
      const clock = setInterval(() => {
        if (--patience < 0) end('endless');
      }, 1000);
      const end = (outcome?: string) => {
        clearInterval(clock);
        if (outcome !== undefined) found.push(outcome);
        resolve();
      };
      worker.on('message', (outcome: number | string) => {
        patience = 15;
        found.push(outcome);
        if (found.length === files.length) end();
      });
      worker.on('error', (error) => end(`the thread's end: ${error.message}`));
    });
    await worker.terminate();
  }
  return found;
}

it('HDF5 files with damage anywhere are read or refused, and none ends the thread', async () => {
  const wholes = ['vgg-d.h5', 'vgg-d.weights.h5', 'numbers.weights.h5', 'vgg-d-keras-1.h5'].map(fixture);
  const random = seededRandom(4);
  const damaged = Array.from({ length: 400 }, (_, round) => {
    const file = Uint8Array.from(wholes[round % wholes.length]!);
    for (let change = 0; change <= random.integer(6); change++) {
      const at = random.integer(file.length - 8);
      if (random.integer(3) === 0) file.fill([0, 0x7f, 0xff][random.integer(3)]!, at, at + 8);
      else file[at] = random.integer(256);
    }
    return random.integer(8) === 0 ? file.slice(0, random.integer(file.length)) : file;
  });
  const found = await outcomes(damaged);
  const kinds = new Map<number | string, number>();
  for (const outcome of found) kinds.set(outcome, (kinds.get(outcome) ?? 0) + 1);
  const known = new Set<number | string>(['UserError', 'Error', 'endless']);
  expect([...kinds.keys()].filter((kind) => typeof kind === 'string' && !known.has(kind))).toEqual([]);
  expect(kinds.get('UserError')! + kinds.get('Error')!).toBeGreaterThan(40);
  expect(kinds.get('endless') ?? 0).toBeLessThan(3);
});
