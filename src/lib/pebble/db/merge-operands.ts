/**
 * `pebble.concatenate`: base value, older operands, newer operands (spec/pebble.md §5.4).
 * @param newestFirst as they are met on the way down
 */
export function joinOperands(newestFirst: readonly Uint8Array[]): Uint8Array {
  const length = newestFirst.reduce((sum, operand) => sum + operand.length, 0);
  const joined = new Uint8Array(length);
  let pos = length;
  for (const operand of newestFirst) {
    pos -= operand.length;
    joined.set(operand, pos);
  }
  return joined;
}
