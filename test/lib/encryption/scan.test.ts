import { expect } from 'chai';
import fc from 'fast-check';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../../src/lib/core/finding.js';
import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import { u64beBytes } from '../../../src/lib/bytes/write.js';
import { FileSource } from '../../../src/lib/io/file-source.js';
import { decodeEnvelope, type Envelope } from '../../../src/lib/encryption/envelope.js';
import { kekStateOf, sidecarStateOf } from '../../../src/lib/encryption/guard-inputs.js';
import { Keystore } from '../../../src/lib/encryption/keystore.js';
import { NonceWatch } from '../../../src/lib/encryption/nonce-watch.js';
import { encodeNonce } from '../../../src/lib/encryption/nonce.js';
import { wrapRaftPayload } from '../../../src/lib/encryption/raft-envelope.js';
import { verifyRegistry } from '../../../src/lib/encryption/registry-check.js';
import { EncryptionScan, type ScanOptions } from '../../../src/lib/encryption/scan.js';
import { Secret } from '../../../src/lib/encryption/secret.js';
import type { Sidecar, SidecarKey } from '../../../src/lib/encryption/sidecar.js';
import { unwrapKeys } from '../../../src/lib/encryption/unwrap-keys.js';
import { StorageCipher } from '../../../src/lib/encryption/value-cipher.js';
import {
  encodeRegistryKey,
  encodeRegistryRow,
} from '../../../src/lib/encryption/writer-registry.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import { nodeIdOf } from '../../../src/lib/raft/peers/peer.js';
import { fixtureNames, unpackFixture } from '../../support/fixtures.js';
import { readLog, rowsOf } from './recorded-node.js';

const OWNER = { nodeId16: 0xd4c0, localEpoch: 1 };

function keystore(...ids: number[]): Keystore {
  const keys = new Keystore();
  for (const id of ids) keys.load(id, Secret.copyOf(Buffer.alloc(32, id)));
  return keys;
}

function sidecarOf(
  active: Sidecar['active'],
  ...keys: [number, 'storage' | 'raft', number][]
): Sidecar {
  return {
    version: 2,
    raftAppliedIndex: 1n,
    storageEnvelopeActive: true,
    storageEnvelopeCutoverIndex: 1n,
    raftEnvelopeCutoverIndex: 1n,
    active,
    keys: new Map<string, SidecarKey>(
      keys.map(([id, purpose, localEpoch]) => [
        String(id),
        { id, purpose, wrapped: new Uint8Array(60), created: '', localEpoch },
      ]),
    ),
  };
}

function rawKey(user: string, ts: bigint): Uint8Array {
  return Buffer.concat([Buffer.from(user), u64beBytes(ts ^ 0xffff_ffff_ffff_ffffn)]);
}

function sealer(keys: Keystore, keyId: number): (key: Uint8Array, body: string) => Uint8Array {
  const cipher = new StorageCipher(keys, { putKeyId: keyId }, OWNER);
  return (key, body) => {
    const stored = cipher.sealValue(toByteString(key), Buffer.from(body));
    if (stored === null || stored instanceof Fault) throw new Error('not sealed');
    return Uint8Array.from(stored);
  };
}

function scanner(options: ScanOptions): {
  scan: EncryptionScan;
  findings: Finding[];
  codes: () => string[];
} {
  const findings: Finding[] = [];
  const scan = new EncryptionScan(options, (f) => findings.push(f));
  return { scan, findings, codes: () => findings.map((f) => f.code).sort() };
}

function envelopeOf(keyId: number, count: bigint, tag: number): Envelope {
  const bytes = Buffer.alloc(34, tag);
  bytes[0] = 1;
  bytes.writeUInt32BE(keyId, 2);
  bytes.set(encodeNonce({ ...OWNER, count }), 6);
  const envelope = decodeEnvelope(bytes);
  if (envelope instanceof Fault) throw new Error(envelope.text);
  return envelope;
}

