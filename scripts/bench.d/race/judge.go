package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// leakingFunction is in every profile of the leaker that is worth its name.
const leakingFunction = "main.rememberReply"

// What was on disk before the kill may still have to be published.
const patience = 8 * time.Second

// changed is when the file got its last byte or, where that came later, its name.
func changed(info os.FileInfo) time.Time {
	stat := info.Sys().(*syscall.Stat_t)
	return time.Unix(stat.Ctim.Sec, stat.Ctim.Nsec)
}

// profile says whether the file is a profile to its last byte with needle in it, and when it
// was there.
func profile(name, needle string) (time.Time, bool) {
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
	return changed(info), err == nil && bytes.Contains(text, []byte(needle))
}

// core says the same of a process image: procdump says when it has all of it.
func core(name string, talk *bytes.Buffer) (time.Time, bool) {
	info, err := os.Stat(name)
	if err != nil || !strings.Contains(talk.String(), "Core dump 0 generated") {
		return time.Time{}, false
	}
	return changed(info), info.Size() > 100*mib
}

// first is the earliest of the files that was whole before the kill.
func (r *run) first(glob, needle string, talk *bytes.Buffer) (time.Time, bool) {
	names, _ := filepath.Glob(filepath.Join(r.dir, glob))
	var first time.Time
	for _, name := range names {
		at, ok := profile(name, needle)
		if r.contender.name == "procdump" {
			at, ok = core(name, talk)
		}
		if ok && at.Before(r.killed) && at.After(r.crossed.Add(-50*time.Millisecond)) &&
			(first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first, !first.IsZero()
}

// waitFor looks for the file until it is there, or nobody would wait longer.
func (r *run) waitFor(glob, needle string, talk *bytes.Buffer) (at time.Time, ok bool) {
	wait := 2 * time.Second
	if r.contender.name == "leakdog" {
		wait = patience
	}
	for end := time.Now().Add(wait); !ok && time.Now().Before(end); {
		if at, ok = r.first(glob, needle, talk); !ok {
			time.Sleep(50 * time.Millisecond)
		}
	}
	return at, ok
}

type manifest struct {
	State  string
	Reason struct {
		Rule string
		At   time.Time
	}
	Verdict struct{ Outcome string }
}

func (r *run) manifest() (m manifest, ok bool) {
	names, _ := filepath.Glob(filepath.Join(r.dir, "archive/leaker/*/manifest.json"))
	if len(names) == 0 {
		return m, false
	}
	text, err := os.ReadFile(names[0])
	return m, err == nil && json.Unmarshal(text, &m) == nil
}

func (r *run) noticed() bool {
	m, ok := r.manifest()
	if ok {
		r.since(notice, m.Reason.At)
	}
	return ok
}

func judgeHeap(r *run, talk *bytes.Buffer) bool {
	at, ok := r.waitFor(r.contender.heap, leakingFunction, talk)
	r.outcome(whole, ok)
	r.since(margin, r.killed)
	if ok {
		r.since(soon, at)
	}
	if r.contender.name == "leakdog" {
		r.noticed()
	}
	return ok
}

func judgeFresh(r *run, talk *bytes.Buffer) bool {
	ok := judgeHeap(r, talk)
	at, isFresh := r.waitFor("archive/leaker/*/0*/heap-gc.pb.gz", leakingFunction, talk)
	r.outcome(fresh, isFresh)
	if isFresh {
		r.since("crossing -> fresh heap", at)
	}
	return ok && isFresh
}

func judgeGoroutines(r *run, talk *bytes.Buffer) bool {
	ok := judgeHeap(r, talk)
	heap, _ := r.first(r.contender.heap, leakingFunction, talk)
	at, all := r.waitFor(r.contender.routine, "main.parkedWorker", talk)
	r.outcome("goroutines complete", all)
	if ok && all {
		r.row(routine, "ms", at.Sub(heap).Seconds()*1e3)
	}
	return ok && all
}

// judgeSudden: no rule saw it coming, so what counts is what there was before.
func judgeSudden(r *run, _ *bytes.Buffer) bool {
	var m manifest
	ok := false
	for end := time.Now().Add(patience); !ok && time.Now().Before(end); {
		m, ok = r.manifest()
		if ok = ok && m.State == "sealed"; !ok {
			time.Sleep(100 * time.Millisecond)
		}
	}
	timelines, _ := filepath.Glob(filepath.Join(r.dir, "archive/leaker/*/timeline.csv"))
	before := false
	profiles, _ := filepath.Glob(filepath.Join(r.dir, "archive/leaker/*/recorder/*.pb.gz"))
	for _, name := range profiles {
		_, is := profile(name, "")
		before = before || is
	}
	r.outcome("incident", ok)
	r.outcome("timeline", len(timelines) == 1)
	r.outcome("verdict", m.Verdict.Outcome == "oom-killed")
	r.outcome("profile of before", before)
	return ok && before && len(timelines) == 1 && m.Verdict.Outcome == "oom-killed"
}

func judgeNotice(r *run, _ *bytes.Buffer) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if r.noticed() {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}
