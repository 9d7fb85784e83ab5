/**
 * Steps 6 to 8 with a WAL (spec/etcd-wal.md §6.4): which snapshot, which segments, what they hold,
 * one repair of a torn tail, and the restore or its skipping in between.
 */
import { MemorySource } from '../io/byte-source.js';
import type { DirSource } from '../io/dir-source.js';
import { isEmptyHardState } from '../raft/hard-state.js';
import { chooseSnapshot, type ChosenSnapshot } from '../raft/snap/choose.js';
import { WalEncoder } from '../raft/wal/encoder.js';
import { openSegments, closeSegments, withSegments } from '../raft/wal/open-segments.js';
import { readAll, type SnapshotPosition, type WalContent } from '../raft/wal/read-all.js';
import { planRepair, scanCutLoss, type CutLoss, type RepairCut } from '../raft/wal/repair-plan.js';
import {
  isSelectionRefusal,
  NO_SEGMENT,
  selectSegments,
  SEGMENT_BYTES,
  type SegmentName,
  type WalListing,
} from '../raft/wal/segment-name.js';
import { ScanLedger } from '../raft/wal/scan-ledger.js';
import { scanSnapshots, type SnapshotScan } from '../raft/wal/snapshot-scan.js';
import { scanTail } from '../raft/wal/tail.js';
import type { CorruptEnd, TornEnd } from '../raft/wal/wal-end.js';
import { decodeSnapshotData, type SnapshotData } from '../snapshot/token.js';
import type { BootContext } from './boot-context.js';
import { RaftLog } from './raft-log.js';
import type { RaftStart, WalTail } from './raft-state.js';
import { Refusal } from './refusal.js';
import { beginCrc, restoreOrSkip } from './restore.js';

const SCAN_STEP = 6;
const OPEN_STEP = 7;

interface OpenedWal {
  readonly content: WalContent;
  readonly selected: readonly SegmentName[];
  readonly tail: WalTail | null;
}

interface ReadFrom {
  readonly start: SnapshotPosition;
  /** For snapshots, over the same files: up to its end every CRC is right. */
  readonly scan: SnapshotScan;
  readonly ledger: ScanLedger;
}

/** @throws {Refusal} steps 6 to 8 */
export async function startFromWal(ctx: BootContext, listing: WalListing): Promise<RaftStart> {
  const wal = ctx.disk.dir('wal');
  reportOddNames(ctx, listing);
  if (listing.segments.length === 0) throw new Refusal({ step: SCAN_STEP, message: NO_SEGMENT });
  beginCrc(ctx);
  const { scan, ledger } = withSegments(wal, listing.segments, (open) => {
    const ledger = new ScanLedger(open);
    return { scan: scanSnapshots(open, ctx.proto, {}, [ledger, ctx.input.watcher?.scan]), ledger };
  });
  if (scan.end.kind === 'corrupt') throw corrupt(ctx, SCAN_STEP, scan.end);
  const chosen = chooseFromScan(ctx, scan);
  const start = { index: chosen?.index ?? 0n, term: chosen?.term ?? 0n };
  const raw = chosen?.snapshot.data ?? new Uint8Array(0);
  const file = chosen === undefined ? null : `snap/${chosen.name}`;
  const data = decodeSnapshotData(raw, { path: file ?? '' });
  ctx.snapshot = pointerOf(chosen, data);
  const inline = new MemorySource(file ?? '', raw);
  let effective: bigint | null = null;
  if (ctx.generation.restoreBeforeWalOpen) {
    effective = await restoreOrSkip(ctx, start.index, 0n, data, inline);
  }
  const { content, selected, tail } = openWal(ctx, wal, listing, { start, scan, ledger });
  reportPassedOver(ctx, content);
  ctx.hardState = content.hardState;
  const log = new RaftLog(start.index, content.entries, wal, 'wal/');
  ctx.onClose(() => log.close());
  ctx.log = log;
  ctx.segments = listing.segments.length;
  ctx.superseded = content.superseded;
  ctx.entriesBelow = content.counts.entriesBelow;
  effective ??= await restoreOrSkip(ctx, start.index, content.hardState.commit ?? 0n, data, inline);
  return {
    snapshotIndex: start.index,
    snapshotTerm: start.term,
    confState: chosen?.snapshot.metadata?.confState,
    hardState: content.hardState,
    log,
    effectiveApplied: effective,
    vouched: [...scan.valid],
    held: selected,
    tail,
  };
}

