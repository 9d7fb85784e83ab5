/** A `.fsm` or a bare payload, as text and JSON. */
import { hex, hex32 } from '../../bytes/hex.js';
import type { FoundToken } from '../../inspect/fsm.js';
import type { FsmPayloadKind, FsmReport } from '../../snapshot/inspect.js';
import type { SnapshotHeader } from '../../snapshot/header.js';
import { ceilingText } from '../dates.js';
import { exactSizeText, plural } from '../sizes.js';
import { metaFields, metaJson, rowFields, rowsJson } from './inspect-store.js';
import type { FieldSection, Section } from './section.js';

const PAYLOAD_TEXT: Readonly<Record<FsmPayloadKind, string>> = {
  'pebble-stream': 'EKVPBBL1, native Pebble stream',
  'sst-bundle': 'EKVSSTI1, SST ingest bundle',
  'mvcc-stream': 'EKVMVCC2, streaming MVCC',
  empty: 'none: a restore leaves an empty store',
  oracle: 'timestamp oracle, 8 bytes',
  unreadable: 'unreadable',
};

export function headerText(header: SnapshotHeader | undefined): string {
  if (header === undefined) return 'unreadable';
  if (header.form === 'legacy') return 'none (headerless legacy payload)';
  return `${header.form}, ${header.length} B`;
}

export function crcText(footer: number | undefined, computed: number | undefined): string {
  if (footer === undefined) return computed === undefined ? 'no footer' : hex32(computed);
  if (computed === undefined) return `footer ${hex32(footer)}, not compared`;
  if (footer === computed) return `${hex32(footer)}, footer and payload agree`;
  return `MISMATCH: footer ${hex32(footer)}, computed ${hex32(computed)}`;
}

function tokenText(report: FsmReport, found: FoundToken | undefined): string {
  if (found === undefined) return 'not at hand, not compared';
  const { token, from } = found;
  const { footer } = report;
  if (footer === undefined) return `${hex32(token.crc)} (${from}), not compared`;
  const agrees = footer === token.crc ? 'agrees with the footer' : 'DIFFERS from the footer';
  return `index ${token.index}, ${hex32(token.crc)} (${from}): ${agrees}`;
}

export function fsmSections(report: FsmReport, found: FoundToken | undefined): Section[] {
  const { header, payload, payloadKind: kind, oracleCeilingMs } = report;
  const bytes = Math.max(report.payloadBytes - report.payloadOffset, 0);
  const ceiling = kind === 'oracle' ? oracleCeilingMs : header?.ceilingMs;
  const fields: FieldSection['fields'] = [
    ['size', exactSizeText(report.size)],
    ['header', kind === 'oracle' ? undefined : headerText(header)],
    ['ceiling', ceiling === undefined ? undefined : `${ceilingText(ceiling)} (${ceiling} ms)`],
    ['cutover', cutoverText(header)],
    ['extension', extensionText(header)],
    ['store payload', `${PAYLOAD_TEXT[kind]}; ${exactSizeText(bytes)} @${report.payloadOffset}`],
    ['CRC-32C', report.container ? crcText(report.footer, report.computed) : 'none (bare payload)'],
    ['token', report.container ? tokenText(report, found) : undefined],
  ];
  const sections: Section[] = [{ fields }];
  if (payload) {
    const { rows } = payload;
    const more = rows === undefined ? [] : rowFields(rows, payload.highestTs);
    sections.push({ title: 'Store', fields: [...metaFields(payload.meta), ...more] });
  }
  return sections;
}

const SHOWN_EXTENSION_BYTES = 16;

function extensionText(header: SnapshotHeader | undefined): string | undefined {
  const bytes = header?.extension ?? new Uint8Array(0);
  if (bytes.length === 0) return undefined;
  const more = bytes.length > SHOWN_EXTENSION_BYTES ? '…' : '';
  return `${bytes.length} B ${hex(bytes.subarray(0, SHOWN_EXTENSION_BYTES))}${more}`;
}

function cutoverText(header: SnapshotHeader | undefined): string | undefined {
  if (header?.form !== 'v2') return undefined;
  if (header.cutover === 0n) return '0: no entry is wrapped';
  return `${header.cutover}: entries above it are wrapped`;
}

export function fsmHeadline(report: FsmReport): string {
  const { payload, payloadKind, container } = report;
  const what = container ? '.fsm snapshot' : 'bare snapshot payload';
  if (payloadKind === 'oracle') return `${what} of a timestamp oracle`;
  const form =
    report.header?.form === 'legacy' ? 'headerless' : `${report.header?.form ?? 'no'} header`;
  const rows = payload?.rows;
  const keys = rows
    ? `, ${plural(rows.userKeys, 'key')} in ${plural(rows.versions, 'version')}`
    : '';
  return `${what}, ${form}${keys}`;
}

export function fsmJson(report: FsmReport, found: FoundToken | undefined): object {
  const { header, payload, footer, computed } = report;
  return {
    size: BigInt(report.size),
    container: report.container,
    header: header
      ? {
          form: header.form,
          length: header.length,
          ceilingMs: header.ceilingMs,
          ceilingDate: header.ceilingMs === 0n ? null : ceilingText(header.ceilingMs),
          cutover: header.cutover,
          extensionHex: hex(header.extension),
        }
      : null,
    oracleCeilingMs: report.oracleCeilingMs ?? null,
    payload: {
      kind: report.payloadKind,
      offset: BigInt(report.payloadOffset),
      bytes: BigInt(Math.max(report.payloadBytes - report.payloadOffset, 0)),
      readable: payload !== undefined || report.payloadKind === 'oracle',
      meta: payload ? metaJson(payload.meta) : null,
      rows: rowsJson(payload?.rows),
      highestTs: payload?.highestTs ?? null,
    },
    crc32c: {
      footer: footer === undefined ? null : hex32(footer),
      computed: computed === undefined ? null : hex32(computed),
      matches: footer === undefined || computed === undefined ? null : footer === computed,
    },
    token: found
      ? {
          index: found.token.index,
          crc32c: hex32(found.token.crc),
          from: found.from,
          matches: footer === undefined ? null : footer === found.token.crc,
        }
      : null,
  };
}
