/** Looks inside a trained network: while it sees an image, or for the images that excite one of its units most. */
import { basename } from 'node:path';
import { stat } from 'node:fs/promises';
import { UserError } from '../../core/errors';
import { wholeNumber } from '../../core/given/numbers';
import { expectOptions, expectText, type OptionNames } from '../../core/given/options';
import { writeFileAtomically } from '../../core/io/files';
import { option } from '../../core/text/wording';
import { badImagePolicies, imageName, type BadImage, type BadImagePolicy } from '../../data/image/bad-image';
import { dataNames } from '../../data/datasets/catalogue';
import { subset, type ImageFile, type ImageFiles, type ImageSet } from '../../data/dataset';
import { holdsImages } from '../../data/formats/image-folder/image-files';
import { openLoader } from '../../data/loader/loader';
import { openTestData } from '../../data/open';
import {
  inspectImage,
  mainGraph,
  type InspectedImage,
} from '../../describe/inspect/inspect-image';
import { layersBySize, mapsNamed, unitNamed } from '../../describe/inspect/layers-shown';
import { occluderOf } from '../../describe/inspect/occlusion';
import { shownImages, type ShownImage } from '../../describe/inspect/shown-image';
import { strongestImages } from '../../describe/inspect/strongest-images';
import { inspectionSheet, type InspectedUnit } from '../../report/sheets/inspection/inspection-sheet';
import { sheetPng } from '../../report/sheets/inspection/sheet';
import { sheetPage } from '../../report/sheets/inspection/sheet-page';
import { withoutBatch } from '../../layers/cost';
import { defaults } from '../choices';
import { dataOptions, openContext, workflowOptions, type Context, type WorkflowOptions, type Zoo } from '../context';
import { namedImages } from '../data/named-images';
import { foundWeights } from './named-weights';
import { openUsable, type Opened } from './open-folder';
import type { EncodedImage } from './trained';

/** What is looked at. Without an image, only the unit; without a unit, only the image. */
export interface InspectOptions extends WorkflowOptions {
  /** The image: a file, or the bytes of one. */
  readonly image?: EncodedImage | undefined;
  /** A file that ends in `.png` or `.html`, into which all is drawn. Default: nothing is drawn. */
  readonly out?: string | undefined;
  /** The class that the maps are drawn for, by its name or its index. Default: the first answer. */
  readonly class?: string | number | undefined;
  /** Layers whose maps are drawn. Default: the last of each size of maps. */
  readonly layers?: readonly string[] | undefined;
  /** How many maps of each layer, the most excited. Default: 12, or all of fewer. */
  readonly maps?: number | undefined;
  /** The layer of Grad-CAM. Default: the last convolution with more than one position. */
  readonly gradCam?: string | undefined;
  /** The side in pixels of the square that covers parts. Default: a sixth of the input's. */
  readonly occluder?: number | undefined;
  /** The pixels from one of its places to the next. Default: half of its side; 1 for inputs of up to 32 pixels. */
  readonly stride?: number | undefined;
  /** Its grey, 0–255. Default: 128 for photos, and 0 for images of one channel. */
  readonly fill?: number | undefined;
  /** A unit, `LAYER:INDEX`, counted from 0: the images of `data` that excite it most are drawn. */
  readonly unit?: string | undefined;
  /** A folder of images, or the name of a data set, of which the test images are taken. */
  readonly data?: string | undefined;
  /** How many images of `data`. Default: 12, or all of fewer. */
  readonly top?: number | undefined;
  /** What becomes of an image of `data` that cannot be read. Default: `fail`. */
  readonly onBadImage?: BadImagePolicy | undefined;
  /** A file of class names, one a line. Default: the names that the folder keeps. */
  readonly labels?: string | undefined;
}

const names: OptionNames<InspectOptions> = {
  image: 'optional',
  out: 'optional',
  class: 'optional',
  layers: 'optional',
  maps: 'optional',
  gradCam: 'optional',
  occluder: 'optional',
  stride: 'optional',
  fill: 'optional',
  unit: 'optional',
  data: 'optional',
  top: 'optional',
  onBadImage: badImagePolicies,
  labels: 'optional',
  ...workflowOptions,
};

/** What was found inside a network. */
export interface Inspected {
  /** The network's name in the zoo. */
  readonly network: string;
  /** What the network makes of the image; null where none was given. */
  readonly image: (InspectedImage & { readonly file: string }) | null;
  /** The images that excite the unit; null where none was given. */
  readonly unit: InspectedUnit | null;
}

/** Those that are about an image, and those about a unit. */
const ofImage = ['class', 'layers', 'maps', 'gradCam', 'occluder', 'stride', 'fill', 'labels'] as const;
const ofUnit = ['data', 'top', 'onBadImage'] as const;

