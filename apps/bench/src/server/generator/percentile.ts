/** The value below which the share `of` of `values` lies, in [0, 1]; NaN when there are none. Sorts `values`. */
export function percentile(values: number[], of: number): number {
  values.sort((left, right) => left - right);
  return values[Math.min(values.length - 1, Math.floor(values.length * of))] ?? Number.NaN;
}
