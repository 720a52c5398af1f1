/**
 * Exports small forms of all networks as ONNX, with kernels in each type, and has onnxruntime answer by these files:
 *
 *     npx tsx scripts/peers/weights/onnx/small-answers.ts FOLDER
 *
 * `answers.json` in the folder is what `__tests__/fixtures/weights/onnx/answers.json` is a copy of.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useBackend } from '../../../../src/runtime/backend';
import { onnxFile } from '../../../../src/weights/export/onnx/onnx';
import { weightTypes, type WeightsAs } from '../../../../src/weights/export/weight-types';
import type { TrainedModel } from '../../../../src/weights/trained-model';
import { fail, note } from '../../../cli/terminal/output';
import { inputOf, rangeOf, seededNames, seededNetwork } from '../seeded-networks';
import { runInPython } from './onnx-python';

/** A small network's file, without preprocessing of its own, which takes numbers of a training set. */
export async function smallFile(trained: TrainedModel, as: WeightsAs): Promise<Buffer> {
  const { recipe } = trained;
  const plain = { ...trained, recipe: { ...recipe, input: { ...recipe.input, preprocess: [] } } };
  const parts: Uint8Array[] = [];
  for await (const part of onnxFile(plain, 'small', as).parts) parts.push(part);
  return Buffer.concat(parts);
}

/** How kernels are stored: in each way, but for networks whose full layers are large in any form, in one. */
export function typesOf(name: string): readonly WeightsAs[] {
  return /^(?:alexnet|caffenet|vgg)/.test(name) ? ['float32'] : weightTypes;
}

export function digestOfFile(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('hex');
}

async function main(folder = '.'): Promise<void> {
  await useBackend();
  mkdirSync(folder, { recursive: true });
  const rows: object[] = [];
  for (const name of seededNames(true)) {
    note(name);
    const shape = inputOf(name, true);
    const trained = seededNetwork(name, shape);
    for (const as of typesOf(name)) {
      const bytes = await smallFile(trained, as);
      const file = `${name}-${as}.onnx`;
      writeFileSync(join(folder, file), bytes);
      rows.push({ network: name, as, file, shape, range: rangeOf(name), digest: digestOfFile(bytes) });
    }
    trained.model.dispose();
  }
  writeFileSync(join(folder, 'files.json'), JSON.stringify(rows));
  await runInPython('small_answers.py', [folder]);
}

if (require.main === module) main(process.argv[2]).catch(fail);
