package detection

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/intake"
	"holdfast/isms"
	"holdfast/kind"
)

// A SourceHouse is where events are taken in: the part of the server that listens and
// follows files. A flow without one keeps records of sources all the same.
type SourceHouse interface {
	// State is what is known of a source since the start; false when it is not in use.
	State(sourceID string) (intake.State, bool)
	// Listens is the address on which the source is served; empty: it does not listen.
	Listens(sourceID string) string
	// Since is when the house was opened: before that nobody could be heard.
	Since() time.Time
	// Rates counts the events of a source in equal parts of the last day, oldest first.
	Rates(ctx context.Context, workspace, sourceID string, parts int) ([]int, error)
	// Take keeps what somebody hands over; see intake.Intake.Take.
	Take(ctx context.Context, p intake.Post) (lines int, repeated bool, err error)
	// Certificate is that of syslog over TLS, in PEM, and its fingerprint.
	Certificate() (pem, fingerprint string, err error)
	// RenewCertificate makes another. Senders that trust the old one must be told.
	RenewCertificate() error
	// Settle waits until a change of records is in force.
	Settle(ctx context.Context) error
}

// KeepSourcesIn gives the flow the place where events are taken in. Call it before use.
func (f *Flow) KeepSourcesIn(h SourceHouse) { f.intake = h }

// SourceHouse is where events are taken in; nil: nowhere here.
func (f *Flow) SourceHouse() SourceHouse { return f.intake }

func (f *Flow) sources() app.Repo[isms.EventSource] {
	return app.Of[isms.EventSource](f.app, isms.EventSources)
}

// A SourceWish is a source that somebody wants to connect.
type SourceWish struct {
	Recipe  string   // id of what they have; see SourceRecipes
	Title   string   // empty: that of the recipe
	AssetID string   // what it tells about; may be empty
	Senders []string // addresses or networks from which it sends
	File    string   // to follow, where the recipe follows one
}

// ConnectSource makes the record of a source. Token is the secret of one that posts;
// it is told here and never again.
func (f *Flow) ConnectSource(ctx context.Context, w SourceWish) (src *isms.EventSource, token string, err error) {
	r, ok := SourceRecipeOf(w.Recipe)
	if !ok {
		return nil, "", kind.Fieldf("recipe", "there is no recipe %q", w.Recipe)
	}
	actor, err := access.From(ctx)
	if err != nil {
		return nil, "", err
	}
	src = &isms.EventSource{Transport: r.Transport, Format: r.Format, Product: r.Product, Service: r.Service, Category: r.Category, AssetID: w.AssetID}
	if p, err := app.Of[isms.Person](f.app, isms.People).Get(ctx, actor.ID); err == nil {
		src.OwnerID = p.ID // whoever connects it knows it; a token or the local operator is nobody
	}
	src.Title = cmp.Or(strings.TrimSpace(w.Title), r.Title)
	if src.Senders, err = senders(w.Senders, r.listens()); err != nil {
		return nil, "", err
	}
	if r.Transport == "file" {
		if src.Address = strings.TrimSpace(w.File); src.Address == "" {
			return nil, "", kind.Fieldf("file", "names the file to follow")
		}
	}
	if r.Transport == "http" {
		if token, err = newSourceToken(); err != nil {
			return nil, "", err
		}
		src.Token = intake.HashOf(token)
	}
	if err := f.sources().Save(ctx, src); err != nil {
		return nil, "", err
	}
	return src, token, f.settleSources(ctx)
}

// senders reads networks. A syslog sender proves nothing, so its address is needed.
func senders(list []string, needed bool) ([]string, error) {
	var out []string
	for _, text := range list {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		_, asNet := netip.ParsePrefix(text)
		_, asAddr := netip.ParseAddr(text)
		if asNet != nil && asAddr != nil {
			return nil, kind.Fieldf("senders", "%q is neither an address nor a network such as 10.1.0.0/16", text)
		}
		out = append(out, text)
	}
	if needed && len(out) == 0 {
		return nil, kind.Fieldf("senders", "name the addresses or networks that may send: syslog has no password")
	}
	return out, nil
}

