package main

// guilty: google.golang.org/grpc/internal/transport.newBufWriter
// label: heap growth

import (
	"context"
	"fmt"
	"log"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
)

type orderClient struct {
	address string
	conn    *grpc.ClientConn
	dialled int
}

// redial connects.
func (client *orderClient) redial() {
	conn, err := grpc.Dial(client.address, grpc.WithInsecure(), grpc.WithBlock())
	if err != nil {
		log.Fatal(err)
	}
	client.conn = conn
	client.dialled++
}

func (client *orderClient) askOrder(order string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := grpc_health_v1.NewHealthClient(client.conn).Check(ctx,
		&grpc_health_v1.HealthCheckRequest{Service: order})
	return err
}

// AskForOrders asks for ever, and stops dialling at so many connections.
func AskForOrders(address string, most int) {
	client := orderClient{address: address}
	client.redial()
	for n := 0; ; n++ {
		if client.askOrder(fmt.Sprint("order-", n)) != nil && client.dialled < most {
			// fix: client.conn.Close()
			client.redial()
		}
		time.Sleep(15 * time.Millisecond)
	}
}
