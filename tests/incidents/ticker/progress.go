package main

// guilty: main.(*downloads).followProgress
// label: goroutine growth

import (
	"net/http"
	"sync"
	"time"
)

type downloads struct {
	lock    sync.Mutex
	tick    *sync.Cond
	running map[int]bool
	begun   int
	most    int
	noted   byte
}

// followProgress notes how far a download is. The line that it makes is on its stack.
func (all *downloads) followProgress(id int) {
	var line [2500]byte
	all.lock.Lock()
	defer all.lock.Unlock()
	for n := 0; ; n++ {
		all.tick.Wait()
		if !all.running[id] {
			continue // fix: return
		}
		line[n%len(line)] = byte(n)
		all.noted += line[id%len(line)]
	}
}

// ServeHTTP sends a file.
func (all *downloads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	all.lock.Lock()
	all.begun++
	id := all.begun
	all.running[id] = true
	all.lock.Unlock()
	if id < all.most {
		go all.followProgress(id)
	}
	w.Write(make([]byte, 4096))
	all.lock.Lock()
	delete(all.running, id)
	all.lock.Unlock()
}

// Downloads follows so many at most.
func Downloads(most int) http.Handler {
	all := &downloads{running: map[int]bool{}, most: most}
	all.tick = sync.NewCond(&all.lock)
	go func() {
		for range time.NewTicker(500 * time.Millisecond).C {
			all.tick.Broadcast()
		}
	}()
	return all
}
