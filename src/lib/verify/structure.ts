/**
 * Files whose form has no checksum are read to their end all the same: what does not parse is no
 * sound data. Their bytes stay `skipped`, because nothing proves them.
 */
import type { Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { ByteSource } from '../io/byte-source.js';
import type { FileKind } from '../inspect/kind.js';
import { inspectLegacy } from '../inspect/legacy.js';
import { readEngineMarker, readPeers, readSidecar } from '../inspect/small-files.js';
import { LEGACY_FILES } from '../raft/legacy/legacy-files.js';
import { PEERS_FILE } from '../raft/peers/peers-file.js';
import type { Ledger } from './ledger.js';

/** Names that a node opens. */
const KIND_OF_NAME: Readonly<Record<string, FileKind>> = {
  [PEERS_FILE]: 'peers-file',
  [LEGACY_FILES.state]: 'legacy-state',
  [LEGACY_FILES.meta]: 'legacy-meta',
  [LEGACY_FILES.entries]: 'legacy-entries',
  [LEGACY_FILES.fsmSnapshot]: 'payload-file',
  'raft-engine': 'engine-marker',
  'keys.json': 'sidecar',
};

export function sumlessKindOf(name: string): FileKind | undefined {
  return KIND_OF_NAME[name];
}

/** @throws {IoError} */
export async function verifyStructure(
  source: ByteSource,
  kind: FileKind,
  file: string,
  pace: Pace,
  ledger: Ledger,
): Promise<void> {
  const findings = await faultsOf(source, kind, pace);
  if (findings === undefined) {
    ledger.check('no-checksum', file, 'skipped', 'this form has no checksum');
    ledger.account('no-checksum', file, source.size, {});
    return;
  }
  ledger.find(...findings);
  const fault = findings.find(({ severity }) => severity === 'error');
  if (fault === undefined) {
    ledger.check('structure', file, 'ok', 'read to its end; the form has no checksum');
    ledger.account('structure', file, source.size, {});
    return;
  }
  const status = fault.exitCode === 5 ? 'unreadable' : 'damaged';
  ledger.check('structure', file, status, fault.message);
  ledger.account('structure', file, source.size, { unreadable: source.size });
}

async function faultsOf(
  source: ByteSource,
  kind: FileKind,
  pace: Pace,
): Promise<readonly Finding[] | undefined> {
  switch (kind) {
    case 'peers-file':
      return readPeers(source).findings;
    case 'engine-marker':
      return readEngineMarker(source).findings;
    case 'sidecar':
      return readSidecar(source, undefined).findings;
    case 'legacy-state':
    case 'legacy-meta':
    case 'legacy-entries':
      return (await inspectLegacy(source, kind, pace)).findings;
    default:
      return undefined;
  }
}
