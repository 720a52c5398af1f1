/** The contract between networks and the engine. Types only: loads without TensorFlow. */
import type { LayersModel } from './tensorflow/parts';

/** `[height, width, channels]` of one image. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** A place in a paper, or the documentation of a network that has no paper of its own. */
export type Where =
  | `§${string}`
  | `Table ${string}`
  | `Fig. ${string}`
  | `eq. ${string}`
  | `p. ${string}`
  | `documentation of ${string}`;

/** A network of the zoo: a builder, how its authors trained it, and what its paper says of it. */
export interface Network {
  readonly paper: Paper;
  readonly recipe: Recipe;
  /** Layers that are initialised anew when the network is fine-tuned for other classes. */
  readonly head: readonly string[];
  /** What else it is called, and what else is called by its name. */
  readonly called?: { readonly aliases: readonly string[]; readonly elsewhere?: string };
  /** Where to get trained weights for it, one entry for each toolkit whose files hold them. */
  readonly weights?: readonly WeightSource[];
  /**
   * A model with fresh weights, drawn from `seed` as the recipe's initialiser says.
   * Takes images `[batch, height, width, channels]`; `outputs[0]` holds the class scores `[batch, classes]`,
   * of the kind that `recipe.loss.kind` names.
   * @throws UserError when the architecture does not allow the input size or the number of classes
   */
  build(options: BuildOptions): LayersModel;
}

/** What a builder has to know: the classes, the images and the seed of the first weights. */
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
  readonly input: Input;
  readonly epochs: number;
  readonly batchSize: number;
  /**
   * The number of batches whose gradients make one update: it is, but for rounding, the update by one batch of all their
   * images, in the memory of one. Layers that normalise by a batch's statistics use those of each batch apart, as in
   * PyTorch. An update, and so a rate, a moment and a warm-up, belongs to all the batches together. Default: 1.
   */
  readonly accumulate?: number;
  /** Whether each epoch has a new order of images, or all have the order of the first. Default: `new`. */
  readonly order?: 'new' | 'constant';
  /**
   * The number of variants of each image: the image itself, and copies that are distorted once, as `augment` says. An
   * epoch has as many images as the data set, so `variants` epochs show every variant once. Default: an image is
   * distorted anew each time it is shown.
   */
  readonly variants?: number;
  /** The paper's λ in w ← w − ε(∂L/∂w + λw). */
  readonly weightDecay: number;
  readonly optimiser: Optimiser;
  /**
   * The largest norm of an update's gradients, before weight decay: g ← g · min(1, `clipNorm` / (‖g‖ + 10⁻⁶)), with the
   * Euclidean norm ‖g‖ of the gradients of all weights that learn, taken together (Pascanu, Mikolov, Bengio 2013; the
   * 10⁻⁶ is PyTorch's, in `clip_grad_norm_`). Default: gradients are not clipped.
   */
  readonly clipNorm?: number;
  readonly schedule: Schedule;
  readonly warmUp?: WarmUp;
  readonly loss: Loss;
  readonly augment: readonly Augment[];
  readonly initialiser: Initialiser;
  /** Factors on ε and λ for some weights; if several rules match a weight, the last one applies. */
  readonly multipliers?: readonly Multiplier[];
  /** Weights of the losses of auxiliary heads, by the name of the head's output layer. */
  readonly auxiliary?: Readonly<Record<string, number>>;
  readonly averaging?: Averaging;
  /** The network whose trained weights some layers start from, by layer name, instead of random ones. */
  readonly startFrom?: { readonly network: string; readonly layers: readonly string[] };
  /** What the paper leaves open, by field, and the reason for our choice. */
  readonly guesses: { readonly [field in keyof Recipe]?: string };
}

/** What a network takes, and how stored images become it. */
export interface Input {
  readonly shape: ImageShape;
  readonly preprocess: readonly Preprocess[];
  /**
   * `[height, width]` of the images from which `preprocess` starts, where it pads them to `shape`: image files are
   * resized and cropped to it. Default: the size of `shape`.
   */
  readonly stored?: readonly [height: number, width: number];
  /**
   * The background of all images that the network learned from, where it has one brightness, as that of digits has:
   * image files that are dark on light are inverted. Default: images are taken as they are, as photos have to be.
   */
  readonly background?: 'black';
}

