/**
 * Tables written by Pebble v2.1.5 in every format (tools/pebble-oracle/sstables), and what its own
 * reader shows of them, as stored and under each kind of exposure.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { toByteString } from '../../../../src/lib/bytes/byte-string.js';
import { hex } from '../../../../src/lib/bytes/hex.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';
import type { Span } from '../../../../src/lib/pebble/base/internal-iterator.js';
import { seqNumOf } from '../../../../src/lib/pebble/base/internal-key.js';
import { BlockCache } from '../../../../src/lib/pebble/sstable/block-cache.js';
import type { ExposureOptions } from '../../../../src/lib/pebble/sstable/exposure.js';
import { openTable, type Table } from '../../../../src/lib/pebble/sstable/table.js';
import { FIXTURES } from '../../../support/fixtures.js';

interface View {
  readonly name: string;
  readonly seqNum?: number;
  readonly prefix?: string;
  readonly lower?: string;
  readonly upper?: string;
  readonly points: number;
  readonly spans: number;
  readonly sha256: string;
}

const DIR = join(FIXTURES, 'sstables');
const TABLES = JSON.parse(readFileSync(join(DIR, 'manifest.json'), 'utf8')) as {
  name: string;
  views: View[];
}[];

const unhexKey = (text: string): string => Buffer.from(text, 'hex').toString('latin1');
const hexKey = (key: string): string => Buffer.from(key, 'latin1').toString('hex');

function exposureOf(view: View): ExposureOptions {
  return {
    globalSeqNum: view.seqNum === undefined ? undefined : BigInt(view.seqNum),
    syntheticPrefix: unhexKey(view.prefix ?? ''),
    bounds:
      view.upper === undefined
        ? undefined
        : {
            lower: unhexKey(view.lower ?? ''),
            upper: unhexKey(view.upper),
            upperInclusive: false,
          },
  };
}

function open(bytes: Uint8Array, exposure: ExposureOptions, cacheBytes = 1 << 20): Table {
  return openTable(new MemorySource('t.sst', bytes), {
    cache: new BlockCache(cacheBytes),
    ...exposure,
  });
}

function pointLines(table: Table): string[] {
  const lines: string[] = [];
  const points = table.points();
  for (let ok = points.first(); ok; ok = points.next()) {
    const seqNum = seqNumOf(points.seqHigh, points.seqLow);
    lines.push(`P ${hex(points.userKey)} ${points.kind} ${seqNum} ${hex(points.value)}\n`);
  }
  return lines;
}

function spanLine(span: Span): string {
  const { start, end, kind, seqNum, suffix, value } = span;
  return `S ${hexKey(start)} ${hexKey(end)} ${kind} ${seqNum} ${hexKey(suffix)} ${hex(value)}\n`;
}

const sha256 = (lines: readonly string[]): string =>
  createHash('sha256').update(lines.join('')).digest('hex');

/** The same table under another footer: what the older formats differ in is the footer alone. */
function withFooter(bytes: Uint8Array, footer: 'leveldb' | 'rocksdb'): Uint8Array {
  const v1 = Buffer.from(bytes.subarray(bytes.length - 53));
  const body = Buffer.from(bytes.subarray(0, bytes.length - 53));
  if (footer === 'leveldb') {
    return Buffer.concat([body, v1.subarray(1, 41), Buffer.from('57fb808b247547db', 'hex')]);
  }
  v1.writeUInt32LE(2, 41);
  Buffer.from('f7cff485b741e288', 'hex').copy(v1, 45);
  return Buffer.concat([body, v1]);
}

describe('tables written by Pebble', () => {
  for (const { name, views } of TABLES) {
    const bytes = readFileSync(join(DIR, `${name}.sst`));

    for (const view of views) {
      it(`${name} shows what Pebble shows: ${view.name}`, () => {
        const table = open(bytes, exposureOf(view));
        const lines = pointLines(table);
        expect(lines.length).to.equal(view.points);
        if (view.upper === undefined) {
          lines.push(...[...table.rangeDels(), ...table.rangeKeys()].map(spanLine));
          expect(lines.length).to.equal(view.points + view.spans);
        }
        expect(sha256(lines)).to.equal(view.sha256);
      });
    }

    it(`${name} reads the same through a cache that keeps nothing`, () => {
      expect(pointLines(open(bytes, {}, 0))).to.deep.equal(pointLines(open(bytes, {})));
    });

    it(`${name} seeks to every key, before and behind it`, () => {
      for (const view of views) {
        const table = open(bytes, exposureOf(view));
        const keys: string[] = [];
        const points = table.points();
        for (let ok = points.first(); ok; ok = points.next()) {
          const key = toByteString(points.userKey);
          if (key !== keys.at(-1)) keys.push(key);
        }
        const seeker = table.points();
        const seek = (target: string): string | undefined =>
          seeker.seek(target) ? toByteString(seeker.userKey) : undefined;
        expect(seek('')).to.equal(keys[0]);
        expect(seek('\xff\xff')).to.equal(undefined);
        for (const [i, key] of keys.entries()) {
          expect(seek(key)).to.equal(key);
          expect(seek(`${key}\0`)).to.equal(keys[i + 1]);
          expect(seek(key.slice(0, -1)) ?? '').to.satisfy((k: string) => k <= key && k >= keys[0]!);
        }
      }
    });

    it(`${name} gives all versions of a key from its seek on`, () => {
      const lines = pointLines(open(bytes, {}));
      const seeker = open(bytes, {}).points();
      const first = new Map<string, number>();
      for (const [i, line] of lines.entries()) {
        const key = line.split(' ')[1]!;
        if (!first.has(key)) first.set(key, i);
      }
      for (const [key, at] of first) {
        expect(seeker.seek(unhexKey(key))).to.equal(true);
        for (let i = at; i < lines.length && lines[i]!.split(' ')[1] === key; i++) {
          const seqNum = seqNumOf(seeker.seqHigh, seeker.seqLow);
          const line = `P ${hex(seeker.userKey)} ${seeker.kind} ${seqNum} ${hex(seeker.value)}\n`;
          expect(line).to.equal(lines[i]);
          seeker.next();
        }
      }
    });
  }

  for (const footer of ['leveldb', 'rocksdb'] as const) {
    it(`v1 bytes read the same under a ${footer} footer`, () => {
      const v1 = TABLES.filter(({ name }) => name.startsWith('v1-') && !name.includes('xxhash'));
      expect(v1).to.have.length.above(1);
      for (const { name } of v1) {
        const bytes = readFileSync(join(DIR, `${name}.sst`));
        const table = open(withFooter(bytes, footer), {});
        expect(table.format.name.toLowerCase()).to.include(footer);
        expect(pointLines(table)).to.deep.equal(pointLines(open(bytes, {})));
        expect(table.rangeDels()).to.deep.equal(open(bytes, {}).rangeDels());
      }
    });
  }
});
