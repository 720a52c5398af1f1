#!/usr/bin/env node
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { UserError } from '../src/errors';
import { bench } from './bench';
import { checkGradientsCommand } from './check-gradients';
import { fail } from './cli';
import { describe } from './describe';
import { doctor } from './doctor';
import { download } from './download';
import { evaluate } from './evaluate';
import { setup } from './setup';
import { start } from './start';
import { train } from './train';

yargs(hideBin(process.argv))
  .scriptName('cnn-lineage')
  .usage('$0 <command>: the classic convolutional networks, as published')
  .command(start)
  .command(train)
  .command(evaluate)
  .command(describe)
  .command(bench)
  .command(checkGradientsCommand)
  .command(download)
  .command(setup)
  .command(doctor)
  .demandCommand(1, 'expected a command; --help lists them')
  .strict()
  .wrap(100)
  .fail((message, error) =>
    fail(error ?? new UserError(`${message.replaceAll(/\s+/g, ' ')}; --help shows what is expected`)),
  )
  .parseAsync()
  .catch(fail);
