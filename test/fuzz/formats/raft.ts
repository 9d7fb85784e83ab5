import { isDeepStrictEqual } from 'node:util';
import { u32le } from '../../../src/lib/bytes/read.js';
import { concatBytes, putU32le } from '../../../src/lib/bytes/write.js';
import { crc32c } from '../../../src/lib/checksum/crc32c.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { PROTO_36, PROTO_37, type ProtoDialect } from '../../../src/lib/proto/dialect.js';
import { WireWriter } from '../../../src/lib/proto/wire-writer.js';
import {
  asV2,
  decodeConfChange,
  decodeConfChangeContext,
  decodeConfChangeV2,
} from '../../../src/lib/raft/conf-change.js';
import { decodeConfState } from '../../../src/lib/raft/conf-state.js';
import { decodeEntry } from '../../../src/lib/raft/entry.js';
import { decodeHardState } from '../../../src/lib/raft/hard-state.js';
import {
  placeEntries,
  readLegacyEntries,
  readLegacyMeta,
  readLegacyState,
} from '../../../src/lib/raft/legacy/legacy-files.js';
import { isPeersRefusal, normalisePeers, peerBytes } from '../../../src/lib/raft/peers/peer.js';
import { encodePeersFile, readPeersFile } from '../../../src/lib/raft/peers/peers-file.js';
import { decodeProposal } from '../../../src/lib/raft/proposal.js';
import { decodeRaftSnapshot } from '../../../src/lib/raft/raft-snapshot.js';
import { decodeSnapFile, isSnapFailure } from '../../../src/lib/raft/snap/snap-file.js';
import { RECORD_TYPE, WalDecoder } from '../../../src/lib/raft/wal/decoder.js';
import { WalEncoder } from '../../../src/lib/raft/wal/encoder.js';
import { EntryData } from '../../../src/lib/raft/wal/entry-data.js';
import { walkFrames } from '../../../src/lib/raft/wal/frame-walk.js';
import { FRAME_BYTES } from '../../../src/lib/raft/wal/frame.js';
import { readAll, type WalContent } from '../../../src/lib/raft/wal/read-all.js';
import { planRepair, scanCutLoss } from '../../../src/lib/raft/wal/repair-plan.js';
import { ScanLedger } from '../../../src/lib/raft/wal/scan-ledger.js';
import { decodeSnapshotRecord } from '../../../src/lib/raft/wal/snapshot-record.js';
import { scanSnapshots } from '../../../src/lib/raft/wal/snapshot-scan.js';
import { scanTail } from '../../../src/lib/raft/wal/tail.js';
import { bytesFormat, wayOf, type Format } from '../format.js';
import { edge, mutated, mutatedInPlace } from '../mutate.js';
import { harmedMessage } from '../protobuf.js';
import type { Random } from '../random.js';
import { filesLike, trees } from '../samples.js';
import { smallLegacyEntries, smallLegacyStates, smallWals } from '../small-logs.js';

const NAME = '0000000000000000-0000000000000000.wal';
const BOTH = [PROTO_36, PROTO_37];

interface Rec {
  type: number;
  data: Uint8Array | undefined;
}

/** The records of a sound segment; stops at the first that is not. */
function recordsOf(bytes: Uint8Array): Rec[] {
  const decoder = new WalDecoder([{ name: NAME, source: new MemorySource(NAME, bytes) }], PROTO_37);
  const records: Rec[] = [];
  while (decoder.next()) {
    if (decoder.type === RECORD_TYPE.crc) decoder.acceptCrcRecord();
    const data =
      decoder.type === RECORD_TYPE.crc
        ? undefined
        : decoder.bytes.slice(decoder.dataFrom, decoder.dataTo);
    records.push({ type: decoder.type, data: data?.length === 0 ? undefined : data });
  }
  decoder.close();
  return records;
}

function harmRecords(records: Rec[], random: Random): void {
  for (let n = 1 + random.small(4); n > 0 && records.length > 0; n--) {
    const at = random.below(records.length);
    const record = records[at];
    if (record === undefined) return;
    switch (random.below(8)) {
      case 0:
        record.type = random.oneIn(2) ? random.below(8) : Number(edge(random) & 0x7fff_ffffn);
        break;
      case 1:
        records.splice(at, 1 + random.small(3));
        break;
      case 2:
        records.splice(random.below(records.length), 0, { ...record });
        break;
      default:
        record.data = harmedMessage(record.data ?? new Uint8Array(0), random);
    }
  }
}

