import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { returnRoom, ROOM_BYTES, SHARED_BUFFER } from '../../../../src/lib/bytes/kernel-memory.js';
import { ToolError } from '../../../../src/lib/core/errors.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';
import type { InternalIterator } from '../../../../src/lib/pebble/base/internal-iterator.js';
import { BlockCache } from '../../../../src/lib/pebble/sstable/block-cache.js';
import { ScanRoom } from '../../../../src/lib/pebble/sstable/scan-room.js';
import { openTable, type Table } from '../../../../src/lib/pebble/sstable/table.js';
import { FIXTURES } from '../../../support/fixtures.js';
import { borrowAllRooms, freeRooms } from '../../../support/kernel-rooms.js';

/** With blocks enough for a scan, rows and columns, compressed and not. */
const NAMES = [
  'v2-two-level-snappy',
  'v4-two-level-snappy',
  'v4-zstd',
  'v1-one-level-xxhash',
  'v4-one-level-xxhash',
  'v6-minlz',
  'v7-two-level-snappy',
];

/** Keeps no block: every one is read anew. */
const open = (name: string): Table =>
  openTable(new MemorySource('t.sst', readFileSync(join(FIXTURES, 'sstables', `${name}.sst`))), {
    cache: new BlockCache(0),
  });

const shown = (points: InternalIterator): string =>
  `${Buffer.from(points.userKey).toString('hex')} ${points.kind} ${points.seqLow}`;

/** Values too where they lie in the table itself. */
function entry(points: InternalIterator): string {
  if (points.rows.valuePlace(points.row) !== 0) return shown(points);
  return `${shown(points)} ${Buffer.from(points.value).toString('hex')}`;
}

function walk(points: InternalIterator): string[] {
  const entries: string[] = [];
  for (let on = points.first(); on; on = points.next()) entries.push(entry(points));
  return entries;
}

describe('room of a scan', () => {
  it('is to be had: tests in front of this one ended their scans', () => {
    expect(freeRooms()).to.be.above(2 * NAMES.length);
  });

  it('is one of the shared memory while the block fits and there is one', () => {
    const lent = new Set<ScanRoom>();
    const room = new ScanRoom(lent);
    const free = freeRooms();
    expect(lent.size).to.equal(0);
    expect(room.allocate(100).buffer).to.equal(SHARED_BUFFER);
    expect(room.allocate(ROOM_BYTES)).to.have.length(ROOM_BYTES);
    expect(room.allocate(ROOM_BYTES + 1).buffer).to.not.equal(SHARED_BUFFER);
    expect([...lent]).to.deep.equal([room]);
    expect(freeRooms()).to.equal(free - 1);
    room.release();
    room.release();
    expect(lent.size).to.equal(0);
    expect(freeRooms()).to.equal(free);
    const taken = borrowAllRooms();
    expect(room.allocate(100).buffer).to.not.equal(SHARED_BUFFER);
    expect(lent.size).to.equal(0);
    for (const each of taken) returnRoom(each);
  });

  it('shows what the heap would, and comes back at the end of the table', () => {
    const free = freeRooms();
    let least = free;
    for (const name of NAMES) {
      const taken = borrowAllRooms();
      const expected = walk(open(name).points());
      for (const each of taken) returnRoom(each);
      const points = open(name).points();
      const entries: string[] = [];
      for (let on = points.first(); on; on = points.next()) {
        entries.push(entry(points));
        least = Math.min(least, freeRooms());
      }
      expect(entries, name).to.deep.equal(expected);
      expect(freeRooms(), name).to.equal(free);
      // Once more: nothing may be left of the block that lay in the room.
      expect(walk(points), name).to.deep.equal(expected);
    }
    expect(least).to.be.below(free);
  });

  it('is another for every scan that goes on at the same time', () => {
    const free = freeRooms();
    const expected = NAMES.map((name) => walk(open(name).points()));
    const tables = NAMES.map(open);
    // Two of each table, the second some entries behind the first.
    const scans = tables.flatMap((table, i) =>
      [0, 7].map((late) => ({ i, late, points: table.points(), entries: [] as string[] })),
    );
    for (let step = 0, live = scans.length; live > 0; step++) {
      live = 0;
      for (const { late, points, entries } of scans) {
        if (step < late) live++;
        if (step < late || (step > late && !points.valid)) continue;
        if (step === late ? points.first() : points.next()) {
          entries.push(entry(points));
          live++;
        }
      }
    }
    for (const { i, entries } of scans) expect(entries).to.deep.equal(expected[i]);
    expect(freeRooms()).to.equal(free);
  });

  it('is not another for an entry that is looked at while others move', () => {
    const still = open('v4-two-level-snappy').points();
    still.first();
    for (let n = 0; n < 100; n++) still.next();
    const { value } = still;
    expect(value.buffer).to.equal(SHARED_BUFFER);
    const before = Buffer.from(value).toString('hex');
    for (const name of NAMES) walk(open(name).points());
    expect(Buffer.from(value).toString('hex')).to.equal(before);
    expect(still.seek('')).to.equal(true);
    expect(walk(still)).to.deep.equal(walk(open('v4-two-level-snappy').points()));
  });

  it('comes back from a scan that meets damage', () => {
    const free = freeRooms();
    const file = readFileSync(join(FIXTURES, 'sstables', 'v4-two-level-snappy.sst'));
    let faults = 0;
    for (let at = 0; at < file.length; at += 97) {
      const bad = Buffer.from(file);
      bad[at]! ^= 0x55;
      try {
        const cache = new BlockCache(0);
        walk(openTable(new MemorySource('t.sst', bad), { cache }).points());
      } catch (error) {
        expect(error).to.be.instanceOf(ToolError);
        faults++;
      }
      expect(freeRooms()).to.equal(free);
    }
    expect(faults).to.be.above(50);
  });

  it('comes back from a scan that was not walked to its end', () => {
    const free = freeRooms();
    const table = open('v4-two-level-snappy');
    for (let scan = 0; scan < 3; scan++) {
      const points = table.points();
      points.first();
      for (let n = 0; n < 100; n++) points.next();
      expect(freeRooms()).to.be.below(free);
    }
    table.endScans();
    expect(freeRooms()).to.equal(free);
    const left = table.points();
    left.first();
    for (let n = 0; n < 100; n++) left.next();
    expect(freeRooms()).to.be.below(free);
    left.endScan();
    expect(left.valid).to.equal(false);
    expect(freeRooms()).to.equal(free);
    expect(walk(table.points())).to.deep.equal(walk(open('v4-two-level-snappy').points()));
  });
});
