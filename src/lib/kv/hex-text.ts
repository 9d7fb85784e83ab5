/**
 * Text put together of characters and of hex digits of bytes, for whoever takes it in pieces. The
 * digits are made by a small WebAssembly module (hex-kernel.wat) in its own memory: of a store's
 * digest they are the most.
 */
import { startKernel, type KernelMemory } from '../bytes/wasm-kernel.js';
import { HEX_KERNEL_BASE64 } from './hex-kernel.js';

interface Kernel {
  readonly memory: KernelMemory;
  readonly hex: (length: number, out: number) => void;
}

/** As the kernel has it: bytes in front, text behind, and room for what it overwrites. */
const PIECE_BYTES = 0x8000;
const TEXT_AT = 0x10010;
const TEXT_BYTES = 0x20000;
/** Room that `hex` may need for a piece. */
const PIECE_TEXT_BYTES = 2 * PIECE_BYTES + 32;

export class HexText {
  private readonly take: (text: Uint8Array) => void;
  private readonly memory: Uint8Array;
  /** Undefined on an engine without SIMD. */
  private readonly kernel = startKernel(HEX_KERNEL_BASE64) as Kernel | undefined;
  private used = TEXT_AT;

  /** @param take  sees the text in order; borrowed for the call */
  constructor(take: (text: Uint8Array) => void) {
    this.take = take;
    const buffer = this.kernel?.memory.buffer ?? new ArrayBuffer(TEXT_AT + TEXT_BYTES);
    this.memory = new Uint8Array(buffer);
  }

  char(code: number): void {
    if (this.used === TEXT_AT + TEXT_BYTES) this.flush();
    this.memory[this.used++] = code;
  }

  hex(bytes: Uint8Array): void {
    if (bytes.length <= PIECE_BYTES) {
      this.piece(bytes);
      return;
    }
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      this.piece(bytes.subarray(from, from + PIECE_BYTES));
    }
  }

  flush(): void {
    this.take(this.memory.subarray(TEXT_AT, this.used));
    this.used = TEXT_AT;
  }

  private piece(bytes: Uint8Array): void {
    const { kernel, memory } = this;
    const n = bytes.length;
    if (this.used + PIECE_TEXT_BYTES > TEXT_AT + TEXT_BYTES) this.flush();
    if (kernel === undefined) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, n).toString('hex');
      memory.set(Buffer.from(text, 'latin1'), this.used);
    } else {
      memory.set(bytes);
      kernel.hex(n, this.used);
    }
    this.used += 2 * n;
  }
}
