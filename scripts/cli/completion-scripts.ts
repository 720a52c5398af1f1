/** The scripts by which bash, zsh and fish ask this program for the words that it completes. */
import { UserError } from '../../src/core/errors';
import { alternatives, didYouMean } from '../../src/core/text/did-you-mean';

/** The name under which the package puts this program on the path. */
export const program = 'cnn-lineage';

/** The first word with which the scripts ask; the words up to the cursor follow, the program's name first. */
export const askedBy = '--get-completions';

/** The shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * What a shell reads: it proposes files by itself where this program has no words, and puts no blank behind a word that
 * goes on, such as `epochs=`.
 */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# words of ${program} in bash 4 or newer: ${program} completion bash >> ~/.bashrc
_cnn_lineage()
{
    mapfile -t COMPREPLY < <(${program} ${askedBy} "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2> /dev/null)
    case "\${COMPREPLY[0]}" in *=) compopt -o nospace 2> /dev/null ;; esac
}
complete -o bashdefault -o default -F _cnn_lineage ${program}
`,
  zsh: `#compdef ${program}
# words of ${program} in zsh: ${program} completion zsh >> ~/.zshrc
_cnn_lineage()
{
  local -a found
  found=(\${(f)"$(${program} ${askedBy} "\${(@)words[1,CURRENT]}" 2> /dev/null)"})
  if (( $#found == 0 )); then
    _default
  elif [[ $found[1] == *= ]]; then
    compadd -S '' -a found
  else
    compadd -a found
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _cnn_lineage "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _cnn_lineage ${program}
fi
`,
  fish: `# words of ${program} in fish: ${program} completion fish > ~/.config/fish/completions/${program}.fish
function __cnn_lineage
    set -l current (commandline -ct)
    set -l found (${program} ${askedBy} (commandline -opc) "$current" 2> /dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c ${program} -f -a '(__cnn_lineage)'
`,
};

/**
 * The shell whose script is asked for.
 * @param words what follows `completion`: its name, or none for the one in SHELL
 * @throws UserError for a shell for which there is no script
 */
export function askedShell(words: readonly string[], { SHELL = '' }: NodeJS.ProcessEnv): Shell {
  const [named = SHELL.split('/').at(-1)!, ...others] = words;
  const found = shells.find((shell) => shell === named);
  if (found !== undefined && others.length === 0) return found;
  const expected = `completion: expected ${alternatives(shells)}`;
  if (words.length > 0)
    throw new UserError(`${expected}, found ${words.join(' ')}${didYouMean(named, shells)}`);
  throw new UserError(
    `${expected} in SHELL, found ${SHELL || 'none'}; ${program} completion bash prints the script for bash`,
  );
}
