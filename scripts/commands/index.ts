/** Every command of `cnn-lineage`, in the order of `--help`. */
import type { CommandModule } from 'yargs';
import { augment } from './augment';
import { bench } from './bench';
import { benchData } from './bench-data';
import { checkGradientsCommand } from './check-gradients';
import { classify } from './classify';
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

/** Their arguments differ in type, but only the parser that reads the arguments calls the handlers. */
export const commands = [
  start,
  train,
  finetune,
  classify,
  evaluate,
  compare,
  reportServe,
  importCommand,
  exportCommand,
  reproduce,
  describe,
  augment,
  bench,
  benchData,
  checkGradientsCommand,
  download,
  setup,
  doctor,
] as unknown as CommandModule[];
