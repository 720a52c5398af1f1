/** Orders names by how near they are to one that was mistyped. */

/** Names that begin with the given one first, then those with the fewest letters to change; otherwise as they were. */
export function nearestFirst(given: string, names: readonly string[]): readonly string[] {
  const distance = new Map(
    names.map((name) => [name, name.startsWith(given) ? 0 : editDistance(given, name)]),
  );
  return [...distance.keys()].sort((one, other) => distance.get(one)! - distance.get(other)!);
}

/** The least number of letters to insert, delete or replace (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let above = 1; above <= one.length; above++) {
    const next = [above];
    for (let at = 1; at <= other.length; at++) {
      const replaced = row[at - 1]! + (one[above - 1] === other[at - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[at]! + 1, next[at - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
