// Package app plays hawos's: it listens where the flags say until SIGTERM, or fails as the folder config says.
package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// Main listens at all ports of the flags and answers /readyz at the admin port.
func Main(name string) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	flags := make(map[string]string)
	for i := 1; i+1 < len(os.Args); i += 2 {
		flags[strings.TrimPrefix(os.Args[i], "--")] = os.Args[i+1]
	}
	word, _, _ := strings.Cut(name, " ")
	if text, err := os.ReadFile(filepath.Join(flags["config"], word+".fails")); err == nil {
		fmt.Print(string(text))
		os.Exit(1)
	}
	for flag, port := range flags {
		if !strings.HasSuffix(flag, ".port") {
			continue
		}
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		if flag == "admin.port" {
			go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if _, err := os.Stat(filepath.Join(flags["config"], word+".hangs")); err == nil {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			}))
		}
	}
	fmt.Println("ready", word, flags["id"], os.Getenv("HAWOS_QUEUE_TYPE"))
	<-ctx.Done()
	fmt.Println("bye")
}
