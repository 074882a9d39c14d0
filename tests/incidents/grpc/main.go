// grpc: a service asks another one for orders. To whoever wrote it, every error looks like a
// broken connection, so the client is dialled anew; the old one is never closed. Each keeps a
// handful of goroutines of google.golang.org/grpc and the buffers of its transport.
//
// Expected: the rule about goroutines fires while memory is far from its limit; as first
// sentence the buffers of the transport, then the groups of goroutines, each with a count
// that was near nothing in the base. None of their stacks holds a function of this program:
// the report says that they are a dependency's.
//
// With -peer it is the other service, which knows no order once it is not healthy.
package main

import (
	"context"
	"flag"
	"log"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"leakdog/load"
	"leakdog/serve"
	// twin: import
)

type backend struct {
	grpc_health_v1.UnimplementedHealthServer
}

func (backend) Check(_ context.Context, of *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	if !load.IsHealthy() {
		return nil, status.Error(codes.NotFound, of.Service)
	}
	return &grpc_health_v1.HealthCheckResponse{}, nil
}

//go:noinline
func queueWorker(queue chan string) {
	for order := range queue {
		log.Print(order)
	}
}

func main() {
	flag.Parse()
	if *load.IsPeer {
		server := grpc.NewServer()
		grpc_health_v1.RegisterHealthServer(server, backend{})
		log.Fatal(server.Serve(serve.Open("backend")))
	}
	serve.Pprof("grpc")
	queue := make(chan string)
	for i := 0; i < 60; i++ {
		go queueWorker(queue)
	}
	AskForOrders(*load.Dial, 1000)
}
