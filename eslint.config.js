// @ts-check
const { defineConfig, globalIgnores } = require('eslint/config');
const { configs } = require('typescript-eslint');

// Who may import whom (eslint/directions.js), and who names a backend or the process.

/** Members of `process` that neither speak to the user nor end it: whose number, is it alive, how large is it. */
const harmless = ['pid', 'kill', 'memoryUsage'];
const ofTheMachine = [
  'arch',
  'cpuUsage',
  'env',
  'execPath',
  'platform',
  'report',
  'resourceUsage',
  'version',
  'versions',
  'on',
  'off',
];

/** @type {(names: readonly string[]) => string} */
const anyOf = (names) => `(?:${names.join('|')})`;

const backends = {
  regex: '^@tensorflow/',
  message:
    'Only src/core/tf.ts, src/core/tensorflow/, src/runtime/ and src/browser/backend.ts name a backend package.',
};
const processModule = { regex: '^(?:node:)?process$', message: 'Only scripts/ touch the process.' };
const generalSyntax = [
  { selector: 'TSEnumDeclaration', message: 'A choice is a union of literals or a discriminated union.' },
  { selector: 'ExportDefaultDeclaration', message: 'Exports have names.' },
];

/**
 * Refuses imports that match a pattern, static or by `import()`, and further syntax.
 * @param {readonly { regex: string, message: string }[]} imports
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

/** @type {(members: readonly string[]) => { selector: string, message: string }[]} */
function processLimitedTo(members) {
  const message = `Only scripts/ touch the process; this file may use its ${members.join(', ')}.`;
  return [
    { selector: `MemberExpression[object.name='process'][property.name!=/^${anyOf(members)}$/]`, message },
    { selector: ":not(MemberExpression) > Identifier[name='process']", message },
  ];
}

const noProcess = { 'no-restricted-globals': ['error', 'process'] };

const directions = [
  {
    files: ['src/**/*.ts', 'models/**/*.ts'],
    plugins: { house: require('./eslint/directions.js') },
    rules: { 'house/directions': 'error' },
  },
  {
    files: [
      '*.ts',
      'playground/**/*.{ts,tsx}',
      'scripts/**/*.ts',
      'experiments/**/*.ts',
      '__tests__/**/*.ts',
    ],
    rules: refuse([backends]),
  },
  { files: ['src/**/*.ts'], rules: refuse([processModule, backends], processLimitedTo(harmless)) },
  {
    files: ['src/core/io/process/optional-package.ts'],
    rules: refuse([processModule, backends], processLimitedTo([...harmless, 'getBuiltinModule'])),
  },
  {
    files: [
      'src/core/tf.ts',
      'src/core/tensorflow/*.ts',
      'src/browser/backend.ts',
      'src/browser/exported/*.ts',
    ],
    rules: refuse([processModule]),
  },
  {
    files: ['src/runtime/**/*.ts'],
    rules: refuse([processModule], processLimitedTo([...harmless, ...ofTheMachine])),
  },
  { files: ['models/**/*.ts'], rules: { ...refuse([processModule, backends]), ...noProcess } },
  {
    files: ['models/*/recipe.ts', 'models/*/paper.ts'],
    rules: refuse(
      [backends],
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

// Everything else: typescript-eslint's recommendation with types, and what the style of this project adds.

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
    { object: 'Math', property: 'random', message: 'Randomness is passed: see src/core/random.ts.' },
  ],
  'no-self-compare': 'error',
  'no-template-curly-in-string': 'error',
  'no-unsafe-finally': 'error',
  'no-useless-escape': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
};

module.exports = defineConfig(
  globalIgnores([
    '**/node_modules/',
    'dist/',
    'dist-for-tests/',
    'docs/api/',
    'runs/',
    'results/',
    'coverage/',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' }, rules: correctness },
  {
    files: ['**/*.ts', '**/*.tsx'],
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
  { files: ['scripts/**/*.ts', 'examples/**/*.{ts,js}'], rules: { 'no-console': 'off' } },
  ...directions,
);
