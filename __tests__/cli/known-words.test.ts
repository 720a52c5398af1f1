/** Words that are not known, other names of networks, and what shells complete. */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import * as library from '../../index';
import { aliasesOf, networkAliases, networkNamed, networkNames } from '../../models/names';
import { zoo } from '../../models/registry';
import { overridden } from '../../src/core/recipe/overrides';
import { rateAt } from '../../src/train/schedule';
import { askedBy, completionScripts, shells, type Shell } from '../../scripts/cli/completion-scripts';
import { calledHere } from '../../scripts/cli/options/other-tools';
import { nearestNames } from '../../src/core/text/did-you-mean';
import { hasColours } from '../../scripts/cli/terminal/colours';
import { npmPrintsAlong } from '../../scripts/cli/terminal/output';
import { columns } from '../../src/core/text/columns';
import { ilsvrcLabels, readClassLabels } from '../../src/weights/import/class-labels';
import { command, refusal, temporaryFolder, testOnRealData } from '../support/fixtures';
import { projectRoot } from '../support/places';

const folder = temporaryFolder();
const guide = readFileSync(join(projectRoot, 'docs', 'typing.md'), 'utf8');
const answered = [...guide.matchAll(/^\| `(\S.*?)` \| (.*did you mean.*) \|$/gm)].map(
  ([, typed, answer]) => [typed!, answer!] as const,
);

it('has ten typing errors in the guide', () => {
  expect(answered.length).toBeGreaterThanOrEqual(10);
});

it.each(answered)('%s is answered as the guide says', async (typed, answer) => {
  const { code, stdout, stderr } = await command(typed.split(' '), { LINEAGE_DATA: '/data' });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(`cnn-lineage: ${answer}`);
});

describe('options of other tools', () => {
  it.each(networkNames)('%s has the field that is proposed for its rate', (network) => {
    const { recipe } = zoo[network];
    const meant = calledHere({ name: 'lr', value: '0.25', network }, () => true);
    expect(meant).toEqual({ name: 'rate' });
    const { words } = calledHere({ name: 'lr', value: '0.25', network }, (name) => name !== 'rate')!;
    const given = words === 'schedule.steps=' ? 'schedule.steps=[{"epoch":0,"rate":0.25}]' : words!;
    expect(rateAt(overridden(recipe, [given]).schedule, { step: 0, stepsPerEpoch: 1, epochs: 1 })).toBe(0.25);
  });

  it.each(['adam', 'adamw', 'sgd'])('%s is an optimiser that a recipe takes', (value) => {
    const { words } = calledHere(
      { name: 'optimizer', value, network: 'lenet5' },
      (name) => name !== 'optimiser',
    )!;
    const given = /^'(.*)'$/.exec(words!)![1]!;
    const { optimiser } = overridden(zoo.lenet5.recipe, [given]);
    expect(optimiser.kind).toBe(value === 'sgd' ? 'momentum' : value);
  });

  it('are proposed only where the command has what they mean', () => {
    expect(
      calledHere({ name: 'lr', value: '1', network: undefined }, (name) => name === 'set'),
    ).toBeUndefined();
    expect(calledHere({ name: 'gpu', value: undefined, network: undefined }, () => false)).toBeUndefined();
  });
});

describe('words in places', () => {
  it('are left to the command where it is not certain whose place it is', async () => {
    const { stderr } = await command(['evaluate', 'runs/none', '--data', 'mnist']);
    expect(stderr).toContain('runs/none: expected a run’s folder or a model’s, found neither');
    const other = await command(['train', 'lenet-6', '--data', 'digits']);
    expect(other.stderr).toContain('NETWORK: expected one of 26 networks');
  });

  it('are not proposed as what is written over', async () => {
    const [first, second] = ['one.png', 'two.png'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(second, '');
    const { code, stderr } = await command(['inspect', 'lenet5', first, second]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `cnn-lineage: inspect: expected two words, MODEL and IMAGE, found 3: lenet5 ${first} ${second}; --help shows what is expected\n`,
    });
  });

  it.each([
    ['classify', 'IMAGES and --model'],
    ['export', 'MODEL, --format and --out'],
    ['bench-data', 'FOLDER'],
  ])('that are missing in %s are named', async (name, expected) => {
    const { code, stderr } = await command([name]);
    const answer = `cnn-lineage: ${name}: expected ${expected}, found none; --help shows what is expected\n`;
    expect({ code, stderr }).toEqual({ code: 2, stderr: answer });
  });
});

describe('names near to a word', () => {
  const names = ['train', 'finetune', 'data', 'download', 'report:serve', 'batch'];
  it.each([
    ['trian', ['train']],
    ['daat', ['data']],
    ['Report-Serve', ['report:serve']],
    ['batchSize', ['batch']],
    ['fine', ['finetune']],
    ['evaluate', []],
    ['', []],
    ['xy', []],
  ])('%s', (word, near) => {
    expect(nearestNames(word, names)).toEqual(near);
  });
});

