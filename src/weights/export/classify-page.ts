/** The HTML of the page next to an exported model; the scripts of `src/browser/exported` make it work. */
export function classifyPage(network: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${network}: classify a photo</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem; }
  h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
  #drop { border: 2px dashed GrayText; border-radius: .5rem; padding: 1.5rem; text-align: center; }
  #drop.over { border-color: Highlight; background: color-mix(in srgb, Highlight 15%, transparent); }
  #result { display: flex; flex-wrap: wrap; gap: 1.5rem; margin-top: 1.5rem; align-items: flex-start; }
  canvas { width: 14rem; height: auto; border: 1px solid GrayText; image-rendering: auto; }
  figure { margin: 0; }
  figcaption, #status { color: GrayText; font-size: .875rem; }
  table { border-collapse: collapse; flex: 1; min-width: 18rem; }
  td { padding: .15rem .5rem .15rem 0; vertical-align: middle; }
  td:nth-child(2) { width: 40%; }
  td:nth-child(3) { text-align: right; font-variant-numeric: tabular-nums; }
  meter { width: 100%; height: 1rem; }
</style>
</head>
<body>
<h1>${network}</h1>
<div id="drop">
  <p><label for="file">Drop a photo here, paste one, or choose a file:</label></p>
  <p><input type="file" id="file" accept="image/*" disabled></p>
  <p id="inverting" hidden><label><input type="checkbox" id="invert"> dark on light, to be inverted</label></p>
</div>
<p id="status" role="status">Loading the model …</p>
<div id="result" hidden>
  <figure>
    <canvas id="seen"></canvas>
    <figcaption>what the network sees</figcaption>
  </figure>
  <table aria-label="best classes"><tbody id="answers"></tbody></table>
</div>
<script src="tf.min.js"></script>
<script src="classify.js"></script>
<script src="page.js"></script>
</body>
</html>
`;
}
