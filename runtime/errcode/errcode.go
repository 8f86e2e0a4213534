// Package errcode holds the one error type that crosses process borders: a
// numeric code, a text that is safe to show, and a cause that stays in the log.
//
// Codes 0 to 16 are gRPC's, 17 to 99 belong to hawos, and those from 100 on to
// the project, whose protos declare them in an enum with the option
// hawos.errors. Start from New, Error and From.
package errcode

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hawos/hawos/runtime/hawospb"
)

// Project is the first code that belongs to the project.
const Project = 100

// Error is an error that a client or a calling service sees. It is immutable:
// its methods return changed copies, so that one may be kept in a variable and
// used by several goroutines.
type Error struct {
	code       uint32
	text       string
	cause      error
	retryable  bool
	retryAfter time.Duration
}

// Number is the type of a code: codes.Code, an enum of the project's protos, or a
// number.
type Number interface{ ~int | ~int32 | ~uint32 }

// New returns an error of the given code. The text is shown to clients: it
// carries no secrets. Code 0 is not an error and becomes Unknown.
func New[N Number](code N, text string) *Error {
	if code == 0 {
		return &Error{code: uint32(codes.Unknown), text: text}
	}
	return &Error{code: uint32(code), text: text}
}

// Code returns the numeric code, ≥ 1.
func (e *Error) Code() uint32 { return e.code }

// Text returns what a client may be shown.
func (e *Error) Text() string { return e.text }

// Retryable reports whether the same request may succeed later.
func (e *Error) Retryable() bool { return e.retryable }

// RetryAfter returns how long to wait before the request is worth sending
// again; 0 where that is not known.
func (e *Error) RetryAfter() time.Duration { return e.retryAfter }

// Error implements error: code, text and cause, for logs.
func (e *Error) Error() string {
	s := e.text
	if e.code < Project && s == "" {
		s = codes.Code(e.code).String()
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return fmt.Sprintf("%s (code %d)", s, e.code)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is an *Error of the same code, so that errors.Is
// finds a typed error whatever its text and cause.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.code == e.code
}

// Textf returns a copy with another text for clients.
func (e *Error) Textf(format string, args ...any) *Error {
	c := *e
	c.text = fmt.Sprintf(format, args...)
	return &c
}

// Because returns a copy with the given cause, which is logged and never shown.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Retry returns a copy that tells the client to try again after the given time;
// 0 leaves the time to the client.
func (e *Error) Retry(after time.Duration) *Error {
	c := *e
	c.retryable, c.retryAfter = true, after
	return &c
}

// GRPCStatus makes gRPC send the error with its code; a project's code travels
// as Unknown. A hawos.Error detail carries what a status has no room for, and
// vouches for the text.
func (e *Error) GRPCStatus() *status.Status {
	grpcCode := codes.Unknown
	if e.code <= uint32(codes.Unauthenticated) {
		grpcCode = codes.Code(e.code)
	}
	s := status.New(grpcCode, e.text)
	if e.code == uint32(grpcCode) && !e.retryable && !transports(grpcCode) {
		return s
	}
	detailed, err := s.WithDetails(&hawospb.Error{
		Code: e.code, Message: e.text, Retryable: e.retryable,
		RetryAfterMs: uint32(e.retryAfter.Milliseconds()),
	})
	if err != nil {
		return s
	}
	return detailed
}

// transports reports whether gRPC itself fails with the code, in a text that
// may name addresses.
func transports(c codes.Code) bool {
	return c == codes.Unknown || c == codes.Internal || c == codes.Unavailable
}

// From returns err as an *Error: itself where it is one, the code and text of a
// gRPC status, DeadlineExceeded and Canceled for those of package context, and
// Internal with a text that tells nothing for the rest. A status of the codes
// Unknown, Internal and Unavailable may be gRPC's own, whose text is not for
// clients: it keeps its text only where an *Error of this package was sent. What
// the text leaves out is the cause. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var s interface{ GRPCStatus() *status.Status }
	if errors.As(err, &s) && s.GRPCStatus().Code() != codes.OK {
		return fromStatus(s.GRPCStatus(), err)
	}
	if s := status.FromContextError(err); s.Code() != codes.Unknown {
		return New(s.Code(), s.Code().String()).Because(err)
	}
	return New(codes.Internal, "internal error").Because(err)
}

func fromStatus(s *status.Status, err error) *Error {
	for _, d := range s.Details() {
		if d, ok := d.(*hawospb.Error); ok {
			e := New(d.GetCode(), d.GetMessage())
			e.retryable = d.GetRetryable()
			e.retryAfter = time.Duration(d.GetRetryAfterMs()) * time.Millisecond
			return e
		}
	}
	if transports(s.Code()) {
		return New(s.Code(), s.Code().String()).Because(err)
	}
	return New(s.Code(), s.Message())
}
