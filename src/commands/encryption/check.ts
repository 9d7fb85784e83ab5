import { BaseCommand, type Outcome } from '../../base-command.js';
import { checkEncryption, type EncryptionReport } from '../../lib/encryption-check/check.js';
import { withNext } from '../../lib/report/next-commands.js';
import {
  KEY_COLUMNS,
  keyRows,
  PLACE_COLUMNS,
  placeRows,
  REGISTRY_COLUMNS,
  registryRows,
  restartFields,
  shownFindings,
  verdictText,
  WRITER_COLUMNS,
  writerRows,
} from '../../lib/report/views/encryption-check.js';
import { encryptionResult } from '../../lib/report/views/encryption-json.js';
import {
  bootInputOf,
  dataDirFlag,
  generationFlag,
  generationOf,
  commandContext,
  nodeDirOf,
  nodeFlags,
} from '../../shell/node-flags.js';
import type { Column } from '../../lib/report/table.js';
import type { Page } from '../../shell/page.js';

/** The guards are part of the question. */
const { 'no-guards': _guards, ...flagsOfNode } = nodeFlags;

export default class EncryptionCheck extends BaseCommand {
  static override summary = 'Verify everything encrypted: rows, snapshots, log, keys, next start.';
  static override description = [
    'Checks the tag of every encrypted row of fsm.db and of each snapshot and of every wrapped log',
    'entry; finds relabelled values and reused nonces; says which key is still needed by what; holds',
    'the writer registry against the sidecar; and tells how many entries are left until the node',
    'refuses its next start. Without --kek it shows what every envelope says in the clear.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> --data-dir /var/lib/elastickv --sidecar keys.json --kek kek.bin',
    '<%= config.bin %> <%= command.id %> --data-dir /var/lib/elastickv --json',
  ];

  static override flags = {
    'data-dir': dataDirFlag,
    ...flagsOfNode,
    generation: generationFlag,
  };

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(EncryptionCheck);
    const path = flags['data-dir'];
    this.inputs.push({ path, kind: 'data-dir' });
    if (flags.sidecar !== undefined) this.inputs.push({ path: flags.sidecar, kind: 'sidecar' });
    const given = { ...flags, 'no-guards': false };
    const node = nodeDirOf(path, given);
    const { generation, findings: chosen } = generationOf(node, flags.generation);
    const report = await checkEncryption({
      boot: bootInputOf(node, given, generation, this.pace),
      phase: (label) => this.pace.phase(label),
    });
    const context = commandContext(path, node, given, flags.generation, 'encryption check');
    const findings = withNext([...node.findings, ...chosen, ...report.findings], context);
    return {
      findings,
      result: encryptionResult(report),
      text: async (page, status) => {
        await page.line(verdictText(report, status, page.theme));
        await page.line();
        await page.fields(restartFields(report));
        await showTables(page, report);
        const shown = shownFindings(findings);
        if (shown.length > 0) await page.line();
        await page.findings(shown);
      },
    };
  }
}

async function showTables(page: Page, report: EncryptionReport): Promise<void> {
  const tables: readonly [string, readonly Column[], string[][]][] = [
    ['What was looked at', PLACE_COLUMNS, placeRows(report)],
    ['Keys, and what needs them', KEY_COLUMNS, keyRows(report)],
    ['Who wrote, by the nonces', WRITER_COLUMNS, writerRows(report)],
    ['Writer registry in fsm.db', REGISTRY_COLUMNS, registryRows(report)],
  ];
  for (const [title, columns, rows] of tables) {
    if (rows.length === 0) continue;
    await page.line();
    await page.line(page.theme.title(title));
    await page.table(columns, rows);
  }
}
