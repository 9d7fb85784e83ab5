import { expect } from 'chai';
import fc from 'fast-check';
import { layoutIndexLine, type IndexLine } from '../../../src/lib/report/index-layout.js';
import { indexLineText } from '../../../src/lib/report/index-line.js';

const NOTHING: IndexLine = {
  snapshot: null,
  applied: null,
  commit: null,
  tail: null,
  first: null,
  floor: null,
  deliveredTo: null,
  duplicatesTo: null,
  snapshots: [],
  segments: [],
};

const SKIP: IndexLine = {
  snapshot: 40n,
  applied: 80n,
  commit: 80n,
  tail: 84n,
  first: 41n,
  floor: 40n,
  deliveredTo: 80n,
  duplicatesTo: 80n,
  snapshots: [20n, 40n],
  segments: [0n, 61n],
};

const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 200n }),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.constantFrom(0n, 1n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n),
);
const maybe = fc.option(u64, { nil: null });
const many = fc.array(u64, { maxLength: 300 });
const anyLine: fc.Arbitrary<IndexLine> = fc.record({
  snapshot: maybe,
  applied: maybe,
  commit: maybe,
  tail: maybe,
  first: maybe,
  floor: maybe,
  deliveredTo: maybe,
  duplicatesTo: maybe,
  snapshots: many,
  segments: many,
});

describe('the index line', () => {
  it('draws where snapshot, log, store and delivery stand', () => {
    expect(indexLineText(SKIP, { width: 60, blocks: false })).to.deep.equal([
      '            S                                       HC     T',
      'snapshots  o*',
      'log           |===================|==================-------',
      'fsm.db     ##########################################',
      'boot         ::::::::::::::::::::::::::::::::::::::::',
      'index       40                                      80    84',
      'S 40 snapshot  H 80 applied in fsm.db  C 80 commit',
      'T 84 log tail  = committed entry  - not committed',
      '| segment begins  : delivered again, already in fsm.db',
      'o other snapshot',
    ]);
  });

  it('is never wider than asked for and holds no control character', () => {
    fc.assert(
      fc.property(
        anyLine,
        fc.integer({ min: 0, max: 130 }),
        fc.boolean(),
        (line, width, blocks) => {
          for (const text of indexLineText(line, { width, blocks })) {
            expect(text.length).to.be.at.most(width);
            expect(text).to.match(blocks ? /^[ -~█░▌▄▒▓◇◆]*$/ : /^[ -~]*$/);
          }
        },
      ),
    );
  });

  it('keeps the order of indexes, and tells key marks apart wherever there is room', () => {
    fc.assert(
      fc.property(anyLine, fc.integer({ min: 1, max: 120 }), (line, columns) => {
        const { marks } = layoutIndexLine(line, columns);
        for (let i = 1; i < marks.length; i++) {
          const [before, after] = [marks[i - 1]!, marks[i]!];
          expect(before.index < after.index).to.equal(true);
          if (columns >= 16) expect(after.at).to.be.above(before.at + before.letters.length - 1);
          else expect(after.at).to.be.at.least(before.at);
        }
        for (const { at, letters } of marks) {
          expect(at).to.be.within(0, columns - 1);
          if (columns >= 16) expect(at + letters.length).to.be.at.most(columns);
        }
      }),
    );
  });

  it('spans lie on the axis and do not run backwards', () => {
    fc.assert(
      fc.property(anyLine, fc.integer({ min: 1, max: 120 }), (line, columns) => {
        const { committed, uncommitted, store, duplicates, fresh } = layoutIndexLine(line, columns);
        for (const span of [committed, uncommitted, store, duplicates, fresh]) {
          if (span === null) continue;
          expect(span.from).to.be.within(0, span.to);
          expect(span.to).to.be.below(columns);
        }
        if (committed && uncommitted) expect(committed.to).to.be.below(uncommitted.from);
      }),
    );
  });

  it('says every number in words, whatever the picture has room for', () => {
    fc.assert(
      fc.property(anyLine, (line) => {
        const text = indexLineText(line, { width: 100, blocks: false }).join('\n');
        if (line.snapshot !== null) expect(text).to.include(`S ${line.snapshot} snapshot`);
        if (line.applied !== null) expect(text).to.include(`H ${line.applied} applied`);
        if (line.commit !== null) expect(text).to.include(`C ${line.commit} commit`);
        if (line.tail !== null) expect(text).to.include(`T ${line.tail} log tail`);
      }),
    );
  });

  it('all equal, and nothing at all', () => {
    const same = { ...NOTHING, snapshot: 7n, applied: 7n, commit: 7n, tail: 7n };
    expect(indexLineText(same, { width: 80, blocks: false })[0]).to.equal('           SHCT');
    expect(indexLineText(NOTHING, { width: 80, blocks: false })).to.deep.equal([]);
    expect(indexLineText(SKIP, { width: 20, blocks: false })).to.deep.equal([]);
  });

  it('a store ahead of the log is drawn beyond its tail', () => {
    const line = { ...SKIP, applied: 120n, floor: 80n };
    const { marks, uncommitted, store } = layoutIndexLine(line, 70);
    expect(marks.map(({ letters }) => letters)).to.deep.equal(['S', 'CF', 'T', 'H']);
    expect(store!.to).to.be.above(uncommitted!.to);
  });

  it('a hundred thousand segments cost no more than their number', () => {
    const segments = Array.from({ length: 100_000 }, (_, i) => BigInt(i) * 10n);
    const line = { ...SKIP, first: 1n, tail: 1_000_000n, commit: 999_999n, segments };
    expect(indexLineText(line, { width: 100, blocks: true }).length).to.be.below(12);
  });
});