/**
 * Looks inside a trained network, and draws what is found as one sheet.
 * @param model the folder of a run or a model, or a name that `loadPretrained` takes
 * @throws UserError for a model, an image or options that do not fit, and for options that would change nothing
 */
export async function inspect(zoo: Zoo, model: string, given: InspectOptions): Promise<Inspected> {
  expectText('inspect', 'the folder of a model', model);
  expectOptions('inspect', given, names);
  expectWhole(given);
  const { onProgress: _, signal: __, provenance: ___, image: shown, ...asked } = given;
  const image = typeof shown === 'string' ? shown : shown && 'bytes';
  const context = await openContext(zoo, ['inspect', model, { image, ...asked }], given);
  const { path } = await foundWeights(model, context, { labelled: given.labels !== undefined });
  const opened = await openUsable(path, { labels: given.labels }, context);
  try {
    expectFitting(opened, given);
    const seen = given.image === undefined ? null : await inspected(opened, given.image, given, context);
    const unit = given.unit === undefined ? null : await excited(opened, given.unit, given, context);
    const found = { network: opened.network, image: seen, unit };
    if (given.out !== undefined) await draw(given.out, model, found, context);
    return found;
  } finally {
    opened.model.dispose();
  }
}

/** @throws UserError for what says nothing, or would change nothing */
function expectWhole(given: InspectOptions): void {
  const { image, unit, data, out } = given;
  if (out !== undefined && !/.\.(?:png|html)$/i.test(out))
    throw new UserError(`${option('out')}: expected a file that ends in .png or .html, found ${out}`);
  if (image === undefined && unit === undefined)
    throw new UserError(
      `inspect: expected an image, or ${option('unit')} with ${option('data')}, found neither`,
    );
  if (typeof image === 'string') expectText('inspect', 'an image', image);
  if (image === undefined) refuse(given, ofImage, 'an image');
  if (unit === undefined) refuse(given, ofUnit, option('unit'));
  else if (data === undefined) throw new UserError(`${option('unit')}: expected ${option('data')} with it, found none`);
}

function refuse(given: InspectOptions, unused: readonly (keyof InspectOptions)[], without: string): void {
  const found = unused.find((name) => given[name] !== undefined);
  if (found !== undefined)
    throw new UserError(`${option(found)}: expected it with ${without}, found it without`);
}

/** Checks everything before an image is read. */
function expectFitting(opened: Opened, given: InspectOptions): void {
  const graph = mainGraph(opened);
  if (given.unit !== undefined) unitNamed(graph, given.unit);
  if (given.image === undefined) return;
  const { layers, maps, gradCam, occluder, stride, fill } = given;
  if (layers?.length === 0) throw new UserError(`${option('layers')}: expected names of layers, found none`);
  const shown = layers?.map((name) => mapsNamed(graph, name, 'layers')) ?? layersBySize(graph);
  const twice = shown.find((layer, at) => shown.indexOf(layer) !== at);
  if (twice) throw new UserError(`${option('layers')}: expected each layer once, found ${twice.name} twice`);
  const most = Math.max(...shown.map(({ layer }) => withoutBatch(layer.outputShape).at(-1)!));
  if (maps !== undefined) wholeNumber('maps', maps, 1, most);
  if (gradCam !== undefined) mapsNamed(graph, gradCam, 'gradCam');
  occluderOf({ size: occluder, stride, fill }, opened.recipe.input.shape);
  if (given.class !== undefined) classNamed(opened, given.class);
}

/**
 * A class by its name, by one of the synonyms that its name lists, or by its index; a name goes before an index.
 * @throws UserError for a class that is none, and for a synonym of several
 */
function classNamed({ model, labels }: Pick<Opened, 'model' | 'labels'>, given: string | number): number {
  const count = model.outputs[0]!.shape.at(-1)!;
  if (typeof given === 'number') return wholeNumber('class', given, 0, count - 1);
  const whole = labels?.indexOf(given) ?? -1;
  if (whole >= 0) return whole;
  const wanted = given.trim().toLowerCase();
  const found = [...(labels ?? []).keys()].filter((index) =>
    labels![index]!.split(',').some((word) => word.trim().toLowerCase() === wanted),
  );
  if (found.length === 1) return found[0]!;
  if (found.length > 1)
    throw new UserError(
      `${option('class')}: expected one class, found ${given} in several: ${found.map((index) => `${index} (${labels![index]!})`).join('; ')}`,
    );
  if (/^\d+$/.test(given)) return wholeNumber('class', Number(given), 0, count - 1);
  const known = labels === null ? '' : `the name of a class (${listedShortly(labels)}) or `;
  throw new UserError(
    `${option('class')}: expected ${known}an index from 0 to ${count - 1}, found ${given === '' ? 'nothing' : given}`,
  );
}

