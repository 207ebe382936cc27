package server

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/flow/detection"
	"holdfast/intake"
	"holdfast/isms"
	"holdfast/keep"
	"holdfast/kind"
)

// How often the records of sources are read again even when nobody tells of a change,
// and how often what was heard is written into them: a change of state at once, figures
// now and then, for each is an entry in the journal.
const (
	sourcePatience = 30 * time.Second
	hearingTick    = 2 * time.Second
	hearingEvery   = time.Hour
	silenceTick    = time.Minute
)

// A sourceHouse takes in the events of all workspaces. It is a detection.SourceHouse.
type sourceHouse struct {
	l     *Local
	in    *intake.Intake
	log   *slog.Logger
	since time.Time
	cert  *selfMade

	mu    sync.Mutex
	known map[string]*heardSource // by the id of the source

	syncing sync.Mutex
	rates   rateCache
	kept    keptCache
}

// A heardSource is what was written into the record of a source.
type heardSource struct {
	workspace string
	status    isms.SourceStatus
	seen      time.Time
	dropped   int64
	at        time.Time
}

// IntakeDir holds the certificate of the intake.
func (p Place) IntakeDir() string { return filepath.Join(p.Data, "intake") }

// InboxDir is a folder in the data folder from which files may always be followed.
func (p Place) InboxDir() string { return filepath.Join(p.Data, "inbox") }

// eventKeeper joins the intake with the event store of a workspace.
type eventKeeper struct{ *eventstore.Store }

// Append keeps lines.
func (k eventKeeper) Append(ctx context.Context, lines ...event.Line) error {
	_, err := k.Store.Append(ctx, lines...)
	return err
}

// AppendOnce keeps lines together with a key.
func (k eventKeeper) AppendOnce(ctx context.Context, key intake.Key, lines ...event.Line) error {
	_, err := k.Store.AppendOnce(ctx, eventstore.Key{Name: key.Name, Value: key.Value}, lines...)
	return err
}

// newSourceHouse prepares the place where events are taken in.
func (l *Local) newSourceHouse(log *slog.Logger, sockets *keep.Store) (*sourceHouse, error) {
	if err := l.Place.mayFollow(); err != nil {
		return nil, err
	}
	h := &sourceHouse{l: l, log: log, since: l.App.Now(), known: map[string]*heardSource{}, cert: &selfMade{dir: l.Place.IntakeDir(), now: l.now}}
	var err error
	h.in, err = intake.New(intake.Config{
		Now: l.now, Keep: sockets, Certificate: h.cert.tls, Roots: append([]string{l.Place.InboxDir()}, l.Place.followed()...),
		Store: func(workspace string) (intake.Store, error) {
			s, err := l.Events(workspace)
			if err != nil {
				return nil, err
			}
			return eventKeeper{s}, nil
		},
	})
	if err != nil {
		return nil, err
	}
	l.Detection.KeepSourcesIn(h)
	return h, nil
}

// mayFollow refuses folders whose files nobody should read as events.
func (p Place) mayFollow() error {
	data, err := filepath.EvalSymlinks(p.Data)
	if err != nil {
		return err
	}
	if data, err = filepath.Abs(data); err != nil {
		return err
	}
	for _, dir := range p.Follow {
		if !filepath.IsAbs(dir) {
			return kind.Errorf(kind.Invalid, "the folder to follow files in, %q, does not begin with /: write it from the root", dir)
		}
		real, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return kind.Errorf(kind.Invalid, "files in %s cannot be followed: %w", dir, err)
		}
		if info, err := os.Stat(real); err != nil || !info.IsDir() {
			return kind.Errorf(kind.Invalid, "files in %s cannot be followed: it is no folder", dir)
		}
		if within(data, real) || within(real, data) {
			return kind.Errorf(kind.Invalid, "files in %s cannot be followed: whoever reads events could read the data folder %s, or what lies in it; its folder inbox is followed anyway", dir, p.Data)
		}
	}
	return nil
}

// within tells whether a path is a folder or lies in it.
func within(path, folder string) bool {
	rest, err := filepath.Rel(folder, path)
	return err == nil && rest != ".." && !strings.HasPrefix(rest, ".."+string(filepath.Separator))
}

// followed are the folders from which files may be followed, beside the inbox.
func (p Place) followed() []string {
	return append([]string{"/var/log"}, p.Follow...)
}

