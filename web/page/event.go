package page

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/eventstore"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// readsEvents: whoever investigates.
func readsEvents(a access.Actor) bool { return a.MayReadEvents() }

// eventSpans are the times that can be chosen, the first by default.
var eventSpans = []struct {
	name, label string
	back        time.Duration
}{
	{"24h", "24 hours", 24 * time.Hour}, {"1h", "Hour", time.Hour}, {"15m", "15 minutes", 15 * time.Minute},
	{"7d", "7 days", 7 * 24 * time.Hour}, {"30d", "30 days", 30 * 24 * time.Hour}, {"all", "All", 0},
}

// eventFacets are the columns whose values are offered, by their short names.
var eventFacets = []struct{ name, label string }{
	{"source", "Source"}, {"host", "Host"}, {"user", "User"}, {"src", "From"}, {"service", "Service"}, {"activity", "Activity"}, {"status", "Outcome"},
}

// How many rows and bars are shown.
const (
	eventRows    = 50
	eventBars    = 60
	eventLetters = 180 // of a line in the table
)

// An eventsView is a search in the events.
type eventsView struct {
	*web.Request
	text    string // what was typed
	span    string
	live    bool
	q       eventstore.Query
	wrong   string // why it cannot be searched
	result  eventstore.Result
	any     bool                         // there are events at all
	sources map[string]*isms.EventSource // by id
	count   int64
	size    int64
}

// events is the page on which events are searched.
func (c Config) events(r *web.Request) error {
	v := &eventsView{Request: r, text: r.FormValue("q"), span: cmp.Or(r.FormValue("span"), eventSpans[0].name), live: r.FormValue("live") != ""}
	s, err := c.eventStore(r)
	if err != nil {
		return err
	}
	if err := v.know(s); err != nil {
		return err
	}
	reader, err := c.eventReader(r)
	if err != nil {
		return err
	}
	if err := v.search(reader); err != nil {
		return err
	}
	if r.Fragment() && v.live {
		return r.RenderPart(eventsFound(v))
	}
	r.Wide()
	return r.Render("Events", eventsBody(v))
}

func (c Config) eventStore(r *web.Request) (*eventstore.Store, error) {
	if c.Events == nil {
		return nil, kind.Errorf(kind.Unavailable, "events are not kept here")
	}
	return c.Events(r.Actor.Workspace)
}

// eventReader is what is searched: the store, or what looks further.
func (c Config) eventReader(r *web.Request) (eventstore.Reader, error) {
	if c.EventReader == nil {
		return c.eventStore(r)
	}
	return c.EventReader(r.Actor.Workspace)
}

// know reads what the page says beside the search.
func (v *eventsView) know(s *eventstore.Store) error {
	st, err := s.Stats()
	if err != nil {
		return err
	}
	v.any, v.count, v.size = st.Count > 0, st.Count, st.Size
	v.sources, err = sourcesByID(v.Request)
	return err
}

func sourcesByID(r *web.Request) (map[string]*isms.EventSource, error) {
	list, err := app.Of[isms.EventSource](r.App(), isms.EventSources).All(r.Ctx(), kind.Query{})
	if err != nil {
		return nil, err
	}
	byID := map[string]*isms.EventSource{}
	for _, s := range list {
		byID[s.ID] = s
	}
	return byID, nil
}

// search asks the store. What cannot be understood is said on the page.
func (v *eventsView) search(s eventstore.Reader) error {
	var err error
	if v.q, err = eventstore.ParseQuery(v.text, v.Format.Time(v.Now())); err != nil {
		v.wrong = err.Error()
		return nil
	}
	v.limitTime()
	v.q.Limit, v.q.Buckets = eventRows, eventBars
	for _, f := range eventFacets {
		v.q.Facets = append(v.q.Facets, f.name)
	}
	if after := v.FormValue("after"); after != "" {
		if v.q.After, err = readMarker(after); err != nil {
			return err
		}
	}
	v.result, err = s.Search(v.Ctx(), v.q)
	return err
}

