/**
 * The page's style sheet. The part of a network is shown when the URL fragment names it, else the overview, without a
 * script.
 */
export const style = `
:root {
  color-scheme: light dark;
  --ink: #1d2329; --quiet: #56606b; --paper: #ffffff; --card: #f5f6f8; --line: #d5d9de; --link: #00558a; --focus: #d55e00;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7eaee; --quiet: #a9b2bc; --paper: #14181c; --card: #1d2329; --line: #3a424b; --link: #7cc4f5; --focus: #ff9c57; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 0 1rem 3rem; max-width: 88rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, 'Liberation Sans', sans-serif;
}
header { border-bottom: 1px solid var(--line); margin-bottom: 1rem; }
header p { margin-top: 0; color: var(--quiet); }
h1 { margin: 1.2rem 0 0; font-size: 1.5rem; }
h1 a { color: inherit; text-decoration: none; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.35rem; }
h3 { margin: 1.8rem 0 0.4rem; font-size: 1.1rem; }
h4 { margin: 0 0 0.6rem; font-size: 1rem; }
p { max-width: 46rem; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
code { font-size: 0.86em; overflow-wrap: break-word; }
.quiet { color: var(--quiet); font-weight: normal; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.9rem; }

article.network { display: none; }
article.network:target, article.network:has(:target) { display: block; }
main:has(article.network:target, article.network :target) > #overview { display: none; }

.scroll { overflow-x: auto; max-width: 100%; }
.scroll + .scroll { margin-top: 1.2rem; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { padding: 0.35rem 0.9rem 0.35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
table.sentences + table.sentences { margin-top: 1.2rem; }
@media (max-width: 44rem) {
  .sentences, .sentences tbody, .sentences tr, .sentences td { display: block; }
  .sentences thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .sentences tr { border-bottom: 1px solid var(--line); padding: 0.4rem 0; }
  .sentences td { border: 0; padding: 0.1rem 0; text-align: left; }
  .sentences td::before { content: attr(data-head) ': '; color: var(--quiet); }
}
details { margin: 0.4rem 0; }
summary { cursor: pointer; color: var(--link); width: fit-content; }

.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.controls { display: flex; flex-wrap: wrap; gap: 0.5rem 1.2rem; align-items: center; margin: 0.8rem 0; font-size: 0.9rem; }
.controls[hidden] { display: none; }
.controls input[type=search], .controls select, .controls button {
  font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: 6px; padding: 0.3rem 0.5rem; min-height: 2.2rem;
}
.controls input[type=search] { width: 15rem; max-width: 100%; }
.controls input[type=checkbox] { width: 1.1rem; height: 1.1rem; vertical-align: -0.15rem; accent-color: var(--link); }
.controls .narrow { display: none; }
.controls :focus-visible, th button:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.controls output { color: var(--quiet); }

.comparison { width: 100%; }
.comparison th button { font: inherit; color: inherit; background: none; border: 0; padding: 0.2rem 0; cursor: pointer; text-align: left; white-space: nowrap; }
.comparison th button::after { content: '↕'; color: var(--quiet); padding-left: 0.3rem; }
.comparison th[aria-sort=ascending] button::after { content: '↑'; color: inherit; }
.comparison th[aria-sort=descending] button::after { content: '↓'; color: inherit; }
.comparison tbody[hidden] { display: none; }
.comparison .line td { padding-top: 0.5rem; padding-bottom: 0.5rem; }
.comparison .run, .comparison .below { display: block; font-size: 0.92em; }
.comparison .error, .comparison .published { font-variant-numeric: tabular-nums; }
.comparison .network { white-space: nowrap; }
.comparison .fold { white-space: nowrap; text-align: right; }
.comparison .fold summary { margin-left: auto; }
.comparison .fold details { margin: 0; }
.comparison .more { display: none; }
.comparison tbody:has(details[open]) .more { display: table-row; }
.comparison tbody:has(details[open]) .line td { border-bottom-color: transparent; }
.comparison .more > td { padding: 0.2rem 1rem 1rem; background: var(--card); border-radius: 0 0 8px 8px; }
.facts > div { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: 0 1rem; }
.facts { margin: 0.5rem 0; }
.one-run { border-top: 1px solid var(--line); padding-top: 0.4rem; }
.one-run p { margin: 0.2rem 0; max-width: none; }
.one-run .origin { font-size: 0.92em; }
.seeds { display: flex; flex-wrap: wrap; gap: 0.1rem 1.4rem; list-style: none; padding: 0; margin: 0.2rem 0; }
@media (max-width: 60rem) {
  .controls .narrow { display: inline; }
  .comparison, .comparison tbody, .comparison tr, .comparison td { display: block; width: auto; }
  .comparison thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .comparison tbody { margin: 0 0 0.6rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
  .comparison .line { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.2fr) auto; gap: 0.1rem 0.8rem; padding: 0.45rem 0.7rem; align-items: baseline; }
  .comparison .line td { padding: 0; border: 0; }
  .comparison .network { grid-area: 1 / 1 / auto / span 2; white-space: normal; }
  .comparison .run { display: inline; padding-left: 0.5rem; }
  .comparison .year { grid-area: 1 / 3; text-align: right; }
  .comparison .dataset { grid-area: 2 / 1 / auto / -1; color: var(--quiet); font-size: 0.85rem; }
  .comparison .error { grid-area: 3 / 1; }
  .comparison .published { grid-area: 3 / 2; }
  .comparison .fold { grid-area: 3 / 3; }
  .comparison .differs { grid-area: 4 / 1 / auto / -1; color: var(--quiet); font-size: 0.8rem; }
  .comparison .error > div::before { content: 'here '; color: var(--quiet); font-size: 0.85em; }
  .comparison .published > div::before { content: 'published '; color: var(--quiet); font-size: 0.85em; }
  .comparison .differs > div::before { content: 'differs: '; }
  .comparison .line .below, .comparison .metric { display: none; }
  .comparison tbody:has(details[open]) .more { display: block; }
  .comparison .more > td { padding: 0.2rem 0.7rem 0.7rem; border: 0; }
}

.first .pictures { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.5rem 3rem; align-items: start; }
@media (min-width: 60rem) { .first .pictures { grid-template-columns: minmax(0, 1fr) minmax(0, 26rem); } }
.beside ul { list-style: none; margin: 0; padding: 0; }
.beside li { border-bottom: 1px solid var(--line); }
.beside a { display: grid; grid-template-columns: 15rem minmax(0, 1fr) 9.5rem; gap: 0 1rem; align-items: center; padding: 0.3rem 0; color: inherit; text-decoration: none; }
.beside .who { color: var(--link); }
.beside a:hover .who { text-decoration: underline; }
.beside .who .quiet { font-size: 0.85rem; display: block; }
.beside .figures { font-variant-numeric: tabular-nums; white-space: nowrap; text-align: right; }
.beside .figures .quiet { padding-left: 0.6rem; }
.track { position: relative; height: 1.8rem; display: block; }
.track i { position: absolute; }
.track .tick { top: -0.6rem; bottom: -0.6rem; border-left: 1px dotted var(--line); }
.track .bar { top: calc(50% - 2px); height: 4px; background: #0072b2; opacity: 0.45; border-radius: 2px; }
.mark { display: inline-block; width: 0.75rem; height: 0.75rem; }
.mark.ours { background: #0072b2; border-radius: 50%; }
.mark.published { border: 2px solid #d55e00; transform: rotate(45deg); }
.track .mark { top: calc(50% - 0.375rem); margin-left: -0.375rem; }
.beside .axis { position: relative; height: 1.4rem; margin: 0 10.5rem 0 16rem; font-size: 0.8rem; color: var(--quiet); }
.beside .axis span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
@media (max-width: 44rem) {
  .beside a { grid-template-columns: minmax(0, 1fr) auto; }
  .beside .track { grid-area: 2 / 1 / auto / -1; height: 1.3rem; }
  .beside .who .quiet { display: inline; }
  .beside .axis { margin: 0; }
}

.gallery { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 0.8rem; }
.card p { margin: 0.2rem 0 0; font-size: 0.9rem; }
.pictured { display: block; text-decoration: none; }
.pictured:hover b { text-decoration: underline; }
.pictured img { display: block; width: 100%; height: 8rem; object-fit: contain; background: #ffffff; border-radius: 4px; margin-bottom: 0.5rem; }
@media (max-width: 44rem) { .gallery { gap: 0.6rem; } .gallery .card { padding: 0.6rem; } .pictured img { height: auto; max-height: 9rem; } }

.lineage { width: 100%; max-width: 26rem; margin: 0 auto; }
.lineage rect { fill: var(--card); stroke: var(--quiet); stroke-width: 1.5; }
.lineage a { text-decoration: none; }
.lineage a:hover rect, .lineage a:focus-visible rect { stroke: var(--focus); stroke-width: 3; }
.lineage a:focus-visible { outline: none; }
.lineage text { font-size: 12px; fill: var(--quiet); }
.lineage .name { font-size: 15px; font-weight: 600; fill: var(--link); }
.lineage .line-name { font-style: italic; font-size: 13px; }
.lineage .edge { fill: none; stroke: var(--quiet); stroke-width: 1.5; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); gap: 1.2rem; align-items: start; }
figure { margin: 0; }
.chart, .image { padding: 0.8rem; border: 1px solid var(--line); border-radius: 8px; }
figcaption { margin-bottom: 0.5rem; font-weight: 600; font-size: 0.95rem; }
.chart svg { display: block; max-width: 100%; height: auto; }
.images { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 0 1.2rem; align-items: start; }
.image { margin: 1.2rem 0; min-width: 0; }
.images .image:has(.enlarge[open]) { grid-column: 1 / -1; }
.image img { display: block; background: #ffffff; max-width: 100%; height: auto; }
.image.drawing { padding: 0; border: 0; }
.drawing .scroll { border: 1px solid var(--line); border-radius: 8px; background: #ffffff; }
.drawing img { margin: 0 auto; max-height: 34rem; }
.image:has(.enlarge[open]) img { max-width: none; max-height: none; }
.image:has(.enlarge[open]) .scroll { max-height: 85vh; overflow: auto; }

.counts, .result dl { margin: 0.5rem 0 1rem; }
.counts { display: flex; flex-wrap: wrap; gap: 0.6rem 2rem; }
dt { color: var(--quiet); font-size: 0.85rem; }
dd { margin: 0; }
.result { margin: 1rem 0; padding: 0.6rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
.result > summary { width: auto; }
.result dl > div { display: grid; grid-template-columns: clamp(5rem, 20vw, 8rem) minmax(0, 1fr); gap: 0.2rem 1rem; padding: 0.15rem 0; }
@media (max-width: 44rem) { .result { padding: 0.6rem; } .result dl > div { display: block; } }

.headline { align-items: end; margin: 1rem 0 1.4rem; }
.large { font-size: 2rem; line-height: 1.2; }
.warnings { border-left: 4px solid var(--focus); padding: 0.3rem 0.5rem 0.3rem 2rem; margin: 0 0 1.4rem; background: var(--card); }
.matrix { width: auto; }
.matrix th { font-weight: normal; white-space: nowrap; padding: 0.2rem 0.6rem 0.2rem 0; vertical-align: middle; }
.matrix thead th { vertical-align: bottom; }
.matrix thead th span { writing-mode: vertical-rl; transform: rotate(180deg); }
.matrix td { min-width: 2rem; height: 2rem; padding: 0; text-align: center; vertical-align: middle; font-variant-numeric: tabular-nums; border: 1px solid var(--line); }
.matrix td[style] { background: rgb(213 94 0 / var(--tint)); }
.matrix td.right { background: rgb(0 114 178 / 0.22); padding: 0 0.3rem; }
.matrix td a { display: block; line-height: 2rem; padding: 0 0.3rem; color: inherit; }
.matrix tbody th { position: sticky; left: 0; background: var(--paper); max-width: 14rem; overflow-wrap: break-word; white-space: normal; }
.pair { border-bottom: 1px solid var(--line); margin: 0; padding: 0.3rem 0; }
.pair summary { width: auto; color: inherit; }
.of-pair { scroll-margin-top: 4rem; }
.shots { list-style: none; margin: 0.6rem 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 0.8rem; }
.shots li { display: flex; flex-direction: column; font-size: 0.85rem; overflow-wrap: break-word; min-width: 0; }
.shots img { width: 112px; height: 112px; object-fit: contain; align-self: start; background: var(--card); border-radius: 4px; margin-bottom: 0.3rem; image-rendering: pixelated; }
.shots img[src^='data:image/webp'] { image-rendering: auto; }
.shots .name { overflow-wrap: break-word; }

@media print {
  :root { color-scheme: light; }
  body { max-width: none; font-size: 10pt; }
  article.network, main > #overview { display: block !important; }
  article.network { break-before: page; }
  .controls, .enlarge { display: none; }
  .comparison .more { display: table-row; }
  tr, figure, .card { break-inside: avoid; }
  .scroll { overflow: visible; max-height: none !important; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
}
`;
