import { expect } from 'chai';
import fc from 'fast-check';
import type { ByteString } from '../../../src/lib/bytes/byte-string.js';
import { u64beBytes } from '../../../src/lib/bytes/write.js';
import { NODE_AEAD } from '../../../src/lib/encryption/aead.js';
import { SidecarApplier, type ApplierSetup } from '../../../src/lib/encryption/applier.js';
import { Kek } from '../../../src/lib/encryption/kek.js';
import { Keystore } from '../../../src/lib/encryption/keystore.js';
import { Secret } from '../../../src/lib/encryption/secret.js';
import { decodeEncryptionEntry, type Registration } from '../../../src/lib/encryption/wire.js';
import {
  decodeRegistryKey,
  decodeRegistryRow,
  encodeRegistryKey,
  encodeRegistryRow,
} from '../../../src/lib/encryption/writer-registry.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';

const KEK = Secret.copyOf(Buffer.alloc(32, 0x42));
const NODE = 0x08b3_7b07_b558_d4c0n;

function u32(n: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(n);
  return out;
}

function u16(n: number): Buffer {
  const out = Buffer.alloc(2);
  out.writeUInt16BE(n);
  return out;
}

function wrap(fill: number): Buffer {
  const nonce = Buffer.alloc(12, fill);
  const box = NODE_AEAD.key(KEK).seal(nonce, new Uint8Array(0), Buffer.alloc(32, fill));
  return Buffer.concat([nonce, box]);
}

function reg(dekId: number, localEpoch = 0, fullNodeId = NODE): Buffer {
  return Buffer.concat([u32(dekId), u64beBytes(fullNodeId), u16(localEpoch)]);
}

function sized(bytes: Uint8Array): Buffer {
  return Buffer.concat([u32(bytes.length), bytes]);
}

function registration(...of: Parameters<typeof reg>): Buffer {
  return Buffer.concat([Buffer.from([3, 1]), reg(...of)]);
}

function bootstrap(storage: number, raft: number, ...regs: Buffer[]): Buffer {
  return Buffer.concat([
    Buffer.from([4, 1]),
    u32(storage),
    sized(wrap(storage)),
    u32(raft),
    sized(wrap(raft)),
    u32(regs.length),
    ...regs,
  ]);
}

function rotation(
  subTag: number,
  id: number,
  purpose: number,
  wrapped: Buffer,
  r = reg(id),
): Buffer {
  return Buffer.concat([
    Buffer.from([5, 1, subTag]),
    u32(id),
    Buffer.from([purpose]),
    sized(wrapped),
    r,
  ]);
}

const NONE = Buffer.alloc(0);
const rotate = (id: number, purpose: number, r = reg(id)): Buffer =>
  rotation(1, id, purpose, wrap(id), r);
const enableStorage = (id: number, r = reg(id)): Buffer => rotation(4, id, 1, NONE, r);
const enableRaft = (id: number, r = reg(id)): Buffer => rotation(5, id, 2, NONE, r);

class Node {
  readonly rows = new Map<ByteString, Uint8Array>();
  readonly applier: SidecarApplier;
  constructor(setup: Partial<ApplierSetup> = {}) {
    this.applier = new SidecarApplier({
      kek: new Kek(KEK),
      keys: new Keystore(),
      hasSidecarPath: true,
      sidecar: undefined,
      storageEpoch: 4,
      raftEpoch: 6,
      rotatedRaftKeyGetsEpoch: true,
      created: 'now',
      ...setup,
    });
  }

  /** `ok`, or the names, or the code of the halt. */
  apply(index: number, payload: Uint8Array): string {
    const fault = this.applier.applyEncryption(BigInt(index), payload, {
      get: (key) => this.rows.get(key),
      put: (key, value) => void this.rows.set(key, value),
    });
    return fault === null ? 'ok' : (fault.names[0] ?? fault.code);
  }

  row(dekId: number, nodeId16 = 0xd4c0): [number, number] | undefined {
    const value = this.rows.get(encodeRegistryKey({ dekId, nodeId16 }));
    const row = value && decodeRegistryRow(value);
    if (row === undefined) return undefined;
    if (row instanceof Fault) throw new Error(row.text);
    return [row.firstSeenEpoch, row.lastSeenEpoch];
  }
}

/** The entry's kind, or the names of what is wrong with it. */
function names(payload: Uint8Array): unknown {
  const entry = decodeEncryptionEntry(payload);
  return entry instanceof Fault ? entry.names : entry.kind;
}

