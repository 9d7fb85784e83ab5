/**
 * A command line for people, within so many columns and still good to paste: it is broken between
 * words with a backslash. A word is never broken, so that a path can be copied on its own.
 */

const INDENT = '    ';

/** Words as the shell splits them: quoted parts keep their spaces. */
function wordsOf(command: string): string[] {
  return command.match(/(?:'[^']*'|\\.|[^\s'])+/g) ?? [];
}

/** A flag and its value stay together. */
function piecesOf(command: string): string[] {
  const pieces: string[] = [];
  for (const word of wordsOf(command)) {
    const last = pieces.at(-1);
    const takesValue = last !== undefined && /^--[\w-]+$/.test(last) && !word.startsWith('-');
    if (takesValue) pieces[pieces.length - 1] = `${last} ${word}`;
    else pieces.push(word);
  }
  return pieces;
}

export function commandLines(command: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of piecesOf(command)) {
    // Two more for the backslash.
    if (line !== '' && line.length + 1 + piece.length + 2 > width) {
      lines.push(`${line} \\`);
      line = INDENT + piece;
    } else {
      line = line === '' ? piece : `${line} ${piece}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
