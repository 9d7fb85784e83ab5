/** The checks of one `.fsm` (spec/snapshot-files.md §4, §5): token, body, and what lies inside. */
import { ToolError } from '../core/errors.js';
import { hex32 } from '../bytes/hex.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { ByteSource } from '../io/byte-source.js';
import { inspectFsmFile, type FoundToken } from '../inspect/fsm.js';
import type { FsmPayloadKind, FsmReport } from '../snapshot/inspect.js';
import type { Ledger } from './ledger.js';

export interface FsmVerifyOptions {
  /** Name in the report. */
  readonly file: string;
  readonly container: boolean;
  readonly found: FoundToken | undefined;
  /** Known to belong to no `.snap` of its directory. */
  readonly orphan?: boolean | undefined;
  /** Why there is no token, where there is none. */
  readonly noToken: string;
  readonly pace: Pace;
}

const TOKEN_CODES: readonly string[] = ['fsm-token-crc'];
const CRC_CODES: readonly string[] = ['fsm-file-crc', 'fsm-too-small'];
/** About what a boot does with sound bytes: the dry run's subject. */
export const HAZARDS: readonly string[] = ['snapshot-ceiling-below', 'fsm-ceiling-negative'];
/** Said elsewhere, or no word about the content. */
const NOT_CONTENT: readonly string[] = [...TOKEN_CODES, ...CRC_CODES, 'fsm-damaged-body-swap'];

const INSIDE: Readonly<Record<FsmPayloadKind, string>> = {
  'pebble-stream': 'read to its end; the form has no checksum of its own',
  'sst-bundle': 'manifest and tables have their SHA-256',
  'mvcc-stream': 'body has its CRC-32',
  empty: 'no store payload',
  oracle: 'ceiling within its bounds',
  unreadable: 'not readable',
};

export async function verifyFsm(
  source: ByteSource,
  options: FsmVerifyOptions,
  ledger: Ledger,
): Promise<void> {
  const { file, container, found, orphan = false, pace } = options;
  let report: FsmReport;
  try {
    report = await inspectFsmFile(source, { container, found, pace });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    ledger.find(findingOf(error));
    ledger.check(container ? 'fsm-crc' : 'fsm-content', file, 'unreadable', error.detail);
    ledger.account(container ? 'fsm-crc' : 'fsm-content', file, source.size, {
      unreadable: source.size,
    });
    return;
  }
  const faults = report.findings.filter(({ code }) => !HAZARDS.includes(code));
  ledger.find(...(orphan ? faults.map(ofNoUse) : faults));
  const content = contentCheck(report);
  const bad = orphan ? 'attention' : 'damaged';
  if (container) {
    tokenCheck(report, options, ledger);
    const good = report.footer !== undefined && report.footer === report.computed;
    ledger.check('fsm-crc', file, good ? 'ok' : bad, crcDetail(report));
    const bytes = good ? { checked: source.size } : { unreadable: source.size };
    ledger.account('fsm-crc', file, source.size, bytes);
  } else {
    const sums = INNER_SUMS.includes(report.payloadKind) && content.status === 'ok';
    const checked = sums ? source.size - report.payloadOffset : 0;
    ledger.account('fsm-content', file, source.size, { checked });
  }
  const status = content.status === 'damaged' ? bad : content.status;
  ledger.check('fsm-content', file, status, content.detail);
}

/** No start reads a `.fsm` that no `.snap` names, whatever is wrong with it. */
function ofNoUse(fault: Finding): Finding {
  return fault.severity === 'error' && (fault.exitCode ?? 2) === 2
    ? { ...fault, severity: 'warning', exitCode: 3, nodeError: undefined }
    : fault;
}

/** Forms that carry checksums of their own. */
const INNER_SUMS: readonly FsmPayloadKind[] = ['sst-bundle', 'mvcc-stream'];

function tokenCheck(
  { footer }: FsmReport,
  { file, found, noToken }: FsmVerifyOptions,
  ledger: Ledger,
): void {
  if (found === undefined) return ledger.check('fsm-token', file, 'skipped', noToken);
  const stated = hex32(found.token.crc);
  if (footer === undefined) {
    return ledger.check('fsm-token', file, 'skipped', 'no footer to compare with');
  }
  if (footer === found.token.crc) {
    return ledger.check('fsm-token', file, 'ok', `${stated} in ${found.from}`);
  }
  ledger.check('fsm-token', file, 'damaged', `token ${stated}, footer ${hex32(footer)}`);
}

function crcDetail({ footer, computed, size }: FsmReport): string {
  if (footer === undefined) return `${size} B have no room for the footer`;
  if (computed === undefined) return 'not computed';
  if (footer === computed) return `CRC-32C ${hex32(footer)}`;
  return `footer ${hex32(footer)}, computed ${hex32(computed)}`;
}

function contentCheck(report: FsmReport): { status: 'ok' | 'damaged' | 'skipped'; detail: string } {
  if (report.container && report.footer === undefined) {
    return { status: 'skipped', detail: 'there is no payload' };
  }
  const first = report.findings.find(isContentFault);
  if (first?.exitCode === 5) return { status: 'skipped', detail: first.message };
  if (first) return { status: 'damaged', detail: first.message };
  return { status: 'ok', detail: INSIDE[report.payloadKind] };
}

function isContentFault({ severity, code }: Finding): boolean {
  return severity === 'error' && !NOT_CONTENT.includes(code);
}
