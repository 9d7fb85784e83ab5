// walread reads a WAL as a starting node does: the scan for snapshots, then ReadAll behind the last.
package main

import (
	"fmt"
	"os"
	"time"

	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.uber.org/zap"
)

func main() {
	dir := os.Args[1]
	start := time.Now()
	snaps, err := wal.ValidSnapshotEntries(zap.NewNop(), dir)
	if err != nil {
		panic(err)
	}
	var at walpb.Snapshot
	if len(snaps) > 0 {
		at = snaps[len(snaps)-1]
	}
	w, err := wal.OpenForRead(zap.NewNop(), dir, at)
	if err != nil {
		panic(err)
	}
	_, state, entries, err := w.ReadAll()
	if err != nil {
		panic(err)
	}
	seconds := time.Since(start).Seconds()
	fmt.Printf("{\"seconds\":%f,\"items\":%d,\"result\":\"commit %d\"}\n", seconds, len(entries), state.Commit)
}
