// report: a web service with four ways to leak, of which one is chosen with -leak.
//
//	upload   a table of a few megabytes is parsed step by step into something fifty times
//	         as large, until it does not fit
//	gzip     OPTIONS requests leave a compressor behind that is never closed
//	ticker   each request starts a goroutine whose loop over a ticker has no way out: hardly
//	         anything in the heap, all of it in the stacks
//	trace    a global map by trace id that only grows
//
// The service sends the requests to itself, at -every.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"leakdog/serve"
)

type cell struct {
	column, text string
	previous     *cell
}

var sheets [][]*cell

// parseUpload keeps one object with its history per cell of the table.
//
//go:noinline
func parseUpload(body io.Reader) error {
	rows, err := csv.NewReader(body).ReadAll()
	if err != nil {
		return err
	}
	for step := 1; step <= 8; step++ {
		var sheet []*cell
		var last *cell
		for _, row := range rows {
			for i, text := range row {
				last = &cell{rows[0][i], text, last}
				sheet = append(sheet, last)
			}
		}
		sheets = append(sheets, sheet)
		log.Printf("upload: step %d of 8, %d cells", step, len(sheet))
		time.Sleep(200 * time.Millisecond)
	}
	return nil
}

func upload(w http.ResponseWriter, r *http.Request) {
	if err := parseUpload(r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

var open struct {
	sync.Mutex
	writers map[*gzip.Writer]bool
}

// openCompressor registers the writer, so that a shutdown can flush it.
//
//go:noinline
func openCompressor(w io.Writer) *gzip.Writer {
	z := gzip.NewWriter(w)
	z.Write(nil) // the header; allocates the tables
	open.Lock()
	open.writers[z] = true
	open.Unlock()
	return z
}

func closeCompressor(z *gzip.Writer) {
	z.Close()
	open.Lock()
	delete(open.writers, z)
	open.Unlock()
}

func compressed(w http.ResponseWriter, r *http.Request) {
	z := openCompressor(w)
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return // leaves z open
	}
	fmt.Fprintln(z, "a page")
	closeCompressor(z)
}

//go:noinline
func watchProgress(period time.Duration) {
	for range time.NewTicker(period).C {
	}
}

func progress(http.ResponseWriter, *http.Request) { go watchProgress(time.Minute) }

type span struct {
	started time.Time
	events  [512]string
}

var traces = map[string]*span{}

//go:noinline
func recordTrace(id string) { traces[id] = &span{started: time.Now()} }

func trace(_ http.ResponseWriter, r *http.Request) { recordTrace(r.URL.Query().Get("id")) }

// table is an upload: every row has ten columns.
func table(rows int) []byte {
	var b bytes.Buffer
	for i := 0; i < rows; i++ {
		for column := 0; column < 9; column++ {
			fmt.Fprintf(&b, "%d,", i%100)
		}
		fmt.Fprintln(&b, i)
	}
	return b.Bytes()
}

func main() {
	leak := flag.String("leak", "upload", "upload, gzip, ticker or trace")
	every := flag.Duration("every", time.Millisecond, "from one request to the next")
	rows := flag.Int("rows", 60_000, "rows of an upload")
	delay := flag.Duration("delay", 0, "be healthy for so long first")
	most := flag.Int("max", 0, "stop after so many requests; 0: never")
	flag.Parse()
	open.writers = map[*gzip.Writer]bool{}
	handlers := map[string]http.HandlerFunc{
		"upload": upload, "gzip": compressed, "ticker": progress, "trace": trace}
	handle, method := handlers[*leak], http.MethodOptions
	if handle == nil {
		log.Fatalf("report: -leak %s: upload, gzip, ticker or trace", *leak)
	}
	var body []byte
	if *leak == "upload" {
		body, method = table(*rows), http.MethodPost
	}
	serve.Pprof("report")
	time.Sleep(*delay)
	for i := 0; *most == 0 || i < *most; i++ {
		request := httptest.NewRequest(method, fmt.Sprintf("/?id=%032x", i), bytes.NewReader(body))
		handle(httptest.NewRecorder(), request)
		time.Sleep(*every)
	}
	select {}
}
