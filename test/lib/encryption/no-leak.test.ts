/**
 * No error, outcome or object of this domain prints key bytes or clear text, in any form
 * (`leaks.ts`). Everything that holds or touches a secret is driven into success and every failure,
 * and whatever comes back, or is thrown, or lies around, is printed in every way there is.
 */
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import type { Finding } from '../../../src/lib/core/finding.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { NOBLE_AEAD, NODE_AEAD } from '../../../src/lib/encryption/aead.js';
import { SidecarApplier } from '../../../src/lib/encryption/applier.js';
import {
  kekStateOf,
  sidecarStateOf,
  type StartInputs,
} from '../../../src/lib/encryption/guard-inputs.js';
import { GUARD_RULES } from '../../../src/lib/encryption/guard-rules.js';
import { judgeReplayed } from '../../../src/lib/encryption/guards-replayed.js';
import { judgeStart } from '../../../src/lib/encryption/guards.js';
import { Kek, readKek, type KekFile } from '../../../src/lib/encryption/kek.js';
import { Keystore } from '../../../src/lib/encryption/keystore.js';
import { encodeNonce } from '../../../src/lib/encryption/nonce.js';
import { unwrapRaftPayload, wrapRaftPayload } from '../../../src/lib/encryption/raft-envelope.js';
import { EncryptionScan } from '../../../src/lib/encryption/scan.js';
import { Secret } from '../../../src/lib/encryption/secret.js';
import { parseSidecar } from '../../../src/lib/encryption/sidecar.js';
import { unwrapKeys } from '../../../src/lib/encryption/unwrap-keys.js';
import {
  openStoredValue,
  relabelledUnder,
  StorageCipher,
} from '../../../src/lib/encryption/value-cipher.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import { leakOf, textsOf } from './leaks.js';

function random32(seed: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(seed).digest());
}

const KEK = random32('kek');
const DEK = random32('dek');
const OTHER = random32('other');
const PLAIN = random32('plain');
const SECRETS = { KEK, DEK, OTHER, PLAIN };
const RAW_KEY = Buffer.from('user-key-12345678');
const OWNER = { nodeId16: 7, localEpoch: 1 };

function wrap(dek: Uint8Array): Uint8Array {
  const nonce = Buffer.alloc(12, 3);
  const box = NODE_AEAD.key(Secret.copyOf(KEK)).seal(nonce, new Uint8Array(0), dek);
  return Buffer.concat([nonce, box]);
}

function sidecarText(wrapped: Uint8Array): string {
  const key = {
    purpose: 'storage',
    wrapped: Buffer.from(wrapped).toString('base64'),
    created: '',
    local_epoch: 1,
  };
  return JSON.stringify({
    version: 2,
    active: { storage: 5 },
    storage_envelope_active: true,
    keys: { 5: key },
  });
}

function kekFile(bytes: Uint8Array, mode: number): KekFile {
  return Object.assign(new MemorySource('kek.bin', Uint8Array.from(bytes)), { mode });
}

