import { NO_PACE } from '../../../src/lib/core/pace.js';
import { u64be } from '../../../src/lib/bytes/read.js';
import { concatBytes, putU32be, u64beBytes } from '../../../src/lib/bytes/write.js';
import { crc32c } from '../../../src/lib/checksum/crc32c.js';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { Window } from '../../../src/lib/io/window.js';
import type { KvView } from '../../../src/lib/kv/kv-view.js';
import { checkFsm } from '../../../src/lib/snapshot/crc-check.js';
import { decodeSnapshotHeader } from '../../../src/lib/snapshot/header.js';
import { inspectFsm, verifyFsmCrc } from '../../../src/lib/snapshot/inspect.js';
import { decodeOraclePayload } from '../../../src/lib/snapshot/payload/oracle.js';
import { readStorePayload } from '../../../src/lib/snapshot/store-payload.js';
import { decodeSnapshotData } from '../../../src/lib/snapshot/token.js';
import {
  be64,
  bundle,
  container,
  latin1,
  le32,
  manifestJson,
  manifestOf,
  mvccBody,
  mvccStream,
  pebbleStream,
  tableOf,
  V1,
  type Pair,
} from '../../lib/snapshot/build.js';
import { bytesFormat, wayOf, type Format } from '../format.js';
import { mutated, mutatedInPlace } from '../mutate.js';
import type { Random } from '../random.js';
import { filesLike } from '../samples.js';

const PATH = 'fsm-snap/0000000000000028.fsm';
const FOOTER_BYTES = 4;
const MVCC_HEAD_BYTES = 16;
/** A view has a key filter of 8 MiB: one case in so many makes one. */
const VIEW_SHARE = 128;

/** Looks at every pair, seeks to some, and asks for some: more than any report does. */
export function walkView(view: KvView, most = 2000): number {
  const cursor = view.cursor();
  let count = 0;
  const keys: string[] = [];
  for (let more = cursor.first(); more && count < most; more = cursor.next()) {
    if (count++ % 97 === 0) keys.push(Buffer.from(cursor.key).toString('latin1'));
    if (cursor.value.length < 0) return -1;
  }
  for (const key of keys) {
    view.get(key);
    if (cursor.seek(`${key}\u0000`)) cursor.next();
  }
  return count;
}

function sealed(payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(payload.length + FOOTER_BYTES);
  out.set(payload);
  putU32be(out, payload.length, crc32c(payload));
  return out;
}

const PAIRS: readonly Pair[] = [
  ['_meta_applied_index', Buffer.from('2800000000000000', 'hex')],
  ['a\u00fe\u0061\u008f\u00bb\u0077\u00fd\u00ff\u00ff', Buffer.from('00000000000000000078', 'hex')],
  ['b\u00fe\u0061\u008f\u00bb\u0077\u00fe\u00ff\u00ff', Buffer.from('010000000000000000', 'hex')],
];

const VERSIONS = mvccBody([
  ['a', [{ ts: 5n, value: 'x' }]],
  [
    'b',
    [
      { ts: 9n, value: '', tombstone: 1 },
      { ts: 3n, value: 'yy', expireAt: 7n },
    ],
  ],
]);

function madeBundle(): Uint8Array {
  const rows: Pair[] = PAIRS.slice(1).map(([key, value]) => [key, value]);
  const tables = [tableOf(rows)];
  return bundle(manifestJson(manifestOf(tables)), tables);
}

/** A bundle's manifest is text under a digest: harmed, measured and digested anew. */
function resealedBundle(payload: Uint8Array, random: Random): Uint8Array {
  const jsonAt = 48;
  const length = Number(u64be(payload, 8));
  const json = payload.subarray(jsonAt, jsonAt + length);
  const tables = Uint8Array.from(payload.subarray(jsonAt + length));
  let text: Uint8Array;
  if (random.oneIn(2)) text = mutated(json, random);
  else {
    // Harm in a table, with the manifest telling the truth about it.
    mutatedInPlace(tables, random);
    const digest = createHash('sha256').update(tables).digest('hex');
    text = Buffer.from(
      Buffer.from(json)
        .toString()
        .replace(/[0-9a-f]{64}/, digest),
    );
  }
  const digest = createHash('sha256').update(text).digest();
  return concatBytes(payload.subarray(0, 8), be64(BigInt(text.length)), digest, text, tables);
}

