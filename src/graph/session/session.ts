/** A TensorFlow session of the C API: adds graphs to it and runs them without blocking the event loop. */
import { bytes, integer, joined } from '../../core/io/protobuf';
import { FedTensors, type Value, pinningBy } from './fed-tensors';
import { elementTypes } from './graph-def';
import { nodeTimes, type NodeTime } from './step-stats';
import { koffi } from '../../core/tensorflow/koffi';
import { tensorFlowApi, type Handle, type TensorFlowApi } from './tensorflow-api';

/** The precision of a session, if it is not float32. */
export interface SessionOptions {
  /** Convolutions and matrix products in bfloat16 where oneDNN deems it safe, the rest in float32. */
  readonly bfloat16?: boolean;
  /** The same in float16, on GPUs. */
  readonly float16?: boolean;
}

/** `RunOptions` with `trace_level: FULL_TRACE` (`config.proto`). */
const fullTrace = () => integer(1, 3);

/**
 * A TensorFlow session with a graph that grows, beside tfjs-node's eager context in the same library.
 * Runs leave the event loop free; one runs at a time. A fed value's elements are counted against its shape before any
 * native call, for TensorFlow would read beyond them. TensorFlow itself refuses a type other than the placeholder's; it
 * does not compare shapes.
 */
export class GraphSession {
  private readonly api: TensorFlowApi;
  private readonly graph: Handle;
  private readonly session: Handle;
  private readonly operations = new Map<string, { oper: Handle; index: number }>();
  private readonly fed: FedTensors;
  private running: Promise<unknown> = Promise.resolve();
  private disposed = false;

  constructor(library: string, options: SessionOptions = {}, cudaLibrary?: string) {
    this.api = tensorFlowApi(library);
    this.fed = new FedTensors(this.api, cudaLibrary === undefined ? undefined : pinningBy(cudaLibrary));
    this.graph = this.api.newGraph();
    const sessionOptions: Handle = this.api.newOptions();
    const config = configProto(options);
    this.checked('configuring the session', (status) => {
      this.api.setConfig(sessionOptions, config, config.length, status);
    });
    this.session = this.checked('opening the session', (status): Handle =>
      this.api.newSession(this.graph, sessionOptions, status),
    );
    this.api.deleteOptions(sessionOptions);
  }

  /** Adds nodes; their names must be new. */
  extend(graphDef: Uint8Array): void {
    this.expectOpen();
    const buffer: Handle = this.api.newBuffer(graphDef, graphDef.length);
    const options: Handle = this.api.newImport();
    try {
      this.checked('reading the traced graph', (status) => {
        this.api.importGraph(this.graph, buffer, options, status);
      });
    } finally {
      this.api.deleteImport(options);
      this.api.deleteBuffer(buffer);
    }
  }

  /**
   * Runs what `fetches` need.
   * @param feeds by the names of placeholders
   * @returns the values of `fetches`, which the caller owns
   */
  run(feeds: ReadonlyMap<string, Value>, fetches: readonly string[]): Promise<Value[]> {
    return this.queued(() => this.runNow(feeds, fetches, null, null));
  }

  /** As `run`, but returns how long each node computed, in place of the values. */
  times(feeds: ReadonlyMap<string, Value>, fetches: readonly string[]): Promise<NodeTime[]> {
    return this.queued(async () => {
      const { api } = this;
      const wanted = fullTrace();
      const options: Handle = api.newBuffer(wanted, wanted.length);
      const metadata: Handle = api.emptyBuffer();
      try {
        await this.runNow(feeds, fetches, options, metadata);
        const { data, length } = koffi().decode(metadata, 'TF_Buffer') as { data: Handle; length: number };
        return nodeTimes(new Uint8Array(koffi().view(data, Number(length))));
      } finally {
        api.deleteBuffer(options);
        api.deleteBuffer(metadata);
      }
    });
  }

  private queued<T>(work: () => Promise<T>): Promise<T> {
    this.expectOpen();
    const result = this.running.then(work);
    this.running = result.catch(() => undefined);
    return result;
  }

