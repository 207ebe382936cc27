//go:build linux

package intake

import (
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"

	"holdfast/eventstore"
	"holdfast/keep"
)

// BenchmarkDurableKeptTCP is BenchmarkDurableTCP where sockets are kept: what arrives is
// looked at, made durable with how far the connection is, and then taken.
func BenchmarkDurableKeptTCP(b *testing.B) {
	path := filepath.Join(b.TempDir(), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = manager.Close() })
	go func() {
		text, rights := make([]byte, 4096), make([]byte, 256)
		for {
			if _, _, _, _, err := manager.ReadMsgUnix(text, rights); err != nil {
				return
			}
		}
	}()
	for _, size := range sizes {
		b.Run(fmt.Sprintf("%d bytes", size), func(b *testing.B) {
			b.Setenv("NOTIFY_SOCKET", path)
			b.Setenv("FDSTORE", "64")
			store, err := eventstore.Open(filepath.Join(b.TempDir(), "events"), eventstore.Config{Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			in, err := New(Config{Now: time.Now, Store: func(string) (Store, error) { return realStore{Store: store}, nil }, Keep: keep.FromEnvironment(time.Now)})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() {
				in.Close()
				_ = store.Close()
			})
			in.Use([]Source{{ID: "tcp", Transport: TCP, At: "127.0.0.1:0"}})
			if st, _ := in.State("tcp"); !st.Kept {
				b.Fatal("sockets are not kept")
			}
			sendTCP(b, in, store, size)
		})
	}
}
