#!/usr/bin/env node
/** The program `cnn-lineage`: reads the command line and calls the command that it names. */
import './cli/thread-pool'; // before anything that could start one
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { UserError } from '../src/core/errors';
import { expectSoundOptions } from './cli/options/checked-options';
import { completionCommand, expectKnownWords, expectWordsOf } from './cli/options/known-words';
import { askedBy, askedShell, completionScripts } from './cli/completion-scripts';
import { completionsFor } from './cli/completions';
import { fail } from './cli/terminal/output';
import { endWithRanks } from './cli/ranks/this-rank';
import { mpiWord, parted } from './cli/ranks/launch';
import { endWithReader, endWithLaunchers } from './cli/terminal/interruption';
import { commands } from './commands';
import { lazily } from './cli/command';
import { ofCommandLine } from './cli/npm/npm-run';
import { wordMessagesAs } from '../src/core/text/wording';
import { helpWidth, layOutHelp } from './cli/terminal/help-text';
import { expectNothingSwallowed, npmHint } from './cli/npm/swallowed-options';
import { ownVersion, returnToCaller } from './cli/npm/npm-run';

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

const [typed] = parted(hideBin(process.argv));
const words = withoutDashes(process.argv.includes(mpiWord) ? [...typed, mpiWord] : typed);
wordMessagesAs(ofCommandLine);
returnToCaller(words[0]);
endWithReader();
if (!endWithRanks()) endWithLaunchers();
process.on('uncaughtException', fail);

const noCommand = 'expected a command, found none; --help lists them';
if (words[0] === askedBy) {
  for (const word of completionsFor(words.slice(1))) process.stdout.write(`${word}\n`);
  process.exit();
}
const parser = layOutHelp(yargs(words), helpWidth(process.stdout));
parser.showCompletionScript = () => {
  if (words.includes('--help')) return parser.showHelp('log');
  process.stdout.write(completionScripts[askedShell(words.slice(1), process.env)]);
  return parser;
};
parser
  .version(ownVersion)
  .command(commands.map(lazily))
  .completion(
    completionCommand,
    'print what makes bash, zsh or fish complete the words of this program: completion SHELL',
  )
  .demandCommand(1, noCommand)
  .strict()
  .middleware(() => expectNothingSwallowed(parser, words), true)
  .middleware((given) => expectKnownWords(parser, given, words), true)
  .check((given) => expectSoundOptions(parser, given, words))
  .fail((message, error) => {
    if (error && error.name !== 'YError') throw error;
    throw mistake(message);
  })
  .parseAsync()
  .catch((error: unknown) =>
    fail(error instanceof Error && error.name === 'YError' ? mistake(error.message) : error),
  );

/** Of an option without its value yargs throws an error of its own, as if it were a bug; here or there. */
function mistake(message: string): unknown {
  const why = message.replaceAll(/\s+/g, ' ');
  if (why === noCommand) return new UserError(why);
  if (why.startsWith('Not enough non-option')) {
    try {
      expectWordsOf(parser, words);
    } catch (error) {
      return error;
    }
  }
  return new UserError(`${why}; --help shows what is expected${npmHint(parser, words)}`);
}
