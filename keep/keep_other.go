//go:build !linux

package keep

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// A Store is nil here: sockets end with their process.
type Store struct{}

// FromEnvironment returns nil: only Linux can keep sockets.
func FromEnvironment(func() time.Time) *Store { return nil }

// Able is false.
func (s *Store) Able() bool { return false }

// Keep returns ErrNone.
func (s *Store) Keep(string, syscall.Conn) error { return ErrNone }

// Drop does nothing.
func (s *Store) Drop(string) {}

// Take returns nil.
func (s *Store) Take(string) *os.File { return nil }

// Given returns nothing.
func (s *Store) Given() []string { return nil }

// Listener returns what listen opens.
func (s *Store) Listener(_ string, listen func() (net.Listener, error)) (net.Listener, bool, error) {
	l, err := listen()
	return l, false, err
}

// Ready does nothing.
func (s *Store) Ready() {}

// Stopping does nothing.
func (s *Store) Stopping() {}

// Watch does nothing.
func (s *Store) Watch(context.Context, func(context.Context) error) {}

// WatchEvery is 0: nobody watches.
func (s *Store) WatchEvery() time.Duration { return 0 }

// Run refuses.
func (k Keeper) Run(context.Context) error {
	return errors.New("sockets can be kept on Linux only: serve without --keep, and let senders use RELP, which loses nothing")
}
