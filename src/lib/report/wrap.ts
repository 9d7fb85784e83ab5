import { safeText } from './safe-text.js';

function cut(word: string, width: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < word.length; at += width) parts.push(word.slice(at, at + width));
  return parts;
}

/**
 * Breaks text into lines at spaces. A word longer than `width` stands alone; it is kept whole, so
 * that a path can be copied, unless `hard` asks for lines that never exceed the width.
 */
export function wrapText(text: string, width: number, hard = false): string[] {
  const lines: string[] = [];
  let line = '';
  for (const whole of safeText(text).split(' ')) {
    for (const word of hard ? cut(whole, width) : [whole]) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
