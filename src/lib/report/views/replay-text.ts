/**
 * One entry a line, for people:
 *
 *     index  term  type    disposition        bytes  what it did
 *
 * The columns are as wide as their usual content; what varies most stands last.
 */
import { unhex } from '../../bytes/hex.js';
import type { ReplayDetail, ReplayRecord } from '../../replay/replay-record.js';
import type { RequestRecord } from '../../engine/boot-report.js';
import type { ShownMutation } from '../../replay/mutation-values.js';
import { ceilingText, dateText } from '../dates.js';
import { quoteKey } from '../quote.js';
import { plural } from '../sizes.js';
import { changeText } from './replay-change.js';

const KEY_BYTES = 32;

export const REPLAY_HEADING = heading();

function columns(
  index: string,
  term: string,
  type: string,
  disposition: string,
  bytes: string,
): string {
  return (
    `${index.padStart(8)} ${term.padStart(4)}  ${type.padEnd(13)}  ` +
    `${disposition.padEnd(18)} ${bytes.padStart(7)}  `
  );
}

function heading(): string {
  return `${columns('index', 'term', 'type (*enc)', 'disposition', 'bytes')}what`;
}

export function replayText(record: ReplayRecord, detail: ReplayDetail): string {
  const bytes = record.payloadLength === null ? '-' : String(record.payloadLength);
  const { disposition, error } = record;
  const head = columns(
    String(record.index),
    String(record.term),
    typeText(record),
    disposition ?? '-',
    bytes,
  );
  const what = whatText(record, detail);
  const failed = error === null ? '' : `${what === '' ? '' : ', '}${error}`;
  return `${head}${what}${failed}`.trimEnd();
}

function typeText({ tag, entryType, wrapped, proposalId }: ReplayRecord): string {
  if (tag !== null) return wrapped ? `${tag}*` : tag;
  if (entryType !== 'normal') return entryType;
  if (wrapped) return 'wrapped';
  return proposalId === null ? '-' : 'empty';
}

function whatText(record: ReplayRecord, detail: ReplayDetail): string {
  const parts: string[] = [];
  const main = mainText(record, detail);
  if (main !== '') parts.push(main);
  if (detail.unreadable !== null) parts.push(`unreadable: ${detail.unreadable}`);
  const by = detail.overwrittenBy;
  if (by !== null) {
    const elsewhere = shortFile(record.file ?? '') !== by.segment;
    parts.push(`overwritten by the record ${elsewhere ? `${by.segment} ` : ''}@${by.offset}`);
  }
  if (record.file === null) parts.push('made by this boot');
  return parts.join('; ');
}

function mainText(record: ReplayRecord, detail: ReplayDetail): string {
  const { tag, requests, entryType } = record;
  if (entryType === 'confChange' || entryType === 'confChangeV2') return changeText(detail);
  if (requests.length > 0) return requestsText(requests);
  switch (tag) {
    case 'lease':
      return leaseText(record, detail);
    case 'registration':
    case 'bootstrap':
    case 'rotation':
      return encryptionText(detail);
    case 'single':
    case 'batch':
    case 'legacy':
      return detail.onlyRead ? unparsedText(detail.payload) : '';
    case null:
      return plainText(record);
    default:
      return '';
  }
}

/** A raft envelope begins 01 00, and where none is expected it is taken for a batch. */
function unparsedText(payload: Uint8Array | null): string {
  const sealed = payload?.[0] === 0x01 && payload[1] === 0x00;
  return sealed ? 'does not parse; begins like a raft envelope' : 'does not parse';
}

function plainText({ disposition, proposalId, wrapped }: ReplayRecord): string {
  if (disposition === 'not-a-proposal') return 'no proposal: ignored';
  if (disposition === 'empty') return 'a new leader’s empty entry';
  return proposalId === null && !wrapped ? 'nothing to apply' : '';
}

