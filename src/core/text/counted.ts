/** A number of things with its noun: `1 image`, `2 images`. */
export function counted(number: number, noun: string, plural: string = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
