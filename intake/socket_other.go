//go:build !linux

package intake

import "net"

// listening is an ordinary socket.
func listening(bool) net.ListenConfig { return net.ListenConfig{} }
