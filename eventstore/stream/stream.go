// Package stream shares the events of one store with detectors on several machines,
// through NATS JetStream. docs/adr/0052 says why it looks like this.
//
// The log of the event store stays the spool: what it acknowledged is published from
// there, as often as it takes, and lies in the stream once. Followers of one group share
// the stream; each group sees all of it.
package stream

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

// Config says where the stream is. URL and Name are required.
type Config struct {
	URL         string // of a server or, with commas between, of several of one cluster; tls:// where others can listen
	Name        string // of the stream; every store needs one of its own
	Join        bool   // the stream is somebody else's to make: one that is not there is an error
	Credentials string // file with the credentials that NATS issued; empty: none
	NKey        string // file with the seed of an nkey; empty: none
	Token       string // empty: none
	Authority   string // file with the certificate that signed those of the servers; empty: those of the system
	Certificate string // file with the certificate by which we prove who we are; empty: none
	Key         string // file with its key

	Replicas int           // machines that keep the stream; 0: 1
	Keep     time.Duration // how long lines stay; 0: three days
	MaxBytes int64         // of the stream, behind which publishing waits for room; 0: 32 GB

	// Wait is how long a server may take to answer when we connect; 0: twenty seconds.
	Wait time.Duration

	// Patience is how long the stream waits for a follower that is silent before others
	// of its group get its lines; 0: half a minute.
	Patience time.Duration
}

func (c Config) orDefaults() Config {
	if c.Replicas <= 0 {
		c.Replicas = 1
	}
	if c.Keep <= 0 {
		c.Keep = 72 * time.Hour
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = 32 << 30
	}
	if c.Patience <= 0 {
		c.Patience = 30 * time.Second
	}
	if c.Wait <= 0 {
		c.Wait = answer
	}
	return c
}

// A Reader gives lines and remembers how far they are dealt with. A cursor of the event
// store is one, and so is one of a stream: a detector works with either.
type Reader interface {
	// Next returns the next lines and waits while there are none.
	Next(ctx context.Context) ([]eventstore.Stored, error)
	// Commit remembers durably that everything that Next returned is dealt with.
	Commit() error
}

var (
	_ Reader = (*eventstore.Cursor)(nil)
	_ Reader = (*Cursor)(nil)
)

// A Stream is the stream of one event store. Many may use it at once.
type Stream struct {
	cfg    Config
	conn   *nats.Conn
	js     jetstream.JetStream
	stream jetstream.Stream
}

var name = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

// answer is how long a request may take.
const answer = 20 * time.Second

// Open connects and makes the stream when there is none. Settings of one that is there
// are left as they are. A lost connection is made again for as long as it takes.
func Open(ctx context.Context, cfg Config) (*Stream, error) {
	cfg = cfg.orDefaults()
	if !name.MatchString(cfg.Name) {
		return nil, fmt.Errorf("%q is no name for a stream: letters, digits, - and _ are", cfg.Name)
	}
	opts, err := cfg.options()
	if err != nil {
		return nil, err
	}
	conn, err := nats.Connect(cfg.URL, opts...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err) // without the address, which may hold a password
	}
	s := &Stream{cfg: cfg, conn: conn}
	if err := s.prepare(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

// options are those of the connection.
func (c Config) options() ([]nats.Option, error) {
	opts := []nats.Option{nats.Name("holdfast"), nats.MaxReconnects(-1), nats.Timeout(c.Wait)}
	if c.Credentials != "" {
		opts = append(opts, nats.UserCredentials(c.Credentials))
	}
	if c.NKey != "" {
		o, err := nats.NkeyOptionFromSeed(c.NKey)
		if err != nil {
			return nil, fmt.Errorf("read the nkey in %s: %w", c.NKey, err)
		}
		opts = append(opts, o)
	}
	if c.Token != "" {
		opts = append(opts, nats.Token(c.Token))
	}
	if c.Authority != "" {
		opts = append(opts, nats.RootCAs(c.Authority))
	}
	if c.Certificate != "" {
		opts = append(opts, nats.ClientCert(c.Certificate, c.Key))
	}
	return opts, nil
}

// Away tells why lines can neither come nor go now; nil: they can.
func (s *Stream) Away() error {
	if s.conn.IsConnected() {
		return nil
	}
	if err := s.conn.LastError(); err != nil {
		return fmt.Errorf("the connection to NATS is away: %w", err)
	}
	return errors.New("the connection to NATS is away")
}

// prepare makes sure that the server takes every line, and that there is a stream.
func (s *Stream) prepare(ctx context.Context) (err error) {
	if need := int64(event.MaxLine + headRoom + 1024); s.conn.MaxPayload() < need {
		return fmt.Errorf("NATS takes messages of %d bytes, and a line may need %d: set max_payload: 2MB in its configuration", s.conn.MaxPayload(), need)
	}
	if s.js, err = jetstream.New(s.conn, jetstream.WithPublishAsyncMaxPending(mostInFlight)); err != nil {
		return fmt.Errorf("use JetStream: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	s.stream, err = s.js.Stream(ctx, s.cfg.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if s.cfg.Join {
			return fmt.Errorf("there is no stream %s yet: the machine that publishes makes it", s.cfg.Name)
		}
		s.stream, err = s.js.CreateStream(ctx, s.settings())
	}
	if err != nil {
		return fmt.Errorf("open the stream %s (JetStream must be enabled in NATS): %w", s.cfg.Name, err)
	}
	if have := s.stream.CachedInfo().Config.Subjects; len(have) != 1 || have[0] != s.subject() {
		return fmt.Errorf("the stream %s has the subjects %q instead of %q: it is not ours, name another", s.cfg.Name, have, s.subject())
	}
	return nil
}

// settings of a new stream. One that is full refuses what is new, which waits in the
// log of the event store, instead of dropping what nobody may have read.
func (s *Stream) settings() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: s.cfg.Name, Description: "Lines of events of Holdfast, as they arrived", Subjects: []string{s.subject()},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew, Storage: jetstream.FileStorage,
		MaxAge: s.cfg.Keep, MaxBytes: s.cfg.MaxBytes, Replicas: s.cfg.Replicas, Duplicates: min(s.cfg.Keep, time.Hour),
	}
}

func (s *Stream) subject() string { return "holdfast.events." + s.cfg.Name }

// Close ends the connection. What is not committed goes to others of the group.
func (s *Stream) Close() error {
	s.conn.Close()
	return nil
}
