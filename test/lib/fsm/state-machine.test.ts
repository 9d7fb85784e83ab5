import { expect } from 'chai';
import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import { unhex } from '../../../src/lib/bytes/hex.js';
import { concatBytes, u64beBytes } from '../../../src/lib/bytes/write.js';
import { BUILDS, type BuildName } from '../../../src/lib/fsm/build.js';
import { HlcClock } from '../../../src/lib/fsm/clock.js';
import type { EncryptionApplier, RegistryRows } from '../../../src/lib/fsm/encryption-port.js';
import { PHASE } from '../../../src/lib/fsm/request.js';
import { StateMachine, type ApplyResult } from '../../../src/lib/fsm/state-machine.js';
import { ByteArena } from '../../../src/lib/kv/byte-arena.js';
import { EMPTY_VIEW } from '../../../src/lib/kv/memory-view.js';
import { OverlayStore } from '../../../src/lib/kv/overlay.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import {
  APPLIED_INDEX_KEY,
  encodeMetaValue,
  LAST_COMMIT_TS_KEY,
  readMeta,
} from '../../../src/lib/mvcc/meta-keys.js';
import type { ValueCipher } from '../../../src/lib/mvcc/value-cipher.js';
import { suffixOfTs } from '../../../src/lib/mvcc/version-key.js';
import { encodeClearValue } from '../../../src/lib/mvcc/version-value.js';
import { lockKey } from '../../../src/lib/txn/keys.js';
import { decodeLock } from '../../../src/lib/txn/records.js';
import { batch, del, put, raw, single, txn } from './request-writer.js';
import { otherVectors } from './spec-vectors.js';

const T = 116654080000000000n;
const STEP = 65536n;
const BOTH: readonly BuildName[] = ['A', 'B'];
const NOW_MS = 1_790_000_000_000n;
const at = (n: number): bigint => T + BigInt(n) * STEP;

interface Ports {
  readonly cipher?: ValueCipher;
  readonly encryption?: EncryptionApplier;
}

function machineOf(build: BuildName, ports: Ports = {}): StateMachine {
  const store = new OverlayStore(EMPTY_VIEW);
  const clock = new HlcClock();
  return new StateMachine({ build: BUILDS[build], store, clock, nowMs: NOW_MS, ...ports });
}

function storeClear(machine: StateMachine, key: string, ts: bigint, body: Uint8Array): void {
  machine.store.put(key + suffixOfTs(ts), encodeClearValue(new ByteArena(), body));
}

const answers = ({ requests }: ApplyResult): string[] =>
  requests.map(({ error }) => error?.label ?? 'ok');
const noteCodes = ({ notes }: ApplyResult): string[] => notes.map(({ code }) => code);
const applied = (machine: StateMachine): bigint | null =>
  readMeta(machine.store, APPLIED_INDEX_KEY);

