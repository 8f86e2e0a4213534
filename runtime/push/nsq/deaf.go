package nsq

import "github.com/nsqio/go-nsq"

// deaf implements those calls of nsq.ConnDelegate that nobody here needs.
type deaf struct{}

// OnMessage and the rest are described at nsq.ConnDelegate.
func (deaf) OnMessage(_ *nsq.Conn, m *nsq.Message) { m.Finish() }

// OnIOError ends a connection that failed.
func (deaf) OnIOError(c *nsq.Conn, _ error) { _ = c.Close() }

// OnMessageFinished does nothing.
func (deaf) OnMessageFinished(*nsq.Conn, *nsq.Message) {}

// OnMessageRequeued does nothing.
func (deaf) OnMessageRequeued(*nsq.Conn, *nsq.Message) {}

// OnBackoff does nothing.
func (deaf) OnBackoff(*nsq.Conn) {}

// OnContinue does nothing.
func (deaf) OnContinue(*nsq.Conn) {}

// OnResume does nothing.
func (deaf) OnResume(*nsq.Conn) {}

// OnHeartbeat does nothing: the connection answers it.
func (deaf) OnHeartbeat(*nsq.Conn) {}
