/** What oclif knows of the commands: the one source of manifest, man pages, completion and docs. */
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Plugin } from '@oclif/core';
import type { Interfaces } from '@oclif/core';

export interface FlagMeta {
  readonly name: string;
  readonly char: string | undefined;
  readonly takesValue: boolean;
  readonly allowNo: boolean;
  readonly helpValue: string;
  readonly helpGroup: string | undefined;
  readonly summary: string;
  readonly options: readonly string[];
  readonly defaultText: string | undefined;
  readonly required: boolean;
  readonly multiple: boolean;
}

export interface ArgMeta {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly options: readonly string[];
}

export interface CommandMeta {
  /** As typed behind the program's name: `encryption check`. */
  readonly words: string;
  readonly summary: string;
  /** Paragraphs, templates filled in. */
  readonly description: readonly string[];
  readonly examples: readonly string[];
  readonly args: readonly ArgMeta[];
  readonly flags: readonly FlagMeta[];
}

export interface Program {
  readonly bin: string;
  readonly version: string;
  readonly description: string;
  readonly commands: readonly CommandMeta[];
  /** The content of oclif.manifest.json. */
  readonly manifest: Interfaces.Manifest;
}

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly oclif: { readonly bin: string; readonly commands: object };
}

type CachedCommand = Interfaces.Manifest['commands'][string];

function filled(text: string, bin: string, words: string): string {
  return text.replaceAll('<%= config.bin %>', bin).replaceAll('<%= command.id %>', words);
}

function flagsOf(command: CachedCommand): FlagMeta[] {
  return Object.values(command.flags)
    .filter((flag) => !flag.hidden)
    .map((flag) => {
      const option = flag.type === 'option' ? flag : undefined;
      const helpValue = option?.helpValue;
      return {
        name: flag.name,
        char: flag.char,
        takesValue: option !== undefined,
        allowNo: flag.type === 'boolean' && flag.allowNo === true,
        helpValue: (Array.isArray(helpValue) ? helpValue.join(' ') : helpValue) ?? 'VALUE',
        helpGroup: flag.helpGroup,
        summary: flag.summary ?? flag.description ?? '',
        options: option?.options ?? [],
        defaultText: typeof option?.default === 'string' ? option.default : undefined,
        required: flag.required === true,
        multiple: option?.multiple === true,
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function argsOf(command: CachedCommand): ArgMeta[] {
  return Object.values(command.args)
    .filter((arg) => !arg.hidden)
    .map((arg) => ({
      name: arg.name,
      description: arg.description ?? '',
      required: arg.required === true,
      options: arg.options ?? [],
    }));
}

function metaOf(command: CachedCommand, bin: string): CommandMeta {
  const words = command.id.replaceAll(':', ' ');
  const description = filled(command.description ?? '', bin, words);
  return {
    words,
    summary: filled(command.summary ?? command.description ?? '', bin, words).split('\n')[0] ?? '',
    description: description === '' ? [] : description.split('\n\n'),
    examples: (command.examples ?? []).map((example) =>
      filled(typeof example === 'string' ? example : example.command, bin, words),
    ),
    args: argsOf(command),
    flags: flagsOf(command),
  };
}

/** The path at which an installed program finds a command that lies below `built` here. */
function installed(command: CachedCommand, root: string, built: string): CachedCommand {
  const path = join(root, ...(command.relativePath ?? []));
  return { ...command, relativePath: ['build', ...relative(built, path).split(sep)] };
}

/**
 * @param root  of the repository
 * @param built  the compiled tree, usually `<root>/build`
 */
export async function loadProgram(root: string, built: string): Promise<Program> {
  Object.assign(globalThis, { oclif: { enableAutoTranspile: false } });
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;
  const target = `./${relative(root, join(built, 'src', 'commands'))
    .split(sep)
    .join('/')}`;
  const plugin = new Plugin({
    root,
    name: pjson.name,
    isRoot: true,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
    pjson: {
      ...pjson,
      oclif: { ...pjson.oclif, plugins: [], commands: { strategy: 'pattern', target } },
    } as unknown as Interfaces.PJSON,
  } as ConstructorParameters<typeof Plugin>[0]);
  await plugin.load();
  const ids = Object.keys(plugin.manifest.commands).sort();
  const commands: Record<string, CachedCommand> = {};
  for (const id of ids) {
    const command = plugin.manifest.commands[id];
    if (command !== undefined && !command.hidden) commands[id] = installed(command, root, built);
  }
  return {
    bin: pjson.oclif.bin,
    version: pjson.version,
    description: pjson.description,
    commands: Object.values(commands).map((command) => metaOf(command, pjson.oclif.bin)),
    manifest: { commands, version: pjson.version },
  };
}
