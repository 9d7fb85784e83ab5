/** `.snap`, peers file, legacy state and sidecar, as text and JSON. */
import { hex32 } from '../../bytes/hex.js';
import type { LegacyReport, SidecarReport } from '../../inspect/small-files.js';
import type { SnapReport } from '../../inspect/snap.js';
import type { Peer } from '../../raft/peers/peer.js';
import type { PeersFile } from '../../raft/peers/peers-file.js';
import { confStateJson, confStateText } from './inspect-wal.js';
import { exactSizeText, plural } from '../sizes.js';
import type { Section } from './section.js';

export function snapSections(report: SnapReport): Section[] {
  const { token } = report;
  const data = {
    token: token ? `token: index ${token.index}, CRC ${hex32(token.crc)}` : '',
    inline: `inline payload of ${exactSizeText(report.inline?.size ?? 0)} (legacy)`,
    empty: 'none: raft position alone',
    invalid: 'a token of unknown version',
    unread: 'unreadable',
  }[report.data];
  return [
    {
      fields: [
        ['size', exactSizeText(report.size)],
        ['index', report.index === undefined ? undefined : String(report.index)],
        ['term', report.term === undefined ? undefined : String(report.term)],
        ['conf state', confStateText(report.confState)],
        ['data', data],
        ['CRC-32C', storedText(report)],
      ],
    },
  ];
}

function storedText({ storedCrc, computedCrc }: SnapReport): string {
  if (storedCrc === undefined) return 'none that can be read';
  if (storedCrc === computedCrc) return `${hex32(storedCrc)}, stored and computed agree`;
  return `MISMATCH: stored ${hex32(storedCrc)}, computed ${hex32(computedCrc ?? 0)}`;
}

export function snapHeadline(report: SnapReport): string {
  if (report.index === undefined) return '.snap raft snapshot, unreadable';
  return `.snap raft snapshot of index ${report.index}, term ${report.term}`;
}

export function snapJson(report: SnapReport): object {
  const { storedCrc, computedCrc, token } = report;
  const known = storedCrc !== undefined && computedCrc !== undefined;
  return {
    size: BigInt(report.size),
    index: report.index ?? null,
    term: report.term ?? null,
    confState: confStateJson(report.confState),
    data: report.data,
    token: token ? { index: token.index, crc32c: hex32(token.crc) } : null,
    inlineBytes: report.inline ? BigInt(report.inline.size) : null,
    crc32c: {
      stored: storedCrc === undefined ? null : hex32(storedCrc),
      computed: computedCrc === undefined ? null : hex32(computedCrc),
      matches: known ? storedCrc === computedCrc : null,
    },
  };
}

