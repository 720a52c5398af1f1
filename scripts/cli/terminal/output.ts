/** What commands print: results on standard output, remarks and errors on standard error, exit codes. */
import { execFileSync } from 'node:child_process';
import { UserError, messageOf, codeOf, systemReason } from '../../../src/core/errors';
import { shellWords } from '../../../src/core/text/shell-words';
import { visibleJson, visibleLine, visibleText } from '../../../src/core/text/visible-text';
import { exitAfterOutput } from './interruption';
import { isRunByNpm, ownFolder } from '../npm/npm-run';
import { endRanks, isSilent, rankWords } from '../ranks/this-rank';
import { styled } from './colours';
import { clearStatus } from './status-line';

/** Writes a result to standard output: one JSON object with `--json`, else the text. */
export function print(json: boolean, result: object, text: string): void {
  if (isSilent()) return;
  clearStatus();
  if (json && npmPrintsAlong(process.stdout)) note(npmAlong);
  const shown = json ? visibleJson(JSON.stringify(result, null, 2)) : visibleText(text);
  process.stdout.write(`${shown}\n`);
}

const npmAlong =
  'npm has written lines of its own before the JSON on standard output; npm run --silent leaves them out';

/** Whether npm's banner stands in the same pipe or file as the result. */
export function npmPrintsAlong(
  { isTTY }: Pick<NodeJS.WriteStream, 'isTTY'>,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  return (
    !isTTY && environment['npm_config_loglevel'] !== 'silent' && isRunByNpm(process.argv[2], environment)
  );
}

/** Prints progress and remarks to standard error, so that standard output contains only the result. */
export function note(line: string): void {
  if (isSilent()) return;
  clearStatus();
  process.stderr.write(`${visibleLine(line)}\n`);
}

/** The command that is running, in the form that records and reports keep. */
export function commandLine(): string {
  return recorded(process.argv.slice(2));
}

/** Like `commandLine`, without the path of this machine's Python. */
export function commandWithoutPaths(): string {
  const words = process.argv.slice(2);
  const place = words.indexOf('--python') + 1;
  return recorded(
    words.map((word, index) =>
      index === place && place > 0 ? 'PYTHON' : word.replace(/^--python=.*/s, '--python=PYTHON'),
    ),
  );
}

function recorded(words: readonly string[]): string {
  return shellWords(['cnn-lineage', ...words]);
}

/**
 * The commit of this source, with `+` if any files other than results differ from it; null if this is not a checkout.
 */
export function commit(): string | null {
  const git = (...words: string[]) =>
    execFileSync('git', words, {
      cwd: ownFolder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    git('ls-files', '--error-unmatch', __filename); // not another project's checkout in which this package is installed
    return (
      git('rev-parse', '--short=12', 'HEAD') +
      (git('status', '--porcelain', '--', '.', ':!results', ':!trained') ? '+' : '')
    );
  } catch {
    return null;
  }
}

/**
 * Ends the process: code 2 and one line for a user's mistake, code 1 and the stack for a
 * bug.
 */
export function fail(thrown: unknown): void {
  const mistake = thrown instanceof UserError ? thrown.message : systemFailure(thrown);
  const code = mistake === undefined ? 1 : 2;
  const said = mistake ?? (thrown instanceof Error && thrown.stack ? thrown.stack : messageOf(thrown));
  const say = () => {
    clearStatus();
    const lines =
      mistake === undefined ? said.split('\n') : [`${styled('red', 'cnn-lineage:')} ${rankWords()}${said}`];
    for (const line of lines) process.stderr.write(`${visibleLine(line)}\n`);
  };
  void endRanks(code, say).then(() => exitAfterOutput(code));
}

/** One line for an error of the operating system, which is not a bug; undefined for any other error. */
export function systemFailure(thrown: unknown): string | undefined {
  const code = codeOf(thrown);
  const {
    syscall,
    errno,
    path,
    dest,
    message = '',
  } = (thrown ?? {}) as Partial<Record<'syscall' | 'path' | 'dest' | 'message', string>> & {
    readonly errno?: unknown;
  };
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return undefined;
  if (typeof syscall !== 'string' && typeof errno !== 'number') return undefined;
  const where = [path, dest].filter((place) => place !== undefined).join(' → ');
  const why = systemReason(thrown);
  if (why === undefined || where === '') return message.replaceAll(/\s+/g, ' ');
  return `${where}: ${why} (${code}, ${syscall})`;
}
