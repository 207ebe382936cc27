package stream_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/eventstore/stream"
	"holdfast/testkit/clients"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// server runs a real nats-server and returns its address.
func server(t *testing.T, more string) string {
	t.Helper()
	return clients.StartNATS(t, more).URL
}

const large = clients.LargeLines

func open(t *testing.T, url string) *stream.Stream {
	t.Helper()
	s, err := stream.Open(t.Context(), config(url))
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func config(url string) stream.Config {
	return stream.Config{URL: url, Name: "ws1", MaxBytes: 64 << 20, Patience: 2 * time.Second}
}

func newStore(t *testing.T, lines int) *eventstore.Store {
	t.Helper()
	store, err := eventstore.Open(t.TempDir(), eventstore.Config{Now: func() time.Time { return noon }})
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	add(t, store, lines)
	return store
}

func add(t *testing.T, store *eventstore.Store, n int) {
	t.Helper()
	var lines []event.Line
	for i := range n {
		lines = append(lines, event.Line{Source: "auth", Peer: "192.0.2.7", Received: noon, Raw: fmt.Appendf(nil, "line %d of %d", i, n)})
	}
	_, err := store.Append(t.Context(), lines...)
	must(t, err)
}

// publish publishes in the background until the test stops it.
func publish(t *testing.T, s *stream.Stream, store *eventstore.Store) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Publish(ctx, store, 0, nil) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil && ctx.Err() == nil {
			t.Errorf("publish: %v", err)
		}
	})
}

// A tally counts how often each line was committed.
type tally struct {
	mu    sync.Mutex
	times map[eventstore.Position]int
}

func (c *tally) add(positions ...eventstore.Position) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range positions {
		c.times[p]++
	}
}

func (c *tally) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.times)
}

func (c *tally) check(t *testing.T, want int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for p := eventstore.Position(1); int(p) <= want; p++ {
		if c.times[p] != 1 {
			t.Errorf("line %d was committed %d times", p, c.times[p])
		}
	}
	if len(c.times) != want {
		t.Errorf("%d lines were committed, there are %d", len(c.times), want)
	}
}

// work reads and commits until there are want lines or the time is over.
func work(t *testing.T, r stream.Reader, c *tally, want int) (own int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for c.len() < want {
		next, stop := context.WithTimeout(ctx, time.Second)
		lines, err := r.Next(next)
		waited := next.Err() != nil
		stop()
		if ctx.Err() != nil {
			t.Errorf("only %d of %d lines came", c.len(), want)
			return own
		}
		if err != nil {
			if !waited {
				t.Error(err)
				return own
			}
			continue
		}
		must(t, r.Commit())
		for _, l := range lines {
			c.add(l.Position)
		}
		own += len(lines)
	}
	return own
}

