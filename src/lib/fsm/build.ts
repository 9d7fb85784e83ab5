/**
 * What the two reference builds do differently in the state machine (spec/fsm-apply.md §8), as data:
 * the code below reads these fields and never a build's name.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { SEEKING_SCAN, STEPPING_SCAN, type PrefixScanRules } from '../mvcc/prefix-scan.js';
import { firstConflictEach, firstConflictShared } from '../mvcc/conflict-check.js';
import type { VersionReader } from '../mvcc/version-reader.js';
import { checkKeyByKey, checkKeysThenLocks, type KeyCheck } from './lock-check.js';

export type BuildName = 'A' | 'B';

export interface Build {
  readonly name: BuildName;
  /** A write whose every key has a version at its commit timestamp is taken for done. */
  readonly recognisesLanded: boolean;
  /** No conflict check where the store's last commit timestamp is not above the start. */
  readonly skipsIdleConflictCheck: boolean;
  /** The first of the keys, in list order, with a version later than the start. */
  readonly firstConflict: (
    reader: VersionReader,
    keys: readonly ByteString[],
    startSuffix: ByteString,
  ) => ByteString | null;
  readonly checkKeys: KeyCheck;
  readonly prefixScan: PrefixScanRules;
  /** Opening scans for the highest timestamp and repairs `_meta_last_commit_ts` by it. */
  readonly repairsLastCommitTs: boolean;
  /** The clock observes the last commit timestamp at construction and after a restore. */
  readonly clockObservesStore: boolean;
}

export const BUILDS: Readonly<Record<BuildName, Build>> = {
  A: {
    name: 'A',
    recognisesLanded: false,
    skipsIdleConflictCheck: false,
    firstConflict: firstConflictEach,
    checkKeys: checkKeyByKey,
    prefixScan: SEEKING_SCAN,
    repairsLastCommitTs: false,
    clockObservesStore: false,
  },
  B: {
    name: 'B',
    recognisesLanded: true,
    skipsIdleConflictCheck: true,
    firstConflict: firstConflictShared,
    checkKeys: checkKeysThenLocks,
    prefixScan: STEPPING_SCAN,
    repairsLastCommitTs: true,
    clockObservesStore: true,
  },
};
