import type { ErrorCode } from '../core/codes/all.js';
import { CorruptionError } from '../core/errors.js';
import type { Site } from '../core/site.js';

/** Where on the node's way through a snapshot a fault shows, in the order of spec §4. */
export type FsmStage = 'token' | 'open' | 'size' | 'token-crc' | 'header' | 'payload' | 'file-crc';

export interface FsmFaultDetail {
  readonly site: Site;
  readonly stage: FsmStage;
  /** The node's error names; empty where its error has no identity. */
  readonly nodeErrors?: readonly string[];
  /** The node's text as spec/snapshot-files.md has it; undefined where that gives none. */
  readonly nodeText?: string;
}

/**
 * What a node refuses in a snapshot. Thrown inside this folder and handed out as a value by
 * `checkFsm` and `inspectFsm`.
 */
export class FsmFault extends CorruptionError {
  readonly stage: FsmStage;
  readonly nodeErrors: readonly string[];
  readonly nodeText: string | undefined;

  constructor(code: ErrorCode, message: string, detail: FsmFaultDetail) {
    super(code, message, { site: detail.site, nodeError: detail.nodeErrors?.[0] });
    this.stage = detail.stage;
    this.nodeErrors = detail.nodeErrors ?? [];
    this.nodeText = detail.nodeText;
  }
}

/**
 * A stream that ends too early, as Go's readers tell it: `EOF` when the field has not begun,
 * `unexpected EOF` inside one. Only the second has an identity that nodes are asked for.
 * @param prefix  what the node's text has in front, with its colon and blank
 */
export function eofFault(
  code: ErrorCode,
  stage: FsmStage,
  field: string,
  needed: number | bigint,
  left: number,
  site: Site,
  prefix = '',
): FsmFault {
  const inside = left > 0;
  return new FsmFault(code, `${field} needs ${needed} B, ${left} B left`, {
    site,
    stage,
    nodeErrors: inside ? ['UnexpectedEOF'] : [],
    nodeText: `${prefix}${inside ? 'unexpected EOF' : 'EOF'}`,
  });
}
