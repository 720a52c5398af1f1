/**
 * What is done with folders of runs and models, by the names of this package's zoo: the functions of `src/workflows`.
 * @module
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { networkNamed } from './models/names';
import { zoo, type NetworkAlias, type NetworkName } from './models/registry';
import type { DescribeOptions } from './src/describe/describe-network';
import { publishedWeights, type ListedWeights } from './src/report/published-weights';
import type { ExperimentSummary, RunOnFile } from './src/report/overview';
import type * as Overriding from './src/core/recipe/overrides';
import type * as Fitting from './src/data/preprocess/fit';
import type { EvaluateOptions } from './src/evaluate/evaluate';
import type { Prediction, PredictOptions } from './src/evaluate/scores/predict';
import type * as Diagnosing from './src/runtime/doctor';
import type * as SettingUp from './src/runtime/setup/setup';
import type * as SettingUpAsked from './src/runtime/setup/asked';
import type { TrainOptions, Update } from './src/train/train';
import type * as ImportingWeights from './src/weights/import/import-weights';
import type * as InspectingData from './src/workflows/data/inspect-data';
import type * as OpeningData from './src/workflows/data/open-data';
import type * as InMemory from './src/train/in-memory';
import type * as Loading from './src/data/loader/loader';
import type * as Backends from './src/runtime/backend';
import type * as Benching from './src/workflows/measure/bench-network';
import type * as BenchingData from './src/workflows/measure/bench-data';
import type * as Classifying from './src/workflows/trained/classify';
import type * as Comparing from './src/workflows/compare/compare';
import type * as Describing from './src/workflows/measure/describe';
import type * as Evaluating from './src/workflows/evaluate/evaluate-folder';
import type * as Exporting from './src/workflows/weights/export-model';
import type * as Playing from './src/workflows/weights/playground/playground';
import type * as Featuring from './src/workflows/trained/features/features';
import type * as Finetuning from './src/workflows/finetune/finetune';
import type * as FindingRates from './src/workflows/finetune/find-rate';
import type * as Importing from './src/workflows/weights/import-model';
import type * as Occluding from './src/describe/inspect/occlusion';
import type * as Activating from './src/describe/inspect/class-activation';
import type * as Deriving from './src/describe/inspect/score-gradients';
import type * as Exciting from './src/describe/inspect/strongest-images';
import type * as Showing from './src/describe/inspect/shown-image';
import type * as Inspecting from './src/workflows/trained/inspect';
import type * as Opening from './src/workflows/trained/trained';
import type * as Reproducing from './src/workflows/reproduce/reproduce';
import type { Experiment } from './src/workflows/reproduce/experiment';
import type * as Resuming from './src/workflows/train/resume-run';
import type * as Training from './src/workflows/train/train-run';
import type { TrainedName } from './src/weights/trained-names';

const load = createRequire(__filename);

/** A module that is loaded when it is first used: importing the library costs little more than the networks. */
function lazily<Module>(path: string): () => Module {
  return () => load(path) as Module;
}

const benching = lazily<typeof Benching>('./src/workflows/measure/bench-network');
const benchingData = lazily<typeof BenchingData>('./src/workflows/measure/bench-data');
const classifying = lazily<typeof Classifying>('./src/workflows/trained/classify');
const comparing = lazily<typeof Comparing>('./src/workflows/compare/compare');
const describing = lazily<typeof Describing>('./src/workflows/measure/describe');
const evaluating = lazily<typeof Evaluating>('./src/workflows/evaluate/evaluate-folder');
const exporting = lazily<typeof Exporting>('./src/workflows/weights/export-model');
const featuring = lazily<typeof Featuring>('./src/workflows/trained/features/features');
const finetuning = lazily<typeof Finetuning>('./src/workflows/finetune/finetune');
const findingRates = lazily<typeof FindingRates>('./src/workflows/finetune/find-rate');
const importing = lazily<typeof Importing>('./src/workflows/weights/import-model');
const activating = lazily<typeof Activating>('./src/describe/inspect/class-activation');
const deriving = lazily<typeof Deriving>('./src/describe/inspect/score-gradients');
const exciting = lazily<typeof Exciting>('./src/describe/inspect/strongest-images');
const occluding = lazily<typeof Occluding>('./src/describe/inspect/occlusion');
const showing = lazily<typeof Showing>('./src/describe/inspect/shown-image');
const inspecting = lazily<typeof Inspecting>('./src/workflows/trained/inspect');
const opening = lazily<typeof Opening>('./src/workflows/trained/trained');
const playing = lazily<typeof Playing>('./src/workflows/weights/playground/playground');
const reproducing = lazily<typeof Reproducing>('./src/workflows/reproduce/reproduce');
const resuming = lazily<typeof Resuming>('./src/workflows/train/resume-run');
const training = lazily<typeof Training>('./src/workflows/train/train-run');

