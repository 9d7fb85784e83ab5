/** The recorded vectors of spec/vectors.json and edge-vectors.json, and what of them is ours. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildName } from '../../../src/lib/fsm/build.js';
import { FIXTURES } from '../../support/fixtures.js';

export type Pair = readonly [keyHex: string, valueHex: string];

export type Response = 'ok' | { error: string; key?: string; halt?: boolean } | Response[];

export interface ReplayOutput {
  readonly responses: readonly Response[];
  readonly store: readonly Pair[];
  readonly clock: string;
  readonly ceiling_ms: string;
  readonly last_commit_ts: string;
}

export interface ReplayVector {
  readonly kind: 'replay';
  readonly name: string;
  readonly in: {
    readonly about?: string;
    readonly initial?: readonly Pair[];
    readonly entries: readonly { readonly index: string; readonly payload: string }[];
  };
  readonly out?: ReplayOutput;
  readonly out_by_build?: Readonly<Record<string, ReplayOutput>>;
}

export interface OtherVector {
  readonly kind: string;
  readonly name: string;
  readonly in: Readonly<Record<string, unknown>>;
  readonly out: Readonly<Record<string, string>>;
}

const GENERATION_OF: Readonly<Record<BuildName, string>> = {
  A: 'committed-tail',
  B: 'snapshot-pointer',
};

function readVectors(file: string): (ReplayVector | OtherVector)[] {
  const text = readFileSync(join(FIXTURES, 'spec', file), 'utf8');
  return (JSON.parse(text) as { vectors: (ReplayVector | OtherVector)[] }).vectors;
}

function isReplay(vector: ReplayVector | OtherVector): vector is ReplayVector {
  return vector.kind === 'replay';
}

export function replayVectors(file: string): ReplayVector[] {
  return readVectors(file).filter(isReplay);
}

export function otherVectors(...kinds: string[]): OtherVector[] {
  const all = readVectors('vectors.json').filter((vector) => !isReplay(vector));
  return (all as OtherVector[]).filter(({ kind }) => kinds.includes(kind));
}

export function outputOf(vector: ReplayVector, build: BuildName): ReplayOutput {
  const output = vector.out ?? vector.out_by_build?.[GENERATION_OF[build]];
  if (output === undefined) throw new Error(`${vector.name}: no output of build ${build}`);
  return output;
}
