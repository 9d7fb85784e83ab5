/**
 * The JSON manifest of an `EKVSSTI1` bundle (spec/snapshot-files.md §5.2). The node decodes it with
 * Go's encoding/json: names match without regard to case, the last of a repeated name counts, `null`
 * leaves a field as it is. Unknown names are refused.
 */
import { Buffer } from 'node:buffer';
import { compareBytes } from '../../bytes/byte-string.js';
import { unhex } from '../../bytes/hex.js';
import {
  jsonSigned,
  jsonUnsigned,
  parseJson,
  type JsonObject,
  type JsonValue,
} from '../../bytes/json.js';
import { CorruptionError } from '../../core/errors.js';
import { FsmFault } from '../fsm-fault.js';

export const MANIFEST_MAX_BYTES = 64 << 20;
const MANIFEST_VERSION = 1n;
const MAX_FILES = 1 << 20;
const NAME_DIGITS = 6;

export interface BundleFile {
  /** `000000.sst`, … */
  readonly name: string;
  readonly size: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  /** User keys of the database, that is raw keys. */
  readonly smallest: Uint8Array;
  readonly largest: Uint8Array;
}

export interface BundleManifest {
  readonly lastCommitTs: bigint;
  readonly minRetainedTs: bigint;
  readonly pendingMinRetainedTs: bigint;
  readonly appliedIndex: bigint | undefined;
  /** Not checked by the node. */
  readonly entryCount: bigint;
  /** Not checked by the node. */
  readonly uncompressedBytes: bigint;
  readonly totalFileBytes: bigint;
  readonly files: readonly BundleFile[];
}

/**
 * @param offset  absolute, of the JSON's first byte
 * @throws {FsmFault} stage `payload` where a rule is broken
 */
export function parseBundleManifest(
  json: Uint8Array,
  path: string,
  offset: number,
): BundleManifest {
  const rules = new Rules(path, offset);
  let root: JsonValue;
  try {
    root = parseJson(json, { path, base: offset, maxBytes: MANIFEST_MAX_BYTES });
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw error;
    throw rules.broken(error.detail, error.site?.offset);
  }
  const fields = rules.fields(root, MANIFEST_FIELDS);
  const version = rules.signed(fields, 'version');
  const manifest: BundleManifest = {
    lastCommitTs: rules.unsigned(fields, 'last_commit_ts') ?? 0n,
    minRetainedTs: rules.unsigned(fields, 'min_retained_ts') ?? 0n,
    pendingMinRetainedTs: rules.unsigned(fields, 'pending_min_retained_ts') ?? 0n,
    appliedIndex: rules.unsigned(fields, 'applied_index'),
    entryCount: rules.unsigned(fields, 'entry_count') ?? 0n,
    uncompressedBytes: rules.unsigned(fields, 'uncompressed_bytes') ?? 0n,
    totalFileBytes: rules.unsigned(fields, 'total_file_bytes') ?? 0n,
    files: rules.files(fields.get('files')),
  };
  if (version !== MANIFEST_VERSION) {
    throw rules.broken(`version is ${version}, only ${MANIFEST_VERSION} is known`);
  }
  verifyFiles(manifest, rules);
  return manifest;
}

const MANIFEST_FIELDS = [
  'version',
  'last_commit_ts',
  'min_retained_ts',
  'pending_min_retained_ts',
  'applied_index',
  'entry_count',
  'uncompressed_bytes',
  'total_file_bytes',
  'files',
] as const;

const FILE_FIELDS = ['name', 'size', 'sha256', 'smallest', 'largest'] as const;

function verifyFiles(manifest: BundleManifest, rules: Rules): void {
  let total = 0n;
  let previous: BundleFile | undefined;
  manifest.files.forEach((file, i) => {
    const name = `${String(i).padStart(NAME_DIGITS, '0')}.sst`;
    const shown = `files[${i}]`;
    if (file.name !== name) {
      throw rules.broken(`${shown}.name is ${JSON.stringify(file.name)}, must be "${name}"`);
    }
    if (file.size <= 0) throw rules.broken(`${shown}.size is ${file.size}, must be above 0`);
    if (file.sha256.length !== 64 || unhex(file.sha256) === undefined) {
      throw rules.broken(`${shown}.sha256 is not 64 hex digits`);
    }
    if (file.smallest.length === 0 || file.largest.length === 0) {
      throw rules.broken(`${shown}: smallest and largest must not be empty`);
    }
    if (compareBytes(file.smallest, file.largest) > 0) {
      throw rules.broken(`${shown}: smallest is above largest`);
    }
    if (previous !== undefined && compareBytes(file.smallest, previous.largest) <= 0) {
      throw rules.broken(`${shown}.smallest is not above the largest of the file before`);
    }
    total += BigInt(file.size);
    previous = file;
  });
  if (total !== manifest.totalFileBytes) {
    throw rules.broken(`sizes add up to ${total}, total_file_bytes is ${manifest.totalFileBytes}`);
  }
}

