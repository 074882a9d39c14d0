package main

// guilty: main.(*inventory).inspectMachine
// label: goroutine growth

import (
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

type inventory struct {
	open, failed int64
}

// inspectMachine logs in and out. ssh.ClientConfig.Timeout bounds the dial of ssh.Dial only,
// and here somebody else dials.
func (all *inventory) inspectMachine(address string) {
	atomic.AddInt64(&all.open, 1)
	defer atomic.AddInt64(&all.open, -1)
	dialer := net.Dialer{Timeout: time.Second, KeepAlive: -1} // fix: dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		atomic.AddInt64(&all.failed, 1)
		return
	}
	defer conn.Close()
	// fix: conn.SetDeadline(time.Now().Add(200 * time.Millisecond))
	config := ssh.ClientConfig{User: "inventory", HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		Timeout: time.Second}
	session, _, _, err := ssh.NewClientConn(conn, address, &config)
	if err != nil {
		atomic.AddInt64(&all.failed, 1)
		return
	}
	session.Close()
}

// Inspect logs in forty times a second, while fewer machines than this do not answer.
func Inspect(address string, most int64) {
	var all inventory
	for {
		if atomic.LoadInt64(&all.open) < most {
			go all.inspectMachine(address)
		}
		time.Sleep(25 * time.Millisecond)
	}
}
