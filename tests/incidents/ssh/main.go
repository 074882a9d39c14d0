// ssh: an inventory logs in to many machines with golang.org/x/crypto/ssh. The handshake has
// no deadline, and the connection no keepalive, as none had by default until Go 1.9: a
// machine that accepts and says nothing costs a goroutine and a socket, for ever. Four months
// later they are thousands, waiting for up to 200,000 minutes.
//
// Expected: the rule about goroutines fires; as first sentence the group in "IO wait" with
// inspectMachine in it, how long it waits, and as many ESTABLISHED sockets without keepalive.
// Go counts a wait from the first garbage collection that sees it: the incident's second
// capture is a minute after its first.
//
// With -peer it is the machines, which fall silent once they are not healthy.
package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"flag"
	"log"
	"net"

	"golang.org/x/crypto/ssh"

	"leakdog/load"
	"leakdog/serve"
	// twin: import
)

// login is the machine's side of a handshake.
func login(conn net.Conn, config *ssh.ServerConfig) {
	defer conn.Close()
	session, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	go func() {
		for channel := range channels {
			channel.Reject(ssh.Prohibited, "")
		}
	}()
	session.Wait()
}

func machines() {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		log.Fatal(err)
	}
	config := &ssh.ServerConfig{NoClientAuth: true}
	config.AddHostKey(signer)
	var silent []net.Conn // kept, so that nobody closes them
	for listener := serve.Open("machines"); ; {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		if load.IsHealthy() {
			go login(conn, config)
		} else {
			silent = append(silent, conn)
		}
	}
}

func main() {
	flag.Parse()
	if *load.IsPeer {
		machines()
	}
	serve.Pprof("ssh")
	Inspect(*load.Dial, 1200)
}
