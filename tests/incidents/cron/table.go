package main

import (
	"bufio"
	"database/sql/driver"
	"fmt"
	"io"
	"net"
)

// table is a driver of database/sql that knows one question: the rows of a shop.
type table struct{ address string }

func (table) Open(address string) (driver.Conn, error)   { return table{address}, nil }
func (t table) Prepare(string) (driver.Stmt, error)      { return t, nil }
func (table) Begin() (driver.Tx, error)                  { return nil, driver.ErrSkip }
func (table) Close() error                               { return nil }
func (table) NumInput() int                              { return 1 }
func (table) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }
func (t table) Query(of []driver.Value) (driver.Rows, error) {
	conn, err := net.Dial("tcp", t.address)
	if err != nil {
		return nil, err
	}
	if _, err = fmt.Fprintf(conn, "shop %d\n", of[0]); err != nil {
		conn.Close()
		return nil, err
	}
	return &cursor{conn, bufio.NewScanner(conn)}, nil
}

type cursor struct {
	conn  net.Conn
	lines *bufio.Scanner
}

func (c *cursor) Columns() []string { return []string{"id", "shop_id", "version", "balance"} }
func (c *cursor) Close() error      { return c.conn.Close() }
func (c *cursor) Next(row []driver.Value) error {
	if !c.lines.Scan() {
		if c.lines.Err() != nil {
			return c.lines.Err()
		}
		return io.EOF
	}
	var id, shop, version int64
	var balance float64
	_, err := fmt.Sscan(c.lines.Text(), &id, &shop, &version, &balance)
	row[0], row[1], row[2], row[3] = id, shop, version, balance
	return err
}
