//go:build !linux && !darwin

package conn

import "syscall"

// limitUnsent does nothing where the kernel has no such bound.
func limitUnsent(syscall.RawConn) {}
