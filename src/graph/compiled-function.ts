/** A function of a model that is recorded as a TensorFlow graph once for each shape of its inputs, and then run. */
import { tf } from '../core/tf';
import { timesOfNodes, type LayerTime } from './layer-times';
import { watchingLayers } from './record/layer-scopes';
import type { Trace, TracedVariable } from './record/recorder';
import { traced } from './record/trace';
import type { GraphBuilder } from './session/builder';
import type { Value } from './session/fed-tensors';
import { startFrom, type Program, type Start } from './session/program';

/** What a `CompiledFunction` computes. */
export interface Computation<Inputs extends readonly tf.Tensor[], Result> {
  readonly model: tf.LayersModel;
  /**
   * Computes with TensorFlow.js, while the graph is recorded, on tensors like those that will be fed. What it makes is
   * disposed of, and what it assigns to weights that are not trained is undone.
   * @param graph its `scope` says which layer the operations belong to; within a layer's own call it is set already
   */
  compute(inputs: Inputs, graph: GraphBuilder): Result;
  /**
   * Completes the graph with what `compute` does not do itself.
   * @returns the name of the node whose value is the function's
   */
  finish(result: Result, trace: Trace, inputs: Inputs): string;
  /** First values of the variables that `finish` adds; the model's weights start from their present values. */
  starts?(): readonly Start[];
}

/** An input that is fed in another form, of which the graph computes it first: such as images as bytes. */
export interface Unfinished {
  /** Bytes come to `apply` as float32. */
  readonly fed: readonly [Value, Value?];
  /** The same object for all values that are finished alike. */
  readonly finishing: { open(): OpenFinishing };
}

/** Computes an input of what is fed, by TensorFlow.js, with tensors of its own. */
interface OpenFinishing {
  apply(first: tf.Tensor, second?: tf.Tensor): tf.Tensor;
  dispose(): void;
}

/** One value for each of a function's inputs. */
export type ValuesFor<Inputs extends readonly tf.Tensor[]> = {
  readonly [Index in keyof Inputs]: Value | Unfinished;
};

/** The graph for inputs of certain shapes. */
interface Recorded {
  readonly graph: GraphBuilder;
  /** Names of the nodes that take the inputs, and of the one that is fetched. */
  readonly placeholders: readonly string[];
  readonly fetch: string;
}

/** The name of a weight's variable in the session. */
export function weightResource(originalName: string): string {
  return `weight/${originalName}`;
}

/**
 * Records a computation when inputs have shapes that it has not seen before, and runs the recorded graph in the program's
 * session. The session holds the weights; a weight that it does not hold yet gets the model's value of that moment. The
 * program stays the caller's to dispose of.
 */
export class CompiledFunction<Inputs extends readonly tf.Tensor[], Result> {
  /** By the shapes of the inputs. */
  private readonly graphs = new Map<string, Promise<Recorded>>();
  private readonly finishings = new Map<
    Unfinished['finishing'],
    OpenFinishing & { readonly number: number }
  >();
  private seconds = 0;

  constructor(
    private readonly program: Program,
    private readonly computation: Computation<Inputs, Result>,
  ) {}

  /** Seconds spent on recording and handing the graphs over, for all shapes so far. */
  get recordingSeconds(): number {
    return this.seconds;
  }

  /**
   * The function's value, which the caller owns.
   * @throws Untraceable, for inputs of new shapes, when something in the computation cannot become part of a graph
   */
  async run(inputs: ValuesFor<Inputs>): Promise<Value> {
    const { feeds, fetch } = await this.prepared(inputs);
    const [value] = await this.program.run(feeds, [fetch]);
    return value!;
  }

  /**
   * Runs the function once and says what it spent on each layer.
   * @throws Untraceable as `run`
   */
  async layerTimes(inputs: ValuesFor<Inputs>): Promise<readonly LayerTime[]> {
    const { feeds, fetch, graph } = await this.prepared(inputs);
    return timesOfNodes(await this.program.times(feeds, [fetch]), (node) => graph.scopeOf(node));
  }

