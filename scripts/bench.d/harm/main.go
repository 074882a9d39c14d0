// harm: what a service feels while it is captured.
//
// A referee starts the service (service.go), lets it live in peace for a while, has it
// captured, and asks it how late it was. What a step added is its longest pause less what
// windows of the same length had in peace, in the middle of them. By turns: a capture as
// leakdog takes it by default, step by step, and the script's one debug=2.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const textStep = "goroutine-text"

type service struct {
	cmd     *exec.Cmd
	address string
	name    string        // of the case
	peace   time.Duration // before each thing that is done to it
}

type step struct {
	name     string
	from, to time.Time
}

func start(goroutines, heap int, peace time.Duration) *service {
	cmd := exec.Command(os.Args[0], "-serve", "-goroutines", strconv.Itoa(goroutines),
		"-heap", strconv.Itoa(heap))
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		log.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		log.Fatalf("harm: the service said %q: %v", line, err)
	}
	name := fmt.Sprintf("%d goroutines", goroutines)
	return &service{cmd, strings.TrimSpace(line), name, peace}
}

// residentKB is of the service, now.
func (s *service) residentKB() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		log.Fatalf("harm: the service is gone: %v", err)
	}
	pages, _ := strconv.Atoi(fields[1])
	return float64(pages * os.Getpagesize() / 1024)
}

// felt returns the notes since then.
func (s *service) felt(from time.Time) []note {
	reply, err := http.Get(fmt.Sprintf("http://%s/felt?from=%d", s.address, from.UnixNano()))
	if err != nil {
		log.Fatal(err)
	}
	defer reply.Body.Close()
	var notes []note
	if err := json.NewDecoder(reply.Body).Decode(&notes); err != nil || len(notes) == 0 {
		log.Fatalf("harm: the service noted nothing: %v", err)
	}
	return notes
}

// --- Windows ----------------------------------------------------------------------------

// worst is the longest lateness, in ms, and the most in flight of the window. A note that
// comes after its end may tell of a pause inside it: the first one is taken in.
func worst(notes []note, from, to int64) (lateMs, inFlight float64) {
	for _, n := range notes {
		if n.At < from {
			continue
		}
		late := float64(n.LateNs) / 1e6
		if n.At > to { // as much of it as lies in the window
			late -= float64(n.At-to) / 1e6
		}
		if late > lateMs {
			lateMs = late
		}
		if float64(n.InFlight) > inFlight {
			inFlight = float64(n.InFlight)
		}
		if n.At > to {
			break
		}
	}
	return
}

// usual is the middle of the longest lateness of windows of that length in peace.
func usual(notes []note, from, to time.Time, length time.Duration) float64 {
	if length < 2*pace {
		length = 2 * pace
	}
	if length > to.Sub(from) {
		length = to.Sub(from)
	}
	var all []float64
	for at := from; !at.Add(length).After(to); at = at.Add(length) {
		late, _ := worst(notes, at.UnixNano(), at.Add(length).UnixNano())
		all = append(all, late)
	}
	sort.Float64s(all)
	return all[len(all)/2]
}

// --- What is done to it -----------------------------------------------------------------

// capture has leakdog-fetch take a capture, and tells the steps by what it says of them.
func capture(s *service, fetch, job, archive string) []step {
	text := strings.NewReplacer("@PID@", strconv.Itoa(s.cmd.Process.Pid), "@ADDRESS@",
		s.address, "@TICKS@", startTicks(s.cmd.Process.Pid)).Replace(job)
	cmd := exec.Command(fetch, "capture", "--archive", archive)
	cmd.Stdin = strings.NewReader(text)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	last := time.Now()
	if err := cmd.Start(); err != nil {
		log.Fatal(err)
	}
	var steps []step
	var told strings.Builder
	name, result := "", ""
	failed := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), "=")
		told.WriteString(lines.Text() + "\n")
		switch {
		case key == "step":
			name = stepName(value)
		case key == "result":
			result = value
			failed = failed || value == "failed" || value == "partial"
		case key == "" && name != "":
			now := time.Now()
			if result != "skipped" {
				steps = append(steps, step{name, last, now})
			}
			last, name = now, ""
		}
	}
	if err := cmd.Wait(); err != nil || failed || len(steps) == 0 {
		log.Fatalf("harm: the capture is not whole: %v\n%s", err, told.String())
	}
	os.RemoveAll(filepath.Join(archive, "harm"))
	return steps
}

// stepName: the files of the kernel are one step, but for the one that holds a lock of the
// service while it is made.
func stepName(artifact string) string {
	switch artifact {
	case "kernel", "sockets", "fds", "build", "goenv":
		return "files of the kernel"
	}
	return artifact
}

func startTicks(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		log.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return strings.Fields(rest)[19]
}

// ask is one request, read to its end.
func ask(s *service, name, path string) []step {
	from := time.Now()
	reply, err := http.Get("http://" + s.address + path)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		log.Fatal(err)
	}
	reply.Body.Close()
	return []step{{name, from, time.Now()}}
}

