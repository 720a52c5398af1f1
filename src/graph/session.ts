import koffi from 'koffi';
import { bytes, integer } from '../protobuf';
import { elementTypes } from './graph-def';
import { pinningBy, type Pinning } from './pinned-memory';
import { nodeTimes, type NodeTime } from './step-stats';

/** A tensor as it goes into a session and comes out of it. */
export interface Value {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export interface SessionOptions {
  /** Convolutions and matrix products in bfloat16 where oneDNN deems it safe, the rest in float32. */
  readonly bfloat16?: boolean;
  /** The same in float16, on GPUs. */
  readonly float16?: boolean;
}

type Handle = unknown;

/** What was fed to a placeholder, and the tensor that is kept for it. */
interface Fed {
  readonly key: string;
  readonly tensor: Handle;
  readonly pinned: boolean;
}

/** `RunOptions` with `trace_level: FULL_TRACE` (`config.proto`). */
const fullTrace = integer(1, 3);

/** The part of TensorFlow's C API (`c_api.h`) that a session needs, and its signatures. */
function bind(library: string) {
  const lib = koffi.load(library);
  koffi.reset();
  koffi.struct('TF_Output', { oper: 'void *', index: 'int' });
  koffi.struct('TF_Buffer', { data: 'void *', length: 'size_t', deallocator: 'void *' });
  const session =
    'void TF_SessionRun(void *s, void *o, const TF_Output *in, void **iv, int ni, const TF_Output *out, _Out_ void **ov, int no, void **t, int nt, TF_Buffer *m, void *st)';
  return {
    newStatus: lib.func('void *TF_NewStatus()'),
    deleteStatus: lib.func('void TF_DeleteStatus(void *s)'),
    code: lib.func('int TF_GetCode(void *s)'),
    message: lib.func('const char *TF_Message(void *s)'),
    newGraph: lib.func('void *TF_NewGraph()'),
    deleteGraph: lib.func('void TF_DeleteGraph(void *g)'),
    emptyBuffer: lib.func('TF_Buffer *TF_NewBuffer()'),
    newBuffer: lib.func('void *TF_NewBufferFromString(const void *p, size_t n)'),
    deleteBuffer: lib.func('void TF_DeleteBuffer(void *b)'),
    newImport: lib.func('void *TF_NewImportGraphDefOptions()'),
    deleteImport: lib.func('void TF_DeleteImportGraphDefOptions(void *o)'),
    importGraph: lib.func('void TF_GraphImportGraphDef(void *g, void *b, void *o, void *s)'),
    newOptions: lib.func('void *TF_NewSessionOptions()'),
    setConfig: lib.func('void TF_SetConfig(void *o, const void *p, size_t n, void *s)'),
    deleteOptions: lib.func('void TF_DeleteSessionOptions(void *o)'),
    newSession: lib.func('void *TF_NewSession(void *g, void *o, void *s)'),
    closeSession: lib.func('void TF_CloseSession(void *x, void *s)'),
    deleteSession: lib.func('void TF_DeleteSession(void *x, void *s)'),
    operation: lib.func('void *TF_GraphOperationByName(void *g, const char *n)'),
    allocate: lib.func('void *TF_AllocateTensor(int t, const int64_t *dims, int nd, size_t n)'),
    data: lib.func('void *TF_TensorData(void *t)'),
    byteSize: lib.func('size_t TF_TensorByteSize(void *t)'),
    deleteTensor: lib.func('void TF_DeleteTensor(void *t)'),
    type: lib.func('int TF_TensorType(void *t)'),
    rank: lib.func('int TF_NumDims(void *t)'),
    side: lib.func('int64_t TF_Dim(void *t, int i)'),
    run: lib.func(session),
  };
}

let bound: { library: string; api: ReturnType<typeof bind> } | undefined;

/**
 * A TensorFlow session with a graph that grows, beside tfjs-node's eager context in the same library.
 * Runs leave the event loop free; one runs at a time. A fed value's elements are counted against its shape before any
 * native call, for TensorFlow would read beyond them; a shape or type other than the placeholder's it refuses itself.
 */
export class GraphSession {
  private readonly api: ReturnType<typeof bind>;
  private readonly status: Handle;
  private readonly graph: Handle;
  private readonly session: Handle;
  private readonly operations = new Map<string, { oper: Handle; index: number }>();
  /** Of each placeholder: what was fed last, and the tensor that is kept for it. */
  private readonly feeds = new Map<string, Fed>();
  private running: Promise<unknown> = Promise.resolve();

  /** Where a GPU computes, and its library is known. */
  private readonly pinning: Pinning | undefined;

  constructor(library: string, options: SessionOptions = {}, cudaLibrary?: string) {
    this.pinning = cudaLibrary === undefined ? undefined : pinningBy(cudaLibrary);
    if (bound?.library !== library) bound = { library, api: bind(library) };
    this.api = bound.api;
    this.status = this.api.newStatus();
    this.graph = this.api.newGraph();
    const sessionOptions: Handle = this.api.newOptions();
    const config = configProto(options);
    this.api.setConfig(sessionOptions, config, config.length, this.status);
    this.check('configuring the session');
    this.session = this.api.newSession(this.graph, sessionOptions, this.status);
    this.check('opening the session');
    this.api.deleteOptions(sessionOptions);
  }

