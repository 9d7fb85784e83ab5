/** A directory whose calls fail as the test decides; what is below it stays as it is. */
import { IoError } from '../../src/lib/core/errors.js';
import type { ByteSource } from '../../src/lib/io/byte-source.js';
import type { DirEntry, DirSource } from '../../src/lib/io/dir-source.js';

export type DirCall = 'list' | 'stat' | 'open' | 'read';

/** @returns the errno the call fails with, or undefined where it goes through */
export type FaultPlan = (call: DirCall, path: string) => string | undefined;

function fault(plan: FaultPlan, call: DirCall, path: string): void {
  const errno = plan(call, path);
  if (errno === undefined) return;
  const code = errno === 'EACCES' ? 'io-permission' : 'io-failed';
  throw new IoError(code, `cannot ${call}: ${errno}`, { site: { path }, errno });
}

class FaultingSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  private readonly inner: ByteSource;
  private readonly plan: FaultPlan;

  constructor(inner: ByteSource, plan: FaultPlan) {
    this.path = inner.path;
    this.size = inner.size;
    this.inner = inner;
    this.plan = plan;
  }

  readAt(offset: number, into: Uint8Array): number {
    fault(this.plan, 'read', this.path);
    return this.inner.readAt(offset, into);
  }

  close(): void {
    this.inner.close();
  }
}

export class FaultingDir implements DirSource {
  readonly path: string;
  private readonly inner: DirSource;
  private readonly plan: FaultPlan;

  constructor(inner: DirSource, plan: FaultPlan) {
    this.path = inner.path;
    this.inner = inner;
    this.plan = plan;
  }

  list(): readonly DirEntry[] {
    fault(this.plan, 'list', this.path);
    return this.inner.list();
  }

  stat(name: string): DirEntry | undefined {
    fault(this.plan, 'stat', `${this.path}/${name}`);
    return this.inner.stat(name);
  }

  open(name: string): ByteSource {
    fault(this.plan, 'open', `${this.path}/${name}`);
    return new FaultingSource(this.inner.open(name), this.plan);
  }

  dir(name: string): DirSource {
    return new FaultingDir(this.inner.dir(name), this.plan);
  }
}
