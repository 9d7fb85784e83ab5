/**
 * `ekv encryption check` over the three encrypted data dirs of real nodes: every encrypted row and
 * wrapped entry verified with its tag, and every kind of damage that the check promises to find, made
 * in a copy of them.
 */
import { expect } from 'chai';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkEncryption, type EncryptionReport } from '../../../src/lib/encryption-check/check.js';
import { storageAad } from '../../../src/lib/encryption/aad.js';
import { NODE_AEAD } from '../../../src/lib/encryption/aead.js';
import { decodeEnvelope, sealEnvelope } from '../../../src/lib/encryption/envelope.js';
import { wrapRaftPayload } from '../../../src/lib/encryption/raft-envelope.js';
import { Secret } from '../../../src/lib/encryption/secret.js';
import { unwrapKeys } from '../../../src/lib/encryption/unwrap-keys.js';
import { openStoredValue } from '../../../src/lib/encryption/value-cipher.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { encodeProposal } from '../../../src/lib/raft/proposal.js';
import { WalEncoder } from '../../../src/lib/raft/wal/encoder.js';
import { segmentName } from '../../../src/lib/raft/wal/segment-name.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import { unpackFixture, unpackFresh } from '../../support/fixtures.js';
import {
  bootOf,
  changeFirstEncrypted,
  check,
  ENCRYPTED_NODES,
  encryptionOf,
  WITHOUT_KEYS,
} from './node.js';

const NEWEST = 'data/n1/fsm-snap/00000000000004b1.fsm';
const OLDER = 'data/n1/fsm-snap/0000000000000321.fsm';

function codes(report: EncryptionReport): string[] {
  return [...new Set(report.findings.map(({ code }) => code))].sort();
}