/** The steps from stored pixels (0–255) to the network's input, in order. */
export type Preprocess =
  /** Shrinks images: each pixel becomes the rounded mean of the area that it covers. Allowed only as the first step. */
  | { readonly kind: 'shrink'; readonly height: number; readonly width: number }
  /** Surrounds the image evenly with pixels of one value (0–255) up to the given size. */
  | { readonly kind: 'pad'; readonly height: number; readonly width: number; readonly value: number }
  /** Maps the pixel 0 to `black` and 255 to `white`, linearly. */
  | { readonly kind: 'range'; readonly black: number; readonly white: number }
  /** Subtracts a value (0–255) from each channel, in the image's order of channels, and divides by another if given. */
  | { readonly kind: 'subtract'; readonly mean: readonly number[]; readonly deviation?: readonly number[] }
  /** Subtracts the mean of the undistorted training images, either for each pixel and channel or for each channel. */
  | { readonly kind: 'subtractMean'; readonly per: 'pixel' | 'channel' }
  /** Subtracts the mean of all the image's values, then divides by their Euclidean norm and multiplies by `scale`. */
  | { readonly kind: 'contrastNormalise'; readonly scale: number }
  /**
   * (x − m)(C + `bias`·I)^−½, with the mean m and the covariance C of all values of the undistorted training images.
   * Allowed only as the last step. `augment` then distorts the whitened images, in which 0 is the mean.
   */
  | { readonly kind: 'whiten'; readonly bias: number };

/** The rule by which weights are updated. */
export type Optimiser =
  /** v ← μv − ε(∂L/∂w + λw), w ← w + v, with μ = `momentum`. */
  | { readonly kind: 'momentum'; readonly momentum: number }
  /**
   * Adam (Kingma, Ba 2014, Algorithm 1): with g = ∂L/∂w + λw and the number t of the update, from 1, m ← β₁m + (1 − β₁)g,
   * v ← β₂v + (1 − β₂)g², w ← w − ε · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + `epsilon`). So `epsilon` is added after the
   * correction of v, as in the paper and in PyTorch. λw goes through the moments, as in PyTorch's `Adam`.
   */
  | { readonly kind: 'adam'; readonly beta1: number; readonly beta2: number; readonly epsilon: number }
  /**
   * AdamW (Loshchilov, Hutter 2019, Algorithm 2): Adam with g = ∂L/∂w and decoupled weight decay, w ← w − ελw before the
   * rest of the update. The decay is scaled by the rate ε, as in PyTorch's `AdamW`: the paper's λ is this λ times its
   * largest rate.
   */
  | { readonly kind: 'adamw'; readonly beta1: number; readonly beta2: number; readonly epsilon: number }
  /**
   * The stochastic diagonal Levenberg–Marquardt method of LeCun et al. 1998, Appendix C:
   * w ← w − η / (μ + h) · Σ(∂E/∂w + λw), with an individual step size for each weight. η is the schedule's rate, μ is
   * `mu`, and the sum is over the batch: with one image this is the published rule, and larger batches use the same
   * rates. h ≥ 0 is the Gauss–Newton approximation of ∂²E/∂w², averaged over `images` images of the training set and
   * estimated anew before each epoch.
   */
  | { readonly kind: 'diagonalLevenbergMarquardt'; readonly mu: number; readonly images: number }
  /**
   * Unsupervised learning of layers of S-cells, given by name, one image after the other: the cells that win in their
   * columns are reinforced with the speed ε·`speed`; `column` is the side of a column's square of cells.
   */
  | { readonly kind: 'winnerTakeAll'; readonly layers: readonly CompetitiveLayer[] }
  /**
   * For fine-tuning only: the head, one linear layer on fixed features, is fitted by L-BFGS on all images at once. This
   * is repeated for each λ of `weightDecays`; each starts from the solution of the previous one and takes at most
   * `epochs` passes over the images. The solution with the least loss on the validation images is used; the search ends
   * after `patience` values of λ in a row without an improvement there. The λ refer to features that have been centred
   * and divided by the root of their mean square; the recipe's own rate and λ are not used.
   */
  | { readonly kind: 'lbfgs'; readonly weightDecays: readonly number[]; readonly patience: number };

/** A layer of S-cells that learns without a teacher: see `winnerTakeAll`. */
export interface CompetitiveLayer {
  readonly name: string;
  readonly speed: number;
  readonly column: number;
}

/** A recipe whose optimiser is of one given kind, or of one of several. */
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
  /** `from` · (1 − fraction of the training done)^`power`. */
  | { readonly kind: 'polynomial'; readonly from: number; readonly power: number }
  /** `from`, multiplied by `factor` after every `epochs` epochs. */
  | { readonly kind: 'staircase'; readonly from: number; readonly factor: number; readonly epochs: number }
  /** `from` · (1 + `gamma` · updates done)^−`power`: Caffe's "inv". */
  | { readonly kind: 'inverse'; readonly from: number; readonly gamma: number; readonly power: number }
  /**
   * `from`, multiplied by `factor` whenever the error (on the held-out images or, without any, the mean training loss)
   * has not fallen for `patience` epochs, at most `drops` times.
   */
  | {
      readonly kind: 'plateau';
      readonly from: number;
      readonly factor: number;
      readonly patience: number;
      readonly drops: number;
    };

