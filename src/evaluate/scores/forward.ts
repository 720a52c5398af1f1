import { tf } from '../../core/tf';
import type { Batch } from '../../data/loader/batches';
import type { GraphBuilder } from '../../graph/session/builder';
import { attr } from '../../graph/session/graph-def';
import { nativeBackend } from '../../core/native';
import { foldScales } from '../../graph/record/fold-scales';
import { watchingLayers } from '../../graph/record/layer-scopes';
import { Program, startFrom } from '../../graph/session/program';
import type { SessionOptions } from '../../graph/session/session';
import { traced } from '../../graph/record/trace';
import { Untraceable } from '../../graph/record/untraceable';
import { timesByClock, timesOfNodes, type LayerTime } from '../../graph/layer-times';
import { asRefusal, sessionOptions, type StepChoice } from '../../graph/precision';

type ForwardBatch = Pick<Batch, 'images' | 'shape' | 'labels'>;

/** Computes class scores, without training. */
export interface Forward {
  /** The scores of a batch's images, `outputs[0]`, `[batch, classes]` row by row; the caller owns them. */
  run(batch: ForwardBatch): Promise<Float32Array>;
  /** What each layer takes of it, in milliseconds. */
  layerTimes(batch: ForwardBatch): Promise<readonly LayerTime[]>;
  dispose(): void;
}

/** By the recorded graph where native TensorFlow computes and the model can be traced, else op by op. */
export function forwardOf(model: tf.LayersModel): Forward {
  if (!nativeBackend()) return eagerForward(model);
  let forward = compiledForward(model);
  return {
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

export function eagerForward(model: tf.LayersModel): Forward {
  const run: Forward['run'] = async ({ images, shape, labels }) => {
    const scores = tf.tidy(() => mainScores(model, tf.tensor4d(images, [labels.length, ...shape])));
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
 * Records the model's forward pass once for each shape of batch, with the weights that it has at the first.
 * @throws Untraceable, at the first batch of a shape, when something in the model cannot become part of a graph
 */
export function compiledForward(model: tf.LayersModel, options: SessionOptions = {}): Forward {
  const program = new Program(options);
  const passes = new Map<string, Promise<{ feed: string; fetch: string; graph: GraphBuilder }>>();
  const names = new Map(model.weights.map((weight) => [weight.read(), weight.originalName]));
  const resourceOf = (variable: tf.Variable) => names.get(variable) ?? `variable/${variable.name}`;
  const recordedOn = (graph: GraphBuilder, input: tf.Tensor4D) => {
    const scores = () =>
      watchingLayers(
        model,
        (scope) => (graph.scope = scope),
        () => mainScores(model, input),
      );
    return traced(program.backend, graph, [input], resourceOf, scores, (result, trace) => {
      const found = trace.refOf(result);
      // The main path's scores alone: what only auxiliary heads need is then never run.
      const out = graph.add('Identity', [found.name], { T: attr.type(found.type) });
      return { feed: trace.refOf(input).name, fetch: out.name, variables: trace.variables };
    });
  };
  const record = async ({ images, shape, labels }: ForwardBatch) => {
    const graph = program.newGraph();
    const input = tf.tensor4d(images, [labels.length, ...shape]);
    let recorded: ReturnType<typeof recordedOn>;
    try {
      recorded = recordedOn(graph, input);
    } finally {
      input.dispose();
    }
    foldScales(graph, [recorded.feed, recorded.fetch]);
    program.add(graph);
    const starts = recorded.variables.map(({ resource, variable }) => startFrom(resource, variable));
    await program.assign(starts.filter(({ resource }) => !program.holds(resource)));
    return { ...recorded, graph };
  };
  const prepared = async (batch: ForwardBatch) => {
    const shape = [batch.labels.length, ...batch.shape];
    const key = shape.join();
    const pass = passes.get(key) ?? record(batch);
    passes.set(key, pass);
    const { feed, fetch, graph } = await pass;
    return { feeds: new Map([[feed, { shape, data: batch.images }]]), fetch, graph };
  };
  return {
    run: async (batch) => {
      const { feeds, fetch } = await prepared(batch);
      const [scores] = await program.run(feeds, [fetch]);
      return scores!.data as Float32Array;
    },
    layerTimes: async (batch) => {
      const { feeds, fetch, graph } = await prepared(batch);
      return timesOfNodes(await program.times(feeds, [fetch]), (node) => graph.scopeOf(node));
    },
    dispose: () => program.dispose(),
  };
}

function mainScores(model: tf.LayersModel, images: tf.Tensor4D): tf.Tensor {
  return [model.apply(images)].flat()[0] as tf.Tensor;
}

/**
 * Class scores, computed as a step of the same choice computes.
 * @throws UserError, at the first batch, when a precision other than float32 is asked for, which is that of recorded
 *   graphs alone, and something in the model cannot become part of one
 */
export function forwardFor(
  model: tf.LayersModel,
  { kind, precision = 'float32' }: Pick<StepChoice, 'kind' | 'precision'>,
): Forward {
  if (kind === 'eager') return eagerForward(model);
  if (precision === 'float32') return forwardOf(model);
  const forward = compiledForward(model, sessionOptions(precision));
  const refused = (error: unknown) => {
    throw asRefusal(error, `precision ${precision}`);
  };
  return {
    run: (batch) => forward.run(batch).catch(refused),
    layerTimes: (batch) => forward.layerTimes(batch).catch(refused),
    dispose: () => forward.dispose(),
  };
}
