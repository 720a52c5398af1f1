/** Exports networks of the zoo to Keras, for `keras_exported.py` to open and compare. */
import { useBackend } from '../../../src/runtime/backend';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../src/core/errors';
import { kerasFile } from '../../../src/weights/export/keras/keras';
import { fail, note } from '../../cli/terminal/output';
import {
  answersOf,
  digestOf,
  inputOf,
  networkOf,
  rangeOf,
  seededImages,
  seededNames,
  seededNetwork,
} from './seeded-networks';

/**
 * Exports the zoo's networks to Keras, with seeded random weights, along with their outputs for two images;
 * `keras_exported.py` opens them in Keras and compares. `--small` uses small images, and `NAME …` selects networks; all
 * networks at full size take 4 GB.
 */
async function main(folder: string, words: readonly string[]): Promise<void> {
  const small = words.includes('--small');
  const wanted = words.filter((word) => word !== '--small');
  const names = seededNames(small);
  const unknown = wanted.find((word) => !names.some((name) => name === word));
  if (unknown !== undefined)
    throw new UserError(`export-to-keras: expected names of networks, found ${unknown}`);
  await useBackend();
  mkdirSync(folder, { recursive: true });
  const expected: object[] = [];
  for (const name of names.filter((known) => wanted.length === 0 || wanted.includes(known))) {
    note(name);
    const shape = inputOf(name, small);
    const trained = seededNetwork(name, shape);
    const images = seededImages(shape, rangeOf(name));
    const { bytes, blueFirst, since } = await kerasFile(trained, networkOf(name));
    writeFileSync(join(folder, `${name}.h5`), bytes);
    const digest = small ? await digestOf(bytes) : null;
    const outputs = await answersOf(trained, images);
    expected.push({
      network: name,
      file: `${name}.h5`,
      shape,
      range: rangeOf(name),
      blueFirst,
      since,
      digest,
      outputs,
    });
    images.dispose();
    trained.model.dispose();
  }
  writeFileSync(join(folder, 'expected.json'), JSON.stringify(expected));
}

const [folder = '.', ...words] = process.argv.slice(2);
main(folder, words).catch(fail);
