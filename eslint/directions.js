// @ts-check
/** Who may import whom: a rule that looks where an import leads, however deep its file lies. */
const { join, posix, relative, sep } = require('node:path');

const root = join(__dirname, '..');

/**
 * The rooms of src/, from the ground up: each may import those below it, not those beside it. `runtime` looks at the
 * machine, and is for whoever starts something: what the engine needs of a backend is in core.
 */
const floors = [
  ['core'],
  ['layers', 'graph', 'data', 'runtime'],
  ['weights'],
  ['evaluate'],
  ['train'],
  ['finetune'],
  ['describe'],
  ['report'],
  ['workflows', 'browser'],
];

/** What stands on no floor below, and is imported all the same. */
const alsoAllowed = { workflows: ['runtime'], browser: ['runtime'] };

/** Rooms within a room, likewise from the ground up; files beside them are above all. */
const within = {
  data: [['image', 'datasets'], ['preprocess'], ['augment'], ['formats'], ['loader'], ['inspect'], ['cache']],
};

/** @type {(path: string) => { part: string, room?: string, inner?: string }} */
function placeOf(path) {
  const [part = '', room, ...rest] = path.split('/');
  if (rest.length === 0) return { part, ...(part === 'models' && room && { room: 'registry' }) };
  return { part, room, ...(rest.length > 1 && { inner: rest[0] }) };
}

/** @type {(levels: string[][], name: string | undefined) => number} */
const heightOf = (levels, name) => {
  const height = levels.findIndex((names) => names.includes(name ?? ''));
  return height < 0 ? levels.length : height;
};

/**
 * What is wrong with an import, in words; nothing where it is right.
 * @type {(from: string, to: string) => string | undefined}
 */
function wrong(from, to) {
  const [here, there] = [placeOf(from), placeOf(to)];
  if (here.part === 'models') return wrongInModels(here, there, to);
  if (here.part !== 'src') return undefined;
  if (there.part === 'trained' && here.room === 'browser') return undefined;
  if (there.part !== 'src') return 'src/ is handed its networks and knows nothing above it.';
  if (here.room === there.room) {
    const levels = within[/** @type {'data'} */ (here.room)];
    if (!levels || here.inner === there.inner || !there.inner) return undefined;
    if (heightOf(levels, there.inner) < heightOf(levels, here.inner)) return undefined;
    return `In src/${here.room}, ${here.inner} may not import ${there.inner}.`;
  }
  const allowed = alsoAllowed[/** @type {'workflows'} */ (here.room)] ?? [];
  if (allowed.includes(there.room ?? '')) return undefined;
  if (there.room !== 'runtime' && heightOf(floors, there.room) < heightOf(floors, here.room))
    return undefined;
  const below = floors
    .slice(0, heightOf(floors, here.room))
    .flat()
    .filter((room) => room !== 'runtime');
  return `src/${here.room} may import of src/: ${[here.room, ...below, ...allowed].join(', ')}.`;
}

/** @type {(here: ReturnType<typeof placeOf>, there: ReturnType<typeof placeOf>, to: string) => string | undefined} */
function wrongInModels(here, there, to) {
  if (here.room === 'registry') {
    const allowed = ['src/core/network', 'src/core/given/build-options'];
    if (there.part === 'models' || allowed.includes(to)) return undefined;
    return `The registry may import the families, ${allowed.join(' and ')}.`;
  }
  if (there.part === 'models' && there.room === here.room) return undefined;
  if (there.part === 'src' && ['core', 'layers'].includes(there.room ?? '')) return undefined;
  return 'A network may import its own folder, src/core and src/layers.';
}

/** @type {import('eslint').Rule.RuleModule} */
const directions = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const from = relative(root, context.filename).split(sep).join('/');
    /** @param {any} source */
    const check = (source) => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const to = posix.join(posix.dirname(from), source.value);
      const message = wrong(from, to);
      if (message) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: ({ source }) => check(source),
      ExportNamedDeclaration: ({ source }) => check(source),
      ExportAllDeclaration: ({ source }) => check(source),
      ImportExpression: ({ source }) => check(source),
      'CallExpression[callee.name="require"]': (/** @type {any} */ node) => check(node.arguments[0]),
      'CallExpression[callee.object.name="require"][callee.property.name="resolve"]': (
        /** @type {any} */ node,
      ) => check(node.arguments[0]),
    };
  },
};

module.exports = { rules: { directions } };
