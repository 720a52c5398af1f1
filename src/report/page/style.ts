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
code { font-size: 0.86em; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-weight: normal; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.9rem; }

article.network { display: none; }
article.network:target { display: block; }
main:has(article.network:target) > #overview { display: none; }
@media print { article.network, main > #overview { display: block !important; } }

.scroll { overflow-x: auto; max-width: 100%; }
.scroll + .scroll { margin-top: 1.2rem; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { padding: 0.35rem 0.9rem 0.35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
details { margin: 0.4rem 0; }
summary { cursor: pointer; color: var(--link); width: fit-content; }

.comparison { width: 100%; font-size: 0.85rem; }
.comparison td:nth-child(2) { font-variant-numeric: tabular-nums; }
.comparison td:nth-child(5), .comparison td:nth-child(6) { min-width: 8rem; }
.comparison td:nth-child(8) { min-width: 10rem; }
@media (max-width: 60rem) {
  .comparison, .comparison tbody, .comparison tr, .comparison td { display: block; width: auto; }
  .comparison thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .comparison tr { margin: 0 0 1rem; padding: 0.6rem 0.8rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
  .comparison td { display: grid; grid-template-columns: 7.5rem 1fr; column-gap: 0.8rem; padding: 0.25rem 0; border: 0; }
  .comparison td > * { grid-column: 2; }
  .comparison td::before { content: attr(data-head); grid-column: 1; color: var(--quiet); }
}

.lineage-part { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem 2rem; align-items: start; }
@media (min-width: 60rem) { .lineage-part { grid-template-columns: minmax(0, 1fr) minmax(0, 26rem); } }
.lineage { width: 100%; max-width: 26rem; margin: 0 auto; }
.lineage rect { fill: var(--card); stroke: var(--quiet); stroke-width: 1.5; }
.lineage a { text-decoration: none; }
.lineage a:hover rect, .lineage a:focus-visible rect { stroke: var(--focus); stroke-width: 3; }
.lineage a:focus-visible { outline: none; }
.lineage text { font-size: 12px; fill: var(--quiet); }
.lineage .name { font-size: 15px; font-weight: 600; fill: var(--link); }
.lineage .line-name { font-style: italic; font-size: 13px; }
.lineage .edge { fill: none; stroke: var(--quiet); stroke-width: 1.5; }
.families { columns: 16rem; padding-left: 1.2rem; }
.families > li { break-inside: avoid; margin-bottom: 0.4rem; }
.families ul { padding-left: 1.2rem; font-size: 0.92rem; }

.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); gap: 1.2rem; align-items: start; }
figure { margin: 0; }
.chart, .image { padding: 0.8rem; border: 1px solid var(--line); border-radius: 8px; }
figcaption { margin-bottom: 0.5rem; font-weight: 600; font-size: 0.95rem; }
.chart svg { display: block; max-width: 100%; height: auto; }
.image { margin: 1.2rem 0; }
.image img, .drawing img { display: block; background: #ffffff; max-width: none; }
.image img { max-width: 100%; height: auto; }
.drawing { max-height: 38rem; overflow: auto; border: 1px solid var(--line); border-radius: 8px; background: #ffffff; }


.counts, .result dl { margin: 0.5rem 0 1rem; }
.counts { display: flex; flex-wrap: wrap; gap: 0.6rem 2rem; }
dt { color: var(--quiet); font-size: 0.85rem; }
dd { margin: 0; }
.result { margin: 1rem 0 1.6rem; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
.result { overflow-wrap: anywhere; }
.result dl > div { display: grid; grid-template-columns: minmax(5rem, 8rem) minmax(0, 1fr); gap: 0.2rem 1rem; padding: 0.15rem 0; }
`;
