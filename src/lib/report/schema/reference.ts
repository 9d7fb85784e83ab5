/** Results of the commands that read no data: `explain` and `exit-codes`. */
import { count, list, mapOf, nullable, object, text, word } from './declare.js';

export const EXPLAIN = object({
  explanations: list(
    object({
      topic: text(),
      kind: word(['code', 'node-error', 'exit-status']),
      means: text(),
      node: nullable(text('What a node does when it meets it.')),
      look: nullable(text('Evidence to look at.')),
      next: nullable(text('The safest next step.')),
      commands: list(text(), 'Commands of that step, with DIR, FILE, NEW and the like to fill in.'),
      codes: list(text(), 'The codes that carry a node’s error.'),
      nodeErrors: list(text(), 'The node’s errors that a code carries.'),
    }),
    'What was asked for; behind a node’s error the codes that carry it.',
  ),
});

export const EXIT_CODES = object({
  exitCodes: list(object({ code: count(), name: text(), means: text() })),
  orders: mapOf(list(count()), 'Which status wins when several apply, worst first.'),
});
