// gzip: a web service of gin with its gzip and cors. Exports are compressed by a writer of
// the service's own, opened before cors looks at the request. The preflight of a browser
// (OPTIONS) ends in cors, so that the export which closes the writer never begins.
//
// Expected: as first sentence that open holds the growth, in compress/flate.
//
// With -peer it is browsers: pages and exports, and preflights once they are not healthy.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-contrib/gzip"
	"github.com/gin-gonic/gin"

	"leakdog/load"
	"leakdog/serve"
	// twin: import
)

func page(c *gin.Context) { c.String(http.StatusOK, "a page, %s\n", c.Param("name")) }

func request(n int) *http.Request {
	if load.IsHealthy() && n%2 == 0 {
		return load.Request(http.MethodGet, "/pages/start", nil)
	}
	method := http.MethodGet
	if !load.IsHealthy() && n%2 == 0 {
		method = http.MethodOptions
	}
	export := load.Request(method, fmt.Sprintf("/exports/%d", n), nil)
	export.Header.Set("Origin", "https://shop.example.com")
	export.Header.Set("Access-Control-Request-Method", http.MethodGet)
	return export
}

func main() {
	flag.Parse()
	if *load.IsPeer {
		load.Requests(load.Pace(20*time.Millisecond, 20*time.Millisecond), request)
	}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Group("/pages", gzip.Gzip(gzip.DefaultCompression)).GET("/:name", page)
	Exports(router, cors.New(cors.Config{AllowOrigins: []string{"https://shop.example.com"},
		AllowMethods: []string{http.MethodGet}}))
	http.Handle("/", router)
	serve.Pprof("gzip")
	select {}
}
