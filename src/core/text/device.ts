/** The device that computes, in words. */
import { counted } from './counted';
/** What of a machine decides how fast it computes. */
export interface Device {
  readonly cpu: string;
  readonly cores: number;
  readonly gpu?: string;
}

/** In words, the GPU first where one computes. */
export function deviceOf({ cpu, cores, gpu }: Device): string {
  return `${gpu === undefined ? '' : `${gpu}, `}${cpu}, ${counted(cores, 'core')}`;
}
