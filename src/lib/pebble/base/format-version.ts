/** Format major versions (FMV) of Pebble v2 (spec/pebble.md §7). elastickv creates 16. */
export const FORMAT_VERSION_MIN = 13;
export const FORMAT_VERSION_MAX = 24;
