import type { ByteString } from '../../bytes/byte-string.js';
import type { Span } from '../base/internal-iterator.js';
import type { PointRows } from '../base/point-rows.js';
import type { Version } from '../manifest/version.js';
import type { MemLayer } from '../wal/mem-layer.js';
import type { Replay } from '../wal/replay.js';
import { Layer } from './layer.js';
import { LayerTable, type TableFiles } from './layer-table.js';
import { Tombstones } from './tombstones.js';

/** Everything that holds entries, newest first (spec/pebble.md §5.2). */
export interface Layers {
  readonly mem: MemLayer;
  /** Range tombstones of the WALs, excises included. */
  readonly memTombstones: Tombstones;
  /** Range tombstones and range keys of the WALs. */
  readonly memSpans: readonly Span[];
  /** Tables of replayed ingest records; their numbers interleave with those of `mem`. */
  readonly ingested: readonly Layer[];
  /** L0 newest first, then L1 to L6. */
  readonly levels: readonly Layer[];
  /** Every table of all of them. */
  readonly tables: readonly LayerTable[];
}

export function makeLayers(files: TableFiles, version: Version, replay: Replay): Layers {
  const ingested = replay.ingested.map((table) => LayerTable.ingested(files, table)).reverse();
  const levels = version.levels.map((tables) => tables.map((meta) => LayerTable.live(files, meta)));
  const [l0 = [], ...deeper] = levels;
  const newestFirst = [...l0].reverse();
  return {
    mem: replay.mem,
    memTombstones: new Tombstones(replay.spans),
    memSpans: replay.spans,
    ingested: ingested.map((table) => new Layer([table])),
    levels: [
      ...newestFirst.map((table) => new Layer([table])),
      ...deeper.filter((tables) => tables.length > 0).map((tables) => new Layer(tables)),
    ].filter((layer) => layer.tables.length > 0),
    tables: [...ingested, ...newestFirst, ...deeper.flat()],
  };
}

/** The highest range tombstone over a key, remembered for as far as it holds. */
export class CoverSweep {
  seqHigh = 0;
  seqLow = 0;
  private readonly layers: Layers;
  /** The first key for which it may be another. */
  until: ByteString | undefined;
  private settled = false;

  constructor(layers: Layers) {
    this.layers = layers;
  }

  /** Before a movement that is not forward. */
  reset(): void {
    this.settled = false;
  }

  /** True while what was found for an earlier key also holds for this one, which lies behind it. */
  holdsFor(rows: PointRows, row: number): boolean {
    const { until } = this;
    return this.settled && (until === undefined || rows.compareTo(row, until) < 0);
  }

  find(key: ByteString): void {
    const { memTombstones, ingested, levels } = this.layers;
    let { seqNum, until } = memTombstones.at(key);
    for (const layers of [ingested, levels]) {
      for (const layer of layers) {
        const cover = layer.cover(key);
        if (cover.seqNum > seqNum) seqNum = cover.seqNum;
        if (cover.until !== undefined && (until === undefined || cover.until < until)) {
          until = cover.until;
        }
      }
    }
    this.seqHigh = Number(seqNum >> 32n);
    this.seqLow = Number(seqNum & 0xffff_ffffn);
    this.until = until;
    this.settled = true;
  }
}
