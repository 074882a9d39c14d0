// server -bytes N: serves a gzip of exactly N bytes, or a few less, as its heap profile: what
// does not compress, stored, so that whoever checks it has a sound one to check. It is written
// as pprof writes, without a length. Prints its address, its pid and the size.
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"hash/crc32"
	"log"
	"math/rand"
	"net"
	"net/http"
	"os"
)

const stored = 65535 // the most that a stored block of deflate holds

var head = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}

// body is the same piece of n blocks again and again, and the end that fits to it.
type body struct {
	piece []byte
	times int
	tail  []byte
}

func newBody(size int) body {
	const blocks = 16
	noise := make([]byte, blocks*stored)
	rand.New(rand.NewSource(1)).Read(noise)
	piece := []byte{}
	for i := 0; i < blocks; i++ {
		piece = append(piece, 0, 255, 255, 0, 0)
		piece = append(piece, noise[i*stored:(i+1)*stored]...)
	}
	times, sum := size/len(piece), uint32(0)
	for i := 0; i < times; i++ {
		sum = crc32.Update(sum, crc32.IEEETable, noise)
	}
	tail := []byte{1, 0, 0, 255, 255} // the last block, empty
	tail = binary.LittleEndian.AppendUint32(tail, sum)
	tail = binary.LittleEndian.AppendUint32(tail, uint32(times*len(noise)))
	return body{piece, times, tail}
}

func (b body) size() int { return len(head) + b.times*len(b.piece) + len(b.tail) }

func (b body) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(head)
	for i := 0; i < b.times; i++ {
		if _, err := w.Write(b.piece); err != nil {
			return
		}
	}
	w.Write(b.tail)
}

func main() {
	size := flag.Int("bytes", 1<<30, "size of the body")
	flag.Parse()
	b := newBody(*size)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr(), os.Getpid(), b.size())
	http.Handle("/debug/pprof/heap", b)
	log.Fatal(http.Serve(listener, nil))
}
