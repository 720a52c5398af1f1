import { execFileSync } from 'node:child_process';
import { pathWord, shellWords } from '../../src/core/text/shell-words';

const names = [
  'plain/run-1',
  '-run',
  '--out',
  'two words',
  `it's "so"`,
  'a\nb',
  'a\n',
  '\t%s %% \\n\\\n!1',
  '-\x1b[31m',
  '$HOME `id` *',
  '~',
  'A=1',
  '!!',
  '',
  'Фото\n写 😀',
];

it.each(['sh', 'bash'])('words that are printed are what %s reads', (shell) => {
  const line = `for word in ${shellWords(names)}; do printf '%s\\0' "$word"; done`;
  expect(execFileSync(shell, ['-c', line], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(names);
});

it('names with line ends inside are printed in one line, without what would steer a terminal', () => {
  for (const name of names.filter((one) => !one.endsWith('\n')))
    expect(shellWords([name])).not.toMatch(/[\0-\x1f]/);
});

it('a path is no option', () => {
  expect(['-run', '--out', 'run', '/a/-b'].map(pathWord)).toEqual(['./-run', './--out', 'run', '/a/-b']);
});
