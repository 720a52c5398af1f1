/** The settings that npm has from its files and its environment, as opposed to those from its command line. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { launchers } from './launchers';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface NpmSettings {
  /** What npm would pass to a script if it had been called without options. */
  readonly without: Environment;
  /** The names of npm's own options. */
  readonly ownNames: readonly string[];
  /** Whether npm itself reported all of this; if false, it was read without npm's help. */
  readonly sure: boolean;
}

const prefix = 'npm_config_';

/** Values that npm passes to scripts under the same kind of name, although they are not options. */
const toldBesides = ['node-gyp', 'nodedir', 'npm-version', 'global-prefix', 'local-prefix'];

/** The environment variable in which npm passes an option to scripts. */
export function variableOf(name: string): string {
  return prefix + name.replaceAll('-', '_').toLowerCase();
}

/** The options that npm passes to scripts, whatever their source. */
export function handedOver(environment: Environment): readonly string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length).replaceAll('_', '-'));
}

/** Settings of the npm that runs this process. */
export async function npmSettings(environment: Environment): Promise<NpmSettings> {
  const ofNpm = environmentOfNpm();
  const ownNames = namesOfNpm(environment);
  try {
    return { without: await askNpm(environment, ofNpm ?? {}), ownNames, sure: ofNpm !== undefined };
  } catch {
    // This npm keeps its modules somewhere else.
    return { without: { ...readFromFiles(environment), ...ofNpm }, ownNames, sure: false };
  }
}

/** The names of npm's own options; empty if npm keeps them elsewhere than all versions since 10 do. */
export function namesOfNpm(environment: Environment): readonly string[] {
  try {
    return [...Object.keys(partsOfNpm(environment).definitions.definitions), ...toldBesides];
  } catch {
    return [];
  }
}

interface Definitions {
  readonly definitions: Readonly<Record<string, unknown>>;
  readonly shorthands: Readonly<Record<string, unknown>>;
  readonly flatten: unknown;
  readonly nerfDarts?: unknown;
}
type Config = new (options: Readonly<Record<string, unknown>>) => { load(): Promise<void> };

function partsOfNpm(environment: Environment) {
  const program = environment['npm_execpath']!;
  const load = createRequire(program);
  const definitions = load('@npmcli/config/lib/definitions') as Definitions;
  return { program, definitions, Config: load('@npmcli/config') as Config };
}

/** Lets npm's own configuration reader read the settings again, since its rules define how the files are written. */
async function askNpm(environment: Environment, ofNpm: Environment): Promise<Environment> {
  const { program, definitions, Config } = partsOfNpm(environment);
  const places = Object.entries({
    '--prefix': environment['npm_config_local_prefix'],
    '--userconfig': environment['npm_config_userconfig'],
    '--globalconfig': environment['npm_config_globalconfig'],
  }).flatMap(([option, place]) => (place ? [option, place] : []));
  const without: Record<string, string | undefined> = { HOME: environment['HOME'], ...ofNpm };
  const config = new Config({
    ...definitions,
    npmPath: dirname(dirname(program)),
    env: without,
    argv: [process.execPath, program, ...places],
    cwd: environment['INIT_CWD'] ?? process.cwd(),
    warn: false,
  });
  await config.load();
  return without;
}

/** The environment that npm was called with, if the system provides it. */
function environmentOfNpm(): Environment | undefined {
  const npm = launchers().at(-1);
  if (!npm) return undefined;
  try {
    const entries = readFileSync(`/proc/${npm.pid}/environ`, 'utf8').split('\0');
    return Object.fromEntries(
      entries.map((entry) => [entry.replace(/=.*/s, ''), entry.replace(/^[^=]*=/, '')]),
    );
  } catch {
    return undefined;
  }
}

/** The current value of each setting that a file names: how npm parses values is not imitated here. */
function readFromFiles(environment: Environment): Environment {
  const {
    npm_config_local_prefix: project = '.',
    npm_config_userconfig: user = join(homedir(), '.npmrc'),
    npm_config_globalconfig: global = '',
    npm_config_cache: cache,
  } = environment;
  const named = [join(project, '.npmrc'), user, global].flatMap((file) => {
    try {
      const lines = readFileSync(file, 'utf8').split(/[\r\n]+/);
      return lines.map((line) => variableOf(/^\s*["']?([^;#=\s["']+)/.exec(line)?.[1] ?? ''));
    } catch {
      return [];
    }
  });
  return {
    ...Object.fromEntries(named.map((variable) => [variable, environment[variable]])),
    npm_config_cache: cache, // npm always passes it
  };
}
