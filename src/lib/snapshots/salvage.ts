/**
 * What can still be made of a snapshot that a node would not use, or would refuse: commands to paste,
 * and where it can be told beforehand, what a node does afterwards. A way that was tried in a dry run
 * and does not lead to a boot is not offered.
 */
import { predictBoot } from '../engine/boot.js';
import type { BootInput } from '../engine/boot-input.js';
import { PlannedDisk } from '../engine/planned-disk.js';
import type { Candidate } from './candidate.js';
import type { NodeChoice, RankedSnapshot } from './rank.js';

/** How to name things in the commands; the caller knows the shell and what the operator typed. */
export interface SalvageContext {
  /** A new name beside the group dir, as a word of a shell command. */
  readonly besideWord: (what: string) => string;
  /** A path below the group dir, as a word. */
  readonly pathWord: (path: string) => string;
  /** `--raft-id` and `--peers`, typed or found, each with a blank in front; empty where not known. */
  readonly memberArgs: string;
}

export interface Salvage {
  /** One sentence. */
  readonly how: string;
  readonly commands: readonly string[];
  /** What the dry run says of a node after these commands; null where it was not made. */
  readonly dryRun: {
    readonly verdict: string;
    readonly snapshotIndex: bigint;
    readonly appliedIndex: bigint;
  } | null;
}

export interface SalvageQuestion {
  readonly node: NodeChoice;
  readonly ranked: readonly RankedSnapshot[];
  readonly boot: BootInput;
  readonly context: SalvageContext;
}

/**
 * The first step of a cold start that a snapshot can make fail; the last is the guard that reads the
 * log behind the sidecar, which an older snapshot satisfies.
 */
const FIRST_STEP = 6;

export async function salvageOf(
  each: RankedSnapshot,
  question: SalvageQuestion,
): Promise<Salvage[]> {
  const ways: Salvage[] = [];
  const { node, context } = question;
  const { refusal } = node;
  if (each.chosen && refusal !== null && refusal.step >= FIRST_STEP) {
    const aside = await setAside(each, question);
    if (aside) ways.push(aside);
  }
  if (!each.payloadSound) return ways;
  const usable = each.chosen && refusal === null;
  const file = each.fsm;
  if (usable || file === null || (each.restorable && each.vouched !== false)) return ways;
  ways.push(rebuild(each, file, context));
  return ways;
}

/**
 * The pair is moved away, so that the node falls back to an older one. Where the body is damaged,
 * `fsm.db` goes too if the node can do without: an earlier start may have put that very body there
 * before it noticed (spec/snapshot-files.md §4), and a later one would skip the restore and use it.
 */
async function setAside(
  each: RankedSnapshot,
  question: SalvageQuestion,
): Promise<Salvage | undefined> {
  const { ranked, boot } = question;
  const older = ranked.some(
    (other) => other !== each && other.restorable && other.vouched === true,
  );
  if (!older || each.snap === null) return undefined;
  const has = (path: string): boolean => new PlannedDisk(boot.group).exists(path);
  const pair = [each.snap, each.fsm].filter((path) => path !== null).filter(has);
  const damagedBody = each.footerIsComputed === false;
  if (damagedBody && has('fsm.db')) {
    const both = await tried([...pair, 'fsm.db'], question);
    if (both) return both;
  }
  const way = await tried(pair, question);
  if (way === undefined || !damagedBody) return way;
  return { ...way, how: `${way.how}; but first see that fsm.db is not the damaged body` };
}

/** What a node does without these files; nothing where it would not boot, or would begin anew. */
async function tried(
  paths: readonly string[],
  { boot, context }: SalvageQuestion,
): Promise<Salvage | undefined> {
  const disk = new PlannedDisk(boot.group);
  for (const path of paths) disk.deleteTree(path, 'set aside', false);
  const group = disk.dir('');
  const groups = boot.groups.map((other) =>
    other.dir === boot.group ? { id: other.id, dir: group } : other,
  );
  const report = await predictBoot({ ...boot, group, groups, wantDigest: false, onEntry: null });
  const { verdict, snapshot, counters } = report;
  if (!verdict.startsWith('boots-') || verdict === 'boots-new-cluster' || snapshot === null) {
    return undefined;
  }
  const aside = context.besideWord('aside');
  const words = paths.map((path) => context.pathWord(path)).join(' ');
  const store = paths.includes('fsm.db') ? ' with fsm.db' : '';
  const { index: snapshotIndex } = snapshot;
  const { appliedIndex, lastIndex } = counters;
  const end = `from snapshot ${snapshotIndex} it gets to entry ${appliedIndex} of ${lastIndex}`;
  return {
    how: `move it out of the way${store}: ${end}`,
    commands: [`mkdir -p ${aside} && mv ${words} ${aside}/`],
    dryRun: { verdict, snapshotIndex, appliedIndex },
  };
}

/** The payload is sound: a data dir can be made of it. It is copied first where a boot deletes it. */
function rebuild(each: RankedSnapshot, file: string, context: SalvageContext): Salvage {
  const path = context.pathWord(file);
  const numbers = [
    ...(each.index === null ? [] : [` --index ${each.index}`]),
    ...(each.term === null ? [] : [` --term ${each.term}`]),
  ].join('');
  const commands: string[] = [];
  if (each.deleted) commands.push(`cp -p ${path} ${context.besideWord(nameOf(file))}`);
  const made = context.besideWord('restored');
  commands.push(`ekv restore --fsm ${path}${numbers}${context.memberArgs} --output ${made}`);
  return { how: `${whyOf(each)}: make a data dir of its payload`, commands, dryRun: null };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function whyOf({ kind, tokenIsFooter, vouched }: Candidate & { vouched: boolean | null }): string {
  if (kind === 'unfinished') return 'its writing was not ended, yet it is whole';
  if (kind === 'lone-fsm') return 'no readable .snap names it, yet it is whole';
  if (tokenIsFooter === false) return 'the token is another file’s, yet this one is whole';
  if (vouched === false) return 'the WAL does not vouch for it, yet it is whole';
  return 'its body is sound';
}
