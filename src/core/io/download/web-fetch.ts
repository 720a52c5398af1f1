/** Fetches through a proxy if the environment names one. */
import { UserError } from '../../errors';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `fetch` through the proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` name, if they are set. Node's
 * own `fetch` supports them only from version 24 on, and only if that is enabled.
 * @throws UserError, on the first fetch, if a proxy's address is invalid
 */
export function webFetch(environment: Environment): typeof fetch {
  const given = (name: string) => environment[name.toLowerCase()] || environment[name] || '';
  const all = given('ALL_PROXY');
  const [https, http] = [given('HTTPS_PROXY') || all, given('HTTP_PROXY') || all];
  if (https === '' && http === '') return fetch;
  const proxied = once(async () => {
    expectProxy(https);
    expectProxy(http);
    const { EnvHttpProxyAgent, fetch: viaProxy } = await import('undici'); // only if there is a proxy
    const dispatcher = new EnvHttpProxyAgent({
      httpsProxy: https,
      httpProxy: http,
      noProxy: given('NO_PROXY'),
    });
    return (url: string, options: object) => viaProxy(url, { ...options, dispatcher });
  });
  return async (input, options = {}) => {
    const url = input instanceof Request ? input.url : input.toString();
    // undici's answer is the one that Node's own fetch gives, by another declaration.
    return (await (
      await proxied()
    )(url, options)) as unknown as Response;
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function expectProxy(proxy: string): void {
  if (proxy === '') return;
  const protocol = URL.canParse(proxy) ? new URL(proxy).protocol : undefined;
  if (protocol === 'http:' || protocol === 'https:') return;
  const shown = proxy.replace(/\/\/[^@/]*@/, '//…@');
  throw new UserError(
    `expected HTTPS_PROXY, HTTP_PROXY or ALL_PROXY to name a proxy such as http://proxy.example:3128, found ${shown}`,
  );
}
