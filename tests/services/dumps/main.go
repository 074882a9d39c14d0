// dumps DIR N [crash]: starts goroutines of known kinds, N of the first three, and writes
// what runtime/pprof says of them to DIR, in all of its formats, and of the heap. With
// "crash" it then panics, so that Go writes them once more to stderr.
package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"time"
)

type pool[T any] struct{ tasks chan T }

func (p *pool[T]) work(task T, names []string) { p.tasks <- task }

func waitForLock(mu *sync.Mutex) { mu.Lock() }

func deep(n int, c chan int) int {
	if n == 0 {
		return <-c
	}
	return deep(n-1, c) + 1
}

func lockedToThread(c chan int) {
	runtime.LockOSThread()
	<-c
}

// A goroutine that waits inside of a deferred function, behind a panic of the runtime.
func recovered(c chan int) {
	defer func() {
		recover()
		<-c
	}()
	var none map[string]int
	none["x"] = 1
}

func accept(l net.Listener) { l.Accept() }

var held [][]byte

func hold(n, size int) {
	for i := 0; i < n; i++ {
		held = append(held, make([]byte, size))
	}
}

func write(dir, name, profile string, debug int) {
	file, err := os.Create(filepath.Join(dir, name))
	if err == nil {
		err = pprof.Lookup(profile).WriteTo(file, debug)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	file.Close()
}

func start(n int) {
	numbers, words := &pool[int]{make(chan int)}, &pool[string]{make(chan string)}
	var mu sync.Mutex
	mu.Lock()
	c := make(chan int)
	for i := 0; i < n; i++ {
		go numbers.work(i, nil)
		go words.work("x", []string{"a"})
		go waitForLock(&mu)
	}
	go deep(150, c)
	go deep(3, c)
	go lockedToThread(c)
	go recovered(c)
	go func() { select {} }()
	go func() { time.Sleep(time.Hour) }()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		go accept(l)
	}
}

func main() {
	dir := os.Args[1]
	n, _ := strconv.Atoi(os.Args[2])
	start(n)
	hold(1000, 100)
	hold(1000, 64<<10)
	hold(3, 5<<20)
	time.Sleep(200 * time.Millisecond) // until all of them wait
	runtime.GC()
	write(dir, "goroutine.pb.gz", "goroutine", 0)
	write(dir, "goroutine1.txt", "goroutine", 1)
	write(dir, "goroutine2.txt", "goroutine", 2)
	write(dir, "heap.pb.gz", "heap", 0)
	write(dir, "heap1.txt", "heap", 1)
	if len(os.Args) > 3 {
		panic("crash")
	}
}
