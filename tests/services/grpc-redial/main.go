// grpc-redial: a service whose client is dialled anew after every error, and the old
// connection is never closed. Each connection keeps a handful of goroutines of the real
// google.golang.org/grpc and two transport buffers. Healthy it has 68 goroutines; with a
// thousand connections, more than 4,000 in four groups and about 100 MB.
//
// With -backend it is the other side, which answers "not found" to every order: run it
// outside the watched cgroup, for its own transports are as large.
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"leakdog/serve"
)

func runBackend() {
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	log.Fatal(server.Serve(serve.Open("backend")))
}

func dial(address string) *grpc.ClientConn {
	conn, err := grpc.Dial(address, grpc.WithInsecure(), grpc.WithBlock())
	if err != nil {
		log.Fatal(err)
	}
	return conn
}

// askOrder fails when the order is not known; the caller takes every error for a broken
// connection.
func askOrder(conn *grpc.ClientConn, order string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := grpc_health_v1.NewHealthClient(conn).Check(ctx,
		&grpc_health_v1.HealthCheckRequest{Service: order})
	return err
}

//go:noinline
func queueWorker(queue chan string) {
	for order := range queue {
		log.Print(order)
	}
}

func main() {
	backend := flag.Bool("backend", false, "be the other side")
	target := flag.String("dial", "127.0.0.1:7070", "address of the other side")
	workers := flag.Int("workers", 60, "goroutines of a healthy service")
	healthy := flag.Duration("healthy", 5*time.Second, "ask for known orders for so long")
	pause := flag.Duration("pause", 2*time.Millisecond, "between two orders")
	most := flag.Int("max", 1000, "stop dialling at so many connections")
	flag.Parse()
	if *backend {
		runBackend()
	}
	serve.Pprof("grpc-redial")
	queue := make(chan string)
	for i := 0; i < *workers; i++ {
		go queueWorker(queue)
	}
	conn, start, dialled := dial(*target), time.Now(), 1
	for {
		order := "" // the whole server, which is known
		if time.Since(start) > *healthy {
			order = "order-4711"
		}
		if err := askOrder(conn, order); err != nil && dialled < *most {
			conn = dial(*target) // and conn.Close() was forgotten
			dialled++
		}
		time.Sleep(*pause)
	}
}
