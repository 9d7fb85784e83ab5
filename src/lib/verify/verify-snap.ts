/** The checksum of one `.snap`, and what lies inside where that is a whole payload. */
import { hex32 } from '../bytes/hex.js';
import type { Pace } from '../core/pace.js';
import type { ByteSource } from '../io/byte-source.js';
import { readSnap, type SnapReport } from '../inspect/snap.js';
import { inspectFsmFile } from '../inspect/fsm.js';
import type { Ledger } from './ledger.js';
import { HAZARDS } from './verify-fsm.js';

export async function verifySnap(
  source: ByteSource,
  name: string,
  file: string,
  pace: Pace,
  ledger: Ledger,
): Promise<SnapReport> {
  const report = await readSnap(source, name, pace);
  ledger.find(...report.findings);
  const { storedCrc, computedCrc } = report;
  const fault = report.findings.find(({ severity }) => severity === 'error');
  if (fault === undefined && storedCrc !== undefined && storedCrc === computedCrc) {
    const position = `index ${report.index}, term ${report.term}`;
    ledger.check('snap-crc', file, 'ok', `CRC-32C ${hex32(storedCrc)}, ${position}`);
    ledger.account('snap-crc', file, source.size, { checked: source.size });
  } else if (fault === undefined) {
    ledger.check('snap-crc', file, 'skipped', 'fields in an order that is not followed');
    ledger.account('snap-crc', file, source.size, {});
  } else {
    ledger.check('snap-crc', file, 'damaged', fault.message);
    ledger.account('snap-crc', file, source.size, { unreadable: source.size });
  }
  if (report.inline) {
    const options = { container: false, found: undefined, pace };
    const inside = await inspectFsmFile(report.inline, options);
    ledger.find(...inside.findings.filter(({ code }) => !HAZARDS.includes(code)));
    const bad = inside.findings.find(({ severity }) => severity === 'error');
    const detail = bad?.message ?? 'payload inside, read to its end';
    ledger.check('fsm-content', file, bad ? 'damaged' : 'ok', detail);
  }
  return report;
}
