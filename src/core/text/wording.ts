/** How messages call options and commands: as code writes them, unless a command line says how its user types them. */

export interface Wording {
  /**
   * An option, in code `validationSplit` or `validationSplit: 0.1`, in a shell `--validation-split 0.1`.
   * @param name as code writes it
   * @param value the value that is meant, if one is
   */
  option(name: string, value?: string): string;
  /**
   * What resumes the run in a folder.
   * @param verb the kind of run
   */
  resume(verb: 'train' | 'finetune', folder: string): string;
  /** What makes a model folder of a file of weights; what is not given is left open. */
  importing(given: Importing): string;
}

interface Importing {
  readonly file?: string;
  readonly network?: string;
  readonly classes?: number;
}

const ofCode: Wording = {
  option: (name, value) => (value === undefined ? name : `${name}: ${literal(value)}`),
  resume: (_, folder) => `resumeRun(${JSON.stringify(folder)})`,
  importing: ({ file, network, classes }) => {
    const known = [
      `file: ${file === undefined ? '…' : JSON.stringify(file)}`,
      `network: ${network === undefined ? '…' : JSON.stringify(network)}`,
      ...(classes === undefined ? [] : [`classes: ${classes}`]),
    ];
    return `importModel({ ${known.join(', ')}, out: … })`;
  },
};

function literal(value: string): string {
  const isPlain = /^(?:-?[\d.]+|true|false|[A-Z]+)$/.test(value); // DATA stands for what the user has
  return isPlain ? value : `'${value}'`;
}

let wording = ofCode;

/** Set once by the program whose user types options; a process has one such user, as it has one language. */
export function wordMessagesAs(own: Wording): void {
  wording = own;
}

/** An option in a message: see `Wording.option`. */
export function option(name: string, value?: string): string {
  return wording.option(name, value);
}

/** What resumes the run in a folder: see `Wording.resume`. */
export function resumeCall(verb: 'train' | 'finetune', folder: string): string {
  return wording.resume(verb, folder);
}

/** What makes a model folder of a file of weights: see `Wording.importing`. */
export function importCall(given: Importing = {}): string {
  return wording.importing(given);
}
