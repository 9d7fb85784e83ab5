/** One field of a decoded structure, as a hexdump labels it. */
export interface Field {
  readonly name: string;
  /** Absolute offset in the file, or in the data where there is no file. */
  readonly offset: number;
  readonly length: number;
  /** Decimal numbers, hex bytes, text in quotes. */
  readonly value: string;
}
