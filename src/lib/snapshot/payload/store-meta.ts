/** The four numbers a store keeps about itself (spec/mvcc-store.md §1), as a payload leaves them. */
export interface StoreMeta {
  /** Each undefined where the key is absent or its value too short to count. */
  readonly lastCommitTs: bigint | undefined;
  readonly minRetainedTs: bigint | undefined;
  readonly pendingMinRetainedTs: bigint | undefined;
  readonly appliedIndex: bigint | undefined;
}
