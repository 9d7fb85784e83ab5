/**
 * Where the indexes of one node stand on one axis of so many columns: the layout behind the index
 * line in text and in HTML. To scale between the lettered marks where there is room; every mark keeps
 * its order, and marks that differ get columns that differ. Pure, u64 throughout.
 */
/** What is drawn. Null: there is none, or it is not known. */
export interface IndexLine {
  /** S: the snapshot the boot starts from. */
  readonly snapshot: bigint | null;
  /** H: what `fsm.db` says it has applied. */
  readonly applied: bigint | null;
  /** C: the saved commit. */
  readonly commit: bigint | null;
  /** T: the last entry of the log. */
  readonly tail: bigint | null;
  /** The first entry of the log. */
  readonly first: bigint | null;
  /** F: raft delivers the entries above it, */
  readonly floor: bigint | null;
  /** up to this one. Null: the boot delivers none. */
  readonly deliveredTo: bigint | null;
  /** Entries up to it are duplicates for the state machine. */
  readonly duplicatesTo: bigint | null;
  /** Indexes of all snapshots on the disk. */
  readonly snapshots: readonly bigint[];
  /** Index at which each segment of the log begins. */
  readonly segments: readonly bigint[];
}

/** Columns, both included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Mark {
  readonly index: bigint;
  readonly at: number;
  /** `S`, `H`, `C`, `T`, `F`: those that stand at this index. */
  readonly letters: string;
}

export interface IndexLayout {
  readonly columns: number;
  /** In the order of their indexes; a later one is never left of an earlier one. */
  readonly marks: readonly Mark[];
  readonly committed: Span | null;
  readonly uncommitted: Span | null;
  readonly store: Span | null;
  readonly duplicates: Span | null;
  readonly fresh: Span | null;
  /** Columns. */
  readonly snapshots: readonly number[];
  readonly used: number | null;
  readonly segments: readonly number[];
}

export const LETTERS = ['S', 'H', 'C', 'T', 'F'] as const;
export type Letter = (typeof LETTERS)[number];

/** Which letters stand at which index. */
export function lettersOf(line: IndexLine): Map<bigint, string> {
  const { snapshot: S, applied: H, commit: C, tail: T } = line;
  const F = line.floor === S ? null : line.floor;
  const values: Readonly<Record<Letter, bigint | null>> = { S, H, C, T, F };
  const found = new Map<bigint, string>();
  for (const letter of LETTERS) {
    const index = values[letter];
    if (index !== null) found.set(index, (found.get(index) ?? '') + letter);
  }
  return found;
}

function hasLog({ first, tail }: IndexLine): boolean {
  return first !== null && tail !== null && first <= tail;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}

/** Every index that gets a column of its own if there is room, ascending. */
function valuesOf(line: IndexLine, letters: ReadonlyMap<bigint, string>): bigint[] {
  const values = new Set([...letters.keys(), ...line.snapshots]);
  if (line.floor !== null) values.add(line.floor);
  if (line.deliveredTo !== null) values.add(line.deliveredTo);
  if (line.duplicatesTo !== null) values.add(line.duplicatesTo);
  if (hasLog(line)) {
    values.add(line.first as bigint);
    for (const index of segmentsIn(line)) values.add(index);
  }
  return [...values].sort(compare);
}

/** A segment's name may lie far below its first entry that is still of use. */
function segmentsIn(line: IndexLine): bigint[] {
  const { first, tail } = line;
  if (!hasLog(line) || first === null || tail === null) return [];
  return line.segments
    .filter((index) => index <= tail)
    .map((index) => (index < first ? first : index));
}

/**
 * A column for every value: first the columns that each has to be apart from the next, then the rest
 * in proportion to the distances between the lettered marks; snapshots outside of them stand close
 * by, or they would squeeze what matters. What does not fit gives way in steps: room for letters, columns of
 * marks without a letter, in the end all.
 */
function columnsOf(
  values: readonly bigint[],
  letters: ReadonlyMap<bigint, string>,
  columns: number,
): number[] {
  const steps: readonly ((text: string) => number)[] = [
    (text) => text.length + 1,
    (text) => (text === '' ? 0 : text.length + 1),
    (text) => (text === '' ? 0 : 1),
    () => 0,
  ];
  const keys = values.filter((value) => letters.has(value));
  const low = keys[0] ?? values[0] ?? 0n;
  const high = keys.at(-1) ?? values.at(-1) ?? 0n;
  const span = high - low;
  for (const step of steps) {
    const apart: number[] = [];
    let total = 0;
    for (const value of values) {
      apart.push(total);
      total += step(letters.get(value) ?? '');
    }
    const needed = apart.at(-1) ?? 0;
    const lastText = letters.get(values.at(-1) ?? 0n) ?? '';
    const spare = columns - Math.max(1, lastText.length) - needed;
    if (spare < 0) continue;
    return values.map((value, i) => {
      const inside = value < low ? low : least(value, high);
      const share = span === 0n ? 0n : (BigInt(spare) * (inside - low)) / span;
      return (apart[i] ?? 0) + Number(share);
    });
  }
  return values.map(() => 0);
}

/** @param columns  at least 1 */
export function layoutIndexLine(line: IndexLine, columns: number): IndexLayout {
  const letters = lettersOf(line);
  const values = valuesOf(line, letters);
  const places = columnsOf(values, letters, columns);
  const at = new Map(values.map((value, i) => [value, places[i] ?? 0]));
  const column = (index: bigint): number => at.get(index) ?? 0;
  const marks = [...letters]
    .map(([index, text]) => ({ index, at: column(index), letters: text }))
    .sort((a, b) => compare(a.index, b.index));
  const { first, tail, commit, applied, floor, deliveredTo: reach, duplicatesTo } = line;
  const log = hasLog(line) ? { from: column(first as bigint), to: column(tail as bigint) } : null;
  const end = commit === null || log === null ? null : Math.min(column(commit), log.to);
  const duplicate = duplicatesTo !== null && reach !== null ? least(duplicatesTo, reach) : null;
  return {
    columns,
    marks,
    committed: log && end !== null ? spanOf(log.from, end) : null,
    uncommitted: log && spanOf(end === null ? log.from : Math.max(end + 1, log.from), log.to),
    store: applied === null ? null : { from: 0, to: column(applied) },
    duplicates: above(floor, duplicate, column),
    fresh: above(most(floor, duplicate), reach, column),
    snapshots: [...new Set(line.snapshots.map(column))],
    used: line.snapshot === null ? null : column(line.snapshot),
    segments: [...new Set(segmentsIn(line).map(column))],
  };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function most(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a;
  return a > b ? a : b;
}

function spanOf(from: number, to: number): Span | null {
  return from <= to ? { from, to } : null;
}

/** The columns of the indexes above `low` and up to `high`. */
function above(
  low: bigint | null,
  high: bigint | null,
  column: (index: bigint) => number,
): Span | null {
  if (low === null || high === null || low >= high) return null;
  return { from: Math.min(column(low) + 1, column(high)), to: column(high) };
}
