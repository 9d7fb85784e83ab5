import { expect } from 'chai';
import fc from 'fast-check';
import { fromByteString, toByteString } from '../../../src/lib/bytes/byte-string.js';
import { hex, unhex } from '../../../src/lib/bytes/hex.js';
import { concatBytes, u64beBytes } from '../../../src/lib/bytes/write.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import {
  commitKey,
  intentKey,
  isInternalKey,
  lockKey,
  rollbackKey,
} from '../../../src/lib/txn/keys.js';
import { decodeMetaRecord, encodeMetaRecord } from '../../../src/lib/txn/meta-record.js';
import {
  decodeCommitRecord,
  decodeIntent,
  decodeLock,
  encodeCommitRecord,
  encodeIntent,
  encodeLock,
  encodeRollbackRecord,
} from '../../../src/lib/txn/records.js';
import { otherVectors } from '../fsm/spec-vectors.js';

const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const bytes = fc.uint8Array({ maxLength: 12 });
const text = (value: unknown): string => toByteString(unhex(String(value))!);
const num = (value: unknown): bigint => BigInt(String(value ?? 0));

/** `ok`, the node's name of the fault, or `unnamed`, with `panic` where the process dies. */
function verdict(decoded: unknown): string {
  if (!(decoded instanceof Fault)) return 'ok';
  return decoded.panic ? 'panic' : (decoded.names[0] ?? 'unnamed');
}

describe('recorded records and keys', () => {
  it('agree with every vector of kind meta, txnkeys and record', () => {
    let agree = 0;
    const vectors = otherVectors('meta', 'txnkeys', 'record');
    for (const { kind, name, in: given, out } of vectors) {
      if (kind === 'meta') {
        const meta = {
          primary: text(given['primary']),
          lockTtlMs: num(given['ttl_ms']),
          commitTs: num(given['commit_ts']),
          prevCommitTs: num(given['prev_commit_ts']),
        };
        expect(hex(encodeMetaRecord(meta)), name).to.equal(out['value']);
        expect(decodeMetaRecord(unhex(out['value']!)!), name).to.deep.equal(meta);
      } else if (kind === 'txnkeys') {
        const [key, startTs] = [text(given['key']), num(given['start_ts'])];
        const keys = {
          commit: commitKey(key, startTs),
          intent: intentKey(key),
          lock: lockKey(key),
          rollback: rollbackKey(key, startTs),
        };
        for (const [kind, found] of Object.entries(keys)) {
          expect(hex(fromByteString(found)), kind).to.equal(out[kind]);
          expect(isInternalKey(found)).to.equal(true);
        }
      } else {
        expect(hex(encodeRecordOf(name, given)), name).to.equal(out['value']);
      }
      agree++;
    }
    expect(vectors).to.have.length(10);
    process.stderr.write(`      records and keys: agree ${agree} of ${vectors.length}\n`);
  });
});

function encodeRecordOf(name: string, given: Readonly<Record<string, unknown>>): Uint8Array {
  const startTs = num(given['start_ts']);
  if (name.startsWith('lock')) {
    const isPrimary = given['is_primary'] === true;
    const primary = text(given['primary']);
    return encodeLock({ startTs, ttlExpireAt: num(given['expire_at']), isPrimary, primary });
  }
  if (name.startsWith('intent')) {
    const value = unhex(String(given['value'] ?? ''))!;
    return encodeIntent({ startTs, op: Number(given['op']), value });
  }
  if (name.startsWith('commit')) return encodeCommitRecord({ commitTs: num(given['commit_ts']) });
  return encodeRollbackRecord();
}