  /** The graph for inputs of these shapes, recorded if there is none yet, and what it is fed. */
  private async prepared(inputs: ValuesFor<Inputs>) {
    const key = inputs.map((input) => this.keyOf(input)).join(';');
    let recorded = this.graphs.get(key);
    if (!recorded) {
      recorded = this.record(inputs);
      this.graphs.set(key, recorded);
    }
    const { placeholders, ...others } = await recorded;
    const fed = inputs.flatMap(fedOf);
    return { feeds: new Map(placeholders.map((name, index) => [name, fed[index]!])), ...others };
  }

  private keyOf(input: Value | Unfinished): string {
    const shapes = fedOf(input).map(({ shape }) => shape.join());
    return 'fed' in input ? `${shapes.join('|')} by ${this.opened(input).number}` : shapes.join();
  }

  private opened({ finishing }: Unfinished) {
    const known = this.finishings.get(finishing);
    if (known) return known;
    const made = { ...finishing.open(), number: this.finishings.size };
    this.finishings.set(finishing, made);
    this.program.hold(made);
    return made;
  }

  private async record(inputs: ValuesFor<Inputs>): Promise<Recorded> {
    const started = performance.now();
    const { program, computation } = this;
    const graph = program.newGraph();
    const values = inputs.map(fedOf);
    const tensors = values.map((fed) => fed.map(tensorOf));
    const asBytes = new Set(
      tensors.flatMap((fed, at) => fed.filter((_, own) => values[at]![own]!.data instanceof Uint8Array)),
    );
    /** The function's inputs, computed in the graph where they are fed in another form. */
    const finished = () =>
      inputs.map((input, at) =>
        'fed' in input
          ? this.opened(input).apply(...(tensors[at]! as [tf.Tensor, tf.Tensor?]))
          : tensors[at]![0]!,
      ) as readonly tf.Tensor[] as Inputs;
    let recorded: ReturnType<typeof this.trace>;
    try {
      recorded = undoingAssignments(computation.model, () =>
        this.trace(graph, { fed: tensors.flat(), asBytes, finished }),
      );
    } finally {
      tf.dispose(tensors.flat());
    }
    const { variables, ...names } = recorded;
    program.add(graph);
    await program.initialise([
      ...variables.map(({ resource, variable }) => startFrom(resource, variable)),
      ...(computation.starts?.() ?? []),
    ]);
    this.seconds += (performance.now() - started) / 1000;
    return { graph, ...names };
  }

  private trace(
    graph: GraphBuilder,
    {
      fed,
      asBytes,
      finished,
    }: {
      readonly fed: readonly tf.Tensor[];
      readonly asBytes: ReadonlySet<tf.Tensor>;
      readonly finished: () => Inputs;
    },
  ): Omit<Recorded, 'graph'> & { readonly variables: readonly TracedVariable[] } {
    const { model, compute, finish } = this.computation;
    const names = new Map(
      model.weights.map((weight) => [weight.read(), weightResource(weight.originalName)]),
    );
    const resourceOf = (variable: tf.Variable) => names.get(variable) ?? `variable/${variable.name}`;
    const watched = () => {
      const inputs = finished();
      const result = watchingLayers(
        model,
        (scope) => (graph.scope = scope),
        () => compute(inputs, graph),
      );
      return { inputs, result };
    };
    return traced(
      this.program.backend,
      graph,
      fed,
      asBytes,
      resourceOf,
      watched,
      ({ inputs, result }, recorder) => {
        // Read once: reading it adds variables that were assigned and never read to the graph.
        const { variables, placeholders } = recorder;
        const refOf = (tensor: tf.Tensor) => recorder.refOf(tensor);
        const fetch = finish(result, { builder: graph, variables, refOf }, inputs);
        return { placeholders, fetch, variables };
      },
    );
  }
}

function tensorOf({ shape, data }: Value): tf.Tensor {
  return tf.tensor(data instanceof Uint8Array ? Float32Array.from(data) : data, [...shape]);
}

function fedOf(input: Value | Unfinished): readonly Value[] {
  return 'fed' in input ? input.fed.filter((value) => value !== undefined) : [input];
}

/** Recording runs the computation, which may assign moving statistics: they get their former values back. */
function undoingAssignments<R>(model: tf.LayersModel, work: () => R): R {
  const before = model.nonTrainableWeights.map((weight) => ({ weight, value: weight.read().clone() }));
  try {
    return work();
  } finally {
    for (const { weight, value } of before) if (weight.read().dataId !== value.dataId) weight.write(value);
    tf.dispose(before.map(({ value }) => value));
  }
}
