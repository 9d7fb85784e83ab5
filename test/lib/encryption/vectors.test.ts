/** The encryption vectors of spec/vectors.json: outputs of real builds, run through our code. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  fromByteString,
  toByteString,
  type ByteString,
} from '../../../src/lib/bytes/byte-string.js';
import { hex, unhex } from '../../../src/lib/bytes/hex.js';
import { concatBytes, u64leBytes } from '../../../src/lib/bytes/write.js';
import { raftAad, storageAad } from '../../../src/lib/encryption/aad.js';
import { NOBLE_AEAD, NODE_AEAD } from '../../../src/lib/encryption/aead.js';
import { SidecarApplier } from '../../../src/lib/encryption/applier.js';
import { sealEnvelope } from '../../../src/lib/encryption/envelope.js';
import { Kek } from '../../../src/lib/encryption/kek.js';
import { Keystore } from '../../../src/lib/encryption/keystore.js';
import { decodeNonce, encodeNonce, nodeId16Of } from '../../../src/lib/encryption/nonce.js';
import { unwrapRaftPayload, wrapRaftPayload } from '../../../src/lib/encryption/raft-envelope.js';
import { Secret } from '../../../src/lib/encryption/secret.js';
import { parseSidecar } from '../../../src/lib/encryption/sidecar.js';
import { encodeSidecar } from '../../../src/lib/encryption/sidecar-text.js';
import { openStoredValue, StorageCipher } from '../../../src/lib/encryption/value-cipher.js';
import { decodeEncryptionEntry } from '../../../src/lib/encryption/wire.js';
import {
  decodeRegistryKey,
  encodeRegistryKey,
  encodeRegistryRow,
} from '../../../src/lib/encryption/writer-registry.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import { nodeIdOf } from '../../../src/lib/raft/peers/peer.js';
import type { RegistryRows } from '../../../src/lib/fsm/encryption-port.js';
import { FIXTURES } from '../../support/fixtures.js';

interface Vector {
  readonly name: string;
  readonly kind: string;
  readonly in: Readonly<Record<string, string>>;
  readonly out: Readonly<Record<string, string>>;
}

interface Step {
  readonly response: string | { readonly error: string; readonly halt: boolean };
  readonly sidecar?: string;
}

interface ReplayVector {
  readonly name: string;
  readonly kind: string;
  readonly in: {
    readonly entries: readonly {
      readonly about: string;
      readonly index: string;
      readonly payload: string;
    }[];
    readonly kek?: string;
    readonly local_epoch: number;
    readonly raft_local_epoch: number;
    readonly now: string;
  };
  readonly out: { readonly steps: readonly Step[]; readonly store: readonly (readonly string[])[] };
}

const file = join(FIXTURES, 'spec', 'vectors.json');
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly unknown[] };
const all = vectors as readonly Vector[];

function only(kind: string): Vector {
  const found = all.filter((v) => v.kind === kind);
  expect(found, kind).to.have.length(1);
  return found[0]!;
}

function bytes(text: string | undefined): Uint8Array {
  const out = text === undefined ? undefined : unhex(text);
  if (out === undefined) throw new Error(`not hex: ${text}`);
  return out;
}

function oneKey(id: number, dek: Uint8Array): Keystore {
  const keys = new Keystore();
  expect(keys.load(id, Secret.copyOf(dek))).to.equal(undefined);
  return keys;
}

/** Registry rows over a plain map, as a store would keep them. */
class MemoryRows implements RegistryRows {
  readonly rows = new Map<ByteString, Uint8Array>();
  get(key: ByteString): Uint8Array | undefined {
    return this.rows.get(key);
  }
  put(key: ByteString, value: Uint8Array): void {
    this.rows.set(key, value);
  }
  dump(): string[][] {
    const sorted = [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.map(([key, value]) => [hex(fromByteString(key)), hex(value)]);
  }
}

const tally = { agree: 0, of: 0 };

/** Counts a vector, then judges it: a failure shows in the total as well. */
function vector(name: string, judge: () => void): void {
  it(name, () => {
    tally.of++;
    judge();
    tally.agree++;
  });
}

describe('encryption vectors of real builds', () => {
  for (const v of all.filter((v) => v.kind === 'nodeid')) {
    vector(v.name, () => {
      const id = nodeIdOf(v.in['raft_id'] ?? '');
      expect({ id: String(id), low: String(nodeId16Of(id)) }).to.deep.equal({
        id: v.out['full_node_id'],
        low: v.out['node_id16'],
      });
    });
  }

  vector('nonces', () => {
    const v = only('nonce');
    const owner = { nodeId16: Number(v.in['node_id16']), localEpoch: Number(v.in['local_epoch']) };
    for (const [count, text] of [
      [1n, v.out['first']],
      [2n, v.out['second']],
    ] as const) {
      expect(hex(encodeNonce({ ...owner, count }))).to.equal(text);
      expect(decodeNonce(bytes(text))).to.deep.equal({ ...owner, count });
    }
  });

  vector('storage envelope with expiry', () => {
    const v = only('storage-envelope');
    const keyId = Number(v.in['key_id']);
    const dek = bytes(v.in['dek']);
    const rawKey = concatBytes(
      bytes(v.in['user_key']),
      u64leBytes(~BigInt(v.in['ts']!) & 0xffff_ffff_ffff_ffffn).reverse(),
    );
    expect(hex(rawKey)).to.equal(v.out['raw_key']);
    const header = concatBytes(Uint8Array.of(2), u64leBytes(BigInt(v.in['expire_at']!)));
    const aad = storageAad(1, 0, keyId, header, rawKey);
    expect(hex(aad)).to.equal(v.out['aad']);
    for (const aead of [NODE_AEAD, NOBLE_AEAD]) {
      const key = aead.key(Secret.copyOf(dek));
      const sealed = sealEnvelope(key, keyId, bytes(v.in['nonce']), aad, bytes(v.in['plaintext']));
      expect(hex(sealed), aead.name).to.equal(v.out['envelope']);
    }
    const opened = openStoredValue(oneKey(keyId, dek), rawKey, bytes(v.out['stored_value']));
    expect(opened instanceof Fault ? opened.label : hex(opened)).to.equal(v.in['plaintext']);
  });

  vector('raft envelope', () => {
    const v = only('raft-envelope');
    const keyId = Number(v.in['key_id']);
    const keys = oneKey(keyId, bytes(v.in['dek']));
    expect(hex(raftAad(1, keyId))).to.equal(v.out['aad']);
    const sealed = wrapRaftPayload(
      keys.get(keyId)!,
      keyId,
      bytes(v.in['nonce']),
      bytes(v.in['payload']),
    );
    expect(hex(sealed)).to.equal(v.out['envelope']);
    const opened = unwrapRaftPayload(keys, bytes(v.out['envelope']));
    expect(opened instanceof Fault ? opened.label : hex(opened)).to.equal(v.in['payload']);
  });

  vector('wrapped dek', () => {
    const v = only('wrapped');
    const kek = Secret.copyOf(bytes(v.in['kek']));
    const nonce = bytes(v.in['nonce']);
    const sealed = NODE_AEAD.key(kek).seal(nonce, new Uint8Array(0), bytes(v.in['dek']));
    expect(hex(nonce) + hex(sealed)).to.equal(v.out['wrapped']);
    for (const aead of [NODE_AEAD, NOBLE_AEAD]) {
      const dek = new Kek(kek, aead).unwrap(bytes(v.out['wrapped']));
      if (dek instanceof Fault) throw new Error(dek.text);
      expect(dek.use(hex)).to.equal(v.in['dek']);
    }
  });

  vector('registration', () => {
    const v = all.find((v) => v.kind === 'payload' && v.name === 'registration')!;
    const entry = decodeEncryptionEntry(bytes(v.out['payload']));
    if (entry instanceof Fault || entry.kind !== 'registration') throw new Error('not one');
    const { dekId, fullNodeId, localEpoch } = entry.registration;
    expect([dekId, String(fullNodeId), localEpoch].map(String)).to.deep.equal(
      [v.in['dek_id'], v.in['full_node_id'], v.in['local_epoch']].map(String),
    );
    const key = { dekId, nodeId16: nodeId16Of(fullNodeId) };
    expect(hex(fromByteString(encodeRegistryKey(key)))).to.equal(v.out['row_key']);
    expect(decodeRegistryKey(bytes(v.out['row_key']))).to.deep.equal(key);
    const row = { fullNodeId, firstSeenEpoch: localEpoch, lastSeenEpoch: localEpoch };
    expect(hex(encodeRegistryRow(row))).to.equal(v.out['row_value']);
  });

  // The replay itself is the state machine's; its rows show the node's nonce rule, which is ours.
  vector('replay with the storage envelope active', () => {
    const v = (vectors as readonly ReplayVector[]).find(
      (v) => v.name === 'replay with the storage envelope active',
    )!;
    const dek = Uint8Array.from({ length: 32 }, (_, i) => i);
    const keys = oneKey(5, dek);
    const owner = { nodeId16: 0x1234, localEpoch: 7 };
    const cipher = new StorageCipher(keys, { putKeyId: 5 }, owner);
    const rows = v.out.store.filter(([, value]) => value!.startsWith('02'));
    const bodies: readonly (readonly [string, string])[] = [
      ['a', '1'],
      ['b', ''],
      ['c', '3'],
      ['d', '4'],
    ];
    expect(rows).to.have.length(bodies.length);
    for (const [i, [key, value]] of rows.entries()) {
      const [name, body] = bodies[i]!;
      expect(Buffer.from(bytes(key)).toString('latin1')[0]).to.equal(name);
      const sealed = cipher.sealValue(toByteString(bytes(key)), Buffer.from(body));
      if (sealed === null || sealed instanceof Fault) throw new Error('not sealed');
      expect(hex(sealed), name).to.equal(value);
    }
    expect(cipher.writeCount).to.equal(4n);
  });

  for (const v of (vectors as readonly ReplayVector[]).filter(
    (v) => v.kind === 'encryption-replay',
  )) {
    vector(v.name, () => runReplay(v));
  }

  after(() => {
    process.stdout.write(`      encryption vectors: agree ${tally.agree} of ${tally.of}\n`);
    expect(tally.agree).to.equal(tally.of).and.to.be.greaterThan(11);
  });
});

/** Every step, its error name and the sidecar after it, byte for byte; then the registry rows. */
function runReplay(v: ReplayVector): void {
  const rows = new MemoryRows();
  const applier = new SidecarApplier({
    kek: v.in.kek === undefined ? undefined : new Kek(Secret.copyOf(bytes(v.in.kek))),
    keys: new Keystore(),
    hasSidecarPath: true,
    sidecar: undefined,
    storageEpoch: v.in.local_epoch,
    raftEpoch: v.in.raft_local_epoch,
    rotatedRaftKeyGetsEpoch: true,
    created: v.in.now,
  });
  let shown = '';
  for (const [i, { about, index, payload }] of v.in.entries.entries()) {
    const step = v.out.steps[i]!;
    const body = bytes(payload);
    const fault =
      body[0]! <= 5 ? applier.applyEncryption(BigInt(index), body, rows) : ('reserved' as const);
    const got =
      fault === null
        ? 'ok'
        : fault === 'reserved'
          ? 'ErrEncryptionApply'
          : (fault.names[0] ?? 'ErrEncryptionApply');
    expect(got, about).to.equal(
      typeof step.response === 'string' ? step.response : step.response.error,
    );
    const text = applier.sidecar ? Buffer.from(encodeSidecar(applier.sidecar)).toString() : '';
    if (step.sidecar === undefined) expect(text, about).to.equal(shown);
    else expect(text, about).to.equal(step.sidecar);
    shown = text;
    if (applier.sidecar) {
      const again = parseSidecar(encodeSidecar(applier.sidecar), 'keys.json');
      expect(Buffer.from(encodeSidecar(again)).toString(), about).to.equal(text);
    }
  }
  expect(rows.dump()).to.deep.equal(v.out.store);
}