describe('other names of networks', () => {
  // Simonyan and Zisserman, Table 1: 11 weight layers in A, 13 in B, 16 in D, 19 in E.
  it.each([
    ['VGG-11', 'vgg-a'],
    ['vgg_13', 'vgg-b'],
    ['VGG16', 'vgg-d'],
    ['vgg19', 'vgg-e'],
    ['Inception v1', 'googlenet'],
    ['LeNet-5', 'lenet5'],
    ['le-net5', 'lenet5'],
    ['AlexNet', 'alexnet'],
    ['resnet50', 'resnet50'],
  ])('%s is %s', (word, name) => {
    expect(networkNamed(word)).toBe(name);
  });

  it('leave every network its own', () => {
    expect(networkNames.map(networkNamed)).toEqual(networkNames);
  });

  it('have as many layers with weights as they say', async () => {
    for (const [alias, name] of Object.entries(networkAliases)) {
      const number = /^vgg(\d+)$/.exec(alias)?.[1];
      if (number === undefined) continue;
      const { layers } = await library.describe(name);
      expect(layers.filter(({ parameters }) => parameters > 0).length).toBe(Number(number));
    }
  });

  it('are said by describe, in the pages, and taken in code', async () => {
    const described = await library.describe('vgg16');
    expect(described).toMatchObject({ name: 'vgg-d', called: { aliases: ['vgg16'] } });
    expect(library.listedWeights('vgg16')).toEqual(library.listedWeights('vgg-d'));
    const { elsewhere } = (await library.describe('alexnet')).called!;
    expect(elsewhere).toContain('alexnet-torchvision');
    for (const name of networkNames) {
      const page = readFileSync(join(projectRoot, 'docs', 'networks', `${name}.md`), 'utf8');
      for (const alias of aliasesOf(name)) expect(page).toContain(`\`${alias}\``);
    }
  });

  it('do not reach what is recorded', async () => {
    const file = join(folder, 'own.safetensors');
    await library.exportModel('lenet5', { format: 'safetensors', out: file });
    const { record } = await library.importModel({
      file,
      classes: 10,
      network: 'lenet-5',
      out: join(folder, 'imported'),
    });
    expect(record.network).toBe('lenet5');
    expect(record.command).toContain('"network":"lenet5"');
  });
});

describe('code refuses options that a function does not have', () => {
  const strange = { batchs: 2 } as object;
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    describe: () => library.describe('lenet1', strange),
    draw: () => library.draw('lenet1', strange),
    checkGradients: () => library.checkGradients('lenet1', strange),
    drawAugmented: () => library.drawAugmented('x.png', { recipe: 'lenet1', out: 'x.png', ...strange }),
    benchData: () => library.benchData('photos', strange),
    serveComparison: () => library.serveComparison({ port: 0, folders: () => [], ...strange }),
  };
  it.each(Object.entries(calls))('%s', async (name, call) => {
    expect(await refusal(call())).toMatch(new RegExp(`^${name}: expected of .*, found batchs`));
  });

  it('and values that are in no list', async () => {
    const options = { network: 'lenet1', data: 'digits', step: 'compield' } as never;
    expect(await refusal(library.trainRun(options))).toBe(
      'step: expected auto, eager or compiled, found "compield"; did you mean compiled?',
    );
  });
});

/**
 * For each shell, a program that reads the script that `completion` prints and shows what it proposes at the end of a
 * command line. Files are the shell's own.
 */
