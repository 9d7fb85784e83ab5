/**
 * Two protobuf libraries wrote and read what lies in a data dir: gogo (etcd and raft up to 3.6) and
 * the standard Go one (3.7). They read each other's bytes but judge damaged ones differently, and
 * they write absent and zero fields differently (spec/etcd-wal.md §2.5 step 6, §3.1, §3.3, §10).
 * The differences stand here as data; readers and writers ask for the property, never for the name.
 */
export interface ProtoDialect {
  /** Version of etcd and raft that brings the library. */
  readonly name: '3.6' | '3.7';
  /** A known field with a foreign wire type is an error; otherwise it is skipped as unknown. */
  readonly mindsWireTypes: boolean;
  /** Running out of bytes inside a field is Go's `io.ErrUnexpectedEOF`, not a parser error. */
  readonly cutIsUnexpectedEof: boolean;
  /** Bits beyond the 64th in a ten-byte varint are an error; otherwise they are dropped. */
  readonly mindsVarintOverflow: boolean;
  /** Field numbers above 2^29-1 are an error; otherwise the low 32 bits count, as an int32. */
  readonly mindsFieldNumberRange: boolean;
  /** Every scalar is written, also when it is absent or 0; otherwise what is present. */
  readonly writesZeros: boolean;
  /** Unknown fields are kept and written again. */
  readonly keepsUnknown: boolean;
  /** The one text of every parser error, or undefined where the text says what is wrong. */
  readonly faultText: string | undefined;
}

/** gogo/protobuf as generated for etcd and raft up to 3.6. */
export const PROTO_36: ProtoDialect = {
  name: '3.6',
  mindsWireTypes: true,
  cutIsUnexpectedEof: true,
  mindsVarintOverflow: false,
  mindsFieldNumberRange: false,
  writesZeros: true,
  keepsUnknown: false,
  faultText: undefined,
};

/** google.golang.org/protobuf as used by etcd and raft 3.7. */
export const PROTO_37: ProtoDialect = {
  name: '3.7',
  mindsWireTypes: false,
  cutIsUnexpectedEof: false,
  mindsVarintOverflow: true,
  mindsFieldNumberRange: true,
  writesZeros: false,
  keepsUnknown: true,
  // The library varies the blank between builds: an ordinary one or U+00A0.
  faultText: 'proto: cannot parse invalid wire-format data',
};

/** That of an etcd library, as a generation of builds names it. */
export function dialectOf(etcd: '3.6' | '3.7'): ProtoDialect {
  return etcd === '3.6' ? PROTO_36 : PROTO_37;
}
