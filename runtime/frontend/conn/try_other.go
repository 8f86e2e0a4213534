//go:build !unix

package conn

import "syscall"

// attempt writes nothing where writes that do not wait are not to be had: a
// goroutine writes everything.
type attempt struct{}

func (*attempt) write(syscall.RawConn, []byte) (int, error) { return 0, nil }
