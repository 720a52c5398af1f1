/** The command `playground`: serves the page on which networks are drawn, run and taken apart, or writes it as a file. */
import { UserError } from '../../src/core/errors';
import { command } from '../cli/command';
import { library } from '../cli/library';
import { computing } from '../cli/options/shared-options';
import { note, print } from '../cli/terminal/output';
import { inTerminal } from '../cli/terminal/session';

export const playground = command(
  (argv) =>
    computing(argv)
      .option('out', {
        type: 'string',
        describe: 'writes the page as this .html file in place of serving it',
      })
      .option('port', {
        type: 'number',
        describe: 'of this machine, where the page is served; 0 takes any that is free (default: 8090)',
      })
      .option('seed', { type: 'number', default: 1, describe: 'fixes the digits that the page begins with' }),
  async ({ out, port, json, ...given }) => {
    if (out !== undefined && port !== undefined)
      throw new UserError('--port: expected a page that is served, found --out, which writes it as a file');
    if (out === undefined && json)
      throw new UserError(
        '--json: expected --out and a file, found a page that is served, which ends by Ctrl-C',
      );
    const { servePlayground, writePlayground } = library();
    if (out === undefined) {
      const { address } = await inTerminal((session) =>
        servePlayground({ port: port ?? 8090, ...given, ...session }),
      );
      note(`the playground is on ${address}; Ctrl-C ends it`);
      return;
    }
    const written = await inTerminal((session) => writePlayground({ out, ...given, ...session }));
    const { bytes, models } = written;
    print(
      json,
      written,
      `${out}: ${(bytes / 1e6).toFixed(2)} MB, with ${models.join(', ')}; a double click opens it`,
    );
  },
);
