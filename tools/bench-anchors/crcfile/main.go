// crcfile reads a file once and sums it with Go's hash/crc32, as a node verifies a snapshot.
package main

import (
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"time"
)

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	start := time.Now()
	table := crc32.MakeTable(crc32.Castagnoli)
	buf := make([]byte, 256<<10)
	var crc uint32
	var bytes int64
	for {
		n, err := f.Read(buf)
		crc = crc32.Update(crc, table, buf[:n])
		bytes += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			panic(err)
		}
	}
	fmt.Printf("{\"seconds\":%f,\"bytes\":%d,\"result\":\"%08x\"}\n", time.Since(start).Seconds(), bytes, crc)
}