const diagnosing = lazily<typeof Diagnosing>('./src/runtime/doctor');
const fitting = lazily<typeof Fitting>('./src/data/preprocess/fit');
const importingWeights = lazily<typeof ImportingWeights>('./src/weights/import/import-weights');
const loading = lazily<typeof Loading>('./src/data/loader/loader');
const backends = lazily<typeof Backends>('./src/runtime/backend');
/** What is done with a model that the caller holds: images in files are read too. */
const inMemory = () =>
  lazily<typeof InMemory>('./src/train/in-memory')().inMemoryVerbs({
    openLoader: () => loading().openLoader(),
    backend: () => backends().backendInUse(),
  });
const inspectingData = lazily<typeof InspectingData>('./src/workflows/data/inspect-data');
const openingData = lazily<typeof OpeningData>('./src/workflows/data/open-data');
const overriding = lazily<typeof Overriding>('./src/core/recipe/overrides');
const settingUp = lazily<typeof SettingUp>('./src/runtime/setup/setup');
const settingUpAsked = lazily<typeof SettingUpAsked>('./src/runtime/setup/asked');

/** A network's name in the zoo, or another that means it: `vgg-d`, `vgg16`. */
type Name = NetworkName | NetworkAlias;

type Named<Options> = Omit<Options, 'network'> & { readonly network: Name };

/** The options with the network's own name, by which alone it is known to what follows and to records. */
function named<Options extends { readonly network: string }>(options: Options): Options {
  return withNetwork('network', options);
}

function withNetwork<Options extends object>(name: keyof Options & string, options: Options): Options {
  // JavaScript may hand over nothing, which the function itself refuses.
  const word: unknown = (options as Options | undefined)?.[name];
  return typeof word === 'string' ? { ...options, [name]: networkNamed(word) } : options;
}

/** Trained weights by a path or a name; another name for a network gives way to a file or folder that is called so. */
function weightsNamed(word: string): string {
  return typeof word !== 'string' || existsSync(word) ? word : networkNamed(word);
}

/** Options with such a word in one of them. */
function withWeights<Options extends object>(name: keyof Options & string, options: Options): Options {
  const word: unknown = (options as Options | undefined)?.[name];
  return typeof word === 'string' ? { ...options, [name]: weightsNamed(word) } : options;
}

/**
 * Trains a network by its recipe, evaluates it on the test set, and leaves a run's folder with all that was decided,
 * the log, the weights and the report. An aborted `signal` ends it after the current update, saved.
 * @returns the folder, and the report unless it was interrupted; `resumeRun` goes on
 * @throws UserError for data, options or a folder that do not fit
 * @example
 * const outcome = await trainRun({ network: 'lenet5', data: 'digits', epochs: 1 });
 * if (outcome.finished) console.log(outcome.folder, outcome.report.error);
 */
export const trainRun = (options: Named<Training.TrainRunOptions>) =>
  training().trainRun(zoo, withWeights('startFrom', named(options)));

/**
 * Resumes the training or fine-tuning in a folder and brings it to its end. On the same machine, backend and threads it
 * ends with the same weights, bit for bit, as if it had not been interrupted.
 * @throws UserError for a folder without a run, for data that has changed, and for options that were settled when the
 *   run began
 * @example
 * const outcome = await resumeRun('runs/lenet5');
 */
export const resumeRun = (folder: string, options?: Resuming.ResumeRunOptions) =>
  resuming().resumeRun(zoo, folder, options);

/**
 * Teaches a trained network the classes of other images: makes its head again, trains what is not frozen, evaluates it
 * on the test images, and leaves a folder that is a run's and a model's.
 * @returns the folder, and the report unless it was interrupted; `resumeRun` goes on
 * @throws UserError for weights, data, options or a folder that do not fit
 * @example
 * const outcome = await finetune({ network: 'googlenet', weights: 'models/googlenet', data: 'photos' });
 */
export const finetune = (options: Named<Finetuning.FinetuneOptions>) =>
  finetuning().finetune(zoo, withWeights('weights', named(options)));

