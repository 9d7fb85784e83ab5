/**
 * Every recorded boot against what these formats say on their own: the error text where the raft
 * half ends the boot, else S, C, T and term. No engine is involved, so boots that ended for another
 * reason, and what happens after delivery, are left to the engine's tests.
 */
import { expect } from 'chai';
import { join } from 'node:path';
import { FsDir } from '../../../src/lib/io/file-source.js';
import type { DirSource } from '../../../src/lib/io/dir-source.js';
import { ToolError } from '../../../src/lib/core/errors.js';
import { SubSource, type ByteSource } from '../../../src/lib/io/byte-source.js';
import { emptyConfState, type ConfState } from '../../../src/lib/raft/conf-state.js';
import { isPanic } from '../../../src/lib/raft/configuration.js';
import { createRaftCore } from '../../../src/lib/raft/core-check.js';
import { isEmptyHardState, type HardState } from '../../../src/lib/raft/hard-state.js';
import {
  LEGACY_FILES,
  placeEntries,
  readLegacyEntries,
  readLegacyMeta,
  readLegacyState,
  type LegacyMeta,
} from '../../../src/lib/raft/legacy/legacy-files.js';
import { checkConfState } from '../../../src/lib/raft/peers/membership.js';
import {
  isPeersRefusal,
  nodeIdOf,
  normalisePeers,
  peerBytes,
  type Peer,
} from '../../../src/lib/raft/peers/peer.js';
import { readPeersFile, type PeersFile } from '../../../src/lib/raft/peers/peers-file.js';
import { WalEncoder } from '../../../src/lib/raft/wal/encoder.js';
import { ENTRY_TYPE } from '../../../src/lib/raft/entry.js';
import { EntryTable } from '../../../src/lib/raft/wal/entry-table.js';
import { PROTO_36, PROTO_37, type ProtoDialect } from '../../../src/lib/proto/dialect.js';
import { chooseSnapshot } from '../../../src/lib/raft/snap/choose.js';
import {
  isSelectionRefusal,
  listWal,
  selectSegments,
} from '../../../src/lib/raft/wal/segment-name.js';
import { closeSegments, openSegments } from '../../../src/lib/raft/wal/open-segments.js';
import { scanSnapshots } from '../../../src/lib/raft/wal/snapshot-scan.js';
import {
  lastIndexOf,
  readAll,
  writeModeError,
  type WalContent,
} from '../../../src/lib/raft/wal/read-all.js';
import { planRepair, type RepairCut } from '../../../src/lib/raft/wal/repair-plan.js';
import { isClean } from '../../../src/lib/raft/wal/wal-end.js';
import { dropFixture, fixtureNames, readExpect, unpackFixture } from '../../support/fixtures.js';

interface Outcome {
  readonly openError?: { readonly text: string };
  readonly crash?: string;
  readonly gate: { readonly snapshotIndex: string } | null;
  readonly commitIndex: string;
  readonly lastLogIndex: string;
  readonly term: string;
  readonly filesAfter: readonly string[];
  readonly configuration: readonly string[] | null;
}

type RaftHalf =
  /** `late`: raft's own storage and core, behind the restore. */
  | { readonly error: string; readonly late?: boolean }
  | {
      readonly s: bigint;
      readonly c: bigint;
      readonly t: bigint;
      readonly hardState: HardState;
      readonly confState: ConfState | undefined;
      /** The repair that was needed, where it cut and nothing but an election follows. */
      readonly cut?: RepairCut | undefined;
    };

/** An all-zero hard state counts as C = S (§6.6). */
function commitOf(hardState: HardState, s: bigint): bigint {
  return isEmptyHardState(hardState) ? s : (hardState.commit ?? 0n);
}

