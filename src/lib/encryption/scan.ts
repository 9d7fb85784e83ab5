/**
 * What `ekv encryption check` gathers while it passes over rows and log entries: which keys are in
 * use, by whom, and every sign that something is not as a node would have left it. Pure: the caller
 * reads, this counts and judges (spec/encryption.md §3, §4).
 */
import { hex } from '../bytes/hex.js';
import { u64be } from '../bytes/read.js';
import type { Finding, FindingSink } from '../core/finding.js';
import { Fault } from '../mvcc/fault.js';
import { VALUE_HEADER_LENGTH } from './aad.js';
import { decodeEnvelope, type Envelope } from './envelope.js';
import type { Keystore } from './keystore.js';
import { decodeNonce } from './nonce.js';
import { NonceWatch, type NonceReuse, type NonceWatchOptions } from './nonce-watch.js';
import { unwrapRaftPayload } from './raft-envelope.js';
import type { Purpose, Sidecar } from './sidecar.js';
import { openStoredValue, relabelledUnder } from './value-cipher.js';

const STATE_MASK = 0x06;
const STATE_CLEAR = 0x00;
const STATE_ENCRYPTED = 0x02;
const TOMBSTONE = 0x01;

/** One key id as the envelopes name it. */
export interface KeyUse {
  readonly keyId: number;
  rows: number;
  entries: number;
  /** Log entries under this key: lowest and highest index. */
  firstIndex: bigint | null;
  lastIndex: bigint | null;
  /** Rows under this key: lowest and highest version timestamp. */
  firstTs: bigint | null;
  lastTs: bigint | null;
  /** Envelopes whose tag was checked and verified. */
  verified: number;
  failed: number;
}

/** Who sealed, by the nonces: one life of one node under one key. */
export interface WriterUse {
  readonly keyId: number;
  readonly nodeId16: number;
  readonly localEpoch: number;
  envelopes: number;
  highestCount: bigint;
}

export interface ScanTotals {
  rows: number;
  clearRows: number;
  encryptedRows: number;
  entries: number;
  relabelledRows: number;
  /** Envelopes too short or of another version. */
  malformed: number;
  reusedNonces: number;
}

export interface ScanOptions {
  readonly sidecar?: Sidecar | undefined;
  /** With keys every tag is checked and clear rows are tried as envelopes; without, only counted. */
  readonly keys?: Keystore | undefined;
  readonly nonces?: NonceWatchOptions;
  /** Shared by scans of several places: a row's copy in a snapshot is then known as one. */
  readonly watch?: NonceWatch;
  /** Added to ordinals and indexes for the shared watch, so that places stay apart. */
  readonly whereBase?: number;
  /** What a number that the shared watch remembers stands for. */
  readonly describe?: (where: number) => string;
  /** Most findings of one code that are given singly; the rest is in the totals. */
  readonly maxPerCode?: number;
}

const MAX_WRITERS = 100_000;

export class EncryptionScan {
  readonly totals: ScanTotals = {
    rows: 0,
    clearRows: 0,
    encryptedRows: 0,
    entries: 0,
    relabelledRows: 0,
    malformed: 0,
    reusedNonces: 0,
  };
  private readonly options: ScanOptions;
  private readonly sink: FindingSink;
  private readonly uses = new Map<number, KeyUse>();
  private readonly writers = new Map<string, WriterUse>();
  private readonly watch: NonceWatch;
  private readonly given = new Map<string, number>();

  constructor(options: ScanOptions, sink: FindingSink) {
    this.options = options;
    this.sink = sink;
    this.watch = options.watch ?? new NonceWatch(options.nonces);
  }

