// hog: takes memory as fast as it can until it is killed; it has no pprof. It stands for
// the neighbour that eats the limit of a cgroup which it shares with others.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	rate := flag.Int("rate", 100, "MB/s")
	max := flag.Int("max", 0, "MB; 0: until killed")
	flag.Parse()
	fmt.Printf("hog pid %d\n", os.Getpid())
	var held [][]byte
	for len(held) < *max || *max == 0 {
		block := make([]byte, 1e6)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		held = append(held, block)
		time.Sleep(time.Second / time.Duration(*rate))
	}
	time.Sleep(1 << 62)
}
