// ssh-hang: an inventory that logs in to many machines with golang.org/x/crypto/ssh and
// gives the handshake no deadline. A machine that accepts and then says nothing keeps one
// goroutine in IO wait and one ESTABLISHED socket without keepalive, for ever.
//
// With -peers it is such machines: run it outside the watched cgroup.
package main

import (
	"flag"
	"log"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"leakdog/serve"
)

func runPeers() {
	listener := serve.Open("peers")
	var silent []net.Conn // kept, so that nobody closes them
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		silent = append(silent, conn)
	}
}

var failed int64

// inspectMachine never returns from the handshake: ssh.ClientConfig.Timeout bounds only the
// dial of ssh.Dial, and the dial is not done by it here.
//
//go:noinline
func inspectMachine(address string) {
	dialer := net.Dialer{Timeout: 5 * time.Second, KeepAlive: -1}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		log.Print(err)
		atomic.AddInt64(&failed, 1)
		return
	}
	config := ssh.ClientConfig{User: "inventory", HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		Timeout: 5 * time.Second}
	if _, _, _, err = ssh.NewClientConn(conn, address, &config); err != nil {
		conn.Close()
		atomic.AddInt64(&failed, 1)
	}
}

func main() {
	peers := flag.Bool("peers", false, "be the silent machines")
	target := flag.String("dial", "127.0.0.1:7022", "address of the machines")
	every := flag.Duration("every", 5*time.Millisecond, "from one machine to the next")
	healthy := flag.Duration("healthy", 5*time.Second, "ask nobody for so long")
	most := flag.Int("max", 1000, "machines in all")
	flag.Parse()
	if *peers {
		runPeers()
	}
	serve.Pprof("ssh-hang")
	time.Sleep(*healthy)
	for i := 0; i < *most; i++ {
		go inspectMachine(*target)
		time.Sleep(*every)
	}
	log.Printf("%d machines asked, %d failed", *most, atomic.LoadInt64(&failed))
	select {}
}
