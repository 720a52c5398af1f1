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
  #result { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; flex: 1; }
  canvas { width: 14rem; height: auto; border: 1px solid GrayText; image-rendering: auto; }
  figure { margin: 0; }
  figcaption, #status { color: color-mix(in srgb, CanvasText 70%, Canvas); font-size: .875rem; }
  table { border-collapse: collapse; flex: 1; min-width: min(18rem, 100%); }
  .ways { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; justify-content: center; align-items: center; }
  .ways > * { margin: 0; max-width: 100%; }
  input[type=file] { max-width: 100%; font: inherit; font-size: .875rem; }
  button { font: inherit; padding: .25rem .75rem; min-height: 2.25rem; }
  #live video { width: 14rem; max-width: 100%; border: 1px solid GrayText; }
  #pictures { display: flex; flex-wrap: wrap; gap: 1.5rem; margin-top: 1.5rem; align-items: flex-start; }
  #several { margin-top: 1.5rem; }
  #several table { width: 100%; margin-top: .75rem; }
  #several thead th { font-weight: 600; border-bottom: 1px solid GrayText; }
  #several tbody th { overflow-wrap: anywhere; }
  #several td:first-child { width: 3.5rem; }
  #several canvas { width: auto; max-width: 3rem; border: 0; display: block; }
  progress { width: 100%; }
  [hidden] { display: none !important; }
  td, th { padding: .15rem .5rem .15rem 0; vertical-align: middle; text-align: left; font-weight: inherit; }
  #answers td:nth-child(2) { width: 40%; }
  #answers td:nth-child(3), #files td:last-child { text-align: right; font-variant-numeric: tabular-nums; }
  meter { width: 100%; height: 1rem; }
</style>
</head>
<body>
<main>
<h1>${network}</h1>
<div id="drop">
  <p>Drop photos or a folder of them here, or paste one.</p>
  <div class="ways">
    <p><label for="file">Photos:</label> <input type="file" id="file" accept="image/*" multiple disabled></p>
    <p><label for="folder">A folder:</label> <input type="file" id="folder" webkitdirectory disabled></p>
    <p><button type="button" id="camera" disabled>Use the camera</button></p>
  </div>
  <p id="inverting" hidden><label><input type="checkbox" id="invert"> dark on light, to be inverted</label></p>
</div>
<p id="status" role="status">Loading the model …</p>
<div id="pictures">
<figure id="live" hidden>
  <video id="video" muted playsinline aria-label="what the camera shows"></video>
  <figcaption id="rate"></figcaption>
</figure>
<div id="result" hidden>
  <figure>
    <canvas id="seen"></canvas>
    <figcaption>what the network sees</figcaption>
  </figure>
  <table aria-label="best classes"><tbody id="answers"></tbody></table>
</div>
</div>
<section id="several" aria-label="several images" hidden>
  <progress id="progress" aria-label="images named" hidden></progress>
  <button type="button" id="csv" disabled>Save as CSV</button>
  <table aria-label="the best class of each image">
    <thead><tr><td></td><th scope="col">file</th><th scope="col">best class</th><td></td></tr></thead>
    <tbody id="files"></tbody>
  </table>
</section>
</main>
<script src="tf.min.js"></script>
<script src="classify.js"></script>
<script src="page.js"></script>
</body>
</html>
`;
}
