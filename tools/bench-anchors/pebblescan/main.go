// pebblescan opens a database read-only and goes through all its pairs in order; with -digest it
// makes the digest of docs/output.md: SHA-256 over one line "P <key hex> <value hex>" a pair.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

func main() {
	digest := flag.Bool("digest", false, "digest of all pairs")
	flag.Parse()
	start := time.Now()
	db, err := pebble.Open(flag.Arg(0), &pebble.Options{ReadOnly: true, Logger: quiet{}})
	if err != nil {
		panic(err)
	}
	it, err := db.NewIter(nil)
	if err != nil {
		panic(err)
	}
	sum := sha256.New()
	line := make([]byte, 0, 1<<20)
	keys, bytes := 0, 0
	for ok := it.First(); ok; ok = it.Next() {
		key, value := it.Key(), it.Value()
		keys++
		bytes += len(key) + len(value)
		if !*digest {
			continue
		}
		line = append(line, "P "...)
		line = hex.AppendEncode(line, key)
		line = append(line, ' ')
		line = hex.AppendEncode(line, value)
		line = append(line, '\n')
		if len(line) > 1<<18 {
			sum.Write(line)
			line = line[:0]
		}
	}
	if err := it.Error(); err != nil {
		panic(err)
	}
	sum.Write(line)
	result := fmt.Sprintf("%d keys", keys)
	if *digest {
		result = fmt.Sprintf("%x", sum.Sum(nil))
	}
	fmt.Printf("{\"seconds\":%f,\"bytes\":%d,\"items\":%d,\"result\":\"%s\"}\n", time.Since(start).Seconds(), bytes, keys, result)
	it.Close()
	db.Close()
}

type quiet struct{}

func (quiet) Infof(string, ...any)           {}
func (quiet) Errorf(string, ...any)          {}
func (quiet) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