function pointerOf(
  chosen: ChosenSnapshot | undefined,
  data: SnapshotData,
): BootContext['snapshot'] {
  if (chosen === undefined) return null;
  return {
    index: chosen.index,
    term: chosen.term,
    file: `snap/${chosen.name}`,
    token: data.kind === 'token' ? { index: data.token.index, crc32c: data.token.crc } : null,
    inline: data.kind === 'inline',
  };
}

function reportOddNames(ctx: BootContext, listing: WalListing): void {
  for (const { name, canonical } of listing.segments) {
    if (canonical) continue;
    ctx.find('wal-odd-name', 'note', 'a segment name that no build writes', {
      file: `wal/${name}`,
    });
  }
}

/** Step 6's second half; deletions and renames happen whatever comes of it. */
export function chooseFromScan(ctx: BootContext, scan: SnapshotScan): ChosenSnapshot | undefined {
  const choice = chooseSnapshot(ctx.disk.dir('snap'), scan.valid, ctx.proto);
  for (const name of choice.deletions) {
    ctx.disk.delete(`snap/${name}`, 'leftover of an unfinished snapshot', true);
  }
  for (const broken of choice.renames) {
    const file = `snap/${broken.from}`;
    ctx.disk.rename(file, `snap/${broken.to}`, `${broken.nodeError}: renamed to ${broken.to}`);
    ctx.find(
      'snap-renamed-broken',
      'warning',
      `unreadable (${broken.detail}): an older one is used`,
      {
        file,
        nodeError: broken.nodeError,
      },
    );
  }
  if (choice.refusal !== undefined) throw new Refusal({ step: SCAN_STEP, message: choice.refusal });
  return choice.chosen;
}

function corrupt(ctx: BootContext, step: number, end: CorruptEnd): Refusal {
  sayWhere(ctx, end);
  return new Refusal({ step, message: end.nodeError, panic: end.panic });
}

/** The node's text names a place only at times, and never the code to look up. */
function sayWhere(ctx: BootContext, end: TornEnd | CorruptEnd): void {
  const why = end.kind === 'corrupt' && end.detail !== undefined ? `${end.detail}: ` : '';
  const message = `${why}the log cannot be read on from here, and the node does not repair it`;
  const { segment, offset, nodeError } = end;
  ctx.find(end.code, 'error', message, { file: `wal/${segment}`, offset, nodeError });
}

/** Step 7: open, read to the end, repair once, read again. */
function openWal(ctx: BootContext, wal: DirSource, listing: WalListing, from: ReadFrom): OpenedWal {
  const selected = selectSegments(listing.segments, from.start.index);
  if (isSelectionRefusal(selected)) {
    throw new Refusal({ step: OPEN_STEP, message: selected.nodeError });
  }
  openForWriting(ctx);
  const content =
    from.ledger.content(from.scan, from.start, selected.length) ?? read(ctx, wal, selected, from);
  if (content.end.kind === 'corrupt') throw corrupt(ctx, OPEN_STEP, content.end);
  if (content.end.kind !== 'torn') {
    reportTail(ctx, wal, content);
    return { content, selected, tail: tailOf(ctx, content) };
  }
  repair(ctx, wal, selected, content, content.end);
  const again = read(ctx, wal, selected, from);
  if (again.end.kind === 'corrupt' || again.end.kind === 'torn') {
    sayWhere(ctx, again.end);
    const message = `WAL unrepairable after repair: ${again.end.nodeError}`;
    throw new Refusal({ step: OPEN_STEP, message, errors: eofNames(again.end) });
  }
  return { content: again, selected, tail: tailOf(ctx, again) };
}

function tailOf(ctx: BootContext, { end, crc }: WalContent): WalTail | null {
  const path = `wal/${end.segment ?? ''}`;
  const size = ctx.disk.stat(path)?.size;
  if (size === undefined) return null;
  return { path, offset: end.offset, size, encoder: new WalEncoder(ctx.proto, crc) };
}

function eofNames(end: TornEnd | CorruptEnd): string[] {
  return end.kind === 'torn' ? ['UnexpectedEOF'] : [];
}

function read(
  ctx: BootContext,
  wal: DirSource,
  selected: readonly SegmentName[],
  { start, scan }: ReadFrom,
): WalContent {
  const options = { verifiedTo: scan.end };
  return withSegments(wal, selected, (open) => readAll(open, start, ctx.proto, options));
}

