//go:build !linux

package forward

import (
	"context"
	"net"
)

// drained cannot ask this system how much the other machine has acknowledged.
func drained(context.Context, *net.TCPConn) error { return nil }
