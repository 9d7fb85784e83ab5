/**
 * The raft core's configuration: how a ConfState is rebuilt when the core is created and how changes
 * alter it (spec/etcd-wal.md §6.5, §6.7). Where the core panics, `ConfigurationPanic` carries the
 * text.
 */
import type { ConfState } from './conf-state.js';
import {
  CONF_CHANGE_TYPE,
  TRANSITION,
  type ConfChangeSingle,
  type ConfChangeV2,
} from './conf-change.js';

/** The raft core would panic with this text: a value for callers, thrown only inside this module. */
export interface ConfigurationPanic {
  readonly panic: string;
}

class Refused extends Error {}

/** Immutable: every change returns a new one. */
export class Configuration {
  static readonly EMPTY = new Configuration(new Set(), new Set(), new Set(), new Set(), false);

  readonly voters: ReadonlySet<bigint>;
  readonly votersOutgoing: ReadonlySet<bigint>;
  readonly learners: ReadonlySet<bigint>;
  readonly learnersNext: ReadonlySet<bigint>;
  readonly autoLeave: boolean;

  private constructor(
    voters: ReadonlySet<bigint>,
    votersOutgoing: ReadonlySet<bigint>,
    learners: ReadonlySet<bigint>,
    learnersNext: ReadonlySet<bigint>,
    autoLeave: boolean,
  ) {
    this.voters = voters;
    this.votersOutgoing = votersOutgoing;
    this.learners = learners;
    this.learnersNext = learnersNext;
    this.autoLeave = autoLeave;
  }

  get joint(): boolean {
    return this.votersOutgoing.size > 0;
  }

  /** What the core makes of a stored ConfState, or the panic it ends in (§6.5 checks 2 and 3). */
  static rebuild(stored: ConfState): Configuration | ConfigurationPanic {
    const built = caught(() => rebuilt(stored));
    if (isPanic(built)) return built;
    return built.equals(stored) ? built : { panic: 'ConfStates not equivalent after sorting:' };
  }

  /** The configuration after a conf change entry, or the panic it ends in (§6.7). */
  apply(change: ConfChangeV2): Configuration | ConfigurationPanic {
    return caught(() => {
      if (change.transition === TRANSITION.auto) {
        if (change.changes.length === 0) return this.leaveJoint();
        if (change.changes.length === 1) return this.simple(change.changes);
      }
      if (change.transition < 0 || change.transition > TRANSITION.jointExplicit) {
        throw new Refused(`unknown transition: ${change.transition}`);
      }
      return this.enterJoint(change.transition !== TRANSITION.jointExplicit, change.changes);
    });
  }

  /** As the core writes it: ascending ids, `auto_leave` always set. */
  confState(): ConfState {
    return {
      voters: ascending(this.voters),
      learners: ascending(this.learners),
      votersOutgoing: ascending(this.votersOutgoing),
      learnersNext: ascending(this.learnersNext),
      autoLeave: this.autoLeave,
      unknown: undefined,
    };
  }

  /** The voter if there is exactly one, which then campaigns alone. */
  soleVoter(): bigint | undefined {
    if (this.joint || this.voters.size !== 1) return undefined;
    return [...this.voters][0];
  }

  private equals(stored: ConfState): boolean {
    return (
      sameList(this.voters, stored.voters) &&
      sameList(this.learners, stored.learners) &&
      sameList(this.votersOutgoing, stored.votersOutgoing) &&
      sameList(this.learnersNext, stored.learnersNext) &&
      this.autoLeave === (stored.autoLeave ?? false) &&
      stored.unknown === undefined
    );
  }

  /** One change outside a joint state. @throws {Refused} */
  simple(changes: readonly ConfChangeSingle[]): Configuration {
    if (this.joint) throw new Refused("can't apply simple config change in joint config");
    const draft = new Draft(this.voters, this.votersOutgoing, this.learners, this.learnersNext);
    draft.applyAll(changes);
    let changed = 0;
    for (const id of this.voters) if (!draft.voters.has(id)) changed++;
    for (const id of draft.voters) if (!this.voters.has(id)) changed++;
    if (changed > 1) {
      throw new Refused('more than one voter changed without entering joint config');
    }
    return draft.done(this.autoLeave);
  }

