/**
 * One record of `replay-wal` as a line of JSON, field by field as spec/output.md §4 has them, written
 * as bytes: a log has many entries. What lies between two numbers is the same for long stretches of a
 * log, so it is encoded once and copied for as long as the words in it stay.
 */
import type { RequestRecord } from '../../engine/boot-report.js';
import type { ShownMutation } from '../../replay/mutation-values.js';
import type { ReplayDetail, ReplayRecord } from '../../replay/replay-record.js';
import { LineBuffer } from '../line-buffer.js';
import { safeJson } from '../safe-text.js';
import { changeResult } from './replay-change.js';

const HEAD = encoded('{"type":"entry","index":"');
const LENGTH = {
  clear: encoded(',"wrapped":false,"payloadLength":'),
  wrapped: encoded(',"wrapped":true,"payloadLength":'),
};
const DIGEST = encoded(',"payloadSha256":"');
const REQUESTS = encoded('","requests":[');
const NO_DIGEST = encoded(',"payloadSha256":null,"requests":[');
const COMMIT_TS = encoded('","commitTs":"');
const MUTATIONS = encoded('","mutations":');
const NO_COMMIT_TS = encoded('","commitTs":null,"mutations":');
const KEY = encoded(',"error":null,"keyHex":"');
const KEY_END = encoded('"}');
const NULL = encoded('null');
const QUOTE = 0x22;
const COMMA = 0x2c;

/** A log has a few combinations of words, which take turns. */
const MOST_FATES = 8;

/** Room for most lines. */
const LINE_BYTES = 1024;