/**
 * A rate that rises at the beginning: during the first `epochs`, which may be a fraction, the schedule's rate is
 * multiplied by a factor that rises linearly with the updates, from `from` at the first update to 1 at the end of the
 * warm-up (Goyal et al. 2017, §2.2; PyTorch's `LinearLR`, chained with the schedule).
 */
export interface WarmUp {
  readonly epochs: number;
  readonly from: number;
}

/** The criterion, which also determines the meaning of the class scores. */
export type Loss =
  /**
   * Scores are logits; the largest wins. `classWeights` holds a factor on the loss for each class, for example to give
   * more weight to rare classes. `labelSmoothing` is the ϵ of Szegedy et al. 2016, §7: the cross-entropy is taken with
   * 1 − ϵ + ϵ/K for the label and ϵ/K for each other of the K classes. Default: 0.
   */
  | {
      readonly kind: 'softmaxCrossEntropy';
      readonly classWeights?: readonly number[];
      readonly labelSmoothing?: number;
    }
  /**
   * Scores are squared distances y_i from the codes of the classes; the smallest wins.
   * `rival: null` is eq. 8 of LeCun et al. 1998, the mean of y_correct; a number is the j of its eq. 9,
   * the mean of y_correct + log(e^−j + Σ_i e^−y_i). Codes are constant unless they are `trained`.
   */
  | { readonly kind: 'rbfPenalty'; readonly rival: number | null; readonly codes?: 'fixed' | 'trained' }
  /**
   * Scores are activations; the loss is the mean of ½Σ(score − target)²; targets are `on` for the class, else `off`.
   */
  | { readonly kind: 'squaredError'; readonly on: number; readonly off: number };

/**
 * Distortions in order, except that crops and flips come first: see `distortionStages`. A recipe has at most one crop.
 */
export type Augment =
  /**
   * A random planar affine distortion with bilinear interpolation; the outside is filled with 0. Ranges are symmetric
   * and uniform: `shift` in pixels along both axes, `scale` as a fraction (1 ± scale), `squeeze` as a fraction by which
   * one axis shrinks while the other grows, `shear` as horizontal pixels per vertical pixel.
   */
  | {
      readonly kind: 'affine';
      readonly shift: number;
      readonly scale: number;
      readonly squeeze: number;
      readonly shear: number;
    }
  /**
   * A square crop of `size` pixels from anywhere in the image, after its shorter side has been resized to `shortSide`.
   * The longer side is `kept` in proportion (the default), `cropped` to the middle square, or `squeezed`
   * to the same length.
   */
  | {
      readonly kind: 'randomCrop';
      readonly size: number;
      readonly shortSide: number;
      readonly longSide?: 'kept' | 'cropped' | 'squeezed';
    }
  /** Like `randomCrop`, but the shorter side is drawn anew from [`least`, `most`] for each image. */
  | { readonly kind: 'scaleJitter'; readonly size: number; readonly least: number; readonly most: number }
  /**
   * A crop with a fraction `area` [low, high] of the image and an aspect ratio in `aspect`, resized to `size` pixels.
   */
  | {
      readonly kind: 'areaCrop';
      readonly size: number;
      readonly area: readonly [number, number];
      readonly aspect: readonly [number, number];
    }
  /** A shift by up to `shift` whole pixels along both axes; uncovered pixels are 0. */
  | { readonly kind: 'translate'; readonly shift: number }
  /** Mirrored left to right with probability ½. */
  | { readonly kind: 'flip' }
  /**
   * Adds the principal components of the training set's colours, multiplied by their eigenvalues and by Gaussian
   * numbers with this deviation. Default: ImageNet's components; `trainingSet` computes them from the training set.
   */
  | {
      readonly kind: 'pcaLighting';
      readonly deviation: number;
      readonly colours?: PrincipalColours | 'trainingSet';
    }
  /** Brightness, contrast and saturation, each changed by a factor within 1 ± `strength`. */
  | { readonly kind: 'photometric'; readonly strength: number };

/** Principal components of red, green and blue, each in [0, 1], over all pixels of a training set. */
export interface PrincipalColours {
  /** In descending order. */
  readonly eigenvalues: readonly [number, number, number];
  /** Unit vectors, in the order of the eigenvalues. */
  readonly eigenvectors: readonly [Colour, Colour, Colour];
}

/** Numbers for red, green and blue, in this order. */
export type Colour = readonly [red: number, green: number, blue: number];

/** How weights are initialised. */
export interface Initialiser extends LayerStart {
  /** Layers that are initialised differently, by name. */
  readonly layers?: Readonly<Record<string, Partial<LayerStart>>>;
}

