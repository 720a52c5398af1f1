/** Names the machine that a figure was measured on. */
import { counted } from './counted';
/** The parts of a machine that decide how fast it computes. */
export interface Device {
  readonly cpu: string;
  readonly cores: number;
  readonly gpu?: string;
}

/** The device in words; the GPU comes first if one computes. */
export function deviceOf({ cpu, cores, gpu }: Device): string {
  return `${gpu === undefined ? '' : `${gpu}, `}${cpu}, ${counted(cores, 'core')}`;
}
