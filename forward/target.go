package forward

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"holdfast/engine/event"
)

// A Target is a receiver of events, as the file forward.yaml names it.
type Target struct {
	Name      string `yaml:"name"`      // small letters, digits and -; the cursor has it
	Workspace string `yaml:"workspace"` // short name of the workspace whose events are sent
	To        string `yaml:"to"`        // udp://, tcp://, tls://, https:// or http://

	CA   string `yaml:"ca"`   // PEM file of whom to trust; empty: the usual authorities
	Cert string `yaml:"cert"` // PEM files by which we prove who we are
	Key  string `yaml:"key"`

	Token    string `yaml:"token"`     // bearer token
	TokenEnv string `yaml:"token_env"` // the environment variable that holds it
	Gzip     bool   `yaml:"gzip"`
	Form     string `yaml:"form"`  // of a batch over HTTP: array (default) or lines
	Batch    int    `yaml:"batch"` // events in one batch at most; 0: 500

	From        string   `yaml:"from"`         // oldest (default) or now
	Sources     []string `yaml:"sources"`      // keys of event sources; empty: all
	MinSeverity string   `yaml:"min_severity"` // informational, low, medium, high, critical or fatal; empty: all

	least int
	where *url.URL
}

// The words of a target.
const (
	FromNow    = "now"
	FromOldest = "oldest"
	formArray  = "array"
	formLines  = "lines"
)

const (
	defaultBatch = 500
	maxBatch     = 5000
	maxTargets   = 20
	maxFile      = 1 << 20
)

var (
	targetName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	severities = []string{"informational", "low", "medium", "high", "critical", "fatal"}
	schemes    = []string{"udp", "tcp", "tls", "http", "https"}
)

// ReadTargets reads the text of forward.yaml. env answers for environment variables. Every
// target that is returned can be used.
func ReadTargets(data []byte, env func(string) string) ([]Target, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("it is longer than %d bytes", maxFile)
	}
	var file struct {
		Targets []Target `yaml:"targets"`
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if n := len(file.Targets); n == 0 || n > maxTargets {
		return nil, fmt.Errorf("it names %d targets; write targets: with one to %d of them, or remove the file", n, maxTargets)
	}
	seen := map[string]bool{}
	for i := range file.Targets {
		t := &file.Targets[i]
		if err := t.settle(env); err != nil {
			return nil, fmt.Errorf("target %d (%s): %w", i+1, cmp.Or(t.Name, "without a name"), err)
		}
		if seen[t.Name] {
			return nil, fmt.Errorf("two targets are named %s; each needs a name of its own", t.Name)
		}
		seen[t.Name] = true
	}
	return file.Targets, nil
}

// settle checks a target and fills in what it leaves open.
func (t *Target) settle(env func(string) string) error {
	t.Batch, t.Form, t.From = cmp.Or(t.Batch, defaultBatch), cmp.Or(t.Form, formArray), cmp.Or(t.From, FromOldest)
	switch {
	case !targetName.MatchString(t.Name):
		return errors.New("name: begin with a small letter and use small letters, digits and -, at most 40")
	case t.Workspace == "":
		return errors.New("workspace: name the workspace whose events are sent")
	case t.Batch < 1 || t.Batch > maxBatch:
		return fmt.Errorf("batch: write 1 to %d", maxBatch)
	case t.Form != formArray && t.Form != formLines:
		return errors.New("form: write array or lines")
	case t.From != FromOldest && t.From != FromNow:
		return errors.New("from: write oldest or now")
	case (t.Cert == "") != (t.Key == ""):
		return errors.New("cert and key go together")
	}
	if t.MinSeverity != "" {
		if t.least = slices.Index(severities, t.MinSeverity) + 1; t.least == 0 {
			return fmt.Errorf("min_severity: write one of %s", strings.Join(severities, ", "))
		}
	}
	if err := t.address(); err != nil {
		return err
	}
	return t.secret(env)
}

func (t *Target) address() error {
	u, err := url.Parse(t.To)
	if err != nil || u.Hostname() == "" || !slices.Contains(schemes, u.Scheme) || u.User != nil {
		return errors.New("to: write udp://host:514, tcp://host:601, tls://host:6514 or https://host/path, without a password in it")
	}
	if u.Scheme != "https" && u.Scheme != "tls" && (t.CA != "" || t.Cert != "") {
		return fmt.Errorf("ca and cert are for https:// and tls://, not for %s://", u.Scheme)
	}
	t.where = u
	return nil
}

// secret fetches the token, and refuses to send it where all can read it.
func (t *Target) secret(env func(string) string) error {
	if t.Token == "" && t.TokenEnv == "" {
		return nil
	}
	if t.Token != "" && t.TokenEnv != "" {
		return errors.New("write either token or token_env")
	}
	if t.TokenEnv != "" {
		if t.Token = env(t.TokenEnv); t.Token == "" {
			return fmt.Errorf("token_env: the environment variable %s is empty", t.TokenEnv)
		}
	}
	if strings.ContainsFunc(t.Token, func(r rune) bool { return r < '!' || r > '~' }) {
		return errors.New("token: it holds a space, a line break or a letter that no token has")
	}
	switch t.where.Scheme {
	case "https":
		return nil
	case "http":
		if a, err := netip.ParseAddr(t.where.Hostname()); err == nil && a.IsLoopback() {
			return nil
		}
		return errors.New("a token is not sent over http://, where others read it; use https://")
	}
	return errors.New("a token is for https://; syslog proves who it is with cert and key")
}

// wants tells whether an event passes the filter of the target.
func (t *Target) wants(key, id string, e *event.Event) bool {
	if e.Severity < t.least || e.Meta && t.overHTTP() {
		return false
	}
	return len(t.Sources) == 0 || slices.Contains(t.Sources, id) || key != "" && slices.Contains(t.Sources, key)
}

func (t *Target) overHTTP() bool { return t.where.Scheme == "http" || t.where.Scheme == "https" }

func (t *Target) open() (Sender, error) {
	secure, err := t.secure()
	if err != nil {
		return nil, err
	}
	if t.overHTTP() {
		return newWeb(t, secure), nil
	}
	return &stream{scheme: t.where.Scheme, host: t.where.Host, name: t.where.Hostname(), port: t.where.Port(), secure: secure}, nil
}

// secure is how TLS is spoken.
func (t *Target) secure() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.where.Hostname()}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca: %s holds no certificate in PEM", t.CA)
		}
	}
	if t.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("cert and key: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