describe('transaction records', () => {
  it('round-trip, bytes behind the last field ignored', () => {
    const roundTrip = fc.property(u64, u64, bytes, bytes, (startTs, ttlExpireAt, body, more) => {
      const primary = toByteString(body);
      const lock = { startTs, ttlExpireAt, isPrimary: body.length % 2 === 0, primary };
      expect(decodeLock(concatBytes(encodeLock(lock), more))).to.deep.equal(lock);
      const intent = decodeIntent(concatBytes(encodeIntent({ startTs, op: 7, value: body }), more));
      expect(intent).to.include({ startTs, op: 7 });
      expect(intent instanceof Fault ? null : hex(intent.value)).to.equal(hex(body));
      const commit = concatBytes(encodeCommitRecord({ commitTs: startTs }), more);
      expect(decodeCommitRecord(commit)).to.deep.equal({ commitTs: startTs });
    });
    fc.assert(roundTrip);
  });

  it('ignore unknown lock flags', () => {
    const lock = encodeLock({ startTs: 1n, ttlExpireAt: 2n, isPrimary: false, primary: 'p' });
    lock[17] = 0xfe;
    expect(decodeLock(lock)).to.include({ isPrimary: false });
    lock[17] = 0xff;
    expect(decodeLock(lock)).to.include({ isPrimary: true });
  });

  it('name exactly the cuts inside a u64', () => {
    const cutsOf = (record: Uint8Array, decode: (cut: Uint8Array) => unknown): string =>
      Array.from({ length: record.length + 1 }, (_, length) =>
        verdict(decode(record.subarray(0, length))),
      )
        .map((found) => ({ UnexpectedEOF: 'E', unnamed: 'u', ok: 'o', panic: 'p' })[found] ?? '?')
        .join('');
    const lock = encodeLock({ startTs: 1n, ttlExpireAt: 2n, isPrimary: true, primary: 'abc' });
    expect(cutsOf(lock, decodeLock)).to.equal('uuEEEEEEEuEEEEEEEuuEEEEEEEuuuo');
    const intent = encodeIntent({ startTs: 1n, op: 0, value: Buffer.from('ab') });
    expect(cutsOf(intent, decodeIntent)).to.equal('uuEEEEEEEuuEEEEEEEuuo');
    const commit = encodeCommitRecord({ commitTs: 1n });
    expect(cutsOf(commit, decodeCommitRecord)).to.equal('uuEEEEEEEo');
    const base = { primary: 'p', lockTtlMs: 1n, commitTs: 2n };
    const v1 = encodeMetaRecord({ ...base, prevCommitTs: 0n });
    expect(cutsOf(v1, decodeMetaRecord)).to.equal('uuEEEEEEEuEEEEEEEuEEEEEEEuo');
    const v2 = encodeMetaRecord({ ...base, prevCommitTs: 3n });
    expect(cutsOf(v2, decodeMetaRecord)).to.equal(`${'u'.repeat(v2.length)}o`);
  });

  it('refuse every other version', () => {
    const commit = encodeCommitRecord({ commitTs: 1n });
    for (let version = 0; version < 256; version++) {
      commit[0] = version;
      expect(verdict(decodeCommitRecord(commit))).to.equal(version === 1 ? 'ok' : 'unnamed');
    }
  });

  const lengths = [
    [2n, 'ok', null],
    [3n, 'unnamed', 'txn-record-bad'],
    [(1n << 31n) - 1n, 'unnamed', 'txn-record-bad'],
    [1n << 31n, 'unnamed', 'txn-length-memory'],
    [1n << 48n, 'unnamed', 'txn-length-memory'],
    [(1n << 48n) + 1n, 'panic', 'txn-length-panic'],
    [(1n << 63n) - 1n, 'panic', 'txn-length-panic'],
    [1n << 63n, 'unnamed', 'txn-record-bad'],
    [(1n << 64n) - 1n, 'unnamed', 'txn-record-bad'],
  ] as const;
  for (const [length, expected, code] of lengths) {
    it(`judge an announced length of ${length} with 2 bytes left as ${expected}`, () => {
      const head = concatBytes(Uint8Array.of(1), u64beBytes(1n), u64beBytes(2n));
      const tail = concatBytes(u64beBytes(length), Buffer.from('ab'));
      const found = [
        decodeLock(concatBytes(head, Uint8Array.of(0), tail)),
        decodeIntent(concatBytes(Uint8Array.of(1), u64beBytes(1n), Uint8Array.of(0), tail)),
        decodeMetaRecord(concatBytes(head, tail)),
        decodeMetaRecord(concatBytes(Uint8Array.of(2, 0), tail)),
      ];
      for (const decoded of found) {
        expect(verdict(decoded)).to.equal(expected);
        expect(decoded instanceof Fault ? decoded.code : null).to.equal(code);
      }
    });
  }
});

describe('meta record v2', () => {
  const primary = concatBytes(u64beBytes(1n), Buffer.from('p'));

  it('holds the flagged fields only, in the order of the flags', () => {
    const record = concatBytes(Uint8Array.of(2, 5), primary, u64beBytes(7n), u64beBytes(9n));
    expect(decodeMetaRecord(record)).to.deep.equal({
      primary: 'p',
      lockTtlMs: 7n,
      commitTs: 0n,
      prevCommitTs: 9n,
    });
  });

  it('refuses unknown flags before it looks at a deadly length, and bytes behind the end', () => {
    const deadly = u64beBytes(1n << 50n);
    expect(verdict(decodeMetaRecord(concatBytes(Uint8Array.of(2, 8), deadly)))).to.equal('unnamed');
    expect(verdict(decodeMetaRecord(concatBytes(Uint8Array.of(2, 7), deadly)))).to.equal('panic');
    const whole = concatBytes(Uint8Array.of(2, 0), primary);
    expect(verdict(decodeMetaRecord(whole))).to.equal('ok');
    expect(verdict(decodeMetaRecord(concatBytes(whole, Uint8Array.of(0))))).to.equal('unnamed');
  });
});

describe('internal keys', () => {
  it('are the five prefixes and nothing else below !txn|', () => {
    for (const key of ['!txn|lock|', '!txn|int|x', '!txn|cmt|', '!txn|rb|', '!txn|meta|a']) {
      expect(isInternalKey(key)).to.equal(true);
    }
    for (const key of ['!txn|', '!txn|other', '!txn|lock', '!txn|rb', 'lock', '']) {
      expect(isInternalKey(key)).to.equal(false);
    }
  });
});
