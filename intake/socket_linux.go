package intake

import (
	"net"
	"syscall"
)

// segment is the largest piece in which a sender may send: what fits on Ethernet. A
// sender on the same machine would otherwise use pieces of 64 KB, and its kernel would
// take megabytes from it that nobody has read.
const segment = 1448

// listening sets up a socket so that little is on its way which nobody has read.
func listening() net.ListenConfig {
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
