import { Flags } from '@oclif/core';
import { BaseCommand, type Outcome } from '../../base-command.js';
import { listEnvelopes, type EnvelopeRecord } from '../../lib/encryption-check/listing.js';
import { envelopeLine, envelopeRecord } from '../../lib/report/views/encryption-rows.js';
import { plural } from '../../lib/report/sizes.js';
import { formatFlag, keyFlag, u64Flag } from '../../shell/flags.js';
import { dataDirFlag, encryptionOf, nodeDirOf, nodeFlags } from '../../shell/node-flags.js';

/** Records that a JSON document holds at most; a stream has no such bound. */
const DOCUMENT_RECORDS = 10_000n;

export default class EncryptionRows extends BaseCommand {
  static override summary = 'List what is encrypted: key id, node, epoch and write count of each.';
  static override description = [
    'One line for every encrypted row of fsm.db and the snapshots and every wrapped log entry, with',
    'what its envelope says in the clear. With --sidecar and --kek each tag is checked; the values',
    'themselves are shown only with --decrypt.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> --data-dir /var/lib/elastickv --in fsm.db --key-id 1',
    '<%= config.bin %> <%= command.id %> --data-dir /var/lib/elastickv --sidecar keys.json --kek kek.bin --decrypt --format ndjson',
  ];

  static override flags = {
    'data-dir': dataDirFlag,
    group: nodeFlags.group,
    'raft-id': nodeFlags['raft-id'],
    'allow-live': nodeFlags['allow-live'],
    sidecar: nodeFlags.sidecar,
    kek: nodeFlags.kek,
    in: Flags.string({
      summary: 'Only this place: fsm.db, wal, or a snapshot such as fsm-snap/….fsm.',
      helpValue: 'PLACE',
    }),
    'key-id': u64Flag({ summary: 'Only envelopes under this key.' }),
    prefix: keyFlag({ summary: 'Only rows whose user key begins so.' }),
    limit: u64Flag({ summary: 'End after this many records.' }),
    decrypt: Flags.boolean({ summary: 'Show the decrypted values and payloads.' }),
    format: formatFlag(),
  };

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(EncryptionRows);
    const path = flags['data-dir'];
    this.inputs.push({ path, kind: 'data-dir' });
    const given = { ...flags, peers: undefined, bootstrap: false, 'no-guards': false };
    const node = nodeDirOf(path, given);
    const page = this.mode === 'text' ? await this.openPage() : undefined;
    const records: object[] = [];
    const limit = flags.limit ?? (this.mode === 'json' ? DOCUMENT_RECORDS : BigInt(MAX_LIMIT));
    const sink = (record: EnvelopeRecord): void | Promise<void> => {
      if (page !== undefined) return page.line(envelopeLine(record, page.theme));
      if (this.mode === 'ndjson') return this.record(envelopeRecord(record));
      records.push(envelopeRecord(record));
      return undefined;
    };
    const result = await listEnvelopes(
      {
        group: node.group.dir,
        encryption: encryptionOf(given),
        place: flags.in,
        keyId: flags['key-id'],
        prefix: flags.prefix,
        decrypt: flags.decrypt,
        limit: Number(limit < MAX_LIMIT ? limit : MAX_LIMIT),
        pace: this.pace,
      },
      sink,
    );
    const { given: count, failed, notVerified, more } = result;
    const counts = { records: count, failed, notVerified, more };
    return {
      findings: [...node.findings, ...result.findings],
      grounds: failed > 0 ? [2] : [],
      result: { ...counts, list: records },
      summary: counts,
      text: async (page) => {
        const checked =
          notVerified > 0 ? `${plural(notVerified, 'tag')} not checked` : 'all checked';
        const end = more ? '; there are more' : '';
        const wrong = failed > 0 ? `, ${plural(failed, 'failure')}` : '';
        await page.line(`${plural(count, 'envelope')}, ${checked}${wrong}${end}`);
        await page.findings(result.findings);
      },
    };
  }
}

const MAX_LIMIT = Number.MAX_SAFE_INTEGER;