/**
 * Looks for the learning rate of a fine-tuning: it learns for some updates at a rate that rises, and proposes a tenth of
 * the rate at which the smoothed loss was least. The weights are thrown away; the curve and its numbers stay in `out`.
 * @param options those of the fine-tuning, but for its rate
 * @throws UserError as `finetune`, and when the loss did not fall at any rate; the signal's reason
 * @example
 * const asked = { network: 'googlenet', weights: 'models/googlenet', data: 'photos', optimiser: 'adamw' } as const;
 * const { rate, chart } = await findRate(asked);
 * await finetune({ ...asked, rate });
 */
export const findRate = (options: Named<FindingRates.FindRateOptions>) =>
  findingRates().findRate(zoo, options);

/**
 * Measures the error of the trained network in a folder, by default on the test set of its own run, and writes the
 * report with the worst mistakes. Of several folders the answers are averaged.
 * @throws UserError for folders, data or options that do not fit
 * @example
 * const { report, path } = await evaluateFolder('models/googlenet', { data: 'photos', crops: 'ten' });
 */
export const evaluateFolder = (
  folders: string | readonly string[],
  options?: Evaluating.EvaluateFolderOptions,
) =>
  evaluating().evaluateFolder(
    zoo,
    Array.isArray(folders) ? folders.map(weightsNamed) : weightsNamed(folders as string),
    options,
  );

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
export const openTrained = (folder: string, options?: Opening.OpenTrainedOptions) =>
  opening().openTrained(zoo, weightsNamed(folder), options);

/**
 * Opens trained weights by their name. `lenet5`, `lenet5-distorted`, `lenet1` and `lecun1989` come with the package. A
 * network's name stands for its well-known weights, such as those of Caffe's GoogLeNet: they are taken from the data
 * root or downloaded into it, imported, and kept in the user's cache.
 * @throws UserError for another name, and where a download fails
 * @example
 * const trained = await loadPretrained('lenet5');
 * const [best] = await trained.classify('digit.png');
 * trained.dispose();
 */
export const loadPretrained = (
  name: TrainedName | Name,
  options?: Omit<Opening.OpenTrainedOptions, 'weights'>,
) => opening().loadPretrained(zoo, networkNamed(name), options);

/**
 * Names what images show, by the network in a folder.
 * @param images files, folders of images, or patterns such as `photos/*.jpg`
 * @throws UserError if there are no images, or the folder holds no trained network
 * @example
 * const found = await classify('photos', { model: 'models/googlenet' });
 */
export const classify = (images: string | readonly string[], options: Classifying.ClassifyFilesOptions) =>
  classifying().classify(zoo, images, withWeights('model', options));

/**
 * Looks inside a trained network, while it sees an image or at the images that excite one of its units most, and draws
 * what is found as one sheet: maps of layers, class activation, Grad-CAM, input gradient and occlusion.
 * @param model the folder of a run or a model, or a name that `loadPretrained` takes
 * @throws UserError for a model, an image or options that do not fit, and for options that would change nothing
 * @example
 * const { image } = await inspect('lenet5', { image: 'digit.png', out: 'digit.html' });
 * console.log(image?.class.label, image?.gradCam?.values);
 */
export const inspect = (model: string, options: Inspecting.InspectOptions) =>
  inspecting().inspect(zoo, model, options);

/**
 * The images of a data set as a network sees them: `pixels` after the crop, and `input`, the numbers that its recipe
 * makes of them, which the functions below take.
 * @param loader reads image files: `openLoader()` of `cnn-lineage/data`. Default: one for images in memory
 * @example
 * for await (const { input } of shownImages(trained, data.test)) console.log(input.length);
 */
export async function* shownImages(
  ...given: Parameters<typeof Showing.shownImages>
): AsyncGenerator<Showing.ShownImage, void> {
  yield* showing().shownImages(...given);
}

/**
 * The exact class activation map of a network whose head averages maps over all positions (Zhou et al. 2016, §2); null
 * for a head of another kind.
 * @function
 */
export const classActivationMap: typeof Activating.classActivationMap = (model, input, wanted) =>
  activating().classActivationMap(model, input, wanted);

/**
 * The Grad-CAM map of a class, of a layer of maps (Selvaraju et al. 2017, §3).
 * @throws UserError for another layer
 * @function
 */
export const gradCam: typeof Deriving.gradCam = (trained, input, wanted, layer) =>
  deriving().gradCam(trained, input, wanted, layer);

