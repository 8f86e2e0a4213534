package kafka

import (
	"context"
	"errors"
	"time"

	"github.com/segmentio/kafka-go"
)

// patiently calls f again, for about a second at most, while Kafka says that it
// will be able to soon: a new topic has its leader a moment after its creation,
// and one whose leader went gets another.
func patiently(ctx context.Context, f func() error) error {
	for wait := 10 * time.Millisecond; ; wait *= 2 {
		err := f()
		if err == nil || !soon(err) || wait > 640*time.Millisecond || ctx.Err() != nil {
			return err
		}
		pause := time.NewTimer(wait)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

// soon reports whether the same request may be answered a moment later, over a
// new connection.
func soon(err error) bool {
	for _, answer := range []kafka.Error{kafka.NotLeaderForPartition, kafka.LeaderNotAvailable, kafka.UnknownTopicOrPartition, kafka.NotEnoughReplicas} {
		if errors.Is(err, answer) {
			return true
		}
	}
	return false
}
