/**
 * How a MANIFEST or WAL stopped being readable: a value, because most endings are ordinary
 * (spec/pebble.md §2.3, §2.4). Whether one is damage depends on the file's place, which the caller
 * knows.
 *
 * - `clean-eof`: the EOF trailer, or the file's end exactly at a record boundary
 * - `unexpected-eof`: a torn record, a zero or recycled tail, a bad crc that nothing proves to be
 *   damage. In the newest WAL Pebble takes it for the end
 * - `invalid`, `zeroed`: damage proven by a later chunk's synced offset
 */
export type LogEndKind = 'clean-eof' | 'unexpected-eof' | 'invalid' | 'zeroed';

export interface LogEnd {
  readonly kind: LogEndKind;
  /** A `clean-eof` by the trailer, not merely by the file's end. */
  readonly trailer: boolean;
  /** End of the last whole record: everything before was delivered. */
  readonly offset: number;
  /** The chunk that could not be read; equals the stopping place of a clean end. */
  readonly badOffset: number;
  /** What was found at `badOffset`, for people. */
  readonly reason: string;
  /** File offset of the later chunk that proves damage at `badOffset`. */
  readonly provenBy?: number | undefined;
}
