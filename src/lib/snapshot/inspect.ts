import { hex32 } from '../bytes/hex.js';
import { FsmFault } from './fsm-fault.js';
import { findingOf, type Finding } from '../core/finding.js';
import { NO_PACE, type Pace } from '../core/pace.js';
import { readRange, type ByteSource } from '../io/byte-source.js';
import { FsmPass } from './crc-check.js';
import type { Field } from './field.js';
import { headerFields, signedCeilingMs, type SnapshotHeader } from './header.js';
import { decodeOraclePayload, ORACLE_BYTES } from './payload/oracle.js';
import type { RestoredPayload } from './payload/restored-payload.js';
import type { StorePayloadKind } from './payload/store-magic.js';
import type { FsmToken } from './token.js';

export interface InspectOptions {
  readonly token?: FsmToken | undefined;
  /** False for a bare payload: an inline snapshot, a spool file, `etcd-fsm-snapshot.bin`. */
  readonly container: boolean;
  readonly pace?: Pace;
  readonly chunkBytes?: number;
}

/** What the bytes behind the header are. `oracle`: the whole payload, which then has no header. */
export type FsmPayloadKind = StorePayloadKind | 'oracle' | 'unreadable';

export interface FsmReport {
  readonly path: string;
  readonly size: number;
  readonly container: boolean;
  readonly payloadBytes: number;
  /** Stated CRC; undefined for a bare payload and a file too small for one. */
  readonly footer: number | undefined;
  /** CRC32C of the payload; undefined for a file too small for a footer. */
  readonly computed: number | undefined;
  readonly token: FsmToken | undefined;
  /** Undefined where the payload's start cannot be read as one. */
  readonly header: SnapshotHeader | undefined;
  /** Header and footer, for a hexdump. */
  readonly fields: readonly Field[];
  readonly payloadKind: FsmPayloadKind;
  /** Absolute offset of the store payload. */
  readonly payloadOffset: number;
  /** The store payload, if it can be read to its end. It has no view. */
  readonly payload: RestoredPayload | undefined;
  /** Ceiling of an oracle payload. */
  readonly oracleCeilingMs: bigint | undefined;
  /** In the order in which a restoring node would meet the faults; it stops at the first one. */
  readonly findings: readonly Finding[];
}

/**
 * Looks at everything in a `.fsm` or a bare payload; a fault becomes a finding and the reading goes
 * on where that is possible.
 * @throws {IoError} reading failed
 * @throws {UnsupportedError} a bundle's table has a form this tool does not read
 */
export async function inspectFsm(source: ByteSource, options: InspectOptions): Promise<FsmReport> {
  const findings: Finding[] = [];
  const pass = new FsmPass(source, { ...options, mode: 'restore' });
  const tooSmall = hold(findings, () => pass.readFooter());
  let oracleCeilingMs: bigint | undefined;
  let oracle = false;
  if (!tooSmall) {
    hold(findings, () => pass.checkToken());
    oracle = pass.payloadBytes === ORACLE_BYTES;
    if (oracle) {
      hold(findings, () => {
        const bytes = readRange(source, 0, ORACLE_BYTES);
        oracleCeilingMs = decodeOraclePayload(bytes, { path: source.path, offset: 0 });
      });
    } else if (!hold(findings, () => pass.readHeader())) {
      await holdAsync(findings, () => pass.readStore({ view: false, count: true }));
    }
    await holdAsync(findings, () => pass.checkCrc());
  }
  findings.push(...remarks(pass));
  const { header, restored } = pass;
  return {
    path: source.path,
    size: source.size,
    container: options.container,
    payloadBytes: Math.max(pass.payloadBytes, 0),
    footer: pass.footer,
    computed: pass.computed,
    token: options.token,
    header,
    fields: fieldsOf(pass),
    payloadKind: oracle ? 'oracle' : (restored?.kind ?? 'unreadable'),
    payloadOffset: header?.length ?? 0,
    payload: restored,
    oracleCeilingMs,
    findings,
  };
}

/** `ekv verify-crc`: the three steps and nothing else. */
export interface CrcReport {
  readonly footer: number | undefined;
  readonly computed: number | undefined;
  readonly findings: readonly Finding[];
}

export async function verifyFsmCrc(
  source: ByteSource,
  token: FsmToken | undefined,
  pace: Pace = NO_PACE,
): Promise<CrcReport> {
  const findings: Finding[] = [];
  const pass = new FsmPass(source, { token, mode: 'guard', pace });
  if (!hold(findings, () => pass.readFooter())) {
    hold(findings, () => pass.checkToken());
    await holdAsync(findings, () => pass.checkCrc());
  }
  return { footer: pass.footer, computed: pass.computed, findings };
}

/** Runs a step; a fault becomes a finding. @returns whether there was one */
function hold(findings: Finding[], step: () => void): boolean {
  try {
    step();
    return false;
  } catch (error) {
    if (!(error instanceof FsmFault)) throw error;
    findings.push(findingOf(error));
    return true;
  }
}

async function holdAsync(findings: Finding[], step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof FsmFault)) throw error;
    findings.push(findingOf(error));
  }
}

/** What is no fault to the node but worth knowing. */
function remarks(pass: FsmPass): Finding[] {
  const file = pass.source.path;
  const findings: Finding[] = [];
  const { header, restored } = pass;
  if (restored !== undefined && pass.computed !== undefined && pass.footer !== undefined) {
    if (pass.footer !== pass.computed) {
      const message = 'a restore replaces fsm.db by this payload before it notices the wrong CRC';
      findings.push({ code: 'fsm-damaged-body-swap', severity: 'warning', file, message });
    }
  }
  if (header !== undefined && signedCeilingMs(header) < 0n) {
    const message = `ceiling ${header.ceilingMs} ms is negative to the node and raises nothing`;
    findings.push({ code: 'fsm-ceiling-negative', severity: 'warning', file, offset: 8, message });
  }
  if (restored?.unorderedOffset !== undefined) {
    findings.push({
      code: 'fsm-keys-unordered',
      severity: 'warning',
      file,
      offset: restored.unorderedOffset,
      message: 'this key is not above the one before it; of equal keys the last pair counts',
    });
  }
  return findings;
}

function fieldsOf(pass: FsmPass): Field[] {
  const fields = pass.header === undefined ? [] : headerFields(pass.header);
  if (pass.footer !== undefined) {
    const value = hex32(pass.footer);
    fields.push({ name: 'footer.crc32c', offset: pass.payloadBytes, length: 4, value });
  }
  return fields;
}
