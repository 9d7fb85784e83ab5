/** What `ekv explain` knows: codes, the node's errors and exit statuses, all of it offline. */
import { CODES, type ErrorCode } from '../core/codes/all.js';
import { NODE_ERRORS } from '../core/codes/node-errors.js';
import type { CodeEntry } from '../core/codes/table.js';
import type { ExitCode } from '../core/errors.js';
import { EXIT_MEANINGS } from './exit-status.js';

export interface Explanation {
  readonly topic: string;
  readonly kind: 'code' | 'node-error' | 'exit-status';
  readonly means: string;
  readonly node: string | null;
  readonly look: string | null;
  readonly next: string | null;
  /** Commands of the next step; DIR, FILE, NEW and the like are to be filled in. */
  readonly commands: readonly string[];
  /** The codes that carry a node's error. */
  readonly codes: readonly ErrorCode[];
  /** The node's errors that a code carries. */
  readonly nodeErrors: readonly string[];
}

const CODE_TABLE: Readonly<Record<string, CodeEntry>> = CODES;

export function allCodes(): ErrorCode[] {
  return (Object.keys(CODES) as ErrorCode[]).sort();
}

/** Error identities and texts of the node, identities first. */
export function allNodeErrors(): string[] {
  return Object.keys(NODE_ERRORS).sort();
}

const STATUS_NEXT: Partial<Readonly<Record<ExitCode, string>>> = {
  1: 'Nothing was judged. Mend the command line or the path and run it again.',
  2: 'Copy the data before anything starts on it. The findings name file and offset.',
  3: 'Read the warnings before the node starts: each says what the boot would do.',
  4: 'Do not start the node. The report names the step and the error that it would die of.',
  5: 'Give what was missing (--sidecar, --kek, --raft-id, a readable copy, a newer ekv) and ask again.',
  70: 'Run again with EKV_DEBUG=1 and report the output.',
  124: 'Nothing was judged. Run again without --timeout, or with a larger one.',
  130: 'Nothing was judged. Run again.',
};

/** Everything that can be asked for, for hints and for shell completion. */
export function allTopics(): string[] {
  const statuses = EXIT_MEANINGS.map(({ code }) => String(code));
  return [...allCodes(), ...allNodeErrors(), ...statuses];
}

function carriedBy(code: string): string[] {
  return allNodeErrors().filter((name) => NODE_ERRORS[name]?.codes.some((one) => one === code));
}

function explainCode(code: ErrorCode): Explanation {
  const entry = CODE_TABLE[code];
  return {
    topic: code,
    kind: 'code',
    means: entry?.means ?? '',
    node: entry?.node ?? null,
    look: entry?.look ?? null,
    next: entry?.next ?? null,
    commands: entry?.run ?? [],
    codes: [],
    nodeErrors: carriedBy(code),
  };
}

/** An error that one code alone carries is explained as fully as the code. */
function explainNodeError(name: string): Explanation {
  const { means, codes } = NODE_ERRORS[name] ?? { means: '', codes: [] };
  const only = codes.length === 1 && codes[0] !== undefined ? CODE_TABLE[codes[0]] : undefined;
  return {
    topic: name,
    kind: 'node-error',
    means,
    node: only?.node ?? null,
    look: only?.look ?? null,
    next: only?.next ?? null,
    commands: only?.run ?? [],
    codes,
    nodeErrors: [],
  };
}

function explainStatus(text: string): Explanation | undefined {
  const meaning = EXIT_MEANINGS.find(({ code, name }) => String(code) === text || name === text);
  if (meaning === undefined) return undefined;
  return {
    topic: String(meaning.code),
    kind: 'exit-status',
    means: `${meaning.name}: ${meaning.means}.`,
    node: null,
    look: null,
    next: STATUS_NEXT[meaning.code] ?? null,
    commands: [],
    codes: [],
    nodeErrors: [],
  };
}

/** The longest of the node's errors that stands in a line of its log. */
function nodeErrorIn(text: string): string | undefined {
  const line = text.toLowerCase();
  return allNodeErrors()
    .filter((name) => line.includes(name.toLowerCase()))
    .sort((a, b) => b.length - a.length)[0];
}

/**
 * @param text  a code, an exit status, the node's name for an error, or a line of its log with one
 * @returns undefined when nothing of that kind is known
 */
export function explain(text: string): Explanation | undefined {
  const typed = text.trim();
  const code = allCodes().find((known) => known === typed.toLowerCase());
  if (code !== undefined) return explainCode(code);
  const status = explainStatus(typed.toLowerCase().replace(/^exit(?: |-)?(?:status |code )?/, ''));
  if (status !== undefined) return status;
  const name = nodeErrorIn(typed);
  return name === undefined ? undefined : explainNodeError(name);
}

/** The code itself and all the codes behind a node's error, each explained. */
export function explainAll(text: string): Explanation[] {
  const first = explain(text);
  if (first === undefined) return [];
  return first.codes.length > 1 ? [first, ...first.codes.map(explainCode)] : [first];
}
