/** The names that were probably meant by one that is not known, for messages. */
import { distance } from 'fastest-levenshtein';

/** At most so many names are proposed: as many as the largest family of networks has variants. */
const most = 6;

/** The least letters of a word that counts as the beginning of a name, or as a name with something behind it. */
const leastBeginning = 3;

/**
 * The names nearest to a word: those that differ in nothing but case and separators; else those of which it is the
 * beginning, or which are its beginning; else those at the least edit distance (Levenshtein), if that is at most 1 for
 * words of fewer than 5 letters, 2 for fewer than 10, and 3 for longer ones.
 * @returns at most six, in the order of `names`; none if all are far
 */
export function nearestNames(word: string, names: readonly string[]): readonly string[] {
  const own = plain(word);
  if (own === '') return [];
  const ranked = names.map((name) => ({ name, rank: rankOf(own, plain(name)) }));
  const least = Math.min(...ranked.map(({ rank }) => rank));
  if (least === Infinity) return [];
  return ranked.flatMap(({ name, rank }) => (rank === least ? [name] : [])).slice(0, most);
}

/** `; did you mean train?`, or nothing if no name is near: see `nearestNames`. */
export function didYouMean(word: string, names: readonly string[]): string {
  return asked(nearestNames(word, names));
}

/** `; did you mean lenet1 or lenet5?`, or nothing if nothing is proposed. */
export function asked(proposed: readonly string[]): string {
  return proposed.length === 0 ? '' : `; did you mean ${alternatives(proposed)}?`;
}

/** `one, two or three`; with another word before the last, `one, two and three`. */
export function alternatives(names: readonly string[], last = 'or'): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)!}`;
}

function rankOf(word: string, name: string): number {
  if (word === name) return 0;
  const edits = distance(word, name);
  const far = edits === 2 && lettersOf(word) === lettersOf(name) ? 1 : edits; // two letters swapped, as in `trian`
  const letters = Math.max(word.length, name.length);
  const shorter = Math.min(word.length, name.length);
  if (shorter >= leastBeginning && (name.startsWith(word) || word.startsWith(name))) return 1;
  return far <= (letters < 5 ? 1 : letters < 10 ? 2 : 3) ? far : Infinity;
}

const lettersOf = (word: string) => [...word].sort().join('');

/** A name without what people write differently: case, and separators. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s._:-]+/g, '');
}