function label(payload: Uint8Array): string {
  const entry = decodeEncryptionEntry(payload);
  return entry instanceof Fault ? entry.label : entry.kind;
}

describe('encryption/wire', () => {
  it('round trip: what is encoded is decoded', () => {
    const regs = fc.array(
      fc.record({
        dekId: fc.integer({ min: 0, max: 0xffff_ffff }),
        fullNodeId: fc.bigInt(0n, 0xffff_ffff_ffff_ffffn),
        localEpoch: fc.integer({ min: 0, max: 0xffff }),
      }),
      { maxLength: 4 },
    );
    const bytes = fc.uint8Array({ maxLength: 70 });
    fc.assert(
      fc.property(regs, bytes, bytes, (registrations: Registration[], a, b) => {
        const payload = Buffer.concat([
          Buffer.from([4, 1]),
          u32(7),
          sized(a),
          u32(8),
          sized(b),
          u32(registrations.length),
          ...registrations.map((r) => reg(r.dekId, r.localEpoch, r.fullNodeId)),
        ]);
        const entry = decodeEncryptionEntry(payload);
        if (entry instanceof Fault || entry.kind !== 'bootstrap') throw new Error('not one');
        expect(entry.registrations).to.deep.equal(registrations);
        expect(
          Buffer.compare(entry.storage.wrapped, a) + Buffer.compare(entry.raft.wrapped, b),
        ).to.equal(0);
      }),
    );
  });

  it('every cut and every trailing byte is malformed', () => {
    for (const payload of [registration(5), bootstrap(5, 6, reg(5)), rotate(7, 1), enableRaft(6)]) {
      expect(names(payload)).to.be.a('string');
      for (let end = 1; end < payload.length; end++) {
        expect(names(payload.subarray(0, end)), `${payload[0]} cut at ${end}`).to.deep.equal([
          'ErrFSMWireMalformed',
        ]);
      }
      expect(names(Buffer.concat([payload, NONE, Buffer.from([0])]))).to.deep.equal([
        'ErrFSMWireMalformed',
      ]);
    }
  });

  it('a flipped bit never throws and never passes for a longer entry', () => {
    for (const payload of [registration(5), bootstrap(5, 6, reg(5)), rotate(7, 1), enableRaft(6)]) {
      for (let bit = 8; bit < payload.length * 8; bit++) {
        payload[bit >> 3]! ^= 1 << (bit & 7);
        decodeEncryptionEntry(payload);
        payload[bit >> 3]! ^= 1 << (bit & 7);
      }
    }
  });

  it('bounds lengths and counts by the bytes that are there', () => {
    const huge = Buffer.concat([Buffer.from([4, 1]), u32(1), u32(0xffff_ffff)]);
    const many = Buffer.concat([Buffer.from([4, 1]), u32(1), u32(0), u32(2), u32(0), u32(16_385)]);
    const most = Buffer.concat([many.subarray(0, -4), u32(16_384), Buffer.alloc(16_384 * 14)]);
    const full = Buffer.concat([many, Buffer.alloc(16_385 * 14)]);
    expect([huge, many, full, most].map(label)).to.deep.equal([
      'ErrFSMWireMalformed',
      'ErrFSMWireMalformed',
      'ErrFSMWireMalformed',
      'bootstrap',
    ]);
  });

  it('length before version for a registration, version before everything for the others', () => {
    expect(new Node().apply(1, Buffer.from([3, 2]))).to.equal('ErrFSMWireMalformed');
    expect(new Node().apply(1, Buffer.concat([Buffer.from([3, 2]), reg(1)]))).to.equal(
      'ErrFSMWireVersion',
    );
    for (const opcode of [4, 5]) {
      expect(new Node().apply(1, Buffer.from([opcode]))).to.equal('ErrFSMWireMalformed');
      expect(new Node().apply(1, Buffer.from([opcode, 2]))).to.equal('ErrFSMWireVersion');
    }
    for (const subTag of [0, 2, 3, 6, 255]) {
      expect(new Node().apply(1, rotation(subTag, 5, 1, NONE))).to.equal('ErrFSMWireSubtag');
    }
    for (const purpose of [0, 3, 255]) {
      expect(new Node().apply(1, rotation(1, 5, purpose, NONE))).to.equal('ErrFSMWireMalformed');
    }
  });
});