describe('encryption/nonce-watch', () => {
  it('finds exactly the repeated nonces with other tags, as a map does', () => {
    const seen = fc.record({
      keyId: fc.integer({ min: 1, max: 3 }),
      count: fc.bigInt(0n, 6n),
      tag: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 40 }), (all) => {
        const watch = new NonceWatch();
        const first = new Map<string, [number, number]>();
        for (const [i, { keyId, count, tag }] of all.entries()) {
          const name = `${keyId}/${count}`;
          const known = first.get(name);
          const reuse = watch.see(envelopeOf(keyId, count, tag), i);
          const want = known && known[1] !== tag ? [keyId, known[0], i] : undefined;
          expect(reuse && [reuse.keyId, reuse.first, reuse.second]).to.deep.equal(want);
          if (!known) first.set(name, [i, tag]);
        }
        expect(watch.size).to.equal(first.size);
      }),
    );
  });

  it('grows, stays within its capacity, and says what it did not remember', () => {
    const watch = new NonceWatch({ capacity: 5000 });
    for (let i = 0; i < 8000; i++) watch.see(envelopeOf(1, BigInt(i), 1), i);
    expect([watch.size, watch.notWatched]).to.deep.equal([5000, 3000]);
    expect(watch.see(envelopeOf(1, 4999n, 2), 9)?.first).to.equal(4999);
    expect(watch.see(envelopeOf(1, 5000n, 2), 9)).to.equal(undefined);
  });

  it('shares together see every reuse exactly once', () => {
    const shares = [0, 1, 2].map((ordinal) => new NonceWatch({ share: { ordinal, of: 3 } }));
    let reused = 0;
    for (const watch of shares) {
      for (let i = 0; i < 300; i++) watch.see(envelopeOf(1, BigInt(i), 1), i);
      for (let i = 0; i < 300; i++) if (watch.see(envelopeOf(1, BigInt(i), 2), i)) reused++;
      expect(watch.size).to.be.within(50, 150);
    }
    expect(reused).to.equal(300);
    expect(shares.reduce((n, watch) => n + watch.size, 0)).to.equal(300);
  });
});

