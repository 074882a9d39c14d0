package main

// guilty: main.(*syncJob).scanCustomers
// label: heap growth

import (
	"database/sql"
	"log"
	"reflect"
	"time"
)

// customer is wide, as the tables of old services are.
type customer struct {
	ID, ShopID, Version int64
	Balance             float64
	History             [120]float64 `sql:"-"`
}

type syncJob struct {
	db   *sql.DB
	sent int
}

// scanCustomers does what mappers do: one new struct per row, found by its type.
func (job *syncJob) scanCustomers(shop int64) ([]reflect.Value, error) {
	rows, err := job.db.Query("SELECT id, shop_id, version, balance FROM customers WHERE shop_id = ?", shop)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	of := reflect.TypeOf(customer{})
	var found []reflect.Value
	for rows.Next() {
		record := reflect.New(of)
		var fields []interface{}
		for i := 0; i < of.NumField(); i++ {
			if of.Field(i).Tag.Get("sql") != "-" {
				fields = append(fields, record.Elem().Field(i).Addr().Interface())
			}
		}
		if err := rows.Scan(fields...); err != nil {
			return nil, err
		}
		found = append(found, record) // fix: job.send(record)
	}
	return found, rows.Err()
}

// send gives a customer to the index.
func (job *syncJob) send(reflect.Value) { job.sent++ }

// SyncShops goes through the shops for ever.
func SyncShops(db *sql.DB) {
	job := syncJob{db: db}
	for shop := int64(1); ; shop++ {
		customers, err := job.scanCustomers(shop)
		for _, customer := range customers {
			job.send(customer)
		}
		log.Printf("shop %d: %d sent, %v", shop, job.sent, err)
		time.Sleep(time.Second)
	}
}
