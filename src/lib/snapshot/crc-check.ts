/**
 * The check that ties a `.fsm` to its token (spec/snapshot-files.md §4), in the three orders in which
 * a node makes it. One pass from front to back, in constant memory but for the index of a view.
 *
 * | path | order |
 * |---|---|
 * | skip | size, footer = token, header, CRC |
 * | restore | size, footer = token, header, store payload, CRC: by then `fsm.db` is replaced |
 * | guard, retention | size, CRC, footer = token, header |
 */
import { hex32 } from '../bytes/hex.js';
import { crc32c } from '../checksum/crc32c.js';
import type { ErrorCode } from '../core/codes/all.js';
import { NO_PACE, type Pace } from '../core/pace.js';
import type { Site } from '../core/site.js';
import type { ByteSource } from '../io/byte-source.js';
import { crcOfRange, type CrcAhead } from '../io/file-crc.js';
import { Window } from '../io/window.js';
import { FSM_FOOTER_BYTES, readFooter } from './fsm-file.js';
import { FsmFault, type FsmStage } from './fsm-fault.js';
import { decodeSnapshotHeader, HEADER_MAX_BYTES, type SnapshotHeader } from './header.js';
import type { RestoredPayload } from './payload/restored-payload.js';
import { readStorePayload } from './store-payload.js';
import type { FsmToken } from './token.js';

export type FsmCheckMode = 'skip' | 'restore' | 'guard';

export interface FsmCheckOptions {
  /** Undefined where no token is at hand: step 2 is then left out. */
  readonly token?: FsmToken | undefined;
  readonly mode: FsmCheckMode;
  /** False for an inline payload: no footer, no CRC, steps 1 to 3 are left out. True by default. */
  readonly container?: boolean;
  readonly pace?: Pace;
  /** A sum over the rest of this file that has been begun. */
  readonly ahead?: CrcAhead | undefined;
  /** For tests: no result depends on it. */
  readonly chunkBytes?: number;
}

/** What the node's check ends with; `undefined` throughout where it did not get so far. */
export interface FsmFailure {
  readonly stage: FsmStage;
  readonly code: ErrorCode;
  /** The node's error names; empty where its error has no identity. */
  readonly nodeErrors: readonly string[];
  /** The node's text, or ours where the spec gives none. */
  readonly text: string;
  readonly message: string;
  readonly site: Site | undefined;
}

export interface FsmCheck {
  readonly header: SnapshotHeader | undefined;
  /** Whether the node has taken over the header's ceiling and cutover: never on the guard's path. */
  readonly headerApplied: boolean;
  readonly failure: FsmFailure | undefined;
  /** What a restore has put in place of `fsm.db`: also when the CRC failed afterwards. */
  readonly restored: RestoredPayload | undefined;
  /** The body CRC failed after the payload had been restored: `fsm.db` is the damaged one. */
  readonly swapped: boolean;
}

/**
 * Checks an open `.fsm`, or an inline payload, as the node does on one of its paths.
 * @throws {IoError} reading failed
 * @throws {UnsupportedError} the restore of this payload cannot be told
 */
export async function checkFsm(source: ByteSource, options: FsmCheckOptions): Promise<FsmCheck> {
  const pass = new FsmPass(source, options);
  try {
    await CHECK_OF_MODE[options.mode](pass);
  } catch (error) {
    if (!(error instanceof FsmFault)) throw error;
    return pass.result(options.mode, error);
  }
  return pass.result(options.mode, undefined);
}

const CHECK_OF_MODE: Readonly<Record<FsmCheckMode, (pass: FsmPass) => Promise<void>>> = {
  async skip(pass) {
    pass.checkToken();
    pass.readHeader();
    await pass.checkCrc();
  },
  async restore(pass) {
    pass.checkToken();
    pass.readHeader();
    await pass.readStore({ view: true, count: false });
    await pass.checkCrc();
  },
  async guard(pass) {
    pass.readFooter();
    pass.holdHeader();
    await pass.checkCrc();
    pass.checkToken();
    pass.decodeHeader();
  },
};