// limitTime applies the chosen span, unless the search names a time itself.
func (v *eventsView) limitTime() {
	if !v.q.From.IsZero() || !v.q.To.IsZero() {
		v.span = ""
		return
	}
	for _, s := range eventSpans {
		if s.name == v.span && s.back > 0 {
			v.q.From = v.Now().Add(-s.back).UTC()
		}
	}
}

// A marker is written as microseconds and position.
func markerText(m eventstore.Marker) string {
	return fmt.Sprintf("%d-%d", m.Time.UnixMicro(), m.Position)
}

func readMarker(text string) (*eventstore.Marker, error) {
	var at int64
	var p eventstore.Position
	if _, err := fmt.Sscanf(text, "%d-%d", &at, &p); err != nil {
		return nil, kind.Fieldf("after", "%q is no place in a list of events", text)
	}
	return &eventstore.Marker{Time: time.UnixMicro(at).UTC(), Position: p}, nil
}

// An eventView is one event.
type eventView struct {
	*web.Request
	hit    eventstore.Hit
	source *isms.EventSource // nil: it is gone
	may    bool              // keep it as evidence
}

func (c Config) eventAt(r *web.Request) (*eventView, error) {
	p, err := strconv.ParseUint(r.PathValue("position"), 10, 64)
	if err != nil {
		return nil, kind.Errorf(kind.NotFound, "there is no event %q", r.PathValue("position"))
	}
	s, err := c.eventReader(r)
	if err != nil {
		return nil, err
	}
	v := &eventView{Request: r, may: r.MaySome(kind.Write, isms.Evidences)}
	if v.hit, err = s.At(r.Ctx(), eventstore.Position(p)); err != nil {
		return nil, err
	}
	if v.source, err = app.Of[isms.EventSource](r.App(), isms.EventSources).Get(r.Ctx(), v.hit.Event.Source); kind.CodeOf(err) == kind.NotFound || v.hit.Event.Source == "" {
		v.source, err = nil, nil
	}
	return v, err
}

// event shows one event: what it says in our words, in those of its product, and as it
// arrived.
func (c Config) event(r *web.Request) error {
	v, err := c.eventAt(r)
	if err != nil {
		return err
	}
	r.Crumbs(ui.Crumb{Label: "Events", Href: "/events"})
	return r.Render("Event "+r.PathValue("position"), eventBody(v))
}

// eventRaw is the whole line, to keep; it is never shown as a page.
func (c Config) eventRaw(r *web.Request) error {
	v, err := c.eventAt(r)
	if err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="event-%d.log"`, v.hit.Position))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if _, err := r.W.Write(v.hit.Event.Raw); err != nil {
		panic(http.ErrAbortHandler) // a line that broke off must not pass for a whole one
	}
	return nil
}

// keepEvent makes evidence of an event: it stays when the event is dropped.
func (c Config) keepEvent(r *web.Request) error {
	v, err := c.eventAt(r)
	if err != nil {
		return err
	}
	e := &isms.Evidence{
		Base: isms.Base{Title: fmt.Sprintf("Event %d: %s", v.hit.Position, plainly(v.title(), 80))}, Source: "measured",
		At: v.hit.Event.Time, Statement: kind.Markdown(v.statement()),
	}
	if v.source != nil {
		e.AssetID = v.source.AssetID
	}
	if err := r.App().Save(r.Ctx(), e); err != nil {
		return err
	}
	name := fmt.Sprintf("event-%d.log", v.hit.Position)
	notice := ui.ToastProps{Text: "The event is kept as evidence, with its line as a file.", Tone: ui.Positive}
	if _, err := c.Flow.AttachFile(r.Ctx(), isms.Evidences.Name, e.ID, name, bytes.NewReader(v.hit.Event.Raw)); err != nil {
		notice = ui.ToastProps{Text: "The event is kept as evidence; its line could not be kept as a file: " + err.Error(), Tone: ui.Attention}
	}
	return r.Redirect(web.RecordURL(isms.Evidences, e.ID), notice)
}
