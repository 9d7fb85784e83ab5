/**
 * A whole directory: every checksum that exists in it, group by group, and every byte of every file
 * accounted for. Nothing stops the others: each fault is a finding, and the work goes on.
 */
import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { ByteSource } from '../io/byte-source.js';
import type { DirSource } from '../io/dir-source.js';
import { findGroups, HASHICORP_NAMES } from '../engine/group-dir.js';
import { isSnapName, snapName } from '../raft/snap/snap-name.js';
import type { SnapshotRecord } from '../raft/wal/snapshot-record.js';
import { fsmFileName } from '../snapshot/fsm-file.js';
import type { FoundToken } from '../inspect/fsm.js';
import type { FileKind } from '../inspect/kind.js';
import { Ledger, type StageName, type VerifyReport } from './ledger.js';
import { walkTree } from './tree.js';
import { verifyDatabase } from './verify-database.js';
import { verifyFsm } from './verify-fsm.js';
import { sumlessKindOf, verifyStructure } from './structure.js';
import { verifySnap } from './verify-snap.js';
import { verifyWalDir } from './verify-wal.js';

export interface TreeOptions {
  readonly pace: Pace;
  readonly phase: (label: string) => void;
}

export interface TreeReport extends VerifyReport {
  /** Below the directory; empty for the directory itself. */
  readonly groups: readonly string[];
  /** A node would not start here: hashicorp files, or a database that Pebble does not open. */
  readonly refused: boolean;
}

const WANTED: readonly StageName[] = [
  'snap-crc',
  'fsm-token',
  'fsm-crc',
  'fsm-content',
  'wal-chain',
  'pebble',
  'structure',
];

/** @throws {IoError} the directory cannot be listed */
export async function verifyTree(dir: DirSource, options: TreeOptions): Promise<TreeReport> {
  const ledger = new Ledger();
  const tree = walkTree(dir);
  const groups = findGroups(dir);
  let refused = false;
  for (const { dir: group, relativePath } of groups) {
    const prefix = relativePath === '' ? '' : `${relativePath}/`;
    const verifier = new GroupVerifier(group, prefix, ledger, options);
    refused = (await verifier.run()) || refused;
  }
  await accountForRest(dir, tree.files, ledger, options.pace);
  ledger.find(...unsaid(tree.findings, ledger.findings));
  const there = tree.files.reduce((sum, { size }) => sum + size, 0);
  const report = ledger.report(there, groups.length > 0 ? WANTED : []);
  return { ...report, groups: groups.map(({ relativePath }) => relativePath), refused };
}

/** A database or a WAL on its own. */
export async function verifyPart(
  dir: DirSource,
  kind: 'pebble-dir' | 'wal-dir',
  { pace }: TreeOptions,
): Promise<TreeReport> {
  const ledger = new Ledger();
  const tree = walkTree(dir);
  let refused = false;
  if (kind === 'wal-dir') await verifyWalDir(dir, asItIs, pace, ledger);
  else refused = await verifyDatabase(dir, asItIs, pace, ledger);
  await accountForRest(dir, tree.files, ledger, pace);
  ledger.find(...unsaid(tree.findings, ledger.findings));
  const there = tree.files.reduce((sum, { size }) => sum + size, 0);
  return { ...ledger.report(there, []), groups: [], refused };
}

function asItIs(name: string): string {
  return name;
}

/** Of a file that could not be opened enough has been said. */
function unsaid(found: readonly Finding[], said: readonly Finding[]): Finding[] {
  const files = new Set(said.map(({ file }) => file));
  return found.filter(({ file }) => !files.has(file));
}

const WHY_SKIPPED: readonly (readonly [RegExp, string])[] = [
  [/\.broken$/, 'set aside by an earlier boot'],
  [/(?:\.fsm\.tmp|elastickv-etcd-snapshot-[^/]*)$/, 'a snapshot whose writing did not end'],
  [/(?:^|\/)\d+\.tmp$/, 'preallocation of the next segment'],
  [/\.snap$/, 'not in a snap/ directory'],
];

/** What no stage has taken: files of forms without a checksum, and strangers. */
async function accountForRest(
  root: DirSource,
  files: readonly { readonly path: string; readonly size: number }[],
  ledger: Ledger,
  pace: Pace,
): Promise<void> {
  for (const { path, size } of files) {
    if (ledger.isAccounted(path)) continue;
    const kind = sumlessKindOf(path.slice(path.lastIndexOf('/') + 1));
    if (kind !== undefined) await verifySumless(root, path, kind, ledger, pace);
    if (ledger.isAccounted(path)) continue;
    const why = WHY_SKIPPED.find(([form]) => form.test(path))?.[1] ?? 'has no checksum';
    if (size > 0) ledger.check('no-checksum', path, 'skipped', why);
    ledger.account('no-checksum', path, size, {});
  }
}

