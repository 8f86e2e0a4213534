package recovery_test

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/hawos/hawos/runtime/recovery"
)

func explode(v any) error { panic(v) }

func TestPanicBecomesAnErrorWithItsStack(t *testing.T) {
	err := recovery.Do(func() error { return explode("boom") })
	var p *recovery.Panic
	if !errors.As(err, &p) {
		t.Fatalf("got %v, want a *Panic", err)
	}
	if p.Error() != "panic: boom" {
		t.Errorf("text: got %q, want %q", p.Error(), "panic: boom")
	}
	if !strings.Contains(string(p.Stack), "explode") {
		t.Errorf("the stack does not name the function that panicked:\n%s", p.Stack)
	}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Error("failed", "err", err)
	if !strings.Contains(b.String(), "err.panic=boom") || !strings.Contains(b.String(), "explode") {
		t.Errorf("log line: got %s, want the value and the stack", b.String())
	}
}

func TestPanicWithAnErrorUnwraps(t *testing.T) {
	if err := recovery.Do(func() error { return explode(io.ErrUnexpectedEOF) }); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want one that is %v", err, io.ErrUnexpectedEOF)
	}
}

func TestNoPanicPassesTheErrorOn(t *testing.T) {
	for _, want := range []error{nil, io.EOF} {
		if got := recovery.Do(func() error { return want }); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
