/** The contract between networks and the engine. Types only: loads without TensorFlow. */
import type { LayersModel } from '@tensorflow/tfjs';

/** `[height, width, channels]` of one image. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** A place in a paper, or what documents a network that is not a paper's own. */
export type Where =
  | `§${string}`
  | `Table ${string}`
  | `Fig. ${string}`
  | `eq. ${string}`
  | `p. ${string}`
  | `documentation of ${string}`;

export interface Network {
  readonly paper: Paper;
  readonly recipe: Recipe;
  /** Layers that start afresh when the network is fine-tuned for other classes. */
  readonly head: readonly string[];
  /** Where trained weights of it are to be had, one entry for each toolkit whose files hold them. */
  readonly weights?: readonly WeightSource[];
  /**
   * A model with fresh weights, drawn from `seed` as the recipe's initialiser says.
   * Takes images `[batch, height, width, channels]`; `outputs[0]` holds the class scores `[batch, classes]`,
   * of the kind that `recipe.loss.kind` names.
   * @throws UserError when the architecture does not allow the input size or the number of classes
   */
  build(options: BuildOptions): LayersModel;
}

export interface BuildOptions {
  readonly classes: number;
  /** Default: the paper's. */
  readonly input?: ImageShape;
  readonly seed: number;
  /** Keep the spatial axes of the scores, `[batch, height, width, classes]`, for inputs larger than the paper's. */
  readonly convolutional?: boolean;
}

/** How a network is fitted. Plain data, equal to its own JSON. */
export interface Recipe {
  /** The data set that the published errors are for. */
  readonly dataset: string;
  readonly input: { readonly shape: ImageShape; readonly preprocess: readonly Preprocess[] };
  readonly epochs: number;
  readonly batchSize: number;
  /** Whether the images come in a new order in each epoch, or in the first one's in all. Default: `new`. */
  readonly order?: 'new' | 'constant';
  /**
   * How many variants of each image there are: itself, and the others distorted once, as `augment` says. An epoch has
   * as many images as the data set, and so many epochs show every variant once. Default: an image is distorted anew
   * whenever it is shown.
   */
  readonly variants?: number;
  /** The paper's λ in w ← w − ε(∂L/∂w + λw). */
  readonly weightDecay: number;
  readonly optimiser: Optimiser;
  readonly schedule: Schedule;
  readonly loss: Loss;
  readonly augment: readonly Augment[];
  readonly initialiser: Initialiser;
  /** Factors on ε and λ for some weights; of several rules for one weight, the last holds. */
  readonly multipliers?: readonly Multiplier[];
  /** Weights of the losses of auxiliary heads, by the name of the layer that is the head's output. */
  readonly auxiliary?: Readonly<Record<string, number>>;
  readonly averaging?: Averaging;
  /** Whose trained weights some layers start from, by layer name, instead of fresh ones. */
  readonly startFrom?: { readonly network: string; readonly layers: readonly string[] };
  /** What the paper leaves open, by field, and why we chose as we did. */
  readonly guesses: { readonly [field in keyof Recipe]?: string };
}

/** From stored pixels (0–255) to what the network sees, in order. */
export type Preprocess =
  /** Makes images smaller: each pixel becomes the mean, rounded, of the area that it covers. Only before all else. */
  | { readonly kind: 'shrink'; readonly height: number; readonly width: number }
  /** Surrounds the image evenly with pixels of one value (0–255) up to the given size. */
  | { readonly kind: 'pad'; readonly height: number; readonly width: number; readonly value: number }
  /** Maps the pixel 0 to `black` and 255 to `white`, linearly. */
  | { readonly kind: 'range'; readonly black: number; readonly white: number }
  /** Subtracts a value (0–255) from each channel, in the image's order of channels, and divides by another if given. */
  | { readonly kind: 'subtract'; readonly mean: readonly number[]; readonly deviation?: readonly number[] }
  /** Subtracts the mean of the undistorted training images, of each pixel's channels or of each channel. */
  | { readonly kind: 'subtractMean'; readonly per: 'pixel' | 'channel' }
  /** Subtracts the mean of all the image's values, then divides by their Euclidean norm and multiplies by `scale`. */
  | { readonly kind: 'contrastNormalise'; readonly scale: number }
  /**
   * (x − m)(C + `bias`·I)^−½, with the mean m and the covariance C of all values of the undistorted training images.
   * Only last. `augment` then distorts the whitened images, in which 0 is the mean.
   */
  | { readonly kind: 'whiten'; readonly bias: number };

