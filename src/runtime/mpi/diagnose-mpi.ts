/** What several processes need that is not part of this package: Open MPI's library, and its mpirun. */
import { spawnSync } from 'node:child_process';
import { UserError, messageOf } from '../../core/errors';
import { howToInstall, openMpiLibrary } from './mpi-library';

/** Open MPI as it is found here. */
export interface MpiDiagnosis {
  /** The library's version, such as `Open MPI v4.1.4`; null where there is none that fits. */
  readonly library: string | null;
  /** The first line of `mpirun --version`; null where there is none of Open MPI's. */
  readonly mpirun: string | null;
  /** What is missing, and what brings it; null if nothing is. */
  readonly missing: string | null;
}

/** Looks for the library and for mpirun; starts neither. */
export function diagnoseMpi(): MpiDiagnosis {
  const library = libraryVersion();
  const mpirun = mpirunVersion();
  const lacks = [
    ...('why' in library ? [library.why] : []),
    ...('why' in mpirun ? [`${mpirun.why}; ${howToInstall}`] : []),
  ];
  return {
    library: 'version' in library ? library.version : null,
    mpirun: 'version' in mpirun ? mpirun.version : null,
    missing: lacks[0] ?? null,
  };
}

type Found = { readonly version: string } | { readonly why: string };

function libraryVersion(): Found {
  try {
    return { version: openMpiLibrary().version };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { why: messageOf(error) };
  }
}

/** The version that mpirun tells, if it is Open MPI's; one of another MPI starts ranks that do not find each other. */
export function mpirunVersion(): Found {
  const { error, stdout } = spawnSync('mpirun', ['--version'], { encoding: 'utf8' });
  if (error) return { why: 'expected Open MPI’s mpirun, found none' };
  const [version = ''] = stdout.split('\n');
  if (/open ?mpi|prte/i.test(version)) return { version };
  const found = /HYDRA/.test(version) ? 'MPICH’s' : version.trim() || 'another';
  return { why: `expected Open MPI’s mpirun, found ${found}` };
}
