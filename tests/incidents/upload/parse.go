package main

// guilty: main.(*tableImport).parseSteps
// label: heap growth
// label once it is freed: freed but not returned

import (
	"encoding/csv"
	"io"
	"log"
	"net/http"
	"time"
)

type cell struct {
	column, text string
	previous     *cell
}

// tableImport keeps one object with its history per cell and step.
type tableImport struct {
	sheets [][]*cell
}

func (table *tableImport) parseSteps(body io.Reader) error {
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
				sheet = append(sheet, last) // fix: last.previous = nil
			}
		}
		table.sheets = append(table.sheets, sheet)
		log.Printf("step %d of 8, %d rows, %d cells kept", step, len(rows), len(sheet))
		if len(rows) > 1000 {
			time.Sleep(time.Second) // the database is asked about each
		}
	}
	return nil
}

// Upload takes a table.
func Upload(w http.ResponseWriter, r *http.Request) {
	var table tableImport
	if err := table.parseSteps(r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}
