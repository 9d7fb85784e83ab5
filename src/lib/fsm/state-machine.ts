/**
 * The state machine of one group: applies payloads of log entries to a store and a clock, as a node
 * of build A or B does (spec/fsm-apply.md). It knows nothing of files, of raft, or of the proposal
 * and raft envelopes around a payload. The wall clock enters as `nowMs` and decides nothing but the
 * expiry written into locks.
 */
import { fromByteString, type ByteString } from '../bytes/byte-string.js';
import { hex } from '../bytes/hex.js';
import { u64be } from '../bytes/read.js';
import type { OverlayStore } from '../kv/overlay.js';
import { Fault } from '../mvcc/fault.js';
import { isMetaOrRegistryKey } from '../mvcc/meta-keys.js';
import type { ValueCipher } from '../mvcc/value-cipher.js';
import { isVersionOf, MAX_TS_SUFFIX } from '../mvcc/version-key.js';
import { VersionReader } from '../mvcc/version-reader.js';
import { invalidRequest } from './answers.js';
import { applyRequest } from './apply-request.js';
import type { Build } from './build.js';
import type { HlcClock } from './clock.js';
import type { EncryptionApplier } from './encryption-port.js';
import { requestsOf, shownKeyOf } from './entry-requests.js';
import type { ApplyNote, NoteSink } from './note.js';
import { tagOf, type PayloadTag } from './payload.js';
import { phaseWord, type PhaseWord, type Request } from './request.js';
import { VersionWriter } from './version-writer.js';

const LEASE_BYTES = 9;

export interface RequestTrace {
  readonly phase: PhaseWord;
  readonly ts: bigint;
  /** Null where the meta record that holds it does not decode. */
  readonly commitTs: bigint | null;
  /** As the request carries them, a transaction's meta record included. */
  readonly mutations: number;
  /** What the node answers. */
  readonly error: Fault | null;
  /** The first mutated key that is not a meta record. */
  readonly key: ByteString | null;
}

export interface ApplyResult {
  readonly tag: PayloadTag;
  readonly requests: readonly RequestTrace[];
  /** Where there is no request to blame: empty payload, one that does not parse, a halt. */
  readonly error: Fault | null;
  /** `halt`: the node stops before this entry; `panic`: the process dies in the apply. */
  readonly outcome: 'applied' | 'halt' | 'panic';
  /** After the entry. */
  readonly ceilingMs: bigint;
  readonly notes: readonly ApplyNote[];
}

export interface StateMachineParts {
  readonly build: Build;
  readonly store: OverlayStore;
  readonly clock: HlcClock;
  /** Null: encrypted rows cannot be read, puts are stored clear. */
  readonly cipher?: ValueCipher | null;
  /** Null: every opcode halts with ErrEncryptionApply alone. */
  readonly encryption?: EncryptionApplier | null;
  readonly nowMs: bigint;
}

export class StateMachine {
  readonly store: OverlayStore;
  readonly clock: HlcClock;
  readonly reader: VersionReader;
  private readonly build: Build;
  private readonly writer: VersionWriter;
  private readonly encryption: EncryptionApplier | null;
  private readonly nowMs: bigint;

  constructor(parts: StateMachineParts) {
    this.store = parts.store;
    this.clock = parts.clock;
    this.build = parts.build;
    this.reader = new VersionReader(parts.store, parts.cipher ?? null);
    this.writer = new VersionWriter(parts.build, this.reader);
    this.encryption = parts.encryption ?? null;
    this.nowMs = parts.nowMs;
  }

  /**
   * To be called when the store has been opened (repaired, where the build repairs) or its metadata
   * was written by somebody else: reads the last commit timestamp anew, and the clock observes it
   * where the build does that.
   */
  storeOpened(): void {
    this.writer.forget();
    if (this.build.clockObservesStore) this.clock.observe(this.writer.lastCommitTs);
  }

