import { borrowRoom, returnRoom } from '../../src/lib/bytes/kernel-memory.js';

/** All rooms that nobody has; the caller gives them back. */
export function borrowAllRooms(): Uint8Array[] {
  const rooms: Uint8Array[] = [];
  for (let room = borrowRoom(); room !== undefined; room = borrowRoom()) rooms.push(room);
  return rooms;
}

export function freeRooms(): number {
  const rooms = borrowAllRooms();
  for (const room of rooms) returnRoom(room);
  return rooms.length;
}
