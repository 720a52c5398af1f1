import { performance } from 'node:perf_hooks';
import { tf } from '../../core/tf';
import type { Batch } from '../../data/loader/batches';
import type { GraphBuilder } from '../../graph/session/builder';
import type { Value } from '../../graph/session/fed-tensors';
import { attr, elementTypes } from '../../graph/session/graph-def';
import { watchingLayers } from '../../graph/record/layer-scopes';
import { Program, startFrom, type Start } from '../../graph/session/program';
import type { SessionOptions } from '../../graph/session/session';
import type { TracedVariable } from '../../graph/record/recorder';
import { traced } from '../../graph/record/trace';
import { prepareDropout } from '../../layers/seeded-dropout';
import { matched, setWeights, type NamedArray } from '../../weights/named-array';
import { diagonalCurvature } from './curvature/curvature';
import { expectEstimate, keptKind, rateOfMean, type GradientRecipe, factorsOf } from './gradient-rule';
import type { Recorded, Step } from './step';
import { totalLoss } from '../loss';
import { timesOfNodes, type LayerTime } from '../../graph/layer-times';
import { updateNodes, updateScope, type Slot } from './update-nodes';

/** One graph of the session, for batches of one shape. */
interface Update {
  readonly builder: GraphBuilder;
  readonly feeds: readonly string[];
  readonly fetch: string;
}

/** A variable of the session beside the weights, and its name in a checkpoint. */
interface Kept {
  readonly name: string;
  readonly resource: string;
  readonly shape: readonly number[];
}

/** What an update is computed from: images, labels, the rate and the number of the update. */
type UpdateInputs = readonly [tf.Tensor4D, tf.Tensor1D, tf.Scalar, tf.Scalar];

const float = elementTypes.float32;
const T = { T: attr.type(float) };

/**
 * What the loss is multiplied with where float16 computes gradients, and they are divided by: without, those of single
 * pixels fall under float16's least number, 6e-8. Losses here are some hundreds at most, and its largest is 65,504.
 */
const float16Scale = 1024;

/**
 * The same rule as `eagerStep`, recorded once for each shape of batch and run as one TensorFlow graph. The weights live
 * in the session while it trains; `sync` copies them back into the model.
 * @throws Untraceable, at the first batch of a shape, when something in the model cannot become part of a graph
 */
export function compiledStep(
  model: tf.LayersModel,
  recipe: GradientRecipe,
  seed: number,
  options: SessionOptions = {},
): Step {
  return new CompiledStep(model, recipe, seed, options);
}

class CompiledStep implements Step {
  readonly beforeEpoch?: NonNullable<Step['beforeEpoch']>;
  /** Whether the rule's estimate has been made or taken back. */
  private estimated = false;
  private readonly program: Program;
  private readonly slots: readonly Slot[];
  /** Spent on recording. */
  private seconds = 0;
  /** Whether the session's weights are newer than the model's. */
  private ahead = false;
  /** By the shape of the batch. */
  private readonly updates = new Map<string, Promise<Update>>();

  constructor(
    private readonly model: tf.LayersModel,
    private readonly recipe: GradientRecipe,
    private readonly seed: number,
    private readonly options: SessionOptions,
  ) {
    this.program = new Program(options);
    this.slots = model.layers.flatMap((layer) =>
      layer.trainableWeights.map((layerVariable) => ({
        name: layerVariable.originalName,
        layerVariable,
        weight: layerVariable.read() as tf.Variable,
        ...factorsOf(layer.name, layerVariable.originalName, recipe.multipliers),
      })),
    );
    const { optimiser } = recipe;
    if (optimiser.kind === 'diagonalLevenbergMarquardt') {
      this.beforeEpoch = async (sample) => {
        await this.sync();
        const found = await diagonalCurvature(model, recipe.loss, sample(optimiser.images));
        const kept = this.slots.map(({ name, weight: { shape } }) => ({
          name,
          resource: `curvature/${name}`,
          shape,
        }));
        await this.assign(kept, found, 'the estimate');
        this.estimated = true;
      };
    }
  }

  async run(batch: Batch, rate: number, step: number): Promise<number> {
    const { feeds, fetch } = await this.prepared(batch, rate, step);
    const [loss] = await this.program.run(feeds, [fetch]);
    return loss!.data[0]!;
  }

  async layerTimes(batch: Batch, rate: number, step: number): Promise<readonly LayerTime[]> {
    const { feeds, fetch, builder } = await this.prepared(batch, rate, step);
    return timesOfNodes(await this.program.times(feeds, [fetch]), (node) => builder.scopeOf(node));
  }

  recorded(): Recorded {
    return { seconds: this.seconds, sessionBytes: this.program.heldBytes };
  }

  /** The graph for a batch of this shape, recorded where there is none yet, and what it is fed. */
  private async prepared(batch: Batch, rate: number, step: number) {
    expectEstimate(this.recipe, this.estimated);
    const size = batch.labels.length;
    const shape = [size, ...batch.shape];
    let update = this.updates.get(shape.join());
    if (!update) {
      update = this.trace(batch);
      this.updates.set(shape.join(), update);
    }
    const { feeds, ...others } = await update;
    const values: Value[] = [
      { shape, data: batch.images },
      { shape: [size], data: batch.labels },
      { shape: [], data: Float32Array.of(rateOfMean(this.recipe, rate, size)) },
      { shape: [], data: Int32Array.of(step) },
    ];
    this.ahead = true;
    return { feeds: new Map(feeds.map((name, index) => [name, values[index]!])), ...others };
  }

