// hostile: an address that is not a well-behaved pprof. -mode says what it does to
// requests; with -on only to those for one profile, with -honest only from some request on.
package main

import (
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/pprof"
	"os"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"leakdog/serve"
)

// A profile starts like this: the magic of gzip, deflate, no flags.
var gzipHead = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}

func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func unauthorized(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("WWW-Authenticate", `Basic realm="internal"`)
	http.Error(w, "who are you?", http.StatusUnauthorized)
}

// silent accepts the request and never answers.
func silent(http.ResponseWriter, *http.Request) { select {} }

func flush(w http.ResponseWriter) { w.(http.Flusher).Flush() }

// trickle sends a byte each 500 ms, and no end.
func trickle(w http.ResponseWriter, r *http.Request) {
	for i := 0; ; i++ {
		if _, err := w.Write(gzipHead[i%len(gzipHead) : i%len(gzipHead)+1]); err != nil {
			return
		}
		flush(w)
		time.Sleep(500 * time.Millisecond)
	}
}

// endless sends 1 GB of what starts like a profile.
func endless(w http.ResponseWriter, r *http.Request) {
	w.Write(gzipHead)
	block := make([]byte, 1<<20)
	for i := 0; i < 1000; i++ {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// breakOff closes the connection in the middle of the body.
func breakOff(w http.ResponseWriter, r *http.Request) {
	w.Write(gzipHead)
	flush(w)
	panic(http.ErrAbortHandler)
}

// bomb is a whole gzip of 300 MB of zeros; nobody may unpack it into memory.
func bomb(w http.ResponseWriter, r *http.Request) {
	z := gzip.NewWriter(w)
	defer z.Close()
	block := make([]byte, 1<<20)
	for i := 0; i < 300; i++ {
		if _, err := z.Write(block); err != nil {
			return
		}
	}
}

// die kills the service when it is asked.
func die(http.ResponseWriter, *http.Request) { os.Exit(3) }

// dieInBody kills the service in the middle of its answer.
func dieInBody(w http.ResponseWriter, r *http.Request) {
	w.Write(gzipHead)
	flush(w)
	os.Exit(3)
}

func redirect(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "http://127.0.0.1:1/elsewhere", http.StatusFound)
}

func pprofError(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Go-Pprof", "1")
	http.Error(w, "Unknown profile", http.StatusNotFound)
}

var modes = map[string]http.HandlerFunc{
	"404":         text(http.StatusNotFound, "404 page not found\n"),
	"401":         unauthorized,
	"500":         text(http.StatusInternalServerError, "boom\n"),
	"html":        text(http.StatusOK, "<!doctype html><title>Welcome to nginx!</title>\n"),
	"empty":       text(http.StatusOK, ""),
	"silent":      silent,
	"trickle":     trickle,
	"endless":     endless,
	"break":       breakOff,
	"bomb":        bomb,
	"die":         die,
	"die-in-body": dieInBody,
	"redirect":    redirect,
	"pprof-error": pprofError,
	"honest":      pprof.Index,
}

func names() string {
	var all []string
	for name := range modes {
		all = append(all, name)
	}
	sort.Strings(all)
	return strings.Join(all, " ")
}

func main() {
	mode := flag.String("mode", "404", "one of: "+names())
	on := flag.String("on", "", "only to this profile (heap, goroutine, ...); others are honest")
	honest := flag.Int64("honest", 0, "answer so many requests honestly first")
	flag.Parse()
	answer := modes[*mode]
	if answer == nil {
		fmt.Fprintf(os.Stderr, "hostile: -mode %s: one of %s\n", *mode, names())
		os.Exit(2)
	}
	var requests int64
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/debug/pprof/")
		log.Printf("%s %s", r.Method, r.URL)
		if atomic.AddInt64(&requests, 1) <= *honest || *on != "" && name != *on {
			pprof.Index(w, r)
			return
		}
		answer(w, r)
	})
	log.Fatal(http.Serve(serve.Open("hostile"), mux))
}
