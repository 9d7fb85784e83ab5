/** `ekv snapshots`: every pair, ranked, and what a node would do. */
import { TOKEN } from './shared-parts.js';
import { count, flag, hexText, list, nullable, object, text, u64, word } from './declare.js';

const PAYLOAD = object({
  kind: word(['pebble-stream', 'sst-bundle', 'mvcc-stream', 'oracle', 'empty', 'unreadable']),
  headerForm: nullable(word(['v1', 'v2', 'legacy'])),
  ceilingMs: nullable(u64()),
  cutover: nullable(u64()),
  appliedIndex: nullable(u64()),
  highestTs: nullable(u64()),
  rows: nullable(count()),
  encryptedRows: nullable(count()),
});

const SALVAGE = object({
  how: text(),
  commands: list(text()),
  dryRun: nullable(
    object({ verdict: text(), snapshotIndex: nullable(u64()), appliedIndex: nullable(u64()) }),
  ),
});

export const SNAPSHOTS = object({
  node: object({
    snap: nullable(text('The .snap that the node would use.')),
    verdict: text('The dry run’s.'),
    gate: word(['skipped', 'executed', 'fallback', 'none']),
    refusal: nullable(
      object({ step: count(), errors: list(text()), message: text() }, 'Why it would not start.'),
    ),
  }),
  snapshots: list(
    object({
      rank: count(),
      chosen: flag('The node would use this.'),
      kind: word(['pair', 'lone-snap', 'lone-fsm', 'inline', 'unreadable-snap']),
      index: nullable(u64()),
      term: nullable(u64()),
      snap: nullable(text()),
      fsm: nullable(text()),
      size: nullable(u64()),
      complete: flag('Both files are there.'),
      token: nullable(TOKEN),
      footerCrc32c: nullable(hexText()),
      computedCrc32c: nullable(hexText()),
      tokenIsFooter: nullable(flag()),
      footerIsComputed: nullable(flag()),
      vouched: nullable(flag('The log has a record of it at or below the commit.')),
      restorable: flag(),
      payloadSound: flag(),
      deletedAtBoot: flag(),
      payload: nullable(PAYLOAD),
      salvage: list(SALVAGE, 'Ways to make it usable.'),
    }),
    'Best first.',
  ),
});
