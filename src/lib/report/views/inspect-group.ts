/** A group dir, as text and JSON: one line per part, the parts in full in JSON. */
import { hex32 } from '../../bytes/hex.js';
import type { GroupReport, SnapshotPair } from '../../inspect/group.js';
import { ceilingText } from '../dates.js';
import { countText, plural, sizeText } from '../sizes.js';
import { fsmJson } from './inspect-fsm.js';
import { pebbleHeadline, pebbleJson } from './inspect-pebble.js';
import { peersJson, snapJson } from './inspect-small.js';
import { endingText, walJson } from './inspect-wal.js';
import type { Section } from './section.js';

export function groupTitle({ relativePath, groupId }: GroupReport): string {
  const id = groupId === null ? 'group' : `group ${groupId}`;
  return relativePath === '' ? id : `${id} (${relativePath})`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function walText({ wal }: GroupReport): string {
  if (wal === undefined) return 'none';
  const entries = wal.segments.reduce((sum, { records }) => sum + records.entry, 0);
  const first = wal.segments.find(({ firstIndex }) => firstIndex !== undefined)?.firstIndex;
  const last = wal.segments.findLast(({ lastIndex }) => lastIndex !== undefined)?.lastIndex;
  const range = first === undefined ? '' : `, index ${first} to ${last}`;
  const count = entries === 1 ? '1 entry' : `${countText(entries)} entries`;
  return `${plural(wal.segments.length, 'segment')}, ${count}${range}; ${endingText(wal.end)}`;
}

function peersText(peers: GroupReport['peers']): string | undefined {
  if (peers === undefined) return undefined;
  const ids = peers.peers.map(({ id }) => Buffer.from(id, 'latin1').toString('utf8'));
  return `${ids.join(', ')} (version ${peers.version}, index ${peers.index})`;
}

function stateText({ wal }: GroupReport): string | undefined {
  const state = wal?.last?.hardState;
  if (state === undefined) return undefined;
  return `term ${state.term ?? 0n}, vote ${state.vote ?? 0n}, commit ${state.commit ?? 0n}`;
}

export function groupSections(group: GroupReport): Section[] {
  const { store, peers, legacy } = group;
  const h = store?.meta.appliedIndex;
  const sections: Section[] = [
    {
      title: groupTitle(group),
      fields: [
        ['raft engine', group.marker === undefined ? 'no marker' : group.marker || 'empty marker'],
        ['hashicorp files', group.hashicorp.length > 0 ? group.hashicorp.join(', ') : undefined],
        ['legacy files', legacy.length > 0 ? legacy.join(', ') : undefined],
        ['peers', peersText(peers)],
        ['wal', walText(group)],
        ['hard state', stateText(group)],
        ['fsm.db', store ? pebbleHeadline(store) : group.hasStore ? 'UNREADABLE' : 'none'],
        ['applied index (H)', store && (h === undefined ? 'absent' : String(h))],
      ],
    },
  ];
  if (group.pairs.length > 0) {
    sections.push({
      title: 'Snapshots',
      columns: [
        { title: 'index', align: 'right' },
        { title: 'term', align: 'right' },
        { title: '.snap' },
        { title: '.fsm' },
        { title: 'size', align: 'right' },
        { title: 'header' },
        { title: 'ceiling' },
        { title: 'versions', align: 'right' },
        { title: 'CRC' },
      ],
      rows: group.pairs.map(pairRow),
    });
  }
  return sections;
}

function pairRow(pair: SnapshotPair): string[] {
  const { snapReport, fsmReport } = pair;
  const { header, payload } = fsmReport ?? {};
  const versions = payload?.rows?.versions;
  return [
    snapReport?.index === undefined ? '' : String(snapReport.index),
    snapReport?.term === undefined ? '' : String(snapReport.term),
    snapText(pair),
    fsmText(pair),
    fsmReport ? sizeText(fsmReport.size) : '',
    header?.form ?? '',
    header && header.ceilingMs > 0n ? ceilingText(header.ceilingMs) : '',
    versions === undefined ? '' : countText(versions),
    pairCrc(pair),
  ];
}

function snapText({ snap, snapReport }: SnapshotPair): string {
  if (snap === undefined) return 'none';
  return snapReport === undefined || snapReport.data === 'unread' ? 'DAMAGED' : 'sound';
}

function fsmText({ fsm, fsmReport, snapReport }: SnapshotPair): string {
  if (fsm === undefined) return snapReport?.data === 'inline' ? 'inline' : 'none';
  return fsmReport === undefined ? 'MISSING' : baseName(fsm);
}

function pairCrc({ fsmReport }: SnapshotPair): string {
  if (fsmReport === undefined) return '';
  const { footer, computed, token } = fsmReport;
  if (footer === undefined || computed === undefined) return 'NONE';
  if (footer !== computed) return 'BAD BODY';
  if (token === undefined) return 'ok, no token';
  return token.crc === footer ? 'ok' : 'NOT THE TOKEN’S';
}

export function groupJson(group: GroupReport): object {
  const { relativePath, groupId, raftId, marker, peers, wal, store } = group;
  return {
    path: relativePath,
    groupId,
    raftId,
    marker: marker ?? null,
    hashicorp: group.hashicorp,
    legacy: group.legacy,
    peers: peers ? peersJson(peers) : null,
    snapshots: group.pairs.map(({ snap, snapReport, fsm, fsmReport }) => ({
      snap: snap ?? null,
      fsm: fsm ?? null,
      fsmPresent: fsm === undefined ? null : fsmReport !== undefined,
      tokenCrc32c: snapReport?.token ? hex32(snapReport.token.crc) : null,
      snapFile: snapReport ? snapJson(snapReport) : null,
      fsmFile: fsmReport ? fsmJson(fsmReport, undefined) : null,
    })),
    wal: wal ? walJson(wal.segments, wal.last, wal.others) : null,
    fsmDb: store ? pebbleJson(store) : null,
  };
}
