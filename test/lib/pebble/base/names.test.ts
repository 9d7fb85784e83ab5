import { expect } from 'chai';
import {
  blobName,
  parseFilename,
  tableName,
  walName,
} from '../../../../src/lib/pebble/base/filename.js';
import { parseMarker, parseMarkers } from '../../../../src/lib/pebble/base/marker.js';
import { malformedLine, parseOptionsFile } from '../../../../src/lib/pebble/base/options-file.js';
import { decodeSpans } from '../../../../src/lib/pebble/base/span.js';
import { CorruptionError } from '../../../../src/lib/core/errors.js';

describe('pebble/base names', () => {
  it('parses every kind of name with any number of digits', () => {
    expect(parseFilename('000007.sst')).to.deep.equal({ type: 'table', number: 7 });
    expect(parseFilename('1234567.sst')).to.deep.equal({ type: 'table', number: 1234567 });
    expect(parseFilename('7.blob')).to.deep.equal({ type: 'blob', number: 7 });
    expect(parseFilename('MANIFEST-000001')).to.deep.equal({ type: 'manifest', number: 1 });
    expect(parseFilename('OPTIONS-000003')).to.deep.equal({ type: 'options', number: 3 });
    expect(parseFilename('000004.log')).to.deep.equal({ type: 'wal', number: 4, segment: 0 });
    expect(parseFilename('000004-002.log')).to.deep.equal({ type: 'wal', number: 4, segment: 2 });
    expect(parseFilename('temporary.000001.dbtmp')).to.deep.equal({ type: 'temporary' });
  });

  it('ignores names that do not parse', () => {
    for (const name of [
      'a.log',
      '1.2.log',
      '000001.log.gz',
      '-1.log',
      '1-.log',
      '.log',
      'x.sst',
      '+1.sst',
    ]) {
      expect(parseFilename(name), name).to.equal(undefined);
    }
  });

  it('prints at least six digits', () => {
    expect([tableName(7), blobName(12345678), walName(4), walName(4, 1)]).to.deep.equal([
      '000007.sst',
      '12345678.blob',
      '000004.log',
      '000004-001.log',
    ]);
  });

  it('lets the marker with the greatest iteration win', () => {
    const markers = parseMarkers([
      'marker.manifest.000009.MANIFEST-000001',
      'marker.manifest.000010.MANIFEST-000007',
      'marker.format-version.000003.016',
      'LOCK',
      'marker.x',
    ]);
    expect(markers.byName.get('manifest')).to.deep.include({ iter: 10n, value: 'MANIFEST-000007' });
    expect(markers.superseded).to.have.length(1);
    expect(markers.malformed).to.deep.equal(['marker.x']);
  });

  it('lets a value hold dots and refuses an iteration that is no u64', () => {
    expect(parseMarker('marker.a.1.b.c')).to.include({ name: 'a', value: 'b.c' });
    expect(parseMarker('marker.a.x.b')).to.equal(undefined);
    expect(parseMarker('marker.a.18446744073709551616.b')).to.equal(undefined);
  });

  it('reads OPTIONS by section and key', () => {
    const text = '# c\n[Options]\n  comparer=a=b\n\n[Level "0"]\n; c\nblock_size = 4096\n';
    const values = parseOptionsFile(text);
    expect(values.get('Options.comparer')).to.equal('a=b');
    expect(values.get('Level "0".block_size')).to.equal('4096');
    expect(malformedLine(text)).to.equal(undefined);
  });

  it('finds the line of OPTIONS at which Pebble refuses to open', () => {
    expect(malformedLine('[Options]\n  x=1\n  merge_oper\n y=2')).to.equal('  merge_oper');
    expect(malformedLine('[Lev')).to.equal('[Lev');
  });

  it('a foreign comparer stays, whatever is said after it', () => {
    const foreign = '[Options]\ncomparer=x\ncomparer=leveldb.BytewiseComparator\n';
    expect(parseOptionsFile(foreign).get('Options.comparer')).to.equal('x');
  });
});

describe('pebble/base spans', () => {
  const site = { path: 'x', offset: 5 };

  it('decodes a set with two suffixes, an unset and a delete', () => {
    const set = decodeSpans(21, 'a', 9n, Buffer.from('\x01c\x01@\x02v1\x00\x02v2', 'latin1'), site);
    expect(
      set.map((s) => [s.start, s.end, s.suffix, Buffer.from(s.value).toString()]),
    ).to.deep.equal([
      ['a', 'c', '@', 'v1'],
      ['a', 'c', '', 'v2'],
    ]);
    const unset = decodeSpans(20, 'a', 9n, Buffer.from('\x01c\x01@', 'latin1'), site);
    expect(unset.map((s) => s.suffix)).to.deep.equal(['@']);
    expect(decodeSpans(19, 'a', 9n, Buffer.from('zz'), site)[0]).to.include({
      end: 'zz',
      kind: 19,
    });
  });

  it('refuses a cut value', () => {
    expect(() => decodeSpans(21, 'a', 9n, Buffer.from('\x01c\x01@\x05v', 'latin1'), site))
      .to.throw(CorruptionError)
      .that.deep.include({ code: 'pebble-range-key', site });
  });
});
