// map: what happened in a request is remembered by its trace id, in a map for the whole
// service, so that the next service can ask. Nobody ever takes anything out.
//
// Expected: as first sentence that remember holds the growth.
//
// With -peer it is the caller, which is quicker once it is not healthy.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"strings"
	"time"

	"leakdog/load"
	"leakdog/serve"
	// twin: import
)

func main() {
	flag.Parse()
	if *load.IsPeer {
		order := strings.Repeat("an order with many lines\n", 200)
		load.Requests(load.Pace(50*time.Millisecond, time.Millisecond), func(n int) *http.Request {
			request := load.Request(http.MethodPost, "/order", strings.NewReader(order))
			request.Header.Set("X-Trace-Id", fmt.Sprintf("%032x", n))
			return request
		})
	}
	http.HandleFunc("/order", Order)
	serve.Pprof("map")
	select {}
}
