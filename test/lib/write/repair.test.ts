import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { NO_ENCRYPTION, NO_ENVELOPES } from '../../../src/lib/engine/envelopes.js';
import { targetOf } from '../../../src/lib/io/atomic-target.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { PROTO_36, PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { confStateOfVoters } from '../../../src/lib/raft/conf-state.js';
import { encodeSnapFile } from '../../../src/lib/raft/snap/snap-file.js';
import { snapName } from '../../../src/lib/raft/snap/snap-name.js';
import { WalEncoder } from '../../../src/lib/raft/wal/encoder.js';
import { closeSegments } from '../../../src/lib/raft/wal/open-segments.js';
import { carryOut } from '../../../src/lib/write/carry-out.js';
import { surveyLog, type LogSurvey } from '../../../src/lib/write/log-survey.js';
import { predict, type NodeQuestion } from '../../../src/lib/write/prediction.js';
import {
  countLoss,
  planRepairedCopy,
  surveyRepair,
  type RepairOption,
  type RepairSurvey,
} from '../../../src/lib/write/repair.js';
import type { CutWish } from '../../../src/lib/write/wal-cut.js';
import { tempDir } from '../../support/fixtures.js';
import { makeLog, mixedData } from '../raft/wal/log-maker.js';
import { etcdOracles } from './etcd-oracle.js';
import { digestOfTree, stateOf } from './tree-state.js';
import { BY, smallGroup } from './writers.js';

const NODE: CutWish = { kind: 'node' };
const LAST_VALID: CutWish = { kind: 'last-valid' };

const QUESTION: NodeQuestion = {
  raftId: 'n1',
  peers: ['1', '2', '3'].map((n) => ({ id: `n${n}`, address: `127.0.0.1:5005${n}` })),
  bootstrap: true,
  guards: false,
  encryption: NO_ENCRYPTION,
  groupId: 1n,
  others: [],
  nowMs: 0n,
  wantDigest: true,
  pace: NO_PACE,
};

let sound: string;
let survey: LogSurvey;

/** A copy of the sound dir that a test may damage, and its last segment. */
function copyOfSound(): { root: string; segment: string } {
  const root = join(tempDir('repair'), 'n1');
  cpSync(sound, root, { recursive: true });
  return { root, segment: join(root, 'wal', survey.segments.at(-1)!.name) };
}

function flip(path: string, offset: number): void {
  const byte = readFileSync(path)[offset]!;
  const fd = openSync(path, 'r+');
  writeSync(fd, Uint8Array.of(byte ^ 0x5a), 0, 1, offset);
  closeSync(fd);
}

function ask(root: string, ...wishes: CutWish[]): RepairSurvey {
  return surveyRepair({ root, wishes, dialect: PROTO_37, envelopes: NO_ENVELOPES });
}

function possible(found: RepairSurvey, at = 0): RepairOption {
  const option = found.options[at]!;
  if ('why' in option) throw new Error(option.why);
  return option;
}

/** Either etcd takes the copy as it is: the entries up to the cut to the byte, term and vote. */
function readsBack(original: string, fixed: string, option: RepairOption): void {
  for (const { ask: read, version } of etcdOracles()) {
    const [was, is] = [read(original), read(fixed)];
    const errors = [is.scanError, is.snapError, is.read.error, is.write.error];
    expect(errors, version).to.deep.equal(['', '', '', '']);
    const kept = was.read.entries.filter(({ index }) => BigInt(index) <= option.last);
    expect(kept.length, version).to.be.above(0);
    expect(is.write, version).to.deep.equal(is.read);
    expect(is.write.entries, version).to.deep.equal(kept);
    const { term = 0n, vote = 0n, commit = 0n } = option.kept ?? option.hardState;
    expect(is.write.state, version).to.deep.equal({
      term: String(term),
      vote: String(vote),
      commit: String(commit),
    });
  }
}

function refusedAs(found: RepairSurvey, at = 0): string | undefined {
  const option = found.options[at]!;
  return 'why' in option ? option.code : undefined;
}

async function write(
  root: string,
  option: RepairOption,
  applied: bigint | null,
  dialect = PROTO_37,
): Promise<string> {
  const target = targetOf(join(tempDir('fixed'), 'out'), 'directory');
  const plan = planRepairedCopy(root, option, applied, dialect);
  await carryOut(plan, target, { by: BY });
  expect(stateOf(target)).to.equal('complete');
  return target.path;
}