describe('StateMachine', () => {
  it('traces a request: phase, timestamps, mutations, first key', () => {
    const machine = machineOf('A');
    const result = machine.apply(5n, single(raw(at(1), put('a', '1'), del('b'))));
    expect(result).to.deep.include({ tag: 'single', error: null, outcome: 'applied', notes: [] });
    expect(result.requests).to.deep.equal([
      { phase: 'raw', ts: at(1), commitTs: at(1), mutations: 2, error: null, key: 'a' },
    ]);
    const parts = { startTs: at(2), commitTs: at(3), primary: 'p' };
    const [trace] = machine.apply(6n, single(txn(PHASE.NONE, parts, put('p', 'v')))).requests;
    expect(trace).to.deep.equal({
      phase: 'none',
      ts: at(2),
      commitTs: at(3),
      mutations: 2,
      error: null,
      key: 'p',
    });
    expect(machine.clock.last).to.equal(at(3));
  });

  it('sets the applied index to the entry, even downwards, and not when it is not told', () => {
    const machine = machineOf('A');
    machine.apply(9n, single(raw(at(1), put('a', '1'))));
    expect(applied(machine)).to.equal(9n);
    machine.apply(4n, single(raw(at(2), put('a', '2'))));
    expect(applied(machine)).to.equal(4n);
    machine.apply(null, single(raw(at(3), put('a', '3'))));
    expect(applied(machine)).to.equal(4n);
  });

  it('leaves the metadata alone when a request fails', () => {
    for (const build of BOTH) {
      const machine = machineOf(build);
      machine.apply(9n, single(raw(at(2), put('a', '1'))));
      const result = machine.apply(10n, single(raw(at(1), put('a', '2'))));
      expect(answers(result)).to.deep.equal(['ErrWriteConflict']);
      expect(result.requests[0]!.error!.key).to.equal('a');
      expect(applied(machine)).to.equal(9n);
      expect(machine.clock.last).to.equal(at(2));
    }
  });

  it('lets the other requests of a batch apply, and answers to each', () => {
    const machine = machineOf('B');
    const requests = [
      raw(at(1), put('a', '1')),
      raw(at(1), put('', 'x')),
      raw(at(2), put('a', '2')),
    ];
    const result = machine.apply(5n, batch(...requests));
    expect(answers(result)).to.deep.equal(['ok', 'ErrInvalidRequest', 'ok']);
    expect(result.tag).to.equal('batch');
    expect(machine.reader.latest('a')).to.equal(suffixOfTs(at(2)));
  });

  it('redelivery: A writes again or conflicts with itself, B takes it for landed', () => {
    const once = single(raw(at(1), put('a', '1')));
    const other = single(raw(at(1), put('a', 'other')));
    const parts = { startTs: at(2), commitTs: at(3), primary: 'p' };
    const onePhase = single(txn(PHASE.NONE, parts, put('p', 'v')));
    const values = BOTH.map((build) => {
      const machine = machineOf(build);
      machine.apply(1n, once);
      machine.apply(2n, other);
      machine.apply(3n, onePhase);
      const repeated = machine.apply(4n, onePhase);
      const stored = machine.store.get(`a${suffixOfTs(at(1))}`)!.subarray(9);
      return [toByteString(stored), answers(repeated), applied(machine)];
    });
    expect(values).to.deep.equal([
      ['other', ['ErrWriteConflict'], 3n],
      ['1', ['ok'], 4n],
    ]);
  });

  it('B: a landed write below the stored index changes nothing', () => {
    const machine = machineOf('B');
    machine.apply(9n, single(raw(at(1), put('a', '1'))));
    machine.apply(4n, single(raw(at(1), put('a', '1'))));
    expect(applied(machine)).to.equal(9n);
  });

  it('writes locks that expire at now + ttl, and says so', () => {
    for (const [ttlMs, expected] of [
      [0n, 30_000n],
      [5_000n, 5_000n],
      [1n << 63n, 86_400_000n],
    ] as const) {
      const machine = machineOf('A');
      const prepare = txn(PHASE.PREPARE, { startTs: at(1), primary: 'p', ttlMs }, put('p', 'v'));
      expect(noteCodes(machine.apply(1n, single(prepare)))).to.deep.equal(['prepare-expiry']);
      const found = machine.reader.readAtMax(lockKey('p'));
      const lock = found === null || found instanceof Fault ? null : decodeLock(found.body);
      expect(lock).to.deep.equal({
        startTs: at(1),
        ttlExpireAt: (NOW_MS + expected) << 16n,
        isPrimary: true,
        primary: 'p',
      });
    }
  });

  it('B: a repeated PREPARE has landed and writes no lock', () => {
    const prepare = single(txn(PHASE.PREPARE, { startTs: at(1), primary: 'p' }, put('p', 'v')));
    const notes = BOTH.map((build) => {
      const machine = machineOf(build);
      machine.apply(1n, prepare);
      return noteCodes(machine.apply(2n, prepare));
    });
    expect(notes).to.deep.equal([['prepare-expiry'], []]);
  });

  it('commits what it prepared, and aborts it no more', () => {
    for (const build of BOTH) {
      const machine = machineOf(build);
      const parts = { startTs: at(1), commitTs: at(2), primary: 'p' };
      const keys = [put('p', 'v'), put('s', 'w')];
      machine.apply(1n, single(txn(PHASE.PREPARE, parts, ...keys)));
      expect(answers(machine.apply(2n, single(txn(PHASE.COMMIT, parts, ...keys))))).to.deep.equal([
        'ok',
      ]);
      const found = machine.reader.readAtMax('s');
      expect(found instanceof Fault ? null : toByteString(found!.body)).to.equal('w');
      const abort = txn(PHASE.ABORT, { ...parts, commitTs: at(3) }, ...keys);
      expect(answers(machine.apply(3n, single(abort)))).to.deep.equal(['ErrTxnAlreadyCommitted']);
    }
  });

  it('says of a pinned transaction that its route was not evaluated, but not of an ABORT', () => {
    const parts = { startTs: at(1), commitTs: at(2), primary: 'p', route: (1n << 64n) - 1n };
    const notes = [PHASE.NONE, PHASE.PREPARE, PHASE.COMMIT, PHASE.ABORT].map((phase) =>
      noteCodes(machineOf('B').apply(1n, single(txn(phase, parts, put('p', 'v'))))),
    );
    expect(notes).to.deep.equal([
      ['route-not-evaluated'],
      ['route-not-evaluated', 'prepare-expiry'],
      ['route-not-evaluated'],
      [],
    ]);
  });

  it('dies of an absurd length in a meta record, later requests of the entry unapplied', () => {
    const deadly = concatBytes(Uint8Array.of(2, 0), u64beBytes(1n << 50n));
    const request = { ...raw(at(1), { op: 0, key: '!txn|meta|', value: deadly }), isTxn: true };
    for (const build of BOTH) {
      const machine = machineOf(build);
      const after = raw(at(2), put('b', '2'));
      const result = machine.apply(1n, batch(raw(at(1), put('a', '1')), request, after));
      expect(result.outcome).to.equal('panic');
      expect(answers(result)).to.deep.equal(['ok', 'txn-length-panic']);
      expect(noteCodes(result)).to.deep.equal(['txn-length-panic']);
      expect(machine.reader.latest('b')).to.equal(null);
    }
  });

  it('says of a length from 2^31 on that the answer depends on the memory', () => {
    const value = concatBytes(Uint8Array.of(2, 0), u64beBytes(1n << 31n));
    const request = { ...raw(at(1), { op: 0, key: '!txn|meta|', value }), isTxn: true };
    const result = machineOf('A').apply(1n, single(request));
    expect(result.outcome).to.equal('applied');
    expect(noteCodes(result)).to.deep.equal(['txn-length-memory']);
  });

  it('answers for the first lock in mutation order and names the race behind it in B', () => {
    const deadly = concatBytes(
      Uint8Array.of(1),
      u64beBytes(1n),
      u64beBytes(2n),
      Uint8Array.of(0),
      u64beBytes(1n << 50n),
    );
    const results = BOTH.map((build) => {
      const machine = machineOf(build);
      storeClear(machine, lockKey('a'), at(1), deadly);
      storeClear(machine, lockKey('z'), at(1), Uint8Array.of(9));
      const first = machine.apply(1n, single(raw(at(2), put('z', '1'), put('a', '1'))));
      const second = machine.apply(1n, single(raw(at(2), put('a', '1'), put('z', '1'))));
      return [answers(first), noteCodes(first), first.outcome, second.outcome];
    });
    expect(results).to.deep.equal([
      [['txn-record-bad'], [], 'applied', 'panic'],
      [['txn-record-bad'], ['lock-order-race'], 'applied', 'panic'],
    ]);
  });

  it('says why every write of a cut metadata key conflicts', () => {
    const machine = machineOf('A');
    machine.apply(1n, single(raw(at(1), put('a', '1'))));
    const result = machine.apply(2n, single(raw(at(2), put('_meta_appli', 'x'))));
    expect(answers(result)).to.deep.equal(['ErrWriteConflict']);
    expect(noteCodes(result)).to.deep.equal(['metadata-cut-key']);
    const idle = machineOf('B');
    idle.apply(1n, single(raw(at(1), put('a', '1'))));
    expect(answers(idle.apply(2n, single(raw(at(2), put('_meta_appli', 'x')))))).to.deep.equal([
      'ok',
    ]);
  });
});

