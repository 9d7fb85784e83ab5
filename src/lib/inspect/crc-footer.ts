import { u32be } from '../bytes/read.js';
import { crc32c } from '../checksum/crc32c.js';
import { readRange, type ByteSource } from '../io/byte-source.js';
import { Window } from '../io/window.js';
import { FSM_FOOTER_BYTES } from '../snapshot/fsm-file.js';

/** Whether the last four bytes are the CRC32C of those before: the file is a `.fsm` container. */
export function crcFooterMatches(source: ByteSource): boolean {
  const end = source.size - FSM_FOOTER_BYTES;
  if (end < 0) return false;
  const stored = u32be(readRange(source, end, FSM_FOOTER_BYTES), 0);
  const window = new Window(source, 0, end);
  let crc = 0;
  while (window.left > 0) crc = crc32c(window.takeUpTo(window.left), crc);
  return crc === stored;
}
