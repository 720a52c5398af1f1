/** Why a step of the set-up fails, and what would help. */
import { codeOf, messageOf } from '../../core/errors';
import { ProgramFailed } from './run-program';

/** The reason (one line) why a step of the set-up cannot be done on this machine, and a way to fix it. */
export class Obstacle extends Error {
  override readonly name = 'Obstacle';

  constructor(
    readonly why: string,
    readonly fix: string,
  ) {
    super(`${why}; ${fix}`);
  }
}

const fullDisk = /No space left on device|Disk quota exceeded|File too large|ENOSPC|EDQUOT|EFBIG/;

const noNetwork =
  /Failed to establish a new connection|Temporary failure in name resolution|Name or service not known|Connection refused|timed out|EAI_AGAIN|ENOTFOUND|ECONNREFUSED/;

/** Converts any error thrown during `step` in `folder` into an obstacle. */
export function obstacle(thrown: unknown, step: string, folder: string): Obstacle {
  if (thrown instanceof Obstacle) return thrown;
  const output = thrown instanceof ProgramFailed ? thrown.output : '';
  if (fullDisk.test(`${codeOf(thrown)} ${messageOf(thrown)} ${output}`)) {
    return new Obstacle(
      `the disk is full: ${step} needs more room in ${folder}`,
      'make room or set LINEAGE_CACHE',
    );
  }
  if (noNetwork.test(output)) {
    return new Obstacle(
      `${step} failed: the network does not answer`,
      'check the network, and its proxy settings',
    );
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'].includes(codeOf(thrown) ?? '')) {
    return new Obstacle(
      `${step} cannot write in ${folder} (${codeOf(thrown)})`,
      'set LINEAGE_CACHE to a folder of yours',
    );
  }
  return new Obstacle(`${step} failed: ${messageOf(thrown)}`, 'mend that and run the set-up again');
}
