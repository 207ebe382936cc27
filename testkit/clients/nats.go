package clients

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A NATS is a real nats-server with JetStream. It keeps its streams while it is stopped.
type NATS struct {
	URL string

	t       testing.TB
	program string
	config  string
	cmd     *exec.Cmd
}

// LargeLines is the setting that lets a nats-server take every line of ours.
const LargeLines = "max_payload: 2MB"

// StartNATS runs a nats-server on this machine until the test ends. more is added to its
// configuration.
func StartNATS(t testing.TB, more string) *NATS {
	t.Helper()
	n := &NATS{t: t, program: Need(t, "nats-server", "nats-server")}
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	n.URL, n.config = "nats://"+address, filepath.Join(dir, "nats.conf")
	text := fmt.Appendf(nil, "listen: %q\njetstream { store_dir: %q }\n%s\n", address, filepath.Join(dir, "js"), more)
	if err := os.WriteFile(n.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	n.Start()
	t.Cleanup(n.Stop)
	return n
}

// Start runs it again after Stop.
func (n *NATS) Start() {
	n.t.Helper()
	n.cmd = exec.Command(n.program, "-c", n.config)
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	for range 200 {
		if c, err := net.Dial("tcp", n.URL[len("nats://"):]); err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	n.t.Fatal("nats-server does not listen")
}

// Stop kills it.
func (n *NATS) Stop() {
	if n.cmd != nil {
		_ = n.cmd.Process.Kill()
		_ = n.cmd.Wait()
		n.cmd = nil
	}
}
