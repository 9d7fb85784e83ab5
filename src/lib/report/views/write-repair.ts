/** What each way of cutting a log loses, entry by entry. */
import { quoteKey } from '../quote.js';
import { unhex } from '../../bytes/hex.js';
import type { LostEntry, WalLoss } from '../../write/lost-entries.js';
import type { RepairOption, RepairSurvey } from '../../write/repair.js';
import { countText, exactSizeText, plural } from '../sizes.js';
import { hlcText } from '../dates.js';
import { wrapText } from '../wrap.js';

type Option = RepairSurvey['options'][number];

const NAMES: Readonly<Record<Option['kind'], string>> = {
  node: "the node's own",
  'last-valid': 'last valid record',
  index: 'index asked for',
};

export function countsOf({ entries }: WalLoss): {
  entries: number;
  committed: number;
  committedInStore: number;
} {
  const committed = entries.filter((entry) => entry.committed);
  return {
    entries: entries.length,
    committed: committed.length,
    committedInStore: committed.filter(({ inStore }) => inStore).length,
  };
}

/** The one sentence everything comes down to. */
export function lossSentence(loss: WalLoss): string {
  const { committed, committedInStore, entries } = countsOf(loss);
  const dark = loss.unreadableBytes;
  const doubt = dark === 0 ? '' : ` (${exactSizeText(dark)} behind the cut cannot be read)`;
  if (committed === 0) {
    const rest = entries === 0 ? 'none is lost that can be named' : 'only uncommitted ones are';
    return `No committed entry is lost: ${rest}${doubt}.`;
  }
  const missing = committed - committedInStore;
  const where =
    missing === 0
      ? 'the store holds the writes of all of them'
      : `the store holds ${countText(committedInStore)} of them, ${countText(missing)} are gone`;
  const noun = committed === 1 ? 'committed entry is' : 'committed entries are';
  return `${countText(committed)} ${noun} lost from the log; ${where}${doubt}.`;
}

export function endText({ end }: RepairSurvey): string {
  switch (end.kind) {
    case 'torn':
      return `torn at ${end.segment} @${end.offset} (${end.why}): ${end.nodeError}`;
    case 'corrupt':
      return `damaged at ${end.segment} @${end.offset}: ${end.nodeError}`;
    default:
      return `clean at ${end.segment ?? 'nothing'} @${end.offset}`;
  }
}

export function surveyFields(survey: RepairSurvey): [string, string][] {
  const { applied, commit, last } = survey;
  return [
    ['log ends', endText(survey)],
    ['readable', `up to index ${last}, commit ${commit}`],
    ['store', applied === null ? 'tells no applied index' : `applied index ${applied}`],
  ];
}

export function optionRows(options: readonly Option[]): string[][] {
  return options.map((option) => {
    if ('why' in option) return [NAMES[option.kind], '-', '-', '-', 'not possible'];
    const { entries, committed, committedInStore } = countsOf(option.loss);
    const { segment, offset } = option.cut;
    const place = `segment ${segment.slice(0, 16).replace(/^0+(?=.)/, '')} @${offset}`;
    const { commit = 0n } = option.kept ?? option.hardState;
    const log = `to index ${option.last}, commit ${commit}`;
    const lost = committed === 0 ? '0' : `${committed} (${committedInStore} in store)`;
    return [NAMES[option.kind], String(entries), lost, log, place];
  });
}

/** Why a way is not to be had. */
export function whyNotLines(options: readonly Option[], width: number): string[] {
  return options.flatMap((option) =>
    'why' in option ? wrapText(`${NAMES[option.kind]}: ${option.why}`, width) : [],
  );
}

export const OPTION_COLUMNS = [
  { title: 'way' },
  { title: 'entries lost', align: 'right' },
  { title: 'committed' },
  { title: 'log afterwards' },
  { title: 'cut at' },
] as const;

export const ENTRY_COLUMNS = [
  { title: 'index', align: 'right' },
  { title: 'term', align: 'right' },
  { title: 'committed' },
  { title: 'in store' },
  { title: 'record' },
  { title: 'what' },
] as const;

