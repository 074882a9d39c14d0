// cron: a job copies the customers of one shop after the other to a search index. One shop
// has a bad id which matches every row of the table, and all of them are in memory before
// the first is sent: 200 MB become 10 GB within minutes, until the kernel ends it.
//
// Expected: a base of a few megabytes, a capture on the way up, and as first sentence that
// scanCustomers holds nearly all of the growth, as the values that reflect.New made.
//
// With -peer it is the database; the table is invented, the way of its rows is not.
package main

import (
	"bufio"
	"database/sql"
	"flag"
	"fmt"
	"log"
	"net"
	"time"

	"leakdog/load"
	"leakdog/serve"
	// twin: import
)

const (
	badShop = 7
	allRows = 8_800_000
)

// answer sends the rows of the shop that is asked for; 15,000 a second of the bad one.
func answer(conn net.Conn) {
	defer conn.Close()
	var shop, rows int64
	if _, err := fmt.Fscanf(conn, "shop %d\n", &shop); err != nil {
		return
	}
	if rows = 300; shop%10 == badShop && !load.IsHealthy() {
		rows = allRows
	}
	out := bufio.NewWriter(conn)
	defer out.Flush()
	for id := int64(1); id <= rows; id++ {
		fmt.Fprintln(out, id, shop, 1, float64(id)/100)
		if id%150 == 0 {
			if out.Flush() != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func main() {
	flag.Parse()
	if *load.IsPeer {
		for listener := serve.Open("database"); ; {
			conn, err := listener.Accept()
			if err != nil {
				log.Fatal(err)
			}
			go answer(conn)
		}
	}
	serve.Pprof("cron")
	sql.Register("table", table{})
	db, err := sql.Open("table", *load.Dial)
	if err != nil {
		log.Fatal(err)
	}
	SyncShops(db)
}
