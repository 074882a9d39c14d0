package serve

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"time"
)

var started = time.Now()

// Metrics serves /metrics as the collectors of Prometheus' own library do, and more of the
// service's own: each returns the lines of one metric.
func Metrics(own ...func() string) {
	http.HandleFunc("/metrics", func(w http.ResponseWriter, r *http.Request) {
		var size, resident uint64
		if statm, err := os.ReadFile("/proc/self/statm"); err == nil {
			fmt.Sscan(string(statm), &size, &resident)
		}
		files, _ := os.ReadDir("/proc/self/fd")
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		fmt.Fprintf(w, "# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.\n"+
			"# TYPE process_start_time_seconds gauge\n")
		fmt.Fprintf(w, "process_start_time_seconds %.9e\n", float64(started.UnixNano())/1e9)
		fmt.Fprintf(w, "process_resident_memory_bytes %e\n", float64(resident)*float64(os.Getpagesize()))
		fmt.Fprintf(w, "process_open_fds %d\nprocess_max_fds 1024\n", len(files))
		fmt.Fprintf(w, "go_goroutines %d\ngo_threads 9\n", runtime.NumGoroutine())
		for _, lines := range own {
			fmt.Fprint(w, lines())
		}
	})
}