// run takes in events as the records want it until the context ends. What is on its
// way then is still kept.
func (h *sourceHouse) run(ctx context.Context) {
	patience, tick := time.NewTicker(sourcePatience), time.NewTicker(hearingTick)
	silence := time.NewTicker(silenceTick)
	defer patience.Stop()
	defer tick.Stop()
	defer silence.Stop()
	h.note(h.Settle(ctx))
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-patience.C:
			h.note(h.Settle(ctx))
		case <-h.l.sourcesChanged:
			h.note(h.Settle(ctx))
		case <-tick.C:
			h.note(h.tell(ctx, false))
		case <-silence.C:
			h.note(h.listenForSilence(ctx))
		}
	}
	h.in.Close()
	h.note(h.tell(context.WithoutCancel(ctx), true))
}

func (h *sourceHouse) note(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		h.log.Error("sources of events", "error", err)
	}
}

// wakeIntake wakes the intake when a record of a source changes. Figures that it
// writes itself change nothing about who is heard.
func (l *Local) wakeIntake(_ context.Context, e app.Event) {
	if e.Kind != isms.EventSources || e.Actor.Machine && e.Verb == "update" {
		return
	}
	select {
	case l.sourcesChanged <- struct{}{}:
	default:
	}
}

// machineIn is the product itself in a workspace.
func machineIn(ctx context.Context, workspace string) context.Context {
	return access.With(ctx, access.Actor{Name: "holdfast", Workspace: workspace, Machine: true, Via: "flow"})
}

// Settle brings the intake in line with the records.
func (h *sourceHouse) Settle(ctx context.Context) error {
	h.syncing.Lock()
	defer h.syncing.Unlock()
	spaces, err := h.l.App.Workspaces(ctx)
	if err != nil {
		return err
	}
	var wanted []intake.Source
	here := map[string]bool{}
	for _, ws := range spaces {
		list, err := app.Of[isms.EventSource](h.l.App, isms.EventSources).All(machineIn(ctx, ws.ID), kind.Query{})
		if err != nil {
			return err
		}
		for _, s := range list {
			h.know(ws.ID, s)
			here[s.ID] = true
			if s.Status != isms.SourceDisabled {
				wanted = append(wanted, intake.Source{ID: s.ID, Workspace: ws.ID, Transport: intake.Transport(s.Transport), At: s.Address,
					Token: s.Token, Certificate: s.Certificate, Senders: s.Senders, Rate: s.RateLimit})
			}
		}
	}
	h.mu.Lock()
	for id := range h.known {
		if !here[id] {
			delete(h.known, id)
		}
	}
	h.mu.Unlock()
	h.in.Use(wanted)
	return nil
}

func (h *sourceHouse) know(workspace string, s *isms.EventSource) {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := h.known[s.ID]
	if k == nil {
		k = &heardSource{workspace: workspace, seen: s.LastSeen, at: h.since}
		h.known[s.ID] = k
	}
	k.status = s.Status
}

// tell writes what was heard into the records: of sources whose state changes, of those
// that were not written for a while, and at the end of all.
func (h *sourceHouse) tell(ctx context.Context, all bool) error {
	now := h.l.App.Now()
	due := map[string][]detection.Hearing{}
	h.mu.Lock()
	for id, k := range h.known {
		st, ok := h.stateIn(k.workspace, id)
		if !ok && !all || !st.LastSeen.After(k.seen) && st.Dropped == k.dropped {
			continue
		}
		if k.status == isms.SourceActive && !all && now.Sub(k.at) < hearingEvery {
			continue
		}
		due[k.workspace] = append(due[k.workspace], detection.Hearing{SourceID: id, LastSeen: st.LastSeen, Dropped: st.Dropped - k.dropped})
		k.seen, k.dropped, k.at = st.LastSeen, st.Dropped, now
	}
	h.mu.Unlock()
	for ws, list := range due {
		for i := range list {
			counts, err := h.Rates(ctx, ws, list[i].SourceID, 24)
			if err != nil {
				return err
			}
			for _, n := range counts {
				list[i].PerDay += float64(n)
			}
		}
		if err := h.l.Detection.Heard(machineIn(ctx, ws), list); err != nil {
			return err
		}
	}
	return nil
}

// listenForSilence looks in every workspace for sources that stopped talking.
func (h *sourceHouse) listenForSilence(ctx context.Context) error {
	spaces, err := h.l.App.Workspaces(ctx)
	if err != nil {
		return err
	}
	for _, ws := range spaces {
		if _, err := h.l.Detection.Silence(machineIn(ctx, ws.ID)); err != nil {
			return err
		}
	}
	return nil
}

// State is what is known of a source since the start.
func (h *sourceHouse) State(source string) (intake.State, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := h.known[source]
	if k == nil {
		return h.in.State(source)
	}
	st, ok := h.stateIn(k.workspace, source)
	st.Dropped -= k.dropped // those are in the record
	return st, ok
}

