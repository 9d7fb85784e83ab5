import { Args, Flags } from '@oclif/core';
import { BaseCommand, type Outcome } from '../base-command.js';
import { UsageError } from '../lib/core/errors.js';
import { DIR_KINDS, FILE_KINDS } from '../lib/inspect/kind.js';
import { inspectPath, inspectedPage, pathJson, type LookedAt } from '../shell/inspect-page.js';
import { keyFlag } from '../shell/flags.js';
import { allowLiveFlag } from '../shell/live.js';

export default class Inspect extends BaseCommand {
  static override summary = 'Show what a file or directory is and what matters in it.';
  static override description = [
    'Recognises snapshots (.fsm, .snap, bare payloads), WAL segments and directories, Pebble',
    'databases, peers and legacy state files, keys.json, group dirs and data dirs, by their bytes',
    'first and their names second. Everything that is shown has been read to its end and its',
    'checksums compared; what fails is said in the first line. Nothing is ever written.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> n1/fsm-snap/0000000000000053.fsm --hexdump',
    '<%= config.bin %> <%= command.id %> n1/wal n1/etcd-raft-peers.bin',
    '<%= config.bin %> <%= command.id %> n1/fsm.db --store-digest --json',
    '<%= config.bin %> <%= command.id %> n1/fsm.db --by-prefix --depth 2 --top 20',
    '<%= config.bin %> <%= command.id %> n1/fsm.db n1/fsm-snap/0000000000000053.fsm --key user:42',
    '<%= config.bin %> <%= command.id %> encryption/keys.json --kek kek.bin',
  ];

  static override args = {
    path: Args.string({
      description: 'What to look at; several are possible.',
      required: true,
      multiple: true,
    }),
  };

  static override flags = {
    hexdump: Flags.boolean({ summary: 'Header bytes with the names of their fields.' }),
    'store-digest': Flags.boolean({
      summary: 'Digest of a store (fsm.db, .fsm): equal stores have equal digests.',
    }),
    'by-prefix': Flags.boolean({ summary: 'Where the bytes of a store are, by key prefix.' }),
    depth: Flags.integer({
      summary: 'Parts of a key that make a prefix; parts end in | : or /.',
      helpValue: 'N',
      min: 1,
      max: 16,
      dependsOn: ['by-prefix'],
    }),
    top: Flags.integer({
      summary: 'How many prefixes are listed (default 20).',
      helpValue: 'N',
      min: 1,
      max: 10_000,
      dependsOn: ['by-prefix'],
    }),
    key: keyFlag({ summary: 'Every version of this key in a store, the newest first.' }),
    kek: Flags.string({
      summary: 'The KEK file: tells which keys of a keys.json it unwraps.',
      helpValue: 'FILE',
    }),
    as: Flags.option({
      summary: 'Read the path as this kind, whatever its bytes and name say.',
      options: [...FILE_KINDS, ...DIR_KINDS],
      helpValue: 'KIND',
    })(),
    'allow-live': allowLiveFlag,
  };

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(Inspect);
    const paths = args.path;
    if (paths.some((path) => path === '')) {
      throw new UsageError('usage-bad-argument', 'a path must not be empty');
    }
    this.inputs.push(...paths.map((path) => ({ path, kind: 'unknown' })));
    const wishes = {
      hexdump: flags.hexdump,
      digest: flags['store-digest'],
      depth: flags['by-prefix'] ? (flags.depth ?? 1) : undefined,
      top: flags.top ?? 20,
      key: flags.key,
      kek: flags.kek,
      pace: this.pace,
    };
    const looked: LookedAt[] = [];
    for (const [i, path] of paths.entries()) {
      const found = await inspectPath(path, wishes, flags.as, flags['allow-live']);
      this.inputs[i] = { path, kind: found.kind };
      looked.push(found);
    }
    const [only] = looked;
    return {
      findings: looked.flatMap(({ inspected }) => inspected.findings),
      grounds: looked.flatMap(({ inspected }) => inspected.grounds ?? []),
      result: only && looked.length === 1 ? pathJson(only) : { items: looked.map(pathJson) },
      text: (page, status) => inspectedPage(page, looked, status),
    };
  }
}
