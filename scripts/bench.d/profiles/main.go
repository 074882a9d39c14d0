// A program that holds what it has read, as services do, for a heap profile of usual size:
// it parses and checks packages of Go's own library and writes the heap after the first half
// and at the end. "main BASE NOW"
package main

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"log"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
)

var packages = []string{
	"bytes", "encoding/json", "text/template", "regexp", "net/http",
	"go/types", "crypto/tls", "html/template", "database/sql", "net/rpc",
}

type checked struct {
	files map[string]*ast.Package
	pkg   *types.Package
}

var held = map[string]checked{}

func hold(name string, set *token.FileSet, imports types.Importer) {
	files, err := parser.ParseDir(set, runtime.GOROOT()+"/src/"+name, nil, 0)
	if err != nil {
		log.Fatal(err)
	}
	pkg, err := imports.Import(name)
	if err != nil {
		log.Fatal(err)
	}
	held[name] = checked{files, pkg}
}

func write(path string) {
	file, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	runtime.GC()
	if err := pprof.WriteHeapProfile(file); err != nil {
		log.Fatal(err)
	}
}

func main() {
	rate, err := strconv.Atoi(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	runtime.MemProfileRate = rate
	set := token.NewFileSet()
	imports := importer.ForCompiler(set, "source", nil)
	for i, name := range packages {
		if i == len(packages)/2 {
			write(os.Args[2])
		}
		hold(name, set, imports)
	}
	write(os.Args[3])
	runtime.KeepAlive(held)
}