async function verifySumless(
  root: DirSource,
  path: string,
  kind: FileKind,
  ledger: Ledger,
  pace: Pace,
): Promise<void> {
  try {
    const source = root.open(path);
    try {
      if (kind === 'payload-file') {
        const options = { file: path, container: false, found: undefined, noToken: '', pace };
        await verifyFsm(source, options, ledger);
      } else await verifyStructure(source, kind, path, pace, ledger);
    } finally {
      source.close();
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    ledger.find(findingOf(error));
    ledger.check('structure', path, 'unreadable', error.detail);
    const size = root.stat(path)?.size ?? 0;
    if (!ledger.isAccounted(path)) ledger.account('structure', path, size, { unreadable: size });
  }
}

class GroupVerifier {
  private readonly dir: DirSource;
  private readonly prefix: string;
  private readonly ledger: Ledger;
  private readonly options: TreeOptions;

  constructor(dir: DirSource, prefix: string, ledger: Ledger, options: TreeOptions) {
    this.dir = dir;
    this.prefix = prefix;
    this.ledger = ledger;
    this.options = options;
  }

  /** @returns whether a node would refuse this group */
  async run(): Promise<boolean> {
    const { phase } = this.options;
    const hashicorp = HASHICORP_NAMES.filter((name) => this.dir.stat(name) !== undefined);
    if (hashicorp.length > 0) this.foreign(hashicorp);
    phase('verifying the snapshots');
    await this.snapshots();
    phase('verifying the log');
    const { pace } = this.options;
    const newest = await this.folder('wal', 'wal-chain', (dir) =>
      verifyWalDir(dir, (name) => `${this.prefix}wal/${name}`, pace, this.ledger),
    );
    if (newest !== undefined && newest.index > 0n) this.vouched(newest);
    phase('verifying fsm.db');
    const refused = await this.folder('fsm.db', 'pebble', (dir) =>
      verifyDatabase(dir, (name) => `${this.prefix}fsm.db/${name}`, pace, this.ledger),
    );
    return refused === true || hashicorp.length > 0;
  }

  private foreign(names: readonly string[]): void {
    this.ledger.find({
      code: 'hashicorp-raft',
      severity: 'error',
      file: `${this.dir.path}/${names[0]}`,
      message: `files of the removed hashicorp/raft backend (${names.join(', ')}): a node refuses`,
      exitCode: 4,
    });
  }

  private async snapshots(): Promise<void> {
    const { pace } = this.options;
    const tokens = new Map<string, FoundToken>();
    const snaps = this.namesIn('snap').filter(isSnapName);
    const before = this.ledger.findings.length;
    for (const name of snaps) {
      const file = `${this.prefix}snap/${name}`;
      await this.file('snap', name, 'snap-crc', async (source) => {
        const { token } = await verifySnap(source, name, file, pace, this.ledger);
        if (token === undefined) return;
        const fsm = fsmFileName(token.index);
        tokens.set(fsm, { token, from: file });
        if (!this.namesIn('fsm-snap').includes(fsm)) this.missing(fsm, file, name === snaps.at(-1));
      });
    }
    // One that cannot be read may have named any of them.
    const allRead = !this.ledger.findings
      .slice(before)
      .some(({ severity }) => severity === 'error');
    for (const name of this.namesIn('fsm-snap')) {
      if (!name.endsWith('.fsm')) continue;
      await this.file('fsm-snap', name, 'fsm-crc', (source) =>
        verifyFsm(
          source,
          {
            file: `${this.prefix}fsm-snap/${name}`,
            container: true,
            found: tokens.get(name),
            orphan: allRead && !tokens.has(name),
            noToken: 'no readable .snap names it: the next start deletes it',
            pace,
          },
          this.ledger,
        ),
      );
    }
  }

  private missing(fsm: string, snap: string, newest: boolean): void {
    const file = `${this.prefix}fsm-snap/${fsm}`;
    this.ledger.check('fsm-token', file, newest ? 'damaged' : 'attention', 'the file is missing');
    this.ledger.find({
      code: 'fsm-not-found',
      // Only the newest one is needed, as long as it can be read.
      severity: newest ? 'error' : 'warning',
      file: `${this.dir.path}/fsm-snap/${fsm}`,
      message: `the .fsm that ${snap} names does not exist`,
      nodeError: 'ErrFSMSnapshotNotFound',
    });
  }

  /** The newest snapshot that the log vouches for: a node looks for its `.snap`. */
  private vouched({ index, term }: SnapshotRecord): void {
    const name = snapName(term, index);
    const file = `${this.dir.path}/snap/${name}`;
    if (this.namesIn('snap').includes(name) && this.dir.dir('snap').stat(name)?.kind === 'file') {
      return;
    }
    this.ledger.find({
      code: 'verify-snap-missing',
      severity: 'warning',
      file,
      message: `the log's newest snapshot is ${index} (term ${term}), and there is no such file`,
    });
  }

  private namesIn(folder: string): string[] {
    if (this.dir.stat(folder)?.kind !== 'directory') return [];
    try {
      return this.dir
        .dir(folder)
        .list()
        .map(({ name }) => name);
    } catch (error) {
      // The walk over the tree has said so.
      if (error instanceof ToolError) return [];
      throw error;
    }
  }

  private async file(
    folder: string,
    name: string,
    stage: StageName,
    verify: (source: ByteSource) => Promise<void>,
  ): Promise<void> {
    const path = `${this.prefix}${folder}/${name}`;
    const dir = this.dir.dir(folder);
    try {
      const source = dir.open(name);
      try {
        await verify(source);
      } finally {
        source.close();
      }
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.ledger.find(findingOf(error));
      this.ledger.check(stage, path, 'unreadable', error.detail);
      const size = dir.stat(name)?.size ?? 0;
      if (dir.stat(name)?.kind === 'file' && !this.ledger.isAccounted(path)) {
        this.ledger.account(stage, path, size, { unreadable: size });
      }
    }
  }

  private async folder<T>(
    name: string,
    stage: StageName,
    verify: (dir: DirSource) => Promise<T>,
  ): Promise<T | undefined> {
    if (this.dir.stat(name)?.kind !== 'directory') return undefined;
    try {
      return await verify(this.dir.dir(name));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.ledger.check(stage, `${this.prefix}${name}`, 'unreadable', error.detail);
      return undefined;
    }
  }
}