function requestsText(requests: readonly RequestRecord[]): string {
  const mutations = requests.reduce((sum, request) => sum + request.mutations, 0);
  const phases = new Map<string, number>();
  for (const { phase } of requests) phases.set(phase, (phases.get(phase) ?? 0) + 1);
  const [first] = requests;
  const what =
    requests.length === 1
      ? `${first?.phase ?? ''}, ${plural(mutations, 'mutation')}`
      : `${[...phases].map(([phase, n]) => `${n} ${phase}`).join(', ')}; ` +
        plural(mutations, 'mutation');
  const ts = first?.commitTs ?? null;
  const at = ts === null ? '' : ` at ${timeText(ts)}`;
  const key = requests.find(({ keyHex }) => keyHex !== null)?.keyHex ?? null;
  return `${what}${key === null ? '' : ` ${keyText(key)}`}${at}${failuresText(requests)}`;
}

const LOGICAL_BITS = 16n;

/** The time of a commit timestamp; a small number, as tests use them, as it is. */
function timeText(ts: bigint): string {
  return ts >> LOGICAL_BITS === 0n ? String(ts) : dateText(ts >> LOGICAL_BITS);
}

function failuresText(requests: readonly RequestRecord[]): string {
  const failed = requests.filter(({ error }) => error !== null);
  const [first] = failed;
  if (first === undefined) return '';
  const key = first.errorKeyHex === null ? '' : ` ${keyText(first.errorKeyHex)}`;
  const count = requests.length === 1 ? 'fails' : `${failed.length} of ${requests.length} fail`;
  return `; ${count}: ${first.error ?? ''}${key}`;
}

function keyText(keyHex: string): string {
  return quoteKey(unhex(keyHex) ?? new Uint8Array(0), KEY_BYTES);
}

const ENCRYPTION_TEXTS = {
  registration: 'registers a writer of',
  bootstrap: 'brings in',
  rotate: 'rotates to',
  'enable-storage': 'switches the storage envelope on with',
  'enable-raft': 'switches the raft envelope on with',
} as const;

function encryptionText({ encryption }: ReplayDetail): string {
  if (encryption === null) return 'does not decode';
  const { kind, purpose, dekIds, registrations, nodeId, localEpoch } = encryption;
  const keys = `${dekIds.length === 1 ? 'key' : 'keys'} ${dekIds.join(', ')}`;
  const of = purpose === null || purpose === 'both' ? '' : ` (${purpose})`;
  const who =
    registrations === 1 && nodeId !== null
      ? `, node ${nodeId.toString(16)} epoch ${localEpoch ?? 0}`
      : `, ${plural(registrations, 'writer')}`;
  return `${ENCRYPTION_TEXTS[kind]} ${keys}${of}${who}`;
}

const LEASE_BYTES = 9;

function leaseText({ ceilingMs, applied }: ReplayRecord, { payload }: ReplayDetail): string {
  if (payload === null || payload.length !== LEASE_BYTES) return 'lease';
  const ms = Buffer.from(payload.buffer, payload.byteOffset, payload.length).readBigInt64BE(1);
  const text = ms <= 0n ? `${ms} ms, changes nothing` : `ceiling ${ceilingText(ms)}`;
  if (!applied || ceilingMs === null || ms === ceilingMs || ms <= 0n) return text;
  return `${text}, already at ${ceilingText(ceilingMs)}`;
}

function shortFile(name: string): string {
  return name.split('/').pop() ?? name;
}

/** `        put "key" = "value"…+12`: one mutation a line. */
export function mutationText({ op, keyHex, valueHex, valueLength }: ShownMutation): string {
  const key = quoteKey(unhex(keyHex) ?? new Uint8Array(0));
  if (op !== 'put' && valueLength === 0) return `          ${op} ${key}`;
  const value = quoteKey(unhex(valueHex) ?? new Uint8Array(0));
  const more = valueLength - valueHex.length / 2;
  return `          ${op} ${key} = ${value}${more > 0 ? `…+${more}` : ''}`;
}