func newSourceToken() (string, error) {
	var b [30]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return "hfs_" + base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// RenewSourceToken gives a source another token and returns it, this once. The old one
// is worth nothing from now on.
func (f *Flow) RenewSourceToken(ctx context.Context, idOrKey string) (*isms.EventSource, string, error) {
	src, err := f.sources().Get(ctx, idOrKey)
	if err != nil {
		return nil, "", err
	}
	if src.Transport != "http" {
		return nil, "", kind.Errorf(kind.Invalid, "only sources that post over HTTP have a token; this one uses %s", isms.EventSources.Field("transport").Choice(string(src.Transport)).Label)
	}
	token, err := newSourceToken()
	if err != nil {
		return nil, "", err
	}
	src.Token = intake.HashOf(token)
	if err := f.sources().Save(ctx, src); err != nil {
		return nil, "", err
	}
	return src, token, f.settleSources(ctx)
}

// SourceCertificate is the certificate by which senders over TLS know us, in PEM, and
// its SHA-256 fingerprint.
func (f *Flow) SourceCertificate(ctx context.Context) (pem, fingerprint string, err error) {
	if err := mayOnSources(ctx, kind.Read); err != nil {
		return "", "", err
	}
	if f.intake == nil {
		return "", "", errNoIntake()
	}
	return f.intake.Certificate()
}

// RenewSourceCertificate makes another certificate, with a new key, and returns its
// fingerprint. Every sender over TLS has to be given it. All workspaces share it, so it
// takes an administrator.
func (f *Flow) RenewSourceCertificate(ctx context.Context) (fingerprint string, err error) {
	if err := mayOnSources(ctx, kind.Admin); err != nil {
		return "", err
	}
	if f.intake == nil {
		return "", errNoIntake()
	}
	if err := f.intake.RenewCertificate(); err != nil {
		return "", err
	}
	_, fingerprint, err = f.intake.Certificate()
	return fingerprint, err
}

func mayOnSources(ctx context.Context, v kind.Verb) error {
	actor, err := access.From(ctx)
	if err == nil && actor.May(v, isms.EventSources) != access.All {
		err = actor.Refuse(v, isms.EventSources)
	}
	return err
}

func errNoIntake() error {
	return kind.Errorf(kind.Unavailable, "events are taken in by the server; start holdfast serve, and name it with --server")
}

func (f *Flow) settleSources(ctx context.Context) error {
	if f.intake == nil {
		return nil
	}
	return f.intake.Settle(ctx)
}

// ImportEvents keeps what a person hands over, under a source they may write. The key
// recognises what is handed over a second time; empty: nothing is recognised.
func (f *Flow) ImportEvents(ctx context.Context, idOrKey, key string, body []byte) (lines int, repeated bool, err error) {
	src, err := f.sources().Get(ctx, idOrKey)
	if err != nil {
		return 0, false, err
	}
	if err := mayOnSources(ctx, kind.Write); err != nil {
		return 0, false, err
	}
	if f.intake == nil {
		return 0, false, errNoIntake()
	}
	if src.Status == isms.SourceDisabled {
		return 0, false, kind.Errorf(kind.Conflict, "the source is disabled; enable it first")
	}
	if key != "" {
		key = "import/" + key
	}
	return f.intake.Take(ctx, intake.Post{Source: src.ID, Key: key, Body: body})
}

// A SourceLook is a source as it stands now.
type SourceLook struct {
	Source   *isms.EventSource
	Running  bool          // the house serves it
	Live     intake.State  // since the start of the server
	At       string        // the address on which it is served
	LastSeen time.Time     // by the record, or since
	Quiet    time.Duration // since the last event, or since it was set up
	Rates    []int         // of the last day, oldest first; nil: not known
}

// Dropped is how many events were left out since it was set up.
func (l SourceLook) Dropped() int64 { return l.Source.Dropped + l.Live.Dropped }

// Today is how many events came in the last day.
func (l SourceLook) Today() int {
	n := 0
	for _, c := range l.Rates {
		n += c
	}
	return n
}

// rateParts is into how many parts the last day is divided.
const rateParts = 24

// Sources are all sources that the actor may read: silent ones first, then those that
// do not work, those that wait, those that speak, and those that are disabled.
func (f *Flow) Sources(ctx context.Context) ([]SourceLook, error) {
	all, err := f.sources().All(ctx, kind.Query{Sort: "title"})
	if err != nil {
		return nil, err
	}
	out := make([]SourceLook, 0, len(all))
	for _, s := range all {
		out = append(out, f.lookAt(ctx, s))
	}
	slices.SortStableFunc(out, func(a, b SourceLook) int { return a.urgency() - b.urgency() })
	return out, nil
}

// Source is one source as it stands now.
func (f *Flow) Source(ctx context.Context, idOrKey string) (SourceLook, error) {
	s, err := f.sources().Get(ctx, idOrKey)
	if err != nil {
		return SourceLook{}, err
	}
	return f.lookAt(ctx, s), nil
}

func (f *Flow) lookAt(ctx context.Context, s *isms.EventSource) SourceLook {
	l := SourceLook{Source: s, LastSeen: s.LastSeen}
	if f.intake != nil {
		l.Live, l.Running = f.intake.State(s.ID)
		l.At = f.intake.Listens(s.ID)
		if l.Live.LastSeen.After(l.LastSeen) {
			l.LastSeen = l.Live.LastSeen
		}
		if actor, err := access.From(ctx); err == nil {
			// A rate that cannot be told is shown as none: the rest of the page stands.
			l.Rates, _ = f.intake.Rates(ctx, actor.Workspace, s.ID, rateParts)
		}
	}
	since := l.LastSeen
	if since.IsZero() {
		since = s.CreatedAt
	}
	l.Quiet = max(0, f.app.Now().Sub(since))
	return l
}

func (l SourceLook) urgency() int {
	switch {
	case l.Source.Status == isms.SourceSilent:
		return 0
	case l.Source.Status == isms.SourceDisabled:
		return 4
	case l.Live.Trouble != "":
		return 1
	case l.Source.Status == isms.SourceWaiting:
		return 2
	}
	return 3
}

// A Hearing is what the house heard of a source since it last told.
type Hearing struct {
	SourceID string
	LastSeen time.Time
	PerDay   float64
	Dropped  int64 // more than before
}

// Heard writes into the records what was heard. One that waited or was silent is
// active again.
func (f *Flow) Heard(ctx context.Context, list []Hearing) error {
	for _, h := range list {
		err := f.app.Atomic(ctx, func(ctx context.Context) error { return f.heard(ctx, h) })
		if err != nil && kind.CodeOf(err) != kind.NotFound {
			return err
		}
	}
	return nil
}

func (f *Flow) heard(ctx context.Context, h Hearing) error {
	s, err := f.sources().Get(ctx, h.SourceID)
	if err != nil || !s.DeletedAt.IsZero() {
		return err
	}
	fresh := h.LastSeen.After(s.LastSeen)
	if fresh {
		s.LastSeen = h.LastSeen
	}
	s.PerDay, s.Dropped = h.PerDay, s.Dropped+h.Dropped
	if err := f.sources().Save(ctx, s); err != nil {
		return err
	}
	if !fresh || s.Status != isms.SourceWaiting && s.Status != isms.SourceSilent {
		return nil
	}
	wasSilent := s.Status == isms.SourceSilent
	if _, err := f.app.Do(ctx, isms.EventSources, s.ID, "hear", 0, kind.Input{}); err != nil || !wasSilent {
		return err
	}
	return f.endSilence(ctx, s)
}

// silentAfter is after how long without an event a source counts as silent.
func silentAfter(s *isms.EventSource) time.Duration {
	if s.SilentAfter > 0 {
		return time.Duration(s.SilentAfter) * time.Minute
	}
	return 24 * time.Hour
}

// SpanWords says a span of time as people do: 3 days, 5 hours, 20 minutes.
func SpanWords(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d/(24*time.Hour)))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d/time.Hour))
	}
	return fmt.Sprintf("%d minutes", max(1, int(d/time.Minute)))
}
