/** The document every command prints under `--json` (spec/output.md §1), field by field. */
import { ToolError, type ExitCode } from '../core/errors.js';
import type { ErrorCode } from '../core/codes/all.js';
import type { Finding } from '../core/finding.js';

export const FORMAT_VERSION = '1.0';

/** What the command was pointed at: `path` exactly as the operator gave it. */
export interface InputRef {
  readonly path: string;
  /** `group-dir`, `fsm-file`, `wal-segment`, `pebble-dir`, … */
  readonly kind: string;
}

export interface EnvelopeHead {
  readonly tool: { readonly name: string; readonly version: string };
  readonly command: string;
  readonly inputs: readonly InputRef[];
  readonly verdict: string | null;
  readonly exitCode: ExitCode;
  readonly findings: readonly Finding[];
  readonly error?: Failure | undefined;
}

/** Why there is no result. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly file: string | null;
  readonly offset: bigint | null;
}

export function failureOf(error: ToolError): Failure {
  return {
    code: error.code,
    message: error.detail,
    file: error.site?.path ?? null,
    offset: error.site?.offset === undefined ? null : BigInt(error.site.offset),
  };
}

/** A finding with all of its fields, null where there is nothing to say. */
export function findingRecord(finding: Finding): Readonly<Record<string, unknown>> {
  return {
    code: finding.code,
    severity: finding.severity,
    file: finding.file ?? null,
    offset: finding.offset === undefined ? null : BigInt(finding.offset),
    index: finding.index ?? null,
    message: finding.message,
    nodeError: finding.nodeError ?? null,
    next: finding.next ?? [],
  };
}

function headFields(head: EnvelopeHead): Record<string, unknown> {
  return {
    formatVersion: FORMAT_VERSION,
    tool: { name: head.tool.name, version: head.tool.version },
    command: head.command,
    inputs: head.inputs.map((input) => ({ path: input.path, kind: input.kind })),
    verdict: head.verdict,
    exitCode: head.exitCode,
    findings: head.findings.map(findingRecord),
    error: head.error,
  };
}

export function envelope(head: EnvelopeHead, result: unknown): unknown {
  return { ...headFields(head), result: head.error ? null : (result ?? null) };
}

/** The last record of a stream. Its absence tells that the stream was cut off. */
export function summaryRecord(head: EnvelopeHead, extra: object = {}): unknown {
  return { type: 'summary', ...headFields(head), ...extra };
}
