//go:build !unix

package conn

import "syscall"

// attempt writes nothing where writes that do not wait are not to be had: a
// goroutine writes everything.
type attempt struct{}

func (*attempt) write(syscall.RawConn, []byte) (int, error) { return 0, nil }

// arrival is a read that has its buffer while it waits.
type arrival struct{}

func (*arrival) read(s *socket) error { return s.in.read(s.under) }
