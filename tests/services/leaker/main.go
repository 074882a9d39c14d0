// leaker: a service that keeps every reply it has ever computed. The profile of its heap
// names main.rememberReply. It can leak at a fixed rate, be busy on all cores meanwhile
// (a busy target answers pprof late: that is what makes the race hard), and hold parked
// goroutines (they make a dump of goroutines dear).
package main

import (
	"flag"
	"os"
	"time"

	"leakdog/serve"
)

const page = 4096

type reply struct{ body []byte }

var replies []reply // never emptied: this is the leak

//go:noinline
func rememberReply(size int) {
	body := make([]byte, size)
	for i := 0; i < len(body); i += page {
		body[i] = 1 // resident, not only reserved
	}
	replies = append(replies, reply{body})
}

// leak keeps to the rate on average: after a pause of the collector it catches up.
func leak(bytesPerSecond, chunk, max int) {
	start, done := time.Now(), 0
	for max == 0 || done < max {
		due := int(time.Since(start).Seconds() * float64(bytesPerSecond))
		for done+chunk <= due && (max == 0 || done < max) {
			rememberReply(chunk)
			done += chunk
		}
		time.Sleep(time.Millisecond)
	}
}

var sink uint64

func compute() {
	for i := uint64(0); ; i++ {
		sink += i * i
	}
}

//go:noinline
func parkedWorker(jobs chan int) { <-jobs }

func main() {
	rate := flag.Float64("rate", 20, "leak, MB/s (10^6 bytes)")
	chunk := flag.Int("chunk", 256<<10, "bytes of one reply")
	max := flag.Int("max", 0, "stop after so many MB; 0: never")
	delay := flag.Duration("delay", 0, "be healthy for so long first")
	busy := flag.Int("busy", 0, "goroutines that compute without pause")
	parked := flag.Int("parked", 0, "goroutines that wait on a channel")
	life := flag.Duration("life", 0, "exit after so long; 0: never")
	flag.Parse()
	serve.Pprof("leaker")
	for i := 0; i < *busy; i++ {
		go compute()
	}
	jobs := make(chan int)
	for i := 0; i < *parked; i++ {
		go parkedWorker(jobs)
	}
	if *life > 0 {
		time.AfterFunc(*life, func() { os.Exit(0) })
	}
	time.Sleep(*delay)
	leak(int(*rate*1e6), *chunk, *max*1e6)
	select {}
}