  /** Waits for the runs that were begun, then frees graph, session and variables. Later calls are refused. */
  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.running;
    this.fed.forget();
    const status: Handle = this.api.newStatus();
    this.api.closeSession(this.session, status);
    this.api.deleteSession(this.session, status);
    this.api.deleteStatus(status);
    this.api.deleteGraph(this.graph);
  }

  /** Throws where the session was disposed of: using what was freed would crash the process. */
  private expectOpen(): void {
    if (this.disposed) throw new Error('expected a session that is open, found one that was disposed of');
  }

  private async runNow(
    feeds: ReadonlyMap<string, Value>,
    fetches: readonly string[],
    runOptions: Handle,
    metadata: Handle,
  ): Promise<Value[]> {
    const inputs = [...feeds.keys()].map((name) => this.output(name));
    const outputs = fetches.map((name) => this.output(name));
    const tensors: Handle[] = [];
    const dropped: Handle[] = [];
    const results = new Array<Handle>(fetches.length).fill(null);
    const { run } = this.api;
    const status: Handle = this.api.newStatus();
    try {
      for (const [name, value] of feeds) tensors.push(this.fed.take(name, value, dropped));
      await new Promise<void>((resolve, reject) => {
        const arguments_ = [
          this.session,
          runOptions,
          inputs,
          tensors,
          tensors.length,
          outputs,
          results,
          outputs.length,
          null,
          0,
          metadata,
          status,
        ];
        run.async(...arguments_, (error: Error | null) => (error ? reject(error) : resolve()));
      });
      this.check('running the traced graph', status);
      return results.map((result) => this.value(result));
    } finally {
      for (const tensor of dropped) this.api.deleteTensor(tensor);
      this.api.deleteStatus(status);
    }
  }

  private output(name: string): { oper: Handle; index: number } {
    const known = this.operations.get(name);
    if (known) return known;
    const [operation, index] = name.split(':');
    const oper: Handle = this.api.operation(this.graph, operation);
    if (!oper) throw new RangeError(`expected a node ${operation} in the traced graph, found none`);
    const made = { oper, index: Number(index ?? 0) };
    this.operations.set(name, made);
    return made;
  }

  private value(tensor: Handle): Value {
    const length = Number(this.api.byteSize(tensor));
    const copy = length > 0 ? koffi().view(this.api.data(tensor), length).slice(0) : new ArrayBuffer(0);
    const shape = Array.from({ length: this.api.rank(tensor) as number }, (_, axis) =>
      Number(this.api.side(tensor, axis)),
    );
    const isInteger = this.api.type(tensor) === elementTypes.int32;
    this.api.deleteTensor(tensor);
    return { shape, data: isInteger ? new Int32Array(copy) : new Float32Array(copy) };
  }

  /** Makes a call with a status of its own: a run in progress would overwrite a shared one. */
  private checked<T>(doing: string, call: (status: Handle) => T): T {
    const status: Handle = this.api.newStatus();
    try {
      const result = call(status);
      this.check(doing, status);
      return result;
    } finally {
      this.api.deleteStatus(status);
    }
  }

  private check(doing: string, status: Handle): void {
    if (this.api.code(status) === 0) return;
    throw new Error(`${doing}: ${this.api.message(status) as string}`);
  }
}

/** A `ConfigProto` (`config.proto`, `rewriter_config.proto`). */
function configProto({ bfloat16, float16 }: SessionOptions): Uint8Array {
  const on = 1;
  const rewrites = joined([
    ...(float16 ? [integer(23, on)] : []), // auto_mixed_precision
    ...(bfloat16 ? [integer(25, on)] : []), // auto_mixed_precision_onednn_bfloat16
  ]);
  const graphOptions = rewrites.length > 0 ? [bytes(10, bytes(10, rewrites))] : [];
  const growth = bytes(6, integer(4, on)); // gpu_options.allow_growth
  return joined([growth, ...graphOptions]);
}