  /** Adds nodes; their names must be new. */
  extend(graphDef: Buffer): void {
    const buffer: Handle = this.api.newBuffer(graphDef, graphDef.length);
    const options: Handle = this.api.newImport();
    this.api.importGraph(this.graph, buffer, options, this.status);
    this.api.deleteImport(options);
    this.api.deleteBuffer(buffer);
    this.check('reading the traced graph');
  }

  /**
   * Runs what `fetches` need.
   * @param feeds by the names of placeholders
   * @returns the values of `fetches`, which the caller owns
   */
  run(feeds: ReadonlyMap<string, Value>, fetches: readonly string[]): Promise<Value[]> {
    return this.queued(() => this.runNow(feeds, fetches, null, null));
  }

  /** As `run`, while TensorFlow notes how long each node computes; what is fetched is dropped. */
  times(feeds: ReadonlyMap<string, Value>, fetches: readonly string[]): Promise<NodeTime[]> {
    return this.queued(async () => {
      const { api } = this;
      const options: Handle = api.newBuffer(fullTrace, fullTrace.length);
      const metadata: Handle = api.emptyBuffer();
      try {
        await this.runNow(feeds, fetches, options, metadata);
        const { data, length } = koffi.decode(metadata, 'TF_Buffer') as { data: Handle; length: number };
        return nodeTimes(new Uint8Array(koffi.view(data, Number(length))));
      } finally {
        api.deleteBuffer(options);
        api.deleteBuffer(metadata);
      }
    });
  }

  private queued<T>(work: () => Promise<T>): Promise<T> {
    const result = this.running.then(work);
    this.running = result.catch(() => undefined);
    return result;
  }

  /** Waits for the running run, then frees graph, session and variables. */
  async dispose(): Promise<void> {
    await this.running;
    this.forget();
    this.api.closeSession(this.session, this.status);
    this.api.deleteSession(this.session, this.status);
    this.api.deleteGraph(this.graph);
    this.api.deleteStatus(this.status);
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
    try {
      for (const [name, value] of feeds) tensors.push(this.fed(name, value, dropped));
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
          this.status,
        ];
        run.async(...arguments_, (error: Error | null) => (error ? reject(error) : resolve()));
      });
      this.check('running the traced graph');
      return results.map((result) => this.value(result));
    } finally {
      for (const tensor of dropped) this.api.deleteTensor(tensor);
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

  /**
   * The tensor that feeds a placeholder. One that is fed again is kept for the next run: new memory costs its page
   * faults each time. What is fed once, such as a variable's first value, may live on in the session.
   */
  private fed(name: string, { shape, data }: Value, dropped: Handle[]): Handle {
    const size = shape.reduce((product, side) => product * side, 1);
    if (size !== data.length) {
      throw new RangeError(
        `expected ${size} elements for the shape [${shape.join(', ')}], found ${data.length}`,
      );
    }
    const type = data instanceof Int32Array ? elementTypes.int32 : elementTypes.float32;
    const key = `${type} ${shape.join()}`;
    const known = this.feeds.get(name);
    const again = known?.key === key;
    if (known && !again) this.release(known);
    const tensor: Handle =
      (again && known.tensor) || this.api.allocate(type, shape, shape.length, data.byteLength);
    const pins = () => this.pinning?.pin(this.api.data(tensor), data.byteLength) ?? false;
    const pinned = again && (known.tensor ? known.pinned : pins());
    if (data.byteLength > 0) {
      const target = new Uint8Array(koffi.view(this.api.data(tensor), data.byteLength));
      target.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    if (!again) dropped.push(tensor);
    this.feeds.set(name, { key, tensor: again ? tensor : null, pinned });
    return tensor;
  }

  private release({ tensor, pinned }: Fed): void {
    if (!tensor) return;
    if (pinned) this.pinning!.unpin(this.api.data(tensor));
    this.api.deleteTensor(tensor);
  }

  private forget(): void {
    for (const fed of this.feeds.values()) this.release(fed);
    this.feeds.clear();
  }

  private value(tensor: Handle): Value {
    const length = Number(this.api.byteSize(tensor));
    const copy = length > 0 ? koffi.view(this.api.data(tensor), length).slice(0) : new ArrayBuffer(0);
    const shape = Array.from({ length: this.api.rank(tensor) as number }, (_, axis) =>
      Number(this.api.side(tensor, axis)),
    );
    const isInteger = this.api.type(tensor) === elementTypes.int32;
    this.api.deleteTensor(tensor);
    return { shape, data: isInteger ? new Int32Array(copy) : new Float32Array(copy) };
  }

  private check(doing: string): void {
    if (this.api.code(this.status) === 0) return;
    throw new Error(`${doing}: ${this.api.message(this.status) as string}`);
  }
}

/** A `ConfigProto` (`config.proto`, `rewriter_config.proto`). */
function configProto({ bfloat16, float16 }: SessionOptions): Buffer {
  const on = 1;
  const rewrites = Buffer.concat([
    ...(float16 ? [integer(23, on)] : []), // auto_mixed_precision
    ...(bfloat16 ? [integer(25, on)] : []), // auto_mixed_precision_onednn_bfloat16
  ]);
  const graphOptions = rewrites.length > 0 ? [bytes(10, bytes(10, rewrites))] : [];
  const growth = bytes(6, integer(4, on)); // gpu_options.allow_growth
  return Buffer.concat([growth, ...graphOptions]);
}