function walHalf(group: DirSource, dialect: ProtoDialect): RaftHalf | undefined {
  const snap = group.stat('snap');
  if (snap && snap.kind !== 'directory') return { error: 'mkdir DIR/snap: not a directory' };
  const wal = group.dir('wal');
  if (group.stat('wal')?.kind !== 'directory') return undefined;
  const listing = listWal(wal);
  if (!listing.exists) return undefined;
  if (listing.segments.length === 0) return { error: 'wal: file not found' };
  const all = openSegments(wal, listing.segments);
  try {
    const scan = scanSnapshots(all, dialect);
    if (scan.end.kind === 'corrupt') return { error: scan.end.nodeError };
    const snapDir = group.dir('snap');
    const choice =
      group.stat('snap')?.kind === 'directory'
        ? chooseSnapshot(snapDir, scan.valid, dialect)
        : undefined;
    if (choice?.refusal !== undefined) return { error: choice.refusal };
    const start = choice?.chosen ?? { index: 0n, term: 0n };
    const selected = selectSegments(listing.segments, start.index);
    if (isSelectionRefusal(selected)) return { error: selected.nodeError };
    let segments = all.slice(all.length - selected.length);
    let cut: RepairCut | undefined;
    let content: WalContent = readAll(segments, start, dialect);
    if (content.end.kind === 'torn') {
      const last = segments.at(-1)!;
      const plan = planRepair(last, dialect);
      if (plan.kind === 'refuse') {
        return { error: `WAL unrepairable: ${content.end.nodeError}` };
      }
      if (plan.kind === 'cut') {
        cut = plan;
        const source = new SubSource(last.source, 0, plan.offset);
        segments = [...segments.slice(0, -1), { name: last.name, source }];
      }
      content = readAll(segments, start, dialect);
      if (!isClean(content.end)) {
        return { error: `WAL unrepairable after repair: ${writeModeError(content)}` };
      }
    }
    const error = writeModeError(content);
    if (error !== undefined) return { error };
    const { hardState } = content;
    const confState = choice?.chosen?.snapshot.metadata?.confState;
    const c = commitOf(hardState, start.index);
    // Conf changes would add records of their own behind the cut.
    const changes = [...content.entries.rows()].some(({ type }) => type !== ENTRY_TYPE.normal);
    const t = lastIndexOf(content);
    return { s: start.index, c, t, hardState, confState, cut: changes ? undefined : cut };
  } finally {
    closeSegments(all);
  }
}

const LOCAL: Peer = {
  nodeId: nodeIdOf(peerBytes('n1')),
  id: peerBytes('n1'),
  address: peerBytes('127.0.0.1:50051'),
  suffrage: undefined,
};

function flagPeers(voters: number): Peer[] {
  const three = ['n1', 'n2', 'n3'].map((id, i): Peer => ({
    nodeId: 0n,
    id: peerBytes(id),
    address: peerBytes(`127.0.0.1:${50051 + i}`),
    suffrage: undefined,
  }));
  return voters === 1 ? three.slice(0, 1) : three;
}

interface Peers {
  readonly file: PeersFile | undefined;
  readonly list: readonly Peer[];
}

/** §6.2: the peers file replaces the flags; both are normalised. */
function peersOf(group: DirSource, voters: number, newest: 2 | 3): Peers | { error: string } {
  let file: PeersFile | undefined;
  if (group.stat('etcd-raft-peers.bin') !== undefined) {
    const source = group.open('etcd-raft-peers.bin');
    try {
      file = readPeersFile(source, newest);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return { error: error.nodeError! };
    } finally {
      source.close();
    }
  }
  const given = file?.peers ?? flagPeers(voters);
  const list = normalisePeers(given.length === 0 ? [LOCAL] : given, LOCAL, file ? 'file' : 'flags');
  return isPeersRefusal(list) ? { error: list.refusal } : { file, list };
}

/** §6.9 rows, without the migration itself: snapshot, hard state and entries raft starts from. */
function legacyHalf(group: DirSource, dialect: ProtoDialect): RaftHalf | undefined {
  const use = <T>(name: string, read: (source: ByteSource) => T): T => {
    const source = group.open(name);
    try {
      return read(source);
    } finally {
      source.close();
    }
  };
  const has = (name: string): boolean => group.stat(name) !== undefined;
  try {
    let meta: LegacyMeta;
    let entries = new EntryTable([]);
    if (has(LEGACY_FILES.meta)) {
      meta = use(LEGACY_FILES.meta, (source) => readLegacyMeta(source, dialect));
      if (has(LEGACY_FILES.entries)) {
        entries = use(LEGACY_FILES.entries, (source) => readLegacyEntries(source, dialect));
      }
    } else if (has(LEGACY_FILES.state)) {
      const state = use(LEGACY_FILES.state, (source) => readLegacyState(source, dialect));
      meta = state;
      entries = state.entries;
    } else return undefined;
    const s = meta.snapshot.metadata?.index ?? 0n;
    const placed = placeEntries(entries, s);
    if ('panic' in placed) return { error: placed.panic, late: true };
    const { hardState } = meta;
    const confState = meta.snapshot.metadata?.confState;
    return { s, c: commitOf(hardState, s), t: placed.last, hardState, confState };
  } catch (error) {
    if (!(error instanceof ToolError) || error.nodeError === undefined) throw error;
    return { error: error.nodeError };
  }
}

/** What ends the boot first, of what the raft half can know; undefined: nothing. */
function endOfBoot(half: RaftHalf, peers: Peers): { error: string; late: boolean } | undefined {
  if ('error' in half) return { error: half.error, late: half.late ?? false };
  const refusal = checkConfState(half.s, half.confState, peers.list, peers.file);
  if (refusal) return { error: refusal.refusal, late: true };
  const core = createRaftCore({
    nodeId: LOCAL.nodeId,
    confState: half.confState ?? emptyConfState(),
    base: half.s,
    last: half.t,
    hardState: half.hardState,
    floor: 0n,
  });
  return isPanic(core) ? { error: core.panic, late: true } : undefined;
}

