/** The playground's page as one file: it needs no server and makes no requests. */
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { PageData } from './page-data';

/** The policy that browsers hold the page to: what is in it runs, and nothing else is fetched or told. */
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'media-src blob: mediastream:',
  // The visitor's own files and pictures; nothing of the network.
  'connect-src blob: data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Unpacks the program and runs it; a worker of the page runs the same one, from the same address. */
const start = `(async () => {
  const packed = document.getElementById('program').textContent;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const text = await new Response(unpacked).blob();
  const script = document.createElement('script');
  script.src = globalThis.programAddress = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  document.body.append(script);
})().catch((error) => {
  const page = document.getElementById('page');
  page.setAttribute('role', 'alert');
  page.textContent = 'This browser cannot unpack the page: it needs one of 2023 or later. (' + error.message + ')';
});`;

/**
 * The page's HTML.
 * @param program the script
 */
export async function playgroundHtml(program: string, data: PageData): Promise<string> {
  const packed = (await promisify(gzip)(program, { level: 9 })).toString('base64');
  const [first] = data.models;
  const title = first === undefined ? 'See it think' : `${first.name}: see it think`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="page"><p>…</p></div>
<noscript>This page is a program in JavaScript, which is turned off.</noscript>
<script type="application/json" id="data">${inScript(JSON.stringify(data))}</script>
<script type="text/plain" id="program">${packed}</script>
<script>${start}</script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** JSON that no tag can end. */
function inScript(json: string): string {
  return json.replaceAll('<', '\\u003c');
}
