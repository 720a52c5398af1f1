/** A network's forward pass: the class scores of a batch, by a recorded graph or operation by operation. */
import { nativeBackend } from '../../core/tensorflow/native';
import { tf } from '../../core/tf';
import type { TakesBytes } from '../../data/augment/finishing';
import { CompiledFunction } from '../../graph/compiled-function';
import { foldScales } from '../../graph/record/fold-scales';
import { attr } from '../../graph/session/graph-def';
import { Program } from '../../graph/session/program';
import type { SessionOptions } from '../../graph/session/session';
import { Untraceable } from '../../graph/record/untraceable';
import { timesByClock, type LayerTime } from '../../graph/layer-times';
import { option } from '../../core/text/wording';
import { bytesTakenBy, fedImages, imageTensor, type BatchImages } from './batch-images';
import { asRefusal, sessionOptions, type StepChoice } from '../../graph/precision';

/** Computes class scores in inference. */
export interface Forward {
  /**
   * The scores of a batch's images, from `outputs[0]`: `[batch, classes]` in row-major order. The caller owns the
   * array.
   */
  run(batch: BatchImages): Promise<Float32Array>;
  /** Whether images are best left as bytes, which its graph finishes. All take both. */
  readonly takesBytes?: TakesBytes;
  /** Runs once and returns the time of each layer in milliseconds. */
  layerTimes(batch: BatchImages): Promise<readonly LayerTime[]>;
  dispose(): void;
}

/** Uses a recorded graph if the backend is native TensorFlow and the model can be traced, else computes op by op. */
export function forwardOf(model: tf.LayersModel): Forward {
  if (!nativeBackend()) return eagerForward(model);
  let forward = compiledForward(model);
  return {
    get takesBytes() {
      return forward.takesBytes ?? false;
    },
    run: async (batch) => {
      try {
        return await forward.run(batch);
      } catch (error) {
        if (!(error instanceof Untraceable)) throw error;
        forward.dispose();
        forward = eagerForward(model);
        return forward.run(batch);
      }
    },
    layerTimes: (batch) => forward.layerTimes(batch),
    dispose: () => forward.dispose(),
  };
}

/** A forward pass that is computed operation by operation, on any backend. */
export function eagerForward(model: tf.LayersModel): Forward {
  const run: Forward['run'] = async (batch) => {
    const scores = tf.tidy(() => mainScores(model, imageTensor(batch)));
    const values = await scores.data<'float32'>();
    scores.dispose();
    return values;
  };
  return {
    run,
    layerTimes: (batch) => timesByClock(model, () => run(batch)),
    dispose: () => {},
  };
}

/**
 * Records the model's forward pass once for each shape of batch. It uses the weights at the time of the first batch and
 * does not see later changes to the model.
 * @throws Untraceable, at the first batch of a shape, when some part of the model cannot become part of a graph
 */
export function compiledForward(model: tf.LayersModel, options: SessionOptions = {}): Forward {
  const program = new Program(options);
  const scores = new CompiledFunction<[tf.Tensor4D], tf.Tensor>(program, {
    model,
    compute: ([images]) => mainScores(model, images),
    finish: (result, trace, [images]) => {
      const { name, type } = trace.refOf(result);
      // Only the main path's scores are fetched, so TensorFlow does not run the auxiliary heads.
      const out = trace.builder.add('Identity', [name], { T: attr.type(type) });
      foldScales(trace.builder, [trace.refOf(images).name, out.name]);
      return out.name;
    },
  });
  return {
    takesBytes: bytesTakenBy(options),
    run: async (batch) => (await scores.run([fedImages(batch)])).data as Float32Array,
    layerTimes: async (batch) => scores.layerTimes([fedImages(batch)]),
    dispose: () => program.dispose(),
  };
}

function mainScores(model: tf.LayersModel, images: tf.Tensor4D): tf.Tensor {
  return [model.apply(images)].flat()[0] as tf.Tensor;
}

/**
 * Computes class scores in the same way, and in the same precision, as a step of this choice computes updates.
 * @throws UserError, at the first batch, when a precision other than float32 is requested, which needs a recorded
 *   graph, and some part of the model cannot become part of one
 */
export function forwardFor(
  model: tf.LayersModel,
  { kind, precision = 'float32' }: Pick<StepChoice, 'kind' | 'precision'>,
): Forward {
  if (kind === 'eager') return eagerForward(model);
  if (precision === 'float32') return forwardOf(model);
  const forward = compiledForward(model, sessionOptions(precision));
  const refused = (error: unknown) => {
    throw asRefusal(error, option('precision', precision));
  };
  return {
    ...forward,
    run: (batch) => forward.run(batch).catch(refused),
    layerTimes: (batch) => forward.layerTimes(batch).catch(refused),
  };
}
