/** Names the folder of a new run, creates it, and locks it for this process. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../../core/errors';
import { hold } from '../../runtime/folder-lock';
import type { RunRecord } from '../../train/run/run-record';
import { createWholeRun } from './whole-run';

/** The most bytes of a name made from the user's words; the complete file name then fits the limits of any disk. */
const mostBytes = 80;

/** A data set's name, or the last part of its path, as part of a file's name. */
export function nameOf(data: string): string {
  const last = basename(resolve(data)).replace(/(?:[-_.]*\{[^}]*\})?\.tar$/, '');
  return clipped(dashed(last)) || 'data';
}

function dashed(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N}_]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
}

function clipped(name: string): string {
  let clip = '';
  for (const letter of name) {
    if (Buffer.byteLength(clip + letter) > mostBytes) break;
    clip += letter;
  }
  return clip.replace(/-$/, '');
}

/** `20261123-171502`, in local time. */
export function stamp(now: Date): string {
  return now
    .toLocaleString('sv')
    .replaceAll(/\D/g, '')
    .replace(/^(\d{8})/, '$1-');
}

/** The folder of a run for which the user gave none: `runs/NETWORK-DATA-TIME`. */
export function runFolderFor(network: string, data: string): string {
  return join('runs', `${network}-${nameOf(data)}-${stamp(new Date())}`);
}

/**
 * Creates the complete folder of a new run, and locks it for this process.
 * @param given whether the user named it; otherwise it gets a number if another run of the same second has the name
 * @param fill see `createRun`
 * @returns the folder, and what unlocks it
 */
export async function beginRun(
  wanted: string,
  given: boolean,
  record: RunRecord,
  fill: (folder: string) => Promise<void>,
): Promise<{ readonly folder: string; readonly release: Release }> {
  const place = resolve(wanted);
  if (given && beginning.has(place))
    throw new UserError(`${wanted}: expected no other training there, found one of this process`);
  beginning.add(place);
  try {
    return await begun(wanted, given, record, fill);
  } finally {
    beginning.delete(place);
  }
}

/** The folders in which this process is beginning a run, before there is a folder to lock. */
const beginning = new Set<string>();

async function begun(
  wanted: string,
  given: boolean,
  record: RunRecord,
  fill: (folder: string) => Promise<void>,
): Promise<{ readonly folder: string; readonly release: Release }> {
  const before = existsSync(wanted) && given ? await holdRun(wanted) : undefined; // its files are moved there one by one
  for (let number = 1; ; number++) {
    const folder = number === 1 ? wanted : `${wanted}-${number}`;
    if (!given && existsSync(folder)) continue;
    try {
      await createWholeRun(folder, record, fill);
    } catch (error) {
      if (!given && existsSync(folder)) continue;
      await before?.();
      throw error;
    }
    return { folder, release: before ?? (await holdRun(folder)) };
  }
}

/** Unlocks a folder. */
export type Release = () => Promise<void>;

/**
 * Locks the folder of a run, so that no other process trains in it.
 * @throws UserError if another process holds the lock
 */
export function holdRun(folder: string): Promise<Release> {
  return hold(join(folder, '.training.lock'), 'training');
}

/** Locks a report that will be written, so that no other evaluation writes it. */
export function holdReport(path: string): Promise<Release> {
  return hold(join(dirname(path), `.${basename(path)}.lock`), `evaluation for ${basename(path)}`);
}

/** Locks the folder of an experiment. */
export function holdExperiment(folder: string): Promise<Release> {
  return hold(join(folder, '.reproduce.lock'), 'reproduction');
}
