import { borrowRoom, returnRoom, ROOM_BYTES } from '../../bytes/kernel-memory.js';

/**
 * Memory of one scan: a block lies in it until the next one is read. That is a room in the kernels'
 * shared memory while the block fits and there is one to be had, else the heap.
 */
export class ScanRoom {
  private readonly lent: Set<ScanRoom>;
  private room: Uint8Array | undefined;
  private heap: Uint8Array = new Uint8Array(0);

  /** @param lent  those of the same reader that have a room */
  constructor(lent: Set<ScanRoom>) {
    this.lent = lent;
  }

  readonly allocate = (length: number): Uint8Array => {
    if (length <= ROOM_BYTES) {
      this.room ??= this.borrow();
      if (this.room !== undefined) return this.room.subarray(0, length);
    }
    if (length > this.heap.length) this.heap = new Uint8Array(2 * length);
    return this.heap.subarray(0, length);
  };

  /** Behind a scan: the block in it is gone. */
  release(): void {
    if (this.room === undefined) return;
    returnRoom(this.room);
    this.room = undefined;
    this.lent.delete(this);
  }

  private borrow(): Uint8Array | undefined {
    const room = borrowRoom();
    if (room !== undefined) this.lent.add(this);
    return room;
  }
}
