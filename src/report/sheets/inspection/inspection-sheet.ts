/** Puts what was found inside a trained network on a sheet: figures with captions and legends. */
import { number, percent } from '../../../core/text/numbers';
import { scoreWords } from '../../../core/score-kind';
import { divergingScale, greyScale, rangeOf, type Scale } from '../../../describe/draw/palette';
import type { InspectedImage, ShownLayer } from '../../../describe/inspect/inspect-image';
import { lossByPixel } from '../../../describe/inspect/occlusion';
import type { ShownImage } from '../../../describe/inspect/shown-image';
import type { StrongImage } from '../../../describe/inspect/strongest-images';
import { mapOf } from '../../../describe/units/activations';
import {
  framed,
  imagePicture,
  mapPicture,
  overlaid,
  resized,
  type Picture,
  type Positions,
} from '../../../describe/draw/picture';
import { sideOf, type AnswersPart, type Figure, type FiguresPart, type Sheet } from './sheet';

/** The images that excite a unit most, as a network sees them. */
export interface InspectedUnit {
  /** `LAYER:INDEX` */
  readonly unit: string;
  /** Where the images are from. */
  readonly data: string;
  /** How many were looked at. */
  readonly looked: number;
  /** The unit has a place in a map, of which the most excited counts. */
  readonly isMap: boolean;
  /** It measures a distance, and is excited where that is small. */
  readonly isDistance: boolean;
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly images: readonly (StrongImage & { readonly name: string; readonly shown: ShownImage })[];
}

export interface InspectionFacts {
  /** What the model is called. */
  readonly model: string;
  /** What the image is called; null of a sheet about a unit alone. */
  readonly image: string | null;
  /** Where it comes from: the command and the commit. */
  readonly origin: string;
}

/** The sheet of an image, of a unit, or of both. */
export function inspectionSheet(
  { model, image, origin }: InspectionFacts,
  found: InspectedImage | null,
  unit: InspectedUnit | null,
): Sheet {
  return {
    title: image === null ? `${model}: what excites ${unit!.unit}` : `${image} inside ${model}`,
    about: origin,
    parts: [
      ...(found ? [answersPart(found, model), evidencePart(found), ...found.layers.map(layerPart)] : []),
      ...(unit ? [unitPart(unit)] : []),
    ],
  };
}

/** A class's name in a sentence: the first of its synonyms. */
const nameOf = ({ label }: { readonly label: string }) => `“${label.split(',')[0]!}”`;

/** A picture enlarged by a whole number until it is as wide as its place; larger ones are left to who draws them. */
function enlarged(picture: Picture, side: number): Picture {
  const times = Math.ceil(side / picture.width);
  if (picture.width >= side / 1.5) return picture;
  return resized(picture, times * picture.height, times * picture.width);
}

const wideSide = sideOf('wide');

function answersPart(
  { shown, shape, predictions, class: wanted, scoreKind }: InspectedImage,
  model: string,
): AnswersPart {
  const isListed = predictions.some(({ index }) => index === wanted.index);
  const rows = isListed ? predictions : [...predictions, wanted];
  const [height, width] = shape;
  return {
    kind: 'answers',
    figure: {
      title: 'What the network sees',
      picture: enlarged(imagePicture(shown.pixels, shape), wideSide),
      alt: `The image as ${model} sees it, ${height} by ${width} pixels`,
      caption: `${height}×${width} pixels, before the numbers are prepared${shown.inverted ? '; dark on light, so it is shown inverted' : ''}.`,
    },
    heading: `Answers, and the class that this sheet is about: ${wanted.label}`,
    answers: rows.map(({ label, index, probability, score }) => ({
      label,
      value: probability === null ? number(score!) : percent(probability, 2),
      share: probability,
      chosen: index === wanted.index,
    })),
    about: aboutScores[scoreKind],
  };
}

/** What a class's score is on a sheet. */
const aboutScores: Readonly<Record<InspectedImage['scoreKind'], string>> = {
  logits:
    'Gradients, Grad-CAM and class activation are those of the class’s score before the softmax (its logit); occlusion shows its probability.',
  distances: `Scores are ${scoreWords.distances}. All maps below count the negative distance from the code of the class, so that more is better: orange brings the image nearer to the class, blue takes it away.`,
  activations: `Scores are ${scoreWords.activations}. All maps below are of the class’s activation.`,
};

