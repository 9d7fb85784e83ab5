/**
 * One record of `replay-wal` as a line of JSON, field by field as spec/output.md §4 has them. A log
 * has many entries, and a string built in place costs a quarter of `JSON.stringify` with a replacer.
 */
import type { RequestRecord } from '../../engine/boot-report.js';
import type { ReplayDetail, ReplayRecord } from '../../replay/replay-record.js';
import { changeResult } from './replay-change.js';
import { safeJson } from '../safe-text.js';
import type { ShownMutation } from '../../replay/mutation-values.js';

/** Texts that are the same for thousands of records: file names, words, error names. */
const quotedTexts = new Map<string, string>();
const MOST_TEXTS = 4096;

function quoted(text: string): string {
  let json = quotedTexts.get(text);
  if (json === undefined) {
    json = safeJson(JSON.stringify(text));
    if (quotedTexts.size >= MOST_TEXTS) quotedTexts.clear();
    quotedTexts.set(text, json);
  }
  return json;
}

function textOrNull(text: string | null): string {
  return text === null ? 'null' : quoted(text);
}

/** Decimal digits and hex need no escapes. */
function plainOrNull(value: string | bigint | number | null): string {
  return value === null ? 'null' : `"${value}"`;
}

/** @param values  of the mutations, where they were asked for */
export function replayLine(
  record: ReplayRecord,
  detail: ReplayDetail,
  values: readonly ShownMutation[] | null = null,
): string {
  const { requests, errorNames } = record;
  let line =
    `{"type":"entry","index":"${record.index}","term":"${record.term}",` +
    `"file":${textOrNull(record.file)},"offset":${plainOrNull(record.offset)},` +
    `"entryType":"${record.entryType}","committed":${record.committed},` +
    `"disposition":${plainOrNull(record.disposition)},"told":${record.told},` +
    `"applied":${record.applied},"tag":${plainOrNull(record.tag)},` +
    `"proposalId":${plainOrNull(record.proposalId)},"wrapped":${record.wrapped},` +
    `"payloadLength":${record.payloadLength},` +
    `"payloadSha256":${plainOrNull(record.payloadSha256)},"requests":[`;
  for (let i = 0; i < requests.length; i++) {
    const request = requests[i];
    if (request === undefined) continue;
    if (i > 0) line += ',';
    line += requestText(request);
  }
  line += `],"error":${textOrNull(record.error)}`;
  if (errorNames.length > 1) line += `,"errorNames":[${errorNames.map(quoted).join(',')}]`;
  line += `,"ceilingMs":${plainOrNull(record.ceilingMs)}`;
  const { change, encryption, overwrittenBy } = detail;
  if ((change ?? encryption ?? overwrittenBy ?? values) !== null) {
    line += rest(detail, values);
  }
  return `${line}}\n`;
}

function requestText(request: RequestRecord): string {
  const { errorNames, errorKeyHex } = request;
  let text =
    `{"phase":"${request.phase}","ts":"${request.ts}",` +
    `"commitTs":${plainOrNull(request.commitTs)},"mutations":${request.mutations},` +
    `"error":${textOrNull(request.error)}`;
  if (errorNames.length > 1) text += `,"errorNames":[${errorNames.map(quoted).join(',')}]`;
  if (errorKeyHex !== null) text += `,"errorKeyHex":"${errorKeyHex}"`;
  return `${text},"keyHex":${plainOrNull(request.keyHex)}}`;
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

/** The same record as plain data, for one document. */
export function recordResult(
  record: ReplayRecord,
  detail: ReplayDetail,
  values: readonly ShownMutation[] | null = null,
): object {
  const line = replayLine(record, detail, values);
  return JSON.parse(line) as object;
}
