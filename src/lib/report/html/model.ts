/** An HTML report as plain data: sections in the order in which they are read. */
import type { Finding } from '../../core/finding.js';
import type { IndexLine } from '../index-layout.js';
import type { ToDo } from '../what-to-do.js';
import type { EntryTimeline } from './timeline.js';

/** Carries a word and a sign as well: never by colour alone. */
export type Tone = 'good' | 'attention' | 'bad' | 'unknown';

export interface Cell {
  readonly text: string;
  /** What to sort by where the text does not sort: a size in bytes, a rank. */
  readonly sort?: string | undefined;
  readonly tone?: Tone | undefined;
}

export interface HtmlColumn {
  readonly title: string;
  readonly align?: 'right';
  /** A path, an index, a digest: set in a fixed-width face. */
  readonly code?: boolean;
}

export type Section =
  | {
      readonly kind: 'fields';
      readonly title: string;
      readonly fields: readonly (readonly [name: string, value: string | undefined])[];
    }
  | { readonly kind: 'index-line'; readonly title: string; readonly line: IndexLine }
  | { readonly kind: 'timeline'; readonly title: string; readonly timeline: EntryTimeline }
  | {
      readonly kind: 'table';
      readonly title: string;
      /** A sentence above the table. */
      readonly note?: string | undefined;
      readonly columns: readonly HtmlColumn[];
      readonly rows: readonly (readonly (Cell | string)[])[];
      /** Said in place of a table without rows. */
      readonly empty: string;
    }
  | {
      readonly kind: 'findings';
      readonly title: string;
      readonly findings: readonly Finding[];
      /** Their commands stand in a section of steps. */
      readonly withoutNext?: boolean;
    }
  | { readonly kind: 'steps'; readonly title: string; readonly steps: readonly ToDo[] };

export interface HtmlReport {
  readonly tool: { readonly name: string; readonly version: string };
  readonly command: string;
  /** As the operator typed them. */
  readonly inputs: readonly string[];
  readonly verdict: { readonly word: string; readonly text: string; readonly tone: Tone };
  readonly exitCode: number;
  readonly exitMeans: string;
  readonly sections: readonly Section[];
}
