/**
 * Keeps bytes beyond the life of a borrowed view. `.slice()` is not enough: on a Buffer it aliases.
 */
export function copyOf(b: Uint8Array): Uint8Array {
  const out = new Uint8Array(b.length);
  out.set(b);
  return out;
}
