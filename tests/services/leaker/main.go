// leaker: a service that keeps every reply it has ever computed. The profile of its heap
// names main.rememberReply. It can leak at a fixed rate, be busy on all cores meanwhile
// (a busy target answers pprof late: that is what makes the race hard), and hold parked
// goroutines (they make a dump of goroutines dear).
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"

	"leakdog/serve"
)

const (
	page = 4096
	idle = "LEAKER_IDLE"
)

type reply struct{ body []byte }

var remembered int64
var replies []reply // never emptied: this is the leak

//go:noinline
func rememberReply(size int) {
	body := make([]byte, size)
	for i := 0; i < len(body); i += page {
		body[i] = 1 // resident, not only reserved
	}
	replies = append(replies, reply{body})
	atomic.AddInt64(&remembered, 1)
}

var says *bool

// leak keeps to the rate on average: after a pause of the collector it catches up.
func leak(bytesPerSecond, chunk, max int) {
	start, done := time.Now(), 0
	for max == 0 || done < max {
		due := int(time.Since(start).Seconds() * float64(bytesPerSecond))
		for done+chunk <= due && (max == 0 || done < max) {
			rememberReply(chunk)
			done += chunk
			if *says {
				log.Printf("remembered %d bytes", done)
			}
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

// forkIdle starts a child with the same name and program that listens nowhere.
func forkIdle() {
	self, err := os.Executable() // /proc/self/exe would make its name "exe"
	if err != nil {
		log.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), idle+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := child.Start(); err != nil {
		log.Fatal(err)
	}
}

func main() {
	if os.Getenv(idle) != "" {
		time.Sleep(1 << 62)
	}
	rate := flag.Float64("rate", 20, "leak, MB/s (10^6 bytes)")
	chunk := flag.Int("chunk", 256<<10, "bytes of one reply")
	calm := flag.Int("calm", 0, "MB (2^20 bytes) to hold from the start")
	step := flag.Int("step", 0, "rest after so many MB (2^20 bytes); 0: never")
	rest := flag.Duration("rest", 0, "how long")
	max := flag.Int("max", 0, "stop after so many MB; 0: never")
	delay := flag.Duration("delay", 0, "be healthy for so long first")
	busy := flag.Int("busy", 0, "goroutines that compute without pause")
	parked := flag.Int("parked", 0, "goroutines that wait on a channel")
	forked := flag.Bool("fork", false, "start a copy of this program that only waits, as some services do")
	says = flag.Bool("say", false, "log each reply")
	life := flag.Duration("life", 0, "exit after so long; 0: never")
	flag.Parse()
	serve.Metrics(func() string {
		n := atomic.LoadInt64(&remembered)
		return fmt.Sprintf("leaker_replies{kind=\"kept\"} %d\nleaker_replies{kind=\"lost\"} %g\n", n, 0.5)
	})
	serve.Pprof("leaker")
	for i := 0; i < *busy; i++ {
		go compute()
	}
	jobs := make(chan int)
	for i := 0; i < *parked; i++ {
		go parkedWorker(jobs)
	}
	if *forked {
		forkIdle()
	}
	if *life > 0 {
		time.AfterFunc(*life, func() { os.Exit(0) })
	}
	for i := 0; i < *calm; i++ {
		rememberReply(1 << 20)
	}
	time.Sleep(*delay)
	if *step > 0 {
		leak(int(*rate*1e6), *chunk, *step<<20)
		time.Sleep(*rest)
	}
	leak(int(*rate*1e6), *chunk, *max*1e6)
	select {}
}
