import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * The folder that holds one folder a data set (`mnist/`, `fashion-mnist/`): the one asked for, else `LINEAGE_DATA`,
 * else `data/` in the user's own folder for programs' data, as the XDG base directory specification places it.
 * @param environment such as `process.env`; empty values count as unset
 */
export function dataRoot(
  environment: Readonly<Record<string, string | undefined>> = {},
  asked?: string,
): string {
  const chosen = asked || environment['LINEAGE_DATA'];
  if (chosen) return resolve(chosen);
  const xdg = environment['XDG_DATA_HOME'];
  const share = xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.local', 'share');
  return join(share, 'cnn-lineage', 'data');
}
