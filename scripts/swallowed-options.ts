import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../src/errors';
import { shellWords } from '../src/shell-words';
import { declaredTo, type Declared } from './declared-options';
import { launchers } from './launchers';
import { isOwnScript, isRunByNpm } from './npm-run';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `npm run train lenet5 --data=DIR` gives `--data` to npm, which keeps it for itself: only what follows `--` reaches the
 * command, which would run without.
 * @param words that reached the command, its name first
 * @throws UserError that says how it is written
 */
export function expectNothingSwallowed(parser: Argv, words: readonly string[]): void {
  const [command] = words;
  if (command === undefined || !isRunByNpm(command)) return;
  const declared = declaredTo(parser);
  const names = Object.keys(declared.key).filter((name) => name !== 'help' && name !== 'version');
  const swallowed = swallowedBy(process.env, names);
  if (swallowed.length === 0) return;
  const script = process.env['npm_lifecycle_event'] ?? command;
  const shown = asGiven(swallowed, words.slice(1), declared);
  throw new UserError(
    `${swallowed.map((name) => `--${name}`).join(', ')}: expected after --, for npm keeps what stands before it; ` +
      `found there: npm run ${script} -- ${shown}`,
  );
}

/** Which of some options npm took from its own command line. */
export function swallowedBy(environment: Environment, names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    const value = environment[variableOf(name)];
    return value !== undefined && !hasAnotherSource(name, value, environment);
  });
}

function variableOf(name: string): string {
  return `npm_config_${name.replaceAll('-', '_')}`;
}

/** Whether npm has the setting from a file, from the environment it was called in, or from itself. */
function hasAnotherSource(name: string, value: string, environment: Environment): boolean {
  if (name === 'cache' && isUsualCache(value, environment)) return true;
  if (environment[variableOf(name).toUpperCase()] === value) return true;
  if (configurationFiles(environment).some((file) => isSetIn(file, name, value))) return true;
  return environmentOfNpm()?.includes(`${variableOf(name)}=${value}`) ?? false;
}

/** npm always tells where its cache is. */
function isUsualCache(value: string, { INIT_CWD: called, LOCALAPPDATA: local }: Environment): boolean {
  if ([join(homedir(), '.npm'), join(local ?? homedir(), 'npm-cache')].includes(value)) return true;
  return environmentOfNpm() === undefined && (called === undefined || !value.startsWith(called));
}

/** Project's, user's, global and npm's own. */
function configurationFiles(environment: Environment): readonly string[] {
  const {
    npm_config_local_prefix: project,
    npm_config_userconfig: user,
    npm_config_globalconfig: global,
    npm_execpath: program,
  } = environment;
  return [
    project && join(project, '.npmrc'),
    user,
    global,
    program && join(dirname(program), '..', 'npmrc'),
  ].flatMap((file) => (file === undefined || file === '' ? [] : [file]));
}

function isSetIn(file: string, name: string, value: string): boolean {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => /^\s*([^;#=\s]+)\s*(?:=\s*(.*?)\s*)?$/.exec(line) ?? [])
      .some(([, key, set = 'true']) => key === name && (set === value || /\$\{|^["'~.]|^false$/.test(set)));
  } catch {
    return false;
  }
}

/** What npm was called with, where the system tells. */
function environmentOfNpm(): readonly string[] | undefined {
  const npm = launchers().at(-1);
  if (!npm) return undefined;
  try {
    return readFileSync(`/proc/${npm.pid}/environ`, 'utf8').split('\0');
  } catch {
    return undefined;
  }
}

/**
 * The words as they are to be given. npm leaves a value after a blank among the other words, and keeps `true` in its place:
 * of one such option the value is the last word, of several nobody knows.
 */
function asGiven(names: readonly string[], words: readonly string[], declared: Declared): string {
  const valued = names.filter((name) => !declared.boolean.includes(name));
  const lost = valued.filter((name) => ['true', ''].includes(process.env[variableOf(name)]!));
  const kept = words.slice(0, Math.max(words.length - lost.length, 0));
  const options = names.map((name) => {
    const value = process.env[variableOf(name)]!;
    if (!valued.includes(name)) return value === '' || value === 'false' ? `--no-${name}` : `--${name}`;
    if (lost.includes(name))
      return `--${name} ${lost.length === 1 ? shellWords(words.slice(-1)) || '…' : '…'}`;
    const values = declared.array.includes(name) ? value.split('\n\n') : [value];
    return values.map((one) => shellWords([`--${name}`, one])).join(' ');
  });
  return [...(kept.length > 0 ? [shellWords(kept)] : []), ...options].join(' ');
}

/** What is said of a mistake in words that npm may have taken some of: an abbreviation of one of its own options, say. */
export function npmHint(words: readonly string[]): string {
  const [command] = words;
  if (!isRunByNpm(command) || !isOwnScript() || words.some((word) => word.startsWith('-'))) return '';
  return `; with npm, options stand after --: npm run ${command} -- …`;
}
