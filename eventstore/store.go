// Package eventstore keeps events: durable from the moment they are acknowledged,
// small on disk, readable by any analytics engine, and found in an instant.
//
// A line is first appended to the write-ahead log, which is also the spool from which
// consumers read behind a cursor of their own. What has lain there for a while is
// sealed: parsed and written into a Parquet segment. docs/adr/0050 describes the log,
// 0051 the segments.
//
// Events are no records: they have no versions, no journal, and are dropped when their
// time is over.
package eventstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"holdfast/engine/event"
)

// A Position is the place of a line in the order in which lines were acknowledged. The
// first is 1; no position is given twice or left out.
type Position uint64

// A Stored line is a line and its place.
type Stored struct {
	Position Position
	event.Line
}

// The errors that callers tell apart.
var (
	ErrClosed = errors.New("the event store is closed")
	ErrLocked = errors.New("another process has the event store open")
)

// Config says how a store works. Now is required; zero values of the rest are the
// defaults.
type Config struct {
	Now func() time.Time // the clock

	// Parse reads a line, as the source that it names says. It is called by one
	// goroutine at a time. Nil: lines are only recognised.
	Parse func(event.Line, *event.Event)

	Shelf Shelf // where segments are kept; nil: in the folder of the store

	LogFile    int64 // bytes after which the log goes on in a new file; 0: 16 MB
	MaxPending int   // bytes that may wait for the disk; 0: 8 MB
	MaxBacklog int64 // bytes of the log that may wait to be sealed, after which Append waits; 0: 1 GB
}

func (c Config) orDefaults() Config {
	if c.LogFile <= 0 {
		c.LogFile = 16 << 20
	}
	if c.MaxPending <= 0 {
		c.MaxPending = 8 << 20
	}
	if c.MaxBacklog <= 0 {
		c.MaxBacklog = 1 << 30
	}
	if c.Parse == nil {
		c.Parse = event.NewParser(event.Options{}).Parse
	}
	return c
}

// A Store keeps the events of one workspace below one folder. Many may use it at once,
// but only one process may have it open for writing.
type Store struct {
	dir   string
	cfg   Config
	lock  *os.File
	shelf Shelf

	// Whoever takes several of these locks takes them in this order.
	sealing  sync.Mutex // one seals, merges or drops at a time
	headMu   sync.Mutex // guards head
	head     head
	segMu    sync.RWMutex // guards what follows; held for reading by whoever reads a segment
	segments []*segment   // in the order of positions
	manifest manifest     // changed only by whoever holds sealing
	parsing  sync.Mutex   // held during a call of Parse

	tableMu    sync.RWMutex // guards tables
	tables     event.Tables // the heads of tables that lines are rows of
	tablesKept string       // as they were written last; changed only by whoever holds sealing

	mu      sync.Mutex // guards what follows
	logs    []*logFile // oldest first; the last one is written to
	durable Position   // the last line that is on disk
	group   *group     // what waits for the disk
	writing *group     // what is on its way there; nil for nothing
	keys    keyring
	grown   chan struct{} // closed when durable grew
	room    chan struct{} // closed when there is room again
	closed  bool
	lost    []Damage

	wake    chan struct{} // there is a group to write
	stop    chan struct{}
	stopped chan struct{}
}

// Damage is a part of the log that could not be read when the store was opened. A torn
// end is none: it was never acknowledged.
type Damage struct {
	File  string   // in which it lies
	From  Position // the first line that is missing
	Lines uint64   // how many are missing
}

// Open opens the store, making its folder when there is none. A group that was half
// written when the process died is cut off: nobody was told that it is there.
func Open(dir string, cfg Config) (*Store, error) {
	if cfg.Now == nil {
		return nil, errors.New("the event store needs a clock")
	}
	s := &Store{
		dir: dir, cfg: cfg.orDefaults(), shelf: cfg.Shelf, keys: newKeyring(), grown: make(chan struct{}), room: make(chan struct{}),
		wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	if s.shelf == nil {
		s.shelf = diskShelf{s.path(segmentDir)}
	}
	for _, d := range []string{s.path(logDir), s.path(cursorDir), s.path(segmentDir)} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("make the folder of events: %w", err)
		}
	}
	var err error
	if s.lock, err = lockFile(s.path("lock")); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	if err := s.recover(); err != nil {
		return nil, errors.Join(fmt.Errorf("read the events in %s: %w", dir, err), s.lock.Close())
	}
	s.group = newGroup(0)
	go s.commitLoop()
	return s, nil
}

// Dir is the folder of the store.
func (s *Store) Dir() string { return s.dir }

func (s *Store) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// Close writes what waits and closes the store. Whoever still waits in Next or Append
// is told ErrClosed.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	close(s.stop)
	<-s.stopped
	s.sealing.Lock() // whoever seals comes to an end first
	defer s.sealing.Unlock()
	s.segMu.Lock()
	defer s.segMu.Unlock()
	var err error
	for _, g := range s.segments {
		err = errors.Join(err, g.close())
	}
	return errors.Join(err, s.active().file.Close(), s.lock.Close())
}

// Last is the position of the last line that is on disk; 0 for none.
func (s *Store) Last() Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.durable
}

// Damages lists what could not be read when the store was opened.
func (s *Store) Damages() []Damage { return s.lost }

// await waits until the channel is closed, the store is, or the context ends.
func (s *Store) await(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-s.stop:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}
