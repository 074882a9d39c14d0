// Package load is what the incidents have in common: each program is also the other side of
// its network (-peer), which is good to it for a while (-healthy) and then is not. The other
// side runs outside of the watched cgroup.
package load

import (
	"flag"
	"io"
	"log"
	"net/http"
	"time"
)

var (
	// IsPeer is true in the process that is the other side.
	IsPeer = flag.Bool("peer", false, "be the other side")
	// Dial is where the other side is; a peer that calls finds the service there.
	Dial = flag.String("dial", "127.0.0.1:7070", "HOST:PORT to talk to")
	// Healthy is how long a peer is good.
	Healthy = flag.Duration("healthy", 15*time.Second, "of a peer: be good for so long")

	began = time.Now()
)

// IsHealthy is true while the peer is good.
func IsHealthy() bool { return time.Since(began) < *Healthy }

// Requests calls the service for ever, at a pace: next makes each request, which is answered
// before the next is made.
func Requests(pace func() time.Duration, next func(n int) *http.Request) {
	for n := 0; ; n++ {
		reply, err := http.DefaultClient.Do(next(n))
		if err != nil { // it was killed: that may be what was wanted
			log.Fatal(err)
		}
		io.Copy(io.Discard, reply.Body)
		reply.Body.Close()
		time.Sleep(pace())
	}
}

// Request is one to the service.
func Request(method, path string, body io.Reader) *http.Request {
	request, err := http.NewRequest(method, "http://"+*Dial+path, body)
	if err != nil {
		log.Fatal(err)
	}
	return request
}

// Pace is calm while the peer is good, and busy from then on.
func Pace(calm, busy time.Duration) func() time.Duration {
	return func() time.Duration {
		if IsHealthy() {
			return calm
		}
		return busy
	}
}
