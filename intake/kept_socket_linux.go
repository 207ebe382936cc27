package intake

import (
	"errors"
	"io"
	"unsafe"

	"golang.org/x/sys/unix"
)

// look waits until there is more in the kernel than in the window, and copies it there.
// It fails with io.EOF when no more will come, and what has come is in the window.
func (k *keptConn) look() error {
	var failed error
	err := k.raw.Read(func(fd uintptr) bool {
		n, err := receive(fd, k.buf[k.held:], unix.MSG_PEEK)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return false
		case err != nil:
			failed = err
		case k.held+n > k.have:
			k.have = k.held + n
		case n == 0 || over(fd):
			failed = io.EOF
		default:
			return false // only what we saw before; more wakes us
		}
		return true
	})
	return errors.Join(failed, err)
}

// receive is recv(2) that does not wait.
func receive(fd uintptr, to []byte, flags int) (int, error) {
	for {
		n, _, err := unix.Recvfrom(int(fd), to, flags|unix.MSG_DONTWAIT)
		if !errors.Is(err, unix.EINTR) {
			return max(n, 0), err
		}
	}
}

// over tells whether nothing more will come.
func over(fd uintptr) bool {
	list := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
	n, err := unix.Poll(list, 0)
	return err == nil && n > 0 && list[0].Revents != 0
}

// fit makes the window larger when it was full, and small again when it is empty.
func (k *keptConn) fit() {
	switch {
	case k.have == len(k.buf) && k.have < mostWindow:
		k.buf = append(make([]byte, 0, min(2*k.have, mostWindow)), k.buf...)
		k.buf = k.buf[:cap(k.buf)]
	case k.have == 0 && len(k.buf) > 4*leastWindow:
		k.buf = make([]byte, leastWindow)
	}
}

// discard takes bytes from the kernel without copying them.
func (k *keptConn) discard(n int) error {
	return k.take(k.buf[k.have:k.have+n], unix.MSG_TRUNC)
}

// take takes bytes from the kernel that are there.
func (k *keptConn) take(to []byte, flags int) error {
	var failed error
	err := k.raw.Control(func(fd uintptr) {
		for len(to) > 0 && failed == nil {
			var n int
			if n, failed = receive(fd, to, flags); n == 0 && failed == nil {
				failed = io.ErrUnexpectedEOF
			}
			to = to[n:]
		}
	})
	return errors.Join(failed, err)
}

// askForRoom lets the buffer of the kernel grow. That is what SO_RCVLOWAT does as well;
// SO_RCVBUF would be held to a limit that is often lower.
func (k *keptConn) askForRoom() {
	_ = k.raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVLOWAT, kernelRoom)
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVLOWAT, 1)
	})
}

// tight tells whether the rest of the message cannot be seen before its beginning is
// taken: because what has come fills the buffer of the kernel, which counts packets and
// not bytes, or because there is an urgent byte, over which it does not look.
func (k *keptConn) tight() (full, urgent bool) {
	_ = k.raw.Control(func(fd uintptr) {
		var m [unix.SK_MEMINFO_VARS]uint32
		size := uint32(unsafe.Sizeof(m))
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO, uintptr(unsafe.Pointer(&m)), uintptr(unsafe.Pointer(&size)), 0)
		waits, err := unix.IoctlGetInt(int(fd), unix.SIOCINQ)
		full = errno == 0 && m[unix.SK_MEMINFO_RMEM_ALLOC] >= m[unix.SK_MEMINFO_RCVBUF]/2
		urgent = err == nil && waits > k.have-k.held
	})
	return full, urgent
}

// taken is how many bytes of the connection were taken from the kernel: those that it
// received without those that wait. As more may arrive between the two questions, they
// are asked until nothing did, at the latest when the buffer is full.
func (k *keptConn) taken() (taken uint64, err error) {
	failed := k.raw.Control(func(fd uintptr) {
		var before, after *unix.TCPInfo
		var waits int
		for before == nil || before.Bytes_received != after.Bytes_received || before.State != after.State {
			if before, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err != nil {
				return
			}
			if waits, err = unix.IoctlGetInt(int(fd), unix.SIOCINQ); err != nil {
				return
			}
			if after, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err != nil {
				return
			}
		}
		all := after.Bytes_received
		if all > 0 && ended(fd, after.State) {
			all--
		}
		taken = all - min(all, uint64(waits))
	})
	return taken, errors.Join(failed, err)
}

// States of a connection (TCP_INFO), as the kernel numbers them.
const (
	tcpTimeWait  = 6
	tcpClose     = 7
	tcpCloseWait = 8
	tcpLastAck   = 9
	tcpClosing   = 11
)

// ended tells whether the peer told the end of the connection, which the kernel counts
// as a byte. A connection that was reset has no end, and has the reset as its error.
func ended(fd uintptr, state uint8) bool {
	switch state {
	case tcpTimeWait, tcpCloseWait, tcpLastAck, tcpClosing:
		return true
	case tcpClose:
		cause, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		return err == nil && (cause == 0 || cause == int(unix.EPIPE)) // EPIPE: reset after the end
	}
	return false
}
