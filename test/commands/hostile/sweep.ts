/**
 * Looks at every directory named in the file of its first argument with everything that inspects: the
 * dry run under both builds, whole-database verification, the snapshots' checks. Run under strace.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ToolError } from '../../../src/lib/core/errors.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { kekStateOf, sidecarStateOf } from '../../../src/lib/encryption/guard-inputs.js';
import { predictBoot } from '../../../src/lib/engine/boot.js';
import { NO_ENCRYPTION, type EncryptionInput } from '../../../src/lib/engine/envelopes.js';
import { GENERATION_NAMES, GENERATIONS } from '../../../src/lib/engine/generation.js';
import { openNodeDir } from '../../../src/lib/engine/node-dir.js';
import { FileSource, FsDir } from '../../../src/lib/io/file-source.js';
import { groupLocks } from '../../../src/lib/io/live-lock.js';
import { verifyPebble } from '../../../src/lib/pebble/db/verify.js';
import { inspectFsm } from '../../../src/lib/snapshot/inspect.js';

function encryptionIn(root: string): EncryptionInput {
  if (!readdirSync(root).includes('kek.bin')) return NO_ENCRYPTION;
  const sidecarPath = join(root, 'encryption', 'keys.json');
  return {
    on: true,
    sidecar: sidecarStateOf(() => new FileSource(sidecarPath)),
    kek: kekStateOf(() => new FileSource(join(root, 'kek.bin'))),
    sidecarPath,
  };
}

async function bootsOf(root: string): Promise<void> {
  const node = openNodeDir(new FsDir(root));
  groupLocks(join(root, node.group.relativePath));
  for (const name of GENERATION_NAMES) {
    await predictBoot({
      group: node.group.dir,
      generation: GENERATIONS[name],
      raftId: node.raftId ?? 'n1',
      peers: [{ id: 'n1', address: '127.0.0.1:50051' }],
      bootstrap: true,
      guards: true,
      encryption: encryptionIn(root),
      groups: node.processGroups,
      wantDigest: true,
      onEntry: () => undefined,
      nowMs: 1_780_000_000_000n,
      pace: NO_PACE,
    });
  }
}

async function filesOf(root: string): Promise<void> {
  const report = (): void => undefined;
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && entry.name.endsWith('.fsm')) {
      const source = new FileSource(path);
      await inspectFsm(source, { container: true, pace: NO_PACE });
      source.close();
    }
    const isStore = entry.isFile() && basename(path).startsWith('marker.manifest');
    if (isStore) await verifyPebble(new FsDir(entry.parentPath), 'full', { report });
  }
}

let looked = 0;
for (const root of readFileSync(process.argv[2] ?? '', 'utf8').split('\n')) {
  if (root === '') continue;
  for (const look of [bootsOf, filesOf]) {
    try {
      await look(root);
    } catch (error) {
      // What cannot be read is an answer as well; a Pebble directory has no group.
      if (!(error instanceof ToolError)) throw error;
    }
  }
  looked++;
}
process.stdout.write(`${looked}\n`);
