/** What a store holds: rows, metadata, prefixes and digest, as text and JSON. */
import type { KeyVersions, StoredVersion } from '../../inspect/key-versions.js';
import type { StoreScan } from '../../inspect/store-scan.js';
import type { PrefixSize } from '../../inspect/prefix-sizes.js';
import type { RowCounts } from '../../snapshot/payload/row-tally.js';
import type { StoreMeta } from '../../snapshot/payload/store-meta.js';
import { hlcText } from '../dates.js';
import { quoteKey } from '../quote.js';
import { countText, plural, sizeText } from '../sizes.js';
import type { FieldSection, Section } from './section.js';

function ts(value: bigint | undefined): string {
  return value === undefined ? 'absent' : hlcText(value);
}

function some(count: number, what: string): string | undefined {
  return count === 0 ? undefined : `${countText(count)} ${what}`;
}

export function metaFields(meta: StoreMeta): FieldSection['fields'] {
  const { pendingMinRetainedTs: pending } = meta;
  return [
    ['applied index (H)', meta.appliedIndex === undefined ? 'absent' : String(meta.appliedIndex)],
    ['last commit', ts(meta.lastCommitTs)],
    ['retained from', ts(meta.minRetainedTs)],
    ['retention pending', pending === undefined || pending === 0n ? undefined : hlcText(pending)],
  ];
}

export function rowFields(rows: RowCounts, highestTs: bigint | undefined): FieldSection['fields'] {
  const parts = [
    some(rows.tombstones, 'tombstones'),
    some(rows.encrypted, 'encrypted'),
    some(rows.locks, 'locks'),
    some(rows.writers, 'writer registry rows'),
    some(rows.short, 'keys shorter than a timestamp'),
    some(rows.unreadable, 'with an unreadable value header'),
  ].filter((part) => part !== undefined);
  const among = parts.length === 0 ? '' : `; ${parts.join(', ')}`;
  const keys = plural(rows.userKeys, 'user key');
  return [
    ['raw keys', `${countText(rows.pairs)} (${rows.meta} of them metadata)`],
    ['versions', `${countText(rows.versions)} of ${keys}${among}`],
    ['newest version', highestTs ? hlcText(highestTs) : undefined],
    ['bytes', `keys ${sizeText(rows.keyBytes)}, values ${sizeText(rows.valueBytes)}`],
  ];
}

const SHOWN_PREFIX_BYTES = 40;

export function prefixSection(prefixes: readonly PrefixSize[], top: number): Section {
  const total = prefixes.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows = prefixes
    .slice(0, top)
    .map((size) => [
      size.special === null ? quoteKey(size.prefix, SHOWN_PREFIX_BYTES) : `(${size.special})`,
      countText(size.userKeys),
      countText(size.versions),
      sizeText(size.bytes),
      total === 0 ? '' : `${((size.bytes / total) * 100).toFixed(1)} %`,
      sizeText(size.liveBytes),
      sizeText(size.oldBytes),
      sizeText(size.tombstoneBytes),
      sizeText(size.encryptedBytes),
    ]);
  const shown = Math.min(top, prefixes.length);
  const left = prefixes.length > top ? `, the largest ${shown} of ${prefixes.length}` : '';
  return {
    title: `Bytes by prefix (keys and values, before compression${left})`,
    columns: [
      { title: 'prefix' },
      { title: 'keys', align: 'right' },
      { title: 'versions', align: 'right' },
      { title: 'bytes', align: 'right' },
      { title: 'share', align: 'right' },
      { title: 'live', align: 'right' },
      { title: 'old', align: 'right' },
      { title: 'deleted', align: 'right' },
      { title: 'encrypted', align: 'right' },
    ],
    rows,
  };
}

export function prefixJson(prefixes: readonly PrefixSize[], top: number): object {
  return {
    prefixes: prefixes.length,
    list: prefixes.slice(0, top).map((size) => ({
      prefixHex: size.special === null ? Buffer.from(size.prefix).toString('hex') : null,
      special: size.special,
      userKeys: size.userKeys,
      versions: size.versions,
      bytes: BigInt(size.bytes),
      liveBytes: BigInt(size.liveBytes),
      oldBytes: BigInt(size.oldBytes),
      tombstoneBytes: BigInt(size.tombstoneBytes),
      encryptedBytes: BigInt(size.encryptedBytes),
    })),
  };
}

export function rowsJson(rows: RowCounts | undefined): object | null {
  if (rows === undefined) return null;
  return { ...rows, keyBytes: BigInt(rows.keyBytes), valueBytes: BigInt(rows.valueBytes) };
}

export function metaJson(meta: StoreMeta): object {
  return {
    appliedIndex: meta.appliedIndex ?? null,
    lastCommitTs: meta.lastCommitTs ?? null,
    minRetainedTs: meta.minRetainedTs ?? null,
    pendingMinRetainedTs: meta.pendingMinRetainedTs ?? null,
  };
}

function versionSection({ key, versions, locked }: KeyVersions): Section {
  const shown = quoteKey(key, SHOWN_PREFIX_BYTES);
  const title = `Versions of ${shown}${locked ? ', LOCKED by a transaction' : ''}`;
  if (versions.length === 0) return { title, fields: [['found', 'none']] };
  return {
    title,
    columns: [
      { title: 'commit timestamp' },
      { title: 'HLC', align: 'right' },
      { title: 'what', prose: true },
      { title: 'value', align: 'right' },
    ],
    rows: versions.map((version) => [
      hlcText(version.ts),
      String(version.ts),
      whatText(version),
      version.fault === null && !version.tombstone ? sizeText(version.bytes) : '',
    ]),
  };
}

function whatText({ tombstone, encrypted, expireAt, fault }: StoredVersion): string {
  if (fault !== null) return `UNREADABLE: ${fault}`;
  if (tombstone) return 'deleted';
  const sealed = encrypted ? 'written, encrypted' : 'written';
  return expireAt === 0n ? sealed : `${sealed}, expires ${hlcText(expireAt)}`;
}

function versionJson({ key, versions, locked }: KeyVersions): object {
  return { keyHex: Buffer.from(key).toString('hex'), locked, versions };
}

export interface ScanShown {
  readonly scan: StoreScan | undefined;
  readonly top: number;
}

/** Digest and breakdown: what was asked for on top of the counts. */
export function scanSections({ scan, top }: ScanShown): Section[] {
  const sections: Section[] = [];
  if (scan?.digest) {
    const { keys, sha256 } = scan.digest;
    sections.push({
      title: 'Store digest (spec/output.md §5)',
      fields: [
        ['sha256', sha256],
        ['keys', countText(keys)],
      ],
    });
  }
  if (scan?.prefixes) sections.push(prefixSection(scan.prefixes, top));
  if (scan?.key) sections.push(versionSection(scan.key));
  return sections;
}

export function scanJson({ scan, top }: ScanShown): object {
  return {
    ...(scan?.digest ? { store: scan.digest } : {}),
    ...(scan?.prefixes ? { byPrefix: prefixJson(scan.prefixes, top) } : {}),
    ...(scan?.key ? { key: versionJson(scan.key) } : {}),
  };
}
