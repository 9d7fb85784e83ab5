import { safeText } from '../safe-text.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text from anywhere as text of a page, in an element or in a quoted attribute: markup is text, and
 * control and bidirectional characters are shown as escapes, as on a terminal.
 */
export function escapeHtml(text: string): string {
  return safeText(text).replace(/[&<>"']/g, (ch) => ENTITIES[ch] ?? ch);
}
