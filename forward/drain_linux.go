package forward

import (
	"context"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// drained waits until the other machine has acknowledged all that was written: what is
// still in our own buffers would be lost without a word when the receiver goes away.
func drained(ctx context.Context, conn *net.TCPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		waiting, failed := 0, error(nil)
		if err := raw.Control(func(fd uintptr) { waiting, failed = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }); err != nil { //nolint:gosec // a descriptor is small
			return err
		}
		if failed != nil || waiting == 0 {
			return failed
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}
