/** What log entries and store rows carry: requests, transaction records, envelopes, the sidecar. */
import { parseJson } from '../../../src/lib/bytes/json.js';
import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import { concatBytes, u64beBytes } from '../../../src/lib/bytes/write.js';
import { NODE_AEAD } from '../../../src/lib/encryption/aead.js';
import { SidecarApplier } from '../../../src/lib/encryption/applier.js';
import { decodeEnvelope } from '../../../src/lib/encryption/envelope.js';
import { kekStateOf, sidecarStateOf } from '../../../src/lib/encryption/guard-inputs.js';
import { Kek } from '../../../src/lib/encryption/kek.js';
import { Keystore } from '../../../src/lib/encryption/keystore.js';
import { unwrapRaftPayload, wrapRaftPayload } from '../../../src/lib/encryption/raft-envelope.js';
import { EncryptionScan } from '../../../src/lib/encryption/scan.js';
import { Secret } from '../../../src/lib/encryption/secret.js';
import { parseSidecar, type Sidecar } from '../../../src/lib/encryption/sidecar.js';
import { unwrapKeys } from '../../../src/lib/encryption/unwrap-keys.js';
import { StorageCipher } from '../../../src/lib/encryption/value-cipher.js';
import { decodeEncryptionEntry } from '../../../src/lib/encryption/wire.js';
import {
  decodeRegistryKey,
  decodeRegistryRow,
} from '../../../src/lib/encryption/writer-registry.js';
import { BUILDS } from '../../../src/lib/fsm/build.js';
import { HlcClock } from '../../../src/lib/fsm/clock.js';
import { decodeRaftCommand, decodeRequest } from '../../../src/lib/fsm/request-proto.js';
import { StateMachine } from '../../../src/lib/fsm/state-machine.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { EMPTY_VIEW } from '../../../src/lib/kv/memory-view.js';
import { OverlayStore } from '../../../src/lib/kv/overlay.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import { decodeVersionHeader } from '../../../src/lib/mvcc/version-value.js';
import { decodeMetaRecord } from '../../../src/lib/txn/meta-record.js';
import { decodeCommitRecord, decodeIntent, decodeLock } from '../../../src/lib/txn/records.js';
import { bytesFormat, type Format } from '../format.js';
import { mutated } from '../mutate.js';
import { harmedMessage } from '../protobuf.js';
import type { Random } from '../random.js';
import { filesLike, trees, vectorBytes } from '../samples.js';

const KEK = Secret.copyOf(Buffer.alloc(32, 0x42));
const DEK = Secret.copyOf(Buffer.alloc(32, 0x21));
const KEY_ID = 5;

function keystore(): Keystore {
  const keys = new Keystore();
  keys.load(KEY_ID, DEK);
  return keys;
}

function sidecar(): Sidecar {
  return {
    version: 2,
    raftAppliedIndex: 0n,
    storageEnvelopeActive: true,
    storageEnvelopeCutoverIndex: 1n,
    raftEnvelopeCutoverIndex: 1n,
    active: { storage: KEY_ID, raft: 0 },
    keys: new Map(),
  };
}

/** Every payload the spec's vectors replay; behind the tag byte protobuf, mostly. */
const payloads = (): Uint8Array[] => vectorBytes('payload', 'legacy_payload');

function harmedPayload(seed: Uint8Array, random: Random): Uint8Array {
  const tag = seed[0] ?? 0;
  if (tag > 1) return mutated(seed, random);
  return concatBytes(seed.subarray(0, 1), harmedMessage(seed.subarray(1), random));
}

/** Several payloads in one input, each behind its length, so that they meet in one store. */
function joinedPayloads(random: Random, all: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let n = 2 + random.below(6); n > 0; n--) {
    const seed = random.pick(all);
    const payload = random.oneIn(2) ? seed : harmedPayload(seed, random);
    const length = Math.min(payload.length, 0xffff);
    parts.push(Uint8Array.of(length >> 8, length), payload.subarray(0, length));
  }
  return concatBytes(...parts);
}

function* splitPayloads(input: Uint8Array): Generator<Uint8Array> {
  for (let pos = 0; pos + 2 <= input.length;) {
    const length = ((input[pos] ?? 0) << 8) | (input[pos + 1] ?? 0);
    yield input.subarray(pos + 2, pos + 2 + length);
    pos += 2 + length;
  }
}

function runApply(input: Uint8Array): void {
  for (const build of [BUILDS.A, BUILDS.B]) {
    const keys = keystore();
    const applier = new SidecarApplier({
      kek: new Kek(KEK),
      keys,
      hasSidecarPath: true,
      sidecar: sidecar(),
      storageEpoch: 1,
      raftEpoch: 0,
      rotatedRaftKeyGetsEpoch: true,
      created: '',
    });
    const machine = new StateMachine({
      build,
      store: new OverlayStore(EMPTY_VIEW),
      clock: new HlcClock(),
      cipher: new StorageCipher(keys, applier, { nodeId16: 7, localEpoch: 1 }),
      encryption: applier,
      nowMs: 1_780_000_000_000n,
    });
    let index = 0n;
    for (const payload of splitPayloads(input)) {
      // A halt ends the node.
      if (machine.apply(++index, payload).outcome === 'halt') break;
    }
  }
}

function lists(): Uint8Array[] {
  return payloads().map((payload) =>
    concatBytes(Uint8Array.of(payload.length >> 8, payload.length), payload),
  );
}

let allPayloads: Uint8Array[] | undefined;

