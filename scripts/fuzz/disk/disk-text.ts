/** The results of a scenario's disturbed processes. */
export interface DiskFigures {
  readonly name: string;
  /** The number of writes and other changes to files and folders by the undisturbed process. */
  readonly operations: number;
  /** The number of files that it creates. */
  readonly files: number;
  readonly kills: number;
  readonly failures: number;
  /** Descriptions of what did not end as it should. */
  readonly wrong: readonly string[];
}

interface DiskRecord {
  readonly command: string;
  readonly commit: string | null;
  readonly device: string;
  readonly minutes: number;
  readonly figures: readonly DiskFigures[];
}

/** The figures as a page of Markdown. */
export function diskText({ command, commit, device, minutes, figures }: DiskRecord): string {
  const sum = (of: (one: DiskFigures) => number) => figures.reduce((all, one) => all + of(one), 0);
  const rows = figures.map(({ name, operations, files, kills, failures, wrong }) =>
    [name, operations, files, kills, failures, kills + failures - wrong.length, wrong.length].join(' | '),
  );
  const faults = figures.flatMap(({ name, wrong }) =>
    wrong.map((line) => `- ${name}: ${line.split('\n')[0]!}`),
  );
  return [
    '# Killed processes and failing disks',
    '',
    `${sum(({ kills }) => kills)} SIGKILLs and ${sum(({ failures }) => failures)} failing disks: \`${command}\` at \`${(commit ?? 'no commit').slice(0, 12)}\`, ${device}, ${minutes.toFixed(0)} min. Two kills of three come at a file operation, spread evenly over all of the command’s, half of these after half of what was to be written; the others at any moment. A failing disk has no space left or cannot be written (EIO) from an operation on, or takes half of a write before. After a kill the command goes on (\`--resume\` where the run’s folder is there, else the same again), and so it does after a failure, which is one line and the exit code 2. As undisturbed: the same files with the same content, but for times, and no temporary file left.`,
    '',
    '| command | file operations | files made | SIGKILLs | failing disks | as undisturbed afterwards | otherwise |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    ...(faults.length > 0 ? ['', '## Otherwise', '', ...faults] : []),
  ].join('\n');
}