function codesOf(root: string, found: RepairSurvey, at = 0): string[] {
  const plan = planRepairedCopy(root, possible(found, at), found.applied, PROTO_37);
  return plan.findings.map(({ code }) => code);
}

describe('write: repair-wal', function () {
  this.timeout(120_000);

  before(() => {
    sound = smallGroup();
    survey = surveyLog(new FsDir(sound), PROTO_37);
    closeSegments(survey.segments);
  });

  it('a sound log needs none', () => {
    const found = ask(sound, NODE, LAST_VALID);
    expect(refusedAs(found)).to.equal('repair-not-needed');
    expect(refusedAs(found, 1)).to.equal('repair-not-needed');
  });

  it('a torn tail is cut where the node cuts it, and the result boots as the original', async () => {
    const { root, segment } = copyOfSound();
    const rows = survey.content.entries;
    const lastRow = rows.row(rows.length - 1);
    truncateSync(segment, lastRow.dataOffset + 1);
    const digestBefore = digestOfTree(root);
    const found = ask(root, NODE, LAST_VALID);
    const option = possible(found);
    expect(option.cut.offset).to.equal(lastRow.frameOffset);
    expect(possible(found, 1).cut.offset).to.equal(lastRow.frameOffset);
    const fixed = await write(root, option, found.applied);
    const bytes = readFileSync(join(fixed, 'wal', option.cut.segment));
    expect(bytes.length).to.equal(lastRow.frameOffset);
    expect(bytes.equals(readFileSync(segment).subarray(0, bytes.length))).to.equal(true);
    const before = await predict(new FsDir(root), ['snapshot-pointer'], QUESTION);
    const after = await predict(new FsDir(fixed), ['snapshot-pointer'], QUESTION);
    expect(before[0]!.report.verdict).to.equal('boots-after-repair');
    expect(after[0]!.report.verdict).to.match(/^boots-(skip|restore)$/);
    expect(after[0]!.report.counters).to.deep.equal(before[0]!.report.counters);
    expect(after[0]!.report.store).to.deep.equal(before[0]!.report.store);
    expect(digestOfTree(root)).to.equal(digestBefore);
    readsBack(sound, fixed, option);
  });

  it('wrong bits are refused by the node; the other way names every entry it loses', async () => {
    const { root, segment } = copyOfSound();
    const rows = survey.content.entries;
    const bad = rows.length - 4;
    const row = rows.row(bad);
    flip(segment, row.dataOffset + row.dataLength - 1);
    const found = ask(root, NODE, LAST_VALID);
    expect(refusedAs(found)).to.equal('repair-node-refuses');
    const option = possible(found, 1);
    expect(option.cut.offset).to.equal(row.frameOffset);
    expect(option.last).to.equal(row.index - 1n);
    expect(option.loss.entries.map(({ index }) => index)).to.deep.equal(
      [0, 1, 2, 3].map((i) => row.index + BigInt(i)),
    );
    expect(option.loss.entries[0]!.intact).to.equal(false);
    expect(option.loss.entries.slice(1).every(({ intact }) => intact)).to.equal(true);
    const [before] = await predict(new FsDir(root), ['snapshot-pointer'], QUESTION);
    expect(before!.report.verdict).to.equal('refuses');
    const fixed = await write(root, option, found.applied);
    const [after] = await predict(new FsDir(fixed), ['snapshot-pointer'], QUESTION);
    expect(after!.report.verdict).to.match(/^boots-/);
    expect(after!.report.hardState?.commit).to.equal(
      option.kept?.commit ?? option.hardState.commit,
    );
    expect(after!.report.log?.last).to.equal(option.last);
    readsBack(sound, fixed, option);
  });

  it('the node forgets a vote that lies behind a torn record; the other way keeps it', () => {
    const { root, segment } = copyOfSound();
    const encoder = new WalEncoder(PROTO_37, survey.content.crc);
    const { hardState } = survey.content;
    const term = (hardState.term ?? 0n) + 5n;
    const sound = readFileSync(segment);
    const torn = encoder.entry({
      type: undefined,
      term,
      index: survey.last + 1n,
      data: Buffer.alloc(2048, 0x55),
    });
    const state = encoder.hardState({ term, vote: 9n, commit: hardState.commit ?? 0n });
    const bytes = Buffer.concat([sound, torn, state]);
    const sector = 512 * Math.ceil((sound.length + 512) / 512);
    bytes.fill(0, sector, sector + 512);
    writeFileSync(segment, bytes);
    const found = ask(root, NODE, LAST_VALID);
    const [node, kept] = [possible(found), possible(found, 1)];
    expect(node.cut.offset).to.equal(sound.length);
    expect(codesOf(root, found)).to.include('repair-forgets-vote');
    const plan = planRepairedCopy(root, node, found.applied, PROTO_37);
    const finding = plan.findings.find(({ code }) => code === 'repair-forgets-vote');
    expect(finding?.message).to.equal(`term ${term}, vote 9 behind the cut are forgotten`);
    expect(kept.kept).to.include({ term, vote: 9n });
    expect(codesOf(root, found, 1)).to.not.include('repair-forgets-vote');
  });

  it('cut behind an index: that is the last entry, and term and vote stay', async () => {
    const wanted = survey.last - 5n;
    const found = ask(sound, { kind: 'index', index: wanted });
    const option = possible(found);
    expect(option.last).to.equal(wanted);
    expect(option.loss.entries.map(({ index }) => index)).to.deep.equal(
      [1n, 2n, 3n, 4n, 5n].map((i) => wanted + i),
    );
    const { term, vote, commit = 0n } = survey.content.hardState;
    const state = option.kept ?? option.hardState;
    expect([state.term, state.vote]).to.deep.equal([term, vote]);
    const known = [commit, found.applied ?? 0n].reduce((a, b) => (a > b ? a : b));
    const committed = option.loss.entries.filter((entry) => entry.committed);
    expect(committed.every(({ index }) => index <= known)).to.equal(true);
    expect(countLoss(option.loss).committed).to.equal(committed.length);
    const stored = option.loss.entries.filter(({ inStore }) => inStore);
    expect(stored.every(({ index }) => index <= (found.applied ?? 0n))).to.equal(true);
    for (const dialect of [PROTO_36, PROTO_37]) {
      const fixed = await write(sound, option, found.applied, dialect);
      expect(readFileSync(join(fixed, 'wal', option.cut.segment)).length).to.equal(64_000_000);
      readsBack(sound, fixed, option);
    }
  });

  it('says what is lost: requests with keys and commit timestamps', () => {
    const found = ask(sound, { kind: 'index', index: survey.start.index });
    const { entries } = possible(found).loss;
    expect(entries.length).to.equal(survey.content.entries.length);
    const requests = entries.flatMap((entry) => entry.requests);
    expect(requests.some(({ keysHex }) => keysHex.length > 0)).to.equal(true);
    const raw = requests.filter(({ phase }) => phase === 'raw');
    expect(raw.every(({ commitTs, ts }) => commitTs === ts)).to.equal(true);
    const prepared = requests.filter(({ phase }) => phase === 'prepare');
    expect(prepared.every(({ commitTs }) => commitTs === null)).to.equal(true);
  });

  it('a log cut below the store is named as a danger', () => {
    const found = ask(sound, { kind: 'index', index: survey.start.index });
    const codes = codesOf(sound, found);
    const applied = found.applied ?? 0n;
    expect(codes.includes('repair-store-ahead')).to.equal(applied > survey.start.index);
    expect(codes).to.include('repair-loses-committed');
  });

  it('refuses an index outside of the log', () => {
    const at = (index: bigint): string | undefined =>
      refusedAs(ask(sound, { kind: 'index', index }));
    expect(at(survey.start.index - 1n)).to.equal('repair-cut-outside');
    expect(at(survey.last + 1n)).to.equal('repair-cut-outside');
    expect(at(survey.last)).to.equal('repair-cut-outside');
  });
});

