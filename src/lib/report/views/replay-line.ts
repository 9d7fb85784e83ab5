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
const CLEAR_LENGTH = encoded(',"wrapped":false,"payloadLength":');
const WRAPPED_LENGTH = encoded(',"wrapped":true,"payloadLength":');
const DIGEST = encoded(',"payloadSha256":');
const REQUESTS = encoded(',"requests":[');
const COMMIT_TS = encoded('","commitTs":');
const MUTATIONS = encoded(',"mutations":');
const ERROR = encoded(',"error":');
const NO_ERROR = encoded(',"error":null');
const ERROR_KEY = encoded(',"errorKeyHex":');
const KEY = encoded(',"keyHex":');
const CEILING = encoded(',"ceilingMs":');
const NULL = encoded('null');
const END = encoded('}\n');
const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACKET = 0x5d;
const BRACE = 0x7d;

/** Room for most lines. */
const LINE_BYTES = 1024;

function encoded(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** JSON of a text from elsewhere: a file's name, an error's. */
function quoted(text: string): string {
  return safeJson(JSON.stringify(text));
}

/** Words of ours need no escapes. */
function wordOrNull(word: string | null): string {
  return word === null ? 'null' : `"${word}"`;
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
  private fate: Kept | undefined;
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
    const { requests, payloadLength } = record;
    out.putBytes(HEAD);
    out.putU64(record.index);
    out.putBytes(this.siteOf(record));
    if (record.offset === null) out.putBytes(NULL);
    else {
      out.putByte(QUOTE);
      out.putCount(record.offset);
      out.putByte(QUOTE);
    }
    out.putBytes(this.fateOf(record));
    this.putU64(record.proposalId);
    out.putBytes(record.wrapped ? WRAPPED_LENGTH : CLEAR_LENGTH);
    if (payloadLength === null) out.putBytes(NULL);
    else out.putCount(payloadLength);
    out.putBytes(DIGEST);
    this.putPlain(record.payloadSha256);
    out.putBytes(REQUESTS);
    for (let i = 0; i < requests.length; i++) {
      if (i > 0) out.putByte(COMMA);
      this.putRequest(requests[i]!);
    }
    out.putByte(BRACKET);
    this.putError(record.error, record.errorNames);
    out.putBytes(CEILING);
    this.putU64(record.ceilingMs);
    const { change, encryption, overwrittenBy } = detail;
    if ((change ?? encryption ?? overwrittenBy ?? values) !== null) {
      out.putText(rest(detail, values));
    }
    out.putBytes(END);
  }

  private putRequest(request: RequestRecord): void {
    const { out } = this;
    const { errorKeyHex } = request;
    out.putBytes(this.phaseOf(request));
    out.putU64(request.ts);
    out.putBytes(COMMIT_TS);
    this.putU64(request.commitTs);
    out.putBytes(MUTATIONS);
    out.putCount(request.mutations);
    this.putError(request.error, request.errorNames);
    if (errorKeyHex !== null) {
      out.putBytes(ERROR_KEY);
      this.putPlain(errorKeyHex);
    }
    out.putBytes(KEY);
    this.putPlain(request.keyHex);
    out.putByte(BRACE);
  }

  private putError(error: string | null, names: readonly string[]): void {
    const { out } = this;
    if (error === null) out.putBytes(NO_ERROR);
    else {
      out.putBytes(ERROR);
      out.putText(quoted(error));
    }
    if (names.length > 1) out.putText(`,"errorNames":[${names.map(quoted).join(',')}]`);
  }

  private putU64(value: bigint | null): void {
    const { out } = this;
    if (value === null) {
      out.putBytes(NULL);
      return;
    }
    out.putByte(QUOTE);
    out.putU64(value);
    out.putByte(QUOTE);
  }

  /** Hex: it needs no escapes. */
  private putPlain(text: string | null): void {
    const { out } = this;
    if (text === null) {
      out.putBytes(NULL);
      return;
    }
    out.putByte(QUOTE);
    out.putAscii(text);
    out.putByte(QUOTE);
  }

  /** From behind the index to the offset. */
  private siteOf(record: ReplayRecord): Uint8Array {
    const { site } = this;
    if (site !== undefined && site.of.term === record.term && site.of.file === record.file) {
      return site.json;
    }
    const file = record.file === null ? 'null' : quoted(record.file);
    const json = encoded(`","term":"${record.term}","file":${file},"offset":`);
    this.site = { of: record, json };
    return json;
  }

  /** From behind the offset to the proposal's id. */
  private fateOf(record: ReplayRecord): Uint8Array {
    const { fate } = this;
    if (fate !== undefined && isSameFate(fate.of, record)) return fate.json;
    const json = encoded(
      `,"entryType":"${record.entryType}","committed":${record.committed},` +
        `"disposition":${wordOrNull(record.disposition)},"told":${record.told},` +
        `"applied":${record.applied},"tag":${wordOrNull(record.tag)},"proposalId":`,
    );
    this.fate = { of: record, json };
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

function isSameFate(a: ReplayRecord, b: ReplayRecord): boolean {
  return (
    a.tag === b.tag &&
    a.disposition === b.disposition &&
    a.entryType === b.entryType &&
    a.committed === b.committed &&
    a.told === b.told &&
    a.applied === b.applied
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