  /**
   * One version row.
   *
   * @param rawKey with its timestamp, at least 8 bytes
   * @param stored value header and body; shorter ones are not for this scan and only counted
   */
  row(rawKey: Uint8Array, stored: Uint8Array): void {
    const { keys } = this.options;
    const ordinal = this.totals.rows++;
    const flags = stored[0];
    if (flags === undefined || stored.length < VALUE_HEADER_LENGTH) return;
    if ((flags & STATE_MASK) === STATE_CLEAR) {
      this.totals.clearRows++;
      if (keys === undefined || (flags & TOMBSTONE) !== 0) return;
      const keyId = relabelledUnder(keys, rawKey, stored);
      if (keyId === undefined) return;
      this.totals.relabelledRows++;
      this.give({
        code: 'row-relabelled',
        severity: 'error',
        message: `row ${hex(rawKey)} is marked clear and is an envelope under key ${keyId}`,
        nodeError: 'ErrEncryptedReadIntegrity',
      });
      return;
    }
    if ((flags & STATE_MASK) !== STATE_ENCRYPTED) return;
    this.totals.encryptedRows++;
    const opened = keys && openStoredValue(keys, rawKey, stored);
    const what = `row ${hex(rawKey)}`;
    const use = this.envelope(stored.subarray(VALUE_HEADER_LENGTH), opened, what, ordinal);
    if (use === undefined) return;
    use.rows++;
    if (rawKey.length < 8) return;
    const ts = u64be(rawKey, rawKey.length - 8) ^ 0xffff_ffff_ffff_ffffn;
    if (use.firstTs === null || ts < use.firstTs) use.firstTs = ts;
    if (use.lastTs === null || ts > use.lastTs) use.lastTs = ts;
  }

  /**
   * One wrapped payload, the proposal envelope taken off. Only entries above the cutover are.
   *
   * @returns the first byte of the clear payload, its tag; undefined where it was not opened
   */
  entry(index: bigint, payload: Uint8Array): number | undefined {
    const { keys } = this.options;
    this.totals.entries++;
    const opened = keys && unwrapRaftPayload(keys, payload);
    const tag = opened instanceof Fault ? undefined : opened?.[0];
    const use = this.envelope(payload, opened, `entry ${index}`, Number(index), index);
    if (use === undefined) return undefined;
    use.entries++;
    if (use.firstIndex === null || index < use.firstIndex) use.firstIndex = index;
    if (use.lastIndex === null || index > use.lastIndex) use.lastIndex = index;
    return tag;
  }

  /** By key id, ascending. */
  keyUses(): readonly KeyUse[] {
    return [...this.uses.values()].sort((a, b) => a.keyId - b.keyId);
  }

  /** By key id, node and epoch, ascending. */
  writerUses(): readonly WriterUse[] {
    const order = (w: WriterUse): number[] => [w.keyId, w.nodeId16, w.localEpoch];
    return [...this.writers.values()].sort((a, b) => {
      const [x, y] = [order(a), order(b)];
      return x.map((n, i) => n - (y[i] ?? 0)).find((d) => d !== 0) ?? 0;
    });
  }

  /** Gives what can only be said at the end: keys missing, retired, of the other purpose. */
  finish(): void {
    if (this.options.watch === undefined && this.watch.notWatched > 0) {
      this.give({
        code: 'nonce-check-incomplete',
        severity: 'note',
        message: `${this.watch.notWatched} envelopes were not remembered in the search for repeated nonces`,
      });
    }
    for (const use of this.keyUses()) this.judgeUse(use);
  }

  private judgeUse(use: KeyUse): void {
    const { sidecar } = this.options;
    if (sidecar === undefined) return;
    const { keyId } = use;
    const key = [...sidecar.keys.values()].find(({ id }) => id === keyId);
    const used = usedText(use);
    if (key === undefined) {
      this.give({
        code: 'key-referenced-missing',
        severity: 'error',
        message: `key ${keyId} is not in the sidecar; used by ${used}`,
        nodeError: keyId === 0 ? 'ErrReservedKeyID' : 'ErrUnknownKeyID',
      });
      return;
    }
    const wrong: Purpose = key.purpose === 'storage' ? 'raft' : 'storage';
    if ((wrong === 'raft' ? use.entries : use.rows) > 0) {
      this.give({
        code: 'key-wrong-purpose',
        severity: 'warning',
        message: `key ${keyId} is a ${key.purpose} key; used by ${used}`,
      });
    }
    if (sidecar.active[key.purpose] !== keyId) {
      this.give({
        code: 'key-retired-in-use',
        severity: 'note',
        message: `key ${keyId} (${key.purpose}) is retired and still needed by ${used}`,
      });
    }
  }

