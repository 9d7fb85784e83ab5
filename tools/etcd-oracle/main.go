// Command etcd-oracle reads a WAL and a snap directory with etcd's own libraries and prints what they
// say as JSON. Tests hold what ekv has written against it.
//
//	etcd-oracle GROUP_DIR
//
// It opens the WAL twice: for reading, as an inspection does, and for writing, as a node does at boot.
// The second changes the directory: give it a copy. Built for etcd 3.6 or 3.7, see README.md.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"ekv.dev/tools/etcd-oracle/etcd"
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
	Etcd      string     `json:"etcd"`
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

func place(at etcd.Position) position { return position{num(at.Term), num(at.Index)} }

func read(walDir string, at etcd.Position, writing bool) reading {
	hs, entries, err := etcd.Read(walDir, at, writing)
	out := reading{
		Error:   text(err),
		State:   state{num(hs.Term), num(hs.Vote), num(hs.Commit)},
		Entries: []entry{},
	}
	for _, e := range entries {
		out.Entries = append(out.Entries, entry{num(e.Term), num(e.Index), e.Type, hex.EncodeToString(e.Data)})
	}
	return out
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: etcd-oracle GROUP_DIR")
		os.Exit(1)
	}
	walDir := filepath.Join(os.Args[1], "wal")
	out := answer{Etcd: etcd.Version(), Valid: []position{}}
	records, err := etcd.Records(walDir)
	out.ScanError = text(err)
	for _, record := range records {
		out.Valid = append(out.Valid, place(record.Position))
	}
	start := etcd.Position{}
	chosen, err := etcd.Newest(os.Args[1])
	out.SnapError = text(err)
	if chosen != nil {
		start = chosen.Position
		out.Snapshot = describe(chosen)
	}
	out.Read = read(walDir, start, false)
	out.Write = read(walDir, start, true)
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func describe(s *etcd.Snapshot) *snapshot {
	return &snapshot{place(s.Position), hex.EncodeToString(s.Data), nums(s.Voters), nums(s.Learners)}
}
