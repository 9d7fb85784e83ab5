import { expect } from 'chai';
import {
  borrowRoom,
  returnRoom,
  ROOM_BYTES,
  ROOM_COUNT,
  ROW_PART_AT,
  ROW_PART_BYTES,
  SHARED_BUFFER,
  SHARED_BYTES,
  SHARED_MEMORY,
  SLACK_BYTES,
} from '../../../src/lib/bytes/kernel-memory.js';
import { borrowChunk, returnChunk } from '../../../src/lib/checksum/crc32c.js';
import { BugError } from '../../../src/lib/core/errors.js';
import { borrowAllRooms, freeRooms } from '../../support/kernel-rooms.js';

describe('bytes: memory that the kernels share', () => {
  it('lends every room to one borrower, and says when there is none', () => {
    const before = freeRooms();
    expect(before).to.be.within(1, ROOM_COUNT);
    const rooms = borrowAllRooms();
    expect(rooms).to.have.length(before);
    expect(borrowRoom()).to.equal(undefined);
    // Each lot of bytes has one owner: what one writes no other sees.
    for (const [i, room] of rooms.entries()) room.fill(i + 1);
    for (const [i, room] of rooms.entries()) {
      expect(room).to.have.length(ROOM_BYTES);
      expect(room.every((byte) => byte === i + 1)).to.equal(true);
    }
    for (const room of rooms) returnRoom(room);
    expect(freeRooms()).to.equal(before);
  });

  it('lends a room again when it has come back, and no sooner', () => {
    const rooms = borrowAllRooms();
    const at = (room: Uint8Array | undefined): number | undefined => room?.byteOffset;
    const [first, second] = rooms;
    returnRoom(second!);
    returnRoom(first!);
    const again = [borrowRoom(), borrowRoom()];
    expect(again.map(at).sort()).to.deep.equal([first, second].map(at).sort());
    expect(borrowRoom()).to.equal(undefined);
    for (const room of rooms) returnRoom(room);
  });

  it('takes no room twice, nor what never was one', () => {
    const room = borrowRoom()!;
    expect(() => returnRoom(room.subarray(8))).to.throw(BugError);
    expect(() => returnRoom(new Uint8Array(ROOM_BYTES))).to.throw(BugError);
    returnRoom(room);
    expect(() => returnRoom(room)).to.throw(BugError);
  });

  it('has slack behind every room, and no room in what the kernels keep', () => {
    const chunk = borrowChunk();
    expect(chunk.buffer).to.equal(SHARED_BUFFER);
    expect(chunk.byteOffset + chunk.length).to.be.at.most(ROW_PART_AT);
    returnChunk(chunk);
    const rooms = borrowAllRooms();
    let end = ROW_PART_AT + ROW_PART_BYTES;
    for (const { byteOffset, length } of rooms.toSorted((a, b) => a.byteOffset - b.byteOffset)) {
      expect(byteOffset).to.be.at.least(end);
      end = byteOffset + length + SLACK_BYTES;
    }
    expect(end).to.be.at.most(SHARED_BYTES.length);
    for (const room of rooms) returnRoom(room);
  });

  it('does not grow: views of it stay good', () => {
    expect(() => SHARED_MEMORY.grow(1)).to.throw(RangeError);
    expect(SHARED_MEMORY.buffer).to.equal(SHARED_BUFFER);
  });
});
