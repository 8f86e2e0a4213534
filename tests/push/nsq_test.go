package push_test

import (
	"os"
	"testing"

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
