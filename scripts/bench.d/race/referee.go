package main

import (
	"bytes"
	"log"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startLeaker returns the process in its cgroup and the address that it announced.
func startLeaker(s *scene, cgroup string, delay time.Duration) (*exec.Cmd, string) {
	cmd := exec.Command("sh", "-c", `echo $$ > "$0/cgroup.procs" && exec "$@"`, cgroup,
		conf.leaker, "-listen", "127.0.0.1:0", "-rate", strconv.Itoa(s.rateMB),
		"-busy", strconv.Itoa(s.busy), "-parked", strconv.Itoa(s.parked),
		"-calm", strconv.Itoa(s.calm/mib), "-step", strconv.Itoa(s.step/mib),
		"-rest", s.rest.String(), "-delay", delay.String())
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

// startWatcher lets the contender begin; what it says is kept for the case that it loses.
func startWatcher(cmd *exec.Cmd) (*exec.Cmd, *bytes.Buffer) {
	talk := &bytes.Buffer{}
	cmd.Stderr, cmd.Stdout = talk, talk
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		log.Fatal(err)
	}
	return cmd, talk
}

// referee waits for crossing and kill.
func referee(r *run, leaker *exec.Cmd) {
	ended := make(chan time.Time, 1)
	go func() {
		leaker.Wait()
		ended <- time.Now()
	}()
	for {
		select {
		case r.killed = <-ended:
			status := leaker.ProcessState.Sys().(syscall.WaitStatus)
			if !status.Signaled() || status.Signal() != syscall.SIGKILL || r.crossed.IsZero() {
				log.Fatalf("race: the leaker ended otherwise: %v", leaker.ProcessState)
			}
			return
		default:
		}
		if r.crossed.IsZero() && readNumber(filepath.Join(r.cgroup, conf.usage)) > r.scene.threshold {
			r.crossed = time.Now()
		}
		time.Sleep(time.Millisecond)
	}
}
