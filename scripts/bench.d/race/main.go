// race: is the evidence on the disk before the kernel kills the service, and how soon?
//
// A referee starts tests/services/leaker in a cgroup with a limit, lets a contender watch
// it, and reads the cgroup's usage every millisecond: the moment of crossing. The moment of
// the kill is the end of the process; the moment of a file is that of its last change, which
// for leakdog is the new name that it gets when it is synced. Contenders take turns, so that
// a noisy minute of the machine meets all of them. Prints rows for scripts/bench.d/lib.sh.
package main

import (
	"flag"
	"fmt"
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

type config struct {
	leaker, leakdog, script, cgroups, usage, limit string
	runs                                           int
	only, scene, without                           string
}

var conf config

// run is one race.
type run struct {
	scene           *scene
	contender       *contender
	dir, cgroup     string
	crossed, killed time.Time
}

func (r *run) row(what, unit string, number float64) {
	fmt.Printf("result\t%s\t%s\t%s\t%s\t%.4g\n", r.scene.name, r.contender.name, what, unit, number)
}

func (r *run) outcome(what string, yes bool) {
	number := 0.0
	if yes {
		number = 1
	}
	r.row(what, "of", number)
}

// since is the time from the crossing, in ms.
func (r *run) since(what string, at time.Time) {
	r.row(what, "ms", at.Sub(r.crossed).Seconds()*1e3)
}

func goal(s *scene, what, relation string, number float64) {
	bound := ""
	if relation != "all" {
		bound = fmt.Sprintf("\t%g", number)
	}
	fmt.Printf("goal\t%s\tleakdog\t%s\t%s%s\n", s.name, what, relation, bound)
}

func race(s *scene, c *contender) {
	dir, err := os.MkdirTemp("", "leakdog-race-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	cgroup, remove := newCgroup(s.limit)
	defer remove()
	r := &run{scene: s, contender: c, dir: dir, cgroup: cgroup}
	delay := s.delay
	if delay == 0 { // the contender's own, and so that its loop is at any phase
		delay = c.ready + time.Duration(rand.Int63n(int64(c.period)))
	}
	leaker, address := startLeaker(s, cgroup, delay)
	watcher, talk := startWatcher(c.command(s, dir, cgroup, leaker.Process.Pid, address))
	referee(r, leaker)
	ok := s.judge(r, talk)
	stop(watcher)
	if !ok && c.name == "leakdog" {
		log.Printf("%s: a run was lost:\n%s", s.name, talk)
	}
}

// has says whether the contender runs for the i-th time.
func (s *scene) has(c *contender, i int) bool {
	switch c.name {
	case "leakdog":
		return i < conf.runs || s.twice
	case atOnce:
		return i < conf.runs && s.floor
	}
	return i < conf.runs && !s.alone
}

func runScene(s *scene) {
	for i := 0; i < 2*conf.runs; i++ {
		for _, c := range contenders {
			if c.name != conf.without && strings.Contains(c.name, conf.only) && s.has(c, i) {
				race(s, c)
			}
		}
	}
	for _, g := range s.goals {
		goal(s, g.what, g.relation, g.number)
	}
}

// noticedGoal is 10 ms, or 2 % of the way from the threshold to the limit.
func noticedGoal(s *scene) float64 {
	ms := 0.02 * float64(s.limit-s.threshold) / float64(s.rateMB) / 1e3
	if ms < 10 {
		return 10
	}
	return ms
}

func main() {
	log.SetFlags(0)
	flag.StringVar(&conf.leaker, "leaker", "", "program")
	flag.StringVar(&conf.leakdog, "leakdog", "", "program")
	flag.StringVar(&conf.script, "script", "", "the users' own script")
	flag.StringVar(&conf.cgroups, "cgroups", "", "a cgroup in which cgroups may be made")
	flag.StringVar(&conf.usage, "usage", "", "its file with the usage")
	flag.StringVar(&conf.limit, "limit", "", "its file with the limit")
	flag.IntVar(&conf.runs, "runs", 10, "runs per scene and contender; leakdog has twice as many where 20 are promised")
	flag.StringVar(&conf.only, "only", "", "only contenders with this in their name")
	flag.StringVar(&conf.without, "without", "", "a contender that is not there")
	flag.StringVar(&conf.scene, "scene", "", "only scenes with this in their name")
	flag.Parse()
	rand.Seed(time.Now().UnixNano())
	for i := range scenes {
		if strings.Contains(scenes[i].name, conf.scene) {
			runScene(&scenes[i])
		}
	}
}

// --- The pieces of a race ---------------------------------------------------------

func readNumber(file string) int {
	text, _ := os.ReadFile(file)
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return n
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

func stop(watcher *exec.Cmd) {
	watcher.Process.Signal(syscall.SIGTERM)
	ended := make(chan bool)
	go func() {
		watcher.Wait()
		ended <- true
	}()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		watcher.Process.Kill()
		<-ended
	}
}
