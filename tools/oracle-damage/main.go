// Command oracle-damage asks the libraries that elastickv itself uses what they make of damaged
// files, and holds a directory as a running node does.
//
//	oracle-damage judge < jobs        one JSON line for every line "wal DIR", "snap FILE", "pebble DIR"
//	oracle-damage hold DIR            a WAL and a Pebble database in DIR, written to until killed
//
// Everything is done on the directory itself: hand it copies.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"go.etcd.io/etcd/server/v3/etcdserver/api/snap"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3/raftpb"
	"go.uber.org/zap"
)

// walAnswer is what etcd makes of a WAL before and after its own repair.
type walAnswer struct {
	Panic       string `json:"panic,omitempty"`
	RepairPanic string `json:"repairPanic,omitempty"`
	// ValidSnapshotEntries: the error, and the positions.
	SnapError string      `json:"snapError"`
	Snaps     [][2]string `json:"snaps"`
	// Open and ReadAll in write mode.
	ReadError string `json:"readError"`
	Entries   int    `json:"entries"`
	First     string `json:"first"`
	Last      string `json:"last"`
	Digest    string `json:"digest"`
	Commit    string `json:"commit"`
	Term      string `json:"term"`
	// Repair on a copy, and the size it leaves of every segment that it changed.
	Repaired bool             `json:"repaired"`
	Sizes    map[string]int64 `json:"sizes"`
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func sizesOf(dir string) map[string]int64 {
	sizes := map[string]int64{}
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && strings.HasSuffix(entry.Name(), ".wal") {
			sizes[entry.Name()] = info.Size()
		}
	}
	return sizes
}

func judgeWal(dir string) (answer walAnswer) {
	defer func() {
		if r := recover(); r != nil {
			answer.Panic = fmt.Sprint(r)
		}
	}()
	lg := zap.NewNop()
	snaps, err := wal.ValidSnapshotEntries(lg, dir)
	answer.SnapError = text(err)
	start := walpb.Snapshot{}
	for _, s := range snaps {
		answer.Snaps = append(answer.Snaps, [2]string{fmt.Sprint(s.Index), fmt.Sprint(s.Term)})
		start = walpb.Snapshot{Index: s.Index, Term: s.Term}
	}
	w, err := wal.Open(lg, dir, start)
	if err != nil {
		answer.ReadError = text(err)
	} else {
		_, state, entries, err := w.ReadAll()
		answer.ReadError = text(err)
		answer.Entries = len(entries)
		if len(entries) > 0 {
			answer.First = fmt.Sprint(entries[0].Index)
			answer.Last = fmt.Sprint(entries[len(entries)-1].Index)
		}
		hash := sha256.New()
		for _, entry := range entries {
			fmt.Fprintf(hash, "%d %d %d %x\n", entry.Term, entry.Index, entry.Type, entry.Data)
		}
		answer.Digest = hex.EncodeToString(hash.Sum(nil))[:16]
		answer.Commit = fmt.Sprint(state.Commit)
		answer.Term = fmt.Sprint(state.Term)
		w.Close()
	}
	return answer
}

// judgeRepair is apart: a panic of the reading must not hide what the repair does.
func judgeRepair(dir string, answer *walAnswer) {
	defer func() {
		if r := recover(); r != nil {
			answer.RepairPanic = fmt.Sprint(r)
		}
	}()
	lg := zap.NewNop()
	before := sizesOf(dir)
	answer.Repaired = wal.Repair(lg, dir)
	answer.Sizes = map[string]int64{}
	for name, size := range sizesOf(dir) {
		if before[name] != size {
			answer.Sizes[name] = size
		}
	}
}

// copied leaves the original alone: reading in write mode and repairing both change it.
func copied(dir string) string {
	to, err := os.MkdirTemp("", "oracle-damage-")
	if err != nil {
		log.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		log.Fatal(err)
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, entry.Name()), content, 0o600)
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	return to
}

type snapAnswer struct {
	Panic string `json:"panic,omitempty"`
	Error string `json:"error"`
	Index string `json:"index"`
	Term  string `json:"term"`
	Data  string `json:"data"`
}

func judgeSnap(path string) (answer snapAnswer) {
	defer func() {
		if r := recover(); r != nil {
			answer.Panic = fmt.Sprint(r)
		}
	}()
	snapshot, err := snap.Read(zap.NewNop(), path)
	answer.Error = text(err)
	if err == nil {
		sum := sha256.Sum256(snapshot.Data)
		answer.Index = fmt.Sprint(snapshot.Metadata.Index)
		answer.Term = fmt.Sprint(snapshot.Metadata.Term)
		answer.Data = hex.EncodeToString(sum[:8])
	}
	return answer
}

