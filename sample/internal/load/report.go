package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"google.golang.org/grpc/codes"

	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// Report is what came out of a run.
type Report struct {
	Audit
	Clients      int
	Connected    int64 // in the end
	Disconnected int64 // times that somebody lost the connection
	Sent         int64
	Replied      int64 // OK
	Errors       map[uint32]int
	Took         time.Duration
	Reply, Push  [2]time.Duration // p50, p99
}

func (r *run) report(connected int64, took time.Duration) Report {
	c := r.counts
	return Report{
		Audit: r.ledger.Audit(), Clients: len(r.clients), Connected: connected, Disconnected: c.disconnected.Load(),
		Sent: c.sent.Load(), Replied: c.replied.Load(), Errors: c.errors, Took: took,
		Reply: [2]time.Duration{c.replies.Quantile(0.5), c.replies.Quantile(0.99)},
		Push:  [2]time.Duration{c.pushes.Quantile(0.5), c.pushes.Quantile(0.99)},
	}
}

// Print writes the report as a table for people.
func (r Report) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	perSecond := func(n int64) string { return fmt.Sprintf("%.0f/s", float64(n)/r.Took.Seconds()) }
	fmt.Fprintf(t, "connected\t%d of %d\t%d disconnections\n", r.Connected, r.Clients, r.Disconnected)
	fmt.Fprintf(t, "sent\t%d\t%s\n", r.Sent, perSecond(r.Sent))
	fmt.Fprintf(t, "replies\t%d\tp50 %v, p99 %v\n", r.Replied, round(r.Reply[0]), round(r.Reply[1]))
	fmt.Fprintf(t, "pushes\t%d of %d\tp50 %v, p99 %v, %s\n", r.Received, r.Expected, round(r.Push[0]), round(r.Push[1]), perSecond(r.Received))
	fmt.Fprintf(t, "lost\t%d\t\n", r.Lost())
	fmt.Fprintf(t, "duplicates\t%d\t\n", r.Duplicates)
	fmt.Fprintf(t, "out of order\t%d\t\n", r.OutOfOrder)
	if len(r.Errors) == 0 {
		fmt.Fprintf(t, "errors\t0\t\n")
	}
	for _, code := range slices.Sorted(maps.Keys(r.Errors)) {
		fmt.Fprintf(t, "errors\t%d\t%s\n", r.Errors[code], codeName(code))
	}
	for _, f := range r.Faults {
		fmt.Fprintf(t, "fault\t%s\n", f)
	}
	return t.Flush()
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// codeName returns how the schema or gRPC calls a code.
func codeName(code uint32) string {
	if name, ok := chatv1.Code_name[int32(code)]; ok && code != 0 {
		return fmt.Sprintf("%s (%d)", name, code)
	}
	return fmt.Sprintf("%s (%d)", codes.Code(code), code)
}
