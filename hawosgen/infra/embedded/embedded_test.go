package embedded_test

import (
	"context"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/goleak"

	"github.com/hawos/hawos/hawosgen/infra/embedded"
)

func TestEtcdKeepsItsDataAndItsPort(t *testing.T) {
	dir := t.TempDir()
	first := start(t, embedded.Etcd, embedded.Options{Dir: dir})
	client := etcdClient(t, first.Addr())
	if _, err := client.Put(t.Context(), "/k", "v"); err != nil {
		t.Fatal(err)
	}
	lease, err := client.Grant(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if lease.TTL != 1 {
		t.Errorf("a lease of 1 s was granted as %d s", lease.TTL)
	}
	client.Close()
	shut(t, first)

	again := start(t, embedded.Etcd, embedded.Options{Dir: dir, Port: port(t, first.Addr())})
	if again.Addr() != first.Addr() {
		t.Errorf("restarted at %s, want %s", again.Addr(), first.Addr())
	}
	got, err := etcdClient(t, again.Addr()).Get(t.Context(), "/k")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Kvs) != 1 || string(got.Kvs[0].Value) != "v" {
		t.Errorf("after the restart /k holds %v, want v", got.Kvs)
	}
}

func TestKafkaKeepsItsTopicsAndRecords(t *testing.T) {
	dir := t.TempDir()
	first := start(t, embedded.Kafka, embedded.Options{Dir: dir})
	transport := new(kafka.Transport)
	defer transport.CloseIdleConnections()
	client := &kafka.Client{Addr: kafka.TCP(first.Addr()), Transport: transport}
	topic := kafka.TopicConfig{Topic: "pushes", NumPartitions: 1, ReplicationFactor: 1}
	made, err := client.CreateTopics(t.Context(), &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{topic}})
	if err != nil || made.Errors["pushes"] != nil {
		t.Fatal(err, made.Errors["pushes"])
	}
	w := &kafka.Writer{Addr: client.Addr, Topic: "pushes", Transport: transport, BatchTimeout: time.Millisecond, RequiredAcks: kafka.RequireAll}
	if err := w.WriteMessages(t.Context(), kafka.Message{Value: []byte("hello")}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	shut(t, first)

	again := start(t, embedded.Kafka, embedded.Options{Dir: dir, Port: port(t, first.Addr())})
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{again.Addr()}, Topic: "pushes", MaxWait: 50 * time.Millisecond})
	defer r.Close()
	got, err := r.ReadMessage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Value) != "hello" {
		t.Errorf("after the restart the topic holds %q, want %q", got.Value, "hello")
	}
}

func TestEtcdWantsADirectory(t *testing.T) {
	if _, err := embedded.Etcd(embedded.Options{}); err == nil {
		t.Error("etcd started without a data directory")
	}
}

func TestAPortInUseIsNamed(t *testing.T) {
	first := start(t, embedded.MiniRedis, embedded.Options{})
	for name, f := range map[string]func(embedded.Options) (*embedded.Server, error){
		"etcd": embedded.Etcd, "kafka": embedded.Kafka, "miniredis": embedded.MiniRedis,
	} {
		s, err := f(embedded.Options{Dir: t.TempDir(), Port: port(t, first.Addr())})
		if err == nil {
			s.Close()
			t.Errorf("%s started at %s, which is in use", name, first.Addr())
		}
	}
}

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func etcdClient(t *testing.T, addr string) *clientv3.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	c, err := clientv3.New(clientv3.Config{Endpoints: []string{addr}, Context: ctx})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); c.Close() })
	return c
}
