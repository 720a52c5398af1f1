/** What every page of the report has around its content: head, policy, title, foot. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { html, trusted, type Content, type Html } from './html';
import { style } from './style';

export interface Shell {
  /** The title of the window. */
  readonly title: string;
  readonly header: Html;
  readonly main: Content;
  readonly made: { readonly command: string; readonly commit: string | null; readonly at: Date };
  /** What the foot says after where the page is from. */
  readonly source: Content;
  /** JavaScript that runs in the page. */
  readonly scripts: readonly string[];
  /** Whether the page asks its own server for changes; else nothing is fetched. */
  readonly served?: boolean;
}

/** A page as one file. Its policy lets the browser run its own scripts alone, and fetch nothing. */
export function pageWith({ title, header, main, made, source, scripts, served = false }: Shell): string {
  const texts = scripts.map((script) => `\n${script}`);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy(texts, served)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        <header id="top">${header}</header>
        <main>${main}</main>
        <footer>
          <p>
            Made by
            <code>${made.command}</code
            >${made.commit !== null && html` at commit <code>${made.commit}</code>`},
            <time datetime="${made.at.toISOString()}"
              >${made.at.toISOString().slice(0, 16).replace('T', ' ')} UTC</time
            >. ${source}
          </p>
        </footer>
        ${texts.map((text) => trusted(`<script>${text}</script>`))}
      </body>
    </html> `;
  return page.markup;
}

/** A script that lies beside this file. */
export function ownScript(name: 'table.js' | 'refresh.js'): string {
  return readFileSync(join(__dirname, name), 'utf8');
}

function policy(scripts: readonly string[], served: boolean): string {
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  return [
    "default-src 'none'",
    ...(hashes.length > 0 ? [`script-src ${hashes.join(' ')}`] : []),
    "style-src 'unsafe-inline'",
    'img-src data:',
    ...(served ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
