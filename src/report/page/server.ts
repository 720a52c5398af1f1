/** Serves the page on this machine, and notifies browsers when it has changed. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { option } from '../../core/text/wording';
import { UserError, codeOf, messageOf } from '../../core/errors';

/** What a page’s server serves, and where. */
export interface PageServerOptions {
  /** The port; 0 takes any free one. */
  readonly port: number;
  /** Makes the page that is shown. */
  readonly page: () => Promise<string>;
  /** A string that changes whenever the sources of the page change. */
  readonly stamp: () => string;
  /** Milliseconds between two checks of the stamp. */
  readonly interval?: number;
  /**
   * Called with the error when the page cannot be rebuilt, once as long as the error stays the same. Meanwhile the last
   * complete page is served.
   */
  readonly onError: (error: unknown) => void;
}

/** A server that is running. */
export interface PageServer {
  readonly address: string;
  /** Ends the server and its connections. */
  close(): Promise<void>;
}

/**
 * Serves a page on this machine only. Browsers that show it learn of a new version by server-sent events at `/changes`.
 * @throws UserError when the port is taken
 */
export async function servePage(options: PageServerOptions): Promise<PageServer> {
  const { port, stamp, interval = 2000, onError } = options;
  let seen = stamp();
  let page = await options.page();
  const listeners = new Set<ServerResponse>();
  const server = createServer((request, response) => answer(request, response, () => page, listeners));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        problems[codeOf(error) ?? '']
          ? new UserError(`${option('port')}: expected one that ${problems[codeOf(error)!]!}, found ${port}`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const look = async () => {
    const now = stamp();
    if (now === seen) return;
    seen = now;
    page = await options.page();
    for (const listener of listeners) listener.write('data: new\n\n');
  };
  let told: string | undefined;
  const tell = (error: unknown) => {
    if (messageOf(error) !== told) onError(error);
    told = messageOf(error);
  };
  const lookAndTell = () => look().then(() => (told = undefined), tell);
  let timer: NodeJS.Timeout;
  let closed = false; // may become true during a check
  const again = () => {
    if (closed) return;
    timer = setTimeout(() => void lookAndTell().finally(again), interval);
  };
  again();
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      for (const listener of listeners) listener.end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const problems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is free',
  EACCES: 'this user may take (above 1023)',
  EPERM: 'this user may take',
  EADDRNOTAVAIL: 'this machine has at 127.0.0.1',
};

/** A foreign host name can be made to resolve to this machine (DNS rebinding), so only its own names are answered. */
const ownHost = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/;

function answer(
  { headers, method, url }: IncomingMessage,
  response: ServerResponse,
  page: () => string,
  listeners: Set<ServerResponse>,
): void {
  if (!ownHost.test(headers.host ?? '')) return void response.writeHead(403).end();
  if (method !== 'GET' && method !== 'HEAD')
    return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  if (url === '/changes') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
    listeners.add(response);
    response.once('close', () => listeners.delete(response));
    return;
  }
  if (url !== '/') return void response.writeHead(404).end();
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(method === 'HEAD' ? undefined : page());
}
