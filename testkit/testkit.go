// Package testkit is what tests stand on: both real databases, a clock, ids and
// actors. Nothing here is a mock.
package testkit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/store"
)

// Start is the moment at which the clock of every test begins.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A Clock goes only when it is told to.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows Start.
func NewClock() *Clock { return &Clock{now: Start} }

// Now is the time it shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves it forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// IDs returns a maker of ids that sort in the order of their making.
func IDs() func() string {
	var n atomic.Int64
	return func() string { return fmt.Sprintf("id%08d", n.Add(1)) }
}

// Databases runs the test on SQLite and on PostgreSQL, each with a fresh database.
func Databases(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

var sqliteOnce = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "holdfast-testkit-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	s, err := store.Open(context.Background(), path, isms.Registry)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// SQLiteFile returns the path of a fresh, migrated database file.
func SQLiteFile(t testing.TB) string {
	t.Helper()
	template, err := sqliteOnce()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "holdfast.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// SQLite opens a fresh SQLite database.
func SQLite(t testing.TB) *store.Store { return open(t, SQLiteFile(t)) }

func open(t testing.TB, source string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), source, isms.Registry)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A World is an App over a database with a clock and a few people.
type World struct {
	App   *app.App
	Store *store.Store
	Clock *Clock
}

// New returns a World over the store.
func New(s *store.Store) *World {
	clock := NewClock()
	return &World{App: app.New(s, clock.Now, IDs()), Store: s, Clock: clock}
}

// Workspace is the workspace of As.
const Workspace = "ws1"

// As is a context in which somebody with the roles acts in the workspace ws1. The
// name of the first role serves as name and id.
func As(roles ...access.Role) context.Context { return In(Workspace, roles...) }

// In is As for another workspace.
func In(workspace string, roles ...access.Role) context.Context {
	return access.With(context.Background(), access.Actor{
		ID: "p-" + string(roles[0]), Name: string(roles[0]), Workspace: workspace, Roles: roles, Via: "test",
	})
}

// Machine is a context in which the product itself acts.
func Machine() context.Context {
	return access.With(context.Background(), access.Actor{Name: "holdfast", Workspace: Workspace, Machine: true, Via: "flow"})
}