function evidencePart(found: InspectedImage): FiguresPart {
  const figures = [camFigure(found), gradCamFigure(found), occlusionFigure(found), gradientFigure(found)];
  return {
    kind: 'figures',
    heading: `What speaks for ${nameOf(found.class)}, by ${figures.filter(Boolean).length === 4 ? 'four' : 'three'} methods`,
    about:
      'Orange speaks for the class, blue against it; the stronger, the less is seen of the image below. A position of a map is drawn at the centre of what it sees. The input gradient has no sign. Each figure has a scale of its own.',
    figures: figures.filter((each) => each !== null),
    size: 'wide',
  };
}

/** A diverging scale, whose empty side is left out. */
function evidenceScale(values: ArrayLike<number>): Scale {
  const { most } = divergingScale(values);
  const [least, greatest] = rangeOf(values);
  return { kind: 'diverging', least: least < 0 ? -most : 0, most: greatest > 0 || least >= 0 ? most : 0 };
}

function overImage({ shown, shape }: InspectedImage, over: Positions, scale: Scale): Picture {
  const picture = enlarged(imagePicture(shown.pixels, shape), wideSide);
  return overlaid(picture, picture.width / shape[1], over, scale);
}

function camFigure(found: InspectedImage): Figure | null {
  const cam = found.classActivation;
  if (!cam) return null;
  const scale = evidenceScale(cam.values);
  const score = number(found.scores[found.class.index]!);
  return {
    title: 'Class activation map (exact)',
    picture: overImage(found, cam, scale),
    alt: `The image in grey, coloured by the class activation map of ${nameOf(found.class)}: ${whereText(cam)}`,
    caption: `The score is parted among the ${cam.height}×${cam.width} positions of ${cam.layer}: the mean of the map, ${number(cam.mean)}, and the bias, ${number(cam.bias)}, are the score, ${score}. Zhou et al. 2016.`,
    legend: { scale },
  };
}

function gradCamFigure(found: InspectedImage): Figure | null {
  const { gradCam } = found;
  if (!gradCam) return null;
  const scale = evidenceScale(gradCam.values);
  const isEmpty = rangeOf(gradCam.values)[1] === 0;
  return {
    title: `Grad-CAM, ${gradCam.layer}`,
    picture: overImage(found, gradCam, scale),
    alt: `The image in grey, coloured by Grad-CAM for ${nameOf(found.class)}: ${isEmpty ? '0 everywhere' : whereText(gradCam)}`,
    caption: isEmpty
      ? `0 everywhere: together, the maps of ${gradCam.layer} speak for the class nowhere. Selvaraju et al. 2017.`
      : `The ${gradCam.weights.length} maps of ${gradCam.layer}, ${gradCam.height}×${gradCam.width} positions, each weighed by the mean gradient of the score; what is negative is cut off. Selvaraju et al. 2017.`,
    legend: { scale },
  };
}

function occlusionFigure(found: InspectedImage): Figure {
  const { occlusion: covered, shape } = found;
  const [height, width, channels] = shape;
  const values = lossByPixel(covered, height, width);
  const shares = covered.of === 'probability';
  const shown = shares ? values.map((value) => 100 * value) : values;
  const scale = evidenceScale(shown);
  const what = shares ? 'probability' : found.scoreKind === 'distances' ? 'negative distance' : 'activation';
  const whole = shares ? percent(covered.whole) : number(covered.whole);
  return {
    title: `Occlusion by ${covered.size}×${covered.size} pixels`,
    picture: overImage(found, { height, width, values: shown }, scale),
    alt: `The image in grey, coloured by what covering takes from ${nameOf(found.class)}: ${whereText({ height, width, values })}`,
    caption: `A ${greyWord(covered.fill, channels)} square covers each part in turn, ${covered.stride} px apart. Orange: where covered, the ${what} (uncovered ${whole}) falls by so much; blue: it rises. Zeiler and Fergus 2014.`,
    legend: { scale, ...(shares && { unit: 'percentage points' }) },
  };
}

function greyWord(fill: number, channels: number): string {
  if (fill === 0) return 'black';
  if (fill === 255) return 'white';
  return fill === 128 && channels === 3 ? 'mid-grey' : `grey (${fill})`;
}

