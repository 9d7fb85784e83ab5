/** One file on its own: every checksum that its form has. */
import type { Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { ByteSource } from '../io/byte-source.js';
import type { FoundToken } from '../inspect/fsm.js';
import type { FileKind } from '../inspect/kind.js';
import { verifyBlobFile } from '../pebble/sstable/verify-blob-file.js';
import { verifyTable } from '../pebble/sstable/verify-table.js';
import { Ledger, type VerifyReport } from './ledger.js';
import { verifyFsm } from './verify-fsm.js';
import { verifySnap } from './verify-snap.js';
import { verifySegment } from './verify-wal.js';
import { verifyStructure } from './structure.js';

export interface FileVerifyOptions {
  /** As it was typed: in findings and in the report. */
  readonly path: string;
  readonly name: string;
  readonly kind: FileKind;
  readonly found: FoundToken | undefined;
  readonly pace: Pace;
}

const NO_TOKEN = 'no .snap beside it names it, and neither --token nor --crc was given';

/** A `.snap` without a token: whatever its bytes say is a finding. @throws {IoError} */
export async function verifyFile(
  source: ByteSource,
  { path, name, kind, found, pace }: FileVerifyOptions,
): Promise<VerifyReport> {
  const ledger = new Ledger();
  switch (kind) {
    case 'fsm-file':
    case 'payload-file': {
      const container = kind === 'fsm-file';
      await verifyFsm(source, { file: path, container, found, noToken: NO_TOKEN, pace }, ledger);
      if (container && found === undefined) {
        const message = `the footer was compared with the body only: ${NO_TOKEN}`;
        ledger.find({ code: 'verify-no-token', severity: 'note', file: path, message });
      }
      break;
    }
    case 'snap-file':
      await verifySnap(source, name, path, pace, ledger);
      break;
    case 'wal-segment':
      await verifySegment(source, name, path, pace, ledger);
      break;
    case 'pebble-table':
    case 'pebble-blob':
      await verifyBlocks(source, kind, path, pace, ledger);
      break;
    default:
      await verifyStructure(source, kind, path, pace, ledger);
  }
  return ledger.report(source.size, []);
}

async function verifyBlocks(
  source: ByteSource,
  kind: 'pebble-table' | 'pebble-blob',
  path: string,
  pace: Pace,
  ledger: Ledger,
): Promise<void> {
  const findings: Finding[] = [];
  const options = { pace, report: (finding: Finding): void => void findings.push(finding) };
  const verdict =
    kind === 'pebble-table'
      ? await verifyTable(source, { ...options, level: 'full' })
      : await verifyBlobFile(source, options);
  ledger.find(...findings);
  const errors = findings.filter(({ severity }) => severity === 'error');
  // A form that is not known says nothing about damage.
  const worst = errors.find(({ exitCode }) => exitCode !== 5) ?? errors[0];
  const status = worst === undefined ? 'ok' : worst.exitCode === 5 ? 'unreadable' : 'damaged';
  const { blocks, badBlocks } = verdict;
  ledger.check('pebble', path, status, worst?.message ?? `${blocks} blocks, ${badBlocks} bad`);
  const { bytesChecked: checked, bytesUnreadable: unreadable } = verdict;
  ledger.account('pebble', path, source.size, { checked, unreadable });
}
