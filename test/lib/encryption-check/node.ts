/** A whole recorded node as the check takes it, and ways to change one row of a snapshot of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { size64le } from '../../../src/lib/bytes/read.js';
import { putU32be } from '../../../src/lib/bytes/write.js';
import { crc32c } from '../../../src/lib/checksum/crc32c.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { checkEncryption, type EncryptionReport } from '../../../src/lib/encryption-check/check.js';
import {
  kekStateOf,
  sidecarStateOf,
  type KekState,
} from '../../../src/lib/encryption/guard-inputs.js';
import type { BootInput } from '../../../src/lib/engine/boot-input.js';
import type { EncryptionInput } from '../../../src/lib/engine/envelopes.js';
import { NO_ENCRYPTION } from '../../../src/lib/engine/envelopes.js';
import { GENERATIONS } from '../../../src/lib/engine/generation.js';
import { FileSource, FsDir } from '../../../src/lib/io/file-source.js';

export const ENCRYPTED_NODES = ['enc-a', 'enc-b', 'enc-b-second-life'] as const;

export function encryptionOf(dir: string, kek?: KekState): EncryptionInput {
  const path = join(dir, 'encryption', 'keys.json');
  return {
    on: true,
    sidecar: sidecarStateOf(() => new FileSource(path)),
    kek: kek ?? kekStateOf(() => new FileSource(join(dir, 'kek.bin'))),
    sidecarPath: path,
  };
}

export function bootOf(dir: string, encryption: EncryptionInput): BootInput {
  const group = new FsDir(join(dir, 'data', 'n1'));
  return {
    group,
    generation: GENERATIONS['snapshot-pointer'],
    raftId: 'n1',
    peers: [{ id: 'n1', address: '127.0.0.1:50151' }],
    bootstrap: true,
    guards: true,
    encryption,
    groups: [{ id: 1n, dir: group }],
    wantDigest: false,
    onEntry: null,
    nowMs: 1_780_000_000_000n,
    pace: NO_PACE,
  };
}

export function check(dir: string, encryption = encryptionOf(dir)): Promise<EncryptionReport> {
  return checkEncryption({ boot: bootOf(dir, encryption) });
}

export const WITHOUT_KEYS = NO_ENCRYPTION;

/** Two u64, magic: an `EKVPBBL1` stream behind a v1 or v2 header. */
const STREAM_MAGIC = 'EKVPBBL1';

/**
 * Lets `change` at the value of the first encrypted row of a `.fsm` file and mends the footer.
 * @param change changes the value in place; the raw key stands beside it
 */
export function changeFirstEncrypted(
  path: string,
  change: (rawKey: Uint8Array, stored: Uint8Array) => void,
): void {
  const bytes = readFileSync(path);
  let pos = bytes.indexOf(STREAM_MAGIC) + STREAM_MAGIC.length + 8;
  const end = bytes.length - 4;
  while (pos < end) {
    const keyLength = size64le(bytes, pos);
    const key = bytes.subarray(pos + 8, pos + 8 + keyLength);
    pos += 8 + keyLength;
    const valueLength = size64le(bytes, pos);
    const value = bytes.subarray(pos + 8, pos + 8 + valueLength);
    pos += 8 + valueLength;
    if (key[0] === 0x5f || value.length < 43 || (value[0]! & 0x06) !== 0x02) continue;
    change(key, value);
    break;
  }
  putU32be(bytes, end, crc32c(bytes.subarray(0, end)));
  writeFileSync(path, bytes);
}
