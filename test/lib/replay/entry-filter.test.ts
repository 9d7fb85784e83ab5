import { expect } from 'chai';
import { UsageError } from '../../../src/lib/core/errors.js';
import { EntryFilter, parseTime, parseTypes } from '../../../src/lib/replay/entry-filter.js';
import {
  Completing,
  type DraftRecord,
  type ReplayRecord,
} from '../../../src/lib/replay/replay-record.js';
import { batch, del, put, raw, single } from '../fsm/request-writer.js';

function recordOf(payload: Uint8Array, more: Partial<ReplayRecord> = {}): ReplayRecord {
  const record: DraftRecord = {
    index: 5n,
    term: 1n,
    file: 'f',
    offset: 0,
    entryType: 'normal',
    committed: true,
    disposition: 'fresh',
    told: true,
    applied: true,
    proposalId: 1n,
    wrapped: false,
    payloadLength: payload.length,
    payloadSha256: '00',
    error: null,
    errorNames: [],
    ceilingMs: 0n,
    tag: null,
    requests: [],
  };
  new Completing({ add: () => undefined }).take(record, {
    payload,
    change: null,
    members: null,
    encryption: null,
    overwrittenBy: null,
    onlyRead: true,
    unreadable: null,
  });
  return { ...record, ...more };
}

const TS = (1_700_000_000_000n << 16n) | 3n;
const PAYLOAD = single(raw(TS, put('a', '1'), put('user/7', '2')));
const RECORD = recordOf(PAYLOAD);

describe('replay: filters', () => {
  it('bounds are inclusive', () => {
    for (const [from, to, fits] of [
      [5n, 5n, true],
      [4n, 5n, true],
      [5n, 6n, true],
      [6n, 9n, false],
      [1n, 4n, false],
    ] as const) {
      const filter = new EntryFilter({ fromIndex: from, toIndex: to });
      expect(filter.fits(RECORD, PAYLOAD)).to.equal(fits);
    }
  });

  it('a key prefix looks at every key, and at what a prefix deletion would hit', () => {
    const fits = (prefix: string, payload: Uint8Array): boolean =>
      new EntryFilter({ keyPrefix: prefix }).fits(recordOf(payload), payload);
    expect(fits('user/', PAYLOAD)).to.equal(true);
    expect(fits('a', PAYLOAD)).to.equal(true);
    expect(fits('user/8', PAYLOAD)).to.equal(false);
    const later = batch(raw(1n, del('x')), raw(2n, del('y'), del('user/1')));
    expect(fits('user/1', later)).to.equal(true);
    const prefixDeletion = single(raw(1n, { op: 2, key: 'user', value: new Uint8Array(0) }));
    expect(fits('user/77', prefixDeletion)).to.equal(true);
    expect(fits('vendor', prefixDeletion)).to.equal(false);
  });

  it('times are bounds on commit timestamps, the millisecond included', () => {
    const within = (since?: string, until?: string): boolean =>
      new EntryFilter({
        since: since === undefined ? undefined : parseTime(since, false),
        until: until === undefined ? undefined : parseTime(until, true),
      }).fits(RECORD, PAYLOAD);
    expect(within('2023-11-14T22:13:20Z', '2023-11-14T22:13:20Z')).to.equal(true);
    expect(within('1700000000000', '1700000000000')).to.equal(true);
    expect(within(String(TS), String(TS))).to.equal(true);
    expect(within(String(TS + 1n))).to.equal(false);
    expect(within(undefined, '1699999999999')).to.equal(false);
    expect(within('2023-11-14')).to.equal(true);
    expect(within('2023-11-14T22:13:21')).to.equal(false);
    const none = recordOf(PAYLOAD, { requests: [] });
    expect(new EntryFilter({ since: 0n }).fits(none, null)).to.equal(false);
  });

  it('small timestamps are told with ts:', () => {
    expect(parseTime('ts:100', false)).to.equal(100n);
    expect(parseTime('100', false)).to.equal(100n << 16n);
    expect(parseTime('100', true)).to.equal((100n << 16n) | 0xffffn);
  });

  it('words of types fit a tag, an entry type or a disposition', () => {
    const fits = (text: string): boolean =>
      new EntryFilter({ types: parseTypes(text) }).fits(RECORD, PAYLOAD);
    expect(fits('single')).to.equal(true);
    expect(fits('normal')).to.equal(true);
    expect(fits('lease, fresh')).to.equal(true);
    expect(fits('lease,confChange')).to.equal(false);
  });

  it('what is no word and no time is refused', () => {
    for (const text of ['', 'leases', 'single,', 'Fresh']) {
      expect(() => parseTypes(text), text).to.throw(UsageError);
    }
    for (const text of ['', 'now', '2023-13-01', '-5', '1e9', '99999999999999999999999', 'ts:x']) {
      expect(() => parseTime(text, false), text).to.throw(UsageError);
    }
  });

  it('counts what fits', () => {
    const filter = new EntryFilter({ fromIndex: 5n, limit: 1 });
    expect(filter.isOpen).to.equal(false);
    expect(new EntryFilter({ limit: 1 }).isOpen).to.equal(true);
    filter.fits(RECORD, PAYLOAD);
    filter.fits(RECORD, PAYLOAD);
    expect(filter.matched).to.equal(2);
  });
});
