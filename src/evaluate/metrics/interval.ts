/**
 * Wilson's score interval for a proportion, at 95 %.
 * Source: E. B. Wilson 1927, Journal of the American Statistical Association 22(158), 209–212.
 * @param hits the number of successes in `trials`
 * @returns fractions in [0, 1]
 */
export function wilson95(hits: number, trials: number): [low: number, high: number] {
  const z = 1.959963984540054; // the normal distribution's 97.5 % point
  const share = hits / trials;
  const centre = share + z ** 2 / (2 * trials);
  const spread = z * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  const scale = 1 + z ** 2 / trials;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