export type Optimiser =
  /** v ← μv − ε(∂L/∂w + λw), w ← w + v, with μ = `momentum`. */
  | { readonly kind: 'momentum'; readonly momentum: number }
  /**
   * The stochastic diagonal Levenberg–Marquardt method of LeCun et al. 1998, Appendix C:
   * w ← w − η / (μ + h) · Σ(∂E/∂w + λw), with a step of its own for each weight. η is the schedule's rate, μ is `mu`,
   * and the sum is over the batch: with one image it is the published rule, and more take the same rates.
   * h ≥ 0 is ∂²E/∂w² as Gauss and Newton approximate it, the mean over `images` images of the training set, estimated
   * before each epoch.
   */
  | { readonly kind: 'diagonalLevenbergMarquardt'; readonly mu: number; readonly images: number }
  /**
   * Learning without a teacher, of layers of S-cells by name, one image after the other: the cells that win in their
   * columns are reinforced with the speed ε·`speed`; `column` is the side of a column's square of cells.
   */
  | { readonly kind: 'winnerTakeAll'; readonly layers: readonly CompetitiveLayer[] }
  /**
   * Of fine-tuning alone: the head, one linear layer on features that stay as they are, is solved by L-BFGS on all images
   * at once, for one λ of `weightDecays` after the other, each from where the one before ended, in `epochs` passes over the
   * images at most. Of them that of the least loss on the validation images is taken; it ends after `patience` in a row
   * that are no better there. The λ are of features less their means, divided by the root of their mean square; neither the
   * recipe's rate nor its own λ takes part.
   */
  | { readonly kind: 'lbfgs'; readonly weightDecays: readonly number[]; readonly patience: number };

export interface CompetitiveLayer {
  readonly name: string;
  readonly speed: number;
  readonly column: number;
}

/** A recipe with one kind of optimiser, or one of several. */
export type RecipeWith<Kind extends Optimiser['kind']> = Recipe & {
  readonly optimiser: Extract<Optimiser, { readonly kind: Kind }>;
};

/** The learning rate ε as a function of the epochs done. */
export type Schedule =
  | { readonly kind: 'constant'; readonly rate: number }
  /** Each rate holds from its epoch (counted from 0) until the next one's. */
  | { readonly kind: 'steps'; readonly steps: readonly { readonly epoch: number; readonly rate: number }[] }
  /** Half a cosine from `from` at the start to `to` at the end of the last epoch. */
  | { readonly kind: 'cosine'; readonly from: number; readonly to: number }
  /** `from` · (1 − share of the training done)^`power`. */
  | { readonly kind: 'polynomial'; readonly from: number; readonly power: number }
  /** `from`, multiplied by `factor` after every so many epochs. */
  | { readonly kind: 'staircase'; readonly from: number; readonly factor: number; readonly epochs: number }
  /** `from` · (1 + `gamma` · updates done)^−`power`: Caffe's "inv". */
  | { readonly kind: 'inverse'; readonly from: number; readonly gamma: number; readonly power: number }
  /**
   * `from`, multiplied by `factor` whenever the error (on the images held out; without any, the mean training loss)
   * has not fallen for `patience` epochs, at most `drops` times.
   */
  | {
      readonly kind: 'plateau';
      readonly from: number;
      readonly factor: number;
      readonly patience: number;
      readonly drops: number;
    };