/**
 * The derivatives of a class's score with respect to the image (Simonyan et al. 2014, §3).
 * @function
 */
export const inputGradient: typeof Deriving.inputGradient = (trained, input, wanted) =>
  deriving().inputGradient(trained, input, wanted);

/**
 * What becomes of a class's probability, or score, where a square covers one part of the image after the other (Zeiler
 * and Fergus 2014, §4.2).
 * @throws UserError for a square that covers nothing or everything
 * @function
 */
export const occlusion: typeof Occluding.occlusion = (trained, shown, wanted, options) =>
  occluding().occlusion(trained, shown, wanted, options);

/**
 * What covering takes from a class pixel by pixel: the mean over all places of the square that cover the pixel.
 * @function
 */
export const lossByPixel: typeof Occluding.lossByPixel = (found, height, width) =>
  occluding().lossByPixel(found, height, width);

/**
 * The images of a data set that excite a unit most, the strongest first (Zeiler and Fergus 2014, Fig. 2).
 * @throws UserError for a unit that is none
 * @function
 */
export const strongestImages: typeof Exciting.strongestImages = (trained, data, options) =>
  exciting().strongestImages(trained, data, options);

/**
 * What a layer of a trained network makes of images, in their order, batch by batch: by default the last layer before
 * the classifier.
 * @param images files, folders or patterns; or one data set, by its name or its folder
 * @throws UserError as `classify`, and for a layer that the network does not have
 * @example
 * for await (const { files, features, width } of features('photos', { model: 'models/googlenet' }))
 *   files.forEach((file, row) => index.add(file, features.subarray(row * width, (row + 1) * width)));
 */
export async function* features(
  images: string | readonly string[],
  options: Featuring.FeaturesOptions,
): AsyncGenerator<Featuring.FeatureBatch, void, undefined> {
  yield* featuring().features(zoo, images, options);
}

/**
 * As `features`, written into a file row by row: safetensors, NumPy's `.npy` or `.npz`, or CSV, by its ending.
 * @throws UserError as `features`, and for a name of another ending
 * @example
 * await writeFeatures('photos', { model: 'models/googlenet', out: 'photos.npz' });
 */
export const writeFeatures = (images: string | readonly string[], options: Featuring.WriteFeaturesOptions) =>
  featuring().writeFeatures(zoo, images, options);

/**
 * Puts what runs and models found beside what their papers report, as rows, and as files in `out`.
 * @throws UserError for a folder that is named twice; reports that cannot be read are listed in the result
 * @example
 * const { rows } = await compare(['runs/lenet5', 'models/googlenet'], { out: 'comparison' });
 */
export const compare = (folders: readonly string[], options?: Comparing.CompareOptions) =>
  comparing().compare(zoo, folders, options);

/**
 * Serves the comparison as a page on this machine, with live curves of runs that are being trained.
 * @returns the page's address, and what ends the server
 * @throws UserError if the port is not free
 * @example
 * const server = await serveComparison({ port: 0, folders: () => ['runs/lenet5'] });
 * await server.close();
 */
export const serveComparison = (options: Comparing.ServeComparisonOptions) =>
  comparing().serveComparison(zoo, options);

/**
 * Makes a model folder of the weights of Caffe, PyTorch, Keras, TensorFlow.js or safetensors.
 * @throws UserError for a file that is damaged, or whose network is not ours
 * @example
 * await importModel({ file: 'bvlc_googlenet.caffemodel', network: 'googlenet', out: 'models/googlenet' });
 */
export const importModel = (options: Named<Importing.ImportModelOptions>) =>
  importing().importModel(zoo, named(options));

/**
 * The well-known weight files of all networks, or of one.
 * @example
 * console.log(listedWeights('googlenet')[0]?.url);
 */
export const listedWeights = (network?: Name): readonly ListedWeights[] => {
  if (network === undefined) return publishedWeights(zoo);
  const name = networkNamed(network) as NetworkName;
  return publishedWeights({ [name]: zoo[name] });
};

/**
 * Writes a trained model for TensorFlow.js with a page that classifies photos, for Keras, or as safetensors.
 * @throws UserError if the folder holds no trained network, or it cannot be written in the format
 * @example
 * await exportModel('runs/flowers', { format: 'tfjs', out: 'flowers-page' });
 */
export const exportModel = (folder: string, options: Exporting.ExportModelOptions) =>
  exporting().exportModel(zoo, weightsNamed(folder), options);

