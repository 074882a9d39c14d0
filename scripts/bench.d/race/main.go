// race: does a complete heap profile reach the disk before the kernel kills the service?
//
// A referee starts tests/services/leaker in a cgroup with a limit, lets a contender watch
// it, and reads the cgroup's usage every millisecond: the moment of crossing. The moment of
// the kill is the end of the process; the moment of the file is the time of its last byte.
// Contenders take turns, so that a noisy minute of the machine meets all of them.
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const mib = 1 << 20

// leakingFunction is in every profile of the leaker that is worth its name.
const leakingFunction = "main.rememberReply"

type scenario struct {
	rateMB           int // 10^6 bytes per second
	limit, threshold int // bytes
	busy             int
}

func (s scenario) String() string {
	return fmt.Sprintf("%d MB/s, limit %d MiB, memory > %d MiB, %d busy workers",
		s.rateMB, s.limit/mib, s.threshold/mib, s.busy)
}

var scenarios = []scenario{
	{1000, 1024 * mib, 640 * mib, 2},
	{50, 512 * mib, 320 * mib, 2},
}

// contender watches the process pid at address and files heap profiles below dir.
type contender struct {
	name    string
	command func(s scenario, dir string, pid int, address string) *exec.Cmd
	files   string // glob below dir
}

type config struct {
	leaker, leakdog, script, cgroups, usage, limit string
	runs                                           int
	json                                           bool
}

var conf config

func script(pause string) func(scenario, string, int, string) *exec.Cmd {
	return func(s scenario, dir string, pid int, address string) *exec.Cmd {
		return exec.Command("bash", conf.script, pause, strconv.Itoa(pid), address,
			strconv.Itoa(s.threshold/1024), dir)
	}
}

func leakdog(s scenario, dir string, pid int, address string) *exec.Cmd {
	text := fmt.Sprintf("archive: {dir: %s/archive, keep_free: 64M}\n"+
		"services:\n  leaker:\n    pid: %d\n    pprof: http://%s\n    rules: [memory > %dM]\n",
		dir, pid, address, s.threshold/mib)
	file := filepath.Join(dir, "leakdog.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		log.Fatal(err)
	}
	return exec.Command(conf.leakdog, "run", "--config", file,
		"--run-dir", filepath.Join(dir, "run"))
}

var contenders = []contender{
	{"leakdog", leakdog, "archive/leaker/*/0*/heap*.pb.gz"},
	{"script, sleep 1", script("1"), "heap.pb.gz"},
	{"script, sleep 5", script("5"), "heap.pb.gz"},
}

type outcome struct {
	Scenario  string  `json:"scenario"`
	Contender string  `json:"contender"`
	Complete  bool    `json:"complete"`
	MarginMs  float64 `json:"margin_ms"` // crossing -> kill
	FileMs    float64 `json:"file_ms"`   // crossing -> file; where complete
}

// whole says whether the file is a profile to its last byte, and when that was written.
func whole(name string) (time.Time, bool) {
	info, err := os.Stat(name)
	if err != nil {
		return time.Time{}, false
	}
	packed, err := os.ReadFile(name)
	if err != nil {
		return time.Time{}, false
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return time.Time{}, false
	}
	text, err := io.ReadAll(z)
	return info.ModTime(), err == nil && bytes.Contains(text, []byte(leakingFunction))
}

