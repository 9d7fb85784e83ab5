import { expect } from 'chai';
import { CorruptionError } from '../../../src/lib/core/errors.js';
import { NODE_AEAD } from '../../../src/lib/encryption/aead.js';
import type {
  GuardGap,
  GuardGroup,
  GuardRefusal,
  KekState,
  RegistryState,
  ReplayedInputs,
  SidecarState,
  StartInputs,
} from '../../../src/lib/encryption/guard-inputs.js';
import { guardFindings } from '../../../src/lib/encryption/guard-findings.js';
import { GUARD_RULES, guardRulesOf } from '../../../src/lib/encryption/guard-rules.js';
import { judgeStart } from '../../../src/lib/encryption/guards.js';
import { judgeReplayed } from '../../../src/lib/encryption/guards-replayed.js';
import { Kek } from '../../../src/lib/encryption/kek.js';
import { Secret } from '../../../src/lib/encryption/secret.js';
import type { Sidecar, SidecarKey } from '../../../src/lib/encryption/sidecar.js';
import {
  encodeRegistryKey,
  encodeRegistryRow,
} from '../../../src/lib/encryption/writer-registry.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';

const NODE = 0x08b3_7b07_b558_d4c0n;
const KEK_BYTES = Secret.copyOf(Buffer.alloc(32, 0x42));
const KEK: KekState = { kind: 'loaded', kek: new Kek(KEK_BYTES) };
const WRONG_KEK: KekState = { kind: 'loaded', kek: new Kek(Secret.copyOf(Buffer.alloc(32, 1))) };
const A = GUARD_RULES['committed-tail'];
const B = GUARD_RULES['snapshot-pointer'];

function wrap(fill: number): Uint8Array {
  const nonce = Buffer.alloc(12, fill);
  const box = NODE_AEAD.key(KEK_BYTES).seal(nonce, new Uint8Array(0), Buffer.alloc(32, fill));
  return Buffer.concat([nonce, box]);
}

function key(id: number, purpose: 'storage' | 'raft', localEpoch = 2): [string, SidecarKey] {
  return [String(id), { id, purpose, wrapped: wrap(id), created: '', localEpoch }];
}

const SIDECAR: Sidecar = {
  version: 2,
  raftAppliedIndex: 100n,
  storageEnvelopeActive: true,
  storageEnvelopeCutoverIndex: 50n,
  raftEnvelopeCutoverIndex: 60n,
  active: { storage: 3, raft: 4 },
  keys: new Map([key(1, 'storage'), key(2, 'raft'), key(3, 'storage'), key(4, 'raft')]),
};

function valid(change: Partial<Sidecar> = {}): SidecarState {
  return { kind: 'valid', sidecar: { ...SIDECAR, ...change } };
}

function registry(
  ...rows: [dekId: number, lastSeen: number, fullNodeId?: bigint][]
): RegistryState {
  const map = new Map(
    rows.map(([dekId, lastSeenEpoch, fullNodeId = NODE]) => [
      encodeRegistryKey({ dekId, nodeId16: 0xd4c0 }),
      encodeRegistryRow({ fullNodeId, firstSeenEpoch: 0, lastSeenEpoch }),
    ]),
  );
  return { kind: 'open', get: (k) => map.get(k) };
}

const GROUP: GuardGroup = { id: 1n, peers: [NODE] };

/** A node that starts: every case below changes what it is about. */
function inputs(change: Partial<StartInputs> = {}): StartInputs {
  return {
    rules: B,
    encryption: true,
    sidecar: valid(),
    kek: KEK,
    fullNodeId: NODE,
    groups: [GROUP],
    bootstrap: undefined,
    snapshotCutover: { kind: 'known', cutover: 60n },
    registry: registry([3, 2], [4, 2]),
    ...change,
  };
}

function replayed(change: Partial<ReplayedInputs> = {}): ReplayedInputs {
  return {
    sidecar: valid(),
    registry: registry([3, 2], [4, 2]),
    restoredCutover: 60n,
    applied: 100n,
    snapshotIndex: 40n,
    lastIndex: 200n,
    opcodeAt: () => undefined,
    ...change,
  };
}

interface Judged {
  readonly refusal: GuardRefusal | null;
  readonly verdict: string;
  readonly gaps: readonly GuardGap[];
}

