// Command etcd-oracle reads a WAL and a snap directory with etcd's own libraries and prints what they
// say as JSON. Tests hold what ekv has written against it.
//
//	etcd-oracle GROUP_DIR
//
// It opens the WAL twice: for reading, as an inspection does, and for writing, as a node does at boot.
// The second changes the directory (the rest of the last segment is zeroed, 0.tmp is made): give it a
// copy.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"go.etcd.io/etcd/server/v3/etcdserver/api/snap"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3/raftpb"
	"go.uber.org/zap"
)

type position struct {
	Term  string `json:"term"`
	Index string `json:"index"`
}

type entry struct {
	Term    string `json:"term"`
	Index   string `json:"index"`
	Type    int32  `json:"type"`
	DataHex string `json:"dataHex"`
}

type state struct {
	Term   string `json:"term"`
	Vote   string `json:"vote"`
	Commit string `json:"commit"`
}

type reading struct {
	Error   string  `json:"error"`
	State   state   `json:"state"`
	Entries []entry `json:"entries"`
}

type snapshot struct {
	Position position `json:"position"`
	DataHex  string   `json:"dataHex"`
	Voters   []string `json:"voters"`
	Learners []string `json:"learners"`
}

type answer struct {
	Valid     []position `json:"valid"`
	ScanError string     `json:"scanError"`
	Snapshot  *snapshot  `json:"snapshot"`
	SnapError string     `json:"snapError"`
	Read      reading    `json:"read"`
	Write     reading    `json:"write"`
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func num(n uint64) string { return strconv.FormatUint(n, 10) }

func nums(ids []uint64) []string {
	out := []string{}
	for _, id := range ids {
		out = append(out, num(id))
	}
	return out
}

func read(w *wal.WAL, err error) reading {
	if err != nil {
		return reading{Error: err.Error(), Entries: []entry{}}
	}
	defer w.Close()
	_, hs, ents, err := w.ReadAll()
	out := reading{
		Error:   text(err),
		State:   state{num(hs.Term), num(hs.Vote), num(hs.Commit)},
		Entries: []entry{},
	}
	for _, e := range ents {
		out.Entries = append(out.Entries, entry{num(e.Term), num(e.Index), int32(e.Type), hex.EncodeToString(e.Data)})
	}
	return out
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: etcd-oracle GROUP_DIR")
		os.Exit(1)
	}
	lg := zap.NewNop()
	walDir := filepath.Join(os.Args[1], "wal")
	out := answer{Valid: []position{}}
	valid, err := wal.ValidSnapshotEntries(lg, walDir)
	out.ScanError = text(err)
	for _, s := range valid {
		out.Valid = append(out.Valid, position{num(s.Term), num(s.Index)})
	}
	start := walpb.Snapshot{}
	chosen, err := snap.New(lg, filepath.Join(os.Args[1], "snap")).LoadNewestAvailable(valid)
	out.SnapError = text(err)
	if chosen != nil {
		start = walpb.Snapshot{Index: chosen.Metadata.Index, Term: chosen.Metadata.Term}
		out.Snapshot = describe(chosen)
	}
	out.Read = read(wal.OpenForRead(lg, walDir, start))
	out.Write = read(wal.Open(lg, walDir, start))
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func describe(s *raftpb.Snapshot) *snapshot {
	return &snapshot{
		Position: position{num(s.Metadata.Term), num(s.Metadata.Index)},
		DataHex:  hex.EncodeToString(s.Data),
		Voters:   nums(s.Metadata.ConfState.Voters),
		Learners: nums(s.Metadata.ConfState.Learners),
	}
}
