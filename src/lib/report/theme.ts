/**
 * Colour. It never carries meaning alone: every coloured word says the same in black and white.
 * chalk is loaded only when colour is on.
 */
import type { Severity } from '../core/finding.js';
import { safeText } from './safe-text.js';

type Paint = (text: string) => string;

/** Each function takes text from anywhere and returns it safe for a terminal, perhaps coloured. */
export interface Theme {
  readonly coloured: boolean;
  readonly title: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly attention: Paint;
  readonly bad: Paint;
  readonly accent: Paint;
}

export const PLAIN_THEME: Theme = {
  coloured: false,
  title: safeText,
  dim: safeText,
  good: safeText,
  attention: safeText,
  bad: safeText,
  accent: safeText,
};

export async function loadTheme(coloured: boolean): Promise<Theme> {
  if (!coloured) return PLAIN_THEME;
  const { Chalk } = await import('chalk');
  // Level 1 keeps to the sixteen colours that every terminal maps to a readable pair.
  const chalk = new Chalk({ level: 1 });
  return {
    coloured: true,
    title: (text) => chalk.bold(safeText(text)),
    dim: (text) => chalk.dim(safeText(text)),
    good: (text) => chalk.green(safeText(text)),
    attention: (text) => chalk.yellow(safeText(text)),
    bad: (text) => chalk.red(safeText(text)),
    accent: (text) => chalk.cyan(safeText(text)),
  };
}

export function severityPaint(theme: Theme, severity: Severity): Paint {
  if (severity === 'error') return theme.bad;
  return severity === 'warning' ? theme.attention : theme.dim;
}
