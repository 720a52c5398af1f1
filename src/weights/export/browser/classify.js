/*
 * Classifies photos with the model beside this script, in the browser: nothing is sent anywhere. For pages of your own,
 * after tf.min.js: `await classify(await createImageBitmap(file))`.
 */
'use strict';

/* global tf, document */

/** The model, and what its author wrote of it: network, labels, input, scores. */
const ready = loadModel();

async function loadModel() {
  await tf.ready();
  const model = await tf.loadGraphModel('model.json');
  const facts = model.metadata;
  // The first answer takes long, for the graphics card's programs are made then.
  tf.tidy(() => model.predict(tf.zeros([1, ...facts.input.shape])).dataSync());
  return { model, facts };
}

/**
 * The best classes of an image. `inverted` says whether to show its negative; without it, a picture that is dark on
 * light is inverted for a network that learned light on dark.
 * @param {CanvasImageSource & { width: number, height: number }} image
 * @returns {Promise<{ label: string, index: number, probability: number | null, score: number }[]>}
 */
async function classify(image, { top = 5, inverted } = {}) {
  const { facts } = await ready;
  return bestOf(await scoresOf(inputOf(seenOf(image, facts.input, inverted), facts.input)), facts, top);
}

/** The class scores of one image. @param {Float32Array} values as the network takes them */
async function scoresOf(values) {
  const { model, facts } = await ready;
  const scores = tf.tidy(() => model.predict(tf.tensor(values, [1, ...facts.input.shape])));
  const found = await scores.data();
  scores.dispose();
  return found;
}

/** Ranks scores as their kind says, and makes probabilities of them where they are any. */
function bestOf(scores, { scores: kind, labels }, top) {
  const better = kind === 'rbfPenalty' ? -1 : 1;
  const largest = scores.reduce((most, score) => Math.max(most, better * score), -Infinity);
  const shares = Array.from(scores, (score) => Math.exp(better * score - largest));
  const sum = shares.reduce((all, share) => all + share, 0);
  return Array.from(scores, (score, index) => ({
    label: labels?.[index] ?? `class ${index}`,
    index,
    probability: kind === 'softmaxCrossEntropy' ? shares[index] / sum : null,
    score,
  }))
    .sort((a, b) => better * (b.score - a.score) || a.index - b.index)
    .slice(0, top);
}

/**
 * The part of an image that the network sees, at its size: the image made so large or small that it covers
 * `view.least`, and the middle of it.
 * @returns {{ pixels: Uint8ClampedArray, height: number, width: number, inverted: boolean }} red, green, blue, one
 *   after the other
 */
function seenOf(image, { view, background }, asked) {
  const { least, longSide, window } = view;
  const [fullHeight, fullWidth] = [image.height, image.width];
  const tall = least.height * fullWidth >= least.width * fullHeight;
  let { height, width } = least;
  if (longSide !== 'squeezed') {
    if (tall) width = Math.max(width, Math.floor((height * fullWidth) / fullHeight));
    else height = Math.max(height, Math.floor((width * fullHeight) / fullWidth));
  }
  const top = Math.floor((height - window.height) / 2);
  const left = Math.floor((width - window.width) / 2);
  const across = resized(coloursOf(image), fullHeight, fullWidth, width, left, window.width, 'across');
  const pixels = resized(across, fullHeight, window.width, height, top, window.height, 'down');
  const inverted = asked ?? (background === 'black' && isDarkOnLight(pixels, window));
  if (inverted) pixels.forEach((value, at) => (pixels[at] = 255 - value));
  return { pixels, height: window.height, width: window.width, inverted };
}

/** Whether the median of the outermost pixels is nearer white than black. */
function isDarkOnLight(pixels, { height, width }) {
  const isOuter = (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    return row === 0 || column === 0 || row === height - 1 || column === width - 1;
  };
  const border = greyOf(pixels).filter(isOuter);
  const light = border.filter((value) => value > 127).length;
  return light > border.length - light;
}

/** Red, green and blue of an image, on white where it is transparent. */
function coloursOf(image) {
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Uint8ClampedArray((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    colours[to++] = data[from];
    colours[to++] = data[from + 1];
    colours[to++] = data[from + 2];
  }
  return colours;
}

/**
 * One axis of an image brought to `size` pixels, of which `length` from `start` on are wanted. Each is the mean of the
 * old ones under a triangle about its centre, as wide as two new pixels, or two old ones where the axis grows.
 */
function resized(pixels, height, width, size, start, length, axis) {
  const isDown = axis === 'down';
  const from = isDown ? height : width;
  const scale = from / size;
  const support = Math.max(scale, 1);
  const [rows, columns] = isDown ? [length, width] : [height, length];
  const result = new Uint8ClampedArray(rows * columns * 3);
  const step = isDown ? width * 3 : 3;
  for (let place = 0; place < length; place++) {
    const centre = (start + place + 0.5) * scale;
    const first = Math.max(Math.floor(centre - support + 0.5), 0);
    const last = Math.min(Math.floor(centre + support + 0.5), from);
    const shares = [];
    let sum = 0;
    for (let at = first; at < last; at++) {
      shares.push(Math.max(1 - Math.abs(at + 0.5 - centre) / support, 0));
      sum += shares[at - first];
    }
    const others = isDown ? columns : rows;
    for (let other = 0; other < others; other++) {
      const source = isDown ? other * 3 + first * step : other * width * 3 + first * 3;
      const target = isDown ? (place * columns + other) * 3 : (other * columns + place) * 3;
      for (let colour = 0; colour < 3; colour++) {
        let value = 0;
        for (let tap = 0; tap < shares.length; tap++)
          value += shares[tap] * pixels[source + tap * step + colour];
        result[target + colour] = value / sum; // rounded and kept within 0 to 255
      }
    }
  }
  return result;
}

/** The values that the network takes, of the pixels that it sees. */
function inputOf({ pixels, height, width }, { shape, preprocess }) {
  const channels = shape[2];
  let image = { values: channels === 1 ? greyOf(pixels) : Float32Array.from(pixels), height, width };
  for (const step of preprocess) image = preprocessed(image, step, channels);
  return image.values;
}

/** The luma of BT.601. */
function greyOf(pixels) {
  return Float32Array.from({ length: pixels.length / 3 }, (_, at) =>
    Math.round(0.299 * pixels[3 * at] + 0.587 * pixels[3 * at + 1] + 0.114 * pixels[3 * at + 2]),
  );
}

function preprocessed({ values, height, width }, step, channels) {
  switch (step.kind) {
    case 'range': {
      const map = (pixel) => step.black + ((step.white - step.black) * pixel) / 255;
      return { values: values.map(map), height, width };
    }
    case 'subtract': {
      const deviation = step.deviation ?? step.mean.map(() => 1);
      const map = (pixel, at) => (pixel - step.mean[at % channels]) / deviation[at % channels];
      return { values: values.map(map), height, width };
    }
    case 'pad': {
      const padded = new Float32Array(step.height * step.width * channels).fill(step.value);
      const top = Math.floor((step.height - height) / 2);
      const left = Math.floor((step.width - width) / 2);
      for (let row = 0; row < height; row++) {
        const line = values.subarray(row * width * channels, (row + 1) * width * channels);
        padded.set(line, ((top + row) * step.width + left) * channels);
      }
      return { values: padded, height: step.height, width: step.width };
    }
    default:
      throw new Error(`expected preprocessing that this page knows, found ${step.kind}`);
  }
}
