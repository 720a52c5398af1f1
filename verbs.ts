/**
 * What is done with folders of runs and models, by the names of this package's zoo: the functions of `src/workflows`.
 * @module
 */
import { zoo, type NetworkName } from './models/registry';
import type { DescribeOptions } from './src/describe/describe-network';
import { publishedWeights, type ListedWeights } from './src/report/published-weights';
import type { ExperimentSummary, RunOnFile } from './src/report/overview';
import * as benching from './src/workflows/measure/bench-network';
import * as benchingData from './src/workflows/measure/bench-data';
import * as classifying from './src/workflows/trained/classify';
import * as comparing from './src/workflows/compare/compare';
import * as describing from './src/workflows/measure/describe';
import * as evaluating from './src/workflows/evaluate/evaluate-folder';
import * as exporting from './src/workflows/weights/export-model';
import * as finetuning from './src/workflows/finetune/finetune';
import * as importing from './src/workflows/weights/import-model';
import * as opening from './src/workflows/trained/trained';
import * as reproducing from './src/workflows/reproduce/reproduce';
import type { Experiment } from './src/workflows/reproduce/experiment';
import * as resuming from './src/workflows/train/resume-run';
import * as training from './src/workflows/train/train-run';

/** A network's name in the zoo. */
type Named<Options> = Omit<Options, 'network'> & { readonly network: NetworkName };

/**
 * Trains a network by its recipe, evaluates it on the test set, and leaves a run's folder with all that was decided,
 * the log, the weights and the report. An aborted `signal` ends it after the current update, saved.
 * @returns the folder, and the report unless it was interrupted; `resumeRun` goes on
 * @throws UserError for data, options or a folder that do not fit
 * @example
 * const outcome = await trainRun({ network: 'lenet5', data: 'digits', epochs: 1 });
 * if (outcome.finished) console.log(outcome.folder, outcome.report.error);
 */
export const trainRun = (options: Named<training.TrainRunOptions>) => training.trainRun(zoo, options);

/**
 * Resumes the training or fine-tuning in a folder and brings it to its end. On the same machine, backend and threads it
 * ends with the same weights, bit for bit, as if it had not been interrupted.
 * @throws UserError for a folder without a run, for data that has changed, and for options that were settled when the
 *   run began
 * @example
 * const outcome = await resumeRun('runs/lenet5');
 */
export const resumeRun = (folder: string, options?: resuming.ResumeRunOptions) =>
  resuming.resumeRun(zoo, folder, options);

/**
 * Teaches a trained network the classes of other images: makes its head again, trains what is not frozen, evaluates it
 * on the test images, and leaves a folder that is a run's and a model's.
 * @returns the folder, and the report unless it was interrupted; `resumeRun` goes on
 * @throws UserError for weights, data, options or a folder that do not fit
 * @example
 * const outcome = await finetune({ network: 'googlenet', weights: 'models/googlenet', data: 'photos' });
 */
export const finetune = (options: Named<finetuning.FinetuneOptions>) => finetuning.finetune(zoo, options);

/**
 * Measures the error of the trained network in a folder, by default on the test set of its own run, and writes the
 * report with the worst mistakes. Of several folders the answers are averaged.
 * @throws UserError for folders, data or options that do not fit
 * @example
 * const { report, path } = await evaluateFolder('models/googlenet', { data: 'photos', crops: 'ten' });
 */
export const evaluateFolder = (
  folders: string | readonly string[],
  options?: evaluating.EvaluateFolderOptions,
) => evaluating.evaluateFolder(zoo, folders, options);

/**
 * Opens a network that was trained, fine-tuned or imported, and asks it what images show; images are prepared as its
 * recipe says.
 * @throws UserError if the folder is neither a run's nor a model's, is damaged, or lacks what its preprocessing needs
 * @example
 * const trained = await openTrained('models/googlenet');
 * const [best] = await trained.classify('cat.jpg'); // or the bytes of the file
 * console.log(best.label, best.probability);
 * trained.dispose();
 */
export const openTrained = (folder: string, options?: opening.OpenTrainedOptions) =>
  opening.openTrained(zoo, folder, options);

/**
 * Names what images show, by the network in a folder.
 * @param images files, folders of images, or patterns such as `photos/*.jpg`
 * @throws UserError if there are no images, or the folder holds no trained network
 * @example
 * const found = await classify('photos', { model: 'models/googlenet' });
 */
export const classify = (images: string | readonly string[], options: classifying.ClassifyFilesOptions) =>
  classifying.classify(zoo, images, options);

/**
 * Puts what runs and models found beside what their papers report, as rows, and as files in `out`.
 * @throws UserError for a folder that is named twice; reports that cannot be read are listed in the result
 * @example
 * const { rows } = await compare(['runs/lenet5', 'models/googlenet'], { out: 'comparison' });
 */
export const compare = (folders: readonly string[], options?: comparing.CompareOptions) =>
  comparing.compare(zoo, folders, options);

