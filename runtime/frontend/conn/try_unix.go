//go:build unix

package conn

import "syscall"

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
		if a.err == syscall.EINTR {
			continue
		}
		if a.err == syscall.EAGAIN {
			a.err = nil
		}
		a.n = max(a.n, 0)
		return true
	}
}
