/**
 * Which start-up guards a build has (spec/encryption.md §6, column `builds`). Generation
 * `committed-tail` stands for build A of 2026-06-07, `snapshot-pointer` for build B of 2026-08-22;
 * `always-restore` is judged as the newest build of its kind, that of 2026-06-06.
 */

export interface GuardRules {
  /** Guard 6: the snapshot header's cutover against the sidecar's. From 2026-07-09, and first of all. */
  readonly cutoverDivergence: boolean;
  /** Guard 7: members whose ids agree in 16 bits. From 2026-07-08. */
  readonly nodeIdCollision: boolean;
  /** Guard 8: the active storage key's epoch against the writer registry. From 2026-07-08. */
  readonly storageEpoch: boolean;
  /**
   * Guard 10, a sidecar with a raft cutover: ignored before 2026-06-04, refused whatever else holds
   * until 2026-07-08, then refused without an active raft key or with several groups.
   */
  readonly raftCutover: 'ignored' | 'refused' | 'needs-key-and-one-group';
  /** Guard 11, and the bump of the raft key's epoch. From 2026-07-09. */
  readonly raftEpoch: boolean;
}

/** @param date of the build's merge, `YYYY-MM-DD` */
export function guardRulesOf(date: string): GuardRules {
  const envelopes = date >= '2026-07-09';
  const registry = date >= '2026-07-08';
  const refused = date >= '2026-06-04' ? 'refused' : 'ignored';
  return {
    cutoverDivergence: envelopes,
    nodeIdCollision: registry,
    storageEpoch: registry,
    raftCutover: envelopes ? 'needs-key-and-one-group' : refused,
    raftEpoch: envelopes,
  };
}

export const GUARD_RULES: Readonly<
  Record<'always-restore' | 'committed-tail' | 'snapshot-pointer', GuardRules>
> = {
  'always-restore': guardRulesOf('2026-06-06'),
  'committed-tail': guardRulesOf('2026-06-07'),
  'snapshot-pointer': guardRulesOf('2026-08-22'),
};