function gradientFigure(found: InspectedImage): Figure {
  const { height, width, channels, saliency } = found.gradient;
  const [, largest] = rangeOf(saliency);
  const clipped = height * width > 64 * 64;
  const most = clipped ? shareOf(saliency, 0.995) : largest;
  const scale: Scale = { kind: 'grey', least: 0, most: most || 1 };
  return {
    title: 'Input gradient',
    picture: enlarged(mapPicture({ height, width, values: saliency }, scale), wideSide),
    alt: `How strongly the score of ${nameOf(found.class)} depends on each pixel: ${whereText({ height, width, values: saliency })}`,
    caption: `How fast the score changes with each pixel, ${channels === 1 ? 'up or down' : 'the strongest of its colours'}: the brighter, the faster${clipped ? ' (the strongest 0.5 % are white)' : ''}. Simonyan et al. 2014.`,
    legend: { scale },
  };
}

/** The value below which this share of all values lies. */
function shareOf(values: Float32Array, share: number): number {
  const sorted = values.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

/** Where the strongest value is, in words. */
function whereText({ height, width, values }: Positions): string {
  let at = 0;
  for (let place = 0; place < values.length; place++) if (values[place]! > values[at]!) at = place;
  const [row, column] = [Math.floor(at / width), at % width];
  const third = (place: number, side: number) =>
    3 * place < side - 1 ? 0 : 3 * place > 2 * side - 2 ? 2 : 1;
  const down = ['upper', 'middle', 'lower'][third(row, height)]!;
  const across = ['left', 'centre', 'right'][third(column, width)]!;
  return `strongest in the ${down} ${across}`;
}

function layerPart({ name, output, maps }: ShownLayer): FiguresPart {
  const [height, width, count] = output.shape as [number, number, number];
  const planes = maps.map((map) => mapOf(output, map));
  const ranges = planes.map(rangeOf);
  const [least, most] = rangeOf(ranges.flat());
  const scale: Scale = least < 0 ? divergingScale([least, most]) : greyScale([0, most]);
  const silent = Array.from({ length: count }, (_, map) => map).filter((map) => {
    for (let at = map; at < output.values.length; at += count) if (output.values[at] !== 0) return false;
    return true;
  }).length;
  const which =
    maps.length === count ? `all ${count} maps` : `the ${maps.length} most excited of ${count} maps`;
  return {
    kind: 'figures',
    heading: `${name}: ${which} of ${height}×${width}`,
    about: `${least < 0 ? 'White is 0, orange above it, blue below' : 'Black is 0'}; one scale for all, so that they can be compared.${silent > 0 ? ` ${silent === 1 ? '1 is' : `${silent} are`} 0 everywhere.` : ''}`,
    legend: { scale },
    size: 'small',
    figures: planes.map((values, at) => ({
      title: '',
      picture: enlarged(mapPicture({ height, width, values }, scale), sideOf('small')),
      alt: `Map ${maps[at]!} of ${name}, from ${number(ranges[at]![0], 3)} to ${number(ranges[at]![1], 3)}`,
      caption: String(maps[at]!),
    })),
  };
}

function unitPart({ unit, data, looked, isMap, isDistance, shape, images }: InspectedUnit): FiguresPart {
  const [height, width] = shape;
  return {
    kind: 'figures',
    heading: `What excites ${unit} most: ${images.length} of the ${looked} images of ${data}`,
    about: `${isDistance ? 'Its value is a distance, and small ones come first.' : 'The strongest first.'} ${isMap ? 'Framed: the part of the image that the unit sees where it is most excited (its receptive field).' : 'A unit without a place, which sees the whole image.'} Zeiler and Fergus 2014, Fig. 2.`,
    size: 'middle',
    figures: images.map(({ name, value, field, shown }, at) => {
      const picture = enlarged(imagePicture(shown.pixels, shape), sideOf('middle'));
      const times = picture.width / width;
      const frame = {
        top: Math.round(field.top * times),
        left: Math.round(field.left * times),
        height: Math.round(field.height * times),
        width: Math.round(field.width * times),
      };
      const isWhole = field.height === height && field.width === width;
      return {
        title: `${at + 1}: ${number(value)}`,
        picture: isWhole ? picture : framed(picture, frame),
        alt: `${name}, which excites ${unit} to ${number(value)}${isWhole ? '' : `, framed from row ${field.top} and column ${field.left}, ${field.height} by ${field.width} pixels`}`,
        caption: name,
      };
    }),
  };
}
