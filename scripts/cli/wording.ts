/** How messages call options and commands to whoever types them: `--validation-split`, `npm run train -- --resume RUN`. */
import { pathWord } from '../../src/core/text/shell-words';
import type { Wording } from '../../src/core/text/wording';
import { commandToCopy } from './npm/npm-run';

export const ofCommandLine: Wording = {
  option: (name, value) => `--${dashed(name)}${value === undefined || value === 'true' ? '' : ` ${value}`}`,
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

/** `validationSplit` as it is typed: `validation-split`. */
function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
