package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"holdfast/eventstore/stream"
	"holdfast/kind"
)

// streamPart says where events are shared with other machines, and what this one does.
type streamPart struct {
	URLs    []string `yaml:"urls"`    // of servers of one NATS cluster
	Name    string   `yaml:"name"`    // first part of the names of streams; empty: holdfast
	Publish bool     `yaml:"publish"` // this machine takes events in and shares them
	Detect  bool     `yaml:"detect"`  // this machine looks at events that are shared

	Credentials string `yaml:"credentials"` // file that NATS issued
	NKey        string `yaml:"nkey"`        // file with a seed
	TokenEnv    string `yaml:"token_env"`   // the environment variable that holds a token
	TLS         struct {
		CA   string `yaml:"ca"`
		Cert string `yaml:"cert"`
		Key  string `yaml:"key"`
	} `yaml:"tls"`
	Insecure bool `yaml:"insecure"` // others may listen between here and NATS

	Replicas  int `yaml:"replicas"`   // machines that keep the stream; 0: 1
	KeepHours int `yaml:"keep_hours"` // how long lines stay in it; 0: 72
	MaxGB     int `yaml:"max_gb"`     // its size at most; 0: 32
}

// Bounds of what the file may say.
const (
	mostStreamURLs = 16
	mostReplicas   = 5 // NATS takes no more
	mostKeepHours  = 31 * 24
	mostStreamGB   = 100_000
)

var streamPrefix = regexp.MustCompile(`^[a-z][a-z0-9-]{0,23}$`)

// detectsOnly tells that this machine keeps no events and serves nobody.
func (s *streamPart) detectsOnly() bool { return s != nil && s.Detect && !s.Publish }

// streamPart is what events.yaml says of sharing, checked; nil: nothing.
func (p Place) streamPart(env func(string) string) (*streamPart, error) {
	parts, err := p.readEvents()
	if err != nil || parts.Stream == nil {
		return nil, err
	}
	s := parts.Stream
	if _, err := s.config(p.Data, "x", env); err != nil {
		return nil, fmt.Errorf("%s: stream: %w", p.EventsFile(), err)
	}
	if s.detectsOnly() && p.Database == "" {
		return nil, fmt.Errorf("%s: stream: a machine that only detects shares the PostgreSQL database of the one that publishes: name it with --database", p.EventsFile())
	}
	return s, nil
}

// config is how the stream of a workspace is reached. Files are named from the data folder.
func (s *streamPart) config(data, workspace string, env func(string) string) (stream.Config, error) {
	prefix := cmp.Or(s.Name, "holdfast")
	c := stream.Config{
		URL: strings.Join(s.URLs, ","), Name: prefix + "-" + kind.Slug(workspace), Join: !s.Publish,
		Replicas: s.Replicas, Keep: time.Duration(s.KeepHours) * time.Hour, MaxBytes: int64(s.MaxGB) << 30,
	}
	if !streamPrefix.MatchString(prefix) {
		return c, errors.New("name: begin with a small letter and use small letters, digits and -, at most 24")
	}
	if err := errors.Join(s.check(), s.addresses()); err != nil {
		return c, err
	}
	for _, f := range []struct {
		from   string
		into   *string
		secret bool
	}{
		{s.Credentials, &c.Credentials, true}, {s.NKey, &c.NKey, true}, {s.TLS.CA, &c.Authority, false}, {s.TLS.Cert, &c.Certificate, false}, {s.TLS.Key, &c.Key, true},
	} {
		if f.from == "" {
			continue
		}
		if *f.into = f.from; !filepath.IsAbs(f.from) {
			*f.into = filepath.Join(data, f.from)
		}
		if f.secret {
			if _, err := readPrivate(*f.into, mostEventsFile); err != nil {
				return c, err
			}
		}
	}
	if s.TokenEnv != "" {
		if c.Token = env(s.TokenEnv); c.Token == "" {
			return c, fmt.Errorf("token_env: the environment variable %s is empty", s.TokenEnv)
		}
	}
	return c, nil
}

// check finds what contradicts itself or is out of bounds.
func (s *streamPart) check() error {
	ways := 0
	for _, w := range []string{s.Credentials, s.NKey, s.TokenEnv} {
		if w != "" {
			ways++
		}
	}
	switch {
	case !s.Publish && !s.Detect:
		return errors.New("write publish: true on the machine that takes events in, detect: true on machines that look at them, or both")
	case ways > 1:
		return errors.New("write one of credentials, nkey and token_env")
	case (s.TLS.Cert == "") != (s.TLS.Key == ""):
		return errors.New("tls: cert and key go together")
	case s.Replicas < 0 || s.Replicas > mostReplicas:
		return fmt.Errorf("replicas: write 1 to %d", mostReplicas)
	case s.KeepHours < 0 || s.KeepHours > mostKeepHours:
		return fmt.Errorf("keep_hours: write 1 to %d", mostKeepHours)
	case s.MaxGB < 0 || s.MaxGB > mostStreamGB:
		return fmt.Errorf("max_gb: write 1 to %d", mostStreamGB)
	}
	return nil
}

// addresses checks the addresses of servers. What goes over a network is encrypted, unless
// somebody says that it need not be.
func (s *streamPart) addresses() error {
	if n := len(s.URLs); n == 0 || n > mostStreamURLs {
		return fmt.Errorf("urls: write 1 to %d, such as [tls://nats-1.example.org:4222]", mostStreamURLs)
	}
	for _, text := range s.URLs {
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.Scheme != "tls" && u.Scheme != "nats" || u.Path != "" || strings.Contains(text, ",") {
			return errors.New("urls: write each as tls://host:4222")
		}
		if u.User != nil {
			return errors.New("urls: write no password into an address; use credentials, nkey or token_env")
		}
		if u.Scheme == "nats" && !s.Insecure && !isLoopback(u.Hostname()) {
			return fmt.Errorf("urls: events would cross the network to %s for everybody to read: write tls://, or insecure: true", u.Hostname())
		}
	}
	return nil
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}