function place(report: EncryptionReport, name: string): EncryptionReport['places'][number] {
  const found = report.places.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name} in the report`);
  return found;
}

function total(report: EncryptionReport, of: 'rows' | 'entries'): number {
  return report.places.reduce(
    (sum, { totals }) => sum + (of === 'rows' ? totals.encryptedRows : totals.entries),
    0,
  );
}

function verified(report: EncryptionReport): number {
  return report.places.reduce((sum, place) => sum + place.verified, 0);
}

describe('encryption check: the recorded nodes', () => {
  it('verifies the tag of every encrypted row and every wrapped entry', async () => {
    const tally = { rows: 0, entries: 0, verified: 0 };
    for (const name of ENCRYPTED_NODES) {
      const report = await check(unpackFixture('guards', name));
      for (const place of report.places) {
        expect(place.whole, `${name} ${place.name}`).to.equal(true);
        expect(place.failed, `${name} ${place.name}`).to.equal(0);
        expect(place.totals.relabelledRows + place.totals.reusedNonces).to.equal(0);
      }
      tally.rows += total(report, 'rows');
      tally.entries += total(report, 'entries');
      tally.verified += verified(report);
      expect(report.keys.every(({ unwraps }) => unwraps === true)).to.equal(true);
    }
    process.stdout.write(
      `      ${tally.rows} encrypted rows, ${tally.entries} wrapped entries, ` +
        `${tally.verified} tags verified\n`,
    );
    expect(tally.verified).to.equal(tally.rows + tally.entries);
    expect(tally.rows).to.be.greaterThan(10_000);
    expect(tally.entries).to.be.greaterThan(2000);
  });

  it('says who still needs which key', async () => {
    const report = await check(unpackFixture('guards', 'enc-a'));
    const [key1] = place(report, 'fsm.db').keys;
    expect(key1).to.include({ keyId: 1, rows: 2037, verified: 2037 });
    const wal = place(report, 'wal').keys;
    expect(wal.map((use) => [use.keyId, use.entries, use.firstIndex, use.lastIndex])).to.deep.equal(
      [
        [2, 522, 510n, 1031n],
        [4, 298, 1032n, 1329n],
      ],
    );
    const retired = report.findings.filter(({ code }) => code === 'key-retired-in-use');
    expect(retired.map(({ file }) => file)).to.deep.equal([
      'fsm.db',
      'fsm-snap/00000000000004b1.fsm',
      'fsm-snap/0000000000000321.fsm',
      'wal',
    ]);
  });

  it('tells both lives of a node apart', async () => {
    const report = await check(unpackFixture('guards', 'enc-b-second-life'));
    const lives = place(report, 'wal').writers.map(({ keyId, localEpoch }) => [keyId, localEpoch]);
    expect(lives).to.deep.equal([
      [2, 0],
      [4, 0],
      [4, 1],
    ]);
    expect(report.registry.find(({ dekId }) => dekId === 4)).to.include({
      firstSeenEpoch: 0,
      lastSeenEpoch: 1,
    });
  });

  it('sees the restart hazard before it bites, and when it has', async () => {
    const before = (await check(unpackFixture('guards', 'enc-b'))).restart;
    // Snapshot 1, applied 1305 with the election's empty entry: the next snapshot is due at 10,001.
    expect(before).to.include({ state: 'ahead', snapshotIndex: 1n, entriesLeft: 8696n });
    expect(before?.sidecarAppliedIndex).to.equal(1007n);
    expect(before?.lastEncryptionEntry).to.deep.equal({ index: 1007n, opcode: 5, wrapped: true });
    const after = await check(unpackFixture('guards', 'enc-a'));
    expect(after.restart).to.include({ state: 'refuses', snapshotIndex: 1201n, entriesLeft: 0n });
    expect(after.restart?.errors).to.deep.equal(['sidecar-gap-compacted']);
    expect(codes(after)).to.include('restart-refused');
  });

  it('finds nothing encrypted in a plain node', async () => {
    const report = await check(unpackFixture('guards', 'plain'), WITHOUT_KEYS);
    expect(total(report, 'rows') + total(report, 'entries')).to.equal(0);
    expect(report.findings).to.deep.equal([]);
  });
});

describe('encryption check: without keys', () => {
  it('shows what envelopes say in the clear, and guesses nothing', async () => {
    const dir = unpackFixture('guards', 'enc-a');
    const bare = await check(dir, WITHOUT_KEYS);
    const full = await check(dir);
    expect(bare.keysGiven).to.equal(false);
    expect(verified(bare)).to.equal(0);
    expect(total(bare, 'rows')).to.equal(total(full, 'rows'));
    expect(total(bare, 'entries')).to.equal(total(full, 'entries'));
    expect(bare.places.map(({ writers }) => writers)).to.deep.equal(
      full.places.map(({ writers }) => writers),
    );
    expect(bare.restart).to.equal(null);
    expect(codes(bare)).to.deep.equal(['encryption-not-verified']);
    expect(bare.cutover).to.deep.equal({ index: 509n, from: 'snapshot-header' });
  });

  it('takes the cutover from the log’s own enable entry', async () => {
    const bare = await check(unpackFixture('guards', 'enc-b'), WITHOUT_KEYS);
    expect(bare.cutover).to.deep.equal({ index: 509n, from: 'enable-entry' });
    expect(total(bare, 'entries')).to.equal(795);
  });

  it('judges the restart with the sidecar alone', async () => {
    const dir = unpackFixture('guards', 'enc-a');
    const report = await check(dir, encryptionOf(dir, { kind: 'unknown' }));
    expect(report.restart?.state).to.equal('refuses');
    expect(report.keys.map(({ unwraps }) => unwraps)).to.deep.equal([null, null, null, null]);
  });
});

describe('encryption check: what cannot be told', () => {
  it('where no cutover is known, entries of that form are counted and said to be a guess', async () => {
    const encoder = new WalEncoder(PROTO_37);
    const key = NODE_AEAD.key(Secret.copyOf(Buffer.alloc(32, 0x21)));
    const entries = [1n, 2n].map((index) => {
      const payload = wrapRaftPayload(key, 5, Buffer.alloc(12, Number(index)), Buffer.from('x'));
      return { type: undefined, term: 1n, index, data: encodeProposal(index, payload) };
    });
    const state = { term: 1n, vote: 1n, commit: 2n };
    const wal = Buffer.concat([encoder.creation(), encoder.save(entries, state)]);
    const boot = bootOf('unused', WITHOUT_KEYS);
    const group = new MemoryDir('n1', new Map([[`wal/${segmentName(0n, 0n)}`, wal]]));
    const bare = await checkEncryption({ boot: { ...boot, group } });
    expect(bare.cutover).to.deep.equal({ index: 0n, from: 'form' });
    const finding = bare.findings.find(({ code }) => code === 'encryption-cutover-unknown');
    expect(finding).to.include({ severity: 'warning', exitCode: 5 });
    expect(finding?.message).to.equal(
      '2 entries have the form of an envelope; no cutover is known',
    );
  });

  it('whether the next start refuses is left open where the KEK is not at hand', async () => {
    const dir = unpackFixture('guards', 'enc-b');
    const report = await check(dir, encryptionOf(dir, { kind: 'unknown' }));
    expect(report.restart).to.include({ state: 'unknown', entriesLeft: null });
    const finding = report.findings.find(({ code }) => code === 'restart-not-judged');
    expect(finding).to.include({ severity: 'warning', exitCode: 5 });
  });
});

describe('encryption check: damage', () => {
  it('a flipped bit of a row fails its tag, and only there', async () => {
    const dir = unpackFresh('guards', 'enc-a');
    changeFirstEncrypted(join(dir, NEWEST), (_key, stored) => {
      stored[stored.length - 1]! ^= 1;
    });
    const report = await check(dir);
    expect(place(report, 'fsm-snap/00000000000004b1.fsm').failed).to.equal(1);
    expect(place(report, 'fsm.db').failed).to.equal(0);
    const finding = report.findings.find(({ code }) => code === 'envelope-tag');
    expect(finding).to.include({
      severity: 'error',
      file: 'fsm-snap/00000000000004b1.fsm',
      nodeError: 'ErrEncryptedReadIntegrity',
    });
  });

  it('a relabelled row is found with keys', async () => {
    const dir = unpackFresh('guards', 'enc-a');
    changeFirstEncrypted(join(dir, NEWEST), (_key, stored) => {
      stored[0]! &= ~0x06;
    });
    const report = await check(dir);
    expect(place(report, 'fsm-snap/00000000000004b1.fsm').totals.relabelledRows).to.equal(1);
    expect(codes(report)).to.include('row-relabelled');
  });

  it('a nonce used for two envelopes is found across places, copies are none', async () => {
    const dir = unpackFresh('guards', 'enc-a');
    const { sidecar, kek } = encryptionOf(dir);
    if (sidecar.kind !== 'valid' || kek.kind !== 'loaded') throw new Error('keys of the fixture');
    const keys = unwrapKeys(sidecar.sidecar, kek.kek);
    if (keys instanceof Fault) throw new Error(keys.text);
    changeFirstEncrypted(join(dir, OLDER), (rawKey, stored) => {
      const clear = openStoredValue(keys, rawKey, stored);
      const envelope = decodeEnvelope(stored.subarray(9));
      if (clear instanceof Fault || envelope instanceof Fault) throw new Error('a row that opens');
      const other = Uint8Array.from(clear, (byte) => byte ^ 1);
      const aad = storageAad(1, 0, envelope.keyId, stored, rawKey);
      const { keyId } = envelope;
      const nonce = Uint8Array.from(envelope.nonce);
      stored.set(sealEnvelope(keys.get(keyId)!, keyId, nonce, aad, other), 9);
    });
    const report = await check(dir);
    expect(verified(report)).to.equal(total(report, 'rows') + total(report, 'entries'));
    const reused = report.findings.filter(({ code }) => code === 'nonce-reused');
    expect(reused).to.have.length(1);
    expect(reused[0]!.message).to.match(/was used before in fsm\.db, row \d+, under key 1/);
  });

  it('a key that the sidecar has lost is missed by everything under it', async () => {
    const dir = unpackFresh('guards', 'enc-b');
    const path = join(dir, 'encryption', 'keys.json');
    const sidecar = JSON.parse(readFileSync(path, 'utf8')) as { keys: Record<string, unknown> };
    delete sidecar.keys['1'];
    writeFileSync(path, JSON.stringify(sidecar));
    const report = await check(dir);
    const missing = report.findings.filter(({ code }) => code === 'key-referenced-missing');
    expect(missing.map(({ file }) => file)).to.deep.equal(['fsm.db']);
    expect(missing[0]!.message).to.match(/^key 1 is not in the sidecar; used by 2037 rows/);
    expect(place(report, 'fsm.db').failed).to.equal(2037);
    expect(codes(report)).to.include('registry-unknown-key');
  });

  it('a KEK that fits no key leaves the metadata view and says so', async () => {
    const dir = unpackFresh('guards', 'enc-b');
    writeFileSync(join(dir, 'kek.bin'), Buffer.alloc(32, 7), { mode: 0o600 });
    const report = await check(dir);
    expect(report.keysGiven).to.equal(false);
    expect(report.keys.map(({ unwraps }) => unwraps)).to.deep.equal([false, false, false, false]);
    expect(codes(report)).to.include.members(['kek-mismatch', 'encryption-not-verified']);
    expect(report.restart?.errors).to.deep.equal(['ErrKEKMismatch']);
  });

  it('a snapshot that cannot be read is a finding; the rest is still checked', async () => {
    const dir = unpackFresh('guards', 'enc-a');
    const bytes = readFileSync(join(dir, NEWEST));
    writeFileSync(join(dir, NEWEST), bytes.subarray(0, 5000));
    const report = await check(dir);
    expect(place(report, 'fsm-snap/00000000000004b1.fsm').whole).to.equal(false);
    expect(place(report, 'fsm-snap/0000000000000321.fsm').verified).to.equal(1566);
    expect(codes(report)).to.include('fsm-payload-cut');
  });

  it('a node without fsm.db is checked as far as it goes', async () => {
    const dir = unpackFresh('guards', 'enc-b');
    rmSync(join(dir, 'data', 'n1', 'fsm.db'), { recursive: true });
    const report = await check(dir);
    expect(report.places.map(({ name }) => name)).to.deep.equal([
      'fsm-snap/0000000000000001.fsm',
      'wal',
    ]);
    expect(report.restart?.errors).to.deep.equal(['ErrLocalEpochRollback']);
  });
});
