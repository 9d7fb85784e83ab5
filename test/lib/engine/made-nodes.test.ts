/** Nodes made from a small recorded one, for what no recording shows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { concatBytes, putU32le, putU64le } from '../../../src/lib/bytes/write.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { predictBoot } from '../../../src/lib/engine/boot.js';
import type { BootReport } from '../../../src/lib/engine/boot-report.js';
import { NO_ENCRYPTION } from '../../../src/lib/engine/envelopes.js';
import { GENERATIONS } from '../../../src/lib/engine/generation.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { KIND } from '../../../src/lib/pebble/base/internal-key.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { WalEncoder } from '../../../src/lib/raft/wal/encoder.js';
import { closeSegments } from '../../../src/lib/raft/wal/open-segments.js';
import { segmentName } from '../../../src/lib/raft/wal/segment-name.js';
import { surveyLog, type LogSurvey } from '../../../src/lib/write/log-survey.js';
import { databaseOf } from '../pebble/db/made-databases.js';
import { writeRecords } from '../pebble/record/write-records.js';
import { smallGroup } from '../write/writers.js';

type Files = Map<string, Uint8Array>;

function readTree(root: string): Files {
  const files: Files = new Map();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(root, path), readFileSync(path));
  }
  return files;
}

/** `fsm.db` of one row: the applied index, little-endian. */
function storeApplied(files: Files, index: bigint): void {
  for (const name of files.keys()) if (name.startsWith('fsm.db/')) files.delete(name);
  const key = Buffer.from('_meta_applied_index');
  const value = new Uint8Array(8);
  putU64le(value, 0, index);
  const header = new Uint8Array(12);
  putU64le(header, 0, 10n);
  putU32le(header, 8, 1);
  const batch = concatBytes(
    header,
    Uint8Array.of(KIND.SET, key.length),
    key,
    Uint8Array.of(value.length),
    value,
  );
  const wal = writeRecords([batch], 'recyclable', 2, { trailer: true });
  for (const [name, bytes] of databaseOf(new Uint8Array(0), { '000002.log': wal })) {
    files.set(`fsm.db/${name}`, bytes);
  }
}

function boot(files: Files): Promise<BootReport> {
  const group = new MemoryDir('n1', files);
  return predictBoot({
    group,
    generation: GENERATIONS['snapshot-pointer'],
    raftId: 'n1',
    peers: [{ id: 'n1', address: '127.0.0.1:50151' }],
    bootstrap: true,
    guards: false,
    encryption: NO_ENCRYPTION,
    groups: [{ id: 1n, dir: group }],
    wantDigest: false,
    onEntry: null,
    nowMs: 1_780_000_000_000n,
    pace: NO_PACE,
  });
}

describe('engine: nodes made for what no recording shows', () => {
  let sound: Files;
  let survey: LogSurvey;
  let last: string;
  let snapshotIndex: bigint;

  before(() => {
    sound = readTree(smallGroup());
    survey = surveyLog(new MemoryDir('n1', sound), PROTO_37);
    closeSegments(survey.segments);
    last = `wal/${survey.segments.at(-1)?.name ?? ''}`;
    snapshotIndex = survey.content.start.index;
  });

  const term = (): bigint => (survey.content.hardState.term ?? 0n) + 1n;

  /** Entries up to `commit`, all committed; those above `small` have 1 MiB between them. */
  function grown(small: bigint, large: bigint): Files {
    const files = new Map(sound);
    const encoder = new WalEncoder(PROTO_37, survey.content.crc);
    const parts = [files.get(last) ?? new Uint8Array(0)];
    for (let index = survey.last + 1n; index <= small + large; index++) {
      const data = index > small ? new Uint8Array((1 << 19) + 1) : undefined;
      parts.push(encoder.entry({ type: undefined, term: term(), index, data }));
    }
    parts.push(encoder.hardState({ term: term(), vote: 1n, commit: small + large }));
    files.set(last, concatBytes(...parts));
    return files;
  }

  const told = (report: BootReport, code: string): string[] =>
    report.findings.filter((f) => f.code === code).map((f) => f.message);

  it('a second snapshot while the replay runs: far ahead of the first, and more than a page', async () => {
    const have = snapshotIndex + 10_000n;
    const enough = grown(have, 2n);
    storeApplied(enough, have);
    const [message] = told(await boot(enough), 'snapshot-during-replay');
    expect(message).to.contain(`entries ${have + 1n} to ${have + 2n} fill more than one page`);
    expect(message).to.contain(`${have} is 10000 above the snapshot`);
    const onePage = grown(have, 1n);
    storeApplied(onePage, have);
    expect(told(await boot(onePage), 'snapshot-during-replay')).to.deep.equal([]);
    const nearer = grown(have, 2n);
    storeApplied(nearer, have - 1n);
    expect(told(await boot(nearer), 'snapshot-during-replay')).to.deep.equal([]);
  });

  it('a snapshot record that lies before the segments that are read', async () => {
    const files = new Map(sound);
    const encoder = new WalEncoder(PROTO_37, survey.content.crc);
    const entry = { type: undefined, term: term(), index: snapshotIndex + 1n, data: undefined };
    const state = { term: term(), vote: 1n, commit: snapshotIndex + 1n };
    const bytes = concatBytes(encoder.continuation(state), encoder.save([entry], state));
    files.set(`wal/${segmentName(1n, snapshotIndex)}`, bytes);
    const report = await boot(files);
    expect(told(report, 'wal-snapshot-not-found')).to.deep.equal([
      `no snapshot record at ${snapshotIndex} in the segments that are read`,
    ]);
    expect(told(await boot(sound), 'wal-snapshot-not-found')).to.deep.equal([]);
  });
});