// TestMain is also the detector that is killed: it takes lines, commits the first of
// them, says what it committed and what it holds, and waits for its end.
func TestMain(m *testing.M) {
	if url := os.Getenv("HOLDFAST_TEST_FOLLOWER"); url != "" {
		if err := follower(url); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func follower(url string) error {
	ctx := context.Background()
	s, err := stream.Open(ctx, config(url))
	if err != nil {
		return err
	}
	c, err := s.Follow(ctx, "detectors")
	if err != nil {
		return err
	}
	for round := 0; ; round++ {
		lines, err := c.Next(ctx)
		if err != nil {
			return err
		}
		if round == 1 {
			fmt.Println("holding", len(lines))
			select {}
		}
		if err := c.Commit(); err != nil {
			return err
		}
		for _, l := range lines {
			fmt.Println("committed", l.Position)
		}
	}
}

func TestTwoShareTheStreamOneIsKilledAndEveryLineIsCommittedOnce(t *testing.T) {
	const lines = 6_000
	url := server(t, large)
	s, store := open(t, url), newStore(t, lines)
	defer publish(t, s, store)()
	survivor, err := s.Follow(t.Context(), "detectors")
	must(t, err)
	defer survivor.Close()

	counted := &tally{times: map[eventstore.Position]int{}}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HOLDFAST_TEST_FOLLOWER="+url)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	held := 0
	for in := bufio.NewScanner(out); held == 0 && in.Scan(); {
		word, number, _ := strings.Cut(in.Text(), " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(in.Text())
		}
		switch word {
		case "committed":
			counted.add(eventstore.Position(n))
		case "holding":
			held = n
		}
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
	killed := counted.len()
	if killed == 0 || held == 0 {
		t.Fatalf("the follower that is killed committed %d lines and holds %d: this proves nothing", killed, held)
	}
	other, err := open(t, url).Follow(t.Context(), "detectors")
	must(t, err)
	defer other.Close()
	var shares [2]int
	var group sync.WaitGroup
	group.Go(func() { shares[0] = work(t, survivor, counted, lines) })
	group.Go(func() { shares[1] = work(t, other, counted, lines) })
	group.Wait()
	counted.check(t, lines)
	if shares[0] == 0 || shares[1] == 0 {
		t.Errorf("the stream was not shared: %v", shares)
	}
	t.Logf("the killed one committed %d and held %d; the others committed %v", killed, held, shares)
}

func TestACrashBeforeTheCommitDoublesNothing(t *testing.T) {
	const lines = 3_000
	url := server(t, large)
	s, store := open(t, url), newStore(t, lines)
	counted := &tally{times: map[eventstore.Position]int{}}
	c, err := s.Follow(t.Context(), "detectors")
	must(t, err)
	defer c.Close()
	stop := publish(t, s, store)
	work(t, c, counted, lines)
	stop()

	must(t, os.Remove(filepath.Join(store.Dir(), "cursors", "stream"))) // as if it never committed
	add(t, store, 10)
	defer publish(t, s, store)()
	work(t, c, counted, lines+10)
	counted.check(t, lines+10)
	if n, err := c.Behind(t.Context()); err != nil || n != 0 {
		t.Errorf("%d lines are left, %v", n, err)
	}
}

func TestEveryGroupSeesAllAndALineIsAsItWas(t *testing.T) {
	s, store := open(t, server(t, large)), newStore(t, 0)
	raw := append([]byte("\x00\xff\r\n"), make([]byte, event.MaxLine-4)...)
	_, err := store.Append(t.Context(), event.Line{Source: "a\r\nb", Peer: "[2001:db8::1]:9", Received: noon, Raw: raw})
	must(t, err)
	defer publish(t, s, store)()
	for _, group := range []string{"rules", "correlations"} {
		c, err := s.Follow(t.Context(), group)
		must(t, err)
		lines, err := c.Next(t.Context())
		must(t, err)
		if l := lines[0]; len(lines) != 1 || l.Position != 1 || l.Source != "a\r\nb" || l.Peer != "[2001:db8::1]:9" || !l.Received.Equal(noon) || string(l.Raw) != string(raw) {
			t.Errorf("%s: %d lines, %d %q %q %v, %d bytes", group, len(lines), l.Position, l.Source, l.Peer, l.Received, len(l.Raw))
		}
		c.Close()
	}
}

func TestLinesThatAreHeldLongAreGivenToNobodyElse(t *testing.T) {
	url := server(t, large)
	s, store := open(t, url), newStore(t, 20)
	defer publish(t, s, store)()
	slow, err := s.Follow(t.Context(), "detectors")
	must(t, err)
	defer slow.Close()
	for held := 0; held < 20; {
		lines, err := slow.Next(t.Context())
		must(t, err)
		held += len(lines)
	}
	other, err := open(t, url).Follow(t.Context(), "detectors")
	must(t, err)
	defer other.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // more than twice the patience
	defer cancel()
	if lines, err := other.Next(ctx); err == nil {
		t.Errorf("%d lines were given to another while they were worked on", len(lines))
	}
	must(t, slow.Commit())
	if n, err := slow.Behind(t.Context()); err != nil || n != 0 {
		t.Errorf("%d lines are left after the commit, %v", n, err)
	}
}

func TestTheStreamOfAnotherStoreIsNotContinued(t *testing.T) {
	url := server(t, large)
	s := open(t, url)
	mine := newStore(t, 100)
	counted := &tally{times: map[eventstore.Position]int{}}
	c, err := s.Follow(t.Context(), "detectors")
	must(t, err)
	defer c.Close()
	stop := publish(t, s, mine)
	work(t, c, counted, 100)
	stop()
	for _, lines := range []int{50, 200} { // shorter, and with another line in that place
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		err := s.Publish(ctx, newStore(t, lines), 0, nil)
		cancel()
		if err == nil || !strings.Contains(err.Error(), "belongs to another store") {
			t.Errorf("a store of %d lines is published behind that of another: %v", lines, err)
		}
	}
	if n, err := c.Behind(t.Context()); err != nil || n != 0 {
		t.Errorf("%d lines of another store are in the stream, %v", n, err)
	}
}

func TestAServerThatWouldRefuseALongLineIsRefusedAtOnce(t *testing.T) {
	url := server(t, "")
	if _, err := stream.Open(t.Context(), config(url)); err == nil || !strings.Contains(err.Error(), "max_payload: 2MB") {
		t.Errorf("%v", err)
	}
	for _, name := range []string{"", "a b", "a.b", "a>"} {
		if _, err := stream.Open(t.Context(), stream.Config{URL: url, Name: name}); err == nil {
			t.Errorf("%q is taken as a name", name)
		}
	}
}

func TestAFullStreamLosesNothing(t *testing.T) {
	cfg := config(server(t, large))
	cfg.MaxBytes = 64 << 10
	s, err := stream.Open(t.Context(), cfg)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	store := newStore(t, 4_000)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Publish(ctx, store, 0, nil); err == nil || !strings.Contains(err.Error(), "maximum bytes") {
		t.Fatalf("a full stream: %v", err)
	}
	c, err := s.Follow(t.Context(), "detectors")
	must(t, err)
	defer c.Close()
	var last eventstore.Position
	lines, err := c.Next(t.Context())
	must(t, err)
	for _, l := range lines {
		if l.Position != last+1 {
			t.Fatalf("line %d follows line %d", l.Position, last)
		}
		last = l.Position
	}
}
