// plain: a service without pprof. It answers every request with 404 and prints its path, so
// that a test can see who asked what. With -share others may listen at its address as well.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"syscall"
)

const soReuseport = 15 // SO_REUSEPORT of Linux, which package syscall does not name

func main() {
	address := flag.String("listen", "127.0.0.1:0", "HOST:PORT")
	share := flag.Bool("share", false, "let others listen there, too")
	flag.Parse()
	config := net.ListenConfig{}
	if *share {
		config.Control = func(_, _ string, c syscall.RawConn) error {
			return c.Control(func(fd uintptr) {
				if err := syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, soReuseport, 1); err != nil {
					log.Fatal(err)
				}
			})
		}
	}
	listener, err := config.Listen(context.Background(), "tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("plain listens on %s pid %d\n", listener.Addr(), os.Getpid())
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("asked for", r.URL)
		http.NotFound(w, r)
	})))
}
