//go:build linux || darwin

package conn

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// unsentBytes is how much the kernel takes of what a client's window has no room
// for yet. By default it takes megabytes: memory that nobody counts, and requests
// served for a client that reads no replies.
const unsentBytes = gather

// limitUnsent bounds what the kernel keeps unsent. A kernel that cannot is let be.
func limitUnsent(raw syscall.RawConn) {
	if raw == nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsentBytes)
	})
}