/** How the weights of a layer are initialised. */
export interface LayerStart {
  readonly kernel: Distribution;
  /** A constant, or drawn from the same distribution as the unit's other weights. */
  readonly bias: number | 'asKernel';
}

/** F is the fan-in of the unit that a weight belongs to: the number of its inputs, without the bias. */
export type Distribution =
  /** Uniform in ±`scale` / F. */
  | { readonly kind: 'uniformOverFanIn'; readonly scale: number }
  /** Uniform in ±`scale` / √F. */
  | { readonly kind: 'uniformOverRootFanIn'; readonly scale: number }
  /** Gaussian with mean 0. */
  | { readonly kind: 'gaussian'; readonly deviation: number }
  /** Gaussian with mean 0; values beyond two deviations are drawn again. */
  | { readonly kind: 'truncatedGaussian'; readonly deviation: number }
  /**
   * Not random: positive weights, with a sum of about `sum` for each unit. Each map prefers a direction of its own by
   * the fraction `preference`; the directions are spread evenly.
   */
  | { readonly kind: 'preferredDirections'; readonly sum: number; readonly preference: number };

/** Factors on the learning rate ε and the weight decay λ of some weights. */
export interface Multiplier {
  /** Names of layers, or every layer. */
  readonly layers: 'all' | readonly string[];
  readonly weights: 'all' | 'kernel' | 'bias';
  readonly rate: number;
  readonly decay: number;
}

/** How weights are averaged for evaluation, if not those of the last update are evaluated. */
export type Averaging =
  /** a ← `decay`·a + (1 − `decay`)·w after each update. */
  { readonly kind: 'exponential'; readonly decay: number };

/** What a paper says about its network. Plain data. */
export interface Paper {
  readonly title: string;
  readonly authors: string;
  readonly venue: string;
  readonly year: number;
  readonly parameters: {
    /** The number of trainable parameters of the main path. */
    readonly exact: number;
    /** The number as the paper prints it, if it does, and where. */
    readonly quoted?: string;
    readonly where?: Where;
    /** The parameters of each layer, by its name. */
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
  /** Where the literature contradicts itself, and what is correct. */
  readonly discrepancies?: readonly string[];
}

/** Where a network comes from; other networks are given by their names in the zoo. */
export type Lineage =
  /** An original idea: no network in the zoo precedes it. */
  | { readonly kind: 'first'; readonly adds: string }
  /** A new network that builds on an earlier one. `adds` says in a few words what is new. */
  | {
      readonly kind: 'after';
      readonly network: string;
      /** From AlexNet on there are two lines: more of the same layers, and stronger modules in place of a layer. */
      readonly line: 'trunk' | 'deeper' | 'modules';
      readonly adds: string;
    }
  /** A variant of a network: by the same paper, by a toolkit, or for another data set. */
  | { readonly kind: 'variant'; readonly network: string };

/** An error that a paper, or a toolkit’s documentation, reports. */
export interface PublishedResult {
  readonly dataset: string;
  readonly metric: 'error' | 'top-1 error' | 'top-5 error';
  /** A fraction in [0, 1]. */
  readonly error: number;
  readonly protocol: string;
  readonly where: Where;
  /** Whether the network learned from distorted images; given where a source has an error with and one without. */
  readonly distorted?: boolean;
}

/** A difference between our implementation and the paper. */
export interface Departure {
  readonly paper: string;
  readonly ours: string;
  readonly why: string;
}

/** How one toolkit's files hold a network's trained weights, and which of these files are well known. Plain data. */
export interface WeightSource {
  readonly toolkit: Toolkit;
  /** The toolkit's name for each layer that has weights, by our names. */
  readonly layers: Readonly<Record<string, string>>;
  /** The layer whose kernel expects the image's colours in the order blue, green, red; ours expects red first. */
  readonly blueFirst?: string;
  /** The steps from stored pixels, red first, to the input that these weights were trained on. */
  readonly preprocess: readonly Preprocess[];
  readonly files: readonly PublishedWeights[];
}

/** The toolkit whose conventions for names and layout a file of weights follows. */
export type Toolkit = 'caffe' | 'pytorch' | 'keras';

/** A well-known file of trained weights, as its authors publish it. */
export interface PublishedWeights {
  readonly file: string;
  readonly url: string;
  readonly checksum?: Checksum;
  readonly licence: string;
  readonly results: readonly PublishedResult[];
  /** What nobody has verified: whether the file is at this address, whether it has this checksum. */
  readonly unchecked: readonly ('address' | 'checksum')[];
  /** Set for the one that the network's name stands for, where there are several. */
  readonly preferred?: true;
}

/** In hexadecimal. PyTorch publishes only the beginning of a SHA-256, in the file's name. */
export interface Checksum {
  readonly kind: 'sha256' | 'sha1' | 'md5';
  readonly begins: string;
}