  async memory(): Promise<readonly NamedArray[]> {
    await this.initialise([]);
    const kept = this.keptResources();
    const values = await this.program.read(kept.map(({ resource }) => resource));
    return kept.map(({ name, shape }, index) => ({ name, shape, values: values[index]! }));
  }

  async restore(memory: readonly NamedArray[], where: string): Promise<void> {
    await this.assign(this.keptResources(), memory, where);
    this.estimated = true;
  }

  async averages(): Promise<readonly NamedArray[] | null> {
    if (!this.recipe.averaging) return null;
    await this.initialise([]);
    const values = await this.program.read(this.slots.map(({ name }) => `average/${name}`));
    return this.slots.map(({ name, weight }, index) => ({
      name,
      shape: weight.shape,
      values: values[index]!,
    }));
  }

  async sync(): Promise<void> {
    if (!this.ahead) return;
    const held = this.model.weights.filter(({ originalName }) =>
      this.program.holds(`weight/${originalName}`),
    );
    const values = await this.program.read(held.map(({ originalName }) => `weight/${originalName}`));
    const arrays = held.map(({ originalName, shape }, index) => ({
      name: originalName,
      shape: shape as number[],
      values: values[index]!,
    }));
    setWeights(held, arrays, 'the session');
    this.ahead = false;
  }

  dispose(): void {
    this.program.dispose();
  }

  /** Gives variables of the session the arrays of their names. */
  private async assign(kept: readonly Kept[], arrays: readonly NamedArray[], where: string): Promise<void> {
    const values = matched(kept, arrays, where);
    await this.program.assign(
      kept.map(({ resource, shape }, index) => ({ resource, shape, data: () => values[index]! })),
    );
  }

  private keptResources(): Kept[] {
    const kind = keptKind(this.recipe);
    return this.slots.flatMap(({ name, weight: { shape } }) => [
      { name: `${kind}/${name}`, resource: `${kind}/${name}`, shape },
      ...(this.recipe.averaging ? [{ name: `average/${name}`, resource: `average/${name}`, shape }] : []),
    ]);
  }

  /** Records one update on tensors like the batch's, without keeping what it computes. */
  private async trace(batch: Batch): Promise<Update> {
    const started = performance.now();
    const { program, model } = this;
    const builder = program.newGraph();
    // Moving statistics, which the computation assigns as it is recorded, get their values back.
    const untrained = model.nonTrainableWeights.map((weight) => ({ weight, value: weight.read().clone() }));
    const inputs = [
      tf.tensor4d(batch.images, [batch.labels.length, ...batch.shape]),
      tf.tensor1d(batch.labels, 'int32'),
      tf.scalar(0),
      tf.scalar(0, 'int32'),
    ] as const;
    let recorded: ReturnType<CompiledStep['recordedOn']>;
    try {
      recorded = this.recordedOn(builder, inputs);
    } finally {
      for (const { weight, value } of untrained) weight.write(value);
      tf.dispose([...inputs, ...untrained.map(({ value }) => value)]);
    }
    program.add(builder);
    await this.initialise(recorded.variables);
    this.seconds += (performance.now() - started) / 1000;
    return { ...recorded, builder };
  }

  private recordedOn(builder: GraphBuilder, inputs: UpdateInputs) {
    const { program, model, recipe, slots, seed } = this;
    const [images, labels, rate, step] = inputs;
    const names = new Map(model.weights.map((weight) => [weight.read(), `weight/${weight.originalName}`]));
    const resourceOf = (variable: tf.Variable) => names.get(variable) ?? `variable/${variable.name}`;
    const scale = this.options.float16 ? float16Scale : 1;
    const computation = () => {
      prepareDropout(model, seed, step);
      const weights = slots.map(({ weight }) => weight);
      const { value, grads } = watchingLayers(
        model,
        (scope) => (builder.scope = scope),
        () => tf.variableGrads(() => scaled(totalLoss(model, recipe, images, labels), scale), weights),
      );
      const slopes = slots.map(({ name, weight, decay }) => {
        builder.scope = updateScope(name);
        const slope = scaled(grads[weight.name]!, 1 / scale);
        const lambda = decay * recipe.weightDecay;
        return lambda === 0 ? slope : slope.add(weight.mul(lambda));
      });
      return { value: scaled(value, 1 / scale), slopes };
    };
    const { backend } = program;
    return traced(backend, builder, inputs, resourceOf, computation, ({ value, slopes }, trace) => {
      const { variables } = trace;
      const gradients = slopes.map((slope) => trace.refOf(slope));
      const updates = updateNodes(builder, recipe, slots, variables, gradients, trace.refOf(rate));
      const loss = trace.refOf(value);
      const out = builder.add('Identity', [loss.name, ...updates.map((name) => `^${name}`)], T);
      return { feeds: inputs.map((input) => trace.refOf(input).name), fetch: out.name, variables };
    });
  }

  /** Gives the session what it does not hold yet: the model's own values, kept zeros, averages of now. */
  private async initialise(variables: readonly TracedVariable[]): Promise<void> {
    const averaged = this.recipe.averaging ? this.slots : [];
    const starts: Start[] = [
      ...variables.map(({ variable, resource }) => startFrom(resource, variable)),
      ...this.slots.map(({ name, weight }) => ({
        resource: `${keptKind(this.recipe)}/${name}`,
        shape: weight.shape,
        data: null,
      })),
      ...averaged.map(({ name, weight }) => startFrom(`average/${name}`, weight)),
    ];
    await this.program.assign(starts.filter(({ resource }) => !this.program.holds(resource)));
  }
}

/** The product, and where the factor is 1 the tensor itself. */
function scaled<T extends tf.Tensor>(tensor: T, factor: number): T {
  return factor === 1 ? tensor : tensor.mul(factor);
}
