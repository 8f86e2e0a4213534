package embedded

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// What the stand-in keeps of each partition: enough for a frontend that was away, not a disk full.
const (
	kafkaRetention      = time.Hour
	kafkaRetentionBytes = 256 << 20
	kafkaCleanEvery     = time.Minute
)

// Kafka starts a broker that speaks Kafka's protocol in this process. It is franz-go's kfake, not Apache Kafka.
// Topics are created by its clients explicitly, never by a produce or a fetch; records are kept for an hour.
func Kafka(o Options) (*Server, error) {
	opts := []kfake.Opt{
		kfake.Ports(o.Port),
		kfake.DefaultNumPartitions(1),
		kfake.BrokerConfigs(map[string]string{
			"log.retention.ms":    fmt.Sprint(kafkaRetention.Milliseconds()),
			"log.retention.bytes": fmt.Sprint(kafkaRetentionBytes),
		}),
	}
	if o.Dir != "" {
		opts = append(opts, kfake.DataDir(o.Dir))
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		return nil, fmt.Errorf("start the Kafka stand-in at %s: %w", o.hostPort(), err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		every(kafkaCleanEvery, stop, func(time.Duration) { cluster.ApplyRetention() })
	}()
	return &Server{
		name:    "kafka",
		addr:    cluster.ListenAddrs()[0],
		standIn: "a stand-in that speaks Kafka's protocol (kfake)",
		close: func() error {
			close(stop)
			<-stopped
			cluster.Close()
			return nil
		},
	}, nil
}

// every calls f each period with the time that went by since the call before, until stop is closed.
func every(period time.Duration, stop <-chan struct{}, f func(elapsed time.Duration)) {
	t := time.NewTicker(period)
	defer t.Stop()
	last := time.Now()
	for {
		select {
		case <-stop:
			return
		case now := <-t.C:
			f(now.Sub(last))
			last = now
		}
	}
}
