package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/engine/event"
)

// A diskStore keeps lines in a file, each append one line of JSON with an fsync, so
// that a process which is killed leaves what it acknowledged.
type diskStore struct {
	mu   sync.Mutex
	file *os.File
	keys map[string]string
	raw  []string
	fail error // what every append answers
}

type diskEntry struct {
	Key   Key
	Lines []string
}

func openDisk(path string) (*diskStore, error) {
	s := &diskStore{keys: map[string]string{}}
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	whole := 0
	for line := range strings.Lines(string(data)) {
		var e diskEntry
		if json.Unmarshal([]byte(line), &e) != nil || !strings.HasSuffix(line, "\n") {
			break
		}
		s.learn(e)
		whole += len(line)
	}
	if s.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	if err := s.file.Truncate(int64(whole)); err != nil {
		return nil, err
	}
	_, err = s.file.Seek(int64(whole), 0)
	return s, err
}

func (s *diskStore) learn(e diskEntry) {
	if e.Key.Name != "" {
		s.keys[e.Key.Name] = e.Key.Value
	}
	s.raw = append(s.raw, e.Lines...)
}

func (s *diskStore) Append(ctx context.Context, lines ...event.Line) error {
	return s.AppendOnce(ctx, Key{}, lines...)
}

func (s *diskStore) AppendOnce(_ context.Context, key Key, lines ...event.Line) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	if len(key.Name) > MaxKey || len(key.Value) > MaxKey {
		return fmt.Errorf("key %q is too long: %d", key.Name, len(key.Value))
	}
	if v, ok := s.keys[key.Name]; ok && key.Name != "" && v == key.Value {
		return nil
	}
	e := diskEntry{Key: key}
	for _, l := range lines {
		if len(l.Raw) > event.MaxLine || l.Source == "" || l.Received.IsZero() {
			return fmt.Errorf("a line of %d bytes, source %q, received %s is none", len(l.Raw), l.Source, l.Received)
		}
		e.Lines = append(e.Lines, string(l.Raw))
	}
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := s.file.Write(append(data, '\n')); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	s.learn(e)
	return nil
}

func (s *diskStore) KeyValue(name string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.keys[name]
	return v, ok
}

func (s *diskStore) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.raw)
}

func (s *diskStore) refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// A world is an intake above a store, which can be started again.
type world struct {
	*testing.T
	dir   string
	store *diskStore
	in    *Intake
	edit  func(*Config)
}

func newWorld(t *testing.T, edit func(*Config)) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir(), edit: edit}
	w.start()
	t.Cleanup(func() { w.in.Close() })
	return w
}

// start opens the store as it is on disk, and an intake above it.
func (w *world) start() {
	w.Helper()
	var err error
	if w.store, err = openDisk(filepath.Join(w.dir, "events")); err != nil {
		w.Fatal(err)
	}
	cfg := Config{Now: time.Now, Store: func(string) (Store, error) { return w.store, nil }, Roots: []string{w.dir},
		Limits: Limits{Poll: 5 * time.Millisecond, Drain: 2 * time.Second, Settle: 300 * time.Millisecond, Linger: 200 * time.Millisecond}}
	if w.edit != nil {
		w.edit(&cfg)
	}
	if w.in, err = New(cfg); err != nil {
		w.Fatal(err)
	}
}

// again stops the intake without a goodbye and starts another above the same files.
func (w *world) again(sources ...Source) {
	w.Helper()
	w.in.Close()
	w.start()
	w.in.Use(sources)
}

// wants waits until the lines are there, and no others.
func (w *world) wants(want ...string) {
	w.Helper()
	w.eventually(func() bool { return len(w.store.lines()) >= len(want) })
	time.Sleep(20 * time.Millisecond) // for what must not come
	if got := w.store.lines(); !slices.Equal(got, want) {
		w.Fatalf("kept %q\nwant %q", shorten(got), shorten(want))
	}
}

func shorten(list []string) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, s[:min(len(s), 80)])
	}
	return out
}

func (w *world) eventually(is func() bool) {
	w.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.Fatalf("it did not come about; kept %q", shorten(w.store.lines()))
}

func (w *world) dial(source string) net.Conn {
	w.Helper()
	c, err := net.Dial("tcp", w.in.Listens(source))
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = c.Close() })
	return c
}

func (w *world) say(c net.Conn, text string) {
	w.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		w.Fatal(err)
	}
}