  /** @param index  null where the node does not tell the state machine (volatile duplicates) */
  apply(index: bigint | null, payload: Uint8Array): ApplyResult {
    const tag = tagOf(payload);
    switch (tag) {
      case 'empty':
        return this.failed(tag, invalidRequest('empty payload'));
      case 'lease':
        return this.failed(tag, this.applyLease(payload));
      case 'registration':
      case 'bootstrap':
      case 'rotation':
      case 'reserved':
        return this.applyEncryption(tag, index, payload);
      case 'single':
      case 'batch':
      case 'legacy':
        return this.applyRequests(tag, index, requestsOf(tag, payload));
    }
  }

  private failed(tag: PayloadTag, error: Fault | null): ApplyResult {
    const { ceilingMs } = this.clock;
    return { tag, requests: [], error, outcome: 'applied', ceilingMs, notes: [] };
  }

  private applyLease(payload: Uint8Array): Fault | null {
    if (payload.length !== LEASE_BYTES) {
      return new Fault('lease-length', [], `lease of ${payload.length - 1} B instead of 8`);
    }
    this.clock.raiseCeiling(u64be(payload, 1));
    return null;
  }

  private applyEncryption(tag: PayloadTag, index: bigint | null, payload: Uint8Array): ApplyResult {
    const applied = this.failed(tag, null);
    const fault = this.encryptionFault(tag, index, payload);
    if (fault === null) return applied;
    const names = [...fault.names, 'ErrEncryptionApply'];
    return { ...applied, outcome: 'halt', error: new Fault(fault.code, names, fault.text) };
  }

  private encryptionFault(
    tag: PayloadTag,
    index: bigint | null,
    payload: Uint8Array,
  ): Fault | null {
    if (tag === 'reserved') return new Fault('encryption-apply', [], 'reserved opcode');
    if (this.encryption === null) {
      return new Fault('encryption-apply', [], 'no applier for encryption entries');
    }
    return this.encryption.applyEncryption(index ?? 0n, payload, this.store);
  }

  /** One after another, each with its own batch; every error is kept and the others still apply. */
  private applyRequests(
    tag: PayloadTag,
    index: bigint | null,
    requests: readonly Request[] | null,
  ): ApplyResult {
    if (requests === null) {
      return this.failed(tag, new Fault('bad-protobuf', [], 'the payload does not parse'));
    }
    if (requests.length === 0) return this.failed(tag, invalidRequest('batch without requests'));
    const traces: RequestTrace[] = [];
    const notes: ApplyNote[] = [];
    let outcome: ApplyResult['outcome'] = 'applied';
    for (const request of requests) {
      const position = traces.length;
      const trace = this.applyOne(index, request, (code, text) => {
        notes.push({ code, request: position, text });
      });
      traces.push(trace);
      if (trace.error?.panic === true) {
        outcome = 'panic';
        break;
      }
    }
    const { ceilingMs } = this.clock;
    return { tag, requests: traces, error: null, outcome, ceilingMs, notes };
  }

  private applyOne(index: bigint | null, request: Request, note: NoteSink): RequestTrace {
    const { build, reader, writer, nowMs } = this;
    const context = { build, reader, writer, index, nowMs, note };
    const { error, commitTs } = applyRequest(context, request);
    if (error === null) {
      if (commitTs !== null) this.clock.observe(commitTs);
    } else {
      this.noteFault(error, note);
    }
    return {
      phase: phaseWord(request),
      ts: request.ts,
      commitTs,
      mutations: request.mutations.length,
      error,
      key: shownKeyOf(request),
    };
  }

  private noteFault(fault: Fault, note: NoteSink): void {
    if (fault.code === 'txn-length-panic' || fault.code === 'txn-length-memory') {
      note(fault.code, fault.text);
    } else if (fault.code === 'write-conflict' && fault.key !== null) {
      const seen = this.store.seekKey(fault.key + MAX_TS_SUFFIX);
      if (seen !== null && isVersionOf(seen, fault.key) && isMetaOrRegistryKey(seen)) {
        note('metadata-cut-key', `in the way: raw key ${hex(fromByteString(seen))}`);
      }
    }
  }
}
