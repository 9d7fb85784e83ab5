// Writes tables of every format, compression and checksum with Pebble's own writer, and what Pebble's
// own reader shows of them, for test/lib/pebble/sstable/tables. Run in tools/pebble-oracle:
//
//	go run ./sstables OUTDIR
//
// Each table is NAME.sst, each blob file NAME.blob; manifest.json holds for each the SHA-256 and the number of the dump lines
// `P key kind seqnum value` (points) and `S start end kind seqnum suffix value` (spans), bytes in hex,
// once as stored and once for each view (global number, synthetic prefix, bounds).
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/sstable/blob"
	"github.com/cockroachdb/pebble/v2/sstable/block"
	"github.com/cockroachdb/pebble/v2/vfs"
)

type table struct {
	name        string
	format      sstable.TableFormat
	compression *sstable.CompressionProfile
	checksum    block.ChecksumType
	blockSize   int
	indexSize   int
	restart     int
	keys        int
	spans       bool
	points      bool
	longKeys    bool
	repetitive  bool
}

type view struct {
	Name   string `json:"name"`
	SeqNum uint64 `json:"seqNum,omitempty"`
	Prefix string `json:"prefix,omitempty"` // hex
	Lower  string `json:"lower,omitempty"`  // hex
	Upper  string `json:"upper,omitempty"`  // hex, exclusive
	Points int    `json:"points"`
	Spans  int    `json:"spans"`
	Sha256 string `json:"sha256"`
}

