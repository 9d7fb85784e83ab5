/** A `snap/` or `fsm-snap/` on its own: each file as if it had been named, one set of books. */
import { ToolError } from '../core/errors.js';
import { findingOf } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { DirSource } from '../io/dir-source.js';
import { tokenBeside } from '../inspect/fsm.js';
import { recogniseFile } from '../inspect/recognise-file.js';
import { Ledger, type VerifyReport } from './ledger.js';
import { walkTree } from './tree.js';
import { verifyFsm } from './verify-fsm.js';
import { verifySnap } from './verify-snap.js';

/** @throws {IoError} the directory cannot be listed */
export async function verifyFiles(dir: DirSource, pace: Pace): Promise<VerifyReport> {
  const ledger = new Ledger();
  const tree = walkTree(dir);
  ledger.find(...tree.findings);
  for (const { path, size } of tree.files) {
    try {
      await verifyOne(dir, path, pace, ledger);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      ledger.find(findingOf(error));
      ledger.check('no-checksum', path, 'unreadable', error.detail);
      if (!ledger.isAccounted(path))
        ledger.account('no-checksum', path, size, { unreadable: size });
    }
    if (ledger.isAccounted(path)) continue;
    ledger.check('no-checksum', path, 'skipped', 'no snapshot file');
    ledger.account('no-checksum', path, size, {});
  }
  const there = tree.files.reduce((sum, { size }) => sum + size, 0);
  return ledger.report(there, []);
}

async function verifyOne(dir: DirSource, path: string, pace: Pace, ledger: Ledger): Promise<void> {
  const source = dir.open(path);
  try {
    const kind = recogniseFile(source, path)?.kind;
    if (kind === 'snap-file' && !path.endsWith('.broken')) {
      await verifySnap(source, path, path, pace, ledger);
    } else if (kind === 'fsm-file' && !path.endsWith('.tmp')) {
      const found = await tokenBeside(dir.dir('../snap'), path, pace);
      const noToken = 'no .snap in ../snap names it';
      await verifyFsm(source, { file: path, container: true, found, noToken, pace }, ledger);
    }
  } finally {
    source.close();
  }
}