describe('leases and the clock', () => {
  const lease = (ms: bigint): Uint8Array => concatBytes(Uint8Array.of(2), u64beBytes(ms));

  it('only raise the ceiling, told or not, and never touch the store', () => {
    const machine = machineOf('A');
    expect(machine.apply(5n, lease(100n)).ceilingMs).to.equal(100n);
    expect(machine.apply(null, lease(50n)).ceilingMs).to.equal(100n);
    expect(machine.apply(null, lease(0n)).ceilingMs).to.equal(100n);
    expect(machine.apply(6n, lease(1n << 63n)).ceilingMs).to.equal(100n);
    expect(machine.apply(6n, lease((1n << 63n) - 1n)).ceilingMs).to.equal((1n << 63n) - 1n);
    expect(machine.store.changeCount).to.equal(0);
  });

  it('raise the ceiling of the recorded lease payload', () => {
    const vectors = otherVectors('payload').filter(({ name }) => name === 'hlc lease');
    expect(vectors).to.have.length(1);
    const payload = unhex(vectors[0]!.out['payload']!)!;
    const { ceilingMs } = machineOf('B').apply(1n, payload);
    expect(String(ceilingMs)).to.equal(vectors[0]!.in['ceiling_ms']);
  });

  it('of another length are an error without a name', () => {
    const machine = machineOf('A');
    for (const length of [1, 8, 10]) {
      const payload = new Uint8Array(length).fill(2);
      const { error, outcome, ceilingMs } = machine.apply(5n, payload);
      expect(error).to.include({ code: 'lease-length' });
      expect(error!.names).to.deep.equal([]);
      expect([outcome, ceilingMs]).to.deep.equal(['applied', 0n]);
    }
  });

  it('observe the store on opening in B only', () => {
    const seen = BOTH.map((build) => {
      const machine = machineOf(build);
      machine.store.put(LAST_COMMIT_TS_KEY, encodeMetaValue(at(7)));
      machine.storeOpened();
      return machine.clock.last;
    });
    expect(seen).to.deep.equal([0n, at(7)]);
  });
});

