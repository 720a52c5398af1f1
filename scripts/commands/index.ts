/** Every command of `cnn-lineage`, in the order of `--help`; its module is loaded when it is called. */
import { createRequire } from 'node:module';
import { verbOf, type Command, type ListedCommand } from '../cli/command';

const load = createRequire(__filename);

function commandIn(file: string, name: string): Command {
  return (load(file) as Readonly<Record<string, Command>>)[name]!;
}

export const commands: readonly ListedCommand[] = [
  {
    command: 'start',
    describe: 'set up, then train LeNet-5 on the built-in digits',
    load: () => commandIn('./start', 'start'),
  },
  {
    command: 'train [network]',
    describe: 'train a network by its recipe, in a folder of its own',
    ranks: true,
    load: () => commandIn('./train', 'train'),
  },
  {
    command: 'finetune [network]',
    describe: 'teach a trained network the classes of your own images',
    ranks: true,
    load: () => commandIn('./finetune', 'finetune'),
  },
  {
    command: 'classify <images..>',
    describe: 'name what images show, by a trained model',
    load: () => commandIn('./classify', 'classify'),
  },
  {
    command: 'inspect <model> [image]',
    describe: 'draw what happens inside a trained network: maps, and what its answer depends on',
    load: () => commandIn('./inspect', 'inspect'),
  },
  {
    command: 'features <images..>',
    describe: 'write what a layer of a trained model makes of images: safetensors, NumPy or CSV',
    load: () => commandIn('./features', 'features'),
  },
  {
    command: 'evaluate <models..>',
    describe: 'measure the error of a run or of a model folder, or of several together',
    ranks: true,
    load: () => commandIn('./evaluate', 'evaluate'),
  },
  {
    command: 'compare [runs..]',
    describe: 'put what runs and models found beside what their papers report',
    load: () => commandIn('./compare', 'compare'),
  },
  {
    command: 'report:serve [runs..]',
    describe: 'serve the comparison on this machine, with live curves of runs that are being trained',
    load: () => commandIn('./report-serve', 'reportServe'),
  },
  {
    command: 'playground',
    describe: 'a page on which one draws a digit and looks into LeNet-5: served, or written as one file',
    load: () => commandIn('./playground', 'playground'),
  },
  {
    command: 'import [file]',
    describe:
      'make a model folder of trained weights from Caffe, PyTorch, Keras, TensorFlow.js or safetensors',
    load: () => commandIn('./import', 'importCommand'),
  },
  {
    command: 'export <model>',
    describe: 'write a trained model for a browser (TensorFlow.js), as ONNX, for Keras, or as safetensors',
    load: () => commandIn('./export', 'exportCommand'),
  },
  {
    command: 'reproduce <experiment>',
    describe: 'repeat a published experiment with several seeds, and write results/EXPERIMENT',
    ranks: true,
    load: () => commandIn('./reproduce', 'reproduce'),
  },
  {
    command: 'describe [network]',
    describe: 'count the layers of a network, beside what its paper says',
    load: () => commandIn('./describe', 'describe'),
  },
  {
    command: 'inspect-data <data..>',
    describe: 'look at images before anything learns from them: counts, duplicates, what cannot be read',
    load: () => commandIn('./inspect-data', 'inspectData'),
  },
  {
    command: 'augment <image>',
    describe: 'draw what a network sees of an image while it is trained',
    load: () => commandIn('./augment', 'augment'),
  },
  {
    command: 'bench [network]',
    describe: 'images a second, for training and for inference',
    load: () => commandIn('./bench', 'bench'),
  },
  {
    command: 'bench-data <folder>',
    describe: 'how fast images are read, or a network learns from them',
    load: () => commandIn('./bench-data', 'benchData'),
  },
  {
    command: 'check-gradients <network>',
    describe: 'compare every derivative of a network with finite differences',
    load: () => commandIn('./check-gradients', 'checkGradients'),
  },
  {
    command: 'download <dataset>',
    describe: 'download a data set, continuing where an interrupted download stopped',
    load: () => commandIn('./download', 'download'),
  },
  {
    command: 'setup',
    describe: 'set up native TensorFlow for this user (nothing to do when done)',
    load: () => commandIn('./setup', 'setup'),
  },
  {
    command: 'doctor',
    describe: 'what computes here, why nothing better does, and what would mend it',
    load: () => commandIn('./doctor', 'doctor'),
  },
];

/** The command that is called by a word, if there is one. */
export function commandCalled(word: string | undefined): ListedCommand | undefined {
  return commands.find((listed) => verbOf(listed) === word);
}
