// Package recovery turns a panic into an error that keeps the stack, so that one
// request's bug ends that request and not the process. The rooms that call a
// project's code use it; a project's own goroutines may.
package recovery

import (
	"fmt"
	"log/slog"
	"runtime/debug"
)

// Panic is an error made of a panic.
type Panic struct {
	Value any    // what panic was called with
	Stack []byte // of the goroutine that panicked
}

// New returns the panic of a recovered value. It is called where recover is, in
// the deferred function, so that the stack is that of the panic.
func New(value any) *Panic { return &Panic{Value: value, Stack: debug.Stack()} }

// Do calls f and returns its error; where it panics, a *Panic. It does not hold
// back runtime.Goexit.
func Do(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = New(v)
		}
	}()
	return f()
}

// Error returns the value without the stack.
func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// Unwrap returns the value where it is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// LogValue implements slog.LogValuer: value and stack.
func (p *Panic) LogValue() slog.Value {
	return slog.GroupValue(slog.String("panic", fmt.Sprint(p.Value)), slog.String("stack", string(p.Stack)))
}
