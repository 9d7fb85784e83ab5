/** Runs a recorded replay through the state machine and renders the outcome as the recorder did. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { fromByteString, toByteString } from '../../../src/lib/bytes/byte-string.js';
import { hex, unhex } from '../../../src/lib/bytes/hex.js';
import { u64be } from '../../../src/lib/bytes/read.js';
import { concatBytes, u64beBytes } from '../../../src/lib/bytes/write.js';
import { BUILDS, type BuildName } from '../../../src/lib/fsm/build.js';
import { HlcClock } from '../../../src/lib/fsm/clock.js';
import { StateMachine, type ApplyResult } from '../../../src/lib/fsm/state-machine.js';
import { MemoryView } from '../../../src/lib/kv/memory-view.js';
import { OverlayStore } from '../../../src/lib/kv/overlay.js';
import type { Fault } from '../../../src/lib/mvcc/fault.js';
import { LastCommitScan, raiseLastCommitTs } from '../../../src/lib/mvcc/last-commit-scan.js';
import { LAST_COMMIT_TS_KEY, readMeta } from '../../../src/lib/mvcc/meta-keys.js';
import type { ValueCipher } from '../../../src/lib/mvcc/value-cipher.js';
import type { Pair, ReplayOutput, ReplayVector, Response } from './spec-vectors.js';

/** A wall clock that no recorded lock can carry, so that the locks of this run are recognisable. */
const NOW_MS = 200_000_000_000_000n;
const MAX_TTL_MS = 86_400_000n;

export function bytesOf(text: string): Uint8Array {
  return unhex(text)!;
}

export function memoryView(pairs: readonly Pair[]): MemoryView {
  return new MemoryView(pairs.map(([key, value]) => [toByteString(bytesOf(key)), bytesOf(value)]));
}

/** An open state machine over `pairs`, as a node of the build has it after its start. */
export function openMachine(
  build: BuildName,
  pairs: readonly Pair[],
  cipher: ValueCipher | null = null,
): StateMachine {
  const store = new OverlayStore(memoryView(pairs));
  const rules = BUILDS[build];
  if (rules.repairsLastCommitTs) {
    const scan = new LastCommitScan(store);
    while (scan.step(3) >= 0);
    raiseLastCommitTs(store, scan.highest);
  }
  const parts = { build: rules, store, clock: new HlcClock(), cipher, nowMs: NOW_MS };
  const machine = new StateMachine(parts);
  machine.storeOpened();
  return machine;
}

/** Whose locks lose their expiry in the rendered store: the ones of this run, or all live ones. */
export type Masked = 'prepared' | 'all';

export function runReplay(vector: ReplayVector, build: BuildName, masked: Masked): ReplayOutput {
  const cipher = vector.name.includes('storage envelope active') ? new RecordedSealer() : null;
  const machine = openMachine(build, vector.in.initial ?? [], cipher);
  const responses: Response[] = [];
  for (const { index, payload } of vector.in.entries) {
    responses.push(responseOf(machine.apply(BigInt(index), bytesOf(payload))));
  }
  return {
    responses,
    store: storeOf(machine.store, masked),
    clock: String(machine.clock.last),
    ceiling_ms: String(machine.clock.ceilingMs),
    last_commit_ts: String(readMeta(machine.store, LAST_COMMIT_TS_KEY) ?? 0n),
  };
}

function responseOf({ error, requests, outcome }: ApplyResult): Response {
  if (outcome === 'halt') return { error: error?.label ?? '', halt: true };
  if (error !== null) return slotOf(error);
  const slots = requests.map((request) => slotOf(request.error));
  if (slots.length === 1) return slots[0]!;
  return slots.every((slot) => slot === 'ok') ? 'ok' : slots;
}

function slotOf(fault: Fault | null): Response {
  if (fault === null) return 'ok';
  const error = fault.names[0] ?? 'unnamed';
  return fault.key === null ? { error } : { error, key: hex(fromByteString(fault.key)) };
}

/** Every pair in raw order; the expiry of locks is zeroed as it is in the vectors. */
export function storeOf(store: OverlayStore, masked: Masked): Pair[] {
  const pairs: Pair[] = [];
  const cursor = store.cursor();
  for (let on = cursor.first(); on; on = cursor.next()) {
    const value = Uint8Array.from(cursor.value);
    if (cursor.keyString.startsWith('!txn|lock|') && value.length >= 26 && (value[0]! & 1) === 0) {
      const ms = u64be(value, 18) >> 16n;
      const own = ms >= NOW_MS && ms <= NOW_MS + MAX_TTL_MS;
      if (own || masked === 'all') value.fill(0, 18, 26);
    }
    pairs.push([hex(cursor.key), hex(value)]);
  }
  return pairs;
}

const HEADER = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0);
const ENVELOPE_START = Uint8Array.of(1, 0, 0, 0, 0, 5);

/** Seals as the recorded node did: dek id 5, node 0x1234, local epoch 7, write count from 1. */
class RecordedSealer implements ValueCipher {
  private readonly dek = Uint8Array.from({ length: 32 }, (_, i) => i);
  private count = 0n;

  openValue(rawKey: string, stored: Uint8Array): Uint8Array {
    const decipher = createDecipheriv('aes-256-gcm', this.dek, stored.subarray(15, 27));
    decipher.setAAD(aadOf(rawKey));
    decipher.setAuthTag(stored.subarray(-16));
    return concatBytes(decipher.update(stored.subarray(27, -16)), decipher.final());
  }

  isRelabelled(): boolean {
    return false;
  }

  sealValue(rawKey: string, body: Uint8Array): Uint8Array {
    const nonce = concatBytes(Uint8Array.of(0x12, 0x34, 0, 7), u64beBytes(++this.count));
    const cipher = createCipheriv('aes-256-gcm', this.dek, nonce);
    cipher.setAAD(aadOf(rawKey));
    const sealed = concatBytes(cipher.update(body), cipher.final());
    return concatBytes(HEADER, ENVELOPE_START, nonce, sealed, cipher.getAuthTag());
  }
}

function aadOf(rawKey: string): Uint8Array {
  return concatBytes(ENVELOPE_START, HEADER, fromByteString(rawKey));
}
