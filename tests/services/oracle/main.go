// oracle compares leakdog diff with go tool pprof -top, function by function and to the
// byte: "oracle LEAKDOG METRIC NOW" or "oracle LEAKDOG METRIC BASE NOW". It prints how many
// functions are equal and fails where one differs, is missing, or is too much.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

type sides struct{ Base, Now int64 }

// What leakdog diff --json says.
type diff struct {
	Unit       string
	PprofTotal int64 `json:"pprof_total"`
	More       int
	Functions  []struct {
		Function  string
		Flat, Cum sides
	}
}

type row struct{ flat, cum int64 }

func output(name string, arguments ...string) []byte {
	command := exec.Command(name, arguments...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		log.Fatalf("%s %s: %v", name, strings.Join(arguments, " "), err)
	}
	return out
}

func ask(leakdog, metric string, files []string) (diff, map[string]row) {
	var said diff
	arguments := append([]string{"diff", "--json", "--top", "0", "--metric", metric}, files...)
	if err := json.Unmarshal(output(leakdog, arguments...), &said); err != nil {
		log.Fatal(err)
	}
	if said.More != 0 {
		log.Fatalf("leakdog left %d functions out", said.More)
	}
	rows := map[string]row{}
	for _, f := range said.Functions {
		rows[f.Function] = row{f.Flat.Now - f.Flat.Base, f.Cum.Now - f.Cum.Base}
	}
	if len(rows) != len(said.Functions) {
		log.Fatal("leakdog shows a function twice")
	}
	return said, rows
}

var units = map[string]string{"bytes": "B", "nanoseconds": "ns"}

// number reads "1234B"; with the unit asked for it is not rounded.
func number(text, unit string) int64 {
	n, err := strconv.ParseInt(strings.TrimSuffix(text, units[unit]), 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	return n
}

var line = regexp.MustCompile(`^ *(\S+) +\S+ +\S+ +(\S+) +\S+  (.*)$`)
var total = regexp.MustCompile(`% of (\S+) total`)
var inlined = regexp.MustCompile(` \((partial-)?inline\)$`)

func askPprof(metric, unit string, files []string) (int64, map[string]row) {
	arguments := []string{"tool", "pprof", "-top", "-trim=false", "-nodecount=1000000",
		"-sample_index=" + metric}
	if units[unit] != "" {
		arguments = append(arguments, "-unit="+units[unit])
	}
	if len(files) == 2 {
		arguments = append(arguments, "-base", files[0])
	}
	out := string(output("go", append(arguments, files[len(files)-1])...))
	found := total.FindStringSubmatch(out)
	if found == nil {
		log.Fatalf("pprof says no total: %s", out)
	}
	rows := map[string]row{}
	for _, text := range strings.Split(out, "\n") {
		part := line.FindStringSubmatch(text)
		if part == nil || part[1] == "flat" {
			continue
		}
		rows[inlined.ReplaceAllString(part[3], "")] =
			row{number(part[1], unit), number(part[2], unit)}
	}
	return number(found[1], unit), rows
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("oracle: ")
	if len(os.Args) < 4 || len(os.Args) > 5 {
		log.Fatal("usage: oracle LEAKDOG METRIC [BASE] NOW")
	}
	said, ours := ask(os.Args[1], os.Args[2], os.Args[3:])
	wanted, theirs := askPprof(os.Args[2], said.Unit, os.Args[3:])
	wrong := 0
	if said.PprofTotal != wanted {
		log.Printf("total: %d, pprof %d", said.PprofTotal, wanted)
		wrong++
	}
	for name, r := range theirs {
		if have, is := ours[name]; !is || have != r {
			log.Printf("%s: %v, pprof %v", name, have, r)
			wrong++
		}
		delete(ours, name)
	}
	for name, r := range ours {
		log.Printf("%s: %v, pprof does not show it", name, r)
		wrong++
	}
	if wrong > 0 {
		log.Fatalf("%s %s: %d differences", os.Args[2], strings.Join(os.Args[3:], " "), wrong)
	}
	fmt.Println(len(theirs), "functions are equal")
}
