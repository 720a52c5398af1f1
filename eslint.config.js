// @ts-check
const { defineConfig, globalIgnores } = require('eslint/config');
const { configs } = require('typescript-eslint');

// The import directions of the design: who may import whom, and who names a backend or the process.

/** Files of src/ that all of src/ may import. */
const foundations = [
  'bounds',
  'tf',
  'native-backend',
  'native-op',
  'network',
  'protobuf',
  'random',
  'errors',
  'counted',
  'shell-words',
  'visible-text',
  'make-folder',
];

/** Parts of src/ that each part may import besides. */
const reach = {
  data: ['weights'],
  graph: ['weights'],
  layers: [],
  runtime: [],
  weights: [],
  train: ['data', 'graph', 'layers', 'weights'],
  report: ['data', 'graph', 'layers', 'weights', 'train'],
  page: ['train', 'report'],
};

/** Members of `process` that neither speak to the user nor end it: whose number, is it alive, how large is it. */
const harmless = ['pid', 'kill', 'memoryUsage'];
const ofTheMachine = ['arch', 'env', 'execPath', 'platform', 'report', 'version', 'versions', 'on', 'off'];

/** @type {(names: readonly string[]) => string} */
const anyOf = (names) => `(?:${names.join('|')})`;

const backends = {
  regex: '^@tensorflow/',
  message: 'Only src/tf.ts and src/runtime/ name a backend package.',
};
const processModule = { regex: '^(?:node:)?process$', message: 'Only scripts/ touch the process.' };
const generalSyntax = [
  { selector: 'TSEnumDeclaration', message: 'A choice is a union of literals or a discriminated union.' },
  { selector: 'ExportDefaultDeclaration', message: 'Exports have names.' },
];

/**
 * Refuses imports that match a pattern, static or by `import()`, and further syntax.
 * @param {readonly { regex: string, message: string, allowTypeImports?: boolean }[]} imports
 * @param {readonly { selector: string, message: string }[]} further
 */
function refuse(imports, further = []) {
  const dynamic = imports.map(({ regex, message }) => ({
    selector: `ImportExpression[source.value=/${regex.replaceAll('/', '\\u002F')}/]`,
    message,
  }));
  return {
    'no-restricted-imports': ['error', { patterns: imports }],
    'no-restricted-syntax': ['error', ...generalSyntax, ...further, ...dynamic],
  };
}

/**
 * What is wrong with an import that starts with `from` and goes on to nothing that is allowed.
 * @param {string} from
 * @param {readonly string[]} files
 * @param {readonly string[]} folders
 */
function onlyTo(from, files, folders) {
  const allowed = [...files.map((file) => `${file}$`), ...folders.map((folder) => `${folder}/`)];
  const places = [...files, ...folders.map((folder) => `${folder}/`)]
    .join(', ')
    .replaceAll('\\', '')
    .replaceAll('../', '');
  return {
    regex: `^${from}(?!${anyOf(allowed)})`,
    message: `Outside its folder this file may import: ${places}.`,
  };
}

/** @type {(members: readonly string[]) => { selector: string, message: string }[]} */
function processLimitedTo(members) {
  const message = `Only scripts/ touch the process; this file may use its ${members.join(', ')}.`;
  return [
    { selector: `MemberExpression[object.name='process'][property.name!=/^${anyOf(members)}$/]`, message },
    { selector: ":not(MemberExpression) > Identifier[name='process']", message },
  ];
}

const engine = Object.entries(reach).flatMap(([part, others]) =>
  // A folder within a part may import the part's files, and what they may.
  [
    { files: [`src/${part}/**/*.ts`], up: '\\.\\./' },
    { files: [`src/${part}/*/**/*.ts`], up: '\\.\\./\\.\\./' },
  ].map(({ files, up }) => ({
    files,
    rules: refuse(
      [onlyTo(up, foundations, others), processModule, ...(part === 'runtime' ? [] : [backends])],
      processLimitedTo(part === 'runtime' ? [...harmless, ...ofTheMachine] : harmless),
    ),
  })),
);

const foundation = [
  { regex: '^\\.\\./', message: 'src/ is handed its networks and knows nothing above it.' },
  onlyTo('\\./', foundations, []),
  processModule,
];
const network = onlyTo(
  '\\.\\./',
  foundations.map((file) => `\\.\\./src/${file}`),
  ['\\.\\./src/layers'],
);
const noProcess = { 'no-restricted-globals': ['error', 'process'] };

const directions = [
  {
    files: ['index.ts', 'scripts/**/*.ts', 'experiments/**/*.ts', '__tests__/**/*.ts'],
    rules: refuse([backends]),
  },
  { files: ['src/*.ts'], rules: refuse([...foundation, backends], processLimitedTo(harmless)) },
  { files: ['src/tf.ts'], rules: refuse(foundation) },
  { files: ['src/network.ts'], rules: refuse([...foundation, { ...backends, allowTypeImports: true }]) },
  ...engine,
  {
    files: ['models/registry.ts'],
    rules: { ...refuse([onlyTo('\\.\\./', ['src/network'], []), backends]), ...noProcess },
  },
  { files: ['models/*/**/*.ts'], rules: { ...refuse([network, processModule, backends]), ...noProcess } },
  {
    files: ['models/*/recipe.ts', 'models/*/paper.ts'],
    rules: refuse(
      [network, backends],
      [
        {
          selector: "ImportDeclaration[importKind='value'], ImportExpression",
          message:
            'Recipes and papers are plain data, which load without TensorFlow: they import types only.',
        },
      ],
    ),
  },
];

// Everything else: typescript-eslint's recommendation with types, and what the style of the design adds.

const correctness = {
  'array-callback-return': 'error',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-cond-assign': 'error',
  'no-console': 'error',
  'no-constant-binary-expression': 'error',
  'no-debugger': 'error',
  'no-fallthrough': 'error',
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Randomness is passed: see src/random.ts.' },
  ],
  'no-self-compare': 'error',
  'no-template-curly-in-string': 'error',
  'no-unsafe-finally': 'error',
  'no-useless-escape': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
};

module.exports = defineConfig(
  globalIgnores(['**/node_modules/', 'dist/', 'runs/', 'results/', 'coverage/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' }, rules: correctness },
  {
    files: ['**/*.ts'],
    extends: [configs.recommendedTypeChecked, configs.strict],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: __dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Indexed access is checked by the compiler, and arithmetic on typed arrays needs the assertion.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // An interface of promises is often kept by a function that has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Interfaces here are records of closures, free of `this`, but declared as methods.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowArray: true }],
    },
  },
  { files: ['scripts/**/*.ts'], rules: { 'no-console': 'off' } },
  ...directions,
);
