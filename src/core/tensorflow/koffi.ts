/** The package koffi, which calls functions of native libraries, and whose binary for this machine may be missing. */
import type koffiPackage from 'koffi';
import { loadedWhenUsed } from '../io/process/optional-package';

export const koffi = loadedWhenUsed<typeof koffiPackage>('koffi', 'running recorded graphs');
