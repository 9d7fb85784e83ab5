/** Format major versions (FMV) of Pebble v2 (spec/pebble.md §7). elastickv creates 16. */
export const FORMAT_VERSION_MIN = 13;
export const FORMAT_VERSION_MAX = 24;

const NAMES: Readonly<Record<number, string>> = {
  13: 'FlushableIngest',
  14: 'PrePebblev1MarkedCompacted',
  15: 'DeleteSizedAndObsolete',
  16: 'VirtualSSTables',
  17: 'SyntheticPrefixSuffix',
  18: 'FlushableIngestExcises',
  19: 'ColumnarBlocks',
  20: 'WALSyncChunks',
  21: 'TableFormatV6',
  22: 'deprecated experiment',
  23: 'FooterAttributes',
  24: 'ValueSeparation',
};

export function formatVersionName(version: number): string {
  return NAMES[version] ?? 'unknown';
}
