/** The one limit on a value that applying an entry knows (spec/mvcc-store.md). */
import { expect } from 'chai';
import { BUILDS } from '../../../src/lib/fsm/build.js';
import { HlcClock } from '../../../src/lib/fsm/clock.js';
import { StateMachine } from '../../../src/lib/fsm/state-machine.js';
import { EMPTY_VIEW } from '../../../src/lib/kv/memory-view.js';
import { OverlayStore } from '../../../src/lib/kv/overlay.js';
import { raw, single } from './request-writer.js';

const MAX_VALUE_BYTES = 256 << 20;

describe('fsm: a value of more than 256 MiB', function () {
  this.timeout(60_000);

  it('is refused with its length, and nothing of its request is written', () => {
    const store = new OverlayStore(EMPTY_VIEW);
    const clock = new HlcClock();
    const machine = new StateMachine({ build: BUILDS.B, store, clock, nowMs: 1n });
    const value = new Uint8Array(MAX_VALUE_BYTES + 1);
    const small = { op: 0, key: 'small', value: new Uint8Array(1) } as const;
    const request = raw(5n, small, { op: 0, key: 'large', value });
    const { requests, outcome } = machine.apply(7n, single(request));
    expect(outcome).to.equal('applied');
    expect(requests[0]?.error).to.include({
      code: 'value-too-large',
      text: `value of ${MAX_VALUE_BYTES + 1} B`,
    });
    expect(requests[0]?.error?.names).to.deep.equal(['ErrValueTooLarge']);
    expect(store.seekKey('small')?.startsWith('small')).to.not.equal(true);
  });
});
