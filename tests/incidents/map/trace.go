package main

// guilty: main.(*traceLog).remember
// label: heap growth

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

type trace struct {
	started time.Time
	events  []string
}

type traceLog struct {
	sync.Mutex
	byID map[string]*trace
}

var traces = traceLog{byID: map[string]*trace{}}

func (log *traceLog) remember(id string, event []byte) {
	log.Lock()
	defer log.Unlock()
	known := log.byID[id]
	if known == nil {
		known = &trace{started: time.Now()}
		log.byID[id] = known
	}
	known.events = append(known.events, fmt.Sprintf("%s: %s", id, event))
}

func (log *traceLog) forget(id string) {
	log.Lock()
	defer log.Unlock()
	delete(log.byID, id)
}

// Order takes one.
func Order(w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get("X-Trace-Id")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	traces.remember(id, body)
	fmt.Fprintln(w, "taken")
	// fix: traces.forget(id)
}