/** `pass`, `inconclusive G needs F`, or `G: names`. */
function told({ refusal, verdict, gaps }: Judged): string {
  if (refusal)
    return `${refusal.guard}: ${refusal.errors.join('+')}${refusal.panic ? ' panic' : ''}`;
  return verdict === 'pass' ? 'pass' : gaps.map((g) => `${g.guard} needs ${g.needs}`).join(', ');
}

function start(change: Partial<StartInputs> = {}): string {
  return told(judgeStart(inputs(change)));
}

function after(
  change: Partial<ReplayedInputs> = {},
  startChange: Partial<StartInputs> = {},
): string {
  const input = inputs(startChange);
  const outcome = judgeStart(input);
  expect(told(outcome), 'the start itself').to.not.match(/Err/);
  return told(judgeReplayed(input, outcome, replayed(change)));
}

function rollingSidecar(storageEpoch: number, raftEpoch = 2): SidecarState {
  return valid({ keys: new Map([key(3, 'storage', storageEpoch), key(4, 'raft', raftEpoch)]) });
}

const INVALID: SidecarState = {
  kind: 'invalid',
  error: new CorruptionError('sidecar-purpose', 'key 1', { nodeError: 'ErrSidecarPurpose' }),
};
const BAD_KEK: KekState = {
  kind: 'failed',
  error: new CorruptionError('kek-length', 'the KEK file has 31 bytes'),
};