type pebbleAnswer struct {
	Panic string `json:"panic,omitempty"`
	Error string `json:"error"`
	// Error of the walk over all points, behind a successful open.
	WalkError string `json:"walkError"`
	Keys      int    `json:"keys"`
	Digest    string `json:"digest"`
}

// quiet keeps Pebble's log off the terminal; a fatal event becomes a panic that is judged.
type quiet struct{}

func (quiet) Infof(string, ...interface{})         {}
func (quiet) Errorf(string, ...interface{})        {}
func (quiet) Fatalf(f string, args ...interface{}) { panic(fmt.Sprintf(f, args...)) }

func judgePebble(dir string) (answer pebbleAnswer) {
	defer func() {
		if r := recover(); r != nil {
			answer.Panic = fmt.Sprint(r)
		}
	}()
	options := &pebble.Options{
		FS:                 vfs.Default,
		ReadOnly:           true,
		Logger:             quiet{},
		FormatMajorVersion: pebble.FormatNewest,
	}
	db, err := pebble.Open(dir, options)
	answer.Error = text(err)
	if err != nil {
		return answer
	}
	defer db.Close()
	iter, err := db.NewIter(nil)
	if err != nil {
		answer.WalkError = text(err)
		return answer
	}
	hash := sha256.New()
	for more := iter.First(); more; more = iter.Next() {
		value, err := iter.ValueAndErr()
		if err != nil {
			answer.WalkError = text(err)
			break
		}
		fmt.Fprintf(hash, "P %x %x\n", iter.Key(), value)
		answer.Keys++
	}
	if err := iter.Error(); err != nil && answer.WalkError == "" {
		answer.WalkError = text(err)
	}
	if err := iter.Close(); err != nil && answer.WalkError == "" {
		answer.WalkError = text(err)
	}
	answer.Digest = hex.EncodeToString(hash.Sum(nil))
	return answer
}

func judge(in io.Reader, out io.Writer) {
	lines := bufio.NewScanner(in)
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		kind, path, _ := strings.Cut(lines.Text(), " ")
		var answer interface{}
		switch kind {
		case "wal":
			toRead, toRepair := copied(path), copied(path)
			judged := judgeWal(toRead)
			judgeRepair(toRepair, &judged)
			os.RemoveAll(toRead)
			os.RemoveAll(toRepair)
			answer = judged
		case "snap":
			answer = judgeSnap(path)
		case "pebble":
			answer = judgePebble(path)
		default:
			log.Fatalf("unknown job %q", lines.Text())
		}
		if err := encoder.Encode(answer); err != nil {
			log.Fatal(err)
		}
	}
}

// hold lives in DIR as a node does: the newest segment and LOCK are held, entries and keys are
// written, segments are cut and memtables flushed, until the process is killed.
func hold(dir string) {
	walDir := filepath.Join(dir, "wal")
	w, err := wal.Create(zap.NewNop(), walDir, nil)
	if err != nil {
		log.Fatal(err)
	}
	db, err := pebble.Open(filepath.Join(dir, "fsm.db"), &pebble.Options{Logger: quiet{}, MemTableSize: 256 << 10})
	if err != nil {
		log.Fatal(err)
	}
	names, _ := os.ReadDir(walDir)
	sort.Slice(names, func(i, j int) bool { return names[i].Name() < names[j].Name() })
	fmt.Println("holding")
	for index := uint64(1); ; index++ {
		entry := raftpb.Entry{Term: 1, Index: index, Data: []byte(strings.Repeat("x", int(index%900)))}
		if err := w.Save(raftpb.HardState{Term: 1, Vote: 1, Commit: index - 1}, []raftpb.Entry{entry}); err != nil {
			log.Fatal(err)
		}
		key := []byte(fmt.Sprintf("key-%08d", index%5000))
		if err := db.Set(key, []byte(time.Now().String()), pebble.NoSync); err != nil {
			log.Fatal(err)
		}
		if index%64 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "judge":
		judge(os.Stdin, os.Stdout)
	case len(os.Args) == 3 && os.Args[1] == "hold":
		hold(os.Args[2])
	default:
		log.Fatal("usage: oracle-damage judge < jobs | oracle-damage hold DIR")
	}
}
