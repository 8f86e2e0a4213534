//go:build unix

package conn

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// attempt is a write that does not wait. Its function is kept so that a write
// allocates nothing; only the one that writes uses it.
type attempt struct {
	f   func(fd uintptr) bool
	b   []byte
	n   int
	err error
}

// write writes what the kernel takes at once, maybe nothing.
func (a *attempt) write(raw syscall.RawConn, b []byte) (int, error) {
	if a.f == nil {
		a.f = a.once
	}
	a.b = b
	if err := raw.Write(a.f); err != nil {
		a.b = nil
		return 0, err
	}
	a.b = nil
	return a.n, a.err
}

func (a *attempt) once(fd uintptr) bool {
	for {
		a.n, a.err = syscall.Write(int(fd), a.b)
		if errors.Is(a.err, syscall.EINTR) {
			continue
		}
		if errors.Is(a.err, syscall.EAGAIN) {
			a.err = nil
		}
		a.n = max(a.n, 0)
		return true
	}
}

// arrival is a read that takes its buffer when something is there. Its function
// is kept likewise; only the reader uses it.
type arrival struct {
	f   func(fd uintptr) bool
	to  *input
	err error
}

// read waits for bytes and puts them into the socket's input.
func (a *arrival) read(s *socket) error {
	if s.raw == nil {
		return s.in.read(s.under)
	}
	if a.f == nil {
		a.f, a.to = a.once, &s.in
	}
	a.err = nil
	if err := s.raw.Read(a.f); err != nil {
		return err
	}
	return a.err
}

func (a *arrival) once(fd uintptr) bool {
	buf := inputs.Get().(*[]byte)
	n, err := syscall.Read(int(fd), *buf)
	for err == syscall.EINTR {
		n, err = syscall.Read(int(fd), *buf)
	}
	if n > 0 {
		a.to.set(buf, n)
		return true
	}
	inputs.Put(buf)
	switch err {
	case nil:
		a.err = io.EOF
	case syscall.EAGAIN:
		return false
	default:
		a.err = os.NewSyscallError("read", err)
	}
	return true
}