describe('encryption/writer-registry', () => {
  it('only the exact key is a row', () => {
    const key = encodeRegistryKey({ dekId: 0x01020304, nodeId16: 0xfffe });
    const bytes = Buffer.from(key, 'latin1');
    expect(bytes).to.have.length(27);
    expect(decodeRegistryKey(bytes)).to.deep.equal({ dekId: 0x01020304, nodeId16: 0xfffe });
    expect(decodeRegistryKey(bytes.subarray(0, 26))).to.equal(undefined);
    expect(decodeRegistryKey(Buffer.concat([bytes, NONE, Buffer.from([0])]))).to.equal(undefined);
    for (let pos = 0; pos < 27; pos++) {
      const bent = Buffer.from(bytes);
      bent[pos]! ^= 0x80;
      const inName = pos < 20 || pos === 24;
      expect(decodeRegistryKey(bent) === undefined, `byte ${pos}`).to.equal(inName);
    }
  });

  it('any length but 12 is malformed; every flipped bit changes what is read', () => {
    const row = { fullNodeId: NODE, firstSeenEpoch: 1, lastSeenEpoch: 0xffff };
    const bytes = encodeRegistryRow(row);
    expect(decodeRegistryRow(bytes)).to.deep.equal(row);
    for (let n = 0; n < 30; n++) {
      if (n === 12) continue;
      const result = decodeRegistryRow(Buffer.alloc(n));
      expect(result instanceof Fault && result.names).to.deep.equal(['ErrRegistryValueMalformed']);
    }
    for (let bit = 0; bit < 96; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(decodeRegistryRow(bytes)).to.not.deep.equal(row);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
  });
});

describe('encryption/applier', () => {
  it('registers: inserts, keeps, raises, halts below and on a foreign row', () => {
    const node = new Node({ kek: undefined, hasSidecarPath: false });
    expect(node.apply(1, registration(5, 3))).to.equal('ok');
    expect(node.apply(2, registration(5, 3))).to.equal('ok');
    expect(node.row(5)).to.deep.equal([3, 3]);
    expect(node.apply(3, registration(5, 9))).to.equal('ok');
    expect(node.row(5)).to.deep.equal([3, 9]);
    expect(node.apply(4, registration(5, 8))).to.equal('encryption-apply-refused');
    expect(node.apply(5, registration(5, 9, NODE + 0x10000n))).to.equal('encryption-apply-refused');
    expect(node.row(5)).to.deep.equal([3, 9]);
    node.rows.set(encodeRegistryKey({ dekId: 5, nodeId16: 0xd4c0 }), Buffer.alloc(11));
    expect(node.apply(6, registration(5, 9))).to.equal('ErrRegistryValueMalformed');
    expect(node.applier.sidecar).to.equal(undefined);
  });

  it('without KEK or sidecar path nothing but a registration works', () => {
    for (const node of [new Node({ kek: undefined }), new Node({ hasSidecarPath: false })]) {
      for (const payload of [bootstrap(5, 6), rotate(7, 1), enableStorage(5), enableRaft(6)]) {
        expect(node.apply(9, payload)).to.equal('ErrKEKNotConfigured');
      }
      expect(node.apply(10, registration(5))).to.equal('ok');
    }
  });

  it('bootstraps into a sidecar without active keys and keeps its other fields', () => {
    const node = new Node();
    node.apply(20, bootstrap(5, 6, reg(5), reg(6)));
    const bare = {
      ...node.applier.sidecar!,
      active: { storage: 0, raft: 0 },
      raftAppliedIndex: 99n,
    };
    const again = new Node({ sidecar: { ...bare, storageEnvelopeCutoverIndex: 77n } });
    expect(again.apply(21, bootstrap(8, 9))).to.equal('ok');
    const sidecar = again.applier.sidecar!;
    expect(sidecar.raftAppliedIndex).to.equal(99n);
    expect(sidecar.storageEnvelopeCutoverIndex).to.equal(77n);
    expect([...sidecar.keys.keys()]).to.deep.equal(['5', '6', '8', '9']);
    expect(sidecar.active).to.deep.equal({ storage: 8, raft: 9 });
    expect(again.applier.keys.ids()).to.deep.equal([8, 9]);
  });

  it('a bootstrap that contradicts the sidecar halts: one active id is enough', () => {
    const first = new Node();
    first.apply(20, bootstrap(5, 6));
    const sidecar = first.applier.sidecar!;
    const halts = (change: Partial<typeof sidecar>, payload: Buffer): string =>
      new Node({ sidecar: { ...sidecar, ...change } }).apply(30, payload);
    expect(halts({}, bootstrap(5, 6))).to.equal('ok');
    expect(halts({}, bootstrap(5, 7))).to.equal('encryption-apply-refused');
    expect(halts({ active: { storage: 5, raft: 0 } }, bootstrap(5, 6))).to.equal(
      'encryption-apply-refused',
    );
    expect(halts({ keys: new Map() }, bootstrap(5, 6))).to.equal('encryption-apply-refused');
    const bent = new Map(sidecar.keys);
    bent.set('6', { ...bent.get('6')!, wrapped: wrap(7) });
    expect(halts({ keys: bent }, bootstrap(5, 6))).to.equal('encryption-apply-refused');
  });

  it('a bootstrap unwraps both keys before it loads one, and loads before it writes', () => {
    const node = new Node();
    const bad = bootstrap(5, 6);
    bad[bad.length - 5]! ^= 1;
    expect(node.apply(20, bad)).to.equal('wrapped-key-tag');
    expect([node.applier.keys.ids(), node.applier.sidecar]).to.deep.equal([[], undefined]);
    expect(node.apply(21, bootstrap(0, 6))).to.equal('ErrReservedKeyID');
    expect(node.applier.sidecar).to.equal(undefined);
    const conflict = new Node();
    conflict.applier.keys.load(6, Secret.copyOf(Buffer.alloc(32, 1)));
    expect(conflict.apply(20, bootstrap(5, 6))).to.equal('ErrKeyConflict');
    expect([conflict.applier.keys.ids(), conflict.applier.sidecar]).to.deep.equal([
      [5, 6],
      undefined,
    ]);
  });

  it('a bootstrap whose registration fails leaves the sidecar and the earlier rows', () => {
    const node = new Node();
    node.apply(10, registration(6, 3));
    expect(node.apply(20, bootstrap(5, 6, reg(5, 2), reg(6, 2), reg(5, 1)))).to.equal(
      'encryption-apply-refused',
    );
    expect(node.applier.sidecar!.active).to.deep.equal({ storage: 5, raft: 6 });
    expect([node.row(5), node.row(6)]).to.deep.equal([
      [2, 2],
      [3, 3],
    ]);
  });

  it('a repeated bootstrap puts local epochs back to 0', () => {
    const node = new Node();
    node.apply(20, bootstrap(5, 6));
    const keys = new Map(node.applier.sidecar!.keys);
    keys.set('5', { ...keys.get('5')!, localEpoch: 3 });
    const later = new Node({ sidecar: { ...node.applier.sidecar!, keys } });
    expect(later.apply(20, bootstrap(5, 6))).to.equal('ok');
    expect(later.applier.sidecar!.keys.get('5')!.localEpoch).to.equal(0);
    expect(later.applier.sidecar!.raftAppliedIndex).to.equal(20n);
  });

  it('a rotation gives the new key the epoch of the process, a raft key of A 0', () => {
    for (const [rotatedRaftKeyGetsEpoch, want] of [
      [true, 6],
      [false, 0],
    ] as const) {
      const node = new Node({ rotatedRaftKeyGetsEpoch });
      node.apply(20, bootstrap(5, 6));
      expect(node.apply(21, rotate(7, 1))).to.equal('ok');
      expect(node.apply(22, rotate(8, 2))).to.equal('ok');
      const { keys, active } = node.applier.sidecar!;
      expect([keys.get('7')!.localEpoch, keys.get('8')!.localEpoch]).to.deep.equal([4, want]);
      expect(active).to.deep.equal({ storage: 7, raft: 8 });
    }
  });

  it('a redelivered rotation makes its key active again until the later one arrives', () => {
    const node = new Node();
    node.apply(20, bootstrap(5, 6));
    node.apply(21, rotate(7, 1));
    node.apply(22, rotate(8, 1));
    const boot = new Node({ sidecar: node.applier.sidecar!, keys: node.applier.keys });
    expect(boot.apply(20, bootstrap(5, 6))).to.equal('encryption-apply-refused');
    expect(boot.apply(21, rotate(7, 1))).to.equal('ok');
    expect(boot.applier.sidecar!.active.storage).to.equal(7);
    expect(boot.apply(22, rotate(8, 1))).to.equal('ok');
    expect(boot.applier.sidecar!.active.storage).to.equal(8);
    expect(boot.applier.sidecar!.raftAppliedIndex).to.equal(22n);
  });

  it('a redelivered registration below the last seen epoch halts', () => {
    const node = new Node();
    node.apply(20, registration(5, 1));
    node.apply(21, registration(5, 2));
    expect(node.apply(20, registration(5, 1))).to.equal('encryption-apply-refused');
  });

  it('a rotation loads the key even where there is no sidecar to write', () => {
    const node = new Node();
    expect(node.apply(20, rotate(7, 1))).to.equal('encryption-apply-refused');
    expect([node.applier.keys.ids(), node.row(7)]).to.deep.equal([[7], undefined]);
    expect(node.apply(21, rotate(8, 1, reg(9)))).to.equal('encryption-apply-refused');
    expect(node.applier.keys.ids()).to.deep.equal([7]);
  });

  it('puts are encrypted from the enable entry on, under the key that is active then', () => {
    const node = new Node();
    expect(node.applier.putKeyId).to.equal(null);
    node.apply(20, bootstrap(5, 6));
    expect(node.applier.putKeyId).to.equal(null);
    node.apply(21, enableStorage(5));
    expect(node.applier.putKeyId).to.equal(5);
    node.apply(22, rotate(7, 1));
    expect(node.applier.putKeyId).to.equal(7);
    expect(new Node({ sidecar: node.applier.sidecar!, kek: undefined }).applier.putKeyId).to.equal(
      null,
    );
    expect(new Node({ sidecar: node.applier.sidecar! }).applier.putKeyId).to.equal(7);
  });

  it('enabling moves only the index for a stale id or when it is done already', () => {
    const node = new Node();
    node.apply(20, bootstrap(5, 6));
    expect(node.apply(21, enableStorage(9, reg(9, 5)))).to.equal('ok');
    expect(node.apply(22, enableRaft(9, reg(9, 5)))).to.equal('ok');
    expect([node.applier.sidecar!.storageEnvelopeActive, node.applier.raftCutover]).to.deep.equal([
      false,
      0n,
    ]);
    expect(node.row(9)).to.equal(undefined);
    node.apply(23, enableStorage(5));
    node.apply(24, enableRaft(6));
    expect(node.apply(25, enableStorage(5, reg(5, 7)))).to.equal('ok');
    expect(node.apply(26, enableRaft(6, reg(6, 7)))).to.equal('ok');
    const sidecar = node.applier.sidecar!;
    expect([sidecar.storageEnvelopeCutoverIndex, node.applier.raftCutover]).to.deep.equal([
      23n,
      24n,
    ]);
    expect(sidecar.raftAppliedIndex).to.equal(26n);
    expect([node.row(5), node.row(6)]).to.deep.equal([
      [0, 0],
      [0, 0],
    ]);
  });

  it('enabling registers before it switches', () => {
    const node = new Node();
    node.apply(20, bootstrap(5, 6, reg(5, 9), reg(6, 9)));
    expect(node.apply(21, enableStorage(5, reg(5, 8)))).to.equal('encryption-apply-refused');
    expect(node.apply(22, enableRaft(6, reg(6, 8)))).to.equal('encryption-apply-refused');
    const sidecar = node.applier.sidecar!;
    expect([sidecar.storageEnvelopeActive, sidecar.raftEnvelopeCutoverIndex]).to.deep.equal([
      false,
      0n,
    ]);
    expect(sidecar.raftAppliedIndex).to.equal(20n);
  });

  it('enabling refuses another purpose, a wrapped key, a strange registration, raft at index 0', () => {
    const node = new Node();
    node.apply(20, bootstrap(5, 6));
    for (const payload of [
      rotation(4, 5, 2, NONE),
      rotation(5, 6, 1, NONE),
      rotation(4, 5, 1, wrap(5)),
      enableStorage(5, reg(6)),
      enableRaft(6, reg(5)),
    ]) {
      expect(node.apply(21, payload)).to.equal('encryption-apply-refused');
    }
    expect(node.apply(0, enableRaft(6))).to.equal('encryption-apply-refused');
    expect(node.apply(0, enableStorage(5))).to.equal('ok');
    expect(node.applier.sidecar!.raftAppliedIndex).to.equal(20n);
  });
});
