/** Something in a computation that cannot become part of a graph; the message names it, and its layer. */
export class Untraceable extends Error {
  override readonly name = 'Untraceable';
}
