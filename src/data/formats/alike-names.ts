/** Names of classes that somebody may take for the same: the case of letters and blanks are easily overlooked. */

/** A name for messages, in quotation marks if it begins or ends with blanks, which would otherwise be invisible. */
export function visibleName(name: string): string {
  return name === name.trim() ? name : `"${name}"`;
}

/**
 * What a message adds about names that `others` lack, if a name among `others` is almost the same.
 * @returns `: "Cats" for "cats" differs in the case of letters alone`, or nothing
 */
export function alikeText(names: readonly string[], others: readonly string[]): string {
  const known = new Map(others.map((other) => [folded(other), other]));
  for (const name of names) {
    const other = known.get(folded(name));
    if (other === undefined || other === name) continue;
    const blanks = name.toLowerCase() !== other.toLowerCase();
    const letters = unspaced(name) !== unspaced(other);
    const how = [letters ? 'the case of letters' : '', blanks ? 'blanks' : ''].filter(Boolean).join(' and ');
    return `: "${name}" for "${other}" differs in ${how} alone`;
  }
  return '';
}

const unspaced = (name: string) => name.trim().replaceAll(/\s+/g, ' ');
const folded = (name: string) => unspaced(name.normalize('NFC')).toLowerCase();