// stateIn is the state of a source, which the store may know better: events are also
// brought by other parts of the product, and before the last restart.
func (h *sourceHouse) stateIn(workspace, source string) (intake.State, bool) {
	st, ok := h.in.State(source)
	if last := h.kept.last(h.l, workspace, source); last.After(st.LastSeen) {
		st.LastSeen = last
	}
	return st, ok
}

// keptFor is how long it is not asked again what a store holds.
const keptFor = 2 * time.Second

// A keptCache remembers for a moment when each source was last heard, by the store.
type keptCache struct {
	mu    sync.Mutex
	known map[string]keptSources // by workspace
}

type keptSources struct {
	at   time.Time
	last map[string]eventstore.SourceInfo
}

func (c *keptCache) last(l *Local, workspace, source string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := l.App.Now()
	k, ok := c.known[workspace]
	if !ok || now.Sub(k.at) > keptFor {
		k = keptSources{at: now}
		if store, err := l.Events(workspace); err == nil { // else the intake says why it cannot be opened
			if st, err := store.Stats(); err == nil {
				k.last = st.Sources
			}
		}
		if c.known == nil {
			c.known = map[string]keptSources{}
		}
		c.known[workspace] = k
	}
	return k.last[source].Last
}

// Listens is the address on which the source is served.
func (h *sourceHouse) Listens(source string) string { return h.in.Listens(source) }

// Since is when the house was opened.
func (h *sourceHouse) Since() time.Time { return h.since }

// Take keeps what somebody hands over.
func (h *sourceHouse) Take(ctx context.Context, p intake.Post) (int, bool, error) {
	n, repeated, err := h.in.Take(ctx, p)
	var busy *intake.Busy
	switch {
	case errors.Is(err, intake.ErrTooLarge):
		err = kind.Errorf(kind.TooLarge, "%v: at most %d MB; divide it", err, intake.MaxPost>>20)
	case errors.Is(err, intake.ErrUnknown):
		err = kind.Errorf(kind.Conflict, "%v", err)
	case errors.Is(err, intake.ErrReused):
		err = kind.Errorf(kind.Conflict, "%v", err)
	case errors.As(err, &busy):
		err = kind.Errorf(kind.Unavailable, "%v", err)
	}
	return n, repeated, err
}

// Certificate is that of syslog over TLS.
func (h *sourceHouse) Certificate() (pem, fingerprint string, err error) { return h.cert.public() }

// RenewCertificate makes another.
func (h *sourceHouse) RenewCertificate() error { return h.cert.renew() }

// rateFor is how long counts of events are not counted again.
const rateFor = 20 * time.Second

// A rateCache remembers the counts of events of sources for a short while: they are on
// a page that looks again and again.
type rateCache struct {
	mu    sync.Mutex
	known map[string]rated
}

type rated struct {
	at     time.Time
	lines  int64
	counts []int
}

// Rates counts the events of a source in equal parts of the last day.
func (h *sourceHouse) Rates(ctx context.Context, workspace, source string, parts int) ([]int, error) {
	st, _ := h.in.State(source)
	now := h.l.App.Now()
	h.rates.mu.Lock()
	r, ok := h.rates.known[source]
	h.rates.mu.Unlock()
	if ok && len(r.counts) == parts && (now.Sub(r.at) < rateFor || st.Lines == r.lines && now.Sub(r.at) < 10*time.Minute) {
		return r.counts, nil
	}
	counts, err := h.count(ctx, workspace, source, parts, now)
	if err != nil {
		return nil, err
	}
	h.rates.mu.Lock()
	defer h.rates.mu.Unlock()
	if h.rates.known == nil || len(h.rates.known) > 10_000 {
		h.rates.known = map[string]rated{}
	}
	h.rates.known[source] = rated{now, st.Lines, counts}
	return counts, nil
}

func (h *sourceHouse) count(ctx context.Context, workspace, source string, parts int, now time.Time) ([]int, error) {
	store, err := h.l.Events(workspace)
	if err != nil {
		return nil, err
	}
	width := 24 * time.Hour / time.Duration(parts)
	from := now.Truncate(width).Add(width).Add(-24 * time.Hour)
	found, err := store.Search(ctx, eventstore.Query{From: from, To: now.Add(time.Second), Limit: 1, Buckets: parts,
		Terms: []eventstore.Term{{Field: "source", Op: eventstore.Is, Value: source}}})
	if err != nil {
		return nil, err
	}
	counts := make([]int, parts)
	for _, b := range found.Buckets {
		counts[min(max(0, int(b.From.Sub(from)/width)), parts-1)] += b.Count
	}
	return counts, nil
}
