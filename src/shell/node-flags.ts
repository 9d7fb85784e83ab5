/**
 * The flags that describe a node: where its files are and how it is started. Every command that
 * predicts something takes them from here, so that they mean the same everywhere.
 */
import { basename, isAbsolute, join, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { UsageError } from '../lib/core/errors.js';
import type { Finding } from '../lib/core/finding.js';
import {
  kekStateOf,
  sidecarStateOf,
  type KekState,
  type SidecarState,
} from '../lib/encryption/guard-inputs.js';
import type { Pace } from '../lib/core/pace.js';
import type { BootInput, PeerFlag } from '../lib/engine/boot-input.js';
import type { EncryptionInput } from '../lib/engine/envelopes.js';
import { generationShown } from '../lib/engine/build-evidence.js';
import { GENERATION_NAMES, GENERATIONS, type GenerationName } from '../lib/engine/generation.js';
import { openNodeDir, type NodeDir } from '../lib/engine/node-dir.js';
import { FileSource, FsDir } from '../lib/io/file-source.js';
import { outsideLinks } from '../lib/io/links.js';
import { groupLocks } from '../lib/io/live-lock.js';
import type { CommandContext } from '../lib/report/next-commands.js';
import { u64Flag } from './flags.js';
import { allowLiveFlag, judgeLive } from './live.js';

export const dataDirFlag = Flags.string({
  summary: 'The node’s raft data dir, its <raftId> dir, or one group dir.',
  helpValue: 'DIR',
  helpGroup: 'NODE',
  required: true,
});

export const nodeFlags = {
  group: u64Flag({
    summary: 'Which raft group, where there are several (default: the lowest id that is not 0).',
    helpGroup: 'NODE',
  }),
  'raft-id': Flags.string({
    summary: 'The node’s raft id (default: the directory’s name).',
    helpValue: 'ID',
    helpGroup: 'NODE',
  }),
  peers: Flags.string({
    summary: 'The node’s member list, id=host:port,… (default: its peers file).',
    helpValue: 'LIST',
    helpGroup: 'NODE',
  }),
  'allow-live': allowLiveFlag,
  bootstrap: Flags.boolean({
    summary: 'The node is started with its bootstrap flag.',
    helpGroup: 'NODE',
  }),
  encryption: Flags.option({
    summary: 'The node’s encryption flag; with it, a file not named is one the node does not have.',
    options: ['on', 'off'] as const,
    helpGroup: 'ENCRYPTION',
  })(),
  sidecar: Flags.string({
    summary: 'The encryption sidecar, keys.json.',
    helpValue: 'FILE',
    helpGroup: 'ENCRYPTION',
  }),
  kek: Flags.string({
    summary: 'The KEK file.',
    helpValue: 'FILE',
    helpGroup: 'ENCRYPTION',
  }),
  'no-guards': Flags.boolean({
    summary: 'Ask about the raft engine alone: leave out the encryption start-up guards.',
    helpGroup: 'ENCRYPTION',
  }),
};

/** Not given, the dir itself says which, where it does. */
export const generationFlag = Flags.option({
  summary: 'Which builds (default: what only one of them can have written, else committed-tail).',
  options: GENERATION_NAMES,
})();

export interface NodeFlagValues {
  readonly group?: bigint | undefined;
  readonly 'raft-id'?: string | undefined;
  readonly peers?: string | undefined;
  readonly 'allow-live'?: boolean | undefined;
  readonly bootstrap: boolean;
  readonly encryption?: 'on' | 'off' | undefined;
  readonly sidecar?: string | undefined;
  readonly kek?: string | undefined;
  readonly 'no-guards': boolean;
}

/** @throws {UsageError} a part that is not `id=host:port` */
export function parsePeers(text: string | undefined): PeerFlag[] {
  if (text === undefined || text === '') return [];
  return text.split(',').map((part) => {
    const at = part.indexOf('=');
    if (at <= 0 || at === part.length - 1) {
      const what = `--peers: ${JSON.stringify(part)} is not id=host:port`;
      throw new UsageError('usage-bad-flag', what);
    }
    return { id: part.slice(0, at), address: part.slice(at + 1) };
  });
}

/** @throws {IoError} no such directory, no raft group in it, or `dir-live`: a node holds it */
export function nodeDirOf(dataDir: string, flags: NodeFlagValues): NodeDir {
  const node = openNodeDir(new FsDir(dataDir), {
    group: flags.group,
    raftId: flags['raft-id'],
    resolvedName: basename(resolve(dataDir)),
  });
  const paths = node.groups.map(({ relativePath }) => join(dataDir, relativePath));
  const live = judgeLive(paths.flatMap(groupLocks), flags['allow-live'] === true);
  return { ...node, findings: [...live, ...node.findings, ...linkFindings(dataDir)] };
}

/** A build and, where it was not named and is not the default, why it was chosen. */
export interface ChosenGeneration {
  readonly generation: GenerationName;
  readonly findings: readonly Finding[];
}

export function generationOf(node: NodeDir, named: GenerationName | undefined): ChosenGeneration {
  if (named !== undefined) return { generation: named, findings: [] };
  const { generation, why } = generationShown(node.group.dir);
  if (why === null) return { generation, findings: [] };
  const message = `asked about builds of generation ${generation}: ${why}`;
  return { generation, findings: [{ code: 'generation-shown', severity: 'note', message }] };
}

/** The question every prediction asks of this node; what else it is to tell, a command adds. */
export function bootInputOf(
  node: NodeDir,
  flags: NodeFlagValues,
  generation: GenerationName,
  pace: Pace,
): BootInput {
  return {
    group: node.group.dir,
    generation: GENERATIONS[generation],
    raftId: node.raftId ?? '',
    peers: parsePeers(flags.peers),
    bootstrap: flags.bootstrap,
    guards: !flags['no-guards'],
    encryption: encryptionOf(flags),
    groups: node.processGroups,
    wantDigest: false,
    onEntry: null,
    nowMs: BigInt(Date.now()),
    pace,
  };
}

/** The node follows such links, and so does the tool: whoever reads the report should know. */
function linkFindings(dataDir: string): Finding[] {
  return outsideLinks(dataDir).map(({ path, target, dangling }) => ({
    code: 'link-outside',
    severity: 'note',
    file: path,
    message: dangling
      ? `a symbolic link that leads nowhere: ${JSON.stringify(target)}`
      : `a symbolic link out of the directory: what is read lies in ${JSON.stringify(target)}`,
  }));
}

/**
 * With --encryption the flags are the node's own, all of them: what is not named it does not have.
 * Without it, naming one of sidecar and KEK means "on", and the other is not absent but unknown: what
 * depends on it becomes inconclusive.
 */
export function encryptionOf(flags: NodeFlagValues): EncryptionInput {
  const { encryption, sidecar, kek } = flags;
  const named = sidecar !== undefined || kek !== undefined;
  const implied = encryption === undefined && named;
  return {
    on: encryption === undefined && !named ? undefined : encryption !== 'off',
    sidecar: sidecarOf(sidecar, implied),
    kek: kekOf(kek, implied),
    sidecarPath: sidecar ?? 'keys.json',
  };
}

function sidecarOf(path: string | undefined, implied: boolean): SidecarState {
  if (path !== undefined) return sidecarStateOf(() => new FileSource(path));
  return implied ? { kind: 'unknown' } : { kind: 'no-path' };
}

function kekOf(path: string | undefined, implied: boolean): KekState {
  if (path !== undefined) return kekStateOf(() => new FileSource(path));
  return implied ? { kind: 'unknown' } : { kind: 'none' };
}

/** What the commands that a report suggests are made of: the dir and the flags as they were typed. */
export function commandContext(
  dataDir: string,
  { group }: NodeDir,
  flags: NodeFlagValues,
  generation: string | undefined,
  asked: string,
): CommandContext {
  const below = group.relativePath === '' ? '' : `/${group.relativePath}`;
  const pathOf = (file: string | undefined): string | undefined =>
    file === undefined || isAbsolute(file) ? file : `${dataDir}${below}/${file}`;
  return { dataDir, nodeArgs: nodeArgsOf(flags), generation, asked, pathOf };
}

function nodeArgsOf(flags: NodeFlagValues): string[] {
  const args: string[] = [];
  if (flags.group !== undefined) args.push('--group', String(flags.group));
  for (const name of ['raft-id', 'peers', 'encryption', 'sidecar', 'kek'] as const) {
    const value = flags[name];
    if (value !== undefined) args.push(`--${name}`, value);
  }
  for (const name of ['bootstrap', 'no-guards', 'allow-live'] as const) {
    if (flags[name]) args.push(`--${name}`);
  }
  return args;
}
