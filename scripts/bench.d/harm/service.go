package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// The service: it holds memory and goroutines, answers requests of its own making, and notes
// every millisecond how late it is. Whatever stops it or takes its processors away shows as
// lateness, and as requests that are in flight.

const (
	pace     = time.Millisecond // of the notes
	every    = 2                // paces from one request to the next
	backend  = 2 * time.Millisecond
	notesMax = 60000
	// Requests, connections and the notes have some, too: with them there are at most as many
	// as were asked for.
	ownGoroutines = 30
)

type note struct {
	At       int64 // Unix, ns
	LateNs   int64
	InFlight int64
}

var (
	inFlight int64
	notesMu  sync.Mutex
	notes    []note
)

// cell is what services hold much of: small, with a pointer for the collector to follow.
type cell struct {
	next *cell
	body [1016]byte
}

var held *cell

func hold(bytes int) {
	for ; bytes > 0; bytes -= 1024 {
		c := &cell{next: held}
		c.body[0] = 1
		held = c
	}
}

//go:noinline
func waitForWork(depth int, work chan int) int {
	if depth > 0 {
		return waitForWork(depth-1, work) + 1
	}
	return <-work
}

type answer struct {
	Name  string
	Items []int
}

func request() {
	defer atomic.AddInt64(&inFlight, -1)
	a := answer{Name: "order", Items: make([]int, 100)}
	text, err := json.Marshal(a)
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		log.Fatal(err)
	}
	time.Sleep(backend)
}

// live is due every pace. Requests come by the clock and not by the answers: after a pause
// all are there that came in it.
func live() {
	due := time.Now()
	for n := 0; ; n++ {
		if n%every == 0 {
			atomic.AddInt64(&inFlight, 1)
			go request()
		}
		due = due.Add(pace)
		time.Sleep(time.Until(due))
		now := time.Now()
		notesMu.Lock()
		if len(notes) == notesMax {
			notes = notes[:copy(notes, notes[notesMax/2:])]
		}
		notes = append(notes, note{now.UnixNano(), int64(now.Sub(due)),
			atomic.LoadInt64(&inFlight)})
		notesMu.Unlock()
	}
}

// felt answers with the notes since ?from.
func felt(w http.ResponseWriter, r *http.Request) {
	from, _ := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64)
	some := []note{}
	notesMu.Lock()
	for _, n := range notes {
		if n.At >= from {
			some = append(some, n)
		}
	}
	notesMu.Unlock()
	json.NewEncoder(w).Encode(some)
}

// serve prints its address when it holds everything.
func serve(goroutines, heap int) {
	hold(heap)
	work := make(chan int)
	for i := ownGoroutines; i < goroutines; i++ {
		go waitForWork(i%8, work)
	}
	notes = make([]note, 0, notesMax)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go live()
	http.HandleFunc("/felt", felt)
	http.HandleFunc("/collect", func(http.ResponseWriter, *http.Request) { runtime.GC() })
	fmt.Println(listener.Addr())
	os.Stdout.Close()
	log.Fatal(http.Serve(listener, nil))
}
