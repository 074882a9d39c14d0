// upload: a table of a few megabytes is parsed step by step into something fifty times as
// large, which lives until the request is over. A table that is too large ends the service;
// with one that just fits, the service is left with memory that it does not use.
//
// Expected: while the table is held, the sentence names parseSteps and its rows. After a
// table that fitted the report accuses nobody: the memory is freed and not returned, which
// GODEBUG=madvdontneed=0, the way of Go 1.12 to 1.15, shows as LazyFree.
//
// With -peer it is the people who upload; -rows is the size of their large table.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"time"

	"leakdog/load"
	"leakdog/serve"
	// twin: import
)

// table has ten columns.
func table(rows int) []byte {
	var b bytes.Buffer
	for i := 0; i < rows; i++ {
		for column := 0; column < 9; column++ {
			fmt.Fprintf(&b, "%d,", i%100)
		}
		fmt.Fprintln(&b, i)
	}
	return b.Bytes()
}

func main() {
	rows := flag.Int("rows", 60_000, "of a peer: rows of the large table")
	flag.Parse()
	if !*load.IsPeer {
		http.HandleFunc("/upload", Upload)
		serve.Pprof("upload")
		select {}
	}
	small, large := table(100), table(*rows)
	load.Requests(load.Pace(time.Second, time.Second), func(int) *http.Request {
		body := small
		if !load.IsHealthy() && large != nil {
			body, large = large, nil
		}
		return load.Request(http.MethodPost, "/upload", bytes.NewReader(body))
	})
}
