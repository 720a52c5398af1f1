/** Starts a command as several ranks, by Open MPI's mpirun: on this machine, or on the hosts that are named. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Transform } from 'node:stream';
import { mpirunVersion } from '../../../src/runtime/mpi/diagnose-mpi';
import { howToInstall } from '../../../src/runtime/mpi/mpi-library';
import { UserError } from '../../../src/core/errors';
import { wholeNumber } from '../../../src/core/given/numbers';
import { isOneOfSeveral } from '../../../src/runtime/mpi/started-ranks';
import { launchedVariable } from './this-rank';

/** Where ranks are started, and how many. */
export interface RanksGiven {
  readonly ranks?: number | undefined;
  readonly hosts?: string | undefined;
  readonly hostfile?: string | undefined;
  readonly mpi?: boolean | undefined;
}

/** The words after this one are mpirun's. */
export const mpiWord = '--mpi';

/** Whether a command is to be started as ranks. */
export function asksForRanks({ ranks, hosts, hostfile, mpi }: RanksGiven): boolean {
  return ranks !== undefined || hosts !== undefined || hostfile !== undefined || mpi === true;
}

/** A second Ctrl-C ends all ranks at once, unless it comes this soon: npm forwards the terminal's too. */
const sameMilliseconds = 1000;

/**
 * Runs this program's command again as ranks, and ends with their exit code. Ctrl-C makes them save and end.
 * @throws UserError without mpirun, or with another one than Open MPI's
 */
export async function launch(given: RanksGiven): Promise<never> {
  if (isOneOfSeveral(process.env))
    throw new UserError('--ranks: expected it without mpirun, found it in a rank that mpirun started');
  expectOpenMpi();
  const started = spawn('mpirun', wordsFor(given, process.argv.slice(2)), {
    // Ctrl-C of a terminal would reach mpirun too, which kills its ranks a second later.
    detached: true,
    stdio: ['pipe', 'inherit', 'pipe'],
    env: {
      ...process.env,
      ...unbound,
      ...(given.hostfile === undefined && oversubscribed),
      [launchedVariable]: '1',
    },
  });
  let since: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      const again = since !== undefined && Date.now() - since > sameMilliseconds;
      since ??= Date.now();
      started.kill(again ? 'SIGTERM' : 'SIGUSR1');
    });
  started.stderr.pipe(withoutRemarks()).pipe(process.stderr);
  const code = await new Promise<number>((resolve, reject) => {
    started.on('error', reject);
    started.on('close', (exit, signal) => resolve(exit ?? 128 + constants.signals[signal!]));
  });
  process.exit(code);
}

function expectOpenMpi(): void {
  const found = mpirunVersion();
  if ('why' in found) throw new UserError(`--ranks: ${found.why}; ${howToInstall}`);
}

/** Threads of a rank go to any core of its share; by Open MPI 4's names and those of Open MPI 5. */
const unbound = {
  OMPI_MCA_hwloc_base_binding_policy: 'none',
  PRTE_MCA_hwloc_default_binding_policy: 'none',
} as const;

/** As many ranks as were asked for, also on fewer cores. */
const oversubscribed = {
  OMPI_MCA_rmaps_base_oversubscribe: '1',
  PRTE_MCA_rmaps_default_mapping_policy: ':oversubscribe',
} as const;

/** What ranks on other hosts have to be told. */
const passedOn = /^(?:CNN_LINEAGE_|LINEAGE_|TF_|OMP_|npm_|INIT_CWD$|NODE_OPTIONS$)/;

/** The words of mpirun. @param own this program's words, with those about ranks */
function wordsFor({ ranks, hosts, hostfile }: RanksGiven, own: readonly string[]): string[] {
  const [before, after] = parted(own);
  const names = Object.keys(process.env).filter((name) => passedOn.test(name));
  return [
    ...rootWords(),
    ...(ranks === undefined ? [] : ['-n', String(wholeNumber('ranks', ranks, 1, 100_000))]),
    ...(hosts === undefined ? [] : ['--host', hosts]),
    ...(hostfile === undefined ? [] : ['--hostfile', hostfile]),
    ...(hosts === undefined && hostfile === undefined
      ? []
      : ['-x', launchedVariable, ...names.flatMap((name) => ['-x', name])]),
    ...after,
    process.execPath,
    ...process.execArgv,
    process.argv[1]!,
    ...withoutRanks(before),
  ];
}

/** Containers run as root, which mpirun wants to be told. */
export function rootWords(): readonly string[] {
  return process.getuid?.() === 0 ? ['--allow-run-as-root'] : [];
}

/** The words before `--mpi` and those after it. */
export function parted(words: readonly string[]): readonly [readonly string[], readonly string[]] {
  const at = words.indexOf(mpiWord);
  return at < 0 ? [words, []] : [words.slice(0, at), words.slice(at + 1)];
}

const valued = /^--(?:ranks|hosts|hostfile)(?<value>=.*)?$/s;

function withoutRanks(words: readonly string[]): string[] {
  const left: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const option = valued.exec(words[at]!);
    if (!option) left.push(words[at]!);
    else if (option.groups?.['value'] === undefined) at++;
  }
  return left;
}

/** A line that begins and ends each of them. */
const rule = /^-{60,}$/;

/** What mpirun says where its remarks of several ranks come at once. */
const complaint = /ORTE_ERROR_LOG: .* in file .*show_help\.c/;

/** Passes on whole lines, without mpirun's remarks on ranks that have said themselves why they ended. */
function withoutRemarks(): Transform {
  let rest = '';
  let remark: string[] | undefined;
  const kept = (line: string): string => {
    if (rule.test(line)) {
      const [ended, lines] = [remark, remark];
      remark = ended ? undefined : [];
      return lines && !isExpected(lines.join('\n')) ? `${told(lines)}\n` : '';
    }
    if (!remark) return complaint.test(line) ? '' : `${line}\n`;
    remark.push(line);
    return '';
  };
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop()!;
      done(null, lines.map(kept).join(''));
    },
    flush(done) {
      done(null, [...(remark ?? []), rest].filter((line) => line && !complaint.test(line)).join('\n'));
    },
  });
}

/** What became of a rank in one line, which Open MPI 5 breaks in two; other remarks as they are. */
function told(lines: readonly string[]): string {
  return lines.join(/noticed that process rank/.test(lines[0] ?? '') ? ' ' : '\n').trim();
}

/** A rank that ended by itself, or that ended all: it has said why. */
function isExpected(text: string): boolean {
  return /MPI_ABORT was invoked|returned\s+a non-zero exit code|exited with non-zero status/.test(text);
}
