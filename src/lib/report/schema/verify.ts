/** `ekv verify-crc`: stages, checks, and every byte accounted for. */
import { anyOf, count, list, named, object, text, u64, word } from './declare.js';

const BYTES = {
  there: u64(),
  checked: u64(),
  skipped: u64(),
  unreadable: u64(),
} as const;

const STATUS = word(['ok', 'attention', 'damaged', 'unreadable', 'skipped']);

const VERIFIED = named(
  'verified',
  object({
    path: text('As given.'),
    kind: text('What stands there.'),
    bytes: object(BYTES, 'checked + skipped + unreadable = there.'),
    stages: list(
      object({
        name: text(),
        status: STATUS,
        checks: count(),
        files: count(),
        bytes: object(BYTES),
        detail: text(),
      }),
    ),
    checks: list(object({ stage: text(), file: text(), status: STATUS, detail: text() })),
    files: list(object({ file: text(), stage: text(), ...BYTES })),
  }),
);

export const VERIFY = anyOf(VERIFIED, object({ items: list(VERIFIED, 'One per path.') }));