describe('write: repair-wal over several segments', () => {
  interface Made {
    readonly root: string;
    readonly log: ReturnType<typeof makeLog>;
  }

  /** Three segments and nothing else of a group dir but what is there to be taken over. */
  function made(): Made {
    const log = makeLog({ perSegment: [6, 6, 6], dataOf: mixedData, zeros: 512 }, PROTO_37);
    const root = join(tempDir('made'), 'n1');
    mkdirSync(join(root, 'wal'), { recursive: true });
    for (const { name, bytes } of log.segments) writeFileSync(join(root, 'wal', name), bytes);
    return { root, log };
  }

  /** With a `.snap` for the snapshot record, without which etcd begins at 0. */
  function withSnap(root: string): string {
    const metadata = { confState: confStateOfVoters([7n]), index: 1n, term: 1n };
    mkdirSync(join(root, 'snap'), { recursive: true });
    const bytes = encodeSnapFile({ data: undefined, metadata }, PROTO_37);
    writeFileSync(join(root, 'snap', snapName(1n, 1n)), bytes);
    return root;
  }

  it('damage in the middle drops what lies behind it, later segments too', async () => {
    const { root, log } = made();
    const middle = log.segments[1]!;
    const border = middle.borders[7]!;
    flip(join(root, 'wal', middle.name), border + 20);
    const found = ask(root, NODE, LAST_VALID);
    expect(refusedAs(found)).to.equal('repair-node-refuses');
    const option = possible(found, 1);
    expect([option.cut.segment, option.cut.offset]).to.deep.equal([middle.name, border]);
    expect(option.loss.segments).to.deep.equal([middle.name, log.segments[2]!.name]);
    const fixed = await write(root, option, null);
    const after = surveyLog(new FsDir(fixed), PROTO_37);
    closeSegments(after.segments);
    expect(after.segments.map(({ name }) => name)).to.deep.equal(
      log.segments.slice(0, 2).map(({ name }) => name),
    );
    expect(after.content.end.kind).to.equal('preallocated');
    expect(after.last).to.equal(option.last);
    // The newest vote lies in the third segment and is kept; the commit cannot be.
    expect(after.content.hardState.vote).to.equal(7n);
    expect(after.content.hardState.commit).to.equal(option.last);
    const lost = option.loss.entries.map(({ index }) => index);
    expect(lost.at(-1)).to.equal(log.last);
    expect(BigInt(lost.length)).to.equal(log.last - option.last);
    readsBack(withSnap(made().root), withSnap(fixed), option);
  });

  it('a segment whose head breaks the chain goes as a whole', async () => {
    const { root, log } = made();
    const [, second, third] = log.segments;
    flip(join(root, 'wal', third!.name), 12);
    const option = possible(ask(root, LAST_VALID));
    expect(option.cut.segment).to.equal(second!.name);
    expect(option.cut.offset).to.equal(second!.bytes.length);
    const fixed = await write(root, option, null);
    const after = surveyLog(new FsDir(fixed), PROTO_37);
    closeSegments(after.segments);
    expect(after.content.end.kind).to.equal('preallocated');
    expect(after.last).to.equal(option.last);
    expect(option.loss.segments).to.include(third!.name);
    readsBack(withSnap(made().root), withSnap(fixed), option);
  });

  it('every place of one bad byte leaves a log that reads to its end', async () => {
    const { root, log } = made();
    for (const [i, { name, bytes, borders }] of log.segments.entries()) {
      for (const border of borders.slice(0, -1)) {
        const path = join(root, 'wal', name);
        flip(path, border + 9);
        const found = ask(root, LAST_VALID);
        const [option] = found.options;
        if (option !== undefined && !('why' in option)) {
          const plan = planRepairedCopy(root, option, null, PROTO_37, 4096);
          const target = targetOf(join(tempDir('each'), 'out'), 'directory');
          await carryOut(plan, target, { by: BY });
          const after = surveyLog(new FsDir(target.path), PROTO_37);
          closeSegments(after.segments);
          expect(after.content.end.kind, `${name} @${border}`).to.be.oneOf([
            'preallocated',
            'end-of-file',
          ]);
          // Without the snapshot's record the log has no beginning to count from.
          const whole = after.start.index === 1n;
          if (whole) expect(after.last, `${name} @${border}`).to.equal(option.last);
        } else {
          // Nothing in front of it that could stay, or a byte that no checksum covers.
          expect(i === 0 || found.end.kind !== 'torn', `${name} @${border}`).to.equal(true);
        }
        writeFileSync(path, bytes);
      }
    }
  });
});
