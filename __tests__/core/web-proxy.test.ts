import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { webFetch } from '../../src/core/io/download/web-fetch';
import { command, temporaryFolder } from '../support/fixtures';

const folder = temporaryFolder();
const asked: string[] = [];
const origin = createServer((_, response) => response.end('from the origin'));
const proxy = createServer().on('connect', ({ url }, socket) => {
  asked.push(url!);
  if (url !== 'data.example:80') return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  const server = connect(portOf(origin), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.pipe(server).pipe(socket);
  });
});
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const addressOf = (server: Server) => `http://127.0.0.1:${portOf(server)}`;

beforeAll(() =>
  Promise.all(
    [origin, proxy].map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))),
  ),
);
beforeEach(() => void (asked.length = 0));
afterAll(() => [origin, proxy].forEach((server) => void server.close().closeAllConnections()));

it('fetches through the proxy of the environment, but what NO_PROXY names', async () => {
  const through = webFetch({ http_proxy: addressOf(proxy), NO_PROXY: '127.0.0.1' });
  expect(await (await through('http://data.example/x')).text()).toBe('from the origin');
  expect(asked).toEqual(['data.example:80']);
  expect(await (await through(new URL('/x', addressOf(origin)))).text()).toBe('from the origin');
  expect(asked).toEqual(['data.example:80']);
});

it('is Node’s own fetch where no proxy is named, and refuses what is none', async () => {
  expect(webFetch({ HTTPS_PROXY: '' })).toBe(fetch);
  await expect(webFetch({ HTTPS_PROXY: 'socks5://me:secret@x' })('https://data.example/')).rejects.toThrow(
    /such as http:\/\/proxy\.example:3128, found socks5:\/\/…@x$/,
  );
});

it.each([
  ['download', ['mnist', '--mirror', 'https://elsewhere.example/mnist/']],
  [
    'import',
    'bvlc_googlenet.caffemodel --network googlenet --download --mirror https://elsewhere.example/'.split(' '),
  ],
])('%s asks the proxy', async (name, words) => {
  const root = join(folder, name);
  const out = name === 'import' ? ['--out', join(root, 'model')] : [];
  const environment = { HTTPS_PROXY: addressOf(proxy), https_proxy: '', NO_PROXY: '', no_proxy: '' };
  const { code } = await command([name, ...words, '--root', root, ...out], environment);
  expect(code).toBe(2);
  expect(asked).toContain('elsewhere.example:443');
});
