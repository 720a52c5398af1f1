/**
 * Imports ONNX files that PyTorch's and Keras's exporters wrote at full size, and one by the names of ONNX's model zoo,
 * and compares our answers to real images with those of onnxruntime by the same files:
 *
 *     npx tsx scripts/peers/weights/onnx/compare-imported-onnx.ts FOLDER     # LINEAGE_DATA with imagenet-val/; 7 GB
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../../src/core/errors';
import { fail } from '../../../cli/terminal/output';
import { compareImported } from '../compare-imported';
import { imagenetPixels } from './imagenet-pixels';
import { runInPython } from './onnx-python';

const images = 16;
const parts = ['torch', 'keras', 'caffe2'];

async function main(folder: string | undefined): Promise<void> {
  if (folder === undefined) throw new UserError('compare-imported-onnx: expected a folder, found none');
  mkdirSync(folder, { recursive: true });
  const answers = (part: string) => join(folder, `expected-${part}.json`);
  writeFileSync(join(folder, 'images.pixels'), (await imagenetPixels(images)).pixels);
  for (const part of parts)
    if (!existsSync(answers(part))) await runInPython('imported_models.py', [folder, part]);
  const all = parts.flatMap((part) => JSON.parse(readFileSync(answers(part), 'utf8')) as readonly unknown[]);
  writeFileSync(join(folder, 'expected.json'), JSON.stringify(all));
  await compareImported(folder);
}

main(process.argv[2]).catch(fail);