/** Texts that only the raft half produces. */
const RAFT_ERROR = new RegExp(
  [
    '^(wal|walpb|proto|WAL|openAtIndex|failed to remove orphaned|EOF$|invalid etcd|persisted|peer )',
    'etcd raft p',
    'node id collides',
    '^unsupported etcd raft',
    'is out of range',
    '^missing log entry',
  ].join('|'),
);

function normal(text: string): string {
  return text.replaceAll('\u00a0', ' ').replaceAll(/(DIR|\/\S*)\/n1/g, 'DIR');
}

/** After a cut the file grows by exactly what a sole voter's election appends (§6.7). */
function electionSize(
  half: Extract<RaftHalf, { s: bigint }>,
  dialect: ProtoDialect,
  outcome: Outcome,
): string | undefined {
  if (half.cut === undefined) return undefined;
  const { segment, offset, crc } = half.cut;
  const encoder = new WalEncoder(dialect, crc);
  const term = half.hardState.term ?? 0n;
  encoder.election({ term, commit: half.c, last: half.t }, LOCAL.nodeId);
  const expected = `n1/wal/${segment} ${offset + encoder.bytesWritten}`;
  const found = outcome.filesAfter.find((line) => line.startsWith(`n1/wal/${segment} `));
  return found === expected ? 'elected behind a cut' : `WRONG size ${expected} / ${found}`;
}

function compare(half: RaftHalf, peers: Peers, dialect: ProtoDialect, outcome: Outcome): string {
  const recorded = normal(outcome.openError?.text ?? '');
  const ended = endOfBoot(half, peers);
  if (ended) {
    if (recorded === normal(ended.error)) return 'error';
    // A restore comes before the checks of peers and core, and may have refused.
    const earlier = ended.late && recorded !== '' && !RAFT_ERROR.test(recorded);
    return earlier ? 'restore error' : `WRONG error: ${ended.error} / ${recorded}`;
  }
  if (RAFT_ERROR.test(recorded)) return `WRONG: recorded ${recorded}`;
  if ('error' in half) return 'WRONG';
  if (outcome.gate && BigInt(outcome.gate.snapshotIndex) !== half.s) {
    return `index ${half.s} ${outcome.gate.snapshotIndex}`;
  }
  if (recorded !== '' || outcome.crash !== undefined) return 'restore error';
  const c = BigInt(outcome.commitIndex);
  const t = BigInt(outcome.lastLogIndex);
  const term = half.hardState.term ?? 0n;
  const recordedTerm = BigInt(outcome.term);
  if (c === half.c && t === half.t && recordedTerm === term) return 'counters';
  const elected = recordedTerm === term + 1n && t === half.t + 1n && c === t;
  if (elected && outcome.configuration?.length === 1) {
    return electionSize(half, dialect, outcome) ?? 'elected';
  }
  return `WRONG counters ${half.c} ${half.t} ${term} / ${c} ${t} ${recordedTerm}`;
}

describe('raft half of the recorded boots', () => {
  it('agrees with every recorded boot that finds a WAL or legacy state', () => {
    const tally = new Map<string, number>();
    const odd: string[] = [];
    for (const name of fixtureNames('nodes')) {
      const group = new FsDir(join(unpackFixture('nodes', name), 'n1'));
      const { outcomes, scenario } = readExpect('nodes', name) as Expected;
      for (const [generation, outcome] of Object.entries(outcomes)) {
        const old = generation === 'committed-tail';
        const verdict = judge(group, old, scenario.voters, outcome);
        const key = /^(WRONG|index)/.exec(verdict)?.[0] ?? verdict;
        tally.set(key, (tally.get(key) ?? 0) + 1);
        if (/^(WRONG|index)/.test(verdict)) odd.push(`${name} ${generation}: ${verdict}`);
      }
      dropFixture('nodes', name);
    }
    if (process.env['EKV_TALLY'] !== undefined) {
      process.stderr.write(`${JSON.stringify([...tally])}\n`);
    }
    expect(odd).to.deep.equal([]);
    expect(tally.get('counters')).to.be.greaterThan(500);
    expect(tally.get('error')).to.be.greaterThan(100);
    expect(tally.get('elected behind a cut')).to.be.greaterThan(5);
  });
});

interface Expected {
  readonly outcomes: Readonly<Record<string, Outcome>>;
  readonly scenario: { readonly voters: number };
}

function judge(group: DirSource, old: boolean, voters: number, outcome: Outcome): string {
  const dialect = old ? PROTO_36 : PROTO_37;
  const peers = peersOf(group, voters, old ? 2 : 3);
  if ('error' in peers) {
    const recorded = outcome.openError?.text ?? '';
    return recorded === peers.error ? 'error' : `WRONG peers: ${peers.error} / ${recorded}`;
  }
  const half = walHalf(group, dialect) ?? legacyHalf(group, dialect);
  return half === undefined ? 'new node' : compare(half, peers, dialect, outcome);
}