/** The criterion, and so what the class scores mean. */
export type Loss =
  /**
   * Scores are logits; the largest wins. Images of rare classes can be made to count more: `classWeights` has a factor on
   * the loss for each class.
   */
  | { readonly kind: 'softmaxCrossEntropy'; readonly classWeights?: readonly number[] }
  /**
   * Scores are squared distances y_i from the codes of the classes; the smallest wins.
   * `rival: null` is eq. 8 of LeCun et al. 1998, the mean of y_correct; a number is the j of its eq. 9,
   * the mean of y_correct + log(e^−j + Σ_i e^−y_i). Codes stay as they are unless they are `trained`.
   */
  | { readonly kind: 'rbfPenalty'; readonly rival: number | null; readonly codes?: 'fixed' | 'trained' }
  /** Scores are activations; the mean of ½Σ(score − target)², with `on` for the class and `off` for the others. */
  | { readonly kind: 'squaredError'; readonly on: number; readonly off: number };

/** Distortions, in their order, but crops and flips come first: see `distortionStages`. A recipe has one crop at most. */
export type Augment =
  /**
   * Random planar affine distortion, bilinear, outside filled with 0. Ranges are symmetric and uniform:
   * `shift` in pixels along both axes, `scale` as a fraction (1 ± scale), `squeeze` as a fraction by which one axis
   * shrinks while the other grows, `shear` as horizontal pixels per vertical pixel.
   */
  | {
      readonly kind: 'affine';
      readonly shift: number;
      readonly scale: number;
      readonly squeeze: number;
      readonly shear: number;
    }
  /**
   * A square of `size` pixels from anywhere in the image, whose shorter side was brought to `shortSide`. The longer
   * one is `kept` in proportion, the default; `cropped` to the middle square; or `squeezed` to the same length.
   */
  | {
      readonly kind: 'randomCrop';
      readonly size: number;
      readonly shortSide: number;
      readonly longSide?: 'kept' | 'cropped' | 'squeezed';
    }
  /** As `randomCrop`, but the shorter side is drawn anew from [`least`, `most`] for each image. */
  | { readonly kind: 'scaleJitter'; readonly size: number; readonly least: number; readonly most: number }
  /** A part of `area` [low, high] of the image with a side ratio of `aspect` [low, high], brought to `size` pixels. */
  | {
      readonly kind: 'areaCrop';
      readonly size: number;
      readonly area: readonly [number, number];
      readonly aspect: readonly [number, number];
    }
  /** A shift by up to so many whole pixels along both axes; what enters is 0. */
  | { readonly kind: 'translate'; readonly shift: number }
  /** Mirrored left to right with probability ½. */
  | { readonly kind: 'flip' }
  /**
   * Principal components of the training set's colours, times Gaussian numbers of this deviation and their
   * eigenvalues. Default: ImageNet's; `trainingSet` has them computed.
   */
  | {
      readonly kind: 'pcaLighting';
      readonly deviation: number;
      readonly colours?: PrincipalColours | 'trainingSet';
    }
  /** Brightness, contrast and saturation, each changed by a factor within 1 ± `strength`. */
  | { readonly kind: 'photometric'; readonly strength: number };

/** Of the covariance of red, green and blue, each from 0 to 1, over all pixels of a training set. */
export interface PrincipalColours {
  /** Falling. */
  readonly eigenvalues: readonly [number, number, number];
  /** Of length 1, in the eigenvalues' order. */
  readonly eigenvectors: readonly [Colour, Colour, Colour];
}

export type Colour = readonly [red: number, green: number, blue: number];

/** How weights start, before any training. */
export interface Initialiser extends LayerStart {
  /** Layers that start otherwise, by name. */
  readonly layers?: Readonly<Record<string, Partial<LayerStart>>>;
}

export interface LayerStart {
  readonly kernel: Distribution;
  /** One value, or drawn as the unit's other weights are. */
  readonly bias: number | 'asKernel';
}

/** F is the fan-in of the unit that a weight belongs to: its inputs, without the bias. */
export type Distribution =
  /** Uniform in ±`scale` / F. */
  | { readonly kind: 'uniformOverFanIn'; readonly scale: number }
  /** Uniform in ±`scale` / √F. */
  | { readonly kind: 'uniformOverRootFanIn'; readonly scale: number }
  /** Gaussian with mean 0. */
  | { readonly kind: 'gaussian'; readonly deviation: number }
  /** Gaussian with mean 0, drawn again beyond two deviations. */
  | { readonly kind: 'truncatedGaussian'; readonly deviation: number }
  /**
   * Not drawn: positive weights, about `sum` in all for each unit, that prefer by the fraction `preference` a direction
   * of their own for each map, spread evenly over all directions.
   */
  | { readonly kind: 'preferredDirections'; readonly sum: number; readonly preference: number };

