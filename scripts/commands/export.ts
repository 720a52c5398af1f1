/** The command `export`: writes a trained model for TensorFlow.js, for Keras, or as safetensors. */
import type { BackendName } from '../../src/runtime/backend';
import { backendOption, chooseBackend, jsonOption, print, type Command } from '../cli/output';
import {
  bytesAt,
  drawnIn,
  drawnLines,
  expectExportName,
  exportFormats,
  writeExport,
  type ExportFormat,
} from '../workflows/write-export';
import { openTrained } from '../workflows/open-trained';

interface Arguments {
  model: string;
  format: ExportFormat;
  out: string;
  labels?: string | undefined;
  backend?: BackendName | undefined;
  json: boolean;
}

export const exportCommand: Command<Arguments> = {
  command: 'export <model>',
  describe: 'write a trained model for a browser (TensorFlow.js), for Keras, or as safetensors',
  builder: (argv) =>
    jsonOption(backendOption(argv))
      .positional('model', { type: 'string', demandOption: true, describe: 'the folder of a run or a model' })
      .option('format', {
        choices: exportFormats,
        demandOption: true,
        describe: 'tfjs makes a folder with a page that classifies photos, the others a file',
      })
      .option('out', { type: 'string', demandOption: true, describe: 'the folder or file to make' })
      .option('labels', { type: 'string', describe: 'a file of class names, one a line' })
      .example(
        '$0 export runs/flowers --format tfjs --out flowers-page',
        'then open flowers-page/classify.html',
      ),
  handler: async ({ model: folder, format, out, labels, backend, json }) => {
    expectExportName(format, out);
    await chooseBackend(backend);
    const trained = await openTrained(folder, { labels });
    try {
      const { opening, scores, images } = await writeExport(format, out, trained);
      const bytes = await bytesAt(out);
      const { network, source } = trained;
      const drawn = drawnIn(format, trained);
      const text = [
        `written: ${out} (${(bytes / 1e6).toFixed(1)} MB)`,
        ...drawnLines(drawn),
        `open it: ${opening}`,
        `scores: ${scores}`,
        `images: ${images}`,
      ].join('\n');
      print(json, { format, out, bytes, network, source, scores, images, ...drawn }, text);
    } finally {
      trained.model.dispose();
    }
  },
};
