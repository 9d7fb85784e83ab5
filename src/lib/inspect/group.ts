/** Everything in the dir of one raft group, each part looked at as `inspect` would on its own. */
import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { ByteSource } from '../io/byte-source.js';
import type { DirSource } from '../io/dir-source.js';
import { HASHICORP_NAMES, type GroupDir } from '../engine/group-dir.js';
import { PEERS_FILE, type PeersFile } from '../raft/peers/peers-file.js';
import { LEGACY_FILES } from '../raft/legacy/legacy-files.js';
import { isSnapName } from '../raft/snap/snap-name.js';
import { fsmFileName } from '../snapshot/fsm-file.js';
import type { FsmReport } from '../snapshot/inspect.js';
import { inspectFsmFile } from './fsm.js';
import { inspectLegacy } from './legacy.js';
import { inspectPebble, type PebbleReport } from './pebble.js';
import { readEngineMarker, readPeers } from './small-files.js';
import { readSnap, type SnapReport } from './snap.js';
import { inspectWalDir, type WalReport } from './wal.js';

export interface SnapshotPair {
  readonly snap: string | undefined;
  readonly snapReport: SnapReport | undefined;
  readonly fsm: string | undefined;
  /** Undefined where the file is missing or cannot be read. */
  readonly fsmReport: FsmReport | undefined;
}

export interface GroupReport {
  readonly relativePath: string;
  readonly groupId: bigint | null;
  readonly raftId: string | null;
  readonly marker: string | undefined;
  readonly peers: PeersFile | undefined;
  readonly pairs: readonly SnapshotPair[];
  readonly wal: WalReport | undefined;
  readonly store: PebbleReport | undefined;
  /** A database is there, readable or not. */
  readonly hasStore: boolean;
  readonly legacy: readonly string[];
  readonly hashicorp: readonly string[];
  readonly findings: readonly Finding[];
}

export interface GroupInspectOptions {
  readonly pace: Pace;
  readonly phase: (label: string) => void;
}

export async function inspectGroup(
  group: GroupDir,
  options: GroupInspectOptions,
): Promise<GroupReport> {
  const inspector = new GroupInspector(group.dir, options);
  const { relativePath, groupId, raftId } = group;
  return { relativePath, groupId, raftId, ...(await inspector.run()) };
}

class GroupInspector {
  private readonly dir: DirSource;
  private readonly options: GroupInspectOptions;
  private readonly findings: Finding[] = [];

  constructor(dir: DirSource, options: GroupInspectOptions) {
    this.dir = dir;
    this.options = options;
  }

  async run(): Promise<Omit<GroupReport, 'relativePath' | 'groupId' | 'raftId'>> {
    const names = this.dir.list().map(({ name }) => name);
    const { phase, pace } = this.options;
    const hashicorp = HASHICORP_NAMES.filter((name) => names.includes(name));
    if (hashicorp.length > 0) this.refuseHashicorp(hashicorp);
    const marker = await this.file('raft-engine', (source) => this.keep(readEngineMarker(source)));
    const peers = await this.file(PEERS_FILE, (source) => this.keep(readPeers(source)));
    await this.legacy();
    phase('reading the snapshots');
    const pairs = await this.pairs();
    phase('reading the log');
    const wal = await this.part('wal', (dir) => inspectWalDir(dir, pace));
    if (wal) this.findings.push(...wal.findings);
    phase('reading fsm.db');
    const store = await this.part('fsm.db', (dir) => inspectPebble(dir, { digest: false, pace }));
    if (store) this.findings.push(...store.findings);
    return {
      marker,
      peers,
      pairs,
      wal,
      store: store?.report,
      hasStore: store !== undefined,
      legacy: Object.values(LEGACY_FILES).filter((name) => names.includes(name)),
      hashicorp,
      findings: this.findings,
    };
  }

  private refuseHashicorp(names: readonly string[]): void {
    this.findings.push({
      code: 'hashicorp-raft',
      severity: 'error',
      file: `${this.dir.path}/${names[0]}`,
      message: `files of the hashicorp/raft backend (${names.join(', ')}): a node refuses to start here`,
      exitCode: 4,
    });
  }

