/** What npm has from its files and its environment, to tell it from what stands on its command line. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { launchers } from './launchers';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface NpmSettings {
  /** What npm would hand to a script, had it been called without options. */
  readonly without: Environment;
  /** The names of npm's own options. */
  readonly ownNames: readonly string[];
  /** Whether all of that is what npm itself says; otherwise it is what can be read without npm. */
  readonly sure: boolean;
}

const prefix = 'npm_config_';

/** What npm tells scripts by the same kind of name, though it is no option. */
const toldBesides = ['node-gyp', 'nodedir', 'npm-version', 'global-prefix', 'local-prefix'];

/** The variable by which npm hands an option to scripts. */
export function variableOf(name: string): string {
  return prefix + name.replaceAll('-', '_').toLowerCase();
}

/** The options that npm hands over, from whatever source. */
export function handedOver(environment: Environment): readonly string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length).replaceAll('_', '-'));
}

/** Settings of the npm that runs this. */
export async function npmSettings(environment: Environment): Promise<NpmSettings> {
  const ofNpm = environmentOfNpm();
  const ownNames = namesOfNpm(environment);
  try {
    return { without: await askNpm(environment, ofNpm ?? {}), ownNames, sure: ofNpm !== undefined };
  } catch {
    // An npm that keeps its parts elsewhere.
    return { without: { ...readFromFiles(environment), ...ofNpm }, ownNames, sure: false };
  }
}

/** The names of npm's own options; none where it keeps them elsewhere than all versions since 10 did. */
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

/** Lets npm's own reader of settings, by whose rules files are written, read them again. */
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

/** What npm was called with, where the system tells. */
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

/** As it is now, whatever a file names: how npm reads values is not imitated here. */
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
    npm_config_cache: cache, // npm tells it always
  };
}
