// Command oracle-damage asks the libraries that elastickv itself uses what they make of damaged
// files, and holds a directory as a running node does.
//
//	oracle-damage judge < jobs        one JSON line for every line "wal DIR", "snap FILE", "pebble DIR"
//	oracle-damage version             that of etcd
//	oracle-damage hold DIR            a WAL and a Pebble database in DIR, written to until killed
//
// Everything is done on the directory itself: hand it copies. Built for etcd 3.6 or 3.7, see
// tools/etcd-oracle/README.md.
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

	"ekv.dev/tools/etcd-oracle/etcd"
	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// walAnswer is what etcd makes of a WAL before and after its own repair.
type walAnswer struct {
	Panic       string `json:"panic,omitempty"`
	RepairPanic string `json:"repairPanic,omitempty"`
	// ValidSnapshotEntries: the error, behind which nothing else is asked, or the positions.
	SnapError string      `json:"snapError,omitempty"`
	Snaps     [][2]string `json:"snaps,omitempty"`
	// OpenForRead and ReadAll: the error, and how many entries, their digest, term/vote/commit.
	SeenError string `json:"seenError,omitempty"`
	Seen      string `json:"seen,omitempty"`
	// Open and ReadAll in write mode.
	ReadError string `json:"readError,omitempty"`
	Entries   int    `json:"entries,omitempty"`
	Digest    string `json:"digest,omitempty"`
	Commit    string `json:"commit,omitempty"`
	Term      string `json:"term,omitempty"`
	Vote      string `json:"vote,omitempty"`
	// What the library writes of what it read: the snapshots' ConfStates; the entries and the state.
	ConfStates string `json:"confStates,omitempty"`
	Written    string `json:"written,omitempty"`
	// Repair on a copy, and the size it leaves of every segment that it changed.
	Repaired bool             `json:"repaired,omitempty"`
	Sizes    map[string]int64 `json:"sizes,omitempty"`
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

// digestOf tells absent from empty.
func digestOf(parts ...[]byte) string {
	hash := sha256.New()
	for _, part := range parts {
		if part == nil {
			fmt.Fprint(hash, "absent\n")
		} else {
			fmt.Fprintf(hash, "%x\n", part)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}

func digestOfEntries(entries []etcd.Entry) string {
	hash := sha256.New()
	for _, entry := range entries {
		fmt.Fprintf(hash, "%d %d %d %x\n", entry.Term, entry.Index, entry.Type, entry.Data)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}

func judgeWal(dir string) (answer walAnswer) {
	defer func() {
		if r := recover(); r != nil {
			answer.Panic = fmt.Sprint(r)
		}
	}()
	records, err := etcd.Records(dir)
	if err != nil {
		answer.SnapError = text(err)
		return answer
	}
	start := etcd.Position{}
	written := [][]byte{}
	for _, record := range records {
		start = record.Position
		answer.Snaps = append(answer.Snaps, [2]string{fmt.Sprint(start.Index), fmt.Sprint(start.Term)})
		written = append(written, record.ConfState)
	}
	answer.ConfStates = digestOf(written...)
	state, entries, err := etcd.Read(dir, start, false)
	answer.SeenError = text(err)
	answer.Seen = fmt.Sprintf("%d %s %d/%d/%d", len(entries), digestOfEntries(entries),
		state.Term, state.Vote, state.Commit)
	state, entries, err = etcd.Read(dir, start, true)
	answer.ReadError = text(err)
	answer.Entries = len(entries)
	answer.Digest = digestOfEntries(entries)
	written = [][]byte{}
	for _, entry := range entries {
		written = append(written, entry.Written)
	}
	answer.Written = digestOf(append(written, state.Written)...)
	answer.Commit = fmt.Sprint(state.Commit)
	answer.Term = fmt.Sprint(state.Term)
	answer.Vote = fmt.Sprint(state.Vote)
	return answer
}

// judgeRepair is apart: a panic of the reading must not hide what the repair does.
func judgeRepair(dir string, answer *walAnswer) {
	defer func() {
		if r := recover(); r != nil {
			answer.RepairPanic = fmt.Sprint(r)
		}
	}()
	before := sizesOf(dir)
	answer.Repaired = etcd.Repair(dir)
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
	Error string `json:"error,omitempty"`
	Index string `json:"index,omitempty"`
	Term  string `json:"term,omitempty"`
	Data  string `json:"data,omitempty"`
	// What the library writes of what it read.
	Written string `json:"written,omitempty"`
}

func judgeSnap(path string) (answer snapAnswer) {
	defer func() {
		if r := recover(); r != nil {
			answer.Panic = fmt.Sprint(r)
		}
	}()
	snapshot, err := etcd.ReadSnap(path)
	answer.Error = text(err)
	if err == nil {
		sum := sha256.Sum256(snapshot.Data)
		answer.Index = fmt.Sprint(snapshot.Position.Index)
		answer.Term = fmt.Sprint(snapshot.Position.Term)
		answer.Data = hex.EncodeToString(sum[:8])
		answer.Written = digestOf(snapshot.Written)
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
	w, err := etcd.Create(walDir)
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
		entry := etcd.Entry{Term: 1, Index: index, Data: []byte(strings.Repeat("x", int(index%900)))}
		if err := w.Save(entry, etcd.State{Term: 1, Vote: 1, Commit: index - 1}); err != nil {
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
	case len(os.Args) == 2 && os.Args[1] == "version":
		fmt.Println(etcd.Version())
	case len(os.Args) == 3 && os.Args[1] == "hold":
		hold(os.Args[2])
	default:
		log.Fatal("usage: oracle-damage judge < jobs | version | hold DIR")
	}
}
