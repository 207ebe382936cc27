package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"holdfast/app"
	"holdfast/feed"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/job"
	"holdfast/kind"
	"holdfast/port/stix"

	"go.yaml.in/yaml/v3"
)

// JobIndicators fetches the indicators of compromise of one source.
const JobIndicators = "fetch-indicators"

// TellersFile names the servers that indicators of compromise are fetched from. Secrets
// stand in the environment, not in it.
func (p Place) TellersFile() string { return filepath.Join(p.Data, "indicators.yaml") }

// A teller is one of them, as the file says.
type teller struct {
	Name        string        `yaml:"name"` // who tells; it becomes the source of the indicators
	Kind        string        `yaml:"kind"` // taxii or url
	URL         string        `yaml:"url"`
	Collection  string        `yaml:"collection"`
	User        string        `yaml:"user"`
	PasswordEnv string        `yaml:"password_env"`
	TokenEnv    string        `yaml:"token_env"`
	Every       int           `yaml:"every"` // hours
	Severity    isms.Severity `yaml:"severity"`
	ValidDays   int           `yaml:"valid_days"`
	Context     bool          `yaml:"context"`
	Private     bool          `yaml:"private"` // lies in our own network; http is allowed too
	Workspace   string        `yaml:"workspace"`
}

// Bounds of the file.
const (
	maxTellersFile = 256 << 10
	maxTellers     = 100
	tellersRounds  = 50 // bundles of one source in one job
)

var environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// tellers reads the file; none when there is no file.
func (p Place) tellers() ([]teller, error) {
	file := p.TellersFile()
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(f, maxTellersFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxTellersFile {
		return nil, fmt.Errorf("%s is larger than %d kB", file, maxTellersFile>>10)
	}
	list, err := readTellers(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return list, nil
}

func readTellers(data []byte) ([]teller, error) {
	var in struct {
		Sources []teller `yaml:"sources"`
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&in); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(in.Sources) > maxTellers {
		return nil, fmt.Errorf("names more than %d sources", maxTellers)
	}
	names := map[string]bool{}
	for i := range in.Sources {
		t := &in.Sources[i]
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("source %d (%q): %w", i+1, t.Name, err)
		}
		if names[t.Name] {
			return nil, fmt.Errorf("source %d (%q): the name is there already", i+1, t.Name)
		}
		names[t.Name] = true
		t.Every = cmp.Or(t.Every, 24)
	}
	return in.Sources, nil
}

// check says what is wrong with an entry.
func (t *teller) check() error {
	u, err := url.Parse(t.URL)
	switch {
	case t.Name == "" || len(t.Name) > 100:
		return errors.New("name: say who tells, in at most 100 characters")
	case t.Kind != "taxii" && t.Kind != "url":
		return fmt.Errorf("kind: is %q; write taxii, or url for a file", t.Kind)
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("url: write an address such as https://taxii.example.org/taxii2/")
	case u.User != nil:
		return errors.New("url: keep the password out of it; name the user, and in password_env the environment variable that holds the password")
	case u.Scheme == "http" && !t.Private:
		return errors.New("url: is not https; only a server in your own network may do without, with private: true")
	case t.Kind == "url" && t.Collection != "":
		return errors.New("collection: only a server of kind taxii has collections")
	case t.User != "" && t.PasswordEnv == "", t.User == "" && t.PasswordEnv != "":
		return errors.New("user and password_env: belong together")
	case t.User != "" && t.TokenEnv != "":
		return errors.New("token_env: give a user with a password or a token, not both")
	case t.Every < 0 || t.Every > 24*31:
		return errors.New("every: is a number of hours from 1 to 744")
	case t.ValidDays < 0 || t.ValidDays > 36_500:
		return errors.New("valid_days: is a number of days from 1 to 36500")
	}
	for _, name := range []string{t.PasswordEnv, t.TokenEnv} {
		if name != "" && !environmentName.MatchString(name) {
			return errors.New("password_env, token_env: name an environment variable; the secret itself does not stand here")
		}
	}
	known := slices.ContainsFunc(isms.Severity("").Choices(), func(c kind.Choice) bool { return c.Value == string(t.Severity) })
	if t.Severity != "" && !known {
		return errors.New("severity: write low, medium, high or critical")
	}
	return nil
}

// client is what asks, with the secrets of the environment.
func (t *teller) client(env func(string) string) (feed.Teller, error) {
	f := feed.Teller{URL: t.URL, Collection: t.Collection, User: t.User}
	for _, s := range []struct {
		name string
		into *string
	}{{t.PasswordEnv, &f.Password}, {t.TokenEnv, &f.Token}} {
		if s.name == "" {
			continue
		}
		if *s.into = env(s.name); *s.into == "" {
			return f, fmt.Errorf("the environment variable %s is empty; set it where the server starts", s.name)
		}
	}
	var allowed []string
	if u, err := url.Parse(t.URL); err == nil && t.Private {
		allowed = append(allowed, u.Host, u.Hostname())
	}
	f.Client = feed.NewClient(allowed...)
	return f, nil
}

// A told is what is remembered of a source in a workspace.
type told struct {
	URL     string    `json:"url"`   // with the collection: another one begins anew
	After   string    `json:"after"` // added_after of TAXII
	At      time.Time `json:"at"`    // when it last worked
	Tried   time.Time `json:"tried"`
	Trouble string    `json:"trouble,omitempty"`
	Read    int       `json:"read"` // the last time
	Created int       `json:"created"`
}

func toldOf(workspace, name string) string { return "indicators told by " + name + " for " + workspace }

func (t *teller) where() string { return t.URL + " " + t.Collection }

func (l *Local) told(ctx context.Context, workspace string, t *teller) (told, error) {
	var m told
	text, err := l.Store.Setting(ctx, toldOf(workspace, t.Name))
	if err != nil || text == "" {
		return m, err
	}
	if json.Unmarshal([]byte(text), &m) != nil || m.URL != t.where() {
		return told{}, nil // it is somebody else now: from the beginning
	}
	return m, nil
}

func (l *Local) keepTold(ctx context.Context, workspace string, t *teller, m told) error {
	m.URL = t.where()
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return l.Store.SetSetting(ctx, toldOf(workspace, t.Name), string(text))
}

// tellerSlack lets what is due every hour be due when the hourly tick comes a little early.
const tellerSlack = 10 * time.Minute

// tellersDue lists the jobs for sources of indicators whose time has come. What failed is
// due at once, after the runner has tried it several times.
func (l *Local) tellersDue(ctx context.Context, workspace, slug string) ([]app.Request, error) {
	list, err := l.tellersOf(slug)
	if err != nil {
		return nil, err
	}
	var due []app.Request
	for i := range list {
		t := &list[i]
		m, err := l.told(ctx, workspace, t)
		if err != nil {
			return nil, err
		}
		if l.App.Now().Sub(m.At) >= time.Duration(t.Every)*time.Hour-tellerSlack {
			due = append(due, t.request())
		}
	}
	return due, nil
}

// fetchIndicators brings what one source tells. It goes on where it ended the last time,
// and remembers that only when the indicators are records.
func (l *Local) fetchIndicators(ctx context.Context, w *job.Work) error {
	var name string
	if err := w.Payload(&name); err != nil {
		return err
	}
	list, err := l.Place.tellers()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(t teller) bool { return t.Name == name })
	if i < 0 {
		w.Progress(name+" is not in indicators.yaml any more", 1, 1)
		return nil
	}
	m, err := l.told(ctx, w.Job.Workspace, &list[i])
	if err != nil {
		return err
	}
	m.Tried = l.App.Now()
	err = l.askTeller(ctx, &list[i], &m, w)
	if ctx.Err() != nil {
		return err // stopped; nothing is wrong with the source
	}
	m.Trouble = ""
	if err != nil {
		m.Trouble = err.Error()
	} else {
		m.At = m.Tried
	}
	w.Result("/compromise")
	return errors.Join(err, l.keepTold(ctx, w.Job.Workspace, &list[i], m))
}

