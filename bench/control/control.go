// Package control is how a measured process tells what it costs: over a port of
// its own, which also serves profiles and, where the process pushes, starts one.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Stats are what a process has used since it began, and holds now.
type Stats struct {
	CPU        time.Duration // user and system, from the process account
	Mallocs    uint64        // objects allocated on the heap
	Waits      int64         // times that a thread went to sleep: hand-offs that cost
	Goroutines int
	RSS        int64 // bytes; 0 where there is no /proc
}

// Sub returns what was used between then and s.
func (s Stats) Sub(then Stats) Stats {
	return Stats{
		CPU: s.CPU - then.CPU, Mallocs: s.Mallocs - then.Mallocs, Waits: s.Waits - then.Waits,
		Goroutines: s.Goroutines - then.Goroutines, RSS: s.RSS - then.RSS,
	}
}

// Self returns this process's.
func Self() Stats {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/sched/goroutines:goroutines"}}
	metrics.Read(samples)
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail
	return Stats{
		CPU:     time.Duration(u.Utime.Nano() + u.Stime.Nano()),
		Waits:   u.Nvcsw,
		Mallocs: samples[0].Value.Uint64(), Goroutines: int(samples[1].Value.Uint64()), RSS: rss(),
	}
}

func rss() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b))
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// Serve answers until the process ends, and returns where. A push is made by
// POST /push; push may be nil.
func Serve(push func(context.Context) error) (addr string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(Self())
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	if push != nil {
		mux.HandleFunc("POST /push", func(w http.ResponseWriter, r *http.Request) {
			if err := push(r.Context()); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	go func() { _ = http.Serve(l, mux) }() // as long as the process
	return l.Addr().String(), nil
}

// Fetch asks a process for its Stats.
func Fetch(ctx context.Context, addr string) (s Stats, err error) {
	res, err := request(ctx, http.MethodGet, addr, "/stats")
	if err != nil {
		return s, err
	}
	defer res.Body.Close()
	return s, json.NewDecoder(res.Body).Decode(&s)
}

// FetchAll asks several processes.
func FetchAll(ctx context.Context, addrs map[string]string) (map[string]Stats, error) {
	all := map[string]Stats{}
	for name, addr := range addrs {
		s, err := Fetch(ctx, addr)
		if err != nil {
			return nil, fmt.Errorf("stats of %s: %w", name, err)
		}
		all[name] = s
	}
	return all, nil
}

// Push makes a process push once, and returns when its queue has the push.
func Push(ctx context.Context, addr string) error {
	res, err := request(ctx, http.MethodPost, addr, "/push")
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// Profile writes what a process does from now+after on, for d, into a file of the
// folder. A zero d is 3 s.
func Profile(ctx context.Context, addr string, after, d time.Duration, dir, name string) error {
	if d == 0 {
		d = 3 * time.Second
	}
	select {
	case <-time.After(after):
	case <-ctx.Done():
		return ctx.Err()
	}
	res, err := request(ctx, http.MethodGet, addr, "/debug/pprof/profile?seconds="+strconv.Itoa(max(1, int(d.Seconds()))))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, name+".pb.gz"))
	if err != nil {
		return err
	}
	_, err = io.Copy(f, res.Body)
	return errors.Join(err, f.Close())
}

func request(ctx context.Context, method, addr, path string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+addr+path, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(r)
	if err == nil && res.StatusCode != http.StatusOK {
		res.Body.Close()
		return nil, fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return res, err
}