// earliest is the first whole profile below dir that was there before the kill.
func earliest(glob string, crossed, killed time.Time) (time.Time, bool) {
	names, _ := filepath.Glob(glob)
	var first time.Time
	for _, name := range names {
		at, ok := whole(name)
		if ok && at.Before(killed) && at.After(crossed.Add(-50*time.Millisecond)) &&
			(first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first, !first.IsZero()
}

func readNumber(file string) int {
	text, _ := os.ReadFile(file)
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return n
}

// startLeaker returns the process in its cgroup and the address that it announced.
func startLeaker(s scenario, cgroup string, delay time.Duration) (*exec.Cmd, string) {
	cmd := exec.Command("sh", "-c", `echo $$ > "$0/cgroup.procs" && exec "$@"`, cgroup,
		conf.leaker, "-listen", "127.0.0.1:0", "-rate", strconv.Itoa(s.rateMB),
		"-busy", strconv.Itoa(s.busy), "-delay", delay.String())
	out, err := cmd.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		log.Fatal(err)
	}
	line := make([]byte, 256)
	n, _ := out.Read(line)
	words := strings.Fields(string(line[:n]))
	if len(words) < 4 {
		log.Fatalf("race: the leaker said %q", line[:n])
	}
	return cmd, words[3]
}

// referee waits for crossing and kill.
func referee(s scenario, cgroup string, leaker *exec.Cmd) (crossed, killed time.Time) {
	ended := make(chan time.Time, 1)
	go func() {
		leaker.Wait()
		ended <- time.Now()
	}()
	for {
		select {
		case killed = <-ended:
			status := leaker.ProcessState.Sys().(syscall.WaitStatus)
			if !status.Signaled() || status.Signal() != syscall.SIGKILL || crossed.IsZero() {
				log.Fatalf("race: the leaker ended otherwise: %v", leaker.ProcessState)
			}
			return
		default:
		}
		if crossed.IsZero() && readNumber(filepath.Join(cgroup, conf.usage)) > s.threshold {
			crossed = time.Now()
		}
		time.Sleep(time.Millisecond)
	}
}

// newCgroup returns a cgroup with the limit, and what removes it when it is empty.
func newCgroup(limit int) (string, func()) {
	dir := filepath.Join(conf.cgroups, fmt.Sprintf("run-%d", time.Now().UnixNano()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, conf.limit), []byte(strconv.Itoa(limit)), 0); err != nil {
		log.Fatal(err)
	}
	return dir, func() {
		for i := 0; i < 100 && os.Remove(dir) != nil; i++ {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// startWatcher lets the contender begin; what it says is kept for the case that it loses.
func startWatcher(cmd *exec.Cmd) *bytes.Buffer {
	talk := &bytes.Buffer{}
	cmd.Stderr, cmd.Stdout = talk, talk
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		log.Fatal(err)
	}
	return talk
}

func race(s scenario, c contender, run int) outcome {
	dir, err := os.MkdirTemp("", "leakdog-race-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	cgroup, remove := newCgroup(s.limit)
	defer remove()
	// Two scans find the target; the rest puts the loops of the scripts at any phase.
	delay := 4*time.Second + time.Duration(rand.Int63n(int64(5*time.Second)))
	leaker, address := startLeaker(s, cgroup, delay)
	watcher := c.command(s, dir, leaker.Process.Pid, address)
	talk := startWatcher(watcher)
	crossed, killed := referee(s, cgroup, leaker)
	result := outcome{Scenario: s.String(), Contender: c.name,
		MarginMs: killed.Sub(crossed).Seconds() * 1e3}
	// What was on disk may still have to be published; nothing written later counts.
	for i := 0; i < 40 && !result.Complete; i++ {
		var at time.Time
		at, result.Complete = earliest(filepath.Join(dir, c.files), crossed, killed)
		if result.Complete {
			result.FileMs = at.Sub(crossed).Seconds() * 1e3
		}
		time.Sleep(50 * time.Millisecond)
	}
	watcher.Process.Signal(syscall.SIGTERM)
	watcher.Wait()
	if !result.Complete && c.name == "leakdog" {
		log.Printf("run %d lost:\n%s", run, talk)
	}
	return result
}

func main() {
	log.SetFlags(0)
	flag.StringVar(&conf.leaker, "leaker", "", "program")
	flag.StringVar(&conf.leakdog, "leakdog", "", "program")
	flag.StringVar(&conf.script, "script", "", "the users' own script")
	flag.StringVar(&conf.cgroups, "cgroups", "", "a cgroup in which cgroups may be made")
	flag.StringVar(&conf.usage, "usage", "", "its file with the usage")
	flag.StringVar(&conf.limit, "limit", "", "its file with the limit")
	flag.IntVar(&conf.runs, "runs", 10, "runs per scenario and contender")
	flag.BoolVar(&conf.json, "json", false, "one JSON object per run")
	only := flag.String("only", "", "only contenders with this in their name")
	flag.Parse()
	rand.Seed(time.Now().UnixNano())
	lost := false
	for _, s := range scenarios {
		table := newTable(s)
		for run := 1; run <= conf.runs; run++ {
			for _, c := range contenders {
				if !strings.Contains(c.name, *only) {
					continue
				}
				result := race(s, c, run)
				table.add(result)
				lost = lost || c.name == "leakdog" && !result.Complete
			}
		}
		table.end()
	}
	if lost {
		os.Exit(1)
	}
}
