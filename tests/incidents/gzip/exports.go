package main

// guilty: main.(*exportStreams).open
// label: heap growth

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"
)

// exportStreams are the writers that are open: at a shutdown they would be flushed.
type exportStreams struct {
	sync.Mutex
	writers map[*gzip.Writer]*bufio.Writer
}

func (streams *exportStreams) open(to io.Writer) *gzip.Writer {
	buffer := bufio.NewWriter(to)
	writer := gzip.NewWriter(buffer)
	writer.Write(nil) // the header, so that the browser sees that something comes
	streams.Lock()
	defer streams.Unlock()
	streams.writers[writer] = buffer
	return writer
}

func (streams *exportStreams) close(writer *gzip.Writer) {
	streams.Lock()
	defer streams.Unlock()
	if buffer := streams.writers[writer]; buffer != nil {
		writer.Close()
		buffer.Flush()
		delete(streams.writers, writer)
	}
}

// discard is close for an answer that must stay empty.
func (streams *exportStreams) discard(writer *gzip.Writer) {
	streams.Lock()
	defer streams.Unlock()
	delete(streams.writers, writer)
}

// Exports adds /exports to the router.
func Exports(router gin.IRouter, crossOrigin gin.HandlerFunc) {
	streams := exportStreams{writers: map[*gzip.Writer]*bufio.Writer{}}
	compress := func(c *gin.Context) {
		writer := streams.open(c.Writer)
		c.Set("stream", writer)
		c.Next()
		// fix: streams.discard(writer)
	}
	export := func(c *gin.Context) {
		writer := c.MustGet("stream").(*gzip.Writer)
		c.Header("Content-Encoding", "gzip")
		c.Status(http.StatusOK)
		fmt.Fprintf(writer, "export %s\n", c.Param("id"))
		streams.close(writer)
	}
	group := router.Group("/exports", compress, crossOrigin)
	group.GET("/:id", export)
	group.OPTIONS("/:id", func(*gin.Context) {})
}
