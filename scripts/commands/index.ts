/** Every command of `cnn-lineage`, in the order of `--help`; its module is loaded when it is called. */
import { createRequire } from 'node:module';
import { verbOf, type Command, type ListedCommand } from '../cli/command';
import { alone, byRanks } from '../cli/ranks/ranks-options';

const load = createRequire(__filename);

function commandIn(file: string, name: string): Command {
  return (load(file) as Readonly<Record<string, Command>>)[name]!;
}

export const commands: readonly ListedCommand[] = [
  {
    command: 'start',
    describe: 'set up, then train LeNet-5 on the built-in digits',
    load: () => alone(commandIn('./start', 'start')),
  },
  {
    command: 'train [network]',
    describe: 'train a network by its recipe, in a folder of its own',
    load: () => byRanks(commandIn('./train', 'train')),
  },
  {
    command: 'finetune [network]',
    describe: 'teach a trained network the classes of your own images',
    load: () => byRanks(commandIn('./finetune', 'finetune')),
  },
  {
    command: 'classify <images..>',
    describe: 'name what images show, by a trained model',
    load: () => alone(commandIn('./classify', 'classify')),
  },
  {
    command: 'inspect <model> [image]',
    describe: 'draw what happens inside a trained network: maps, and what its answer depends on',
    load: () => alone(commandIn('./inspect', 'inspect')),
  },
  {
    command: 'features <images..>',
    describe: 'write what a layer of a trained model makes of images: safetensors, NumPy or CSV',
    load: () => alone(commandIn('./features', 'features')),
  },
  {
    command: 'evaluate <models..>',
    describe: 'measure the error of a run or of a model folder, or of several together',
    load: () => byRanks(commandIn('./evaluate', 'evaluate')),
  },
  {
    command: 'compare [runs..]',
    describe: 'put what runs and models found beside what their papers report',
    load: () => alone(commandIn('./compare', 'compare')),
  },
  {
    command: 'report:serve [runs..]',
    describe: 'serve the comparison on this machine, with live curves of runs that are being trained',
    load: () => alone(commandIn('./report-serve', 'reportServe')),
  },
  {
    command: 'playground',
    describe: 'a page on which one draws a digit and looks into LeNet-5: served, or written as one file',
    load: () => alone(commandIn('./playground', 'playground')),
  },
  {
    command: 'import [file]',
    describe:
      'make a model folder of trained weights from Caffe, PyTorch, Keras, TensorFlow.js or safetensors',
    load: () => alone(commandIn('./import', 'importCommand')),
  },
  {
    command: 'export <model>',
    describe: 'write a trained model for a browser (TensorFlow.js), as ONNX, for Keras, or as safetensors',
    load: () => alone(commandIn('./export', 'exportCommand')),
  },
  {
    command: 'reproduce <experiment>',
    describe: 'repeat a published experiment with several seeds, and write results/EXPERIMENT',
    load: () => byRanks(commandIn('./reproduce', 'reproduce')),
  },
  {
    command: 'describe [network]',
    describe: 'count the layers of a network, beside what its paper says',
    load: () => alone(commandIn('./describe', 'describe')),
  },
  {
    command: 'inspect-data <data..>',
    describe: 'look at images before anything learns from them: counts, duplicates, what cannot be read',
    load: () => alone(commandIn('./inspect-data', 'inspectData')),
  },
  {
    command: 'augment <image>',
    describe: 'draw what a network sees of an image while it is trained',
    load: () => alone(commandIn('./augment', 'augment')),
  },
  {
    command: 'bench [network]',
    describe: 'images a second, for training and for inference',
    load: () => alone(commandIn('./bench', 'bench')),
  },
  {
    command: 'bench-data <folder>',
    describe: 'how fast images are read, or a network learns from them',
    load: () => alone(commandIn('./bench-data', 'benchData')),
  },
  {
    command: 'check-gradients <network>',
    describe: 'compare every derivative of a network with finite differences',
    load: () => alone(commandIn('./check-gradients', 'checkGradients')),
  },
  {
    command: 'download <dataset>',
    describe: 'download a data set, continuing where an interrupted download stopped',
    load: () => alone(commandIn('./download', 'download')),
  },
  {
    command: 'setup',
    describe: 'set up native TensorFlow for this user (nothing to do when done)',
    load: () => alone(commandIn('./setup', 'setup')),
  },
  {
    command: 'doctor',
    describe: 'what computes here, why nothing better does, and what would mend it',
    load: () => alone(commandIn('./doctor', 'doctor')),
  },
];

/** The command that is called by a word, if there is one. */
export function commandCalled(word: string | undefined): ListedCommand | undefined {
  return commands.find((listed) => verbOf(listed) === word);
}
