package config

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page
var pages embed.FS

// page serves the chat page. Only its own scripts may run in it, and no other
// page may frame it.
func page() http.Handler {
	dir, err := fs.Sub(pages, "page")
	if err != nil {
		panic(err) // the name above is a constant
	}
	files := http.FileServerFS(dir)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy",
			"default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}