describe('encryption/scan', () => {
  it('counts keys, writers, ranges, and finds nothing wrong in what is right', () => {
    const keys = keystore(3, 4);
    const sidecar = sidecarOf({ storage: 3, raft: 4 }, [3, 'storage', 1], [4, 'raft', 1]);
    const { scan, findings } = scanner({ sidecar, keys });
    const seal = sealer(keys, 3);
    for (const ts of [30n, 10n, 20n]) scan.row(rawKey('k', ts), seal(rawKey('k', ts), 'v'));
    scan.row(rawKey('t', 5n), Buffer.from('010000000000000000', 'hex'));
    for (const index of [8n, 7n]) {
      const nonce = encodeNonce({ ...OWNER, count: index });
      scan.entry(index, wrapRaftPayload(keys.get(4)!, 4, nonce, Buffer.from('x')));
    }
    scan.finish();
    expect(findings).to.deep.equal([]);
    expect(scan.totals).to.deep.include({ rows: 4, clearRows: 1, encryptedRows: 3, entries: 2 });
    const [storage, raft] = scan.keyUses();
    expect(storage).to.deep.include({
      keyId: 3,
      rows: 3,
      verified: 3,
      failed: 0,
      firstTs: 10n,
      lastTs: 30n,
    });
    expect(raft).to.deep.include({ keyId: 4, entries: 2, firstIndex: 7n, lastIndex: 8n });
    expect(scan.writerUses()).to.deep.equal([
      { keyId: 3, ...OWNER, envelopes: 3, highestCount: 3n },
      { keyId: 4, ...OWNER, envelopes: 2, highestCount: 8n },
    ]);
  });

  it('names a nonce used twice, with and without keys; a copy is none', () => {
    const keys = keystore(3);
    for (const at of [keys, undefined]) {
      const { scan, codes, findings } = scanner({ keys: at });
      const [a, b] = [sealer(keys, 3), sealer(keys, 3)];
      const row = a(rawKey('k', 1n), 'one');
      scan.row(rawKey('k', 1n), row);
      scan.row(rawKey('k', 1n), row);
      scan.row(rawKey('k', 2n), b(rawKey('k', 2n), 'two'));
      scan.finish();
      expect(codes()).to.deep.equal(['nonce-reused']);
      expect(findings[0]!.message).to.contain('node 54464, epoch 1, write 1');
      expect(scan.totals.reusedNonces).to.equal(1);
    }
  });

  it('a damaged row is a failed tag and no reuse of its nonce', () => {
    const keys = keystore(3);
    const { scan, codes } = scanner({ keys });
    const row = sealer(keys, 3)(rawKey('k', 1n), 'one');
    scan.row(rawKey('k', 1n), row);
    const bent = Uint8Array.from(row);
    bent[bent.length - 1]! ^= 1;
    scan.row(rawKey('k', 1n), bent);
    scan.finish();
    expect(codes()).to.deep.equal(['envelope-tag']);
    expect(scan.keyUses()[0]).to.deep.include({ rows: 2, verified: 1, failed: 1 });
  });

  it('names relabelled rows', () => {
    const keys = keystore(3);
    const { scan, codes, findings } = scanner({ keys });
    const row = sealer(keys, 3)(rawKey('k', 1n), 'one');
    row[0] = 0;
    scan.row(rawKey('k', 1n), row);
    expect(codes()).to.deep.equal(['row-relabelled']);
    expect(findings[0]!.nodeError).to.equal('ErrEncryptedReadIntegrity');
    expect(scan.totals).to.deep.include({ relabelledRows: 1, clearRows: 1 });
  });

  it('names keys that are missing, retired or of the other purpose', () => {
    const keys = keystore(1, 3, 4);
    const sidecar = sidecarOf(
      { storage: 3, raft: 4 },
      [1, 'storage', 1],
      [3, 'storage', 1],
      [4, 'raft', 1],
    );
    const { scan, codes, findings } = scanner({ sidecar });
    for (const id of [1, 3, 4])
      scan.row(rawKey('k', BigInt(id)), sealer(keys, id)(rawKey('k', BigInt(id)), 'v'));
    const nonce = encodeNonce({ ...OWNER, count: 1n });
    scan.entry(12n, wrapRaftPayload(keystore(9).get(9)!, 9, nonce, Buffer.from('x')));
    scan.finish();
    expect(codes()).to.deep.equal([
      'key-referenced-missing',
      'key-retired-in-use',
      'key-wrong-purpose',
    ]);
    const missing = findings.find((f) => f.code === 'key-referenced-missing')!;
    expect(missing.message).to.contain('1 log entries of indexes 12 to 12');
    const retired = findings.find((f) => f.code === 'key-retired-in-use')!;
    expect(retired.message).to.contain('key 1 (storage)').and.to.contain('timestamps 1 to 1');
  });

  it('names malformed envelopes and bounds what it gives singly', () => {
    const { scan, findings } = scanner({ maxPerCode: 2 });
    for (let i = 0; i < 5; i++) {
      const short = Buffer.concat([Buffer.from('020000000000000000', 'hex'), Buffer.alloc(33, 1)]);
      scan.row(rawKey('k', BigInt(i)), short);
    }
    expect(findings.map((f) => f.nodeError)).to.deep.equal([
      'ErrEnvelopeShort',
      'ErrEnvelopeShort',
    ]);
    expect(scan.totals.malformed).to.equal(5);
  });

  it('says when the search for nonces was not complete', () => {
    const keys = keystore(3);
    const { scan, codes } = scanner({ nonces: { capacity: 1 } });
    const seal = sealer(keys, 3);
    for (const ts of [1n, 2n]) scan.row(rawKey('k', ts), seal(rawKey('k', ts), 'v'));
    scan.finish();
    expect(codes()).to.deep.equal(['nonce-check-incomplete']);
  });
});

