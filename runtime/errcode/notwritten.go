package errcode

import "google.golang.org/grpc/codes"

// NotWritten returns the error that a generated handler answers with until its
// rpc, named in full, is written: Unimplemented.
func NotWritten(rpc string) *Error {
	return New(codes.Unimplemented, rpc+" is not written yet")
}
