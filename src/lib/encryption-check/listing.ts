/**
 * Every envelope of a group, one record each: what it says in the clear (key id, node, epoch, write
 * count), whether its tag verifies where keys were given, and the clear bytes only where they were
 * asked for. Streaming: nothing is kept.
 */
import { u64be } from '../bytes/read.js';
import { equalBytes } from '../bytes/byte-string.js';
import { UsageError } from '../core/errors.js';
import type { Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { EncryptionInput } from '../engine/envelopes.js';
import { VALUE_HEADER_LENGTH } from '../encryption/aad.js';
import { decodeEnvelope } from '../encryption/envelope.js';
import type { Keystore } from '../encryption/keystore.js';
import { decodeNonce } from '../encryption/nonce.js';
import { unwrapRaftPayload } from '../encryption/raft-envelope.js';
import { openStoredValue, relabelledUnder } from '../encryption/value-cipher.js';
import type { DirSource } from '../io/dir-source.js';
import { Fault } from '../mvcc/fault.js';
import { decodeVersionHeader } from '../mvcc/version-value.js';
import { loadKeys } from './keys.js';
import { walkLog, type Standing, type WrappedEntry } from './log-walk.js';
import { newestHeaderCutover, rowPlaces, walkRows } from './row-walk.js';

export interface EnvelopeRecord {
  /** `fsm.db`, `fsm-snap/….fsm`, `wal`, … */
  readonly place: string;
  /** Of a row. Borrowed for the call: the user key, without its timestamp. */
  readonly key: Uint8Array | null;
  /** Of a row: its version timestamp. */
  readonly ts: bigint | null;
  /** Of a log entry. */
  readonly index: bigint | null;
  readonly term: bigint | null;
  readonly standing: Standing | null;
  /** Of the value without its header, or of the payload: the whole envelope. */
  readonly length: number;
  /** Null where the bytes are no envelope. */
  readonly keyId: number | null;
  readonly nodeId16: number | null;
  readonly localEpoch: number | null;
  readonly writeCount: bigint | null;
  /** Null: there was no key to try. */
  readonly verified: boolean | null;
  /** The node's error name, or our code where it has none. */
  readonly error: string | null;
  /** The decrypted bytes, where asked for and verified. */
  readonly clear: Uint8Array | null;
}

export interface ListingOptions {
  readonly group: DirSource;
  readonly encryption: EncryptionInput;
  /** Only this place. */
  readonly place?: string | undefined;
  readonly keyId?: bigint | undefined;
  /** Only rows whose user key begins so. */
  readonly prefix?: Uint8Array | undefined;
  readonly decrypt: boolean;
  /** Records after which the listing ends. */
  readonly limit: number;
  readonly pace: Pace;
}

export interface ListingResult {
  /** Records given. */
  readonly given: number;
  readonly notVerified: number;
  readonly failed: number;
  /** The limit ended it. */
  readonly more: boolean;
  readonly findings: readonly Finding[];
}

export type RecordSink = (record: EnvelopeRecord) => void | Promise<void>;

/**
 * @throws {UsageError} no place of that name, or `decrypt` without a key
 * @throws {IoError} the group dir cannot be looked at
 */
export async function listEnvelopes(
  options: ListingOptions,
  sink: RecordSink,
): Promise<ListingResult> {
  const { sidecar, keys, findings } = loadKeys(options.encryption);
  if (options.decrypt && keys === undefined) {
    const why = findings[0] === undefined ? '' : `: ${findings[0].message}`;
    throw new UsageError('usage-bad-flag', `--decrypt needs --sidecar and --kek${why}`);
  }
  const lister = new Lister(options, keys, sink, [...findings]);
  const places = rowPlaces(options.group);
  const wanted = (name: string): boolean => options.place === undefined || options.place === name;
  if (!places.some(({ name }) => wanted(name)) && !wanted('wal')) {
    const names = [...places.map(({ name }) => name), 'wal'].join(', ');
    throw new UsageError(
      'usage-bad-flag',
      `--in: there is no ${options.place ?? ''} here, only ${names}`,
    );
  }
  try {
    for (const place of places) {
      if (!wanted(place.name)) continue;
      const sinks = { row: lister.rowSink(place.name), other: (): void => undefined };
      const { findings } = await walkRows(options.group, place, sinks, options.pace);
      lister.findings.push(...findings);
    }
    if (wanted('wal') && options.prefix === undefined) {
      const cutovers = {
        sidecarCutover: sidecar?.raftEnvelopeCutoverIndex,
        headerCutover: newestHeaderCutover(options.group),
        pace: options.pace,
      };
      const walk = await walkLog(options.group, cutovers, (entry) => lister.entry(entry));
      lister.findings.push(...(walk?.findings ?? []));
    }
  } catch (error) {
    if (!(error instanceof Full)) throw error;
    return lister.result(true);
  }
  return lister.result(false);
}

/** The limit is reached: ends the walk from inside it. */
class Full extends Error {}

class Lister {
  readonly findings: Finding[];
  private readonly options: ListingOptions;
  private readonly keys: Keystore | undefined;
  private readonly sink: RecordSink;
  private given = 0;
  private notVerified = 0;
  private failed = 0;

  constructor(
    options: ListingOptions,
    keys: Keystore | undefined,
    sink: RecordSink,
    findings: Finding[],
  ) {
    this.options = options;
    this.keys = keys;
    this.sink = sink;
    this.findings = findings;
  }

  rowSink(place: string): (rawKey: Uint8Array, stored: Uint8Array) => void | Promise<void> {
    return (rawKey, stored) => this.row(place, rawKey, stored);
  }

  entry({ index, term, standing, payload }: WrappedEntry): undefined | Promise<undefined> {
    const opened = this.keys && unwrapRaftPayload(this.keys, payload);
    const at = { place: 'wal', key: null, ts: null, index, term, standing };
    const wait = this.give(at, payload, opened);
    return wait?.then(() => undefined);
  }

  result(more: boolean): ListingResult {
    const { given, notVerified, failed, findings } = this;
    return { given, notVerified, failed, more, findings };
  }

  private row(place: string, rawKey: Uint8Array, stored: Uint8Array): void | Promise<void> {
    const header = decodeVersionHeader(stored);
    if (header instanceof Fault) return undefined;
    const versioned = rawKey.length >= 8;
    const key = rawKey.subarray(0, versioned ? rawKey.length - 8 : 0);
    const { prefix } = this.options;
    if (prefix !== undefined && !equalBytes(key.subarray(0, prefix.length), prefix))
      return undefined;
    const opened = this.openRow(rawKey, stored, header.encrypted, header.tombstone);
    if (!header.encrypted && opened === undefined) return undefined;
    const ts = versioned ? u64be(rawKey, rawKey.length - 8) ^ 0xffff_ffff_ffff_ffffn : 0n;
    const at = { place, key, ts, index: null, term: null, standing: null };
    return this.give(at, stored.subarray(VALUE_HEADER_LENGTH), opened);
  }

  /** Undefined: no key to try, or a clear row that is none in disguise. */
  private openRow(
    rawKey: Uint8Array,
    stored: Uint8Array,
    encrypted: boolean,
    tombstone: boolean,
  ): Uint8Array | Fault | undefined {
    const { keys } = this;
    if (keys === undefined) return undefined;
    if (encrypted) return openStoredValue(keys, rawKey, stored);
    if (tombstone || relabelledUnder(keys, rawKey, stored) === undefined) return undefined;
    const names = ['ErrEncryptedReadIntegrity'];
    return new Fault('row-relabelled', names, 'marked clear, and an envelope of this row');
  }

  private give(
    at: Pick<EnvelopeRecord, 'place' | 'key' | 'ts' | 'index' | 'term' | 'standing'>,
    bytes: Uint8Array,
    opened: Uint8Array | Fault | undefined,
  ): void | Promise<void> {
    const envelope = decodeEnvelope(bytes);
    const keyId = envelope instanceof Fault ? null : envelope.keyId;
    if (this.options.keyId !== undefined && BigInt(keyId ?? -1) !== this.options.keyId) {
      wipe(opened);
      return undefined;
    }
    if (this.given >= this.options.limit) {
      wipe(opened);
      throw new Full('the limit is reached');
    }
    const nonce = envelope instanceof Fault ? null : decodeNonce(envelope.nonce);
    const fault = opened instanceof Fault ? opened : envelope instanceof Fault ? envelope : null;
    const verified = opened === undefined ? null : !(opened instanceof Fault);
    this.given++;
    if (fault !== null) this.failed++;
    else if (verified === null) this.notVerified++;
    const clear = this.options.decrypt && opened instanceof Uint8Array ? opened : null;
    const wait = this.sink({
      ...at,
      length: bytes.length,
      keyId,
      nodeId16: nonce?.nodeId16 ?? null,
      localEpoch: nonce?.localEpoch ?? null,
      writeCount: nonce?.count ?? null,
      verified,
      error: fault?.label ?? null,
      clear,
    });
    if (!wait) {
      wipe(opened);
      return undefined;
    }
    return wait.then(() => wipe(opened));
  }
}

function wipe(opened: Uint8Array | Fault | undefined): void {
  if (opened instanceof Uint8Array) opened.fill(0);
}