  /** Counts one envelope; `opened` is undefined where no key was at hand to try. */
  private envelope(
    bytes: Uint8Array,
    opened: Uint8Array | Fault | undefined,
    what: string,
    where: number,
    index?: bigint,
  ): KeyUse | undefined {
    const envelope = decodeEnvelope(bytes);
    if (opened instanceof Fault) {
      this.give({
        code: opened.code,
        severity: 'error',
        index,
        message: `${what}: ${opened.text}`,
        nodeError: opened.names[0],
      });
    }
    if (envelope instanceof Fault) {
      this.totals.malformed++;
      if (opened === undefined) {
        const { code, text, names } = envelope;
        const message = `${what}: ${text}`;
        this.give({ code, severity: 'error', index, message, nodeError: names[0] });
      }
      return undefined;
    }
    const use = this.useOf(envelope.keyId);
    if (opened instanceof Fault) {
      use.failed++;
      return use;
    }
    if (opened !== undefined) {
      use.verified++;
      opened.fill(0);
    }
    this.countWriter(envelope);
    // Only sound envelopes are compared: a flipped bit in a copy is no second envelope.
    const reuse = this.watch.see(envelope, (this.options.whereBase ?? 0) + where);
    if (reuse) this.reused(reuse, what, index);
    return use;
  }

  private reused({ nonce, keyId, first }: NonceReuse, what: string, index?: bigint): void {
    this.totals.reusedNonces++;
    const { nodeId16, localEpoch, count } = decodeNonce(nonce);
    const name = `nonce ${hex(nonce)} (node ${nodeId16}, epoch ${localEpoch}, write ${count})`;
    const before = this.options.describe?.(first) ?? 'before';
    const message = `${what}: ${name} was used ${before} under key ${keyId}`;
    this.give({ code: 'nonce-reused', severity: 'error', index, message });
  }

  private useOf(keyId: number): KeyUse {
    const known = this.uses.get(keyId);
    if (known) return known;
    const use: KeyUse = {
      keyId,
      rows: 0,
      entries: 0,
      firstIndex: null,
      lastIndex: null,
      firstTs: null,
      lastTs: null,
      verified: 0,
      failed: 0,
    };
    // Hostile key ids could be as many as rows; past the bound they share one line, id 0.
    if (this.uses.size >= MAX_WRITERS) return this.uses.get(0) ?? use;
    this.uses.set(keyId, use);
    return use;
  }

  private countWriter({ keyId, nonce }: Envelope): void {
    const { nodeId16, localEpoch, count } = decodeNonce(nonce);
    const name = `${keyId}/${nodeId16}/${localEpoch}`;
    const known = this.writers.get(name);
    if (known) {
      known.envelopes++;
      if (count > known.highestCount) known.highestCount = count;
    } else if (this.writers.size < MAX_WRITERS) {
      this.writers.set(name, { keyId, nodeId16, localEpoch, envelopes: 1, highestCount: count });
    }
  }

  private give(finding: Finding): void {
    const given = (this.given.get(finding.code) ?? 0) + 1;
    this.given.set(finding.code, given);
    if (given <= (this.options.maxPerCode ?? 100)) this.sink(finding);
  }
}

function usedText(use: KeyUse): string {
  const parts: string[] = [];
  if (use.rows > 0) parts.push(`${use.rows} rows of timestamps ${use.firstTs} to ${use.lastTs}`);
  if (use.entries > 0) {
    parts.push(`${use.entries} log entries of indexes ${use.firstIndex} to ${use.lastIndex}`);
  }
  return parts.join(' and ');
}
