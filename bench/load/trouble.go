package load

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hawos/hawos/bench/control"
	"github.com/hawos/hawos/runtime/wire"
)

// Trouble is what befalls a system in the second half of a run: a process that
// stops without ending, and clients that send and never read. The clients of
// Options.Conns behave well; they are the ones that are measured.
type Trouble struct {
	Stop     int           // pid of the process that gets SIGSTOP, and SIGCONT at the end; 0: none
	Deaf     int           // clients that never read
	Packets  int           // what each of them sends
	Duration time.Duration // how long the trouble lasts
}

// Troubled is what a run with Trouble measured.
type Troubled struct {
	Base, Whole, Later Phase  // before, during the trouble, and of this what was sent after Grace
	RSS, PeakRSS       int64  // of the gateway: before the trouble, and the most during it
	DeafSent           uint64 // packets that the deaf could write
	DeafClosed         uint64 // deaf clients whose connection the server ended
}

// Grace is how long the system has to notice: an instance counts as silent when
// it has owed answers for a second, which is looked at four times per second.
const Grace = 1500 * time.Millisecond

// Phase is what became of the requests that were sent in a span of time.
type Phase struct {
	Answered      uint64 // with code 0; the latencies are theirs
	P50, P99, Max time.Duration
	Codes         map[uint32]uint64 // the others
	CodeP99       time.Duration     // when they came
}

// gauge counts the requests of one phase.
type gauge struct {
	from, to         atomic.Int64 // ns
	latency, refusal Histogram
	max              atomic.Int64
	mu               sync.Mutex
	codes            map[uint32]uint64
}

func (g *gauge) add(sent, now int64, code uint32) {
	if sent < g.from.Load() || sent >= g.to.Load() {
		return
	}
	if code == 0 {
		g.latency.Add(time.Duration(now - sent))
		for m := g.max.Load(); now-sent > m && !g.max.CompareAndSwap(m, now-sent); m = g.max.Load() {
		}
		return
	}
	g.refusal.Add(time.Duration(now - sent))
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.codes == nil {
		g.codes = map[uint32]uint64{}
	}
	g.codes[code]++
}

func (g *gauge) span(from time.Time, d time.Duration) {
	g.from.Store(from.UnixNano())
	g.to.Store(from.Add(d).UnixNano())
}

func (g *gauge) phase() Phase {
	return Phase{
		Answered: g.latency.Count(), P50: g.latency.Quantile(0.5), P99: g.latency.Quantile(0.99), Max: time.Duration(g.max.Load()),
		Codes: g.codes, CodeP99: g.refusal.Quantile(0.99),
	}
}

// gauges are the phases of a run with trouble.
type gauges struct{ base, whole, later gauge }

func (g *gauges) add(sent, now int64, code uint32) {
	g.base.add(sent, now, code)
	g.whole.add(sent, now, code)
	g.later.add(sent, now, code)
}

// troubled runs the closed loop without trouble and then with it.
func (r *run) troubled(ctx context.Context) error {
	t := *r.o.Trouble
	deaf, err := r.dialDeaf(t.Deaf)
	defer func() {
		for _, c := range deaf {
			_ = c.Close()
		}
	}()
	if err != nil {
		return err
	}
	r.gauges = new(gauges)
	var others sync.WaitGroup
	result := &Troubled{}
	err = r.requests(func() error {
		r.gauges.base.span(time.Now().Add(r.o.Warmup), r.o.Duration)
		if err := r.measure(ctx); err != nil {
			return err
		}
		return r.disturb(ctx, deaf, &others, result)
	})
	others.Wait()
	g := r.gauges
	result.Base, result.Whole, result.Later = g.base.phase(), g.whole.phase(), g.later.phase()
	r.result.Trouble = result
	return err
}

// disturb makes the trouble and ends it. Deaf clients are added to others.
func (r *run) disturb(ctx context.Context, deaf []*conn, others *sync.WaitGroup, result *Troubled) error {
	t := *r.o.Trouble
	before, err := control.Fetch(ctx, r.o.Watch["gateway"])
	if err != nil {
		return err
	}
	result.RSS = before.RSS
	if t.Stop > 0 {
		if err := syscall.Kill(t.Stop, syscall.SIGSTOP); err != nil {
			return fmt.Errorf("stop an instance: %w", err)
		}
		defer func() { _ = syscall.Kill(t.Stop, syscall.SIGCONT) }() // whatever happens; twice does no harm
	}
	start := time.Now()
	end := start.Add(t.Duration)
	r.gauges.whole.span(start, t.Duration)
	r.gauges.later.span(start.Add(Grace), t.Duration-Grace)
	var sent, closed atomic.Uint64
	var writers sync.WaitGroup
	for _, c := range deaf {
		_ = c.SetWriteDeadline(end)
		writers.Go(func() { c.shout(t.Packets, &sent) })
	}
	for time.Now().Before(end) && ctx.Err() == nil {
		wait(ctx, 250*time.Millisecond)
		now, err := control.Fetch(ctx, r.o.Watch["gateway"])
		if err == nil {
			result.PeakRSS = max(result.PeakRSS, now.RSS)
		}
	}
	writers.Wait()
	result.DeafSent = sent.Load()
	if t.Stop > 0 {
		err = syscall.Kill(t.Stop, syscall.SIGCONT)
	}
	// Who was closed has an end to read, after what had come before it.
	for _, c := range deaf {
		_ = c.SetReadDeadline(time.Now().Add(patience))
		others.Go(func() {
			if _, err := io.Copy(io.Discard, c.r); err == nil || !timedOut(err) {
				closed.Add(1)
			}
		})
	}
	others.Wait()
	result.DeafClosed = closed.Load()
	return err
}

func timedOut(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

// dialDeaf logs in clients with room for a few replies only.
func (r *run) dialDeaf(n int) (deaf []*conn, err error) {
	for i := range n {
		c, err := dial(r.o.Addr, r.o.Dialect, r.o.Conns+i)
		if err != nil {
			return deaf, fmt.Errorf("deaf connection %d: %w", i, err)
		}
		deaf = append(deaf, c)
		if tcp, ok := c.Conn.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(4096)
		}
	}
	return deaf, nil
}

// shout sends packets until all are sent, the connection ends or its write
// deadline comes.
func (c *conn) shout(packets int, sent *atomic.Uint64) {
	const batch = 50
	p := wire.Packet{ID: EchoID, Payload: payload()}
	var scratch []byte
	for n := 0; n < packets; n += batch {
		for i := range batch {
			p.Seq = uint32(n + i + 1)
			scratch = p.Append(scratch[:0])
			c.queue(scratch)
		}
		if c.flush() != nil {
			return
		}
		sent.Add(batch)
	}
}

// String is the result in a few words, for progress.
func (t Troubled) String() string {
	return fmt.Sprintf("before %s; whole %s; later %s; RSS %.1f, at most %.1f MiB; the deaf sent %d, %d were closed",
		t.Base, t.Whole, t.Later, float64(t.RSS)/(1<<20), float64(t.PeakRSS)/(1<<20), t.DeafSent, t.DeafClosed)
}

// String is the phase in a few words.
func (p Phase) String() string {
	return fmt.Sprintf("[%d answered, p50 %s p99 %s max %s; by code %v within %s]", p.Answered, p.P50, p.P99, p.Max, p.Codes, p.CodeP99)
}
