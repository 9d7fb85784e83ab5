/**
 * The sidecar `keys.json` (spec/encryption.md §2). The node reads it with Go's encoding/json into a
 * struct, so that is what decides which text is "such JSON": one value and nothing behind it, names
 * matched without regard to case, unknown names ignored, `null` leaving a field as it was, a
 * repeated name assigning again (structs and maps merge, a map's entry is replaced whole), numbers
 * without fraction or exponent and within their width, base64 with padding (line breaks ignored).
 *
 * After that, in order: version, then per key (id format, id 0, purpose), then the active ids,
 * storage before raft (entry exists, right purpose). Which of several faulty keys a node names is
 * left to chance there; here it is the first by name.
 */
import type { ErrorCode } from '../core/codes/all.js';
import { CorruptionError, ToolError, UnsupportedError } from '../core/errors.js';
import { jsonSigned, jsonUnsigned, parseJson, type JsonValue } from '../bytes/json.js';
import type { Site } from '../core/site.js';

export type Purpose = 'storage' | 'raft';

export interface SidecarKey {
  readonly id: number;
  readonly purpose: Purpose;
  /** 60 bytes, or none at all: the guards skip an empty one. */
  readonly wrapped: Uint8Array;
  /** RFC 3339, kept as it stands in the file. */
  readonly created: string;
  readonly localEpoch: number;
}

export interface Sidecar {
  /** As found, 1 or 2. Version 2 is what gets written. */
  readonly version: number;
  readonly raftAppliedIndex: bigint;
  readonly storageEnvelopeActive: boolean;
  readonly storageEnvelopeCutoverIndex: bigint;
  readonly raftEnvelopeCutoverIndex: bigint;
  /** 0 = not bootstrapped. */
  readonly active: { readonly storage: number; readonly raft: number };
  /** By the decimal id exactly as the file spells it: the active ids are looked up by that text. */
  readonly keys: ReadonlyMap<string, SidecarKey>;
}

/** Largest sidecar that is read; a real one has a few hundred bytes a key. */
export const MAX_SIDECAR_BYTES = 16 << 20;
const MAX_SIDECAR_VALUES = 1 << 18;

/** What a Go struct holds before the first field is assigned. */
interface RawKey {
  purpose: string;
  wrapped: Uint8Array;
  created: string;
  localEpoch: bigint;
}

interface RawSidecar {
  version: bigint;
  raftAppliedIndex: bigint;
  storageEnvelopeActive: boolean;
  storageEnvelopeCutoverIndex: bigint;
  raftEnvelopeCutoverIndex: bigint;
  active: { storage: bigint; raft: bigint };
  keys: Map<string, RawKey>;
}

type Assign<T> = Readonly<Record<string, (into: T, value: JsonValue) => void>>;

/**
 * @param path of the file, for errors
 * @throws {CorruptionError} `sidecar-…` with the node's name, at the offset where there is one
 * @throws {UnsupportedError} `sidecar-version`
 */
export function parseSidecar(bytes: Uint8Array, path: string): Sidecar {
  return new SidecarParser(path).parse(bytes);
}

class SidecarParser {
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  parse(bytes: Uint8Array): Sidecar {
    const raw: RawSidecar = {
      version: 0n,
      raftAppliedIndex: 0n,
      storageEnvelopeActive: false,
      storageEnvelopeCutoverIndex: 0n,
      raftEnvelopeCutoverIndex: 0n,
      active: { storage: 0n, raft: 0n },
      keys: new Map(),
    };
    this.struct('the sidecar', raw, this.root(bytes), this.sidecarFields);
    if (raw.version !== 1n && raw.version !== 2n) {
      throw new UnsupportedError('sidecar-version', `version ${raw.version}, 1 and 2 are known`, {
        site: { path: this.path },
        nodeError: 'ErrSidecarVersion',
      });
    }
    const keys = new Map<string, SidecarKey>();
    for (const name of [...raw.keys.keys()].sort()) {
      const key = raw.keys.get(name);
      if (key) keys.set(name, this.checkedKey(name, key));
    }
    const active = { storage: Number(raw.active.storage), raft: Number(raw.active.raft) };
    this.checkActive('storage', active.storage, keys);
    this.checkActive('raft', active.raft, keys);
    return { ...raw, version: Number(raw.version), active, keys };
  }

  private root(bytes: Uint8Array): JsonValue {
    try {
      const limits = { maxBytes: MAX_SIDECAR_BYTES, maxValues: MAX_SIDECAR_VALUES };
      return parseJson(bytes, { path: this.path, ...limits });
    } catch (error) {
      if (!(error instanceof ToolError) || error.code === 'limit-exceeded') throw error;
      throw new CorruptionError('sidecar-json', error.detail, { site: error.site, cause: error });
    }
  }

  private readonly sidecarFields: Assign<RawSidecar> = {
    version: (into, value) => {
      into.version = this.signed('version', value) ?? into.version;
    },
    raft_applied_index: (into, value) => {
      into.raftAppliedIndex =
        this.unsigned('raft_applied_index', value, 64) ?? into.raftAppliedIndex;
    },
    storage_envelope_active: (into, value) => {
      if (value.kind === 'null') return;
      if (value.kind !== 'boolean') throw this.mismatch('storage_envelope_active', value, 'a bool');
      into.storageEnvelopeActive = value.value;
    },
    storage_envelope_cutover_index: (into, value) => {
      const n = this.unsigned('storage_envelope_cutover_index', value, 64);
      into.storageEnvelopeCutoverIndex = n ?? into.storageEnvelopeCutoverIndex;
    },
    raft_envelope_cutover_index: (into, value) => {
      const n = this.unsigned('raft_envelope_cutover_index', value, 64);
      into.raftEnvelopeCutoverIndex = n ?? into.raftEnvelopeCutoverIndex;
    },
    active: (into, value) => this.struct('active', into.active, value, this.activeFields),
    keys: (into, value) => this.keysMap(into, value),
  };

