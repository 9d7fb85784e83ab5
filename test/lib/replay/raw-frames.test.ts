/** Frames over damaged copies of recorded logs: every byte is accounted for, every ending named. */
import { join } from 'node:path';
import { expect } from 'chai';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import type { WalSegment } from '../../../src/lib/raft/wal/decoder.js';
import { isRecord, type WalkedFrame } from '../../../src/lib/raft/wal/frame-walk.js';
import { listWal } from '../../../src/lib/raft/wal/segment-name.js';
import {
  listFrames,
  type RawOverwrite,
  type RawSegment,
} from '../../../src/lib/replay/raw-frames.js';
import { surveyWal } from '../../../src/lib/replay/wal-survey.js';
import { fixtureNames, unpackFixture } from '../../support/fixtures.js';
import { madeLog } from './made-log.js';

interface Walked {
  readonly frames: { segment: string; frame: WalkedFrame; overwrites: RawOverwrite | null }[];
  readonly segments: RawSegment[];
}

async function walk(segments: readonly WalSegment[]): Promise<Walked> {
  const walked: Walked = { frames: [], segments: [] };
  const sink = {
    frame: (segment: string, frame: WalkedFrame, overwrites: RawOverwrite | null): void => {
      walked.frames.push({ segment, frame, overwrites });
    },
    segment: (segment: RawSegment): void => {
      walked.segments.push(segment);
    },
  };
  await listFrames(segments, PROTO_37, sink, NO_PACE);
  return walked;
}

/** Frames and gaps lie side by side from the first byte to the last, and the sums say the same. */
function expectWhole(walked: Walked, segments: readonly WalSegment[]): void {
  expect(walked.segments.map(({ segment }) => segment)).to.deep.equal(segments.map((s) => s.name));
  for (const [i, { name, source }] of segments.entries()) {
    let at = 0;
    for (const { segment, frame } of walked.frames) {
      if (segment !== name) continue;
      expect(frame.offset).to.equal(at);
      at += frame.length;
    }
    expect(at).to.equal(source.size);
    const { bytes, size } = walked.segments[i]!;
    expect(bytes.frames + bytes.zeros + bytes.unreadable).to.equal(size);
  }
}

function recordedSegment(): { name: string; bytes: Uint8Array; end: number } {
  const fixture = fixtureNames('nodes').find((name) => name.startsWith('r'))!;
  const wal = new FsDir(join(unpackFixture('nodes', fixture), 'n1', 'wal'));
  const [first] = listWal(wal).segments;
  const source = wal.open(first!.name);
  // Zeros behind the log add nothing but time.
  const bytes = new Uint8Array(Math.min(source.size, 1 << 17));
  source.readAt(0, bytes);
  source.close();
  let end = bytes.length;
  while (bytes[end - 1] === 0) end--;
  return { name: first!.name, bytes: bytes.subarray(0, end + 512), end };
}

describe('replay: frames of a log', () => {
  const { name, bytes, end } = recordedSegment();
  const whole = (content: Uint8Array): WalSegment[] => [
    { name, source: new MemorySource(name, content) },
  ];

  it('a sound log has sound frames and zeros behind them', async () => {
    const segments = whole(bytes);
    const walked = await walk(segments);
    expectWhole(walked, segments);
    expect(walked.segments[0]).to.include({ ending: 'preallocated', damaged: 0, end: null });
    expect(walked.frames.at(-1)!.frame.kind).to.equal('zeros');
    const survey = await surveyWal(segments, PROTO_37, NO_PACE);
    const entries = walked.frames.filter(({ frame }) => isRecord(frame) && frame.entry);
    expect(entries.length).to.equal(survey.entries);
  });

  it('cut at every byte of the last 600: torn or sealed, as the node reads it', async () => {
    const endings = new Map<string, number>();
    for (let at = end - 600; at <= end; at++) {
      const segments = whole(bytes.subarray(0, at));
      const walked = await walk(segments);
      expectWhole(walked, segments);
      const { ending, endOffset } = walked.segments[0]!;
      const survey = await surveyWal(segments, PROTO_37, NO_PACE);
      expect(ending).to.equal(survey.end.kind === 'torn' ? 'torn' : 'sealed');
      expect(endOffset).to.equal(survey.end.offset);
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
    }
    expect(endings.get('torn')).to.be.above(500);
    expect(endings.get('sealed')).to.be.above(2);
  });

  it('a bit flipped in any record is seen, and the frames behind it are found again', async () => {
    const { frames } = await walk(whole(bytes));
    const records = frames.filter(({ frame }) => isRecord(frame)).map(({ frame }) => frame);
    let seen = 0;
    for (const [i, record] of records.entries()) {
      const broken = Uint8Array.from(bytes);
      const at = record.offset + 8 + ((i * 7) % (record.length - 8));
      broken[at]! ^= 1 << (i % 8);
      const segments = whole(broken);
      const walked = await walk(segments);
      expectWhole(walked, segments);
      const behind = records.slice(i + 2).map(({ offset }) => offset);
      const found = new Set(walked.frames.map(({ frame }) => frame.offset));
      const lost = behind.filter((offset) => !found.has(offset));
      expect(lost.length, `record ${i} @${record.offset}, byte ${at}`).to.equal(0);
      if (walked.segments[0]!.damaged > 0 || walked.segments[0]!.bytes.unreadable > 0) seen++;
    }
    // Padding and the type byte are outside of the CRC: a flip there can pass.
    expect(seen).to.be.above(records.length * 0.7);
  });

  it('says what a record overwrites, and goes on with the chain in the next segment', async () => {
    const indexes = [1n, 2n, 3n, 4n, 2n, 3n, 1n];
    const segments = madeLog(
      indexes.map((index) => ({ index })),
      1n,
      [4],
    );
    const walked = await walk(segments);
    expectWhole(walked, segments);
    const overwrites = walked.frames.filter((each) => each.overwrites !== null);
    expect(overwrites.map((each) => each.overwrites)).to.deep.equal([
      { from: 2n, to: 4n },
      { from: 1n, to: 3n },
    ]);
    expect(walked.segments.map(({ ending }) => ending)).to.deep.equal(['sealed', 'preallocated']);
    expect(walked.segments.map(({ damaged }) => damaged)).to.deep.equal([0, 0]);
  });

  it('behind damage later segments are not reached, and their frames are shown', async () => {
    const segments = madeLog(
      Array.from({ length: 6 }, (_, i) => ({ index: BigInt(i + 1) })),
      1n,
      [2, 2],
    );
    const [first] = segments;
    const content = Uint8Array.from((first!.source as MemorySource).bytes);
    content[content.length - 20]! ^= 4;
    segments[0] = { name: first!.name, source: new MemorySource(first!.name, content) };
    const walked = await walk(segments);
    expectWhole(walked, segments);
    const [one, ...others] = walked.segments;
    expect(one!.ending).to.equal('corrupt');
    expect(others.map(({ ending }) => ending)).to.deep.equal(['not-reached', 'not-reached']);
    expect(others.map(({ damaged }) => damaged)).to.deep.equal([0, 0]);
  });
});
