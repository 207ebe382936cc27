package outside

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Settings are what the file events.yaml says of a store outside.
type Settings struct {
	Kind  string `yaml:"kind"`  // opensearch or victorialogs
	URL   string `yaml:"url"`   // https://host:9200, or http://
	Index string `yaml:"index"` // name of the indexes, or of the stream; empty: holdfast-events

	User        string `yaml:"user"`
	PasswordEnv string `yaml:"password_env"` // the environment variable with the password
	TokenEnv    string `yaml:"token_env"`    // or with a bearer token
	CA          string `yaml:"ca"`           // PEM file of whom to trust; empty: the usual authorities

	From    string        `yaml:"from"`    // begin with the oldest event that is kept (default), or now
	Search  string        `yaml:"search"`  // older (default), everything or no
	Timeout time.Duration `yaml:"timeout"` // that a search may take; 0: 10 s
	Batch   int           `yaml:"batch"`   // events in one request at most; 0: 1 000
	Largest int           `yaml:"largest"` // bytes of one document at most, as the other side takes them; 0: usual there

	where    *url.URL
	password string
	token    string
}

// The kinds of system.
const (
	KindOpenSearch   = "opensearch"
	KindVictoriaLogs = "victorialogs"
)

// What is searched outside.
const (
	SearchOlder      = "older"      // what is not kept here any longer
	SearchEverything = "everything" // all that arrived there
	SearchNo         = "no"         // nothing: it is only written to
)

// The bounds of the settings.
const (
	usualTimeout = 10 * time.Second
	maxTimeout   = time.Minute
	usualBatch   = 1_000
	maxBatch     = 5_000
	leastLargest = 16 << 10
	maxLargest   = 64 << 20

	// What is taken without a word of configuration: OpenSearch takes requests of 100 MB,
	// VictoriaLogs lines of 256 KB (-insert.maxLineSizeBytes).
	usualLargestSearch = 16 << 20
	usualLargestLogs   = 256<<10 - 1<<10
)

var indexName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,59}$`)

// Ready checks the settings and fills in what they leave open. env answers for environment
// variables.
func (s Settings) Ready(env func(string) string) (Settings, error) {
	s.Index, s.From, s.Search = cmp.Or(s.Index, "holdfast-events"), cmp.Or(s.From, "oldest"), cmp.Or(s.Search, SearchOlder)
	s.Timeout, s.Batch = cmp.Or(s.Timeout, usualTimeout), cmp.Or(s.Batch, usualBatch)
	if s.Kind == KindVictoriaLogs {
		s.Largest = cmp.Or(s.Largest, usualLargestLogs)
	} else {
		s.Largest = cmp.Or(s.Largest, usualLargestSearch)
	}
	switch {
	case s.Kind != KindOpenSearch && s.Kind != KindVictoriaLogs:
		return s, errors.New("kind: write opensearch or victorialogs")
	case !indexName.MatchString(s.Index):
		return s, errors.New("index: begin with a small letter and use small letters, digits, - and _, at most 60")
	case s.From != "oldest" && s.From != "now":
		return s, errors.New("from: write oldest or now")
	case !slices.Contains([]string{SearchOlder, SearchEverything, SearchNo}, s.Search):
		return s, errors.New("search: write older, everything or no")
	case s.Timeout < time.Second || s.Timeout > maxTimeout:
		return s, fmt.Errorf("timeout: write 1s to %s", maxTimeout)
	case s.Batch < 1 || s.Batch > maxBatch:
		return s, fmt.Errorf("batch: write 1 to %d", maxBatch)
	case s.Largest < leastLargest || s.Largest > maxLargest:
		return s, fmt.Errorf("largest: write %d to %d bytes", leastLargest, maxLargest)
	}
	if err := s.address(); err != nil {
		return s, err
	}
	return s, s.secrets(env)
}

func (s *Settings) address() error {
	u, err := url.Parse(s.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("url: write https://host:port, without a password or a query in it")
	}
	if u.Scheme == "http" && s.CA != "" {
		return errors.New("ca is for https://, not for http://")
	}
	s.where = u
	return nil
}

// secrets fetches password and token, and refuses to send them where all can read them.
func (s *Settings) secrets(env func(string) string) error {
	if s.TokenEnv == "" && s.PasswordEnv == "" && s.User == "" {
		return nil
	}
	if s.TokenEnv != "" && (s.User != "" || s.PasswordEnv != "") {
		return errors.New("write either user and password_env, or token_env")
	}
	if s.TokenEnv == "" && (s.User == "" || s.PasswordEnv == "") {
		return errors.New("user and password_env go together")
	}
	name := cmp.Or(s.TokenEnv, s.PasswordEnv)
	secret := env(name)
	switch {
	case secret == "":
		return fmt.Errorf("the environment variable %s is empty", name)
	case strings.ContainsFunc(secret, func(r rune) bool { return r < ' ' || r == 0x7f }), strings.ContainsFunc(s.User, func(r rune) bool { return r < ' ' || r == ':' || r == 0x7f }):
		return errors.New("user, password and token hold no line break, and a user no colon")
	case s.where.Scheme != "https" && !loopback(s.where.Hostname()):
		return errors.New("user, password and token are not sent over http://, where others read them; use https://")
	}
	if s.TokenEnv != "" {
		s.token = secret
	} else {
		s.password = secret
	}
	return nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

func (s *Settings) patience() time.Duration { return s.Timeout }
