/**
 * What a new file shall hold, as pieces: bytes made here, zeros, and ranges of files that exist. The
 * same pieces are written, read back against, hashed, and shown to a prediction before anything is
 * written.
 */
import { IoError } from '../core/errors.js';
import type { ByteSource } from './byte-source.js';
import { FileSource } from './file-source.js';

export type Piece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'zeros'; readonly length: number }
  /** A range of a file, `path` as the file system knows it. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly offset: number;
      readonly length: number;
    };

export function bytesPiece(bytes: Uint8Array): Piece {
  return { kind: 'bytes', bytes };
}

export function zerosPiece(length: number): Piece {
  return { kind: 'zeros', length };
}

export function filePiece(path: string, offset: number, length: number): Piece {
  return { kind: 'file', path, offset, length };
}

export function pieceLength(piece: Piece): number {
  return piece.kind === 'bytes' ? piece.bytes.length : piece.length;
}

export function contentSize(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + pieceLength(piece), 0);
}

/** The pieces as one file that can be read. Files are opened when they are first needed. */
export class ContentSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  private readonly pieces: readonly Piece[];
  private readonly open = new Map<string, FileSource>();

  constructor(path: string, pieces: readonly Piece[]) {
    this.path = path;
    this.pieces = pieces;
    this.size = contentSize(pieces);
  }

  readAt(offset: number, into: Uint8Array): number {
    let at = 0;
    let got = 0;
    for (const piece of this.pieces) {
      const length = pieceLength(piece);
      const from = offset + got - at;
      if (from < length && got < into.length) {
        const part = into.subarray(got, got + Math.min(into.length - got, length - from));
        this.readPiece(piece, from, part);
        got += part.length;
      }
      at += length;
    }
    return got;
  }

  close(): void {
    for (const source of this.open.values()) source.close();
    this.open.clear();
  }

  private readPiece(piece: Piece, from: number, into: Uint8Array): void {
    if (piece.kind === 'bytes') {
      into.set(piece.bytes.subarray(from, from + into.length));
    } else if (piece.kind === 'zeros') {
      into.fill(0);
    } else {
      const source = this.sourceOf(piece.path);
      const offset = piece.offset + from;
      if (source.readAt(offset, into) === into.length) return;
      throw new IoError('io-changed', 'the file is shorter than when it was first read', {
        site: { path: piece.path, offset },
      });
    }
  }

  private sourceOf(path: string): FileSource {
    let source = this.open.get(path);
    if (source === undefined) {
      source = new FileSource(path);
      this.open.set(path, source);
    }
    return source;
  }
}