function listedShortly(labels: readonly string[]): string {
  const first = labels.slice(0, 10).map((label) => label.split(',')[0]!);
  return labels.length > first.length ? `${first.join(', ')}, …` : first.join(', ');
}

async function inspected(
  opened: Opened,
  image: EncodedImage,
  given: InspectOptions,
  context: Context,
): Promise<NonNullable<Inspected['image']>> {
  const file: ImageFile =
    typeof image === 'string' ? { file: image } : { file: 'the image, given by its bytes', bytes: image };
  const shown = await onlyImage(opened, filesOf([file], 'the image'));
  if (shown.inverted)
    context.remark(
      `${file.file}: it is dark on light, and shown inverted: ${opened.network} learned light on dark`,
    );
  const { layers, maps, gradCam, occluder: size, stride, fill } = given;
  const found = await inspectImage(opened, shown, {
    ...{ layers, maps: maps ?? defaults.maps, gradCam, size, stride, fill, signal: context.signal },
    wanted: given.class === undefined ? undefined : classNamed(opened, given.class),
    onProgress: (done, all) => context.tell({ kind: 'count', what: 'covered places', done, all }),
  });
  return { file: file.file, ...found };
}

/** The first image, which is the only one. */
async function onlyImage(opened: Opened, data: ImageSet): Promise<ShownImage> {
  // What would leave the image out is no option here, so that the error must not speak of it.
  const loader = openLoader({ workers: 0, onBadImage: 'skip' });
  const unread: BadImage[] = [];
  try {
    for await (const shown of shownImages(opened, data, loader, (bad) => void unread.push(bad))) return shown;
  } finally {
    await loader.close();
  }
  throw new UserError(`${unread[0]!.file}: ${unread[0]!.reason}`);
}

function filesOf(files: readonly ImageFile[], name: string): ImageFiles {
  return {
    ...({ kind: 'files', name, synthetic: false, classes: ['unknown'] } as const),
    ...{ labels: new Int32Array(files.length), files },
  };
}

async function excited(
  opened: Opened,
  unit: string,
  { data: named = '', top, onBadImage = 'fail' }: InspectOptions,
  context: Context,
): Promise<InspectedUnit> {
  const data = await imagesNamed(named, context);
  const all = data.labels.length;
  const count = top === undefined ? Math.min(defaults.strongest, all) : wholeNumber('top', top, 1, all);
  const skipped: { file: string; reason: string }[] = [];
  const loader = openLoader({ onBadImage });
  try {
    const strongest = await strongestImages(opened, data, {
      ...{ unit, count, loader, signal: context.signal },
      onSkipped: (image) => void skipped.push(image),
      onProgress: (done, of) => context.tell({ kind: 'count', what: 'images', done, all: of }),
    });
    for (const { file, reason } of skipped) context.remark(`left out: ${file}: ${reason}`);
    if (strongest.length === 0)
      throw new UserError(`${named}: expected images that can be read, found none of ${all}`);
    const images: InspectedUnit['images'][number][] = [];
    for (const strong of strongest) {
      const shown = await onlyImage(opened, subset(data, Int32Array.of(strong.image), data.name));
      images.push({ ...strong, shown, name: nameIn(data, strong.image) });
    }
    const { node } = unitNamed(mainGraph(opened), unit);
    return {
      ...{ unit, data: named, looked: all - skipped.length, images },
      isMap: withoutBatch(node.layer.outputShape).length === 3,
      isDistance: node.layer.getClassName() === 'Rbf',
      shape: opened.model.inputs[0]!.shape.slice(1) as [number, number, number],
    };
  } finally {
    await loader.close();
  }
}

/** The images of a folder, at any depth; of anything else that is data, those on which networks are tested. */
async function imagesNamed(name: string, context: Context): Promise<ImageSet> {
  const isSet = dataNames.includes(name);
  const isFolder = !isSet && (await stat(name).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder || !(await holdsImages(name))) return openTestData(name, dataOptions(context));
  const { files, leftOut } = await namedImages([name]);
  for (const line of leftOut) context.remark(line);
  return filesOf(
    files.map((file) => ({ file })),
    name,
  );
}

/** What an image is called below its picture. */
function nameIn(data: ImageSet, index: number): string {
  if (data.kind === 'files') return basename(imageName(data.files[index]!));
  return `${data.classes[data.labels[index]!]!}, image ${index}`;
}

async function draw(out: string, model: string, { image, unit }: Inspected, { provenance }: Context): Promise<void> {
  const { command, commit } = provenance;
  const sheet = inspectionSheet(
    {
      model,
      image: image && basename(image.file),
      origin: `${command}${commit === null ? '' : `, at ${commit}`}`,
    },
    image,
    unit,
  );
  await writeFileAtomically(out, /\.html$/i.test(out) ? await sheetPage(sheet) : await sheetPng(sheet));
}