// askTeller fetches and takes in, bundle after bundle.
func (l *Local) askTeller(ctx context.Context, t *teller, m *told, w *job.Work) error {
	client, err := t.client(os.Getenv)
	if err != nil {
		return err
	}
	m.Read, m.Created = 0, 0
	for round := range tellersRounds {
		w.Progress("Asking "+t.Name, round, 0)
		got, err := ask(ctx, t, client, m.After)
		if err != nil {
			return err
		}
		if got.Bundle != nil {
			if err := l.takeTold(ctx, t, got.Bundle, m); err != nil {
				return err
			}
		}
		m.After = got.After
		if !got.More {
			break
		}
		if err := l.keepTold(ctx, w.Job.Workspace, t, *m); err != nil {
			return err
		}
	}
	w.Progress(fmt.Sprintf("%d indicators read, %d of them new", m.Read, m.Created), 1, 1)
	return nil
}

func ask(ctx context.Context, t *teller, client feed.Teller, after string) (feed.Told, error) {
	if t.Kind == "url" {
		return client.File(ctx)
	}
	got, _, err := client.Pull(ctx, after)
	return got, err
}

func (l *Local) takeTold(ctx context.Context, t *teller, data []byte, m *told) error {
	marks, err := stix.Read(t.Name, data, stix.Options{Context: t.Context})
	if err != nil {
		return err
	}
	out, err := l.Detection.TakeInIndicators(ctx, marks, detection.IndicatorIntake{Source: t.Name, Severity: t.Severity, ValidDays: t.ValidDays})
	m.Read, m.Created = m.Read+out.Read, m.Created+out.Created
	return err
}

// IndicatorFeeds tells how the sources of the file go that the workspace of the actor asks.
// A file that cannot be used is one entry with the reason.
func (l *Local) IndicatorFeeds(ctx context.Context) ([]feed.TellerState, error) {
	ws, err := l.spaceOf(ctx, kind.Read, isms.ThreatIndicators)
	if err != nil {
		return nil, err
	}
	list, err := l.tellersOf(ws.Slug)
	if err != nil {
		return []feed.TellerState{{Name: filepath.Base(l.Place.TellersFile()), Trouble: err.Error()}}, nil
	}
	out := []feed.TellerState{}
	for i := range list {
		t := &list[i]
		m, err := l.told(ctx, ws.ID, t)
		if err != nil {
			return nil, err
		}
		s := feed.TellerState{Name: t.Name, Kind: t.Kind, Every: t.Every, At: m.At, Tried: m.Tried, Trouble: m.Trouble, Read: m.Read, Created: m.Created}
		if u, err := url.Parse(t.URL); err == nil {
			s.Host = u.Host
		}
		if !m.At.IsZero() {
			s.Due = m.At.Add(time.Duration(t.Every) * time.Hour)
		}
		out = append(out, s)
	}
	return out, nil
}

// tellersOf are the sources that a workspace asks.
func (l *Local) tellersOf(slug string) ([]teller, error) {
	list, err := l.Place.tellers()
	return slices.DeleteFunc(list, func(t teller) bool { return t.Workspace != "" && t.Workspace != slug }), err
}

// FetchIndicators asks for the indicators of a source now, for an actor who may write
// them. The id of the job is empty when it waits or runs already.
func (l *Local) FetchIndicators(ctx context.Context, name string) (job string, err error) {
	ws, err := l.spaceOf(ctx, kind.Write, isms.ThreatIndicators)
	if err != nil {
		return "", err
	}
	list, err := l.tellersOf(ws.Slug)
	if err != nil {
		return "", kind.Errorf(kind.Unavailable, "%w", err)
	}
	i := slices.IndexFunc(list, func(t teller) bool { return t.Name == name })
	if i < 0 {
		return "", kind.Errorf(kind.NotFound, "indicators.yaml names no source %q", name)
	}
	return l.App.Enqueue(ctx, list[i].request())
}

// request is the job that fetches.
func (t *teller) request() app.Request {
	return app.Request{Name: JobIndicators, Title: "Fetch indicators of " + t.Name, Payload: t.Name, Once: "indicators " + t.Name}
}
