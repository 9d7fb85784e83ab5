/** A Pebble database, as text and JSON. */
import type { PebbleReport } from '../../inspect/pebble.js';
import { countText, exactSizeText, plural, sizeText } from '../sizes.js';
import { metaFields, metaJson, rowFields, rowsJson } from './inspect-store.js';
import type { Section } from './section.js';

export function pebbleHeadline(report: PebbleReport): string {
  const what = report.isStore ? 'elastickv store (Pebble database' : 'Pebble database (';
  const version = `format ${report.formatVersion})`;
  const open = report.isStore ? `${what}, ${version}` : `${what}${version}`;
  const { rows } = report.scan;
  if (rows === undefined) return `${open}, not readable to its end`;
  if (!report.isStore) return `${open}, ${plural(rows.pairs, 'key')}`;
  return `${open}, ${plural(rows.userKeys, 'key')} in ${plural(rows.versions, 'version')}`;
}

export function pebbleSections(report: PebbleReport): Section[] {
  const { manifest, scan, wals } = report;
  const rows = scan.rows;
  const levels = report.levels.filter(({ tables }) => tables > 0);
  const counted = report.isStore
    ? [...metaFields(report.meta), ...(rows ? rowFields(rows, scan.highestTs) : [])]
    : rows
      ? ([
          ['keys', countText(rows.pairs)],
          ['bytes', `keys ${sizeText(rows.keyBytes)}, values ${sizeText(rows.valueBytes)}`],
        ] as const)
      : [];
  const sections: Section[] = [
    {
      fields: [
        ['size', `${exactSizeText(report.fileBytes)} in ${plural(report.files, 'file')}`],
        ['format version', String(report.formatVersion)],
        ['comparer', report.comparer],
        ['MANIFEST', `${manifest.name}, ${plural(manifest.edits, 'edit')}`],
        ['last sequence number', String(report.lastSeqNum)],
        ['tables', tablesText(report)],
        ['blob files', report.blobFiles > 0 ? countText(report.blobFiles) : undefined],
        ['range keys', report.rangeKeys ? countText(report.rangeKeys) : undefined],
        ['unused files', report.unused > 0 ? countText(report.unused) : undefined],
      ],
    },
    { title: report.isStore ? 'Store' : 'Contents', fields: counted },
  ];
  if (levels.length > 0) {
    sections.push({
      title: 'Levels',
      columns: [
        { title: 'level' },
        { title: 'tables', align: 'right' },
        { title: 'virtual', align: 'right' },
        { title: 'size', align: 'right' },
      ],
      rows: levels.map(({ level, tables, virtual, bytes }) => [
        `L${level}`,
        countText(tables),
        countText(virtual),
        sizeText(bytes),
      ]),
    });
  }
  if (wals.length > 0) {
    sections.push({
      title: 'WALs that an open replays',
      columns: [
        { title: 'file' },
        { title: 'size', align: 'right' },
        { title: 'batches', align: 'right' },
        { title: 'operations', align: 'right' },
        { title: 'sequence numbers' },
        { title: 'ending' },
      ],
      rows: wals.map((wal) => [
        wal.path.slice(wal.path.lastIndexOf('/') + 1),
        sizeText(wal.sizeBytes),
        countText(wal.batches),
        countText(wal.operations),
        wal.firstSeqNum === undefined ? '–' : `${wal.firstSeqNum}–${wal.lastSeqNum}`,
        `${wal.ending.kind} @${wal.ending.offset}`,
      ]),
    });
  }
  return sections;
}

function tablesText({ levels }: PebbleReport): string {
  const tables = levels.reduce((sum, level) => sum + level.tables, 0);
  const bytes = levels.reduce((sum, level) => sum + level.bytes, 0n);
  return tables === 0 ? 'none' : `${countText(tables)}, ${sizeText(bytes)}`;
}

export function pebbleJson(report: PebbleReport): object {
  const { manifest, scan } = report;
  return {
    size: report.fileBytes,
    files: report.files,
    formatVersion: report.formatVersion,
    comparer: report.comparer ?? null,
    merger: report.merger ?? null,
    manifest: { name: manifest.name, size: BigInt(manifest.size), edits: manifest.edits },
    nextFileNum: report.nextFileNum,
    minUnflushedLogNum: report.minUnflushedLogNum,
    lastSeqNum: report.lastSeqNum,
    levels: report.levels,
    blobFiles: report.blobFiles,
    rangeKeys: report.rangeKeys ?? null,
    unusedFiles: report.unused,
    wals: report.wals.map((wal) => ({
      name: wal.path.slice(wal.path.lastIndexOf('/') + 1),
      size: BigInt(wal.sizeBytes),
      parsedBytes: BigInt(wal.parsedBytes),
      batches: wal.batches,
      operations: wal.operations,
      firstSeqNum: wal.firstSeqNum ?? null,
      lastSeqNum: wal.lastSeqNum ?? null,
      ending: { kind: wal.ending.kind, offset: BigInt(wal.ending.offset) },
    })),
    isStore: report.isStore,
    meta: report.isStore ? metaJson(report.meta) : null,
    rows: rowsJson(scan.rows),
    highestTs: report.isStore ? (scan.highestTs ?? null) : null,
    refused: report.refused,
  };
}
