package intake

import (
	"errors"
	"net"
	"syscall"
)

// segment is the largest piece in which a sender may send: what fits on Ethernet. A
// sender on the same machine would otherwise use pieces of 64 KB, and its kernel would
// take megabytes from it that nobody has read.
const segment = 1448

// listening sets up a socket so that little is on its way which nobody has read. Where
// connections are kept nothing of it is lost, and the kernel chooses how much: then each
// is plain TCP, and a byte that is urgent stands in its place among the others, so that
// bytes can be counted.
func listening(kept bool) net.ListenConfig {
	if kept {
		c := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
			var err error
			failed := raw.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_OOBINLINE, 1) })
			return errors.Join(failed, err)
		}}
		c.SetMultipathTCP(false)
		return c
	}
	return net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		if failed := raw.Control(func(fd uintptr) {
			if err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, kernelSize); err == nil {
				err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, segment)
			}
		}); failed != nil {
			return failed
		}
		return err
	}}
}
