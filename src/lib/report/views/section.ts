/** Parts of a report for people: a view makes them, the command puts them on the page. */
import type { Column } from '../table.js';

export interface FieldSection {
  readonly title?: string | undefined;
  readonly fields: readonly (readonly [name: string, value: string | undefined])[];
}

export interface TableSection {
  readonly title?: string | undefined;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

export type Section = FieldSection | TableSection;

export function isTable(section: Section): section is TableSection {
  return 'columns' in section;
}