/** One reading of a `.fsm`; the caller decides on the order of its steps. */
export class FsmPass {
  readonly source: ByteSource;
  readonly container: boolean;
  header: SnapshotHeader | undefined;
  restored: RestoredPayload | undefined;
  /** Undefined for an inline payload, and until it has been read. */
  footer: number | undefined;
  /** CRC32C of the payload; undefined until it has been read to its end. */
  computed: number | undefined;
  private readonly options: FsmCheckOptions;
  private window: Window | undefined;
  private crc = 0;
  private head: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource, options: FsmCheckOptions) {
    this.source = source;
    this.options = options;
    this.container = options.container ?? true;
  }

  get payloadBytes(): number {
    return this.container ? this.source.size - FSM_FOOTER_BYTES : this.source.size;
  }

  /** Step 1. @throws {FsmFault} `fsm-too-small` */
  readFooter(): void {
    if (this.container) this.footer = readFooter(this.source);
  }

  /** Steps 1 and 2. @throws {FsmFault} `fsm-too-small`, `fsm-token-crc` */
  checkToken(): void {
    this.readFooter();
    const token = this.options.token;
    if (token === undefined || this.footer === undefined || this.footer === token.crc) return;
    const footer = hex32(this.footer);
    const stated = hex32(token.crc);
    const path = this.source.path;
    throw new FsmFault(
      'fsm-token-crc',
      `footer ${footer}, token ${stated}: not the file that the .snap was written for`,
      {
        site: { path, offset: this.payloadBytes },
        stage: 'token-crc',
        nodeErrors: ['ErrFSMSnapshotTokenCRC'],
        nodeText: `path=${path} footer=${footer} token=${stated}: fsm snapshot: token CRC32C mismatch (metadata corrupt)`,
      },
    );
  }

  /** @throws {FsmFault} stage `header` */
  readHeader(): void {
    this.holdHeader();
    this.decodeHeader();
    this.payload().pos += this.header?.length ?? 0;
  }

  /** Keeps what `decodeHeader` needs, for when the payload has been passed over. */
  holdHeader(): void {
    const window = this.payload();
    const length = Math.min(HEADER_MAX_BYTES, window.left);
    window.ensure(length);
    this.head = new Uint8Array(window.bytes.subarray(window.pos, window.pos + length));
  }

  /** @throws {FsmFault} stage `header` */
  decodeHeader(): void {
    this.header = decodeSnapshotHeader(this.head, { path: this.source.path, offset: 0 });
  }

  /** @throws {FsmFault} stage `payload` */
  async readStore(what: { view: boolean; count: boolean }): Promise<void> {
    const { pace = NO_PACE, chunkBytes } = this.options;
    this.restored = await readStorePayload(this.payload(), { pace, chunkBytes, ...what });
  }

  /** Reads on to the end, so that `computed` is known. The window is of no use afterwards. */
  async drain(): Promise<void> {
    const window = this.payload();
    const { pace = NO_PACE, ahead } = this.options;
    if (this.container) {
      const { fetchedEnd, end } = window;
      this.crc = await crcOfRange(this.source, fetchedEnd, end, this.crc, pace, { ahead });
    }
    this.computed = this.crc;
  }

  /** Step 3. @throws {FsmFault} `fsm-file-crc` */
  async checkCrc(): Promise<void> {
    await this.drain();
    if (this.footer === undefined || this.computed === undefined) return;
    if (this.footer === this.computed) return;
    const footer = hex32(this.footer);
    const computed = hex32(this.computed);
    const path = this.source.path;
    throw new FsmFault('fsm-file-crc', `footer ${footer}, the payload's CRC is ${computed}`, {
      site: { path, offset: this.payloadBytes },
      stage: 'file-crc',
      nodeErrors: ['ErrFSMSnapshotFileCRC'],
      nodeText: `path=${path} footer=${footer} computed=${computed}: fsm snapshot: file CRC32C mismatch (file corrupt)`,
    });
  }

  result(mode: FsmCheckMode, fault: FsmFault | undefined): FsmCheck {
    const parsed = this.header !== undefined;
    return {
      header: this.header,
      headerApplied: parsed && (mode === 'restore' || (mode === 'skip' && fault === undefined)),
      failure: fault && failureOf(fault),
      restored: this.restored,
      swapped: this.restored !== undefined && fault?.stage === 'file-crc',
    };
  }

  private payload(): Window {
    if (this.window === undefined) {
      this.window = new Window(this.source, 0, this.payloadBytes, this.options.chunkBytes);
      if (this.container) {
        this.window.tap((chunk) => {
          this.crc = crc32c(chunk, this.crc);
        });
      }
    }
    return this.window;
  }
}

export function failureOf(fault: FsmFault): FsmFailure {
  return {
    stage: fault.stage,
    code: fault.code,
    nodeErrors: fault.nodeErrors,
    text: fault.nodeText ?? fault.detail,
    message: fault.detail,
    site: fault.site,
  };
}
