/** The command `export`: writes a trained model for TensorFlow.js, as ONNX, for Keras, or as safetensors. */
import { exportFormats } from '../../src/workflows/choices';
import { weightTypes } from '../../src/weights/export/weight-types';
import { command } from '../cli/command';
import { library, texts } from '../cli/library';
import { computing, labels, weightNames } from '../cli/options/shared-options';
import { print } from '../cli/terminal/output';
import { inTerminal } from '../cli/terminal/session';

export const exportCommand = command(
  (argv) =>
    computing(argv)
      .positional('model', {
        type: 'string',
        demandOption: true,
        describe: `the folder of a run or a model; or ${weightNames}`,
      })
      .option('format', {
        choices: exportFormats,
        demandOption: true,
        describe:
          'tfjs makes a folder with a page that classifies photos, page one file that shows what each layer computes, the others a file',
      })
      .option('out', { type: 'string', demandOption: true, describe: 'the folder or file to make' })
      .option('labels', labels)
      .option('weights-as', {
        choices: weightTypes,
        describe:
          'the type of the kernels in the file: float16 (tfjs, onnx, safetensors) halves it, int8 (tfjs, onnx) quarters it (default: float32)',
      })
      .example(
        '$0 export runs/flowers --format tfjs --out flowers-page',
        'then open flowers-page/classify.html',
      ),
  async ({ model, json, ...given }) => {
    const { exportModel } = library();
    const { exportedText } = texts();
    const exported = await inTerminal((session) => exportModel(model, { ...given, ...session }));
    const { opening: _, ...result } = exported;
    print(json, result, exportedText(exported));
  },
);
