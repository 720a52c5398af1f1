/** A sheet about a trained network as a page: one file without requests, with texts for who does not see its pictures. */
import { dataUri, html, type Html } from '../../page/html';
import {
  legendEnds,
  pngOf,
  rampOf,
  sideOf,
  type AnswersPart,
  type Figure,
  type FiguresPart,
  type Legend,
  type Sheet,
} from './sheet';

const style = `
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, sans-serif; color: #1b1b1b; background: #fff; margin: 0 auto; max-width: 1184px; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 0 0 .3rem; } h3 { font-size: 1rem; margin: 0 0 .3rem; }
.quiet { color: #555; margin: .2rem 0 .6rem; } section { margin: 1.6rem 0; }
figure { margin: 0; min-width: 0; } figcaption { font-size: .87rem; overflow-wrap: anywhere; }
figure img { display: block; width: 100%; height: auto; outline: 1px solid #b0b0b0; margin-bottom: .35rem; }
.figures { display: grid; gap: 1rem; }
.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
.middle { grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); }
.small { grid-template-columns: repeat(auto-fill, minmax(5rem, 1fr)); gap: .5rem; } .small figcaption { font-size: .75rem; color: #555; }
.seen { display: grid; gap: 1.5rem; grid-template-columns: minmax(0, 17.75rem) minmax(0, 1fr); }
@media (max-width: 40rem) { .seen { grid-template-columns: minmax(0, 1fr); } .seen figure { max-width: 17.75rem; } }
.legend { display: flex; gap: .4rem; align-items: center; font-size: .8rem; color: #555; margin: .3rem 0; }
.ramp { inline-size: 9rem; block-size: .7rem; border: 1px solid #b0b0b0; }
table { border-collapse: collapse; width: 100%; } td, th { padding: .15rem .6rem .15rem 0; text-align: left; font-weight: normal; overflow-wrap: anywhere; }
.figure { text-align: right; white-space: nowrap; width: 6rem; } tr.chosen td, tr.chosen th { font-weight: bold; }
.bar { width: 40%; } .bar span { display: block; block-size: .85rem; background: #8a8a8a; min-width: 1px; } .bar { padding: 0; } .chosen .bar span { background: #bb5500; }
`;

/** The page's text. */
export async function sheetPage(sheet: Sheet): Promise<string> {
  const parts = await Promise.all(
    sheet.parts.map((part) => (part.kind === 'answers' ? answers(part) : figures(part))),
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <title>${sheet.title}</title>
        <style>
          ${{ markup: style }}
        </style>
      </head>
      <body>
        <main>
          <h1>${sheet.title}</h1>
          <p class="quiet">${sheet.about}</p>
          ${parts}
        </main>
      </body>
    </html> `.markup;
}

async function answers({ figure, heading, answers: rows, about }: AnswersPart): Promise<Html> {
  return html`<section class="seen">
    ${await shown(figure, 3)}
    <div>
      <h2>${heading}</h2>
      <table>
        <tbody>
          ${rows.map(
            ({ label, value, share, chosen }) =>
              html`<tr class="${chosen ? 'chosen' : ''}">
                <td class="figure">${value}</td>
                <th scope="row">${label}</th>
                <td class="bar" aria-hidden="true">
                  ${share !== null && html`<span style="width:${(100 * share).toFixed(1)}%"></span>`}
                </td>
              </tr> `,
          )}
        </tbody>
      </table>
      <p class="quiet">${about}</p>
    </div>
  </section>`;
}

async function figures(part: FiguresPart): Promise<Html> {
  const all = await Promise.all(
    part.figures.map((figure) => shown(figure, part.size === 'small' ? null : 3)),
  );
  return html`<section>
    <h2>${part.heading}</h2>
    <p class="quiet">${part.about}</p>
    ${part.legend !== undefined && legend(part.legend)}
    <div class="figures ${part.size}">${all}</div>
  </section>`;
}

/** @param level of its heading; null where the caption says it all */
async function shown({ title, picture, alt, caption, legend: own }: Figure, level: 3 | null): Promise<Html> {
  const uri = dataUri('image/png', await pngOf(picture));
  const side = sideOf('wide');
  return html`<figure>
    ${level !== null && html`<h3>${title}</h3>`}
    <img
      src="${uri}"
      alt="${alt}"
      width="${side}"
      height="${Math.round((side * picture.height) / picture.width)}"
    />
    ${own !== undefined && legend(own)}
    <figcaption>${caption}</figcaption>
  </figure>`;
}

function legend(given: Legend): Html {
  const [least, most] = legendEnds(given);
  return html`<div class="legend">
    <span>${least}</span>
    <span
      class="ramp"
      aria-hidden="true"
      style="background:linear-gradient(to right, ${rampOf(given.scale).join(', ')})"
    ></span>
    <span>${most}</span>
  </div>`;
}
