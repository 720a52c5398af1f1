/** Whether npm started this program, from which folder, and how a user would type a command here. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { dashedName } from '../options/typed-words';
import { pathWord, shellWords } from '../../../src/core/text/shell-words';
import type { Wording } from '../../../src/core/text/wording';

/** The folder of this program: a clone's, or where the package is installed. */
export const ownFolder = existsSync(join(__dirname, '../../..', 'package.json'))
  ? join(__dirname, '../../..')
  : join(__dirname, '../../../..'); // from dist/scripts

export const { version: ownVersion } = JSON.parse(readFileSync(join(ownFolder, 'package.json'), 'utf8')) as {
  readonly version: string;
};

/** Whether npm runs a command through a script that adds nothing to it: `npm run train`, `npm start`. */
export function isRunByNpm(
  command: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  const { npm_lifecycle_script: script, npm_config_user_agent: agent } = environment;
  if (!agent?.startsWith('npm/') || script === undefined || command === undefined) return false;
  return new RegExp(`(?:^|[\\s/\\\\])cnn-lineage(?:\\.[jt]s)? ${command}(?:\\s|$)`).test(script);
}

/** Whether the script belongs to this program's own package. */
export function isOwnScript(environment: NodeJS.ProcessEnv = process.env): boolean {
  const file = environment['npm_package_json'];
  return file !== undefined && sameFolder(dirname(file), ownFolder);
}

/**
 * Changes back to the folder in which the user called npm, since npm changes to the folder of the package. Paths then
 * mean the same as in the user's shell, and new runs are created there.
 */
export function returnToCaller(command: string | undefined): void {
  const { INIT_CWD: called } = process.env;
  if (called === undefined || !isRunByNpm(command) || !isOwnScript()) return;
  if (existsSync(called) && !sameFolder(called, process.cwd())) process.chdir(called);
}

/** The words that call this program again the way it was called; the command's own words follow them. */
export function callerWords(command: string): readonly string[] {
  const { INIT_CWD: called, npm_command: verb } = process.env;
  const running = process.argv[2];
  if (isOwnScript() && isRunByNpm(running)) {
    const inside = called === undefined || !relative(ownFolder, realpath(called)).startsWith('..');
    return ['npm', ...(inside ? [] : ['--prefix', ownFolder]), 'run', command, '--'];
  }
  const [, program = ''] = process.argv;
  if (program.endsWith('.ts')) return ['npx', 'tsx', nearest(program), command];
  if (verb !== undefined || /[\\/]node_modules[\\/]/.test(program)) return ['npx', 'cnn-lineage', command];
  if (/[\\/]cnn-lineage$/.test(program)) return ['cnn-lineage', command];
  return ['node', nearest(program), command];
}

function nearest(file: string): string {
  const near = relative('', file);
  return near.startsWith('..') || isAbsolute(near) ? file : near;
}

function sameFolder(one: string, other: string): boolean {
  return realpath(one) === realpath(other);
}

function realpath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** A command of this program, in a form that can be copied into the shell from which it was called. */
export function commandToCopy(command: string, ...words: readonly string[]): string {
  return shellWords([...callerWords(command), ...words]);
}

/** The words that were typed after the command, without some options that have no value, given with their dashes. */
export function wordsWithout(...options: readonly string[]): readonly string[] {
  return process.argv.slice(3).filter((word) => !options.includes(word.replace(/=(?:true|false)$/, '')));
}

/** How messages call options and commands to whoever types them: `--validation-split`, `npm run train -- --resume RUN`. */
export const ofCommandLine: Wording = {
  option: (name, value) =>
    `--${dashedName(name)}${value === undefined || value === 'true' ? '' : ` ${value}`}`,
  resume: (verb, folder) => commandToCopy(verb, '--resume', pathWord(folder)),
  importing: ({ file, network = 'NAME', classes }) => {
    const head = classes === undefined ? [] : ['--classes', String(classes)];
    const words = [
      file === undefined ? 'FILE' : pathWord(file),
      '--network',
      network,
      ...head,
      '--out',
      'DIR',
    ];
    return commandToCopy('import', ...words);
  },
};
