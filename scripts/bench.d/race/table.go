package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
)

// table collects the outcomes of a scenario; people see medians and extremes, programs
// every run.
type table struct {
	title string
	runs  map[string][]outcome
}

func newTable(s scenario) *table {
	return &table{s.String(), map[string][]outcome{}}
}

func (t *table) add(o outcome) {
	t.runs[o.Contender] = append(t.runs[o.Contender], o)
	if conf.json {
		json.NewEncoder(os.Stdout).Encode(o)
	}
}

// spread is "median (least..most) ms".
func spread(values []float64) string {
	if len(values) == 0 {
		return "-"
	}
	sort.Float64s(values)
	return fmt.Sprintf("%.0f (%.0f..%.0f) ms", values[len(values)/2], values[0],
		values[len(values)-1])
}

func (t *table) end() {
	if conf.json {
		return
	}
	fmt.Printf("\n%s\n%-18s %-10s %-28s %s\n", t.title, "", "complete", "crossing -> file",
		"crossing -> kill")
	for _, c := range contenders {
		outcomes, files, margins, complete := t.runs[c.name], []float64{}, []float64{}, 0
		for _, o := range outcomes {
			margins = append(margins, o.MarginMs)
			if o.Complete {
				complete++
				files = append(files, o.FileMs)
			}
		}
		if len(outcomes) > 0 {
			fmt.Printf("%-18s %2d of %-4d %-28s %s\n", c.name, complete, len(outcomes),
				spread(files), spread(margins))
		}
	}
}
