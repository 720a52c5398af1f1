import type * as path from 'node:path';
import { loadedWhenUsed } from '../../src/core/io/process/optional-package';
import { UserError } from '../../src/core/errors';

test('a package is loaded by its first use, and once', () => {
  const loaded = loadedWhenUsed<typeof path>('node:path', 'joining paths');
  expect(loaded().join('a', 'b')).toBe('a/b');
  expect(loaded()).toBe(loaded());
});

test('a package that is not there is said so in one line, with what mends it', () => {
  const missing = loadedWhenUsed('no-such-package', 'decoding images');
  expect(missing).toThrow(UserError);
  expect(missing).toThrow(
    /^decoding images: expected the package no-such-package, found that it cannot be loaded \(Cannot find module .*\); npm install --include=optional no-such-package mends it$/,
  );
});
