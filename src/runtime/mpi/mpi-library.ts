/** Open MPI's library, found by its soname and called through koffi. */
import { UserError, messageOf } from '../../core/errors';
import { koffi } from '../../core/tensorflow/koffi';

/** Open MPI 4 and 5 both have this soname; Debian's packages of both put it where the loader looks. */
const soname = 'libmpi.so.40';
/** MPICH's, and that of the libraries that keep its binary interface. */
const otherSonames = ['libmpi.so.12', 'libmpich.so.12'];

/** What mends a machine without it. */
export const howToInstall =
  'the system’s package brings it (Debian and Ubuntu: apt-get install openmpi-bin libopenmpi3, or libopenmpi40)';

type Handle = object;

/** A call's return value, 0 if it succeeded. */
type Asynchronous = (...given: unknown[]) => Promise<number>;

/** The functions of MPI that are used; those that wait for other ranks run off the main thread. */
export interface MpiLibrary {
  /** Such as `Open MPI v4.1.4`. */
  readonly version: string;
  readonly world: Handle;
  readonly float: Handle;
  readonly byte: Handle;
  readonly sum: Handle;
  initialise(): { readonly threads: number };
  rank(): number;
  size(): number;
  finalise(): void;
  abort(code: number): void;
  readonly allreduce: Asynchronous;
  readonly broadcast: Asynchronous;
  readonly gather: Asynchronous;
  readonly gatherDifferent: Asynchronous;
  readonly exchange: Asynchronous;
  readonly barrier: Asynchronous;
  /** Sends a few bytes without waiting for the receiver: they are less than what MPI buffers by itself. */
  send(bytes: Uint8Array, to: number, tag: number): void;
  /** The tag and sender of a message that has arrived, if there is one. */
  arrived(): { readonly from: number; readonly tag: number } | undefined;
  receive(bytes: Uint8Array, from: number, tag: number): void;
}

/** MPI_THREAD_MULTIPLE: several threads may call at once. */
const threadMultiple = 3;
const anySource = -1;
const anyTag = -1;
/** MPI_IN_PLACE, a pointer in Open MPI's header. */
export const inPlace = 1n;

/**
 * Loads the library.
 * @throws UserError where there is none, or another implementation's
 */
export function openMpiLibrary(): MpiLibrary {
  const loaded = load(soname);
  if ('why' in loaded) {
    const other = otherSonames.find((name) => !('why' in load(name)));
    throw new UserError(
      other === undefined
        ? `MPI: expected Open MPI 4 or 5 (${soname}), found none (${loaded.why}); ${howToInstall}`
        : `MPI: expected Open MPI 4 or 5 (${soname}), found only ${other}, MPICH’s or one like it, whose functions are called otherwise; ${howToInstall}`,
    );
  }
  return bound(loaded.library);
}

type Library = ReturnType<ReturnType<typeof koffi>['load']>;

function load(name: string): { readonly library: Library } | { readonly why: string } {
  try {
    return { library: koffi().load(name) };
  } catch (error) {
    return { why: messageOf(error).split('\n', 1)[0]! };
  }
}

/** RTLD_NOW and RTLD_NODELETE of Linux. */
const staying = 0x1002;

/**
 * Keeps the library in memory until the process has ended: Node unloads it before, while threads of MPI's network may
 * still be in it.
 */
function keepLoaded(): void {
  const open = koffi().load(null).func('void* dlopen(const char*, int)');
  open(soname, staying);
}

function bound(library: Library): MpiLibrary {
  keepLoaded();
  const call = (declaration: string) => {
    const found = library.func(declaration);
    return (...given: unknown[]) => expectSuccess(declaration, found(...given) as number);
  };
  const later = (declaration: string): Asynchronous => {
    const found = library.func(declaration);
    return (...given) =>
      new Promise((resolve, reject) => {
        found.async(...given, (error: Error | null, code: number) => {
          if (error) reject(error);
          else resolve(code);
        });
      });
  };
  const constant = (name: string) => library.symbol(name, 'char') as Handle;
  const world = constant('ompi_mpi_comm_world');
  const byte = constant('ompi_mpi_byte');
  const initialise = call('int MPI_Init_thread(void*, void*, int, _Out_ int*)');
  const rank = call('int MPI_Comm_rank(void*, _Out_ int*)');
  const size = call('int MPI_Comm_size(void*, _Out_ int*)');
  const finalise = call('int MPI_Finalize()');
  const abort = call('int MPI_Abort(void*, int)');
  const send = call('int MPI_Send(void*, int, void*, int, int, void*)');
  const probe = call('int MPI_Iprobe(int, int, void*, _Out_ int*, _Out_ int*)');
  const receive = call('int MPI_Recv(void*, int, void*, int, int, void*, void*)');
  return {
    version: versionOf(library),
    world,
    byte,
    float: constant('ompi_mpi_float'),
    sum: constant('ompi_mpi_op_sum'),
    initialise: () => {
      const threads = [0];
      initialise(null, null, threadMultiple, threads);
      return { threads: threads[0]! };
    },
    rank: () => numberFrom((out) => rank(world, out)),
    size: () => numberFrom((out) => size(world, out)),
    finalise: () => void finalise(),
    abort: (code) => void abort(world, code),
    allreduce: later('int MPI_Allreduce(void*, void*, int, void*, void*, void*)'),
    broadcast: later('int MPI_Bcast(void*, int, void*, int, void*)'),
    gather: later('int MPI_Allgather(void*, int, void*, void*, int, void*, void*)'),
    gatherDifferent: later('int MPI_Allgatherv(void*, int, void*, void*, void*, void*, void*, void*)'),
    exchange: later('int MPI_Alltoall(void*, int, void*, void*, int, void*, void*)'),
    barrier: later('int MPI_Barrier(void*)'),
    send: (bytes, to, tag) => void send(bytes, bytes.length, byte, to, tag, world),
    arrived: () => {
      const flag = [0];
      // Open MPI's MPI_Status begins with the source and the tag; it has 24 bytes.
      const status = new Int32Array(8);
      probe(anySource, anyTag, world, flag, status);
      return flag[0] ? { from: status[0]!, tag: status[1]! } : undefined;
    },
    receive: (bytes, from, tag) => void receive(bytes, bytes.length, byte, from, tag, world, null),
  };
}

function expectSuccess(declaration: string, code: number): number {
  if (code !== 0) throw new Error(`${/MPI_\w+/.exec(declaration)![0]}: expected 0, found ${code}`);
  return code;
}

function numberFrom(get: (out: number[]) => unknown): number {
  const out = [0];
  get(out);
  return out[0]!;
}

/** The first part of what the library says of itself. */
function versionOf(library: Library): string {
  const get = library.func('int MPI_Get_library_version(void*, _Out_ int*)');
  const text = Buffer.alloc(256); // MPI_MAX_LIBRARY_VERSION_STRING
  const length = [0];
  get(text, length);
  return text.toString('latin1', 0, length[0]).split(',', 1)[0]!.trim();
}
