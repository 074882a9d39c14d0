// threads: a service that is well for some seconds and then waits in system calls that Go
// cannot wait for without a thread each, as a slow disk or C code does.
package main

import (
	"flag"
	"log"
	"syscall"
	"time"

	"leakdog/serve"
)

//go:noinline
func readForever() {
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		log.Fatal(err)
	}
	_, _ = syscall.Read(ends[0], make([]byte, 1))
}

func main() {
	n := flag.Int("n", 60, "reads that never end")
	delay := flag.Duration("delay", 4*time.Second, "before them")
	flag.Parse()
	serve.Pprof("threads")
	time.Sleep(*delay)
	for i := 0; i < *n; i++ {
		go readForever()
	}
	select {}
}