describe('encryption/guards before the engine', () => {
  it('a sound node passes, and its bumps are announced: B both keys, A the storage key', () => {
    const b = judgeStart(inputs());
    expect(told(b)).to.equal('pass');
    expect(b.bumps).to.deep.equal([
      { purpose: 'storage', keyId: 3, from: 2, to: 3 },
      { purpose: 'raft', keyId: 4, from: 2, to: 3 },
    ]);
    expect(b.keys?.ids()).to.deep.equal([1, 2, 3, 4]);
    expect([...b.sidecar!.keys.values()].map((k) => k.localEpoch)).to.deep.equal([2, 2, 3, 3]);
    const a = judgeStart(inputs({ rules: A, sidecar: valid({ raftEnvelopeCutoverIndex: 0n }) }));
    expect([told(a), a.bumps.map((bump) => bump.keyId)]).to.deep.equal(['pass', [3]]);
    expect(SIDECAR.keys.get('3')!.localEpoch).to.equal(2);
  });

  it('B does not bump the raft key before the cutover; no key, no bump', () => {
    const snapshotCutover = { kind: 'known', cutover: 0n } as const;
    const before = judgeStart(
      inputs({ sidecar: valid({ raftEnvelopeCutoverIndex: 0n }), snapshotCutover }),
    );
    expect(before.bumps.map((bump) => bump.keyId)).to.deep.equal([3]);
    const active = { storage: 0, raft: 4 };
    expect(
      judgeStart(inputs({ sidecar: valid({ active }) })).bumps.map((b) => b.keyId),
    ).to.deep.equal([4]);
    expect(
      judgeStart(inputs({ sidecar: { kind: 'missing' }, snapshotCutover })).bumps,
    ).to.deep.equal([]);
  });

  it('1: a sidecar while encryption is off, valid or not, in every build', () => {
    for (const rules of Object.values(GUARD_RULES)) {
      for (const sidecar of [valid(), INVALID]) {
        expect(start({ rules, encryption: false, sidecar })).to.equal(
          '1: ErrSidecarPresentWithoutFlag',
        );
      }
      for (const kind of ['missing', 'no-path'] as const) {
        expect(
          start({ rules, encryption: false, sidecar: { kind }, kek: { kind: 'none' } }),
        ).to.equal('pass');
      }
    }
  });

  it('2: encryption on and no KEK', () => {
    expect(start({ kek: { kind: 'none' } })).to.equal('2: ErrKEKRequiredWithFlag');
    const bare = { kek: { kind: 'none' }, sidecar: { kind: 'no-path' } } as const;
    expect(start(bare)).to.equal('2: ErrKEKRequiredWithFlag');
  });

  it('3: a key that does not unwrap, lowest id first; an empty one is skipped', () => {
    expect(start({ kek: WRONG_KEK })).to.equal('3: ErrKEKMismatch');
    const { refusal } = judgeStart(inputs({ kek: WRONG_KEK }));
    expect(refusal?.message).to.match(/^key 1 \(storage\)/);
    const keys = new Map(SIDECAR.keys);
    keys.set('10', { ...key(10, 'raft')[1], wrapped: wrap(9).fill(0) });
    keys.set('2', { ...key(2, 'raft')[1], wrapped: wrap(9).fill(0) });
    expect(judgeStart(inputs({ sidecar: valid({ keys }) })).refusal?.message).to.match(/^key 2 /);
    keys.delete('10');
    keys.set('2', { ...key(2, 'raft')[1], wrapped: new Uint8Array(0) });
    const skipped = judgeStart(inputs({ sidecar: valid({ keys }) }));
    expect([told(skipped), skipped.keys?.ids()]).to.deep.equal(['pass', [1, 3, 4]]);
  });

  it('an invalid sidecar: B at 6, before the KEK file; A at 3, after it and after 2', () => {
    expect(start({ sidecar: INVALID })).to.equal('6: ErrSidecarPurpose');
    expect(start({ sidecar: INVALID, kek: BAD_KEK })).to.equal('6: ErrSidecarPurpose');
    expect(start({ sidecar: INVALID, kek: { kind: 'none' } })).to.equal('6: ErrSidecarPurpose');
    const noCutover = { kind: 'known', cutover: 0n } as const;
    expect(start({ sidecar: INVALID, snapshotCutover: noCutover })).to.equal(
      '6: ErrSidecarPurpose',
    );
    expect(start({ rules: A, sidecar: INVALID })).to.equal('3: ErrSidecarPurpose');
    expect(start({ rules: A, sidecar: INVALID, kek: BAD_KEK })).to.equal('0: kek-length');
    expect(start({ rules: A, sidecar: INVALID, kek: { kind: 'none' } })).to.equal(
      '2: ErrKEKRequiredWithFlag',
    );
    const noName = { kind: 'invalid', error: new CorruptionError('sidecar-json', 'ends') } as const;
    expect(start({ sidecar: noName })).to.equal('6: sidecar-json');
  });

  it('the KEK file is judged before guard 1, also with encryption off', () => {
    expect(start({ kek: BAD_KEK })).to.equal('0: kek-length');
    expect(start({ kek: BAD_KEK, encryption: false })).to.equal('0: kek-length');
  });

  it('4: an exhausted active key, storage first; a retired one does not matter', () => {
    expect(start({ sidecar: rollingSidecar(0xffff) })).to.equal('4: ErrLocalEpochExhausted');
    expect(start({ sidecar: rollingSidecar(2, 0xffff) })).to.equal('4: ErrLocalEpochExhausted');
    const { refusal } = judgeStart(inputs({ sidecar: rollingSidecar(0xffff, 0xffff) }));
    expect(refusal?.message).to.contain('storage key 3');
    const keys = new Map(SIDECAR.keys).set(...key(1, 'storage', 0xffff));
    expect(start({ sidecar: valid({ keys }) })).to.equal('pass');
    expect(
      start({ sidecar: rollingSidecar(0xfffe, 0xfffe), registry: registry([3, 0], [4, 0]) }),
    ).to.equal('pass');
  });

  it('6: the header’s cutover against the sidecar’s, B only, before everything else', () => {
    const diverged = { snapshotCutover: { kind: 'known', cutover: 61n } } as const;
    expect(start(diverged)).to.equal('6: ErrEnvelopeCutoverDivergence');
    expect(start({ ...diverged, kek: BAD_KEK })).to.equal('6: ErrEnvelopeCutoverDivergence');
    expect(start({ ...diverged, sidecar: { kind: 'missing' } })).to.equal(
      '6: ErrEnvelopeCutoverDivergence',
    );
    expect(start({ ...diverged, rules: A })).to.equal('10: raft-cutover-refused');
    expect(start({ ...diverged, sidecar: { kind: 'no-path' } })).to.equal('pass');
    expect(start({ ...diverged, encryption: false })).to.equal('1: ErrSidecarPresentWithoutFlag');
    expect(start({ snapshotCutover: { kind: 'known', cutover: 0n } })).to.equal('pass');
    const failure = new Fault('envelope-tag', ['ErrFSMSnapshotFileCRC'], 'footer');
    expect(start({ snapshotCutover: { kind: 'failed', failure } })).to.equal(
      '6: ErrFSMSnapshotFileCRC',
    );
  });

  it('7: members of any group that agree in 16 bits; the same member in two groups does not', () => {
    const other = NODE + 0x10000n;
    expect(start({ groups: [{ id: 1n, peers: [NODE, other] }] })).to.equal('7: ErrNodeIDCollision');
    const zeroCutover = valid({ raftEnvelopeCutoverIndex: 0n });
    const several = (groups: GuardGroup[], bootstrap?: bigint[]): string =>
      start({
        groups,
        bootstrap,
        sidecar: zeroCutover,
        snapshotCutover: { kind: 'known', cutover: 0n },
      });
    expect(several([{ id: 0n, peers: [other] }, GROUP])).to.equal('7: ErrNodeIDCollision');
    expect(several([{ id: 0n, peers: [NODE] }, GROUP])).to.equal('pass');
    expect(several([GROUP, { id: 2n, peers: undefined }], [5n, other])).to.equal(
      '7: ErrNodeIDCollision',
    );
    // The list counts only where there is no peers file.
    expect(several([GROUP], [5n, other])).to.equal('pass');
    expect(several([{ id: 1n, peers: undefined }])).to.equal('7 needs --peers');
    const collide = { groups: [{ id: 1n, peers: [NODE, other] }] };
    const off = { sidecar: valid({ active: { storage: 0, raft: 4 } }) };
    expect(start({ ...collide, ...off })).to.equal('pass');
    expect(start({ ...collide, rules: guardRulesOf('2026-07-07'), sidecar: zeroCutover })).to.equal(
      'pass',
    );
    expect(start({ ...collide, rules: guardRulesOf('2026-07-08'), sidecar: zeroCutover })).to.equal(
      '7: ErrNodeIDCollision',
    );
  });

  it('8: the sidecar’s epoch below the last seen one; equal is fine before the bump', () => {
    expect(start({ registry: registry([3, 2]) })).to.equal('pass');
    expect(start({ registry: registry([3, 3]) })).to.equal('8: ErrLocalEpochRollback');
    expect(start({ registry: registry([3, 0]) })).to.equal('pass');
    expect(start({ registry: registry([3, 0, NODE + 0x10000n]) })).to.equal(
      '8: ErrLocalEpochRollback',
    );
    expect(
      start({ registry: registry([3, 3]), sidecar: valid({ active: { storage: 0, raft: 4 } }) }),
    ).to.equal('pass');
    expect(start({ registry: { kind: 'open', get: () => Buffer.alloc(11) } })).to.equal(
      '8: ErrRegistryValueMalformed',
    );
  });

  it('8: a missing row or fsm.db refuses only while the storage envelope is on', () => {
    const off = valid({ storageEnvelopeActive: false });
    for (const missing of [registry(), { kind: 'absent' } as const]) {
      expect(start({ registry: missing })).to.equal('8: ErrLocalEpochRollback');
      expect(start({ registry: missing, sidecar: off })).to.equal('pass');
    }
    const foreign = registry([3, 0, NODE + 0x10000n]);
    expect(start({ registry: foreign, sidecar: off })).to.equal('8: ErrLocalEpochRollback');
  });

  it('10: A refuses any cutover; B one without an active raft key or with several groups', () => {
    expect(start({ rules: A })).to.equal('10: raft-cutover-refused');
    expect(start({ rules: A, sidecar: valid({ raftEnvelopeCutoverIndex: 0n }) })).to.equal('pass');
    expect(start({ sidecar: valid({ active: { storage: 3, raft: 0 } }) })).to.equal(
      '10: raft-cutover-refused',
    );
    const zero = { id: 0n, peers: [NODE] };
    expect(start({ groups: [zero, GROUP] })).to.equal('10: raft-cutover-refused');
    expect(start({ rules: guardRulesOf('2026-06-03') })).to.equal('pass');
    expect(start({ rules: guardRulesOf('2026-07-08') })).to.equal('10: raft-cutover-refused');
    expect(start({ rules: guardRulesOf('2026-07-09') })).to.equal('pass');
  });

  it('the first in order decides when several refuse', () => {
    const everything = {
      snapshotCutover: { kind: 'known', cutover: 61n },
      kek: BAD_KEK,
      groups: [{ id: 1n, peers: [NODE, NODE + 0x10000n] }],
      registry: registry([3, 9]),
      sidecar: valid({ keys: new Map([key(3, 'storage', 0xffff), key(4, 'raft')]) }),
    } as const;
    expect(start(everything)).to.match(/^6:/);
    const same = { ...everything, snapshotCutover: { kind: 'known', cutover: 60n } } as const;
    expect(start(same)).to.match(/^0:/);
    expect(start({ ...same, kek: WRONG_KEK })).to.match(/^3:/);
    expect(start({ ...same, kek: KEK })).to.match(/^4:/);
    expect(start({ ...same, kek: KEK, sidecar: valid() })).to.match(/^7:/);
    expect(start({ ...same, kek: KEK, sidecar: valid(), groups: [GROUP] })).to.match(/^8:/);
    const last = { groups: [{ id: 0n, peers: [NODE] }, GROUP] };
    expect(start({ ...same, ...last, kek: KEK, sidecar: valid() })).to.match(/^8:/);
    expect(start(last)).to.match(/^10:/);
  });

  it('what is not known is asked for, and never taken for absent', () => {
    expect(start({ sidecar: { kind: 'unknown' } })).to.equal(
      '6 needs --sidecar, 3 needs --sidecar',
    );
    expect(start({ kek: { kind: 'unknown' } })).to.equal('0 needs --kek');
    expect(start({ snapshotCutover: { kind: 'unknown' } })).to.equal('6 needs snapshot');
    expect(start({ registry: { kind: 'unknown' } })).to.equal('8 needs fsm.db');
    expect(start({ encryption: undefined })).to.equal('1 needs --encryption');
    expect(start({ encryption: undefined, kek: { kind: 'none' } })).to.equal(
      '1 needs --encryption, 2 needs --encryption',
    );
    expect(start({ encryption: false, sidecar: { kind: 'unknown' } })).to.equal(
      '1 needs --sidecar',
    );
  });

  it('a refusal that holds whatever is missing is a refusal', () => {
    const outcome = judgeStart(inputs({ kek: { kind: 'unknown' }, registry: registry([3, 9]) }));
    expect([told(outcome), outcome.gaps.length]).to.deep.equal(['8: ErrLocalEpochRollback', 1]);
  });
});