  private async pairs(): Promise<SnapshotPair[]> {
    const pairs: SnapshotPair[] = [];
    const seen = new Set<string>();
    const snaps = this.namesIn('snap').filter(isSnapName);
    for (const name of snaps) {
      const snap = await this.file(`snap/${name}`, async (source) => {
        const report = await readSnap(source, name, this.options.pace);
        this.findings.push(...report.findings);
        if (report.inline) {
          const options = { container: false, found: undefined, pace: this.options.pace };
          this.findings.push(...(await inspectFsmFile(report.inline, options)).findings);
        }
        return report;
      });
      const token = snap?.token;
      const fsm = token && `fsm-snap/${fsmFileName(token.index)}`;
      if (fsm) seen.add(fsm);
      const newest = name === snaps.at(-1);
      const fsmReport = fsm === undefined ? undefined : await this.fsm(fsm, snap, newest);
      pairs.push({ snap: `snap/${name}`, snapReport: snap, fsm, fsmReport });
    }
    for (const name of this.namesIn('fsm-snap')) {
      const fsm = `fsm-snap/${name}`;
      if (seen.has(fsm) || !/\.fsm(?:\.tmp)?$/.test(name)) continue;
      const fsmReport = await this.fsm(fsm, undefined, false);
      pairs.push({ snap: undefined, snapReport: undefined, fsm, fsmReport });
    }
    return pairs;
  }

  private async fsm(
    path: string,
    snap: SnapReport | undefined,
    newest: boolean,
  ): Promise<FsmReport | undefined> {
    if (!this.namesIn('fsm-snap').includes(path.slice('fsm-snap/'.length))) {
      this.findings.push({
        code: 'fsm-not-found',
        // Only the newest one is needed, as long as it can be read.
        severity: newest ? 'error' : 'warning',
        file: `${this.dir.path}/${path}`,
        message: `the .fsm that ${snap?.path ?? 'a token'} names does not exist`,
        nodeError: 'ErrFSMSnapshotNotFound',
      });
      return undefined;
    }
    return this.file(path, async (source) => {
      const found = snap?.token && { token: snap.token, from: snap.path };
      const { pace } = this.options;
      const report = await inspectFsmFile(source, { container: true, found, pace });
      // One whose writing did not end has no footer yet; the node deletes it unread.
      if (!path.endsWith('.tmp')) this.findings.push(...report.findings);
      return report;
    });
  }

  private async legacy(): Promise<void> {
    const { pace } = this.options;
    for (const kind of ['state', 'meta', 'entries'] as const) {
      await this.file(LEGACY_FILES[kind], async (source) => {
        const { findings } = await inspectLegacy(source, `legacy-${kind}`, pace);
        this.findings.push(...findings);
      });
    }
    await this.file(LEGACY_FILES.fsmSnapshot, async (source) => {
      const options = { container: false, found: undefined, pace };
      this.findings.push(...(await inspectFsmFile(source, options)).findings);
    });
  }

  private keep<T>(read: {
    readonly value: T | undefined;
    readonly findings: readonly Finding[];
  }): T | undefined {
    this.findings.push(...read.findings);
    return read.value;
  }

  private namesIn(folder: string): string[] {
    if (this.dir.stat(folder)?.kind !== 'directory') return [];
    try {
      const entries = this.dir.dir(folder).list();
      for (const { name, kind } of entries) if (kind === 'other') this.irregular(folder, name);
      return entries.filter(({ kind }) => kind === 'file').map(({ name }) => name);
    } catch (error) {
      this.unread(error);
      return [];
    }
  }

  private irregular(folder: string, name: string): void {
    const file = `${this.dir.path}/${folder}/${name}`;
    if (this.findings.some((known) => known.file === file)) return;
    const message = 'no regular file (a FIFO, a socket, a device): not looked at';
    const at = { code: 'inspect-incomplete' as const, severity: 'warning' as const, file };
    this.findings.push({ ...at, message, exitCode: 5 });
  }

  private async file<T>(
    path: string,
    read: (source: ByteSource) => T | Promise<T>,
  ): Promise<T | undefined> {
    const slash = path.indexOf('/');
    const dir = slash < 0 ? this.dir : this.dir.dir(path.slice(0, slash));
    const name = path.slice(slash + 1);
    try {
      if (dir.stat(name) === undefined) return undefined;
      const source = dir.open(name);
      try {
        return await read(source);
      } finally {
        source.close();
      }
    } catch (error) {
      this.unread(error);
      return undefined;
    }
  }

  private async part<T>(
    name: string,
    read: (dir: DirSource) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      if (this.dir.stat(name)?.kind !== 'directory') return undefined;
      return await read(this.dir.dir(name));
    } catch (error) {
      this.unread(error);
      return undefined;
    }
  }

  /** A part that cannot be looked at leaves the question open. */
  private unread(error: unknown): void {
    if (!(error instanceof ToolError)) throw error;
    const known = this.findings.some(
      ({ code, file }) => code === error.code && file === error.site?.path,
    );
    if (!known) this.findings.push(findingOf(error));
  }
}
