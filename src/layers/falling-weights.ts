/**
 * Fixed weights that fall with the distance from the middle of a square window, `decay`^distance in cells, row by row.
 */
export function fallingWeights(side: number, decay: number): Float32Array {
  return Float32Array.from({ length: side * side }, (_, at) => {
    const [row, column] = [Math.floor(at / side), at % side];
    return decay ** Math.hypot(row - (side - 1) / 2, column - (side - 1) / 2);
  });
}
