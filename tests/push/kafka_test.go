package push_test

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"go.uber.org/goleak"

	"github.com/hawos/hawos/hawosgen/infra/embedded"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/push/pushtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The stand-in keeps its data over the restarts that break the connections.
func TestKafkaStandIn(t *testing.T) {
	o := embedded.Options{Dir: t.TempDir()}
	s := startKafka(t, o)
	defer func() { s.Close() }()
	addr := s.Addr()
	o.Port = port(t, addr)
	pushtest.Run(t, pushtest.Options{
		Open: func(t *testing.T) push.Broker { return openKafka(t, addr) },
		Interrupt: func(t *testing.T) {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = startKafka(t, o)
		},
	})
}

func TestKafka(t *testing.T) {
	addr := os.Getenv("KAFKA_ADDR")
	if addr == "" {
		t.Skip("SKIP: no KAFKA_ADDR of a real Kafka")
	}
	pushtest.Run(t, pushtest.Options{Open: func(t *testing.T) push.Broker { return openKafka(t, addr) }})
}

// A topic that an operator deleted is made again, for its writers and readers.
func TestKafkaTopicDeleted(t *testing.T) {
	s := startKafka(t, embedded.Options{})
	defer s.Close()
	b := openKafka(t, s.Addr())
	defer b.Close()
	heard := make(chan string, 10)
	sub, err := b.Subscribe(t.Context(), "frontend-1", []string{"topic"}, func(_ string, m []byte) { heard <- string(m) })
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close(context.Background(), true)
	conn, err := kafkago.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.DeleteTopics("topic"); err != nil {
		t.Fatal(err)
	}
	if err := b.Publish(t.Context(), "topic", []byte("again")); err != nil {
		t.Fatalf("publish: %v", err)
	}
	select {
	case m := <-heard:
		if m != "again" {
			t.Errorf("got %q", m)
		}
	case <-time.After(20 * time.Second):
		t.Error("the reader does not come back")
	}
}

func openKafka(t *testing.T, addr string) push.Broker {
	t.Helper()
	b, err := kafka.New(kafka.Options{Brokers: []string{addr}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func startKafka(t *testing.T, o embedded.Options) *embedded.Server {
	t.Helper()
	s, err := embedded.Kafka(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func port(t *testing.T, addr string) int {
	t.Helper()
	n, err := strconv.Atoi(addr[strings.LastIndex(addr, ":")+1:])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
