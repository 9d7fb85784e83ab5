// mknode writes a group dir of any size in the formats of docs/formats, with the real Pebble and etcd libraries, for
// benchmarks: snapshot at S, a tail of raw puts and leases above it, fsm.db at the end of the log or absent.
//
//	go run . -dir /tmp/node -keys 1000000 -value 200 -tail 100000 -fsm end|snapshot|absent
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2"
	"go.etcd.io/etcd/server/v3/etcdserver/api/snap"
	etcdstorage "go.etcd.io/etcd/server/v3/storage"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/raft/v3/raftpb"
	"go.uber.org/zap"
)

const perEntry = 4

var (
	keys  = flag.Int("keys", 100_000, "user keys in the snapshot")
	value = flag.Int("value", 200, "bytes per value, half of them random")
	tail  = flag.Int("tail", 10_000, "log entries above the snapshot; every tenth is a lease")
	fsm   = flag.String("fsm", "end", "state of fsm.db: end of the log, snapshot, or absent")
	dir   = flag.String("dir", "", "group dir to create")
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	flag.Parse()
	must(os.MkdirAll(filepath.Join(*dir, "fsm-snap"), 0o755))
	must(os.MkdirAll(filepath.Join(*dir, "snap"), 0o755))
	must(os.WriteFile(filepath.Join(*dir, "raft-engine"), []byte("etcd\n"), 0o600))
	rng := rand.New(rand.NewSource(1))
	ts := uint64(1_780_000_000_000) << 16
	db, err := pebble.Open(filepath.Join(*dir, "fsm.db"), &pebble.Options{FormatMajorVersion: pebble.FormatVirtualSSTables})
	must(err)

	val := func() []byte {
		v := make([]byte, *value)
		rng.Read(v[:*value/2])
		return v
	}
	put := func(b *pebble.Batch, key string, v []byte) {
		raw := binary.BigEndian.AppendUint64([]byte(key), ^ts)
		must(b.Set(raw, append(make([]byte, 9), v...), nil))
	}
	meta := func(b *pebble.Batch, applied uint64) {
		le := func(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }
		must(b.Set([]byte("_meta_last_commit_ts"), le(ts), nil))
		must(b.Set([]byte("_meta_applied_index"), le(applied), nil))
	}

	// Snapshot state, applied index S.
	S := uint64(*keys/500 + 1)
	for done := 0; done < *keys; {
		b := db.NewBatch()
		for i := 0; i < 500 && done < *keys; i++ {
			put(b, fmt.Sprintf("user/%09d/profile", done), val())
			done++
		}
		ts += 3 << 16
		meta(b, S)
		must(b.Commit(pebble.NoSync))
	}
	must(db.Flush())
	crc := writeFSM(db, S, ts)

	// Log: bootstrap snapshot at 1 is skipped; the WAL starts at S.
	lg := zap.NewNop()
	w, err := wal.Create(lg, filepath.Join(*dir, "wal"), nil)
	must(err)
	st := etcdstorage.NewStorage(lg, w, snap.New(lg, filepath.Join(*dir, "snap")))
	token := append([]byte("EKVT\x01"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, S), crc)...)
	must(st.SaveSnap(raftpb.Snapshot{Data: token, Metadata: raftpb.SnapshotMetadata{
		Index: S, Term: 1, ConfState: raftpb.ConfState{Voters: []uint64{0x8b37b07b558d4c0, 0x8b37d07b558d826, 0x8b37e07b558d9d9}}}}))
	if *fsm == "snapshot" {
		must(db.Close())
	}
	var ents []raftpb.Entry
	idx := S
	flush := func() {
		must(st.Save(raftpb.HardState{Term: 1, Vote: 0x8b37b07b558d4c0, Commit: idx}, ents))
		ents = nil
	}
	for i := 0; i < *tail; i++ {
		idx++
		ts += 3 << 16
		var payload []byte
		if i%10 == 9 && i != *tail-1 {
			payload = binary.BigEndian.AppendUint64([]byte{2}, ts>>16)
		} else {
			var b *pebble.Batch
			if *fsm == "end" {
				b = db.NewBatch()
			}
			payload = []byte{0}
			payload = appendVarintField(payload, 3, ts)
			for m := 0; m < perEntry; m++ {
				key, v := fmt.Sprintf("user/%09d/profile", rng.Intn(*keys*4)), val()
				if b != nil {
					put(b, key, v)
				}
				payload = appendBytesField(payload, 4, appendBytesField(appendBytesField(nil, 2, []byte(key)), 3, v))
			}
			if b != nil {
				meta(b, idx)
				must(b.Commit(pebble.NoSync))
			}
		}
		ents = append(ents, raftpb.Entry{Term: 1, Index: idx, Data: append(binary.BigEndian.AppendUint64([]byte{1}, idx), payload...)})
		if len(ents) == 500 {
			flush()
		}
	}
	flush()
	must(st.Close())
	if *fsm != "snapshot" {
		must(db.Close())
	}
	if *fsm == "absent" {
		must(os.RemoveAll(filepath.Join(*dir, "fsm.db")))
	}
	fmt.Printf("S=%d C=T=%d\n", S, idx)
}

func appendVarintField(b []byte, n int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(n)<<3), v)
}

func appendBytesField(b []byte, n int, v []byte) []byte {
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(n)<<3|2), uint64(len(v)))
	return append(b, v...)
}

func writeFSM(db *pebble.DB, index, lastCommit uint64) uint32 {
	f, err := os.Create(filepath.Join(*dir, "fsm-snap", fmt.Sprintf("%016x.fsm", index)))
	must(err)
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	w := io.MultiWriter(f, h)
	head := binary.BigEndian.AppendUint64([]byte("EKVTHLC1"), lastCommit>>16)
	head = append(head, "EKVPBBL1"...)
	buf := binary.LittleEndian.AppendUint64(head, lastCommit)
	it, err := db.NewIter(nil)
	must(err)
	for ok := it.First(); ok; ok = it.Next() {
		v := it.Value()
		buf = append(binary.LittleEndian.AppendUint64(buf, uint64(len(it.Key()))), it.Key()...)
		buf = append(binary.LittleEndian.AppendUint64(buf, uint64(len(v))), v...)
		if len(buf) > 1<<20 {
			_, err = w.Write(buf)
			must(err)
			buf = buf[:0]
		}
	}
	must(it.Close())
	_, err = w.Write(buf)
	must(err)
	_, err = f.Write(binary.BigEndian.AppendUint32(nil, h.Sum32()))
	must(err)
	must(f.Close())
	return h.Sum32()
}
