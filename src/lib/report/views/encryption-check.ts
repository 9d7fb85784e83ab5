/**
 * `ekv encryption check` for people: the verdict, what was verified where, who needs which key, who
 * wrote, and what the next start makes of it.
 */
import type { EncryptionReport, PlaceReport } from '../../encryption-check/check.js';
import type { RestartOutlook } from '../../encryption-check/restart.js';
import type { Finding } from '../../core/finding.js';
import type { ExitCode } from '../../core/errors.js';
import { countText, plural } from '../sizes.js';
import type { Theme } from '../theme.js';
import { verdictOf } from '../exit-status.js';

/** `REFUSES  every tag verified (…); the next start refuses`. */
export function verdictText(report: EncryptionReport, status: ExitCode, theme: Theme): string {
  const paint =
    status === 0 ? theme.good : status === 2 || status === 4 ? theme.bad : theme.attention;
  const parts = [tagsText(report)];
  const { restart } = report;
  if (restart?.state === 'refuses') parts.push('the next start refuses');
  else if (restart?.state === 'ahead') parts.push('the next start passes');
  return `${paint(verdictOf(status).toUpperCase())}  ${parts.join('; ')}`;
}

function tagsText({ places, keysGiven }: EncryptionReport): string {
  let rows = 0;
  let entries = 0;
  let failed = 0;
  for (const place of places) {
    rows += place.totals.encryptedRows;
    entries += place.totals.entries;
    failed += place.failed + place.totals.relabelledRows;
  }
  if (rows + entries === 0) return 'no encrypted row and no wrapped entry';
  const wrapped = plural(entries, 'wrapped entry', 'wrapped entries');
  const what = `${plural(rows, 'encrypted row')}, ${wrapped}`;
  if (!keysGiven) return `${what}; not verified, no key to do it with`;
  if (failed > 0) return `${plural(failed, 'envelope')} of ${what} failed`;
  return `every tag verifies: ${what}`;
}

const WHAT: Readonly<Record<PlaceReport['kind'], string>> = {
  store: 'rows',
  snapshot: 'rows',
  'inline-snapshot': 'rows',
  log: 'entries',
};

export const PLACE_COLUMNS = [
  { title: 'where' },
  { title: 'looked at', align: 'right' },
  { title: 'encrypted', align: 'right' },
  { title: 'verified', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'relabelled', align: 'right' },
  { title: 'nonce reused', align: 'right' },
] as const;

export function placeRows({ places, keysGiven }: EncryptionReport): string[][] {
  return places.map(({ name, kind, whole, totals, verified, failed }) => [
    whole ? name : `${name} (in part)`,
    kind === 'log' ? '' : plural(totals.rows, 'row'),
    `${countText(kind === 'log' ? totals.entries : totals.encryptedRows)} ${WHAT[kind]}`,
    keysGiven ? countText(verified) : '-',
    keysGiven ? countText(failed) : '-',
    keysGiven && kind !== 'log' ? countText(totals.relabelledRows) : '-',
    countText(totals.reusedNonces),
  ]);
}

export const KEY_COLUMNS = [
  { title: 'key', align: 'right' },
  { title: 'purpose' },
  { title: 'state' },
  { title: 'epoch', align: 'right' },
  { title: 'unwraps' },
  { title: 'needed by' },
] as const;

/** Keys of the sidecar, and those that only envelopes name. */
export function keyRows(report: EncryptionReport): string[][] {
  const ids = new Set(report.keys.map(({ id }) => id));
  for (const { keys } of report.places) for (const { keyId } of keys) ids.add(keyId);
  return [...ids]
    .sort((a, b) => a - b)
    .map((id) => {
      const state = report.keys.find((key) => key.id === id);
      const needed = neededBy(report, id);
      if (state === undefined) {
        const missing = report.sidecar === null ? 'no sidecar given' : 'MISSING';
        return [String(id), '', missing, '', '', needed];
      }
      const { purpose, active, localEpoch, unwraps } = state;
      const unwrapText = unwraps === null ? 'not tried' : unwraps ? 'yes' : 'NO';
      const stands = active ? 'active' : 'retired';
      return [String(id), purpose, stands, String(localEpoch), unwrapText, needed];
    });
}

/** `214 rows of fsm.db, log entries 210-358`. */
function neededBy({ places }: EncryptionReport, id: number): string {
  const parts: string[] = [];
  for (const { name, keys } of places) {
    const use = keys.find(({ keyId }) => keyId === id);
    if (use === undefined) continue;
    if (use.rows > 0) parts.push(`${plural(use.rows, 'row')} of ${name}`);
    if (use.entries > 0) {
      const count = plural(use.entries, 'log entry', 'log entries');
      parts.push(`${count} of ${use.firstIndex ?? 0n}-${use.lastIndex ?? 0n}`);
    }
  }
  return parts.length === 0 ? 'nothing here' : parts.join(', ');
}

export const WRITER_COLUMNS = [
  { title: 'key', align: 'right' },
  { title: 'node', align: 'right' },
  { title: 'epoch', align: 'right' },
  { title: 'writes up to', align: 'right' },
  { title: 'envelopes' },
] as const;

const SHOWN_WRITERS = 40;

