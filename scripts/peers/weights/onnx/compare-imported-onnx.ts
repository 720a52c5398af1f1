/**
 * Imports ONNX files that PyTorch's and Keras's exporters wrote at full size, and compares our answers with those of
 * onnxruntime by the same files:
 *
 *     npx tsx scripts/peers/weights/onnx/compare-imported-onnx.ts FOLDER     # 6 GB
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../../src/core/errors';
import { fail } from '../../../cli/terminal/output';
import { compareImported } from '../compare-imported';
import { runInPython } from './onnx-python';

async function main(folder: string | undefined): Promise<void> {
  if (folder === undefined) throw new UserError('compare-imported-onnx: expected a folder, found none');
  mkdirSync(folder, { recursive: true });
  const answers = (part: string) => join(folder, `expected-${part}.json`);
  for (const part of ['torch', 'keras'])
    if (!existsSync(answers(part))) await runInPython('imported_models.py', [folder, part]);
  const all = ['torch', 'keras'].flatMap(
    (part) => JSON.parse(readFileSync(answers(part), 'utf8')) as readonly unknown[],
  );
  writeFileSync(join(folder, 'expected.json'), JSON.stringify(all));
  await compareImported(folder);
}

main(process.argv[2]).catch(fail);