/**
 * Writes the playground, a page on which digits are drawn and looked at in LeNet-5, as one file that needs no server.
 * @example
 * await writePlayground({ out: 'playground.html' });
 */
export const writePlayground = (options: Playing.WritePlaygroundOptions) =>
  playing().writePlayground(zoo, options);

/**
 * Serves the playground on this machine.
 * @example
 * const server = await servePlayground({ port: 0 });
 */
export const servePlayground = (options: Playing.ServePlaygroundOptions) =>
  playing().servePlayground(zoo, options);

/**
 * Repeats an experiment with each of its seeds and draws its figures, or searches its settings. The same call goes on
 * with an experiment that was interrupted.
 * @param name the experiment's name, which is that of its folder
 * @throws UserError for options or data that do not fit, or if the folder holds runs of other settings
 * @example
 * const outcome = await reproduce('few-digits', experiment, { out: 'runs/few-digits' });
 */
export const reproduce = (name: string, experiment: Experiment, options?: Reproducing.ReproduceOptions) =>
  reproducing().reproduce(zoo, name, named(experiment), options);

/**
 * Counts a network's layers from its built model, beside what its paper says.
 * @throws UserError if the number of classes is neither given nor known
 * @example
 * const { parameters, layers } = await describe('lenet5');
 */
export const describe = (network: Name, options?: DescribeOptions) =>
  describing().describe(zoo, networkNamed(network), options);

/**
 * How two networks differ, layer by layer and in their recipes.
 * @throws UserError as `describe`
 * @example
 * const { layers } = await diff('vgg-a', 'vgg-b');
 */
export const diff = (one: Name, other: Name, options?: DescribeOptions) =>
  describing().diff(zoo, networkNamed(one), networkNamed(other), options);

/**
 * A drawing of a network, as SVG.
 * @example
 * const svg = await draw('googlenet');
 */
export const draw = (network: Name, options?: DescribeOptions) =>
  describing().draw(zoo, networkNamed(network), options);

/**
 * Draws a network into an SVG file.
 * @example
 * await drawInto('googlenet.svg', 'googlenet');
 */
export const drawInto = (file: string, network: Name, options?: DescribeOptions) =>
  describing().drawInto(zoo, file, networkNamed(network), options);

/**
 * Every network with the counts of its built model, beside the published ones and the best of some results.
 * @example
 * for (const { name, parameters } of await overview()) console.log(name, parameters);
 */
export const overview = (runs?: readonly RunOnFile[], experiments?: readonly ExperimentSummary[]) =>
  describing().overview(zoo, runs, experiments);

/**
 * Draws what a network sees of an image while it is trained, on one sheet.
 * @param image the path of an image file
 * @throws UserError for an image that cannot be read, and for options that would change nothing
 * @example
 * await drawAugmented('cat.jpg', { recipe: 'alexnet', out: 'sheet.png' });
 */
export const drawAugmented = (image: string, options: Describing.DrawAugmentedOptions) =>
  describing().drawAugmented(zoo, image, withNetwork('recipe', options));

/**
 * Compares every derivative of a network with finite differences.
 * @throws UserError for a network that is not trained by its gradient
 * @example
 * const { ok } = await checkGradients('lenet1', { entries: 2 });
 */
export const checkGradients = (network: Name, options?: Describing.CheckGradientsOptions) =>
  describing().checkGradients(zoo, networkNamed(network), options);

/**
 * Times one network's updates and passes on a random batch.
 * @throws UserError for a step or a precision that is not to be had here
 * @example
 * const { training, inference } = await bench('lenet5', { batch: 32, steps: 5 });
 */
export const bench = (network: Name, options?: Benching.BenchOptions) =>
  benching().bench(zoo, networkNamed(network), options);

/**
 * Times how fast images of a folder are read, or a network learns from them.
 * @throws UserError for a folder without images, and options that do not fit
 * @example
 * const { ratios } = await benchData('photos', { rounds: 1, seconds: 0.2 });
 */
export const benchData = (folder: string, options?: BenchingData.BenchDataOptions) =>
  benchingData().benchData(zoo, folder, options && withNetwork('train', options));

/**
 * For callers that resume runs of one kind alone.
 * @throws UserError for a run of the other kind, saying what resumes it
 */
export const expectRunOf = (verb: 'train' | 'finetune', folder: string) =>
  resuming().expectRunOf(verb, folder);

