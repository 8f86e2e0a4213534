// Package push carries messages from logic services to clients: a service hands
// one to a Sender with a target, it travels through a message queue to the
// frontends that have receivers, and each hands it to its sessions. The queue is
// a Broker, whose drivers are push/kafka, push/nsq, and push/memory for unit
// tests. Who is offline gets nothing.
package push

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/route"
)

// Errors of Send that a caller may tell apart.
var (
	// ErrNoTarget is returned for the zero Target: nobody is not everyone.
	ErrNoTarget = errors.New("push has no target")
	// ErrTooLarge is returned for a push that the queue cannot carry. Brokers
	// wrap it too: publishing the same message again is in vain.
	ErrTooLarge = errors.New("push is too large")
	// ErrClosed is returned once the producer or broker is closed.
	ErrClosed = errors.New("closed")
)

// Message is one push.
type Message struct {
	ID      uint32 // protocol ID
	To      Target
	Payload proto.Message
	Class   route.Class
	Key     string        // what Latest keeps one message of
	TTL     time.Duration // 0: never expires
}

// Sender sends pushes. The generated helpers PushX take one; a handler keeps the
// one that its main gives it.
type Sender interface {
	// Send returns after the queue's acknowledgement: from then on the push
	// reaches, once, each receiver that stays connected. Pushes of one process
	// through one topic, which is a frontend's or everyone's, arrive in the order
	// of their Sends. It may be called concurrently, and blocks while the queue
	// is behind. After an error the push may still arrive, at some receivers or
	// at all.
	Send(ctx context.Context, m Message) error
}

// Broker is a message queue. All methods may be called concurrently.
type Broker interface {
	// Publish appends the messages to the topic, in order, and returns after the
	// broker's acknowledgement of all of them. Topics are created when needed.
	Publish(ctx context.Context, topic string, messages ...[]byte) error
	// Subscribe makes f hear each message published to the topics after
	// Subscribe returned; after a lost connection it goes on where it was. f is
	// called by one goroutine at a time per topic, may see a message twice, and
	// must not block for long; the bytes are f's to keep. reader names the
	// subscriber, unique among the live: frontend-1.
	Subscribe(ctx context.Context, reader string, topics []string, f func(topic string, message []byte)) (Subscription, error)
	// Remove deletes what the broker keeps for a reader that will not come back.
	Remove(ctx context.Context, reader string, topics []string) error
	// Ordered reports whether messages of one topic arrive in the order of their
	// publishing.
	Ordered() bool
	// Close ends all subscriptions and waits for them.
	Close() error
}

// Subscription is one reader of topics.
type Subscription interface {
	// Close returns after the last call of f. With forever the broker forgets
	// the reader too.
	Close(ctx context.Context, forever bool) error
}

// Interest tells a producer which frontends have receivers.
// directory.Interest returns one. Both methods may be called concurrently.
type Interest interface {
	// Groups returns the frontends with members of each group: one list per
	// group, in their order.
	Groups(ctx context.Context, groups []string) ([][]string, error)
	// UIDs returns the frontends with sessions of each uid, likewise.
	UIDs(ctx context.Context, uids []string) ([][]string, error)
}

// Topic returns the topic that a frontend reads in a namespace, TopicAll the one
// that all frontends read. With names as registry.CheckName wants them, a topic
// is valid on Kafka and NSQ.
func Topic(namespace, frontend string) string { return "hawos." + namespace + ".push." + frontend }

// TopicAll is described at Topic.
func TopicAll(namespace string) string { return Topic(namespace, "all") }