const asking: Readonly<Record<Shell, (words: readonly string[]) => string>> = {
  bash: (words) => `source <(cnn-lineage completion bash)
COMP_WORDS=(${quoted(['cnn-lineage', ...words])}); COMP_CWORD=${words.length}
$(complete -p cnn-lineage | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (words) => `compdef() { ask=$1 }
compadd() { print -rl -- "\${(@P)\${@[-1]}}" }
_default() { : }
source <(cnn-lineage completion zsh)
words=(${quoted(['cnn-lineage', ...words])}); CURRENT=${words.length + 1}
$ask`,
  fish: (words) => `cnn-lineage completion fish | source
complete -C ${quoted([['cnn-lineage', ...words].join(' ')])}`,
};

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');

async function completed(shell: Shell, words: readonly string[]): Promise<readonly string[]> {
  const bin = join(folder, 'bin');
  const empty = join(folder, 'empty');
  for (const path of [bin, empty]) mkdirSync(path, { recursive: true });
  const program = join(bin, 'cnn-lineage');
  const own = join(projectRoot, 'dist-for-tests', 'scripts', 'cnn-lineage.js');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${own}' "$@"\n`);
  chmodSync(program, 0o755);
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}`, HOME: empty };
  const { stdout } = await promisify(execFile)(shell, ['-c', asking[shell](words)], { env, cwd: empty });
  return stdout.split('\n').filter((line) => line !== '');
}

const ours = [
  ['commands', ['tr'], ['train']],
  ['a command with a colon', ['report'], ['report:serve']],
  ['networks', ['describe', 'vgg-a'], ['vgg-a', 'vgg-a-lrn']],
  ['other names of networks', ['train', 'vgg1'], ['vgg11', 'vgg13', 'vgg16', 'vgg19']],
  ['options', ['train', 'lenet5', '--ba'], ['--backend', '--batch']],
  ['values of options', ['train', '--backend', 'tensorflow'], ['tensorflow', 'tensorflow-gpu']],
  ['data sets', ['train', 'lenet5', '--data', 'mn'], ['mnist']],
  ['fields of recipes', ['train', 'lenet5', '--set', 'ep'], ['epochs=']],
  ['experiments', ['reproduce', 'lec'], ['lecun1989']],
  ['trained weights', ['export', 'lec'], ['lecun1989']],
  ['no option twice', ['train', '--epochs', '3', '--ep'], []],
  ['files by itself', ['classify', ''], []],
] as const;

it.each(ours)('the program proposes %s', async (_, words, expected) => {
  const { stdout } = await command([askedBy, 'cnn-lineage', ...words]);
  expect(stdout.split('\n').filter(Boolean).sort()).toEqual(expected);
});

describe.each(shells)('%s completes', (shell) => {
  // Continuous integration has bash alone.
  const isHere = spawnSync(shell, ['--version']).status === 0;
  (isHere ? it : it.skip).each(ours)(
    `%s${isHere ? '' : ` (skipped: there is no ${shell})`}`,
    async (_, words, expected) => {
      expect([...(await completed(shell, words))].sort()).toEqual(expected);
    },
  );
});

describe('the script of a shell', () => {
  it.each([
    [['completion'], '/usr/bin/fish', 'fish'],
    [['completion'], '/bin/zsh', 'zsh'],
    [['completion', 'bash'], '/bin/zsh', 'bash'],
  ] as const)('%j with %s is that of %s', async (words, SHELL, shell) => {
    expect(await command([...words], { SHELL })).toMatchObject({
      code: 0,
      stdout: completionScripts[shell],
      stderr: '',
    });
  });

  it.each([
    [
      ['completion'],
      'expected bash, zsh or fish in SHELL, found /bin/csh; cnn-lineage completion bash prints the script for bash',
    ],
    [['completion', 'fihs'], 'expected bash, zsh or fish, found fihs; did you mean fish?'],
  ] as const)('%j is refused where there is none', async (words, answer) => {
    const { code, stdout, stderr } = await command([...words], { SHELL: '/bin/csh' });
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `cnn-lineage: completion: ${answer}\n`,
    });
  });
});

it('lists the networks once in the help of each command', async () => {
  for (const name of ['describe', 'train', 'augment', 'bench-data']) {
    const { stdout } = await command([name, '--help']);
    expect(stdout.match(/neocognitron/g)).toEqual(['neocognitron']);
  }
});

it('aligns Chinese names, each character two columns wide', () => {
  // Unicode's East Asian Width: CJK ideographs are wide, half-width katakana are not.
  expect(
    columns(
      [
        ['衣服', '1'],
        ['hat', '22'],
        ['ﾊﾛｰ', '4'],
      ],
      [1],
    ),
  ).toEqual(['衣服   1', 'hat   22', 'ﾊﾛｰ    4']);
});

testOnRealData(
  'ImageNet’s names are those of its own list, and an imported GoogLeNet has them',
  async (root) => {
    const list = await readClassLabels(join(root, 'imagenet-val', 'synset_words.txt'), 1000);
    expect(ilsvrcLabels()).toEqual(list);
    expect([...list.synsets!].sort()).toEqual(list.synsets);
    const file = join(root, 'googlenet', 'bvlc_googlenet.caffemodel');
    const { record } = await library.importModel({
      file,
      network: 'inception-v1',
      out: join(folder, 'googlenet'),
    });
    expect(record).toMatchObject({ network: 'googlenet', labels: list.labels, synsets: list.synsets });
    expect(record.labelsOf).toContain('ILSVRC 2012');
  },
);

it('has colours where the terminal has them', () => {
  const terminal = { isTTY: true, hasColors: () => true };
  const pipe = { isTTY: false };
  expect(hasColours(terminal, {})).toBe(true);
  expect(hasColours({ isTTY: true, hasColors: () => false }, {})).toBe(false);
  expect(hasColours(pipe, {})).toBe(false);
  expect(hasColours(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
  expect(hasColours(pipe, { FORCE_COLOR: '1' })).toBe(true);
  expect(hasColours(terminal, { FORCE_COLOR: '0' })).toBe(false);
});

it('tells of npm’s lines before JSON in a pipe, unless npm is silent', () => {
  const [, , own] = process.argv;
  process.argv[2] = 'describe';
  const npm = {
    npm_config_user_agent: 'npm/10.8.2 node/v20.20.2',
    npm_lifecycle_script: 'node --require tsx/cjs scripts/cnn-lineage.ts describe',
  };
  expect(npmPrintsAlong({ isTTY: false }, npm)).toBe(true);
  expect(npmPrintsAlong({ isTTY: true }, npm)).toBe(false);
  expect(npmPrintsAlong({ isTTY: false }, { ...npm, npm_config_loglevel: 'silent' })).toBe(false);
  expect(npmPrintsAlong({ isTTY: false }, {})).toBe(false);
  process.argv[2] = own!;
});
