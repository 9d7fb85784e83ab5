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

type View = 'text' | 'lower' | 'dense';

interface Pattern {
  readonly view: View;
  readonly text: string;
  readonly what: string;
}

/** Consecutive bytes of a key that must not be seen. */
const RUN_BYTES = 6;

/** Finds any of many secrets in any of their forms in one pass over a text. */
export class LeakFinder {
  /** By their first three characters. */
  private readonly patterns = new Map<View, Map<number, Pattern[]>>();

  constructor({ keys, values }: Secrets) {
    for (const [name, key] of keys) {
      for (let from = 0; from + RUN_BYTES <= key.length; from++) {
        this.addForms(key.subarray(from, from + RUN_BYTES), name);
      }
    }
    for (const value of values) {
      this.addForms(value, `the value ${Buffer.from(value).toString('hex')}`);
    }
  }

  find(text: string): string[] {
    const found = new Set<string>();
    // Lists of bytes whatever their brackets.
    const dense = ` ${text.replace(/[\s,[\]<>()]+/g, ' ')} `;
    this.scan('text', text, found);
    this.scan('lower', text.toLowerCase(), found);
    this.scan('dense', dense, found);
    return [...found].sort();
  }

  private addForms(bytes: Uint8Array, name: string): void {
    const buffer = Buffer.from(bytes);
    const hexDigits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
    this.add('text', buffer.toString('latin1'), `${name} raw`);
    this.add('text', buffer.toString('utf8'), `${name} raw`);
    this.add('lower', hexDigits.join(''), `${name} as hex`);
    this.add('lower', hexDigits.join(' '), `${name} as hex`);
    this.add('lower', hexDigits.join(':'), `${name} as hex`);
    this.add('dense', ` ${[...bytes].join(' ')} `, `${name} as decimal`);
    // At each phase of base64 the bytes have characters of their own.
    for (let phase = 0; phase < 3; phase++) {
      const shifted = Buffer.concat([Buffer.alloc(phase), buffer]).toString('base64');
      const to = Math.floor(((phase + bytes.length) * 8) / 6);
      const own = shifted.slice(Math.ceil((phase * 8) / 6), to);
      this.add('text', own, `${name} as base64`);
      this.add('text', own.replaceAll('+', '-').replaceAll('/', '_'), `${name} as base64`);
    }
  }

  private add(view: View, text: string, what: string): void {
    const ofView = this.patterns.get(view) ?? new Map<number, Pattern[]>();
    const start = startOf(text, 0);
    const list = ofView.get(start) ?? [];
    if (!list.some((pattern) => pattern.text === text)) list.push({ view, text, what });
    ofView.set(start, list);
    this.patterns.set(view, ofView);
  }

  private scan(view: View, text: string, found: Set<string>): void {
    const ofView = this.patterns.get(view);
    if (ofView === undefined) return;
    for (let at = 0; at < text.length; at++) {
      const list = ofView.get(startOf(text, at));
      if (list === undefined) continue;
      for (const pattern of list) if (text.startsWith(pattern.text, at)) found.add(pattern.what);
    }
  }
}

/** Three characters as a number. */
function startOf(text: string, at: number): number {
  return (
    (text.charCodeAt(at) & 0x3ff) |
    ((text.charCodeAt(at + 1) & 0x3ff) << 10) |
    ((text.charCodeAt(at + 2) & 0x3ff) << 20)
  );
}
