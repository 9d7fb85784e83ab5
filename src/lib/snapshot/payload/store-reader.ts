import { size64le, u64le } from '../../bytes/read.js';
import type { ErrorCode } from '../../core/codes/all.js';
import type { Pace } from '../../core/pace.js';
import type { Site } from '../../core/site.js';
import type { Window } from '../../io/window.js';
import { eofFault, FsmFault } from '../fsm-fault.js';

/** A bound of the format with the node's error for a length above it. */
export interface LengthLimit {
  readonly max: number;
  readonly code: ErrorCode;
  readonly nodeError: string;
  /** The node's text behind `length N > MAX: `. */
  readonly text: string;
}

/**
 * Reads the fields of a store payload in order, with the node's errors for early ends and lengths
 * above a limit, and gives the event loop its turn once per chunk.
 */
export class StoreReader {
  readonly window: Window;
  private readonly pace: Pace;
  private paced: number;

  constructor(window: Window, pace: Pace) {
    this.window = window;
    this.pace = pace;
    this.paced = window.fetched;
  }

  site(): Site {
    return { path: this.window.source.path, offset: this.window.offset };
  }

  /** Whether a chunk has come in since the last `breathe`. */
  get due(): boolean {
    return this.window.fetched !== this.paced;
  }

  async breathe(): Promise<void> {
    const bytes = this.window.fetched - this.paced;
    this.paced = this.window.fetched;
    await this.pace.step(bytes);
  }

  /** Makes a field's bytes available at `window.pos`. The caller has checked the length. */
  need(length: number, field: string): void {
    if (!this.window.ensure(length)) throw this.eof(field, length);
  }

  eof(field: string, needed: number | bigint): FsmFault {
    const left = this.window.left;
    return eofFault('fsm-payload-cut', 'payload', field, needed, left, this.site());
  }

  u32le(field: string): number {
    this.need(4, field);
    const { bytes, pos } = this.window;
    this.window.pos += 4;
    return (
      (bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24)) >>>
      0
    );
  }

  u64le(field: string): bigint {
    this.need(8, field);
    this.window.pos += 8;
    return u64le(this.window.bytes, this.window.pos - 8);
  }

  /** A u64 LE length or count. @throws {FsmFault} above the limit, before what it announces is read */
  length(field: string, limit: LengthLimit): number {
    this.need(8, field);
    const { bytes, pos } = this.window;
    const length = size64le(bytes, pos);
    if (length < 0 || length > limit.max) throw this.tooLarge(field, u64le(bytes, pos), limit);
    this.window.pos += 8;
    return length;
  }

  /** Passes over bytes; `see` is shown them in pieces. */
  async skip(length: number, field: string, see?: (piece: Uint8Array) => void): Promise<void> {
    if (length > this.window.left) throw this.eof(field, length);
    let left = length;
    while (left > 0) {
      const piece = this.window.takeUpTo(left);
      see?.(piece);
      left -= piece.length;
      if (this.due) await this.breathe();
    }
  }

  private tooLarge(field: string, length: bigint, limit: LengthLimit): FsmFault {
    return new FsmFault(limit.code, `${field} is ${length}, at most ${limit.max}`, {
      site: this.site(),
      stage: 'payload',
      nodeErrors: [limit.nodeError],
      nodeText: `length ${length} > ${limit.max}: ${limit.text}`,
    });
  }
}
