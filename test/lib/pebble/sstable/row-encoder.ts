/** An encoder of row blocks (spec/pebble.md §6.5). */

export type Entry = readonly [key: string, value: string];

export function uvarint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...uvarint(Math.floor(value / 128))];
}

/** @param entries  keys and values, one byte a character */
export function encodeRows(entries: readonly Entry[], interval: number): Uint8Array {
  const out: number[] = [];
  const restarts: number[] = [];
  let previous = '';
  for (const [i, [key, value]] of entries.entries()) {
    let shared = 0;
    if (i % interval === 0) restarts.push(out.length);
    else while (shared < key.length && key[shared] === previous[shared]) shared++;
    out.push(...uvarint(shared), ...uvarint(key.length - shared), ...uvarint(value.length));
    out.push(...Buffer.from(key.slice(shared) + value, 'latin1'));
    previous = key;
  }
  if (restarts.length === 0) restarts.push(0);
  const tail = Buffer.alloc(4 * restarts.length + 4);
  for (const [i, restart] of restarts.entries()) tail.writeUInt32LE(restart, 4 * i);
  tail.writeUInt32LE(restarts.length, 4 * restarts.length);
  return Buffer.concat([Buffer.from(out), tail]);
}