type entry struct {
	Name  string  `json:"name"`
	Views []*view `json:"views"`
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func setU64[T ~uint64](p *T, v uint64) { *p = T(v) }

const (
	kindDelete     = 0
	kindSet        = 1
	kindMerge      = 2
	kindSingleDel  = 7
	kindSetWithDel = 18
	kindDelSized   = 23
)

func value(r *rand.Rand, repetitive bool) []byte {
	n := r.Intn(40)
	if r.Intn(20) == 0 {
		n = r.Intn(900)
	}
	b := make([]byte, n)
	if repetitive {
		for i := range b {
			b[i] = "abcdefgh"[i%7]
		}
	} else {
		r.Read(b)
	}
	return b
}

func write(dir string, t table) {
	f, err := vfs.Default.Create(filepath.Join(dir, t.name+".sst"), vfs.WriteCategoryUnspecified)
	must(err)
	w := sstable.NewWriter(objstorageprovider.NewFileWritable(f), sstable.WriterOptions{
		TableFormat: t.format, Compression: t.compression, Checksum: t.checksum, BlockSize: t.blockSize,
		IndexBlockSize: t.indexSize, BlockRestartInterval: t.restart, MergerName: "pebble.concatenate",
	})
	r := rand.New(rand.NewSource(int64(t.keys)))
	if t.points {
		raw := w.Raw()
		for i := 0; i < t.keys; i++ {
			key := []byte(fmt.Sprintf("key/%02d/%06d", i/40, i*7))
			if t.longKeys && i%9 == 0 {
				key = append(key, bytes.Repeat([]byte{byte(i)}, 200)...)
			}
			versions := 1
			if i%5 == 0 {
				versions = 1 + r.Intn(20)
			}
			seq := uint64(1)<<45 + uint64(r.Intn(1<<30))
			for v := 0; v < versions; v++ {
				kinds := []int{kindSet, kindSet, kindSet, kindDelete, kindMerge, kindSingleDel, kindSetWithDel}
				if t.format >= sstable.TableFormatPebblev4 {
					kinds = append(kinds, kindDelSized)
				}
				kind := kinds[r.Intn(len(kinds))]
				var val []byte
				switch kind {
				case kindSet, kindMerge, kindSetWithDel:
					val = value(r, t.repetitive)
				case kindDelSized:
					val = []byte{byte(r.Intn(100))}
				}
				var k sstable.InternalKey
				k.UserKey = key
				setU64(&k.Trailer, seq<<8|uint64(kind))
				must(raw.Add(k, val, false))
				seq -= 1 + uint64(r.Intn(1000))
			}
		}
	}
	if t.spans {
		must(w.DeleteRange([]byte("key/00/000030"), []byte("key/01")))
		must(w.DeleteRange([]byte("key/02"), []byte("key/03")))
		must(w.DeleteRange([]byte("key/03"), []byte("key/9")))
		if t.format >= sstable.TableFormatPebblev2 {
			must(w.RangeKeySet([]byte("key/00"), []byte("key/01"), nil, []byte("one")))
			must(w.RangeKeySet([]byte("key/01"), []byte("key/05"), nil, []byte("two")))
			must(w.RangeKeyUnset([]byte("key/06"), []byte("key/07"), nil))
			must(w.RangeKeyDelete([]byte("key/07"), []byte("key/08")))
		}
	}
	must(w.Close())
}

func dump(path string, v *view) {
	f, err := vfs.Default.Open(path)
	must(err)
	readable, err := sstable.NewSimpleReadable(f)
	must(err)
	r, err := sstable.NewReader(context.Background(), readable, sstable.ReaderOptions{})
	must(err)
	defer r.Close()
	prefix, err := hex.DecodeString(v.Prefix)
	must(err)
	lower, err := hex.DecodeString(v.Lower)
	must(err)
	upper, err := hex.DecodeString(v.Upper)
	must(err)
	if v.Upper == "" {
		upper, lower = nil, nil
	}
	both := block.MakeSyntheticPrefixAndSuffix(prefix, nil)
	out := sha256.New()
	it, err := r.NewIter(sstable.IterTransforms{
		SyntheticSeqNum: sstable.SyntheticSeqNum(v.SeqNum), SyntheticPrefixAndSuffix: both,
	}, lower, upper, sstable.AssertNoBlobHandles)
	must(err)
	kv := it.First()
	if lower != nil {
		kv = it.SeekGE(lower, 0)
	}
	for ; kv != nil; kv = it.Next() {
		val, _, err := kv.Value(nil)
		must(err)
		fmt.Fprintf(out, "P %x %d %d %x\n", kv.K.UserKey, kv.Kind(), kv.SeqNum(), val)
		v.Points++
	}
	must(it.Error())
	must(it.Close())
	transforms := sstable.FragmentIterTransforms{
		SyntheticSeqNum: sstable.SyntheticSeqNum(v.SeqNum), SyntheticPrefixAndSuffix: both,
	}
	if upper == nil {
		dels, err := r.NewRawRangeDelIter(context.Background(), transforms, sstable.NoReadEnv)
		must(err)
		if dels != nil {
			for s, err := dels.First(); s != nil; s, err = dels.Next() {
				must(err)
				for _, k := range s.Keys {
					fmt.Fprintf(out, "S %x %x %d %d %x %x\n", s.Start, s.End, k.Kind(), k.SeqNum(), k.Suffix, k.Value)
					v.Spans++
				}
			}
		}
		keys, err := r.NewRawRangeKeyIter(context.Background(), transforms, sstable.NoReadEnv)
		must(err)
		if keys != nil {
			for s, err := keys.First(); s != nil; s, err = keys.Next() {
				must(err)
				for _, k := range s.Keys {
					fmt.Fprintf(out, "S %x %x %d %d %x %x\n", s.Start, s.End, k.Kind(), k.SeqNum(), k.Suffix, k.Value)
					v.Spans++
				}
			}
		}
	}
	v.Sha256 = hex.EncodeToString(out.Sum(nil))
}

// A blob file of three blocks of values.
func writeBlob(dir, name string, compression *sstable.CompressionProfile) {
	f, err := vfs.Default.Create(filepath.Join(dir, name+".blob"), vfs.WriteCategoryUnspecified)
	must(err)
	w := blob.NewFileWriter(6, objstorageprovider.NewFileWritable(f), blob.FileWriterOptions{
		Compression: compression, ChecksumType: block.ChecksumTypeCRC32c,
		FlushGovernor: block.MakeFlushGovernor(100, 90, 0, nil),
	})
	for i := 0; i < 9; i++ {
		w.AddValue(bytes.Repeat([]byte(fmt.Sprintf("value %d ", i)), 1+i%4))
	}
	_, err = w.Close()
	must(err)
}

func main() {
	dir := os.Args[1]
	must(os.MkdirAll(dir, 0o755))
	var tables []table
	formats := []sstable.TableFormat{
		sstable.TableFormatPebblev1, sstable.TableFormatPebblev2, sstable.TableFormatPebblev3,
		sstable.TableFormatPebblev4, sstable.TableFormatPebblev5, sstable.TableFormatPebblev6,
		sstable.TableFormatPebblev7,
	}
	for i, format := range formats {
		v := i + 1
		base := table{
			format: format, compression: sstable.SnappyCompression, checksum: block.ChecksumTypeCRC32c,
			blockSize: 512, indexSize: 400, restart: 16, keys: 250 + i, spans: true, points: true, repetitive: true,
		}
		two := base
		two.name = fmt.Sprintf("v%d-two-level-snappy", v)
		two.longKeys = v%2 == 0
		one := base
		one.name = fmt.Sprintf("v%d-one-level-xxhash", v)
		one.indexSize = 1 << 20
		one.checksum = block.ChecksumTypeXXHash64
		one.compression = sstable.NoCompression
		one.blockSize = 1500
		one.keys = 60
		one.restart = 4
		one.repetitive = false
		spans := base
		spans.name = fmt.Sprintf("v%d-spans-only", v)
		spans.points = false
		zstd := base
		zstd.name = fmt.Sprintf("v%d-zstd", v)
		zstd.compression = sstable.ZstdCompression
		zstd.blockSize = 2000
		zstd.keys = 180
		zstd.spans = false
		tables = append(tables, two, one, spans, zstd)
		if format >= sstable.TableFormatPebblev6 {
			minlz := base
			minlz.name = fmt.Sprintf("v%d-minlz", v)
			minlz.compression = sstable.MinLZCompression
			minlz.blockSize = 6000
			minlz.keys = 300
			tables = append(tables, minlz)
		}
	}
	// A few hundred bytes each, for fuzzing: one block of every kind there is.
	for i, format := range formats {
		tables = append(tables, table{
			name: fmt.Sprintf("v%d-tiny", i+1), format: format, compression: sstable.NoCompression,
			checksum: block.ChecksumTypeCRC32c, blockSize: 300, indexSize: 1 << 20, restart: 4, keys: 6,
			spans: i%2 == 1, points: true,
		})
	}
	writeBlob(dir, "tiny", sstable.NoCompression)
	writeBlob(dir, "tiny-snappy", sstable.SnappyCompression)
	var entries []entry
	for _, t := range tables {
		write(dir, t)
		views := []*view{
			{Name: "as stored"},
			{Name: "global number", SeqNum: 1<<40 + 77},
			{Name: "synthetic prefix", Prefix: hex.EncodeToString([]byte("pre\xff/"))},
			{Name: "bounds", Lower: hex.EncodeToString([]byte("key/01/")), Upper: hex.EncodeToString([]byte("key/03/000900"))},
			{
				Name: "all at once", SeqNum: 99, Prefix: hex.EncodeToString([]byte("p")),
				Lower: hex.EncodeToString([]byte("pkey/00/000100")), Upper: hex.EncodeToString([]byte("pkey/02/000700")),
			},
		}
		for _, v := range views {
			dump(filepath.Join(dir, t.name+".sst"), v)
		}
		entries = append(entries, entry{t.name, views})
	}
	out, err := json.MarshalIndent(entries, "", " ")
	must(err)
	must(os.WriteFile(filepath.Join(dir, "manifest.json"), append(out, '\n'), 0o644))
}
