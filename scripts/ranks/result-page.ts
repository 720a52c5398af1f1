/** The pages of results/ranks/: where they lie, and what they say of their origin. */
import { join } from 'node:path';
import { makeFolder, writeFileAtomically } from '../../src/core/io/files';
import { deviceOf } from '../../src/core/text/device';
import { grouped } from '../../src/core/text/numbers';
import { useBackend } from '../../src/runtime/backend';
import { machine } from '../../src/runtime/machine';
import { ownFolder } from '../cli/npm/npm-run';
import { commit } from '../cli/terminal/output';

/**
 * Writes a page, with a last line of its origin.
 * @param command what made it, without `npx tsx scripts/ranks/`
 * @param load what that line ends with, such as the load average
 */
export async function writePage(file: string, text: string, command: string, load = ''): Promise<void> {
  const folder = join(ownFolder, 'results', 'ranks');
  await makeFolder(folder);
  const device = deviceOf({ ...machine(await useBackend('tensorflow')) });
  const day = new Date().toISOString().slice(0, 10);
  const origin = `\`npx tsx scripts/ranks/${command}\`, commit \`${commit()}\`, ${day}, ${device}${load}.`;
  await writeFileAtomically(join(folder, file), `${text.trim()}\n\n${origin}\n`);
}

/** Images a second, with three significant digits. */
export function speedText(images: number, milliseconds: number): string {
  return grouped(Number(((1000 * images) / milliseconds).toPrecision(3)));
}