describe('entry-level errors', () => {
  it('stand at the entry when there is no request to blame', () => {
    const machine = machineOf('B');
    const labels = [[], [1], [0, 0xff], [1, 0x0a, 0x05], [0xff], [0x0a]].map((bytes) => {
      const { error, requests, outcome } = machine.apply(1n, Uint8Array.from(bytes));
      expect([requests, outcome]).to.deep.equal([[], 'applied']);
      return error?.label;
    });
    expect(labels).to.deep.equal([
      'ErrInvalidRequest',
      'ErrInvalidRequest',
      'bad-protobuf',
      'bad-protobuf',
      'bad-protobuf',
      'bad-protobuf',
    ]);
    expect(machine.store.changeCount).to.equal(0);
  });

  it('halt at every opcode without an applier, and at reserved ones with it', () => {
    const never: EncryptionApplier = { applyEncryption: () => null };
    for (let opcode = 3; opcode <= 7; opcode++) {
      const payload = Uint8Array.of(opcode, 1);
      const without = machineOf('B').apply(1n, payload);
      expect(without.outcome).to.equal('halt');
      expect(without.error!.names).to.deep.equal(['ErrEncryptionApply']);
      const withApplier = machineOf('B', { encryption: never }).apply(1n, payload);
      expect(withApplier.outcome).to.equal(opcode < 6 ? 'applied' : 'halt');
    }
  });
});

describe('ports', () => {
  it('hand opcodes to the applier with index and rows, and add ErrEncryptionApply to its fault', () => {
    const calls: [bigint, number][] = [];
    const encryption: EncryptionApplier = {
      applyEncryption(index: bigint, payload: Uint8Array, rows: RegistryRows): Fault | null {
        calls.push([index, payload[0]!]);
        rows.put('row', Uint8Array.of(7));
        if (payload[0] === 3) return null;
        return new Fault('encryption-apply', ['ErrKEKNotConfigured'], 'no KEK');
      },
    };
    const machine = machineOf('B', { encryption });
    expect(machine.apply(21n, Uint8Array.of(3)).error).to.equal(null);
    expect(machine.store.get('row')).to.deep.equal(Uint8Array.of(7));
    const halted = machine.apply(22n, Uint8Array.of(4));
    expect(halted.error!.names).to.deep.equal(['ErrKEKNotConfigured', 'ErrEncryptionApply']);
    expect(calls).to.deep.equal([
      [21n, 3],
      [22n, 4],
    ]);
    expect(applied(machine)).to.equal(null);
  });

  it('seal puts in mutation order, tombstones and refused requests not at all', () => {
    const sealed: string[] = [];
    const cipher: ValueCipher = {
      openValue: (_, stored) => stored.subarray(9),
      isRelabelled: () => false,
      sealValue(rawKey, body) {
        sealed.push(`${rawKey.slice(0, -8)}=${toByteString(body)}`);
        return concatBytes(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0), body);
      },
    };
    const machine = machineOf('A', { cipher });
    machine.apply(1n, single(raw(at(2), put('b', '1'), del('c'), put('a', '2'))));
    machine.apply(2n, single(raw(at(1), put('b', 'refused'))));
    expect(sealed).to.deep.equal(['b=1', 'a=2']);
    expect(machine.store.get(`a${suffixOfTs(at(2))}`)![0]).to.equal(2);
    expect(machine.store.get(`c${suffixOfTs(at(2))}`)![0]).to.equal(1);
  });

  it('turn a sealing failure into the answer, nothing written', () => {
    const cipher: ValueCipher = {
      openValue: (_, stored) => stored,
      isRelabelled: () => false,
      sealValue: () => new Fault('value-no-cipher', [], 'the key is not loaded'),
    };
    const machine = machineOf('A', { cipher });
    const result = machine.apply(1n, single(raw(at(2), put('b', '1'))));
    expect(answers(result)).to.deep.equal(['value-no-cipher']);
    expect(machine.store.changeCount).to.equal(0);
  });
});