function encoded(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** JSON of a text from elsewhere: a file's name, an error's. */
function quoted(text: string): string {
  return safeJson(JSON.stringify(text));
}

/** JSON of a word of ours, of digits or of hex: it needs no escapes. */
function plain(text: string | bigint | null): string {
  return text === null ? 'null' : `"${text}"`;
}

function errorText(error: string | null, names: readonly string[]): string {
  const text = `,"error":${error === null ? 'null' : quoted(error)}`;
  return names.length > 1 ? `${text},"errorNames":[${names.map(quoted).join(',')}]` : text;
}

/** JSON that stands for one record's words, and serves for every other that has the same. */
interface Kept {
  readonly of: ReplayRecord;
  readonly json: Uint8Array;
}

/** Writes records as lines, one below the other. */
export class ReplayLines {
  private readonly out: LineBuffer;
  private site: Kept | undefined;
  private fates: Kept[] = [];
  private ending: Kept | undefined;
  private readonly phases = new Map<string, Uint8Array>();

  constructor(out: LineBuffer) {
    this.out = out;
  }

  /** @param values  of the mutations, where they were asked for */
  add(
    record: ReplayRecord,
    detail: ReplayDetail,
    values: readonly ShownMutation[] | null = null,
  ): void {
    const { out } = this;
    const { offset, proposalId, payloadLength, payloadSha256, requests } = record;
    out.putBytes(HEAD);
    out.putU64(record.index);
    out.putBytes(this.siteOf(record));
    if (offset !== null) out.putCount(offset);
    out.putBytes(this.fateOf(record));
    if (proposalId !== null) {
      out.putU64(proposalId);
      out.putByte(QUOTE);
    }
    out.putBytes(record.wrapped ? LENGTH.wrapped : LENGTH.clear);
    if (payloadLength === null) out.putBytes(NULL);
    else out.putCount(payloadLength);
    if (payloadSha256 === null) out.putBytes(NO_DIGEST);
    else {
      out.putBytes(DIGEST);
      out.putAscii(payloadSha256);
      out.putBytes(REQUESTS);
    }
    for (let i = 0; i < requests.length; i++) {
      if (i > 0) out.putByte(COMMA);
      this.putRequest(requests[i]!);
    }
    const { change, encryption, overwrittenBy } = detail;
    if ((change ?? encryption ?? overwrittenBy ?? values) === null) {
      out.putBytes(this.endingOf(record));
    } else {
      out.putText(`${endingText(record)}${rest(detail, values)}}\n`);
    }
  }

  private putRequest(request: RequestRecord): void {
    const { out } = this;
    const { commitTs, error, errorNames, errorKeyHex, keyHex } = request;
    out.putBytes(this.phaseOf(request));
    out.putU64(request.ts);
    if (commitTs === null) out.putBytes(NO_COMMIT_TS);
    else {
      out.putBytes(COMMIT_TS);
      out.putU64(commitTs);
      out.putBytes(MUTATIONS);
    }
    out.putCount(request.mutations);
    if (error === null && errorNames.length <= 1 && errorKeyHex === null && keyHex !== null) {
      out.putBytes(KEY);
      out.putAscii(keyHex);
      out.putBytes(KEY_END);
      return;
    }
    const errorKey = errorKeyHex === null ? '' : `,"errorKeyHex":${plain(errorKeyHex)}`;
    out.putText(`${errorText(error, errorNames)}${errorKey},"keyHex":${plain(keyHex)}}`);
  }

  /** From behind the index to the offset. */
  private siteOf(record: ReplayRecord): Uint8Array {
    const { site } = this;
    if (site !== undefined && isSameSite(site.of, record)) return site.json;
    const file = record.file === null ? 'null' : quoted(record.file);
    const offset = record.offset === null ? 'null' : '"';
    const json = encoded(`","term":"${record.term}","file":${file},"offset":${offset}`);
    this.site = { of: record, json };
    return json;
  }

  /** From behind the offset to the proposal's id. */
  private fateOf(record: ReplayRecord): Uint8Array {
    const { fates } = this;
    for (let i = 0; i < fates.length; i++) {
      const fate = fates[i]!;
      if (isSameFate(fate.of, record)) return fate.json;
    }
    const json = encoded(
      `${record.offset === null ? '' : '"'},"entryType":"${record.entryType}",` +
        `"committed":${record.committed},"disposition":${plain(record.disposition)},` +
        `"told":${record.told},"applied":${record.applied},"tag":${plain(record.tag)},` +
        `"proposalId":${record.proposalId === null ? 'null' : '"'}`,
    );
    if (fates.length === MOST_FATES) fates.pop();
    fates.push({ of: record, json });
    return json;
  }

  /** From behind the requests to the end of the line. */
  private endingOf(record: ReplayRecord): Uint8Array {
    const { ending } = this;
    const isPlain = record.error === null && record.errorNames.length <= 1;
    if (isPlain && ending?.of.ceilingMs === record.ceilingMs) return ending.json;
    const json = encoded(`${endingText(record)}}\n`);
    if (isPlain) this.ending = { of: record, json };
    return json;
  }

  private phaseOf({ phase }: RequestRecord): Uint8Array {
    let json = this.phases.get(phase);
    if (json === undefined) {
      json = encoded(`{"phase":"${phase}","ts":"`);
      this.phases.set(phase, json);
    }
    return json;
  }
}

function endingText({ error, errorNames, ceilingMs }: ReplayRecord): string {
  return `]${errorText(error, errorNames)},"ceilingMs":${plain(ceilingMs)}`;
}

function isSameSite(a: ReplayRecord, b: ReplayRecord): boolean {
  return a.term === b.term && a.file === b.file && (a.offset === null) === (b.offset === null);
}

function isSameFate(a: ReplayRecord, b: ReplayRecord): boolean {
  return (
    a.tag === b.tag &&
    a.disposition === b.disposition &&
    a.entryType === b.entryType &&
    a.committed === b.committed &&
    a.told === b.told &&
    a.applied === b.applied &&
    (a.offset === null) === (b.offset === null) &&
    (a.proposalId === null) === (b.proposalId === null)
  );
}

/** What only some records have. */
function rest(detail: ReplayDetail, values: readonly ShownMutation[] | null): string {
  const more = replayExtras(detail, values);
  const json = JSON.stringify(more, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return `,${safeJson(json).slice(1, -1)}`;
}

/** Fields behind those of §4: a conf change, what overwrote the record, values that were asked for. */
export function replayExtras(
  { change, members, encryption, overwrittenBy }: ReplayDetail,
  values: readonly ShownMutation[] | null,
): Readonly<Record<string, unknown>> {
  return {
    ...(change === null ? {} : { confChange: changeResult(change), members }),
    ...(encryption === null ? {} : { encryption }),
    ...(overwrittenBy === null
      ? {}
      : {
          overwrittenBy: {
            file: overwrittenBy.segment,
            offset: String(overwrittenBy.offset),
          },
        }),
    ...(values === null ? {} : { values }),
  };
}

/** One record's line, its end included. */
export function replayLine(
  record: ReplayRecord,
  detail: ReplayDetail,
  values: readonly ShownMutation[] | null = null,
): string {
  const out = new LineBuffer(LINE_BYTES);
  new ReplayLines(out).add(record, detail, values);
  return new TextDecoder().decode(out.take());
}

/** The same record as plain data, for one document. */
export function recordResult(
  record: ReplayRecord,
  detail: ReplayDetail,
  values: readonly ShownMutation[] | null = null,
): object {
  const line = replayLine(record, detail, values);
  return JSON.parse(line) as object;
}
