/** What to do, numbered, each with the commands that can be pasted. */
import { commandLines } from '../lib/report/command-lines.js';
import type { ToDo } from '../lib/report/what-to-do.js';
import { wrapText } from '../lib/report/wrap.js';
import type { Page } from '../shell/page.js';

export async function showSteps(page: Page, steps: readonly ToDo[]): Promise<void> {
  await page.line();
  await page.line(page.theme.title('What to do'));
  for (const [i, { text, commands }] of steps.entries()) {
    const number = `${i + 1}. `;
    const lines = wrapText(text, page.width - number.length, true);
    await page.lines(lines.map((line, j) => (j === 0 ? number : ' '.repeat(number.length)) + line));
    for (const command of commands) {
      const parts = commandLines(command, page.width - 5);
      await page.lines(parts.map((part) => `     ${page.theme.accent(part)}`));
    }
  }
}