function resealedPayload(payload: Uint8Array, random: Random): Uint8Array {
  const magic = Buffer.from(payload.subarray(0, 8)).toString('latin1');
  if (magic === 'EKVSSTI1') return resealedBundle(payload, random);
  if (magic === 'EKVMVCC2') {
    const body = mutated(payload.subarray(MVCC_HEAD_BYTES), random);
    return concatBytes(payload.subarray(0, 12), le32(crc32(body)), body);
  }
  return mutated(payload, random);
}

async function readPayload(input: Uint8Array): Promise<void> {
  const source = new MemorySource(PATH, input);
  const view = wayOf(input, VIEW_SHARE) === 0;
  const options = { pace: NO_PACE, view, count: true };
  const restored = await readStorePayload(new Window(source), options);
  if (restored.view !== undefined) walkView(restored.view);
}

/** Five readings, the one that makes a view least. */
async function readFsm(input: Uint8Array): Promise<string> {
  const source = new MemorySource(PATH, input);
  const way = wayOf(input, VIEW_SHARE);
  if (way % 4 === 1) {
    await inspectFsm(source, { container: true, pace: NO_PACE });
    return 'inspected';
  }
  if (way % 4 === 2) {
    await verifyFsmCrc(source, undefined);
    return 'verified';
  }
  const mode = way === 0 ? 'restore' : way % 4 === 0 ? 'skip' : 'guard';
  const { restored, failure } = await checkFsm(source, { mode });
  if (restored?.view !== undefined) walkView(restored.view);
  return failure?.code ?? 'value';
}

/** Header and payload below the footer, the payload below its own checksums. */
function resealedFsm(seed: Uint8Array, random: Random): Uint8Array {
  const body = seed.subarray(0, seed.length - FOOTER_BYTES);
  const magic = Buffer.from(body.subarray(0, 8)).toString('latin1');
  const head = magic === 'EKVTHLC1' ? 16 : magic === 'EKVTHLC2' ? 24 : 0;
  if (random.oneIn(3)) return sealed(mutated(body, random));
  return sealed(concatBytes(body.subarray(0, head), resealedPayload(body.subarray(head), random)));
}

const payloads = (): Uint8Array[] => [
  pebbleStream(PAIRS),
  mvccStream(VERSIONS),
  madeBundle(),
  new Uint8Array(0),
];

const SITE = { path: PATH, offset: 0 };

export const SNAPSHOT_FORMATS: readonly Format[] = [
  bytesFormat({
    name: 'fsm-header',
    seeds: () => [V1, concatBytes(latin1('EKVTHLC2'), u64beBytes(5n), u64beBytes(9n))],
    run: (input) => decodeSnapshotHeader(input, SITE),
  }),
  bytesFormat({
    name: 'fsm-token',
    seeds: () => [
      concatBytes(latin1('EKVT'), Uint8Array.of(1), u64beBytes(40n), Uint8Array.of(1, 2, 3, 4)),
    ],
    run: (input) => decodeSnapshotData(input, SITE),
  }),
  bytesFormat({
    name: 'fsm-oracle',
    seeds: () => [u64beBytes(1_780_000_049_219n)],
    run: (input) => decodeOraclePayload(input, SITE),
  }),
  bytesFormat({
    name: 'fsm',
    seeds: () => [...filesLike(/\.fsm$/, 24, 32 << 10)],
    small: () => payloads().map((payload) => container(concatBytes(V1, payload))),
    resealed: resealedFsm,
    run: readFsm,
  }),
  bytesFormat({
    name: 'pebble-stream',
    seeds: () => [pebbleStream(PAIRS)],
    run: readPayload,
  }),
  bytesFormat({
    name: 'mvcc-stream',
    seeds: () => [mvccStream(VERSIONS)],
    resealed: resealedPayload,
    run: readPayload,
  }),
  bytesFormat({
    name: 'sst-bundle',
    seeds: () => [madeBundle()],
    resealed: resealedPayload,
    run: readPayload,
  }),
];