  /** @throws {Refused} */
  enterJoint(autoLeave: boolean, changes: readonly ConfChangeSingle[]): Configuration {
    if (this.joint) throw new Refused('config is already joint');
    if (this.voters.size === 0) throw new Refused("can't make a zero-voter config joint");
    const draft = new Draft(this.voters, this.voters, this.learners, this.learnersNext);
    draft.applyAll(changes);
    return draft.done(autoLeave);
  }

  private leaveJoint(): Configuration {
    if (!this.joint) throw new Refused("can't leave a non-joint config");
    const learners = new Set([...this.learners, ...this.learnersNext]);
    return new Configuration(this.voters, new Set(), learners, new Set(), false);
  }

  static of(draft: Draft, autoLeave: boolean): Configuration {
    const { voters, outgoing, learners, learnersNext } = draft;
    return new Configuration(voters, outgoing, learners, learnersNext, autoLeave);
  }
}

/** A configuration in the making. A node is known while it is in any of the four sets. */
class Draft {
  readonly voters: Set<bigint>;
  readonly outgoing: ReadonlySet<bigint>;
  readonly learners: Set<bigint>;
  readonly learnersNext: Set<bigint>;

  constructor(
    voters: ReadonlySet<bigint>,
    outgoing: ReadonlySet<bigint>,
    learners: ReadonlySet<bigint>,
    learnersNext: ReadonlySet<bigint>,
  ) {
    this.voters = new Set(voters);
    this.outgoing = new Set(outgoing);
    this.learners = new Set(learners);
    this.learnersNext = new Set(learnersNext);
  }

  applyAll(changes: readonly ConfChangeSingle[]): void {
    for (const { type, nodeId } of changes) {
      if (nodeId === 0n) continue;
      if (type === CONF_CHANGE_TYPE.addNode) this.addVoter(nodeId);
      else if (type === CONF_CHANGE_TYPE.addLearnerNode) this.addLearner(nodeId);
      else if (type === CONF_CHANGE_TYPE.removeNode) this.remove(nodeId);
      else if (type !== CONF_CHANGE_TYPE.updateNode) {
        throw new Refused(`unexpected conf type ${type}`);
      }
    }
    if (this.voters.size === 0) throw new Refused('removed all voters');
  }

  done(autoLeave: boolean): Configuration {
    return Configuration.of(this, autoLeave);
  }

  private addVoter(id: bigint): void {
    this.learners.delete(id);
    this.learnersNext.delete(id);
    this.voters.add(id);
  }

  private addLearner(id: bigint): void {
    if (this.learners.has(id)) return;
    this.remove(id);
    // A voter of the outgoing half becomes a learner only when the joint state is left.
    if (this.outgoing.has(id)) this.learnersNext.add(id);
    else this.learners.add(id);
  }

  private remove(id: bigint): void {
    this.voters.delete(id);
    this.learners.delete(id);
    this.learnersNext.delete(id);
  }
}

function changes(type: number, ids: readonly bigint[]): ConfChangeSingle[] {
  return ids.map((nodeId) => ({ type, nodeId }));
}

function rebuilt(stored: ConfState): Configuration {
  const incoming = [
    ...changes(CONF_CHANGE_TYPE.addNode, stored.voters),
    ...changes(CONF_CHANGE_TYPE.addLearnerNode, stored.learners),
    ...changes(CONF_CHANGE_TYPE.addLearnerNode, stored.learnersNext),
  ];
  let built = Configuration.EMPTY;
  if (stored.votersOutgoing.length === 0) {
    for (const change of incoming) built = built.simple([change]);
    return built;
  }
  const outgoing = changes(CONF_CHANGE_TYPE.addNode, stored.votersOutgoing);
  for (const change of outgoing) built = built.simple([change]);
  const leaving = changes(CONF_CHANGE_TYPE.removeNode, stored.votersOutgoing);
  return built.enterJoint(stored.autoLeave ?? false, [...leaving, ...incoming]);
}

function caught(make: () => Configuration): Configuration | ConfigurationPanic {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refused) return { panic: error.message };
    throw error;
  }
}

export function isPanic<T extends object>(
  value: T | ConfigurationPanic,
): value is ConfigurationPanic {
  return 'panic' in value;
}

function ascending(ids: ReadonlySet<bigint>): bigint[] {
  return sorted([...ids]);
}

function sorted(ids: bigint[]): bigint[] {
  return ids.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function sameList(ids: ReadonlySet<bigint>, list: readonly bigint[]): boolean {
  const a = ascending(ids);
  const b = sorted([...list]);
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
