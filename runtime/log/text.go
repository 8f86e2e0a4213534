package log

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
)

// text is a handler for people: time, level, message, then the attributes as
// slog.TextHandler writes them.
//
//	21:28:04.117 INFO  ready instance=chat-1 rpc=127.0.0.1:40123
type text struct {
	out   *output // shared with the handlers made of this one
	attrs slog.Handler
}

// output gathers a line and writes it with one call.
type output struct {
	mu   sync.Mutex
	line bytes.Buffer
	w    io.Writer
}

func newText(w io.Writer, level slog.Level) text {
	out := &output{w: w}
	return text{out: out, attrs: slog.NewTextHandler(&out.line, &slog.HandlerOptions{Level: level, ReplaceAttr: attrsOnly})}
}

// attrsOnly drops the level and the message, which stand in front already.
func attrsOnly(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 {
		_, level := a.Value.Any().(slog.Level)
		if level && a.Key == slog.LevelKey || a.Key == slog.MessageKey && a.Value.String() == "" {
			return slog.Attr{}
		}
	}
	return mask(groups, a)
}

// Enabled implements slog.Handler.
func (t text) Enabled(ctx context.Context, l slog.Level) bool { return t.attrs.Enabled(ctx, l) }

// WithAttrs implements slog.Handler.
func (t text) WithAttrs(attrs []slog.Attr) slog.Handler {
	return text{out: t.out, attrs: t.attrs.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (t text) WithGroup(name string) slog.Handler {
	return text{out: t.out, attrs: t.attrs.WithGroup(name)}
}

// Handle implements slog.Handler.
func (t text) Handle(ctx context.Context, r slog.Record) error {
	t.out.mu.Lock()
	defer t.out.mu.Unlock()
	t.out.line.Reset()
	if !r.Time.IsZero() {
		t.out.line.WriteString(r.Time.Format("15:04:05.000 "))
	}
	message := r.Message
	if strings.ContainsAny(message, "\r\n") {
		message = strconv.Quote(message) // one record, one line
	}
	fmt.Fprintf(&t.out.line, "%-5s %s ", r.Level, message)
	rest := slog.NewRecord(time.Time{}, r.Level, "", 0)
	r.Attrs(func(a slog.Attr) bool { rest.AddAttrs(a); return true })
	if err := t.attrs.Handle(ctx, rest); err != nil {
		return err
	}
	_, err := t.out.w.Write(t.out.line.Bytes())
	return err
}