/**
 * Opens a data set: `digits`, which the program draws itself; `mnist` or `fashion-mnist`, downloaded into the data root
 * when they are not there; the name of a folder in the data root, such as `usps` or `cifar10`; or the path of a folder
 * or of tar shards. Images are decoded when they are used.
 * @throws UserError when the name is unknown, files are damaged, do not match or cannot be downloaded, or there is
 *   nothing to train on or nothing to test on
 * @function
 * @example
 * const { train, test } = await openData('digits');
 */
export const openData: typeof OpeningData.openData = (name, options) => openingData().openData(name, options);

/**
 * As `openData`, with a part that chooses the best epoch or weight decay, which is split off where it is missing.
 * @function
 */
export const openFinetuneData: typeof OpeningData.openFinetuneData = (name, options) =>
  openingData().openFinetuneData(name, options);

/**
 * The part of a data set that a trained network is tested on.
 * @function
 */
export const openTestData: typeof OpeningData.openTestData = (name, options) =>
  openingData().openTestData(name, options);

/**
 * Decodes every image of a data set once and tells what a training would meet: counts, sizes, formats, images that
 * cannot be read, the same image twice (nearly the same, under two labels, in two parts), and classes with too few.
 * @throws UserError for what `openData` refuses, but for missing parts and unreadable images
 * @function
 * @example
 * const { unreadable, alike } = await inspectData('photos', { sheet: 'photos.png' });
 */
export const inspectData: typeof InspectingData.inspectData = (data, options) =>
  inspectingData().inspectData(data, options);

/**
 * Downloads a data set and checks its files, continuing where an interrupted download stopped.
 * @throws UserError when no mirror gives a file, or the folder cannot be written
 * @function
 * @example
 * const { folder } = await downloadData('mnist');
 */
export const downloadData: typeof OpeningData.downloadData = (name, options) =>
  openingData().downloadData(name, options);

/**
 * Trains a model in place and yields after each update; the caller prints, evaluates and saves. What the recipe takes
 * from its training set is computed before the first update, and is known to `evaluate` and `predict` of the same model.
 * The same model, recipe, data and seed give the same weights.
 * @throws UserError when the loss is no longer a finite number
 * @example
 * for await (const { step, loss } of train({ model, recipe, data: data.train, seed: 1 })) console.log(step, loss);
 */
export async function* train(options: TrainOptions): AsyncGenerator<Update, void, undefined> {
  yield* inMemory().train(options);
}

/**
 * Classifies every image of a data set with a model, whole or by crops, and counts the errors.
 * @throws UserError when there are no images, or the recipe takes values from a training set that are not known
 * @example
 * const { error, interval95 } = await evaluate({ model, recipe, data: data.test });
 */
export const evaluate = (options: EvaluateOptions) => inMemory().evaluate(options);

/**
 * A model's class scores for all images of a data set, in its order.
 * @throws UserError as `evaluate`
 */
export async function* predict(options: PredictOptions): AsyncGenerator<Prediction, void> {
  yield* inMemory().predict(options);
}

/**
 * Computes the values that a recipe takes from its training set: means, principal colours, a whitening. `train` does so
 * by itself.
 * @throws UserError when there are no images, or they are too large to be whitened
 * @function
 */
export const fitRecipe: typeof Fitting.fitRecipe = (data, recipe) => fitting().fitRecipe(data, recipe);

/**
 * A recipe with some fields changed, as `--set` changes them.
 * @throws UserError for a field or a value that is none
 * @function
 * @example
 * const recipe = overridden(zoo.lenet5.recipe, ['schedule.from=0.002']);
 */
export const overridden: typeof Overriding.overridden = (recipe, assignments, options) =>
  overriding().overridden(recipe, assignments, options);

/**
 * Reads the weights of another toolkit into a model that the caller holds; `importModel` makes a folder of them.
 * @throws UserError for a file that is damaged, or whose network is not the one given
 * @function
 */
export const importWeights: typeof ImportingWeights.importWeights = (file, network, options) =>
  importingWeights().importWeights(file, network, options);

/** What computes here, why nothing better does, and what would mend it. */
export const diagnose = () => diagnosing().diagnose();

/** Sets native TensorFlow up for this user; nothing to do when it is done. */
export const setUp = (options?: SettingUp.SetUpOptions) => settingUp().setUp(options);

/**
 * As `setUp`, as an option and `LINEAGE_BACKEND` ask, and says what came of it.
 * @function
 */
export const setUpAsked: typeof SettingUpAsked.setUpAsked = (gpu, say) =>
  settingUpAsked().setUpAsked(gpu, say);