/** Runs it and gives what it returned or threw. */
function got(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

/** Fails for any text of `value` in which a secret shows. Plaintext results are not passed in. */
function expectSilent(value: unknown, what: string): void {
  for (const text of textsOf(value)) {
    for (const [name, secret] of Object.entries(SECRETS)) {
      expect(leakOf(text, secret), `${what} shows ${name}`).to.equal(undefined);
    }
  }
}

function flipped(bytes: Uint8Array, pos: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[pos]! ^= 0x10;
  return out;
}

describe('encryption: nothing leaks', () => {
  it('the secrets of this test would be found', () => {
    for (const secret of Object.values(SECRETS)) {
      expect(
        textsOf({ deep: [{ secret }] }).some((text) => leakOf(text, secret) !== undefined),
      ).to.equal(true);
    }
  });

  it('KEK files and KEKs', () => {
    for (const [bytes, mode] of [
      [KEK, 0o600],
      [KEK, 0o644],
      [KEK.subarray(0, 31), 0o600],
      [Buffer.concat([KEK, Buffer.from('\n')]), 0o600],
    ] as const) {
      expectSilent(
        got(() => readKek(kekFile(bytes, mode))),
        'readKek',
      );
      expectSilent(
        got(() => kekStateOf(() => kekFile(bytes, mode))),
        'kekStateOf',
      );
    }
    for (const aead of [NODE_AEAD, NOBLE_AEAD]) {
      const kek = new Kek(Secret.copyOf(KEK), aead);
      expectSilent(kek, 'Kek');
      for (const bytes of [wrap(DEK), flipped(wrap(DEK), 20), DEK, wrap(DEK).subarray(1)]) {
        expectSilent(
          got(() => kek.unwrap(bytes)),
          'unwrap',
        );
      }
      expectSilent(aead.key(Secret.copyOf(DEK)), 'AeadKey');
      expectSilent(
        got(() => aead.key(Secret.copyOf(DEK.subarray(1)))),
        'AeadKey of 31 bytes',
      );
      expectSilent(
        got(() => aead.key(Secret.copyOf(DEK)).seal(DEK, DEK, PLAIN)),
        'seal with a bad nonce',
      );
    }
  });

  it('key stores, ciphers, and every failure to open', () => {
    for (const aead of [NODE_AEAD, NOBLE_AEAD]) {
      const keys = new Keystore(aead);
      keys.load(5, Secret.copyOf(DEK));
      const cipher = new StorageCipher(keys, { putKeyId: 5 }, OWNER);
      const stored = cipher.sealValue(toByteString(RAW_KEY), PLAIN);
      if (stored === null || stored instanceof Fault) throw new Error('not sealed');
      expectSilent([keys, keys.clone(), cipher, stored], 'cipher');
      expectSilent(
        [keys.load(5, Secret.copyOf(OTHER)), keys.load(0, Secret.copyOf(OTHER))],
        'load',
      );
      for (let pos = 0; pos < stored.length; pos++) {
        expectSilent(
          got(() => openStoredValue(keys, RAW_KEY, flipped(stored, pos))),
          `flip at ${pos}`,
        );
        relabelledUnder(keys, RAW_KEY, flipped(stored, pos));
      }
      const payload = wrapRaftPayload(keys.get(5)!, 5, encodeNonce({ ...OWNER, count: 1n }), PLAIN);
      for (let pos = 2; pos < payload.length; pos++) {
        const opened = got(() => unwrapRaftPayload(keys, flipped(payload, pos)));
        expect(opened).to.be.instanceOf(Fault);
        expectSilent(opened, `raft flip at ${pos}`);
      }
      expectSilent([keys, cipher], 'cipher after use');
    }
  });

  it('sidecars: even a file that is a key, or holds one in the clear, is not echoed', () => {
    const texts: (string | Uint8Array)[] = [
      KEK,
      `{"version":2,"keys":{"1":{"wrapped":"${Buffer.from(DEK).toString('base64')}!"}}}`,
      `{"version":2,"active":"${Buffer.from(DEK).toString('base64')}"}`,
      `{"version":"${Buffer.from(DEK).toString('hex')}"}`,
      `{"version":2,${Buffer.from(DEK).toString('hex')}}`,
      sidecarText(wrap(DEK)).slice(0, 90),
    ];
    for (const text of texts) {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text;
      expectSilent(
        got(() => parseSidecar(bytes, 'keys.json')),
        'parseSidecar',
      );
      const source = new MemorySource('keys.json', bytes);
      expectSilent(
        got(() => sidecarStateOf(() => source)),
        'sidecarStateOf',
      );
    }
  });

  it('guards and applier: states, refusals, outcomes', () => {
    const sidecar = parseSidecar(Buffer.from(sidecarText(wrap(DEK))), 'keys.json');
    for (const kekBytes of [KEK, OTHER]) {
      const kek = new Kek(Secret.copyOf(kekBytes));
      const input: StartInputs = {
        rules: GUARD_RULES['snapshot-pointer'],
        encryption: true,
        sidecar: { kind: 'valid', sidecar },
        kek: { kind: 'loaded', kek },
        fullNodeId: 7n,
        groups: [{ id: 1n, peers: [7n] }],
        bootstrap: undefined,
        snapshotCutover: { kind: 'known', cutover: 0n },
        registry: { kind: 'absent' },
      };
      const start = judgeStart(input);
      expectSilent([input, start, unwrapKeys(sidecar, kek)], 'judgeStart');
      const replayed = judgeReplayed(input, start, {
        sidecar: input.sidecar,
        registry: input.registry,
        restoredCutover: 9n,
        applied: 5n,
        snapshotIndex: 0n,
        lastIndex: 5n,
        opcodeAt: () => 4,
      });
      expectSilent(replayed, 'judgeReplayed');
      const keys = new Keystore();
      const applier = new SidecarApplier({
        kek,
        keys,
        hasSidecarPath: true,
        sidecar,
        storageEpoch: 1,
        raftEpoch: 0,
        rotatedRaftKeyGetsEpoch: true,
        created: 'now',
      });
      const wrapped = wrap(OTHER);
      const head = Buffer.from([5, 1, 1, 0, 0, 0, 9, 1, 0, 0, 0, wrapped.length]);
      const registration = Buffer.from('0000000900000000000000070001', 'hex');
      const rows = { get: () => undefined, put: () => undefined };
      const fault = applier.applyEncryption(9n, Buffer.concat([head, wrapped, registration]), rows);
      expect(fault === null).to.equal(kekBytes === KEK);
      expectSilent([applier, fault, applier.sidecar, keys], 'applier');
    }
  });

  it('scans: findings and totals', () => {
    const keys = new Keystore();
    keys.load(5, Secret.copyOf(DEK));
    const findings: Finding[] = [];
    const scan = new EncryptionScan({ keys }, (f) => findings.push(f));
    for (const life of [1, 2]) {
      const cipher = new StorageCipher(keys, { putKeyId: 5 }, OWNER);
      const key = Buffer.concat([RAW_KEY, Buffer.from([life])]);
      const stored = cipher.sealValue(toByteString(key), PLAIN);
      if (stored === null || stored instanceof Fault) throw new Error('not sealed');
      scan.row(key, stored);
      scan.row(RAW_KEY, stored);
      scan.row(key, Buffer.concat([new Uint8Array(9), stored.subarray(9)]));
    }
    scan.finish();
    expect(new Set(findings.map((f) => f.code))).to.deep.equal(
      new Set(['envelope-tag', 'row-relabelled', 'nonce-reused']),
    );
    expectSilent([scan, findings, scan.keyUses(), scan.writerUses()], 'scan');
  });
});
