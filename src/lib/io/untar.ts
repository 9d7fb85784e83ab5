/**
 * Unpacks the tarballs that tests and the bundled sample come in: ustar with GNU's old sparse files
 * (type `S`), which keep a 64 MB preallocated WAL segment small in the archive and on the disk.
 *
 * | at | bytes | header field | | at | bytes | sparse header (`S`) |
 * |---|---|---|---|---|---|---|
 * | 0 | 100 | name | | 386 | 4 × 24 | offset, length: octal, 12 each |
 * | 100 | 8 | mode, octal | | 482 | 1 | more maps follow |
 * | 124 | 12 | size, octal | | 483 | 12 | real size, octal |
 * | 136 | 12 | mtime, octal | | | | |
 * | 156 | 1 | type | | | | |
 * | 345 | 155 | prefix | | | | |
 */
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CorruptionError } from '../core/errors.js';

const BLOCK = 512;
const MAP_ENTRY = 24;

interface SparsePiece {
  readonly offset: number;
  readonly length: number;
}

interface TarEntry {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly mtime: number;
  readonly realSize: number;
  readonly pieces: readonly SparsePiece[];
  /** Position of the stored bytes in the archive, and how many there are. */
  readonly dataPos: number;
  readonly dataLength: number;
}

function text(b: Uint8Array, pos: number, length: number): string {
  const field = Buffer.from(b.buffer, b.byteOffset + pos, length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

function octal(b: Uint8Array, pos: number, length: number): number {
  return Number.parseInt(text(b, pos, length).trim() || '0', 8);
}

function sparsePieces(b: Uint8Array, pos: number, count: number): SparsePiece[] {
  const pieces: SparsePiece[] = [];
  for (let i = 0; i < count; i++) {
    const at = pos + i * MAP_ENTRY;
    if (b[at] === 0) break;
    pieces.push({ offset: octal(b, at, 12), length: octal(b, at + 12, 12) });
  }
  return pieces;
}

function* entriesOf(tar: Uint8Array, path: string): Generator<TarEntry> {
  let pos = 0;
  while (pos + BLOCK <= tar.length && tar[pos] !== 0) {
    const header = tar.subarray(pos, pos + BLOCK);
    const type = String.fromCharCode(header[156] ?? 0);
    const prefix = type === 'S' ? '' : text(header, 345, 155);
    const dataLength = octal(header, 124, 12);
    let dataPos = pos + BLOCK;
    const pieces =
      type === 'S' ? sparsePieces(header, 386, 4) : [{ offset: 0, length: dataLength }];
    let more = type === 'S' && header[482] !== 0;
    while (more) {
      const block = tar.subarray(dataPos, dataPos + BLOCK);
      pieces.push(...sparsePieces(block, 0, 21));
      more = block[504] !== 0;
      dataPos += BLOCK;
    }
    if (dataPos + dataLength > tar.length) {
      throw new CorruptionError('truncated', 'archive ends inside a file', {
        site: { path, offset: pos },
      });
    }
    yield {
      name: prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`,
      type,
      mode: octal(header, 100, 8),
      mtime: octal(header, 136, 12),
      realSize: type === 'S' ? octal(header, 483, 12) : dataLength,
      pieces,
      dataPos,
      dataLength,
    };
    pos = dataPos + Math.ceil(dataLength / BLOCK) * BLOCK;
  }
}

function writeEntry(tar: Uint8Array, entry: TarEntry, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const fd = openSync(target, 'w', 0o600);
  try {
    let from = entry.dataPos;
    for (const piece of entry.pieces) {
      if (piece.length > 0) writeSync(fd, tar, from, piece.length, piece.offset);
      from += piece.length;
    }
    ftruncateSync(fd, entry.realSize);
  } finally {
    closeSync(fd);
  }
  chmodSync(target, entry.mode);
  utimesSync(target, entry.mtime, entry.mtime);
}

/** Unpacks `archive` (.tar.gz) below `into`. Names that would leave `into` are refused. */
export function untar(archive: string, into: string): void {
  const tar = gunzipSync(readFileSync(archive));
  const directories: TarEntry[] = [];
  for (const entry of entriesOf(tar, archive)) {
    const name = normalize(entry.name);
    if (name.startsWith('..') || name.startsWith('/')) {
      throw new CorruptionError('archive-unsafe-name', `name leaves the archive: ${entry.name}`, {
        site: { path: archive },
      });
    }
    const target = join(into, name);
    if (entry.type === '5') {
      mkdirSync(target, { recursive: true });
      directories.push(entry);
    } else if (entry.type === '0' || entry.type === 'S') {
      writeEntry(tar, entry, target);
    } else {
      throw new CorruptionError('archive-unsafe-name', `entry type ${entry.type}: ${entry.name}`, {
        site: { path: archive },
      });
    }
  }
  // Modes of directories come last: one without write permission would stop its own content.
  for (const entry of directories.reverse()) chmodSync(join(into, entry.name), entry.mode);
}
