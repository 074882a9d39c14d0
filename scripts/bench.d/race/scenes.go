package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

type promise struct {
	what, relation string
	number         float64
}

// scene is how a service leaks, and what is asked of whoever watches it.
type scene struct {
	name                         string
	rateMB                       int // 10^6 bytes per second
	limit, threshold, calm, step int // bytes
	busy, parked                 int
	rest, delay                  time.Duration
	rule, more                   string // of leakdog, where it is not "memory > threshold"
	alone                        bool   // without the peers
	floor                        bool   // but with curl, which tells what the target itself takes
	twice                        bool   // leakdog runs twice as often
	judge                        func(r *run, talk *bytes.Buffer) bool
	goals                        []promise
}

const (
	whole   = "complete"
	soon    = "crossing -> file"
	notice  = "crossing -> noticed"
	margin  = "crossing -> kill"
	fresh   = "fresh heap complete"
	routine = "heap -> goroutines"
)

var scenes = []scene{
	{name: "1,000 MB/s, 2 busy workers", rateMB: 1000, limit: 1024 * mib, threshold: 640 * mib,
		busy: 2, twice: true, judge: judgeHeap,
		goals: []promise{{whole, "all", 0}, {soon, "<=", 30}}},
	{name: "1,000 MB/s, idle", rateMB: 1000, limit: 1024 * mib, threshold: 640 * mib,
		alone: true, judge: judgeHeap, goals: []promise{{whole, "all", 0}, {soon, "<=", 5}}},
	{name: "50 MB/s, 2 busy workers", rateMB: 50, limit: 420 * mib, threshold: 320 * mib,
		calm: 280 * mib, busy: 2, judge: judgeHeap, goals: []promise{{whole, "all", 0}}},
	{name: "with hold: 1,000 MB/s, 2 workers", rateMB: 1000, limit: 1024 * mib,
		threshold: 640 * mib, busy: 2, alone: true, twice: true,
		more:  "hold: {limit: 4G, at_most: 10s}",
		judge: judgeFresh, goals: []promise{{whole, "all", 0}, {fresh, "all", 0}}},
	{name: "100,000 goroutines, 300 MB/s", rateMB: 300, limit: 1024 * mib, threshold: 640 * mib,
		calm: 100 * mib, parked: 100000, alone: true, floor: true, judge: judgeGoroutines,
		goals: []promise{{whole, "all", 0}, {soon, "<=", 30}, {routine, "<=", 500}}},
	{name: "killed with no rule crossed", rateMB: 1000, limit: 512 * mib, threshold: 480 * mib,
		delay: 6 * time.Second, rule: "goroutines > 100000", alone: true, twice: true,
		judge: judgeSudden, goals: []promise{{"incident", "all", 0}, {"timeline", "all", 0},
			{"verdict", "all", 0}, {"profile of before", "all", 0}}},
	calmScene("just started", 0, 0, 0, 2500*time.Millisecond),
	calmScene("calm for half a minute", 0, 0, 0, 30*time.Second),
	calmScene("near the threshold", 600, 0, 0, 5*time.Second),
	calmScene("in two steps", 0, 600, 700*time.Millisecond, 4*time.Second),
}

// calmScene asks only when a leak at 1,000 MB/s is noticed.
func calmScene(state string, calmMiB, stepMiB int, rest, delay time.Duration) scene {
	s := scene{name: "noticed, " + state, rateMB: 1000, limit: 1024 * mib, threshold: 640 * mib,
		calm: calmMiB * mib, step: stepMiB * mib, rest: rest, delay: delay, alone: true,
		judge: judgeNotice}
	s.goals = []promise{{notice, "max <=", noticedGoal(&s)}}
	return s
}

// contender watches the process pid at address and files what it gets below dir.
type contender struct {
	name    string
	ready   time.Duration // until it watches
	period  time.Duration // of its loop
	command func(s *scene, dir, cgroup string, pid int, address string) *exec.Cmd
	heap    string // glob below dir
	routine string // the same, of its goroutines
}

// atOnce is no peer: curl at the moment of the crossing, and nothing on the disk is waited
// for. What takes longer is the watcher's, the rest is the target's.
const atOnce = "curl at the crossing"

var contenders = []*contender{
	{"leakdog", 3 * time.Second, time.Second, leakdog, "archive/leaker/*/0*/heap.pb.gz",
		"archive/leaker/*/0*/goroutine.pb.gz"},
	{atOnce, 3 * time.Second, time.Second, curlAtOnce, "heap.pb.gz", "goroutine.pb.gz"},
	{"script, sleep 1", time.Second, time.Second, script("1"), "heap.pb.gz", ""},
	{"script, sleep 5", time.Second, 5 * time.Second, script("5"), "heap.pb.gz", ""},
	{"procdump", time.Second, time.Second, procdump, "core*", ""},
}

// curlAtOnce waits for the crossing as the referee does.
func curlAtOnce(s *scene, dir, cgroup string, _ int, address string) *exec.Cmd {
	return exec.Command("bash", "-c", `until read -r used < "$1" && [ "$used" -gt "$2" ]; do sleep 0.001; done
		for what in heap goroutine; do curl -s -o "$3/$what.pb.gz" "http://$4/debug/pprof/$what"; done`,
		"at-once", filepath.Join(cgroup, conf.usage), strconv.Itoa(s.threshold), dir, address)
}

func script(pause string) func(*scene, string, string, int, string) *exec.Cmd {
	return func(s *scene, dir, _ string, pid int, address string) *exec.Cmd {
		return exec.Command("bash", conf.script, pause, strconv.Itoa(pid), address,
			strconv.Itoa(s.threshold/1024), dir)
	}
}

func procdump(s *scene, dir, _ string, pid int, _ string) *exec.Cmd {
	return exec.Command("procdump", "-M", strconv.Itoa(s.threshold/mib), "-s", "1", "-o", dir+"/core",
		"-p", strconv.Itoa(pid))
}

func leakdog(s *scene, dir, _ string, pid int, address string) *exec.Cmd {
	rule := s.rule
	if rule == "" {
		rule = fmt.Sprintf("memory > %dM", s.threshold/mib)
	}
	text := fmt.Sprintf("archive: {dir: %s/archive, keep_free: 64M, on_memory: yes}\n"+
		"services:\n  leaker:\n    pid: %d\n    pprof: http://%s\n    rules: [%s]\n",
		dir, pid, address, rule)
	if s.more != "" {
		text += "    " + s.more + "\n"
	}
	file := filepath.Join(dir, "leakdog.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		log.Fatal(err)
	}
	return exec.Command(conf.leakdog, "run", "--config", file,
		"--run-dir", filepath.Join(dir, "run"))
}
