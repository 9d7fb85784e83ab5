/** Every recorded node, both generations: order and answers of the applies, and nothing left out. */
import { join } from 'node:path';
import { expect } from 'chai';
import { hex } from '../../../src/lib/bytes/hex.js';
import type { GenerationName } from '../../../src/lib/engine/generation.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { PROTO_36, PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { RECORD_TYPE, WalDecoder } from '../../../src/lib/raft/wal/decoder.js';
import { EntryHead } from '../../../src/lib/raft/entry.js';
import { closeSegments, openSegments } from '../../../src/lib/raft/wal/open-segments.js';
import { listWal } from '../../../src/lib/raft/wal/segment-name.js';
import { dropFixture, fixtureNames, readExpect, unpackFixture } from '../../support/fixtures.js';
import type { RecordedApply, RecordedBoot, RecordedNode } from '../../support/recorded-boot.js';
import { listed, type Listed } from './listed-replay.js';
import { recorderCall } from '../../support/recorder-call.js';

/** Applies as the recorder wrote them, in the words of a record. */
function appliesDiffer({ records }: Listed, recorded: readonly RecordedApply[]): string[] {
  const lines: string[] = [];
  const applied = records.filter((record) => record.applied);
  if (applied.length !== recorded.length) {
    lines.push(`applies: ${applied.length}, recorded ${recorded.length}`);
  }
  for (const [i, apply] of recorded.entries()) {
    const record = applied[i];
    if (record === undefined) break;
    const same =
      record.told === apply.told &&
      (!apply.told || String(record.index) === apply.index) &&
      record.payloadLength === apply.payloadLen &&
      record.payloadSha256 === apply.payloadSha256 &&
      String(record.ceilingMs) === apply.ceilingAfter;
    if (!same) lines.push(`apply ${i}: index ${record.index}`);
    const failed = record.error !== null || record.requests.some(({ error }) => error !== null);
    const failedThere = apply.error !== undefined || (apply.errors ?? []).some((e) => e !== null);
    if (failed !== failedThere) lines.push(`apply ${i}: failed ${failed}`);
  }
  return lines;
}

/** Entry records in all segments up to the first damage, counted by a reader of its own. */
function entriesInWal(group: FsDir, generation: GenerationName): number {
  if (group.stat('wal')?.kind !== 'directory') return 0;
  const wal = group.dir('wal');
  const segments = openSegments(wal, listWal(wal).segments);
  const dialect = generation === 'snapshot-pointer' ? PROTO_37 : PROTO_36;
  const decoder = new WalDecoder(segments, dialect);
  let entries = 0;
  try {
    while (decoder.next()) {
      if (decoder.type === RECORD_TYPE.crc && !decoder.acceptCrcRecord()) break;
      if (decoder.type < 1 || decoder.type > 5) break;
      if (decoder.type !== RECORD_TYPE.entry) continue;
      try {
        new EntryHead().read(decoder.dataMessage('Entry'));
      } catch {
        break;
      }
      entries++;
    }
  } finally {
    decoder.close();
    closeSegments(segments);
  }
  return entries;
}

function outOfOrder({ records }: Listed): string[] {
  const lines: string[] = [];
  for (let i = 1; i < records.length; i++) {
    const [before, record] = [records[i - 1]!, records[i]!];
    if (record.index < before.index) lines.push(`${record.index} after ${before.index}`);
    const older = before.disposition === 'superseded';
    if (record.index === before.index && !older) lines.push(`${record.index} twice`);
  }
  return lines;
}

function uncounted(list: Listed, inWal: number): string[] {
  const { replay, records } = list;
  const lines: string[] = [];
  const sum = Object.values(replay.counts).reduce((a, b) => a + b, 0);
  if (sum !== records.length) lines.push(`counts say ${sum}, there are ${records.length}`);
  if (replay.inLog + replay.made !== records.length) lines.push('inLog and made do not add up');
  if (replay.inLog !== inWal) lines.push(`${replay.inLog} records, the log has ${inWal}`);
  return lines;
}

function unlike({ replay, records }: Listed): string[] {
  const lines: string[] = [];
  const { entries } = replay.boot;
  for (const [word, count] of Object.entries(entries)) {
    // The engine counts only what it has read and come to.
    if (['uncommitted', 'in-snapshot', 'superseded'].includes(word)) continue;
    const here = records.filter(({ disposition }) => disposition === word).length;
    if (here !== count) lines.push(`${word}: ${here}, the boot says ${count}`);
  }
  return lines;
}

describe('replay: recorded nodes', () => {
  it('applies in the recorded order, and every record of every log once', async () => {
    const broken: string[] = [];
    let replays = 0;
    let entries = 0;
    for (const name of fixtureNames('nodes')) {
      const node = readExpect('nodes', name) as RecordedNode;
      const dir = unpackFixture('nodes', name);
      for (const [generation, recorded] of Object.entries(node.outcomes)) {
        replays++;
        const input = recorderCall(dir, generation as GenerationName, node);
        const list = await listed(input);
        entries += list.records.length;
        const group = new FsDir(join(dir, 'n1'));
        const legacy = !hasWal(group);
        const lines = [
          ...(died(recorded) ? [] : appliesDiffer(list, recorded.applies ?? [])),
          ...outOfOrder(list),
          ...uncounted(
            list,
            legacy ? list.replay.inLog : entriesInWal(group, generation as GenerationName),
          ),
          ...unlike(list),
        ];
        if (lines.length > 0) broken.push(`${name} ${generation}\n    ${lines.join('\n    ')}`);
      }
      dropFixture('nodes', name);
    }
    process.stdout.write(`    ${replays - broken.length} of ${replays}, ${entries} entries\n`);
    expect(broken.join('\n  ')).to.equal('');
  }).timeout(600_000);

  it('what is only read has the digest of what is applied elsewhere', async () => {
    const name = fixtureNames('nodes').find((each) => each.startsWith('r'))!;
    const node = readExpect('nodes', name) as RecordedNode;
    const dir = unpackFixture('nodes', name);
    const { records, details } = await listed(recorderCall(dir, 'committed-tail', node));
    for (const [i, record] of records.entries()) {
      const { payload } = details[i]!;
      expect(payload?.length ?? null).to.equal(record.payloadLength);
      for (const { keyHex } of record.requests) {
        if (keyHex !== null) expect(hex(payload!)).to.include(keyHex);
      }
    }
  });
});

function died({ crash, openError, halt }: RecordedBoot): boolean {
  return crash !== undefined || (openError ?? halt)?.names.includes('PANIC') === true;
}

function hasWal(group: FsDir): boolean {
  return group.stat('wal')?.kind === 'directory' && listWal(group.dir('wal')).exists;
}
