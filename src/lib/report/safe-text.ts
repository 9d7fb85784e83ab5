/**
 * Names and keys come from the disk and may hold anything. No byte of them may steer a terminal, so
 * every text passes through here on its way out: control characters (C0, DEL, C1), bidirectional
 * overrides and line separators are shown as escapes. Only the colours of our own theme go through.
 */

// C0, DEL and C1; Unicode's line and paragraph separators; embeddings, overrides and isolates.
// oxlint-disable-next-line no-control-regex -- they are what it looks for
const STEERING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const STEERING_ALL = new RegExp(STEERING, 'g');
// The few attributes that theme.ts uses. Anything else after ESC is text from elsewhere.
// oxlint-disable-next-line no-control-regex -- ESC begins a colour code
const THEME_SGR = /(\u001b\[(?:0|1|2|22|31|32|33|34|35|36|39)m)/;

function escapeOf(ch: string): string {
  const unit = ch.charCodeAt(0);
  if (ch === '\n') return '\\n';
  if (ch === '\t') return '\\t';
  if (ch === '\r') return '\\r';
  return unit < 0x100
    ? `\\x${unit.toString(16).padStart(2, '0')}`
    : `\\u${unit.toString(16).padStart(4, '0')}`;
}

/** One line of text without anything that a terminal would obey. */
export function safeText(text: string): string {
  return STEERING.test(text) ? text.replace(STEERING_ALL, escapeOf) : text;
}

/** Like `safeText`, but lets the theme's own colour codes stand. */
export function safeColouredText(text: string): string {
  if (!STEERING.test(text)) return text;
  const parts = text.split(THEME_SGR);
  return parts.map((part, i) => (i % 2 === 1 ? part : safeText(part))).join('');
}

/** JSON text whose strings hold no raw DEL, C1 or bidirectional characters; the value is the same. */
export function safeJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (ch) => `\\u${ch.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