  private readonly activeFields: Assign<RawSidecar['active']> = {
    storage: (into, value) => {
      into.storage = this.unsigned('active.storage', value, 32) ?? into.storage;
    },
    raft: (into, value) => {
      into.raft = this.unsigned('active.raft', value, 32) ?? into.raft;
    },
  };

  private readonly keyFields: Assign<RawKey> = {
    purpose: (into, value) => {
      into.purpose = this.text('purpose', value) ?? into.purpose;
    },
    wrapped: (into, value) => {
      into.wrapped = this.base64('wrapped', value);
    },
    created: (into, value) => {
      into.created = this.text('created', value) ?? into.created;
    },
    local_epoch: (into, value) => {
      into.localEpoch = this.unsigned('local_epoch', value, 16) ?? into.localEpoch;
    },
  };

  private keysMap(into: RawSidecar, value: JsonValue): void {
    if (value.kind === 'null') {
      into.keys.clear();
      return;
    }
    if (value.kind !== 'object') throw this.mismatch('keys', value, 'an object');
    for (const member of value.members) {
      const key: RawKey = {
        purpose: '',
        wrapped: new Uint8Array(0),
        created: '',
        localEpoch: 0n,
      };
      this.struct('a key', key, member.value, this.keyFields);
      into.keys.set(member.name, key);
    }
  }

  /** Assigns each member to the field it matches, in file order. */
  private struct<T>(what: string, into: T, value: JsonValue, fields: Assign<T>): void {
    if (value.kind === 'null') return;
    if (value.kind !== 'object') throw this.mismatch(what, value, 'an object');
    for (const member of value.members) {
      const name = foldName(member.name);
      if (Object.hasOwn(fields, name)) fields[name]?.(into, member.value);
    }
  }

  /** Undefined for null, which leaves a field as it was. */
  private unsigned(field: string, value: JsonValue, bits: number): bigint | undefined {
    if (value.kind === 'null') return undefined;
    const n = jsonUnsigned(value, bits);
    if (n === undefined) throw this.mismatch(field, value, `a u${bits}`);
    return n;
  }

  private signed(field: string, value: JsonValue): bigint | undefined {
    if (value.kind === 'null') return undefined;
    const n = jsonSigned(value, 64);
    if (n === undefined) throw this.mismatch(field, value, 'an integer');
    return n;
  }

  private text(field: string, value: JsonValue): string | undefined {
    if (value.kind === 'null') return undefined;
    if (value.kind !== 'string') throw this.mismatch(field, value, 'a string');
    return value.value;
  }

  private base64(field: string, value: JsonValue): Uint8Array {
    if (value.kind === 'null') return new Uint8Array(0);
    const bytes = value.kind === 'string' ? decodeBase64(value.value) : undefined;
    if (bytes === undefined) throw this.mismatch(field, value, 'base64');
    return bytes;
  }

  private checkedKey(name: string, key: RawKey): SidecarKey {
    const id = /^[0-9]+$/.test(name) ? BigInt(name) : -1n;
    if (id < 0n || id > 0xffff_ffffn) {
      throw this.invalid(
        'sidecar-key-id-format',
        'ErrSidecarKeyIDFormat',
        `keys has the name ${JSON.stringify(name.slice(0, 40))}, which is no decimal u32`,
      );
    }
    if (id === 0n) {
      throw this.invalid(
        'sidecar-reserved-key-id',
        'ErrSidecarReservedKeyID',
        'keys has an entry for id 0, which is reserved',
      );
    }
    const { purpose, wrapped, created } = key;
    if (purpose !== 'storage' && purpose !== 'raft') {
      throw this.invalid(
        'sidecar-purpose',
        'ErrSidecarPurpose',
        `key ${id} has the purpose ${JSON.stringify(purpose.slice(0, 40))}, storage and raft are known`,
      );
    }
    return { id: Number(id), purpose, wrapped, created, localEpoch: Number(key.localEpoch) };
  }

  private checkActive(purpose: Purpose, id: number, keys: Sidecar['keys']): void {
    if (id === 0) return;
    const key = keys.get(String(id));
    if (key === undefined) {
      throw this.invalid(
        'sidecar-active-key-missing',
        'ErrSidecarActiveKeyMissing',
        `active.${purpose} is ${id}, which keys does not have`,
      );
    }
    if (key.purpose !== purpose) {
      throw this.invalid(
        'sidecar-active-purpose-mismatch',
        'ErrSidecarActivePurposeMismatch',
        `active.${purpose} is ${id}, whose purpose is ${key.purpose}`,
      );
    }
  }

  private mismatch(field: string, value: JsonValue, want: string): CorruptionError {
    const site: Site = { path: this.path, offset: value.offset };
    return new CorruptionError('sidecar-json', `${field} is not ${want}`, { site });
  }

  private invalid(code: ErrorCode, nodeError: string, message: string): CorruptionError {
    return new CorruptionError(code, message, { site: { path: this.path }, nodeError });
  }
}

/**
 * A name as Go compares it: letters of either case, and the two characters outside ASCII that fold
 * into it (long s, Kelvin sign).
 */
function foldName(name: string): string {
  return name
    .replace(/\u017f/g, 's')
    .replace(/\u212a/g, 'k')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Standard alphabet with padding; CR and LF anywhere are skipped. */
function decodeBase64(text: string): Uint8Array | undefined {
  const plain = text.replace(/[\r\n]/g, '');
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) return undefined;
  return Buffer.from(plain, 'base64');
}
