package nsq

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/nsqio/go-nsq"
)

// errConnection says that the connection ended before the answer came.
var errConnection = errors.New("connection closed")

// publisher is a connection to publish by. Commands are answered in their order,
// so that many may be on their way. It is used until it breaks, never again.
type publisher struct {
	address string
	conn    *nsq.Conn

	writing sync.Mutex // makes the order of waiting that of writing

	mu      sync.Mutex
	waiting []chan error // by command; each has room for its answer
	broken  bool
	closed  chan struct{}
}

func dialPublisher(address string, c *nsq.Config, l logger) (*publisher, error) {
	p := &publisher{address: address, closed: make(chan struct{})}
	p.conn = nsq.NewConn(address, c, &publisherDelegate{p: p})
	p.conn.SetLogger(l, nsq.LogLevelWarning, "")
	if _, err := p.conn.Connect(); err != nil {
		_ = p.conn.Close() // half open at most
		return nil, fmt.Errorf("dial nsqd %q: %w", address, err)
	}
	return p, nil
}

// do writes the command and waits for its answer.
func (p *publisher) do(ctx context.Context, cmd *nsq.Command) error {
	answer := make(chan error, 1)
	p.writing.Lock()
	p.mu.Lock()
	broken := p.broken
	if !broken {
		p.waiting = append(p.waiting, answer)
	}
	p.mu.Unlock()
	var err error
	if !broken {
		err = p.conn.WriteCommand(cmd) // after an error the connection ends
	}
	p.writing.Unlock()
	if broken || err != nil {
		return errors.Join(errConnection, err)
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *publisher) usable() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.broken
}

// close breaks the connection and waits until it has ended.
func (p *publisher) close() {
	_ = p.conn.Close() // its reader ends
	<-p.closed
}

// answered gives the oldest command its answer.
func (p *publisher) answered(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) > 0 {
		p.waiting[0] <- err
		p.waiting = p.waiting[1:]
	}
}

// end fails all commands without an answer.
func (p *publisher) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = true
	for _, answer := range p.waiting {
		answer <- errConnection
	}
	p.waiting = nil
	close(p.closed)
}

// publisherDelegate hears the answers.
type publisherDelegate struct {
	deaf
	p *publisher
}

// OnResponse implements nsq.ConnDelegate.
func (d *publisherDelegate) OnResponse(*nsq.Conn, []byte) { d.p.answered(nil) }

// OnError implements nsq.ConnDelegate: nsqd ends the connection after it.
func (d *publisherDelegate) OnError(c *nsq.Conn, text []byte) {
	d.p.mu.Lock()
	d.p.broken = true
	d.p.mu.Unlock()
	d.p.answered(nsq.ErrProtocol{Reason: string(text)})
	_ = c.Close() // the answers before have come
}

// OnClose implements nsq.ConnDelegate.
func (d *publisherDelegate) OnClose(*nsq.Conn) { d.p.end() }