/** The log written again with the chain of checksums intact, then perhaps torn. */
export function resealedWal(seed: Uint8Array, random: Random): Uint8Array {
  const records = recordsOf(seed);
  harmRecords(records, random);
  const encoder = new WalEncoder(PROTO_37);
  const parts = records.map(({ type, data }) =>
    type === RECORD_TYPE.crc ? encoder.crcRecord() : encoder.record(type, data),
  );
  let bytes = concatBytes(...parts, new Uint8Array(random.pick([0, 7, 600, 4096])));
  if (random.oneIn(4)) mutatedInPlace(bytes, random);
  if (random.oneIn(6)) bytes = bytes.subarray(0, random.below(bytes.length + 1));
  // A length that lies in front of a sound record.
  if (random.oneIn(8) && bytes.length > FRAME_BYTES) {
    putU32le(bytes, random.below(bytes.length / 8) * 8, Number(edge(random) & 0xffff_ffffn));
  }
  return bytes;
}

function readEntries(input: Uint8Array, dialect: ProtoDialect, fromSnapshot: boolean): string {
  const segment = { name: NAME, source: new MemorySource(NAME, input) };
  const ledger = new ScanLedger([segment]);
  const scan = scanSnapshots([segment], dialect, {}, [ledger]);
  const zero = { index: 0n, term: 0n };
  const start = fromSnapshot ? (scan.valid.at(-1) ?? zero) : zero;
  const content = readAll([segment], start, dialect);
  const kept = ledger.content(scan, start, 1);
  if (kept !== undefined && !isDeepStrictEqual(plain(kept), plain(content))) {
    throw new Error('what the scan has kept is not what reading the log says');
  }
  const data = new EntryData(new MemoryDir('wal', new Map([[NAME, input]])));
  for (let row = 0; row < content.entries.length; row++) data.read(content.entries, row);
  data.close();
  return content.end.kind;
}

function plain({ entries, superseded, ...content }: WalContent): object {
  return { ...content, rows: [...entries.rows()], superseded: [...superseded.rows()] };
}

function walkAll(input: Uint8Array, dialect: ProtoDialect): string {
  const source = new MemorySource(NAME, input);
  let end = 0;
  for (const frame of walkFrames(source, dialect)) end = frame.offset + frame.length;
  if (end !== input.length) throw new Error(`frames end at ${end} of ${input.length}`);
  scanTail(source, Math.min(64, input.length));
  return 'walked';
}

/** One of four readings under one of two dialects. */
function runWal(input: Uint8Array): string {
  const way = wayOf(input, 8);
  const dialect = way % 2 === 0 ? PROTO_36 : PROTO_37;
  switch (way >> 1) {
    case 0:
      return walkAll(input, dialect);
    case 1: {
      const segment = { name: NAME, source: new MemorySource(NAME, input) };
      const plan = planRepair(segment, dialect);
      if (plan.kind === 'cut') scanCutLoss(segment, plan, dialect, 10n);
      return `repair ${plan.kind}`;
    }
    default:
      return readEntries(input, dialect, way >> 1 === 2);
  }
}

export function resealedSnap(seed: Uint8Array, random: Random): Uint8Array {
  const file = decodeSnapFile(seed, PROTO_37);
  if (isSnapFailure(file)) return mutated(seed, random);
  // Outer message: 1 crc, 2 data; the data are the seed's last bytes in the written form.
  const data = harmedMessage(snapData(seed), random);
  const outer = new WireWriter().varint(1, crc32c(data)).bytes(2, data).finish();
  return random.oneIn(8) ? harmedMessage(outer, random, 0) : outer;
}

function snapData(seed: Uint8Array): Uint8Array {
  for (let pos = 2; pos < 12; pos++) {
    for (const width of [1, 2, 3, 4]) {
      const data = seed.subarray(pos + width);
      let length = 0;
      for (let i = 0; i < width; i++) length |= ((seed[pos + i] ?? 0) & 0x7f) << (7 * i);
      if (length === data.length && seed[pos - 1] === 0x12) return data;
    }
  }
  return seed;
}

/** Data of the records of that type in all sampled segments. */
function recordData(type: number): Uint8Array[] {
  const all = filesLike(/\.wal$/, 12).flatMap(recordsOf);
  return all.flatMap((record) => (record.type === type && record.data ? [record.data] : []));
}

function proto(
  name: string,
  seeds: () => Uint8Array[],
  decode: (input: Uint8Array) => void,
): Format {
  return bytesFormat({ name, seeds, resealed: harmedMessage, run: decode });
}

const ENTRY = Buffer.from('100218022200', 'hex');
const CONF_STATE = Buffer.from('0801080210032005', 'hex');