const SHOWN_KEYS = 3;
const SHOWN_KEY_BYTES = 48;

export function entryRow(entry: LostEntry): string[] {
  return [
    String(entry.index),
    entry.term === null ? '?' : String(entry.term),
    entry.committed ? 'yes' : 'not known',
    entry.inStore ? 'yes' : 'no',
    entry.intact ? 'intact' : 'damaged',
    whatText(entry),
  ];
}

function whatText({ entryType, tag, note, requests, wrapped }: LostEntry): string {
  if (entryType !== 'normal') return note ?? entryType;
  if (requests.length === 0) return note ?? tag ?? '';
  const shown = requests.map(({ phase, commitTs, keysHex }) => {
    const keys = keysHex.slice(0, SHOWN_KEYS).map(keyText).join(' ');
    const more = keysHex.length > SHOWN_KEYS ? ` +${keysHex.length - SHOWN_KEYS} keys` : '';
    const at = commitTs === null ? '' : ` at ${commitTs} (${hlcText(commitTs)})`;
    return `${phase} ${keys}${more}${at}`;
  });
  return `${wrapped ? 'wrapped ' : ''}${shown.join('; ')}`;
}

function keyText(keyHex: string): string {
  return quoteKey(unhex(keyHex) ?? new Uint8Array(0), SHOWN_KEY_BYTES);
}

export function optionFields({
  cut,
  loss,
  hardState,
  kept,
  kind,
}: RepairOption): [string, string][] {
  const fields: [string, string][] = [
    [
      'cut',
      `${cut.segment} @${cut.offset}: ${plural(loss.records, 'record')}, ${exactSizeText(loss.bytes)}`,
    ],
  ];
  const dropped = loss.segments.slice(1);
  if (dropped.length > 0) fields.push(['dropped', dropped.join(', ')]);
  if (loss.unreadableBytes > 0) {
    fields.push([
      'unreadable',
      `${exactSizeText(loss.unreadableBytes)} in which no record can be made out`,
    ]);
  }
  for (const { term, index } of loss.snapshots) {
    fields.push(['snapshot', `the log's word for the .snap of term ${term}, index ${index} goes`]);
  }
  const { term, vote, commit } = kept ?? hardState;
  const state = `term ${term ?? 0n}, vote ${vote ?? 0n}, commit ${commit ?? 0n}`;
  const origin = kept === null ? 'the last in front of the cut' : 'written behind the cut';
  fields.push(['hard state', `${state} (${origin})`]);
  const size = kind === 'node' ? 'as short as the node cuts it' : 'pre-allocated again';
  fields.push(['segment', `${size}; the source is the copy from before the cut`]);
  return fields;
}

export function optionRecord(option: Option): object {
  if ('why' in option)
    return { kind: option.kind, possible: false, code: option.code, why: option.why };
  const { kind, cut, loss, last, hardState, kept } = option;
  return {
    kind,
    possible: true,
    cut: { segment: cut.segment, offset: String(cut.offset) },
    lastIndex: last,
    hardState: stateRecord(kept ?? hardState),
    hardStateWritten: kept !== null,
    lost: {
      ...countsOf(loss),
      records: loss.records,
      bytes: String(loss.bytes),
      unreadableBytes: String(loss.unreadableBytes),
      segments: loss.segments,
      hardState: loss.hardState === undefined ? null : stateRecord(loss.hardState),
      snapshots: loss.snapshots,
      sentence: lossSentence(loss),
      entryList: loss.entries.map(entryRecord),
    },
  };
}

function entryRecord(entry: LostEntry): object {
  const { index, term, file, offset, entryType, intact, committed, inStore } = entry;
  const { tag, wrapped, requests, note } = entry;
  return {
    index,
    term,
    file,
    offset: offset === null ? null : String(offset),
    entryType,
    intact,
    committed,
    inStore,
    tag,
    wrapped,
    requests,
    note,
  };
}

function stateRecord(state: RepairOption['hardState']): object {
  return { term: state.term ?? 0n, vote: state.vote ?? 0n, commit: state.commit ?? 0n };
}
