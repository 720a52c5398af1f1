#!/usr/bin/env node
import './thread-pool'; // before anything that could start one
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { UserError } from '../src/errors';
import { augment } from './augment';
import { bench } from './bench';
import { benchData } from './bench-data';
import { checkGradientsCommand } from './check-gradients';
import { classify } from './classify';
import { fail } from './cli';
import { compare } from './compare';
import { describe } from './describe';
import { doctor } from './doctor';
import { download } from './download';
import { evaluate } from './evaluate';
import { exportCommand } from './export';
import { finetune } from './finetune';
import { importCommand } from './import';
import { reportServe } from './report-serve';
import { reproduce } from './reproduce';
import { setup } from './setup';
import { start } from './start';
import { train } from './train';

/** Options that are lists; any other given twice would reach its command as one. */
const lists = ['_', 'images', 'models', 'runs', 'seeds', 'top', 'set', 'mirror', 'freeze', 'layer-rate'];

function expectOptionsOnce(given: Readonly<Record<string, unknown>>): boolean {
  const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const twice = Object.keys(given).find((name) => Array.isArray(given[name]) && !lists.includes(kebab(name)));
  if (twice === undefined) return true;
  throw new UserError(
    `--${kebab(twice)}: expected it once, found it ${(given[twice] as unknown[]).length} times`,
  );
}

/**
 * Words after `--` are no options, though they begin with a dash: files by such names. They come to stand with the other
 * files before the first option, each as a path, since yargs would hand a command none of them.
 */
function withoutDashes(words: readonly string[]): string[] {
  const dashes = words.indexOf('--');
  if (dashes < 1) return [...words];
  const files = words.slice(dashes + 1).map((word) => (word.startsWith('-') ? `./${word}` : word));
  const before = words.slice(0, dashes);
  const option = before.findIndex((word) => word.startsWith('-'));
  const at = option === -1 ? before.length : option;
  return [...before.slice(0, at), ...files, ...before.slice(at)];
}

yargs(withoutDashes(hideBin(process.argv)))
  .scriptName('cnn-lineage')
  .usage('$0 <command>: the classic convolutional networks, as published')
  .command(start)
  .command(train)
  .command(finetune)
  .command(classify)
  .command(evaluate)
  .command(compare)
  .command(reportServe)
  .command(importCommand)
  .command(exportCommand)
  .command(reproduce)
  .command(describe)
  .command(augment)
  .command(bench)
  .command(benchData)
  .command(checkGradientsCommand)
  .command(download)
  .command(setup)
  .command(doctor)
  .demandCommand(1, 'expected a command; --help lists them')
  .strict()
  .check(expectOptionsOnce)
  .wrap(100)
  .fail((message, error) => {
    // Of an option without its value yargs throws an error of its own, as if it were a bug.
    if (error && error.name !== 'YError') fail(error);
    fail(new UserError(`${message.replaceAll(/\s+/g, ' ')}; --help shows what is expected`));
  })
  .parseAsync()
  .catch(fail);
