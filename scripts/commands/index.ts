/** Every command of `cnn-lineage`, in the order of `--help`; its module is loaded when it is called. */
import type { ListedCommand } from '../cli/command';

export const commands: readonly ListedCommand[] = [
  {
    command: 'start',
    describe: 'set up, then train LeNet-5 on the built-in digits',
    load: async () => (await import('./start.js')).start,
  },
  {
    command: 'train [network]',
    describe: 'train a network by its recipe, in a folder of its own',
    load: async () => (await import('./train.js')).train,
  },
  {
    command: 'finetune [network]',
    describe: 'teach a trained network the classes of your own images',
    load: async () => (await import('./finetune.js')).finetune,
  },
  {
    command: 'classify <images..>',
    describe: 'name what images show, by a trained model',
    load: async () => (await import('./classify.js')).classify,
  },
  {
    command: 'evaluate <models..>',
    describe: 'measure the error of a run or of a model folder, or of several together',
    load: async () => (await import('./evaluate.js')).evaluate,
  },
  {
    command: 'compare [runs..]',
    describe: 'put what runs and models found beside what their papers report',
    load: async () => (await import('./compare.js')).compare,
  },
  {
    command: 'report:serve [runs..]',
    describe: 'serve the comparison on this machine, with live curves of runs that are being trained',
    load: async () => (await import('./report-serve.js')).reportServe,
  },
  {
    command: 'import [file]',
    describe:
      'make a model folder of trained weights from Caffe, PyTorch, Keras, TensorFlow.js or safetensors',
    load: async () => (await import('./import.js')).importCommand,
  },
  {
    command: 'export <model>',
    describe: 'write a trained model for a browser (TensorFlow.js), for Keras, or as safetensors',
    load: async () => (await import('./export.js')).exportCommand,
  },
  {
    command: 'reproduce <experiment>',
    describe: 'repeat a published experiment with several seeds, and write results/EXPERIMENT',
    load: async () => (await import('./reproduce.js')).reproduce,
  },
  {
    command: 'describe [network]',
    describe: 'count the layers of a network, beside what its paper says',
    load: async () => (await import('./describe.js')).describe,
  },
  {
    command: 'augment <image>',
    describe: 'draw what a network sees of an image while it is trained',
    load: async () => (await import('./augment.js')).augment,
  },
  {
    command: 'bench [network]',
    describe: 'images a second, for training and for inference',
    load: async () => (await import('./bench.js')).bench,
  },
  {
    command: 'bench-data <folder>',
    describe: 'how fast images are read, or a network learns from them',
    load: async () => (await import('./bench-data.js')).benchData,
  },
  {
    command: 'check-gradients <network>',
    describe: 'compare every derivative of a network with finite differences',
    load: async () => (await import('./check-gradients.js')).checkGradients,
  },
  {
    command: 'download <dataset>',
    describe: 'download a data set, continuing where an interrupted download stopped',
    load: async () => (await import('./download.js')).download,
  },
  {
    command: 'setup',
    describe: 'set up native TensorFlow for this user (nothing to do when done)',
    load: async () => (await import('./setup.js')).setup,
  },
  {
    command: 'doctor',
    describe: 'what computes here, why nothing better does, and what would mend it',
    load: async () => (await import('./doctor.js')).doctor,
  },
];
