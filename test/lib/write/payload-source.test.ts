/** Payloads that no writer may take for a store's. */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../../src/lib/core/errors.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { checkSource } from '../../../src/lib/write/fsm-rewrite.js';
import { payloadOfFile } from '../../../src/lib/write/payload-source.js';
import { FsmFault } from '../../../src/lib/snapshot/fsm-fault.js';
import { tempDir } from '../../support/fixtures.js';
import { be64, container, latin1, pebbleStream, V1 } from '../snapshot/build.js';

function written(bytes: Uint8Array): string {
  const path = join(tempDir('payload'), '0000000000000028.fsm');
  writeFileSync(path, bytes);
  return path;
}

const READINGS: readonly (readonly [string, (path: string, whole: boolean) => Promise<unknown>])[] =
  [
    ['a restore', (path, whole) => payloadOfFile(path, whole, NO_PACE)],
    ['a header', (path, whole) => checkSource(path, undefined, NO_PACE, whole)],
  ];

async function thrown(run: Promise<unknown>): Promise<Error> {
  const result = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  return result instanceof Error ? result : expect.fail('is taken');
}

const STORE = Buffer.concat([V1, pebbleStream([['_meta_applied_index', Buffer.alloc(8)]])]);

describe('write: where a payload comes from', () => {
  for (const [name, read] of READINGS) {
    it(`${name} is not taken from the timestamp oracle's eight bytes`, async () => {
      const oracle = be64(1_780_000_049_219n);
      for (const [bytes, whole] of [
        [container(oracle), true],
        [oracle, false],
      ] as const) {
        const path = written(bytes);
        const error = await thrown(read(path, whole));
        expect(error).to.be.instanceOf(UsageError);
        expect((error as UsageError).code).to.equal('payload-not-kv');
        expect(error.message).to.contain(path);
      }
    });

    it(`${name} is taken from a store's, with its footer or without`, async () => {
      expect(await read(written(container(STORE)), true)).to.include({ kind: 'pebble-stream' });
      expect(await read(written(STORE), false)).to.include({ kind: 'pebble-stream' });
    });

    it(`${name} is not taken from a payload of no known magic, nor from a wrong CRC`, async () => {
      const foreign = await thrown(
        read(written(container(Buffer.concat([V1, latin1('EKVX0000')]))), true),
      );
      expect((foreign as FsmFault).code).to.match(/^fsm-payload-/);
      const bytes = container(STORE);
      bytes[bytes.length - 6]! ^= 1;
      const broken = await thrown(read(written(bytes), true));
      expect((broken as FsmFault).code).to.equal('fsm-file-crc');
      expect((broken as FsmFault).site?.offset).to.equal(bytes.length - 4);
    });

    it(`${name} is not taken from a file that is too small for a footer`, async () => {
      const path = written(container(STORE));
      truncateSync(path, 3);
      expect(((await thrown(read(path, true))) as FsmFault).code).to.equal('fsm-too-small');
    });
  }
});
