import { expect } from 'chai';
import { join } from 'node:path';
import { byteStringOf, toByteString } from '../../../../src/lib/bytes/byte-string.js';
import { NO_PACE } from '../../../../src/lib/core/pace.js';
import { FsDir } from '../../../../src/lib/io/file-source.js';
import type { KvView } from '../../../../src/lib/kv/kv-view.js';
import { scanLastCommitTs } from '../../../../src/lib/mvcc/last-commit-scan.js';
import { openPebble } from '../../../../src/lib/pebble/db/pebble-db.js';
import { fixtureNames, unpackFixture } from '../../../support/fixtures.js';

describe('pebble/db: walk over the entries', () => {
  it('shows every key that is there, and others only if it says so', async () => {
    let exact = 0;
    let deleting = 0;
    for (const name of fixtureNames('pebble')) {
      const db = openPebble(new FsDir(join(unpackFixture('pebble', name), name)));
      const there = new Set<string>();
      const cursor = db.cursor();
      for (let on = cursor.first(); on; on = cursor.next()) there.add(toByteString(cursor.key));
      const walk = db.walk();
      const met = new Set<string>();
      while (walk.next()) met.add(byteStringOf(walk.bytes, walk.start, walk.end));
      for (const key of there) expect(met.has(key), `${name}: ${key}`).to.equal(true);
      if (walk.hasDeletions) deleting++;
      else {
        exact++;
        expect(met.size, name).to.equal(there.size);
      }
      const merged: KvView = { get: (key) => db.get(key), cursor: () => db.cursor() };
      expect(await scanLastCommitTs(db, NO_PACE), name).to.equal(
        await scanLastCommitTs(merged, NO_PACE),
      );
      db.close();
    }
    expect(exact, 'databases without deletions').to.be.greaterThan(0);
    expect(deleting, 'databases with deletions').to.be.greaterThan(0);
  });
});
