/** tfjs's WebGPU backend, which tells of what goes wrong on the GPU: by itself it would go on with zeros. */
import { UserError, messageOf } from '../../core/errors';
import { elementCount } from '../../core/shape';
import { tf } from '../../core/tf';

/** The parts of a `GPUDevice` that this program uses itself. */
export interface Device {
  readonly limits: Readonly<Record<string, number>>;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  pushErrorScope(filter: 'validation' | 'out-of-memory' | 'internal'): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
  destroy(): void;
}

/** The parts of tfjs's backend that are guarded. */
interface Base extends tf.KernelBackend {
  uploadToGPU(dataId: object): void;
  runWebGPUProgram(...given: readonly unknown[]): tf.TensorInfo;
  getBufferData(buffer: object): Promise<ArrayBuffer>;
  readonly tensorMap: {
    get(dataId: object): { readonly values: tf.TypedArray | null; readonly shape: readonly number[] };
  };
}

export type BaseClass = new (device: Device, info: object) => Base;

/** Errors of these kinds reach a program only where it opens a scope for them. */
const scopes = ['validation', 'out-of-memory', 'internal'] as const;

/**
 * The program by which tfjs multiplies all matrices here (`MatMulPackedProgram`). Left to choose, tfjs 4.22 takes one that
 * splits long sums for products of few rows or columns: with a transposed second factor its results are wrong, which are
 * the gradients below AlexNet's and VGG's layers of 4,096 units, and it adds in an order that changes from run to run.
 */
const packedProducts = 3;

/**
 * An instance of tfjs's backend on a device. Errors on the GPU are thrown by the next read, as UserErrors; so is the
 * loss of the device.
 */
export function guardedBackend(Backend: BaseClass, device: Device, info: object): tf.KernelBackend {
  let lost: UserError | undefined;
  const whenLost = device.lost.then(({ message, reason }) => {
    const why = message.trim().split('\n', 1)[0] || reason;
    lost = new UserError(`webgpu: expected the GPU to go on computing, found that it was lost (${why})`);
  });
  const open = () => scopes.forEach((scope) => device.pushErrorScope(scope));
  /** What went wrong since the last call: opens the scopes anew before it waits, so that nothing falls between. */
  const failures = async () => {
    const closed = scopes.map(() => device.popErrorScope());
    open();
    return (await Promise.all(closed)).filter((error) => error !== null);
  };
  const expectDevice = () => {
    if (lost) throw lost;
  };
  /** Dawn ends the process where tfjs goes on with a buffer that was too large to be made. */
  const expectToFit = (bytes: number) => {
    const most = Math.min(device.limits['maxBufferSize']!, device.limits['maxStorageBufferBindingSize']!);
    if (bytes <= most) return;
    const megabytes = (size: number) => `${Math.ceil(size / 1e6)} MB`;
    throw new UserError(
      `webgpu: expected arrays of at most ${megabytes(most)}, which the GPU takes, found one of ${megabytes(bytes)}; smaller batches need less`,
    );
  };
  /** The error to throw in place of the one that a call threw. */
  const explained = (error: unknown): Error => {
    if (lost) return lost;
    if (!(error instanceof RangeError) && !/larger than|too large|out of memory/i.test(messageOf(error)))
      return error instanceof Error ? error : new Error(messageOf(error));
    return new UserError(
      `webgpu: expected memory on the GPU, found none (${messageOf(error).split('\n', 1)[0]}); smaller batches need less`,
      { cause: error },
    );
  };

  class Guarded extends Backend {
    override uploadToGPU(dataId: object): void {
      expectToFit(4 * elementCount(this.tensorMap.get(dataId).shape));
      try {
        super.uploadToGPU(dataId);
      } catch (error) {
        throw explained(error);
      }
    }

    override runWebGPUProgram(...given: readonly unknown[]): tf.TensorInfo {
      expectDevice();
      try {
        return super.runWebGPUProgram(...given);
      } catch (error) {
        throw explained(error);
      }
    }

    override async getBufferData(buffer: object): Promise<ArrayBuffer> {
      expectDevice();
      const [data, found] = await Promise.allSettled([super.getBufferData(buffer), failures()]);
      // The promise of the loss may be the last of all to be fulfilled.
      if (data.status === 'rejected') await Promise.race([whenLost, pause(1000)]);
      expectDevice();
      const [first] = found.status === 'fulfilled' ? found.value : [];
      if (first)
        throw new UserError(
          `webgpu: expected the GPU to compute, found that it refuses (${first.message.trim().split('\n', 1)[0]})`,
        );
      if (data.status === 'rejected') throw explained(data.reason);
      return data.value;
    }

    /** @throws Error for what only the GPU holds: WebGPU has no way to wait for it */
    override readSync(dataId: object): tf.TypedArray {
      const { values } = this.tensorMap.get(dataId);
      if (values) return values;
      throw new Error(
        'expected data() on the webgpu backend, which cannot wait for the GPU, found dataSync()',
      );
    }
  }
  open();
  tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', packedProducts);
  return new Guarded(device, info);
}

/** Waits, in Node without keeping the process from ending. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer: { unref?: () => void } | number = setTimeout(resolve, milliseconds);
    if (typeof timer === 'object') timer.unref?.();
  });
}
