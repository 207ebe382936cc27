package decoy

import (
	"bufio"
	"context"
	"crypto/rand"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A standing is a decoy that runs for one test.
type standing struct {
	*Server
	at     string
	visits chan Visit
}

// stand runs a decoy on this machine until the test ends, and then sees that it stops.
func stand(t testing.TB, service string, o Options, l Limits) *standing {
	t.Helper()
	return standTrap(t, Trap{ID: "t1", Service: service, Options: o}, Config{Limits: l})
}

func standTrap(t testing.TB, trap Trap, c Config) *standing {
	t.Helper()
	visits := make(chan Visit, 4096)
	c.Now, c.Random, c.Visits = time.Now, rand.Reader, visits
	s := &standing{Server: NewServer(c), visits: visits}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.at = l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l, trap) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("serving ended with %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the decoy does not stop")
		}
	})
	return s
}

func (s *standing) port() string {
	_, port, _ := strings.Cut(s.at, ":")
	return port
}

// dial connects; the connection is closed with the test.
func (s *standing) dial(t testing.TB) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// visit waits for the end of one visit.
func (s *standing) visit(t testing.TB) Visit {
	t.Helper()
	select {
	case v := <-s.visits:
		if v.Fault != "" {
			t.Errorf("the decoy failed: %s", v.Fault)
		}
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("no visit was reported")
		return Visit{}
	}
}

// alone sees that nothing more was reported.
func (s *standing) alone(t testing.TB) {
	t.Helper()
	select {
	case v := <-s.visits:
		t.Errorf("one more visit was reported: %+v", v)
	case <-time.After(50 * time.Millisecond):
	}
}

// chat writes each line after it has seen what it waits for, and returns all it read.
func chat(t testing.TB, c net.Conn, steps ...string) string {
	t.Helper()
	var all strings.Builder
	r := bufio.NewReader(c)
	for i := 0; i+1 < len(steps); i += 2 {
		for seen := ""; !strings.Contains(seen, steps[i]); {
			b, err := r.ReadByte()
			if err != nil {
				t.Fatalf("waiting for %q: %v after %q", steps[i], err, all.String())
			}
			seen += string(b)
			all.WriteByte(b)
		}
		if _, err := io.WriteString(c, steps[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.CloseWrite()
	}
	rest, _ := io.ReadAll(r)
	all.Write(rest)
	return all.String()
}

// tried lists the credentials of a visit as user/secret/method.
func tried(v Visit) string {
	var list []string
	for _, c := range v.Credentials {
		list = append(list, c.User+"/"+c.Secret+"/"+c.Method)
	}
	return strings.Join(list, " ")
}

func expect(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// until waits a while for something to come true, and goes on either way: what follows
// tells what is missing.
func until(holds func() bool) {
	for deadline := time.Now().Add(10 * time.Second); !holds() && time.Now().Before(deadline); {
		time.Sleep(2 * time.Millisecond)
	}
}