// --- The account ------------------------------------------------------------------------

func row(scene, who, what, unit string, value float64) {
	fmt.Printf("result\t%s\t%s\t%s\t%s\t%.3f\n", scene, who, what, unit, value)
}

type memory struct {
	at time.Time
	kb float64
}

// watchMemory notes the resident size until done is closed.
func watchMemory(s *service, done chan bool, ret chan []memory) {
	var all []memory
	for {
		select {
		case <-done:
			ret <- all
			return
		default:
			all = append(all, memory{time.Now(), s.residentKB()})
			time.Sleep(2 * time.Millisecond)
		}
	}
}

// feeling is what a step did at most; never less than nothing.
type feeling struct{ lateMs, inFlight, addedMiB float64 }

// account has the steps in their order; those of one name are one.
type account struct {
	order []string
	of    map[string]feeling
}

func newAccount() *account { return &account{of: map[string]feeling{}} }

func (a *account) add(name string, f feeling) {
	had, known := a.of[name]
	if !known {
		a.order = append(a.order, name)
	}
	a.of[name] = feeling{math.Max(had.lateMs, f.lateMs), math.Max(had.inFlight, f.inFlight),
		math.Max(had.addedMiB, f.addedMiB)}
}

// round lets the service live, does it, and returns what each step of it did.
func round(s *service, who string, do func() []step) *account {
	begin := time.Now()
	time.Sleep(s.peace)
	before, done, sizes := s.residentKB(), make(chan bool), make(chan []memory)
	calm := time.Now()
	go watchMemory(s, done, sizes)
	steps := do()
	close(done)
	sizesOf := <-sizes
	time.Sleep(200 * time.Millisecond) // the notes of a pause come after it
	notes := s.felt(begin)
	account := newAccount()
	if len(steps) > 1 {
		steps = append(steps, step{"whole", steps[0].from, steps[len(steps)-1].to})
	}
	for _, step := range steps {
		late, inFlight := worst(notes, step.from.UnixNano(), step.to.UnixNano())
		late -= usual(notes, begin, calm, step.to.Sub(step.from))
		most := before
		for _, m := range sizesOf {
			if m.kb > most && m.at.After(step.from) && m.at.Before(step.to) {
				most = m.kb
			}
		}
		account.add(step.name, feeling{late, inFlight, (most - before) / 1024})
	}
	for _, name := range account.order {
		f := account.of[name]
		row(s.name+", "+name, who, "longest added pause", "ms", f.lateMs)
		row(s.name+", "+name, who, "most in flight", "requests", f.inFlight)
		row(s.name+", "+name, who, "added memory", "MiB", f.addedMiB)
	}
	return account
}

func measure(s *service, runs int, fetch, job, archive string) {
	for run := 0; run < runs; run++ {
		ours := round(s, "leakdog", func() []step { return capture(s, fetch, job, archive) })
		theirs := round(s, "script", func() []step {
			return ask(s, "debug=2", "/debug/pprof/goroutine?debug=2")
		})
		round(s, "service", func() []step { return ask(s, "its own collection", "/collect") })
		most := 0.0
		for name, f := range ours.of {
			if name != textStep && name != "whole" {
				most = math.Max(most, f.lateMs)
			}
		}
		row(s.name, "leakdog", "longest added pause before "+textStep, "ms", most)
		row(s.name, "leakdog", "longest added pause of all", "ms", ours.of["whole"].lateMs)
		row(s.name, "script", "longest added pause of all", "ms", theirs.of["debug=2"].lateMs)
		if theirs.of["debug=2"].lateMs > 0 {
			row(s.name, "leakdog", "longest added pause of all, script is 1", "times",
				ours.of["whole"].lateMs/theirs.of["debug=2"].lateMs)
		}
	}
}

func main() {
	log.SetFlags(0)
	isService := flag.Bool("serve", false, "be the service")
	goroutines := flag.String("goroutines", "1000", "how many; of the referee, a list")
	heap := flag.Int("heap", 2000000000, "bytes that the service holds")
	peace := flag.Duration("peace", 3*time.Second, "how long the service lives undisturbed first")
	runs := flag.Int("runs", 10, "of each")
	fetch := flag.String("fetch", "", "the program leakdog-fetch")
	jobFile := flag.String("job", "", "what it is told, with @PID@ @TICKS@ @ADDRESS@")
	archive := flag.String("archive", "", "where it files")
	flag.Parse()
	if *isService {
		n, err := strconv.Atoi(*goroutines)
		if err != nil {
			log.Fatal(err)
		}
		serve(n, *heap)
	}
	job, err := os.ReadFile(*jobFile)
	if err != nil {
		log.Fatal(err)
	}
	for _, count := range strings.Split(*goroutines, ",") {
		n, err := strconv.Atoi(count)
		if err != nil {
			log.Fatal(err)
		}
		s := start(n, *heap, *peace)
		measure(s, *runs, *fetch, string(job), *archive)
		s.cmd.Process.Kill()
		s.cmd.Wait()
	}
}