function sealedEnvelope(random: Random): Uint8Array {
  const key = NODE_AEAD.key(DEK);
  const payload = random.pick((allPayloads ??= payloads()));
  const sealed = wrapRaftPayload(key, KEY_ID, random.bytes(12), payload);
  return random.oneIn(2) ? sealed : mutated(sealed, random);
}

const SIDECAR = JSON.stringify({
  version: 2,
  raft_applied_index: 7,
  storage_envelope_active: true,
  active: { storage: 5, raft: 6 },
  keys: {
    5: { purpose: 'storage', wrapped: 'AAEC', created: '2026-01-01T00:00:00Z', local_epoch: 1 },
  },
});

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  'null',
  'true',
  '-0',
  '1e400',
  '18446744073709551616',
  '-1',
  '"5"',
  '"\\ud800"',
  '"\\u0000"',
  '\\',
  '{"5":{}}',
  '"keys"',
  '"KEYS"',
  '[[[[',
  '1.0',
  '\u00a0',
];

/** Text cut at its own marks, with members repeated, dropped, or replaced. */
function harmedJson(seed: Uint8Array, random: Random): Uint8Array {
  const parts = Buffer.from(seed)
    .toString('utf8')
    .split(/(?<=[{}[\],:])/);
  for (let n = 1 + random.small(4); n > 0; n--) {
    const at = random.below(parts.length);
    if (random.oneIn(3)) parts.splice(at, 1 + random.small(3));
    else if (random.oneIn(2)) parts.splice(at, 0, random.pick(TOKENS));
    else parts.splice(at, 0, ...parts.slice(at, at + 1 + random.small(6)));
  }
  const text = Buffer.from(parts.join(''), 'utf8');
  return random.oneIn(200) ? Buffer.concat([Buffer.alloc(20_000, '['), text]) : text;
}

const sidecars = (): Uint8Array[] => [Buffer.from(SIDECAR), ...filesLike(/keys\.json$/, 20)];

function runSidecar(input: Uint8Array): void {
  sidecarStateOf(() => new MemorySource('keys.json', input));
  const parsed = parseSidecar(input, 'keys.json');
  unwrapKeys(parsed, new Kek(KEK));
}

export const STATE_FORMATS: readonly Format[] = [
  bytesFormat({
    name: 'request',
    seeds: () => vectorBytes('protobuf'),
    resealed: harmedMessage,
    run: (input) => decodeRequest(input, 0),
  }),
  bytesFormat({
    name: 'raft-command',
    seeds: () => payloads().map((payload) => payload.subarray(1)),
    resealed: harmedMessage,
    run: (input) => decodeRaftCommand(input, 0),
  }),
  bytesFormat({
    name: 'apply',
    seeds: lists,
    resealed: (_seed, random) => joinedPayloads(random, (allPayloads ??= payloads())),
    run: runApply,
  }),
  bytesFormat({
    name: 'txn-records',
    seeds: () => vectorBytes('value').filter((bytes) => bytes.length > 8),
    run: (input) =>
      [decodeMetaRecord, decodeLock, decodeIntent, decodeCommitRecord].map((decode) =>
        decode(input),
      ),
  }),
  bytesFormat({
    name: 'version-value',
    seeds: () => vectorBytes('stored_value', 'store'),
    run: (input) => decodeVersionHeader(input),
  }),
  bytesFormat({
    name: 'envelope',
    seeds: () => vectorBytes('envelope'),
    resealed: (_seed, random) => sealedEnvelope(random),
    run: (input) => {
      decodeEnvelope(input);
      const opened = unwrapRaftPayload(keystore(), input);
      if (!(opened instanceof Fault)) decodeEncryptionEntry(opened);
      const scan = new EncryptionScan({ keys: keystore() }, () => undefined);
      scan.entry(1n, input);
      scan.row(
        concatBytes(Uint8Array.of(97), u64beBytes(9n)),
        concatBytes(Uint8Array.of(2), u64beBytes(0n), input),
      );
      scan.row(input.subarray(0, 9), input);
      scan.finish();
    },
  }),
  bytesFormat({
    name: 'encryption-entry',
    seeds: () =>
      vectorBytes('payload').filter(([tag]) => tag !== undefined && tag >= 3 && tag <= 7),
    run: (input) => decodeEncryptionEntry(input),
  }),
  bytesFormat({
    name: 'writer-registry',
    seeds: () => [
      Buffer.concat([Buffer.from('!encryption|writers|'), Buffer.from('00000005d4c0', 'hex')]),
      Buffer.from('08b37b07b558d4c000070007', 'hex'),
    ],
    run: (input) => [decodeRegistryKey(input), decodeRegistryRow(input), toByteString(input)],
  }),
  bytesFormat({ name: 'sidecar', seeds: sidecars, resealed: harmedJson, run: runSidecar }),
  bytesFormat({
    name: 'json',
    seeds: sidecars,
    resealed: harmedJson,
    run: (input) => [
      parseJson(input, { path: 'x.json' }),
      parseJson(input, { path: 'x.json', duplicates: 'reject' }),
    ],
  }),
  bytesFormat({
    name: 'kek',
    seeds: () =>
      trees('guards').flatMap((tree) =>
        [...tree].flatMap(([path, bytes]) => (path.endsWith('kek.bin') ? [bytes] : [])),
      ),
    run: (input) =>
      kekStateOf(() => Object.assign(new MemorySource('kek.bin', input), { mode: 0o400 })),
  }),
];