describe('encryption/registry-check', () => {
  const node = 0x1_d4c0n;
  const rows = (
    ...of: [number, number, bigint, number, number][]
  ): { key: Uint8Array; value: Uint8Array }[] =>
    of.map(([dekId, nodeId16, fullNodeId, firstSeenEpoch, lastSeenEpoch]) => ({
      key: Buffer.from(encodeRegistryKey({ dekId, nodeId16 }), 'latin1'),
      value: encodeRegistryRow({ fullNodeId, firstSeenEpoch, lastSeenEpoch }),
    }));
  const sidecar = sidecarOf({ storage: 3, raft: 0 }, [1, 'storage', 2], [3, 'storage', 2]);
  const codes = (...of: Parameters<typeof rows>): string[] =>
    verifyRegistry(rows(...of), sidecar, node).findings.map((f) => `${f.code} ${f.severity}`);

  it('passes sound rows and what is no registry row', () => {
    const sound = verifyRegistry(
      [...rows([3, 0xd4c0, node, 0, 2]), { key: Buffer.from('user'), value: new Uint8Array(3) }],
      sidecar,
      node,
    );
    expect(sound.findings).to.deep.equal([]);
    expect(sound.entries).to.have.length(1);
  });

  it('names each contradiction', () => {
    expect(codes([3, 0xd4c1, node, 0, 1])).to.deep.equal(['registry-node-id-mismatch error']);
    expect(codes([3, 0xd4c0, node, 2, 1])).to.deep.equal(['registry-epoch-order error']);
    expect(codes([9, 0xd4c0, node, 0, 1])).to.deep.equal(['registry-unknown-key warning']);
    expect(codes([3, 0xd4c0, node, 0, 3])).to.deep.equal(['registry-epoch-ahead error']);
    expect(codes([1, 0xd4c0, node, 0, 3])).to.deep.equal(['registry-epoch-ahead note']);
    expect(codes([3, 0xd4c2, 0xd4c2n, 0, 9])).to.deep.equal([]);
    const [row] = rows([3, 0xd4c0, node, 0, 1]);
    const cut = verifyRegistry([{ key: row!.key, value: row!.value.subarray(1) }], sidecar, node);
    expect(cut.findings.map((f) => f.nodeError)).to.deep.equal(['ErrRegistryValueMalformed']);
  });
});

describe('encryption: rows and entries that a real node sealed', () => {
  for (const name of fixtureNames('guards')) {
    it(`${name}: every tag verifies, every nonce is single, the registry agrees`, () => {
      const dir = unpackFixture('guards', name);
      const group = join(dir, 'data', 'n1');
      const path = join(dir, 'encryption', 'keys.json');
      if (!existsSync(path)) {
        for (const { value } of rowsOf(group)) expect((value[0] ?? 0) & 0x06).to.equal(0);
        return;
      }
      const state = sidecarStateOf(() => new FileSource(path));
      const kek = kekStateOf(() => new FileSource(join(dir, 'kek.bin')));
      if (state.kind !== 'valid' || kek.kind !== 'loaded') throw new Error('no sidecar or KEK');
      const { sidecar } = state;
      const keys = unwrapKeys(sidecar, kek.kek);
      if (keys instanceof Fault) throw new Error(keys.text);
      const { scan, findings } = scanner({ sidecar, keys });
      const registryRows: { key: Uint8Array; value: Uint8Array }[] = [];
      for (const pair of rowsOf(group)) {
        const name = Buffer.from(pair.key).toString('latin1');
        if (name.startsWith('!encryption|writers|')) registryRows.push(pair);
        else if (!name.startsWith('_meta_')) scan.row(pair.key, pair.value);
      }
      for (const { index, payload } of readLog(group).entries) {
        if (index > sidecar.raftEnvelopeCutoverIndex && payload) scan.entry(index, payload);
      }
      scan.finish();
      const { totals } = scan;
      const uses = scan.keyUses();
      process.stdout.write(
        `      ${name}: ${totals.encryptedRows} of ${totals.rows} rows and ` +
          `${totals.entries} entries verify, ` +
          `${uses.length} keys, ${scan.writerUses().length} writers\n`,
      );
      expect(findings.filter((f) => f.severity !== 'note')).to.deep.equal([]);
      expect(uses.reduce((n, use) => n + use.verified, 0)).to.equal(
        totals.encryptedRows + totals.entries,
      );
      expect(totals.encryptedRows).to.be.greaterThan(100);
      const check = verifyRegistry(registryRows, sidecar, nodeIdOf('n1'));
      expect(check.findings).to.deep.equal([]);
      expect(check.entries.length).to.be.greaterThan(0);
      for (const use of scan.writerUses()) expect(use.nodeId16).to.equal(0xd4c0);
    });
  }
});
