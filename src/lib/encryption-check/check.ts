/**
 * `ekv encryption check`: every envelope of one group, wherever it lies, against the keys given; who
 * wrote it, who still needs which key, the writer registry, and what the next start makes of it all.
 * Without keys the same passes give the metadata view, and nothing is guessed.
 */
import type { Finding } from '../core/finding.js';
import type { BootInput } from '../engine/boot-input.js';
import { NonceWatch } from '../encryption/nonce-watch.js';
import { verifyRegistry, type RegistryEntry } from '../encryption/registry-check.js';
import {
  EncryptionScan,
  type KeyUse,
  type ScanTotals,
  type WriterUse,
} from '../encryption/scan.js';
import type { Sidecar } from '../encryption/sidecar.js';
import { copyOf } from '../bytes/copy.js';
import { nodeIdOf, peerBytes } from '../raft/peers/peer.js';
import { loadKeys, type KeyState, type LoadedKeys } from './keys.js';
import { walkLog, type Cutover, type LogWalk, type Standing } from './log-walk.js';
import { restartFinding, restartOutlook, type RestartOutlook } from './restart.js';
import { newestHeaderCutover, rowPlaces, walkRows } from './row-walk.js';

export interface PlaceReport {
  /** `fsm.db`, `fsm-snap/….fsm`, `snap/….snap`, `wal`. */
  readonly name: string;
  readonly kind: 'store' | 'snapshot' | 'inline-snapshot' | 'log';
  /** Everything in it was looked at. */
  readonly whole: boolean;
  readonly totals: ScanTotals;
  /** Envelopes whose tag verified, and those whose did not (no key for it included). */
  readonly verified: number;
  readonly failed: number;
  readonly keys: readonly KeyUse[];
  readonly writers: readonly WriterUse[];
}

export interface EncryptionReport {
  readonly sidecar: Sidecar | null;
  readonly keysGiven: boolean;
  readonly keys: readonly KeyState[];
  readonly cutover: Cutover | null;
  readonly places: readonly PlaceReport[];
  /** Wrapped entries by what the node makes of their records. */
  readonly standings: Readonly<Record<Standing, number>>;
  readonly registry: readonly RegistryEntry[];
  /** Null where no sidecar was given. */
  readonly restart: RestartOutlook | null;
  readonly findings: readonly Finding[];
}

export interface CheckOptions {
  /** What the next start would be made of; its encryption holds sidecar and KEK. */
  readonly boot: BootInput;
  readonly phase?: (label: string) => void;
}

/** Room for one place in the numbers that the nonce watch remembers. */
const PLACE_SPAN = 2 ** 44;

/**
 * @throws {IoError} the group dir cannot be looked at
 * @returns everything found; a part that cannot be read is a finding
 */
export async function checkEncryption(options: CheckOptions): Promise<EncryptionReport> {
  const { boot } = options;
  const loaded = loadKeys(boot.encryption);
  const pass = new Check(options, loaded);
  await pass.rows();
  const log = await pass.log();
  const restart = await pass.outlook(log);
  return pass.report(log, restart);
}

class Check {
  private readonly options: CheckOptions;
  private readonly loaded: LoadedKeys;
  private readonly watch = new NonceWatch();
  private readonly places: PlaceReport[] = [];
  private readonly names: string[] = [];
  private readonly findings: Finding[];
  private readonly standings: Record<Standing, number> = {
    'in-force': 0,
    'in-snapshot': 0,
    superseded: 0,
  };
  private registry: readonly RegistryEntry[] = [];

  constructor(options: CheckOptions, loaded: LoadedKeys) {
    this.options = options;
    this.loaded = loaded;
    this.findings = [...loaded.findings];
  }

  async rows(): Promise<void> {
    const { group, pace } = this.options.boot;
    for (const place of rowPlaces(group)) {
      this.options.phase?.(`checking ${place.name}`);
      const scan = this.scanOf(place.name);
      const registryRows: { key: Uint8Array; value: Uint8Array }[] = [];
      const sinks = {
        row: (key: Uint8Array, stored: Uint8Array): void => scan.row(key, stored),
        other: (key: Uint8Array, value: Uint8Array): void => {
          if (place.kind !== 'store' || registryRows.length >= MAX_REGISTRY_ROWS) return;
          registryRows.push({ key: copyOf(key), value: copyOf(value) });
        },
      };
      const { whole, findings } = await walkRows(group, place, sinks, pace);
      this.findings.push(...findings);
      this.close(scan, place.name, place.kind, whole);
      if (place.kind === 'store') this.checkRegistry(registryRows);
    }
  }

