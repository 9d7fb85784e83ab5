/** Replays that must come to the same: cut short or stopped short, skipped or restored. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { copyOf } from '../../../src/lib/bytes/copy.js';
import { GENERATIONS } from '../../../src/lib/engine/generation.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { EntryHead } from '../../../src/lib/raft/entry.js';
import { decodeHardState, encodeHardState } from '../../../src/lib/raft/hard-state.js';
import { RECORD_TYPE, WalDecoder } from '../../../src/lib/raft/wal/decoder.js';
import { WalEncoder } from '../../../src/lib/raft/wal/encoder.js';
import { closeSegments, openSegments } from '../../../src/lib/raft/wal/open-segments.js';
import { listWal, segmentName } from '../../../src/lib/raft/wal/segment-name.js';
import {
  dropFixture,
  fixtureNames,
  readExpect,
  unpackFixture,
  unpackFresh,
} from '../../support/fixtures.js';
import type { RecordedNode } from '../../support/recorded-boot.js';
import { listed, type Listed } from './listed-replay.js';
import { recorderCall } from '../../support/recorder-call.js';

interface Honest extends RecordedNode {
  readonly scenario: RecordedNode['scenario'] & { readonly body?: string };
}

/** Nodes of several voters that nobody has tampered with, whose snapshot holds the whole store. */
function honestNodes(): { name: string; node: Honest }[] {
  return fixtureNames('nodes')
    .map((name) => ({ name, node: readExpect('nodes', name) as Honest }))
    .filter(({ node: { scenario } }) => {
      const { faults, body, voters } = scenario;
      return voters > 1 && (faults ?? []).length === 0 && (body === undefined || body === 'pebble');
    });
}

/** A record as it is compared: where it lies differs between the two logs. */
function shown({ records }: Listed): unknown[] {
  return records.map((record) => ({ ...record, offset: 0, file: '' }));
}

/** The same log up to `last`, as a node would have left it that had committed just so far. */
function shorten(wal: string, last: bigint): void {
  const dir = new FsDir(wal);
  const { segments: names } = listWal(dir);
  const segments = openSegments(dir, names);
  const decoder = new WalDecoder(segments, PROTO_37);
  const encoder = new WalEncoder(PROTO_37);
  const parts = [encoder.crcRecord(), encoder.metadata()];
  while (decoder.next()) {
    if (decoder.type === RECORD_TYPE.crc) decoder.acceptCrcRecord();
    const data = copyOf(decoder.bytes.subarray(decoder.dataFrom, decoder.dataTo));
    if (decoder.type === RECORD_TYPE.entry) {
      const head = new EntryHead();
      head.read(decoder.dataMessage('Entry'));
      if (head.index <= last) parts.push(encoder.record(RECORD_TYPE.entry, data));
    } else if (decoder.type === RECORD_TYPE.state) {
      const state = decodeHardState(data, PROTO_37);
      const commit = (state.commit ?? 0n) < last ? state.commit : last;
      const encoded = encodeHardState({ ...state, commit }, PROTO_37);
      parts.push(encoder.record(RECORD_TYPE.state, encoded));
    } else if (decoder.type === RECORD_TYPE.snapshot) {
      parts.push(encoder.record(RECORD_TYPE.snapshot, data));
    }
  }
  decoder.close();
  closeSegments(segments);
  for (const { name } of names) rmSync(join(wal, name));
  parts.push(new Uint8Array(1 << 12));
  writeFileSync(join(wal, segmentName(0n, 0n)), Buffer.concat(parts));
}

describe('replay: equal ways', () => {
  it('a replay up to an index is the replay of a log that ends there', async () => {
    let compared = 0;
    for (const { name, node } of honestNodes()) {
      if (compared >= 12) break;
      const dir = unpackFixture('nodes', name);
      const input = { ...recorderCall(dir, 'snapshot-pointer', node), wantDigest: true };
      const whole = await listed(input);
      const { boot } = whole.replay;
      const have = boot.fsm.appliedIndex ?? 0n;
      const commit = boot.hardState?.commit ?? 0n;
      const base = boot.snapshot?.index ?? 0n;
      const from = have > base ? have : base;
      dropFixture('nodes', name);
      // A conf change's snapshot depends on what the log holds behind it: retention looks there.
      if (boot.refusal !== null || from + 2n > commit || whole.replay.counts['conf-change'] > 0) {
        continue;
      }
      const until = (from + commit) / 2n;
      const fresh = unpackFresh('nodes', name);
      const stopped = await listed({
        ...recorderCall(fresh, 'snapshot-pointer', node),
        wantDigest: true,
        untilIndex: until,
      });
      shorten(join(fresh, 'n1', 'wal'), until);
      const shorter = await listed({
        ...recorderCall(fresh, 'snapshot-pointer', node),
        wantDigest: true,
      });
      rmSync(fresh, { recursive: true });
      compared++;
      expect(shown(stopped), name).to.deep.equal(shown(shorter));
      expect(shown(stopped), name).to.deep.equal(shown(whole).slice(0, stopped.records.length));
      expect(stopped.replay.boot.store, name).to.deep.equal(shorter.replay.boot.store);
    }
    expect(compared).to.equal(12);
  }).timeout(300_000);

  it('skipping the restore comes to the store that restoring and replaying comes to', async () => {
    let compared = 0;
    let equal = 0;
    for (const { name, node } of honestNodes()) {
      if (compared >= 40) break;
      const dir = unpackFixture('nodes', name);
      const input = { ...recorderCall(dir, 'snapshot-pointer', node), wantDigest: true };
      const { boot: skipped } = (await listed(input)).replay;
      const always = { ...GENERATIONS['snapshot-pointer'], gate: 'never', floor: 'none' } as const;
      const { boot: restored } = (await listed({ ...input, generation: always })).replay;
      dropFixture('nodes', name);
      const commit = skipped.hardState?.commit ?? 0n;
      if (skipped.verdict !== 'boots-skip' || restored.verdict !== 'boots-restore') continue;
      // What was applied above the saved commit is not delivered again.
      if ((skipped.gate.have ?? 0n) > commit) continue;
      compared++;
      expect(restored.store?.keys, name).to.equal(skipped.store?.keys);
      const same = restored.store?.sha256 === skipped.store?.sha256;
      if (same) equal++;
      // The applied index alone may differ: a published snapshot raises it without an entry.
      const index = '_meta_applied_index';
      if (!same) expect(restored.store?.meta[index], name).not.to.equal(skipped.store?.meta[index]);
    }
    process.stdout.write(`    ${equal} of ${compared} to the byte\n`);
    expect(compared).to.equal(40);
    expect(equal).to.be.at.least(compared * 0.8);
  }).timeout(300_000);
});