export interface Multiplier {
  /** Names of layers, or every layer. */
  readonly layers: 'all' | readonly string[];
  readonly weights: 'all' | 'kernel' | 'bias';
  readonly rate: number;
  readonly decay: number;
}

/** The weights that are evaluated, where they are not those of the last update. */
export type Averaging =
  /** a ← `decay`·a + (1 − `decay`)·w after each update. */
  { readonly kind: 'exponential'; readonly decay: number };

/** What a paper says of its network. Plain data. */
export interface Paper {
  readonly title: string;
  readonly authors: string;
  readonly venue: string;
  readonly year: number;
  readonly parameters: {
    /** Trainable parameters of the main path. */
    readonly exact: number;
    /** As the paper prints it, if it does, and where. */
    readonly quoted?: string;
    readonly where?: Where;
    /** By layer name. */
    readonly layers: Readonly<Record<string, number>>;
  };
  readonly connections?: {
    readonly exact: number;
    readonly where: Where;
    readonly layers: Readonly<Record<string, number>>;
  };
  readonly results: readonly PublishedResult[];
  readonly lineage: Lineage;
  readonly departures: readonly Departure[];
  /** Where the literature contradicts itself, and what is right. */
  readonly discrepancies?: readonly string[];
}

/** Where a network comes from; other networks by their names in the zoo. */
export type Lineage =
  /** Its own idea: nothing in the zoo comes before it. */
  | { readonly kind: 'first'; readonly adds: string }
  /** A new network after an earlier one. `adds` is what it does that the other did not, in a few words. */
  | {
      readonly kind: 'after';
      readonly network: string;
      /** From AlexNet on there are two lines: the same layers stacked deeper, and stronger modules for a layer. */
      readonly line: 'trunk' | 'deeper' | 'modules';
      readonly adds: string;
    }
  /** Another form of a network: of its paper, of a toolkit, for another data set. */
  | { readonly kind: 'variant'; readonly network: string };

export interface PublishedResult {
  readonly dataset: string;
  readonly metric: 'error' | 'top-1 error' | 'top-5 error';
  /** A fraction in [0, 1]. */
  readonly error: number;
  readonly protocol: string;
  readonly where: Where;
}

/** Something that we do otherwise than the paper. */
export interface Departure {
  readonly paper: string;
  readonly ours: string;
  readonly why: string;
}

/** How one toolkit's files hold a network's trained weights, and which such files are well known. Plain data. */
export interface WeightSource {
  readonly toolkit: Toolkit;
  /** What the toolkit calls each layer that has weights, by our names. */
  readonly layers: Readonly<Record<string, string>>;
  /** The layer whose kernel takes the image's colours in the order blue, green, red; ours take red first. */
  readonly blueFirst?: string;
  /** From stored pixels, red first, to what these weights were trained on. */
  readonly preprocess: readonly Preprocess[];
  readonly files: readonly PublishedWeights[];
}

/** Whose conventions a file of weights follows, in naming and layout. */
export type Toolkit = 'caffe' | 'pytorch' | 'keras';

/** A well-known file of trained weights, as its authors publish it. */
export interface PublishedWeights {
  readonly file: string;
  readonly url: string;
  readonly checksum?: Checksum;
  readonly licence: string;
  readonly results: readonly PublishedResult[];
  /** What nobody has tried: whether the file lies there, whether it has that checksum. */
  readonly unchecked: readonly ('address' | 'checksum')[];
}

/** In hexadecimal. PyTorch publishes the beginning of a SHA-256, in the file's name. */
export interface Checksum {
  readonly kind: 'sha256' | 'sha1' | 'md5';
  readonly begins: string;
}