function text(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function peerRows(list: readonly Peer[]): string[][] {
  return list.map((peer) => [
    text(peer.id),
    text(peer.address),
    peer.suffrage ?? 'voter',
    String(peer.nodeId),
  ]);
}

function peerList(list: readonly Peer[]): object[] {
  return list.map((peer) => ({
    id: text(peer.id),
    address: text(peer.address),
    suffrage: peer.suffrage ?? 'voter',
    nodeId: peer.nodeId,
  }));
}

export function peersSections({ version, index, peers, seed }: PeersFile): Section[] {
  const columns = [
    { title: 'raft id' },
    { title: 'address' },
    { title: 'suffrage' },
    { title: 'node id', align: 'right' as const },
  ];
  const seedText = `${seed.active ? 'active' : 'inactive'}, ${plural(seed.peers.length, 'peer')}`;
  const sections: Section[] = [
    {
      fields: [
        ['version', String(version)],
        ['index', `${index} (of the configuration)`],
        ['bootstrap seed', version < 3 ? undefined : seedText],
      ],
    },
    { title: 'Peers', columns, rows: peerRows(peers) },
  ];
  if (seed.peers.length > 0) {
    sections.push({ title: 'Bootstrap seed', columns, rows: peerRows(seed.peers) });
  }
  return sections;
}

export function peersJson({ version, index, peers, seed }: PeersFile): object {
  return {
    version,
    index,
    peers: peerList(peers),
    seed: { active: seed.active, peers: peerList(seed.peers) },
  };
}

export function legacySections(report: LegacyReport): Section[] {
  const { hardState, snapshot, entries } = report;
  const last = entries && entries.length > 0 ? entries.indexAt(entries.length - 1) : undefined;
  const range = last === undefined ? '' : `, index ${entries?.indexAt(0)} to ${last}`;
  const state = hardState;
  return [
    {
      fields: [
        [
          'hard state',
          state &&
            `term ${state.term ?? 0n}, vote ${state.vote ?? 0n}, commit ${state.commit ?? 0n}`,
        ],
        [
          'snapshot',
          snapshot &&
            `index ${snapshot.metadata?.index ?? 0n}, term ${snapshot.metadata?.term ?? 0n}, ` +
              `${snapshot.data?.length ?? 0} B of data`,
        ],
        ['conf state', confStateText(snapshot?.metadata?.confState)],
        ['entries', entries && `${entries.length}${range}`],
        ['checksum', 'none in this format'],
      ],
    },
  ];
}

export function legacyJson({ hardState, snapshot, entries }: LegacyReport): object {
  const count = entries?.length ?? 0;
  return {
    hardState: hardState
      ? { term: hardState.term ?? 0n, vote: hardState.vote ?? 0n, commit: hardState.commit ?? 0n }
      : null,
    snapshot: snapshot
      ? {
          index: snapshot.metadata?.index ?? 0n,
          term: snapshot.metadata?.term ?? 0n,
          confState: confStateJson(snapshot.metadata?.confState),
          dataBytes: BigInt(snapshot.data?.length ?? 0),
        }
      : null,
    entries: entries
      ? {
          count,
          firstIndex: count > 0 ? entries.indexAt(0) : null,
          lastIndex: count > 0 ? entries.indexAt(count - 1) : null,
        }
      : null,
  };
}

export function sidecarSections({ sidecar, keys }: SidecarReport, kekGiven: boolean): Section[] {
  const raft = sidecar.raftEnvelopeCutoverIndex;
  const active = sidecar.storageEnvelopeActive ? 'active' : 'not active';
  return [
    {
      fields: [
        ['version', String(sidecar.version)],
        ['applied index', String(sidecar.raftAppliedIndex)],
        ['storage', `${active}, cutover ${sidecar.storageEnvelopeCutoverIndex}`],
        [
          'raft',
          raft === 0n ? 'cutover 0: no entry is wrapped' : `entries above ${raft} are wrapped`,
        ],
        ['checksum', 'none in this format'],
      ],
    },
    {
      title: 'Keys (the wrapped bytes are never shown)',
      columns: [
        { title: 'id', align: 'right' },
        { title: 'purpose' },
        { title: 'active' },
        { title: 'local epoch', align: 'right' },
        { title: 'created' },
        { title: 'unwraps' },
      ],
      rows: keys.map((key) => [
        String(key.id),
        key.purpose,
        key.active ? 'yes' : 'no',
        String(key.localEpoch),
        key.created,
        unwrapText(key.unwraps, key.why, kekGiven),
      ]),
    },
  ];
}

function unwrapText(unwraps: boolean | null, why: string | null, kekGiven: boolean): string {
  if (unwraps === true) return 'yes';
  if (unwraps === false) return 'NO';
  return why ?? (kekGiven ? 'not tried' : 'not tried (--kek)');
}

export function sidecarJson({ sidecar, keys }: SidecarReport): object {
  return {
    version: sidecar.version,
    raftAppliedIndex: sidecar.raftAppliedIndex,
    storageEnvelopeActive: sidecar.storageEnvelopeActive,
    storageEnvelopeCutoverIndex: sidecar.storageEnvelopeCutoverIndex,
    raftEnvelopeCutoverIndex: sidecar.raftEnvelopeCutoverIndex,
    active: sidecar.active,
    keys: keys.map(({ id, purpose, created, localEpoch, active, unwraps }) => ({
      id,
      purpose,
      created,
      localEpoch,
      active,
      unwraps,
    })),
  };
}