/** What the node passes over without a word. */
function reportPassedOver(ctx: BootContext, content: WalContent): void {
  for (const { segment, offset, bytes } of content.skipped) {
    const message = `a zero length field: the other ${bytes} bytes of the segment are passed over`;
    ctx.find('wal-segment-skipped', 'error', message, { file: `wal/${segment}`, offset });
  }
  if (content.matched || content.start.index === 0n) return;
  const message = `no snapshot record at ${content.start.index} in the segments that are read`;
  ctx.find('wal-snapshot-not-found', 'note', message, { index: content.start.index });
}

/** From here on the next segment's pre-allocation lies beside the log. */
export function openForWriting(ctx: BootContext): void {
  ctx.logOpened = true;
  const path = 'wal/0.tmp';
  if (ctx.disk.exists(path)) return;
  ctx.disk.writeDigest(path, SEGMENT_BYTES, null, 'pre-allocation of the next segment');
}

function reportTail(ctx: BootContext, wal: DirSource, content: WalContent): void {
  const { segment, offset } = content.end;
  if (segment === undefined) return;
  const file = `wal/${segment}`;
  const source = wal.open(segment);
  try {
    const residue = scanTail(source, offset);
    if (residue === undefined) return;
    const message =
      `${residue.count} bytes behind the end of the log are not zero ` +
      `(${residue.from} to ${residue.to}); the boot wipes them without a copy`;
    ctx.find('wal-tail-not-zero', 'warning', message, { file, offset: residue.from });
    ctx.disk.note({
      kind: 'rewrite',
      path: file,
      size: source.size,
      detail: `zeroed from offset ${offset}`,
      lossy: true,
    });
  } finally {
    source.close();
  }
}

/** §4.5 on the last segment of all. @throws {Refusal} when the node's repair refuses */
function repair(
  ctx: BootContext,
  wal: DirSource,
  selected: readonly SegmentName[],
  content: WalContent,
  torn: TornEnd,
): void {
  const last = selected.at(-1);
  const [segment] = last === undefined ? [] : openSegments(wal, [last]);
  if (segment === undefined) return;
  try {
    const plan = planRepair(segment, ctx.proto);
    if (plan.kind === 'refuse') {
      sayWhere(ctx, torn);
      const message = `WAL unrepairable: ${torn.nodeError}`;
      throw new Refusal({ step: OPEN_STEP, message, errors: ['UnexpectedEOF'] });
    }
    if (plan.kind === 'nothing') return;
    reportCut(ctx, segment, plan, content, torn);
    const path = `wal/${plan.segment}`;
    ctx.disk.copy(path, `wal/${plan.brokenCopy}`, 'full copy of the segment from before the cut');
    const detail = `cut from ${plan.sizeBefore} to ${plan.offset} bytes (${torn.why})`;
    ctx.disk.truncate(path, plan.offset, detail, true);
    ctx.repaired = true;
  } finally {
    closeSegments([segment]);
  }
}

function lossText({ entries, intact }: CutLoss): string {
  if (entries === 0 && intact === 0) return '; no whole record is among them';
  return `; ${entries} entries can still be named and ${intact} records are intact`;
}

function reportCut(
  ctx: BootContext,
  segment: Parameters<typeof scanCutLoss>[0],
  plan: RepairCut,
  content: WalContent,
  torn: TornEnd,
): void {
  const commit = content.hardState.commit ?? 0n;
  const loss = scanCutLoss(segment, plan, ctx.proto, commit);
  const at = { file: `wal/${plan.segment}`, offset: plan.offset };
  ctx.find(
    'wal-repair-ahead',
    'warning',
    `torn (${torn.why}): the boot cuts ${loss.bytes} bytes` + lossText(loss),
    { ...at, nodeError: torn.nodeError },
  );
  if (loss.committed > 0) {
    const range = `${loss.lowestIndex ?? ''} to ${loss.highestIndex ?? ''}`;
    const message = `${loss.committed} committed entries are cut (${range}, commit ${commit})`;
    ctx.find('committed-entry-cut', 'error', message, at);
  }
  if (loss.hardState !== undefined && !isEmptyHardState(loss.hardState)) {
    const { term, vote } = loss.hardState;
    const message = `a saved state (term ${term ?? 0n}, vote ${vote ?? 0n}) is among what is cut`;
    ctx.find('state-record-cut', 'warning', message, at);
  }
}
