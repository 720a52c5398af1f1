import { kindText } from '../weights/file-kinds';
import { kindOfPath } from '../weights/read-foreign';

/**
 * What lies where the folder of a run, or of a run or a model, is expected, and what makes one of it.
 * @param lacking what an ordinary folder lacks: `no run.json in it`
 */
export async function foundInstead(path: string, lacking: string): Promise<string> {
  const kind = await kindOfPath(path).catch(() => undefined); // what is not there has no such file either
  if (!kind) return lacking;
  const makes = 'import FILE --network NAME --out DIR makes a model’s folder of';
  if ('reader' in kind) return `a file of weights; ${makes} it`;
  if (kind.is === 'files') return `${lacking}, but files of weights; ${makes} one`;
  return kind.is === 'folder' ? lacking : kindText(kind);
}
