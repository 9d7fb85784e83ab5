/**
 * The secrets of an encrypted recorded node, and how to find them in text: key bytes in pieces of
 * six, decrypted values whole. A value that also stands in the clear somewhere in the node's files
 * proves nothing and is left out.
 */
import { join } from 'node:path';
import { Kek, readKek } from '../../src/lib/encryption/kek.js';
import { Keystore } from '../../src/lib/encryption/keystore.js';
import { Secret } from '../../src/lib/encryption/secret.js';
import { parseSidecar } from '../../src/lib/encryption/sidecar.js';
import { openStoredValue } from '../../src/lib/encryption/value-cipher.js';
import { readRange } from '../../src/lib/io/byte-source.js';
import { FileSource, FsDir } from '../../src/lib/io/file-source.js';
import { Fault } from '../../src/lib/mvcc/fault.js';
import { openPebble } from '../../src/lib/pebble/db/pebble-db.js';

export interface Secrets {
  /** KEK and data keys by name. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
  /** Decrypted values of at least eight bytes that stand nowhere in the clear. */
  readonly values: readonly Uint8Array[];
}

const MIN_VALUE_BYTES = 8;
const MIN_DISTINCT = 5;
const MOST_VALUES = 200;

/** @param dir with `encryption/keys.json`, `kek.bin` and, below `group`, `fsm.db` */
export function secretsOf(dir: string, group: string): Secrets {
  const keys = new Map<string, Uint8Array>();
  const file = new FileSource(join(dir, 'kek.bin'));
  const secret = readKek(file);
  file.close();
  secret.use((bytes) => keys.set('KEK', Uint8Array.from(bytes)));
  const kek = new Kek(secret);
  const source = new FileSource(join(dir, 'encryption', 'keys.json'));
  const sidecar = parseSidecar(readRange(source, 0, source.size), source.path);
  source.close();
  const store = new Keystore();
  for (const { id, wrapped } of sidecar.keys.values()) {
    const dek = kek.unwrap(wrapped);
    if (dek instanceof Fault) throw new Error(`key ${id} of the fixture: ${dek.text}`);
    dek.use((bytes) => keys.set(`DEK ${id}`, Uint8Array.from(bytes)));
    store.load(id, Secret.copyOf(keys.get(`DEK ${id}`)!));
  }
  return { keys, values: clearValues(join(dir, group), store) };
}

function clearValues(groupDir: string, store: Keystore): Uint8Array[] {
  const values = new Map<string, Uint8Array>();
  const open: string[] = [];
  const db = openPebble(new FsDir(join(groupDir, 'fsm.db')));
  const cursor = db.cursor();
  for (let on = cursor.first(); on; on = cursor.next()) {
    const { key, value } = cursor;
    open.push(Buffer.from(key).toString('latin1'));
    const sealed = value.length >= 43 && (value[0]! & 0x06) === 0x02;
    const clear = sealed ? openStoredValue(store, key, value) : undefined;
    if (!(clear instanceof Uint8Array)) {
      open.push(Buffer.from(value).toString('latin1'));
      continue;
    }
    if (clear.length < MIN_VALUE_BYTES || new Set(clear).size < MIN_DISTINCT) continue;
    values.set(Buffer.from(clear).toString('latin1'), Uint8Array.from(clear));
  }
  db.close();
  const everything = open.join('\n');
  const hidden = [...values].filter(([text]) => !everything.includes(text));
  return hidden.slice(0, MOST_VALUES).map(([, bytes]) => bytes);
}

/** The form in which all of `value` stands in `text`, if any. */
export function valueIn(text: string, dense: string, value: Uint8Array): string | undefined {
  const bytes = Buffer.from(value);
  if (text.includes(bytes.toString('latin1')) || text.includes(bytes.toString('utf8')))
    return 'raw';
  if (text.toLowerCase().includes(bytes.toString('hex'))) return 'hex';
  if (text.includes(bytes.toString('base64').replace(/=+$/, ''))) return 'base64';
  if (` ${dense} `.includes(` ${[...value].join(' ')} `)) return 'decimal';
  return undefined;
}

/** Numbers of a text with single blanks between them: lists of bytes whatever their brackets. */
export function denseText(text: string): string {
  return text.replace(/[\s,[\]<>()]+/g, ' ');
}