describe('encryption/guards after the replay', () => {
  it('a sound node passes', () => {
    expect(after()).to.equal('pass');
    expect(
      after({}, { encryption: false, sidecar: { kind: 'missing' }, kek: { kind: 'none' } }),
    ).to.equal('pass');
  });

  it('8 again: the bumped epoch must be above what the replay left', () => {
    expect(after({ registry: registry([3, 2]) })).to.equal('pass');
    expect(after({ registry: registry([3, 3]) })).to.equal('8: ErrLocalEpochRollback');
    expect(after({ registry: registry([3, 4]) })).to.equal('8: ErrLocalEpochRollback');
    expect(after({ registry: registry([3, 0, NODE + 0x10000n]) })).to.equal(
      '8: ErrLocalEpochRollback',
    );
    expect(after({ registry: registry() })).to.equal('8: ErrLocalEpochRollback');
    const off = { sidecar: valid({ storageEnvelopeActive: false }) };
    expect(after({ registry: registry(), ...off }, off)).to.equal('pass');
    expect(after({ registry: { kind: 'absent' }, ...off }, off)).to.equal('pass');
    expect(after({ registry: { kind: 'open', get: () => Buffer.alloc(13) } })).to.equal(
      '8: ErrRegistryValueMalformed',
    );
  });

  it('9: an applied encryption entry above the sidecar’s index', () => {
    const opcodes = new Map([[105n, 0x05]]);
    const opcodeAt = (i: bigint): number | undefined => opcodes.get(i);
    const behind = '9: ErrSidecarBehindRaftLog';
    expect(after({ applied: 105n, opcodeAt })).to.equal(behind);
    expect(after({ applied: 104n, opcodeAt })).to.equal('pass');
    expect(after({ applied: 105n, opcodeAt, sidecar: valid({ raftAppliedIndex: 105n }) })).to.equal(
      'pass',
    );
    for (const [opcode, want] of [
      [0x03, 'pass'],
      [0x04, behind],
      [0x06, behind],
      [0x07, behind],
      [0x08, 'pass'],
      [0x01, 'pass'],
    ] as const) {
      expect(after({ applied: 150n, opcodeAt: (i) => (i === 150n ? opcode : 0) })).to.equal(want);
    }
  });

  it('9: index 0 only warns, a missing sidecar passes', () => {
    const input = inputs();
    const zero = replayed({
      sidecar: valid({ raftAppliedIndex: 0n }),
      applied: 150n,
      opcodeAt: () => 4,
    });
    const outcome = judgeReplayed(input, judgeStart(input), zero);
    expect([told(outcome), outcome.appliedIndexZero]).to.deep.equal(['pass', true]);
    expect(after({ sidecar: { kind: 'missing' }, applied: 150n, opcodeAt: () => 4 })).to.equal(
      'pass',
    );
  });

  it('9: a gap that reaches below the snapshot is compacted, whatever the entries were', () => {
    expect(after({ snapshotIndex: 101n, applied: 105n })).to.equal('9: sidecar-gap-compacted');
    expect(after({ snapshotIndex: 100n, applied: 105n })).to.equal('pass');
    expect(after({ snapshotIndex: 101n, applied: 100n })).to.equal('pass');
    expect(after({ snapshotIndex: 150n, applied: 300n })).to.equal('9: sidecar-gap-compacted');
  });

  it('9: applied above the end of the log panics', () => {
    expect(after({ applied: 201n })).to.equal('9: sidecar-gap-beyond-log panic');
    expect(after({ applied: 200n })).to.equal('pass');
    expect(after({ applied: 201n, sidecar: valid({ raftAppliedIndex: 201n }) })).to.equal('pass');
  });

  it('6 again: the header that was applied; a missing sidecar passes this time', () => {
    expect(after({ restoredCutover: 61n })).to.equal('6: ErrEnvelopeCutoverDivergence');
    expect(after({ restoredCutover: 0n })).to.equal('pass');
    expect(after({ restoredCutover: 61n, sidecar: { kind: 'missing' } })).to.equal('pass');
  });

  it('11: the raft key’s bumped epoch, whoever’s row it is; missing counts as 0', () => {
    const rows = (last: number, id?: bigint): RegistryState =>
      registry([3, 2], [4, last, id ?? NODE]);
    expect(after({ registry: rows(2) })).to.equal('pass');
    expect(after({ registry: rows(3) })).to.equal('11: ErrLocalEpochRollback');
    expect(after({ registry: rows(2, NODE + 0x10000n) })).to.equal('pass');
    expect(after({ registry: rows(3, NODE + 0x10000n) })).to.equal('11: ErrLocalEpochRollback');
    expect(after({ registry: registry([3, 2]) })).to.equal('pass');
    const early = {
      sidecar: valid({ raftEnvelopeCutoverIndex: 0n }),
      snapshotCutover: { kind: 'known', cutover: 0n },
    } as const;
    expect(
      after({ registry: rows(9), sidecar: early.sidecar, restoredCutover: 0n }, early),
    ).to.equal('pass');
  });

  it('the order is 8, 9, 6, 11', () => {
    const all = {
      registry: registry([3, 9], [4, 9]),
      applied: 150n,
      opcodeAt: () => 4,
      restoredCutover: 61n,
    };
    expect(after(all)).to.match(/^8:/);
    const raft = registry([3, 2], [4, 9]);
    expect(after({ ...all, registry: raft })).to.match(/^9:/);
    expect(after({ ...all, registry: raft, applied: 100n })).to.match(/^6:/);
    expect(after({ ...all, registry: raft, applied: 100n, restoredCutover: 60n })).to.match(/^11:/);
  });

  it('A has guard 9 and no other', () => {
    const a = { rules: A, sidecar: valid({ raftEnvelopeCutoverIndex: 0n }) };
    const all = { registry: registry([3, 9], [4, 9]), restoredCutover: 61n };
    expect(after(all, a)).to.equal('pass');
    expect(after({ ...all, applied: 150n, opcodeAt: () => 4 }, a)).to.equal(
      '9: ErrSidecarBehindRaftLog',
    );
  });

  it('what is not known is asked for', () => {
    expect(after({ registry: { kind: 'unknown' } })).to.equal('8 needs fsm.db, 11 needs fsm.db');
    const unknown = { sidecar: { kind: 'unknown' } } as const;
    expect(after(unknown, unknown)).to.equal('9 needs --sidecar');
    expect(after({ registry: registry([3, 9]) }, { kek: { kind: 'unknown' } })).to.equal(
      '8: ErrLocalEpochRollback',
    );
  });

  it('gaps and warnings become findings', () => {
    const input = inputs({ kek: { kind: 'unknown' } });
    const first = judgeStart(input);
    const zero = replayed({
      sidecar: valid({ raftAppliedIndex: 0n }),
      registry: { kind: 'unknown' },
    });
    const findings = guardFindings(first, judgeReplayed(input, first, zero));
    expect(findings.map((f) => `${f.code} ${f.severity}`)).to.deep.equal([
      'guard-input-missing warning',
      'guard-input-missing warning',
      'guard-input-missing warning',
      'sidecar-applied-zero warning',
    ]);
    expect(findings[0]!.message).to.contain('--kek');
    expect(guardFindings(judgeStart(inputs()))).to.deep.equal([]);
  });
});
