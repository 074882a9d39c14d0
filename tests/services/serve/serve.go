// Package serve is what the services have in common: the address given with -listen, one
// line on stdout when it answers, and net/http/pprof. The line carries the address, so that
// a test may let the kernel choose the port (-listen 127.0.0.1:0) and read it back.
package serve

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strings"
)

var address = flag.String("listen", "127.0.0.1:6060", "HOST:PORT (0: any free one) or unix:PATH")

// Open listens on the address and prints "NAME listens on ADDRESS pid PID". Without its
// socket a service is of no use to a test: it ends.
func Open(name string) net.Listener {
	network, where := "tcp", *address
	if strings.HasPrefix(where, "unix:") {
		network, where = "unix", strings.TrimPrefix(where, "unix:")
		os.Remove(where)
	}
	listener, err := net.Listen(network, where)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s listens on %s pid %d\n", name, listener.Addr(), os.Getpid())
	return listener
}

var beside = flag.String("beside", "", "HOST:PORT where another page is served: 404, and what was asked for")

func serveBeside() {
	listener, err := net.Listen("tcp", *beside)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("asked for", r.URL)
		http.NotFound(w, r)
	})))
}

// Pprof serves /debug/pprof in the background.
func Pprof(name string) {
	if *beside != "" {
		go serveBeside()
	}
	listener := Open(name)
	go func() { log.Fatal(http.Serve(listener, nil)) }()
}