/** Who sealed, by the nonces; rows of several places that are copies count in each. */
export function writerRows({ places }: EncryptionReport): string[][] {
  const lines = new Map<string, { cells: readonly number[]; highest: bigint; where: string[] }>();
  for (const { name, writers } of places) {
    for (const { keyId, nodeId16, localEpoch, envelopes, highestCount } of writers) {
      const cells = [keyId, nodeId16, localEpoch];
      const line = lines.get(cells.join('/')) ?? { cells, highest: 0n, where: [] };
      if (highestCount > line.highest) line.highest = highestCount;
      line.where.push(`${countText(envelopes)} in ${name}`);
      lines.set(cells.join('/'), line);
    }
  }
  const sorted = [...lines.values()].sort((a, b) => {
    for (let i = 0; i < 3; i++) {
      const d = (a.cells[i] ?? 0) - (b.cells[i] ?? 0);
      if (d !== 0) return d;
    }
    return 0;
  });
  const rows: string[][] = [];
  for (const { cells, highest, where } of sorted.slice(0, SHOWN_WRITERS)) {
    rows.push([...cells.map(String), countText(highest), where.join(', ')]);
  }
  if (sorted.length > SHOWN_WRITERS) {
    rows.push(['', '', '', '', `and ${sorted.length - SHOWN_WRITERS} more: see --json`]);
  }
  return rows;
}

export const REGISTRY_COLUMNS = [
  { title: 'key', align: 'right' },
  { title: 'node', align: 'right' },
  { title: 'full node id' },
  { title: 'first epoch', align: 'right' },
  { title: 'last epoch', align: 'right' },
  { title: 'sidecar epoch', align: 'right' },
] as const;

const SHOWN_REGISTRY = 40;

export function registryRows({ registry, keys }: EncryptionReport): string[][] {
  const rows = registry.slice(0, SHOWN_REGISTRY).map((row) => {
    const epoch = keys.find(({ id }) => id === row.dekId)?.localEpoch;
    return [
      String(row.dekId),
      String(row.nodeId16),
      String(row.fullNodeId),
      String(row.firstSeenEpoch),
      String(row.lastSeenEpoch),
      epoch === undefined ? '' : String(epoch),
    ];
  });
  if (registry.length > SHOWN_REGISTRY) {
    rows.push(['', '', `and ${registry.length - SHOWN_REGISTRY} more: see --json`, '', '', '']);
  }
  return rows;
}

/** The numbers that the outlook on the next start rests on. */
export function restartFields(report: EncryptionReport): (readonly [string, string | undefined])[] {
  const { cutover, restart, standings } = report;
  return [
    ['cutover', cutover === null ? 'no log' : cutoverText(cutover)],
    ['wrapped', standingsText(standings)],
    ...(restart === null ? [] : outlookFields(restart)),
  ];
}

function cutoverText({ index, from }: NonNullable<EncryptionReport['cutover']>): string {
  switch (from) {
    case 'form':
      return 'not known without the sidecar';
    case 'sidecar':
      return index === 0n ? 'none: nothing is wrapped' : `${index} (sidecar)`;
    case 'enable-entry':
      return `${index} (the log’s own enable entry)`;
    case 'snapshot-header':
      return `${index} (header of the newest snapshot)`;
  }
}

function standingsText(standings: EncryptionReport['standings']): string {
  const parts = [
    `${countText(standings['in-force'])} entries above the snapshot`,
    `${countText(standings['in-snapshot'])} below it`,
  ];
  if (standings.superseded > 0) parts.push(`${countText(standings.superseded)} superseded`);
  return parts.join(', ');
}

function outlookFields(outlook: RestartOutlook): (readonly [string, string | undefined])[] {
  const last = outlook.lastEncryptionEntry;
  return [
    ['sidecar at', `raft_applied_index ${countText(outlook.sidecarAppliedIndex)}`],
    ['last in log', last === null ? 'no encryption entry in the clear' : lastText(last)],
    ['snapshot', `${countText(outlook.snapshotIndex)}, applied ${countText(outlook.appliedIndex)}`],
    ['next start', nextStartText(outlook)],
  ];
}

const OPCODE_TEXT: Readonly<Record<number, string>> = { 4: 'bootstrap', 5: 'rotation or switch' };

function lastText({
  index,
  opcode,
  wrapped,
}: NonNullable<RestartOutlook['lastEncryptionEntry']>): string {
  const kind = OPCODE_TEXT[opcode] ?? `opcode 0x0${opcode}`;
  return `encryption entry ${countText(index)} (${kind}${wrapped ? ', wrapped' : ''})`;
}

/** Findings that no table says already. */
export function shownFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ code }) => code !== 'key-retired-in-use');
}

function nextStartText({ state, errors, entriesLeft }: RestartOutlook): string {
  switch (state) {
    case 'refuses':
      return `REFUSES: ${errors.join(', ') || 'unnamed error'}`;
    case 'ahead':
      return `passes; ${plural(entriesLeft ?? 0n, 'entry', 'entries')} until a start refuses`;
    case 'not-armed':
      return 'passes: raft_applied_index 0 only warns';
    case 'unknown':
      return 'not known';
  }
}
