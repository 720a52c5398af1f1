/** WebGPU's adapters and devices, as a browser and Dawn give them alike. */
import type { Device } from './guarded-backend';

/** What a GPU's driver tells of it. */
export interface WebgpuAdapter {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** Whether a program on the processor stands in for a GPU: its results are right, but it is slower than wasm. */
  readonly software: boolean;
}

/** What `requestAdapter` gives. */
export interface GpuAdapter {
  readonly info: Readonly<Record<'vendor' | 'architecture' | 'device' | 'description', string>> & {
    readonly isFallbackAdapter?: boolean;
  };
  readonly limits: Readonly<Record<string, number>>;
  readonly features: ReadonlySet<string>;
  requestDevice(wanted: object): Promise<Device>;
}

/** The entry point of WebGPU. */
export interface Gpu {
  requestAdapter(options: object): Promise<GpuAdapter | null>;
}

/** The limits that tfjs's kernels can use; a device has the smallest ones that WebGPU allows unless they are asked for. */
const limits = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** Names of adapters that compute on the processor, where the driver does not say so itself. */
const softwareNames = /llvmpipe|lavapipe|swiftshader|basic render driver|\bwarp\b/i;

/** What an adapter says of itself. */
export function described({ info }: GpuAdapter): WebgpuAdapter {
  const { vendor, architecture, description, device } = info;
  return {
    vendor: vendor || 'unknown',
    architecture: architecture || 'unknown',
    description: description || device || 'without a name',
    software:
      info.isFallbackAdapter === true || softwareNames.test(`${architecture} ${device} ${description}`),
  };
}

/** The adapter's device, with all that tfjs's kernels can use; an adapter gives one only. */
export function requestDevice(adapter: GpuAdapter): Promise<Device> {
  return adapter.requestDevice({
    requiredFeatures: ['timestamp-query'].filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(limits.map((name) => [name, adapter.limits[name]])),
  });
}
