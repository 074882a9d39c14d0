// cron-sync: a job copies the customers of one shop after the other to a search index. One
// shop has a bad id which matches every row of the table: the mapper makes a struct for each
// of millions of rows before the first of them is sent. The profile of the heap says
// ScanCustomersToEsSync -> reflect.New.
package main

import (
	"database/sql"
	"database/sql/driver"
	"flag"
	"io"
	"log"
	"reflect"
	"time"

	"leakdog/serve"
)

// Customer is wide, as tables of old services are: nearly all of a scanned row is the struct
// that reflect.New makes.
type Customer struct {
	ID, ShopID, Version int64
	Balance             float64
	History             [120]float64 `sql:"-"`
}

var (
	badShop = flag.Int64("bad-shop", 7, "shop whose id matches every row")
	allRows = flag.Int64("rows", 8_800_000, "rows of the whole table")
	perShop = flag.Int64("rows-per-shop", 300, "rows of a healthy shop")
	rate    = flag.Float64("rate", 50_000, "rows per second that the database delivers")
)

// table is a driver of database/sql: the rows are invented, their way to the job is not.
type table struct{}

func (table) Open(string) (driver.Conn, error)           { return table{}, nil }
func (table) Prepare(string) (driver.Stmt, error)        { return table{}, nil }
func (table) Begin() (driver.Tx, error)                  { return nil, driver.ErrSkip }
func (table) Close() error                               { return nil }
func (table) NumInput() int                              { return 1 }
func (table) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }
func (table) Query(of []driver.Value) (driver.Rows, error) {
	shop := of[0].(int64)
	rows := &cursor{shop: shop, left: *perShop, start: time.Now()}
	if shop == *badShop {
		rows.left = *allRows
	}
	return rows, nil
}

type cursor struct {
	shop, id, left int64
	start          time.Time
}

func (c *cursor) Columns() []string { return []string{"id", "shop_id", "version", "balance"} }
func (c *cursor) Close() error      { return nil }
func (c *cursor) Next(row []driver.Value) error {
	if c.left == 0 {
		return io.EOF
	}
	due := time.Duration(float64(c.id) / *rate * float64(time.Second))
	if early := due - time.Since(c.start); early > time.Millisecond {
		time.Sleep(early)
	}
	c.id++
	c.left--
	row[0], row[1], row[2], row[3] = c.id, c.shop, int64(1), float64(c.id)
	return nil
}

// mapRows does what mappers do: one new struct per row, found by its type.
func mapRows(rows *sql.Rows, of reflect.Type) ([]reflect.Value, error) {
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
		found = append(found, record)
	}
	return found, rows.Err()
}

// ScanCustomersToEsSync loads all customers of a shop, then would send them.
//
//go:noinline
func ScanCustomersToEsSync(db *sql.DB, shop int64) (int, error) {
	rows, err := db.Query("SELECT id, shop_id, version, balance FROM customers WHERE shop_id = ?", shop)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	customers, err := mapRows(rows, reflect.TypeOf(Customer{}))
	return len(customers), err
}

func main() {
	every := flag.Duration("every", time.Second, "from one shop to the next")
	flag.Parse()
	serve.Pprof("cron-sync")
	sql.Register("invented", table{})
	db, err := sql.Open("invented", "")
	if err != nil {
		log.Fatal(err)
	}
	for shop := int64(1); ; shop++ {
		n, err := ScanCustomersToEsSync(db, shop)
		log.Printf("shop %d: %d customers, %v", shop, n, err)
		time.Sleep(*every)
	}
}
