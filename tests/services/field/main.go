// field: prints what stands at a path of a JSON file, "captures.0.artifacts.1.result"; a
// list or an object as JSON, in one line. A step "kind=heap" is the element of a list whose
// "kind" is "heap". Ends with 1 where nothing stands.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
)

// step goes from a value to the one that a word of the path names; nil: there is none.
func step(value interface{}, word string) interface{} {
	switch value := value.(type) {
	case map[string]interface{}:
		return value[word]
	case []interface{}:
		if key, wanted, found := strings.Cut(word, "="); found {
			for _, element := range value {
				if object, ok := element.(map[string]interface{}); ok && fmt.Sprint(object[key]) == wanted {
					return element
				}
			}
		} else if i, err := strconv.Atoi(word); err == nil && i >= 0 && i < len(value) {
			return value[i]
		}
	}
	return nil
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: field FILE|- PATH")
	}
	file := os.Stdin
	if os.Args[1] != "-" {
		var err error
		if file, err = os.Open(os.Args[1]); err != nil {
			log.Fatal(err)
		}
	}
	text, err := io.ReadAll(file)
	if err != nil {
		log.Fatal(err)
	}
	var value interface{}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber() // byte counts are not floats
	if err := decoder.Decode(&value); err != nil {
		log.Fatalf("%s: %v", os.Args[1], err)
	}
	for _, word := range strings.Split(os.Args[2], ".") {
		if value = step(value, word); value == nil {
			os.Exit(1)
		}
	}
	if text, ok := value.(string); ok {
		fmt.Println(text)
		return
	}
	line, _ := json.Marshal(value)
	fmt.Println(string(line))
}
