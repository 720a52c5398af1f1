/** The cores that this process may use of its machine's, which ranks on one host share. */
import { availableParallelism, cpus } from 'node:os';

let processes = 1;

/** Says how many processes share this machine. */
export function shareCores(among: number): void {
  processes = among;
}

/** How many threads keep this process's share of the cores busy; at least 1. */
export function ownCores(): number {
  if (processes === 1) return availableParallelism();
  // Where a rank is bound to its own cores, those are all that are available.
  return Math.min(availableParallelism(), Math.max(1, Math.floor(cpus().length / processes)));
}
