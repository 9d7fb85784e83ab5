// Package etcd asks etcd's and raft's own libraries about the files of a group dir, in plain values.
// What the two versions say differently in Go is in etcd36.go and etcd37.go: which of them is built
// is the choice of a module file and of a tag, see ../README.md.
package etcd

import (
	"path/filepath"
	"runtime/debug"
	"strings"

	"go.etcd.io/etcd/server/v3/etcdserver/api/snap"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.uber.org/zap"
)

// Position is where a snapshot lies in the log.
type Position struct{ Term, Index uint64 }

// State is a hard state; Written is what the library makes of it when it writes it again.
type State struct {
	Term, Vote, Commit uint64
	Written            []byte
}

// Entry is one entry of the log; Written as in State.
type Entry struct {
	Term, Index uint64
	Type        int32
	Data        []byte
	Written     []byte
}

// Snapshot is the content of a .snap file; Written as in State.
type Snapshot struct {
	Position         Position
	Data             []byte
	Voters, Learners []uint64
	Written          []byte
}

// Record is a snapshot record of the WAL; its ConfState as the library writes it, nil where absent.
type Record struct {
	Position  Position
	ConfState []byte
}

var quiet = zap.NewNop()

// Records are the snapshot records that the WAL vouches for.
func Records(walDir string) ([]Record, error) {
	records := []Record{}
	found, err := wal.ValidSnapshotEntries(quiet, walDir)
	for i := range found {
		records = append(records, recordOf(found[i]))
	}
	return records, err
}

// Read opens a WAL at a snapshot and reads all of it: as an inspection does, or, for writing, as a
// node does at boot. The second changes the directory (the rest of the last segment is zeroed, 0.tmp
// is made).
func Read(walDir string, at Position, writing bool) (State, []Entry, error) {
	open := wal.OpenForRead
	if writing {
		open = wal.Open
	}
	w, err := open(quiet, walDir, recordAt(at))
	if err != nil {
		return State{}, nil, err
	}
	defer w.Close()
	_, state, found, err := w.ReadAll()
	entries := []Entry{}
	for i := range found {
		entries = append(entries, entryOf(found[i]))
	}
	return stateOf(state), entries, err
}

// Repair cuts the last segment behind its last good record, where it can.
func Repair(walDir string) bool { return wal.Repair(quiet, walDir) }

// ReadSnap reads one .snap file.
func ReadSnap(path string) (*Snapshot, error) {
	found, err := snap.Read(quiet, path)
	if err != nil {
		return nil, err
	}
	return snapshotOf(found), nil
}

// Newest is the newest snapshot in DIR/snap that is among those of the WAL.
func Newest(groupDir string) (*Snapshot, error) {
	records, err := wal.ValidSnapshotEntries(quiet, filepath.Join(groupDir, "wal"))
	if err != nil {
		return nil, err
	}
	found, err := snap.New(quiet, filepath.Join(groupDir, "snap")).LoadNewestAvailable(records)
	if err != nil {
		return nil, err
	}
	return snapshotOf(found), nil
}

// Writer appends to a new WAL, and holds it as a running node does.
type Writer struct{ wal *wal.WAL }

func Create(walDir string) (*Writer, error) {
	w, err := wal.Create(quiet, walDir, nil)
	return &Writer{w}, err
}

// Version is that of the etcd library in this program, from what the linker put into it.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, dep := range info.Deps {
		if dep.Path == "go.etcd.io/etcd/server/v3" {
			return strings.TrimPrefix(dep.Version, "v")
		}
	}
	return ""
}
