/** Command modules: short, and quick to load, for what computes is loaded when a command is called. */
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { commands } from '../../scripts/commands';
import { projectRoot } from '../support/places';

const folder = join(projectRoot, 'scripts', 'commands');
const modules = readdirSync(folder).filter((name) => name !== 'index.ts');
const names = commands.map(({ command }) => command.split(' ')[0]!);

it('there is one for each command', () => {
  expect(modules.length).toBe(commands.length);
});

it.each(modules)('%s has at most 60 lines', (name) => {
  expect(readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(60);
});

/** Reads the options of a command as the program does, and prints which files were loaded for that. */
const loading = `
  const { commands } = require('./dist-for-tests/scripts/commands/index.js');
  const { command, load } = commands[process.argv[1]];
  Promise.resolve(load()).then(({ builder }) => {
    const { key } = builder(require('yargs')([])).getOptions();
    console.log(JSON.stringify({ command, options: Object.keys(key), files: Object.keys(require.cache) }));
  });`;

it.each(names.map((name, index) => [name, index] as const))(
  'the options of %s are read without TensorFlow.js, and from few files',
  async (name, index) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', loading, String(index)], {
      cwd: projectRoot,
    });
    const { command, options, files } = JSON.parse(stdout) as {
      readonly command: string;
      readonly options: readonly string[];
      readonly files: readonly string[];
    };
    expect(command.split(' ')[0]).toBe(name);
    expect(options.length).toBeGreaterThan(0);
    expect(files.filter((file) => file.includes('@tensorflow'))).toEqual([]);
    const own = files
      .map((file) => relative(join(projectRoot, 'dist-for-tests'), file))
      .filter((file) => !file.startsWith('..'));
    expect(own.some((file) => file.startsWith(join('scripts', 'commands')))).toBe(true);
    expect(own.filter((file) => /^(?:index|verbs)\.js$|workflows\/(?!choices)/.test(file))).toEqual([]);
    expect(own.length).toBeLessThan(60);
  },
);