  async log(): Promise<LogWalk | undefined> {
    const { group, pace } = this.options.boot;
    this.options.phase?.('checking the log');
    const scan = this.scanOf('wal');
    const walk = await walkLog(
      group,
      {
        sidecarCutover: this.loaded.sidecar?.raftEnvelopeCutoverIndex,
        headerCutover: newestHeaderCutover(group),
        pace,
      },
      ({ index, standing, payload }) => {
        this.standings[standing]++;
        return scan.entry(index, payload);
      },
    );
    if (walk === undefined) return undefined;
    this.findings.push(...walk.findings);
    this.close(
      scan,
      'wal',
      'log',
      walk.findings.every(({ severity }) => severity !== 'error'),
    );
    if (walk.cutover.from === 'form' && scan.totals.entries > 0) {
      const { entries } = scan.totals;
      const message = `${entries} entries have the form of an envelope; no cutover is known`;
      const code = 'encryption-cutover-unknown';
      this.findings.push({ code, severity: 'warning', message, exitCode: 5 });
    }
    return walk;
  }

  async outlook(log: LogWalk | undefined): Promise<RestartOutlook | null> {
    const { boot, phase } = this.options;
    const { kind } = boot.encryption.sidecar;
    if (kind === 'no-path' || kind === 'unknown' || boot.encryption.on === false) {
      return null;
    }
    phase?.('predicting the next start');
    const outlook = await restartOutlook(boot, log);
    const finding = outlook && restartFinding(outlook);
    if (finding) this.findings.push(finding);
    return outlook;
  }

  report(log: LogWalk | undefined, restart: RestartOutlook | null): EncryptionReport {
    const { sidecar, keys, states } = this.loaded;
    if (this.watch.notWatched > 0) {
      const count = this.watch.notWatched;
      const message = `${count} envelopes were not remembered in the search for repeated nonces`;
      this.findings.push({ code: 'nonce-check-incomplete', severity: 'note', message });
    }
    if (keys === undefined) this.sayNotVerified();
    return {
      sidecar: sidecar ?? null,
      keysGiven: keys !== undefined,
      keys: states,
      cutover: log?.cutover ?? null,
      places: this.places,
      standings: this.standings,
      registry: this.registry,
      restart,
      findings: this.findings,
    };
  }

  private sayNotVerified(): void {
    const rows = sum(this.places, ({ totals }) => totals.encryptedRows);
    const entries = sum(this.places, ({ totals }) => totals.entries);
    if (rows + entries === 0) return;
    const what = `${rows} encrypted rows and ${entries} wrapped entries`;
    const given =
      this.options.boot.encryption.kek.kind === 'loaded' && this.loaded.states.length > 0;
    const why = given ? 'the KEK unwraps no key' : 'pass --sidecar and --kek';
    const message = `${what} were counted, not verified: ${why}`;
    const code = 'encryption-not-verified';
    this.findings.push({ code, severity: 'warning', message, exitCode: 5 });
  }

  private scanOf(name: string): EncryptionScan {
    const whereBase = this.names.push(name) * PLACE_SPAN;
    const sink = (finding: Finding): void => {
      this.findings.push({ ...finding, file: finding.file ?? name });
    };
    const { sidecar, keys } = this.loaded;
    const describe = (where: number): string => this.placeText(where);
    return new EncryptionScan({ sidecar, keys, watch: this.watch, whereBase, describe }, sink);
  }

  /** `before in fsm.db, row 17`: rows are counted from 0 in key order. */
  private placeText(where: number): string {
    const name = this.names[Math.floor(where / PLACE_SPAN) - 1] ?? '';
    const number = where % PLACE_SPAN;
    return `before in ${name}, ${name === 'wal' ? 'entry' : 'row'} ${number},`;
  }

  private close(
    scan: EncryptionScan,
    name: string,
    kind: PlaceReport['kind'],
    whole: boolean,
  ): void {
    scan.finish();
    const keys = scan.keyUses();
    this.places.push({
      name,
      kind,
      whole,
      totals: scan.totals,
      verified: sum(keys, (use) => use.verified),
      failed: sum(keys, (use) => use.failed) + scan.totals.malformed,
      keys,
      writers: scan.writerUses(),
    });
  }

  private checkRegistry(rows: readonly { key: Uint8Array; value: Uint8Array }[]): void {
    const { raftId } = this.options.boot;
    const nodeId = raftId === '' ? undefined : nodeIdOf(peerBytes(raftId));
    const { entries, findings } = verifyRegistry(rows, this.loaded.sidecar, nodeId);
    this.registry = entries;
    for (const finding of findings) this.findings.push({ ...finding, file: 'fsm.db' });
  }
}

/** One row per key and node of the cluster's whole life: a real one has a few dozen. */
const MAX_REGISTRY_ROWS = 100_000;

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