function legacy(
  name: string,
  file: RegExp,
  read: (source: MemorySource) => void,
  small?: () => Uint8Array[],
): Format {
  return bytesFormat({
    name,
    ...(small === undefined ? {} : { small }),
    seeds: () =>
      trees('nodes').flatMap((tree) =>
        [...tree].flatMap(([path, bytes]) => (file.test(path) ? [bytes] : [])),
      ),
    // A length that is right again, so that the message behind it is read.
    resealed: (seed, random) => {
      const head = 8 + 4;
      if (seed.length < head) return undefined;
      const length = u32le(Uint8Array.from(seed.subarray(8, 12)).reverse(), 0);
      const message = harmedMessage(seed.subarray(head, head + length), random);
      const prefix = Buffer.alloc(4);
      prefix.writeUInt32BE(message.length);
      return concatBytes(seed.subarray(0, 8), prefix, message, seed.subarray(head + length));
    },
    run: (input) => read(new MemorySource(name, input)),
  });
}

export const RAFT_FORMATS: readonly Format[] = [
  bytesFormat({
    name: 'wal',
    seeds: () => filesLike(/\.wal$/, 24, 10 << 10),
    small: smallWals,
    resealed: resealedWal,
    run: runWal,
  }),
  proto(
    'wal-entry',
    () => [ENTRY, ...recordData(RECORD_TYPE.entry)],
    (input) => {
      for (const dialect of BOTH) {
        const { data } = decodeEntry(input, dialect);
        if (data !== undefined) decodeProposal(data);
      }
    },
  ),
  proto(
    'wal-hard-state',
    () => recordData(RECORD_TYPE.state),
    (input) => {
      for (const dialect of BOTH) decodeHardState(input, dialect);
    },
  ),
  proto(
    'wal-snapshot-record',
    () => recordData(RECORD_TYPE.snapshot),
    (input) => {
      for (const dialect of BOTH) decodeSnapshotRecord(input, dialect);
    },
  ),
  proto(
    'conf-state',
    () => [CONF_STATE],
    (input) => {
      for (const dialect of BOTH) decodeConfState(input, dialect);
    },
  ),
  proto(
    'conf-change',
    () => [Buffer.from('08011001180222026e31', 'hex')],
    (input) => {
      for (const dialect of BOTH) {
        const change = asV2(decodeConfChange(input, dialect));
        decodeConfChangeContext(change.context, 1n);
      }
    },
  ),
  proto(
    'conf-change-v2',
    () => [Buffer.from('08011204080110021a026e31', 'hex')],
    (input) => {
      for (const dialect of BOTH) {
        const change = decodeConfChangeV2(input, dialect);
        for (const { nodeId } of change.changes) decodeConfChangeContext(change.context, nodeId);
      }
    },
  ),
  bytesFormat({
    name: 'snap',
    seeds: () => filesLike(/\.snap$/, 24, 16 << 10),
    resealed: resealedSnap,
    run: (input) => {
      let word = '';
      for (const dialect of BOTH) {
        const file = decodeSnapFile(input, dialect);
        word = isSnapFailure(file) ? file.code : 'value';
      }
      return word;
    },
  }),
  proto(
    'raft-snapshot',
    () => filesLike(/\.snap$/, 12, 16 << 10).map(snapData),
    (input) => {
      for (const dialect of BOTH) decodeRaftSnapshot(input, dialect);
    },
  ),
  bytesFormat({
    name: 'peers',
    seeds: () => filesLike(/etcd-raft-peers\.bin$/, 40),
    run: (input) => {
      const file = readPeersFile(new MemorySource('etcd-raft-peers.bin', input));
      encodePeersFile(file);
      const id = peerBytes('n1');
      const local = { nodeId: 0n, id, address: peerBytes('a:1'), suffrage: undefined };
      isPeersRefusal(normalisePeers(file.peers, local, 'file'));
    },
  }),
  legacy(
    'legacy-state',
    /etcd-raft-state\.bin$/,
    (source) => {
      for (const dialect of BOTH) {
        const { entries, snapshot } = readLegacyState(source, dialect);
        placeEntries(entries, snapshot.metadata?.index ?? 0n);
      }
    },
    smallLegacyStates,
  ),
  legacy('legacy-meta', /etcd-raft-meta\.bin$/, (source) => {
    for (const dialect of BOTH) readLegacyMeta(source, dialect);
  }),
  legacy(
    'legacy-entries',
    /etcd-raft-entries\.bin$/,
    (source) => {
      for (const dialect of BOTH) placeEntries(readLegacyEntries(source, dialect), 3n);
    },
    smallLegacyEntries,
  ),
];
