// TensorFlow reads these when it is loaded; a test's own process.env is a copy that never reaches it.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
process.env.TF_ENABLE_ONEDNN_OPTS = '1'; // as src/runtime/native.ts sets it

/** @type {import('jest').Config} */
module.exports = {
  globalSetup: './jest/compile.js',
  globalTeardown: './jest/clean.js',
  testEnvironment: './jest/environment.js',
  testSequencer: './jest/longest-first.js',
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  testMatch: ['**/__tests__/**/*.test.ts'],
  // An `import()` in a CommonJS module names the compiled file.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }] },
  testTimeout: 120_000,
  maxWorkers: 2,
};
