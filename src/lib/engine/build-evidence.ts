/**
 * Which generation of builds a node must run, as far as its files show it: what only newer builds
 * write, and older ones refuse (spec/etcd-wal.md §7.1).
 */
import { u32be } from '../bytes/read.js';
import { IoError } from '../core/errors.js';
import { readRange } from '../io/byte-source.js';
import type { DirSource } from '../io/dir-source.js';
import { PEERS_FILE } from '../raft/peers/peers-file.js';
import { DEFAULT_GENERATION, type GenerationName } from './generation.js';

export interface BuildEvidence {
  readonly generation: GenerationName;
  /** What shows it; null where nothing does and the default stands. */
  readonly why: string | null;
}

const VERSION_END = 8;
const NEWER_PEERS_VERSION = 3;

export function generationShown(group: DirSource): BuildEvidence {
  if (peersVersion(group) === NEWER_PEERS_VERSION) {
    return { generation: 'snapshot-pointer', why: 'its peers file is of version 3' };
  }
  return { generation: DEFAULT_GENERATION, why: null };
}

/** Undefined where there is no peers file, or it is damaged: the boot says so. */
function peersVersion(group: DirSource): number | undefined {
  if (group.stat(PEERS_FILE)?.kind !== 'file') return undefined;
  try {
    const source = group.open(PEERS_FILE);
    try {
      if (source.size < VERSION_END) return undefined;
      return u32be(readRange(source, 0, VERSION_END), 4);
    } finally {
      source.close();
    }
  } catch (error) {
    if (error instanceof IoError) return undefined;
    throw error;
  }
}
