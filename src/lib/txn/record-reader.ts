/**
 * Reads the fields of a transaction record and remembers the first failure, with the identity the
 * node's error has (spec/fsm-apply.md §3, "Length fields" and "Cut u64s"):
 *
 * - a record that ends inside a u64 field is `UnexpectedEOF` (v1 records only); one that ends exactly
 *   before a field, or inside the bytes a length announces, has no identity;
 * - the node allocates the announced length before it looks whether the bytes are there: above 2^48
 *   and below 2^63 the process dies of it.
 */
import { toByteString, type ByteString } from '../bytes/byte-string.js';
import { u64be } from '../bytes/read.js';
import { Fault } from '../mvcc/fault.js';

const U64_BYTES = 8;
/** Announced lengths that cannot be allocated on any machine, and those seen as negative. */
const PANIC_ABOVE = 1n << 48n;
const NEGATIVE_FROM = 1n << 63n;
/** From here on whether the memory is granted depends on the machine. */
const MEMORY_FROM = 1n << 31n;

const EMPTY = new Uint8Array(0);

export class RecordReader {
  private readonly bytes: Uint8Array;
  private readonly what: string;
  /** Whether a cut u64 has the identity `UnexpectedEOF`: all records but v2 meta. */
  private readonly namesCuts: boolean;
  private pos: number;
  fault: Fault | null = null;

  constructor(bytes: Uint8Array, what: string, namesCuts: boolean, pos: number) {
    this.bytes = bytes;
    this.what = what;
    this.namesCuts = namesCuts;
    this.pos = pos;
  }

  get left(): number {
    return this.bytes.length - this.pos;
  }

  u8(field: string): number {
    const value = this.bytes[this.pos];
    if (this.fault !== null || value === undefined) {
      this.bad(`ends before ${field}`);
      return 0;
    }
    this.pos++;
    return value;
  }

  u64be(field: string): bigint {
    if (this.fault !== null) return 0n;
    if (this.left >= U64_BYTES) {
      this.pos += U64_BYTES;
      return u64be(this.bytes, this.pos - U64_BYTES);
    }
    if (this.left > 0 && this.namesCuts) {
      const text = `${this.what} ends inside ${field}`;
      this.fault = new Fault('txn-record-cut', ['UnexpectedEOF'], text);
    } else {
      this.bad(`ends before ${field}`);
    }
    return 0n;
  }

  /** A u64 BE length, then that many bytes: a view. */
  lengthPrefixed(field: string): Uint8Array {
    const length = this.u64be(`${field} length`);
    if (this.fault !== null) return EMPTY;
    if (length > BigInt(this.left)) {
      this.fault = this.absent(field, length);
      return EMPTY;
    }
    this.pos += Number(length);
    return this.bytes.subarray(this.pos - Number(length), this.pos);
  }

  key(field: string): ByteString {
    return toByteString(this.lengthPrefixed(field));
  }

  /** Notes a failure without identity, unless an earlier one stands. */
  bad(text: string): void {
    this.fault ??= new Fault('txn-record-bad', [], `${this.what} ${text}`);
  }

  private absent(field: string, length: bigint): Fault {
    const text = `${this.what} announces ${length} B of ${field}, ${this.left} B left`;
    if (length > PANIC_ABOVE && length < NEGATIVE_FROM) {
      const died = `${text}: makeslice: len out of range`;
      return new Fault('txn-length-panic', [], died, { panic: true });
    }
    const code =
      length >= MEMORY_FROM && length < NEGATIVE_FROM ? 'txn-length-memory' : 'txn-record-bad';
    return new Fault(code, [], text);
  }
}

/** A reader behind a version byte of 0x01, the only one locks, intents and commit records have. */
export function openV1(bytes: Uint8Array, what: string): RecordReader {
  const reader = new RecordReader(bytes, what, true, 1);
  if (bytes.length === 0) reader.bad('is empty');
  else if (bytes[0] !== 1) reader.bad(`has version ${bytes[0]}`);
  return reader;
}
