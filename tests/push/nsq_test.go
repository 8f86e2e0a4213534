package push_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/push/nsq/nsqtest"
	"github.com/hawos/hawos/runtime/push/pushtest"
)

// The stand-in, not the real nsqd: found by its address alone, and restarted to
// break the connections.
func TestNSQStandIn(t *testing.T) {
	o := nsqtest.Options{Dir: t.TempDir()}
	s := startNSQ(t, o)
	defer func() { s.Close() }()
	addr := s.NSQD()
	o.NSQD = addr
	pushtest.Run(t, pushtest.Options{
		Open: func(t *testing.T) push.Broker { return openNSQ(t, nsq.Options{NSQD: addr}) },
		Interrupt: func(t *testing.T) {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = startNSQ(t, o)
		},
	})
}

// The same, found by lookupd alone, with connections that just break.
func TestNSQStandInByLookupd(t *testing.T) {
	s := startNSQ(t, nsqtest.Options{})
	defer s.Close()
	pushtest.Run(t, pushtest.Options{
		Open:      func(t *testing.T) push.Broker { return openNSQ(t, nsq.Options{Lookupd: []string{s.Lookupd()}}) },
		Interrupt: func(*testing.T) { s.Interrupt() },
	})
}

func TestNSQ(t *testing.T) {
	addr := os.Getenv("NSQD_ADDR")
	if addr == "" {
		t.Skip("SKIP: no NSQD_ADDR of a real nsqd")
	}
	pushtest.Run(t, pushtest.Options{Open: func(t *testing.T) push.Broker {
		return openNSQ(t, nsq.Options{NSQD: addr, HTTP: os.Getenv("NSQD_HTTP_ADDR")})
	}})
}

// What cannot be published or reached says so, with the address.
func TestNSQRefusals(t *testing.T) {
	s := startNSQ(t, nsqtest.Options{MaxMessage: 1000})
	defer s.Close()
	b := openNSQ(t, nsq.Options{NSQD: s.NSQD()})
	defer b.Close()
	for _, messages := range [][][]byte{{make([]byte, 1001)}, {[]byte("x"), make([]byte, 1001)}} {
		if err := b.Publish(t.Context(), "topic", messages...); !errors.Is(err, push.ErrTooLarge) {
			t.Errorf("%d messages, one too large: got %v, want ErrTooLarge", len(messages), err)
		}
	}
	if err := b.Publish(t.Context(), "no$topic", []byte("x")); err == nil || !strings.Contains(err.Error(), "E_BAD_TOPIC") {
		t.Errorf("bad topic: got %v", err)
	}
	if err := b.Publish(t.Context(), "topic", []byte("x")); err != nil {
		t.Errorf("after refusals: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := b.Subscribe(t.Context(), "frontend-1", []string{"topic"}, func(string, []byte) {})
	if err == nil || !strings.Contains(err.Error(), s.NSQD()) {
		t.Errorf("subscribe at an nsqd that is away: got %v, want its address", err)
	}
	c := config.Config{Queue: config.Queue{NSQ: config.NSQ{NSQD: s.NSQD()}}}
	if _, err := nsq.Open(t.Context(), c, nil); err == nil || !strings.Contains(err.Error(), s.HTTP()) {
		t.Errorf("open: got %v, want the HTTP address", err)
	}
}

// A new nsqd is read once lookupd names it, by subscriptions that began before.
func TestNSQFindsNewNSQD(t *testing.T) {
	first := startNSQ(t, nsqtest.Options{})
	defer first.Close()
	second := startNSQ(t, nsqtest.Options{})
	defer second.Close()
	lookupd := &switchable{to: first.Lookupd()}
	front := httptest.NewServer(lookupd)
	defer front.Close()
	b := openNSQ(t, nsq.Options{NSQD: first.NSQD(), Lookupd: []string{front.URL}, Refresh: 10 * time.Millisecond})
	defer b.Close()
	heard := make(chan string, 1000)
	sub, err := b.Subscribe(t.Context(), "frontend-1", []string{"topic"}, func(_ string, m []byte) { heard <- string(m) })
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close(context.Background(), true)
	lookupd.set(second.Lookupd())
	other := openNSQ(t, nsq.Options{NSQD: second.NSQD()})
	defer other.Close()
	for start := time.Now(); len(heard) == 0; { // until its channel is there
		if err := other.Publish(t.Context(), "topic", []byte("x")); err != nil {
			t.Fatal(err)
		}
		if time.Since(start) > 20*time.Second {
			t.Fatal("the new nsqd is not read")
		}
	}
}

// switchable is a lookupd that passes questions on.
type switchable struct {
	mu sync.Mutex
	to string
}

func (s *switchable) set(to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = to
}

func (s *switchable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	to := s.to
	s.mu.Unlock()
	httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to}).ServeHTTP(w, r)
}

func openNSQ(t *testing.T, o nsq.Options) push.Broker {
	t.Helper()
	b, err := nsq.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func startNSQ(t *testing.T, o nsqtest.Options) *nsqtest.Server {
	t.Helper()
	s, err := nsqtest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
