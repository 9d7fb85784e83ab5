/**
 * `upgrade-header`: a `.fsm` with another header, and every `.snap` whose token names it, together
 * (spec/snapshot-files.md §3, §6). The raft log needs no change.
 */
import { UsageError } from '../core/errors.js';
import type { Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import { bytesPiece } from '../io/atomic-content.js';
import { checkSource as checkPath } from '../io/atomic-target.js';
import type { TreeFile } from '../io/atomic-tree.js';
import { stampFile } from '../io/atomic-walk.js';
import { FsDir } from '../io/file-source.js';
import { isSnapName } from '../raft/snap/snap-name.js';
import { fsmFileName, parseFsmFileName } from '../snapshot/fsm-file.js';
import { decodeSnapshotData, type FsmToken } from '../snapshot/token.js';
import type { WritePlan } from './carry-out.js';
import { findSnapshot } from './chosen-snapshot.js';
import { checkSource, rewriteFsm, type RewrittenFsm, type SoundFsm } from './fsm-rewrite.js';
import { copyOfGroup, withFiles } from './group-copy.js';
import { changedHeader, type HeaderWish } from './header-change.js';
import { readTokenSnap, withTokenCrc, type TokenSnap } from './snap-rewrite.js';

export interface SnapChange {
  /** Below the result. */
  readonly path: string;
  readonly token: FsmToken;
}

export interface UpgradePlan extends WritePlan {
  readonly from: SoundFsm;
  readonly to: RewrittenFsm;
  /** Of the `.fsm` below the result. */
  readonly fsmPath: string;
  readonly index: bigint | undefined;
  readonly snaps: readonly SnapChange[];
  readonly findings: readonly Finding[];
}

/**
 * The pair a boot would use, in a complete copy of the group dir.
 * @throws {UsageError}, {FsmFault}, {CorruptionError}, {IoError}: a refusal by name
 */
export async function planGroupUpgrade(
  root: string,
  wish: HeaderWish,
  pace: Pace,
): Promise<UpgradePlan> {
  const copy = copyOfGroup(root);
  const { chosen, older } = findSnapshot(root);
  const data = decodeSnapshotData(chosen.snapshot.data ?? new Uint8Array(0), { path: chosen.name });
  if (data.kind === 'invalid') throw data.fault;
  if (data.kind !== 'token') {
    const what = data.kind === 'empty' ? 'no data' : 'its payload inside';
    const text = `snap/${chosen.name} has ${what}, not a token; restore --from-dir makes a pair`;
    throw new UsageError('upgrade-not-a-pair', text);
  }
  const { token } = data;
  const fsmPath = `fsm-snap/${fsmFileName(token.index)}`;
  const from = await checkSource(`${root}/${fsmPath}`, token, pace);
  const to = rewriteFsm(from, changedHeader(from.header, wish, token.index));
  const snaps = snapsOf(root, token);
  const replaced = [fsmFile(fsmPath, to), ...snaps.map((snap) => snapFile(snap, root, to.crc))];
  const inputs = [from.path, ...snaps.map(({ path }) => path)].map(stampFile);
  return {
    inputs,
    sources: [root],
    stamps: copy.stamps,
    dirs: copy.dirs,
    files: withFiles(copy, replaced),
    from,
    to,
    fsmPath,
    index: token.index,
    snaps: snaps.map(({ path, token }) => ({ path: path.slice(root.length + 1), token })),
    findings: olderFinding(older),
  };
}

function olderFinding(older: readonly string[]): Finding[] {
  if (older.length === 0) return [];
  const what = older.length === 1 ? 'an older snapshot keeps' : `${older.length} older ones keep`;
  const message = `${what} the header it has: ${older.join(', ')}`;
  return [{ code: 'upgrade-other-pairs', severity: 'note', message }];
}

/** Every `.snap` that was written for this `.fsm`: there can be one of another term. */
function snapsOf(root: string, token: FsmToken): TokenSnap[] {
  const found: TokenSnap[] = [];
  for (const { name, kind, size } of new FsDir(`${root}/snap`).list()) {
    if (kind !== 'file' || !isSnapName(name) || size > 1 << 24) continue;
    const snap = tokenSnapOrNone(`${root}/snap/${name}`);
    if (snap?.token.index === token.index && snap.token.crc === token.crc) found.push(snap);
  }
  return found;
}

function tokenSnapOrNone(path: string): TokenSnap | undefined {
  try {
    return readTokenSnap(path);
  } catch {
    // A damaged or inline one has no part in this pair; it is taken over as it is.
    return undefined;
  }
}

const MODE = 0o600;

function fsmFile(path: string, to: RewrittenFsm): TreeFile {
  return { path, mode: MODE, content: { kind: 'pieces', pieces: to.pieces } };
}

function snapFile(snap: TokenSnap, root: string, crc: number): TreeFile {
  const pieces = [bytesPiece(withTokenCrc(snap, crc))];
  return {
    path: snap.path.slice(root.length + 1),
    mode: MODE,
    content: { kind: 'pieces', pieces },
  };
}

/**
 * A `.fsm`, and its `.snap` if one is named, as loose files in a new directory.
 * @param index  of the snapshot where no `.snap` names it; undefined: the file's name tells
 */
export async function planLooseUpgrade(
  fsm: string,
  snap: string | undefined,
  index: bigint | undefined,
  wish: HeaderWish,
  pace: Pace,
): Promise<UpgradePlan> {
  checkPath(fsm);
  if (snap !== undefined) checkPath(snap);
  const pair = snap === undefined ? undefined : readTokenSnap(snap);
  const stamps = [fsm, ...(snap === undefined ? [] : [snap])].map(stampFile);
  const from = await checkSource(fsm, pair?.token, pace);
  const name = fsm.split('/').pop() ?? fsm;
  const at = pair?.token.index ?? index ?? parseFsmFileName(name);
  const to = rewriteFsm(from, changedHeader(from.header, wish, at));
  const files = [fsmFile(name, to)];
  const snaps: SnapChange[] = [];
  if (pair !== undefined) {
    const path = pair.path.split('/').pop() ?? pair.path;
    const pieces = [bytesPiece(withTokenCrc(pair, to.crc))];
    files.push({ path, mode: MODE, content: { kind: 'pieces', pieces } });
    snaps.push({ path, token: pair.token });
  }
  return {
    inputs: stamps,
    sources: [],
    stamps,
    dirs: [],
    files,
    from,
    to,
    fsmPath: name,
    index: at,
    snaps,
    findings: [],
  };
}