/**
 * Serves the comparison as a page on this machine, with live curves of runs that are being trained.
 * @returns the page's address, and what ends the server
 * @throws UserError if the port is not free
 * @example
 * const server = await serveComparison({ port: 0, folders: () => ['runs/lenet5'] });
 * await server.close();
 */
export const serveComparison = (options: comparing.ServeComparisonOptions) =>
  comparing.serveComparison(zoo, options);

/**
 * Makes a model folder of the weights of Caffe, PyTorch, Keras, TensorFlow.js or safetensors.
 * @throws UserError for a file that is damaged, or whose network is not ours
 * @example
 * await importModel({ file: 'bvlc_googlenet.caffemodel', network: 'googlenet', out: 'models/googlenet' });
 */
export const importModel = (options: Named<importing.ImportModelOptions>) =>
  importing.importModel(zoo, options);

/**
 * The well-known weight files of all networks, or of one.
 * @example
 * console.log(listedWeights('googlenet')[0]?.url);
 */
export const listedWeights = (network?: NetworkName): readonly ListedWeights[] =>
  publishedWeights(network === undefined ? zoo : { [network]: zoo[network] });

/**
 * Writes a trained model for TensorFlow.js with a page that classifies photos, for Keras, or as safetensors.
 * @throws UserError if the folder holds no trained network, or it cannot be written in the format
 * @example
 * await exportModel('runs/flowers', { format: 'tfjs', out: 'flowers-page' });
 */
export const exportModel = (folder: string, options: exporting.ExportModelOptions) =>
  exporting.exportModel(zoo, folder, options);

/**
 * Repeats an experiment with each of its seeds and draws its figures, or searches its settings. The same call goes on
 * with an experiment that was interrupted.
 * @param name the experiment's name, which is that of its folder
 * @throws UserError for options or data that do not fit, or if the folder holds runs of other settings
 * @example
 * const outcome = await reproduce('few-digits', experiment, { out: 'runs/few-digits' });
 */
export const reproduce = (name: string, experiment: Experiment, options?: reproducing.ReproduceOptions) =>
  reproducing.reproduce(zoo, name, experiment, options);

/**
 * Counts a network's layers from its built model, beside what its paper says.
 * @throws UserError if the number of classes is neither given nor known
 * @example
 * const { parameters, layers } = await describe('lenet5');
 */
export const describe = (network: NetworkName, options?: DescribeOptions) =>
  describing.describe(zoo, network, options);

/**
 * How two networks differ, layer by layer and in their recipes.
 * @throws UserError as `describe`
 * @example
 * const { layers } = await diff('vgg-a', 'vgg-b');
 */
export const diff = (one: NetworkName, other: NetworkName, options?: DescribeOptions) =>
  describing.diff(zoo, one, other, options);

/**
 * A drawing of a network, as SVG.
 * @example
 * const svg = await draw('googlenet');
 */
export const draw = (network: NetworkName, options?: DescribeOptions) =>
  describing.draw(zoo, network, options);

/**
 * Draws a network into an SVG file.
 * @example
 * await drawInto('googlenet.svg', 'googlenet');
 */
export const drawInto = (file: string, network: NetworkName, options?: DescribeOptions) =>
  describing.drawInto(zoo, file, network, options);

/**
 * Every network with the counts of its built model, beside the published ones and the best of some results.
 * @example
 * for (const { name, parameters } of await overview()) console.log(name, parameters);
 */
export const overview = (runs?: readonly RunOnFile[], experiments?: readonly ExperimentSummary[]) =>
  describing.overview(zoo, runs, experiments);

/**
 * Draws what a network sees of an image while it is trained, on one sheet.
 * @param image the path of an image file
 * @throws UserError for an image that cannot be read, and for options that would change nothing
 * @example
 * await drawAugmented('cat.jpg', { recipe: 'alexnet', out: 'sheet.png' });
 */
export const drawAugmented = (image: string, options: describing.DrawAugmentedOptions) =>
  describing.drawAugmented(zoo, image, options);

/**
 * Compares every derivative of a network with finite differences.
 * @throws UserError for a network that is not trained by its gradient
 * @example
 * const { ok } = await checkGradients('lenet1', { entries: 2 });
 */
export const checkGradients = (network: NetworkName, options?: describing.CheckGradientsOptions) =>
  describing.checkGradients(zoo, network, options);

/**
 * Times one network's updates and passes on a random batch.
 * @throws UserError for a step or a precision that is not to be had here
 * @example
 * const { training, inference } = await bench('lenet5', { batch: 32, steps: 5 });
 */
export const bench = (network: NetworkName, options?: benching.BenchOptions) =>
  benching.bench(zoo, network, options);

/**
 * Times how fast images of a folder are read, or a network learns from them.
 * @throws UserError for a folder without images, and options that do not fit
 * @example
 * const { ratios } = await benchData('photos', { rounds: 1, seconds: 0.2 });
 */
export const benchData = (folder: string, options?: benchingData.BenchDataOptions) =>
  benchingData.benchData(zoo, folder, options);