type Fields = ReadonlyMap<string, JsonValue>;

/** Takes Go's view of a JSON value. */
class Rules {
  private readonly path: string;
  private readonly offset: number;

  constructor(path: string, offset: number) {
    this.path = path;
    this.offset = offset;
  }

  broken(message: string, offset = this.offset): FsmFault {
    return new FsmFault('fsm-bundle-manifest', `manifest: ${message}`, {
      site: { path: this.path, offset },
      stage: 'payload',
    });
  }

  /** The members by their lower-case names; `null` ones are left out, as Go leaves the field alone. */
  fields(value: JsonValue, known: readonly string[]): Fields {
    const fields = new Map<string, JsonValue>();
    if (value.kind === 'null') return fields;
    if (value.kind !== 'object') throw this.wrong(value, 'an object');
    for (const member of (value satisfies JsonObject).members) {
      const name = foldName(member.name);
      if (!known.includes(name)) {
        throw this.broken(`unknown field ${JSON.stringify(member.name)}`, member.offset);
      }
      // A null resets what is a pointer or a slice, and leaves a number or string as it is.
      const resets = name === 'applied_index' || name === 'files' || KEY_FIELDS.includes(name);
      if (member.value.kind !== 'null') fields.set(name, member.value);
      else if (resets) fields.delete(name);
    }
    return fields;
  }

  unsigned(fields: Fields, name: string): bigint | undefined {
    const value = fields.get(name);
    if (value === undefined) return undefined;
    const n = jsonUnsigned(value, 64);
    if (n === undefined) throw this.wrong(value, `${name} as an unsigned 64-bit number`);
    return n;
  }

  signed(fields: Fields, name: string): bigint {
    const value = fields.get(name);
    if (value === undefined) return 0n;
    const n = jsonSigned(value, 64);
    if (n === undefined) throw this.wrong(value, `${name} as a 64-bit number`);
    return n;
  }

  text(fields: Fields, name: string): string {
    const value = fields.get(name);
    if (value === undefined) return '';
    if (value.kind !== 'string') throw this.wrong(value, `${name} as text`);
    return value.value;
  }

  /** Base64 with padding, line breaks passed over: what Go's decoder of a byte slice takes. */
  base64(fields: Fields, name: string): Uint8Array {
    const text = this.text(fields, name).replace(/[\r\n]/g, '');
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
      throw this.wrong(fields.get(name), `${name} in base64`);
    }
    return new Uint8Array(Buffer.from(text, 'base64'));
  }

  files(value: JsonValue | undefined): BundleFile[] {
    if (value === undefined) return [];
    if (value.kind !== 'array') throw this.wrong(value, 'files as an array');
    if (value.items.length > MAX_FILES) {
      throw this.broken(`${value.items.length} files, at most ${MAX_FILES}`, value.offset);
    }
    return value.items.map((item) => this.file(item));
  }

  private file(value: JsonValue): BundleFile {
    const fields = this.fields(value, FILE_FIELDS);
    const size = this.signed(fields, 'size');
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw this.broken(`size ${size} is larger than any file`, value.offset);
    }
    return {
      name: this.text(fields, 'name'),
      size: Number(size),
      sha256: this.text(fields, 'sha256'),
      smallest: this.base64(fields, 'smallest'),
      largest: this.base64(fields, 'largest'),
    };
  }

  private wrong(value: JsonValue | undefined, wanted: string): FsmFault {
    return this.broken(`cannot read ${value?.kind ?? 'nothing'}, wanted ${wanted}`, value?.offset);
  }
}

const KEY_FIELDS: readonly string[] = ['smallest', 'largest'];

/** Go's case folding of names: ASCII, and the two letters outside it that fold into it. */
function foldName(name: string): string {
  return name.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
}
