package detection

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// The jobs by which people are called about alerts.
const (
	JobCall       = "call"       // one alert by one route
	JobUnanswered = "unanswered" // looks whether somebody answered, and calls the next
)

// A Call is what these jobs are told.
type Call struct {
	AlertID string   `json:"alert"`
	RouteID string   `json:"route"`
	Called  []string `json:"called,omitempty"` // recipients that were called about it before
	Again   bool     `json:"again,omitempty"`  // nobody answered the route before
}

// A CallPlan is a call made ready: to whom, by what means, about what.
type CallPlan struct {
	Route     *isms.AlertRoute
	Alert     *isms.Alert
	Asset     *isms.Asset // nil: none is known
	Recipient string
	Again     bool
}

// callAge is the age of an event beyond which nobody is called about it any more: what is
// imported from elsewhere is history.
const callAge = 24 * time.Hour

// callAbout asks for the calls that an alert deserves. A route that comes next behind
// another one waits for its turn. Nobody is called twice by the same means.
func (f *Flow) callAbout(ctx context.Context, a *isms.Alert) error {
	if a.Verdict == "test" || !unanswered(a) || f.app.Now().Sub(a.LastSeen) > callAge {
		return nil
	}
	routes, err := f.routesFor(ctx, a)
	if err != nil {
		return err
	}
	later := map[string]bool{}
	for _, r := range routes {
		later[r.NextID] = later[r.NextID] || r.EscalateAfter > 0
	}
	var due []*isms.AlertRoute
	var called []string
	for _, r := range routes {
		to, err := f.recipient(ctx, r)
		if err != nil {
			return err
		}
		if !later[r.ID] && to != "" && !slices.Contains(called, to) {
			due, called = append(due, r), append(called, to)
		}
	}
	for i, r := range due {
		others := slices.Delete(slices.Clone(called), i, i+1)
		if err := f.planCall(ctx, a, r, Call{AlertID: a.ID, RouteID: r.ID, Called: others}); err != nil {
			return err
		}
	}
	return nil
}

// routesFor lists the routes in use that take the alert.
func (f *Flow) routesFor(ctx context.Context, a *isms.Alert) ([]*isms.AlertRoute, error) {
	all, err := app.Of[isms.AlertRoute](f.app, isms.AlertRoutes).All(ctx, kind.Query{Sort: "created_at"}.Where("status", "active"))
	if err != nil {
		return nil, err
	}
	zone := ""
	if a.AssetID != "" {
		asset, err := f.assets.Get(ctx, a.AssetID)
		if err != nil {
			return nil, err
		}
		zone = asset.Zone
	}
	return slices.DeleteFunc(all, func(r *isms.AlertRoute) bool {
		return gravity(a.Severity) < gravity(r.MinSeverity) || r.Zone != "" && !strings.EqualFold(r.Zone, zone)
	}), nil
}

// recipient is whom a route reaches, with its means: "mail to aoife@example.org". It is
// empty when there is no address.
func (f *Flow) recipient(ctx context.Context, r *isms.AlertRoute) (string, error) {
	address, err := f.routeAddress(ctx, r)
	if address == "" || err != nil {
		return "", err
	}
	return string(r.Channel) + " to " + address, nil
}

// routeAddress is the address of the route, of its person, or of its team.
func (f *Flow) routeAddress(ctx context.Context, r *isms.AlertRoute) (string, error) {
	if r.Address != "" {
		return r.Address, nil
	}
	if r.PersonID != "" {
		p, err := app.Of[isms.Person](f.app, isms.People).Get(ctx, r.PersonID)
		if err != nil || p.Email != "" {
			return address(p, err)
		}
	}
	if r.TeamID == "" {
		return "", nil
	}
	t, err := app.Of[isms.Team](f.app, isms.Teams).Get(ctx, r.TeamID)
	if err != nil {
		return "", err
	}
	return t.Email, nil
}

func address(p *isms.Person, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return p.Email, nil
}

// planCall asks for one call, and for the look whether it was answered.
func (f *Flow) planCall(ctx context.Context, a *isms.Alert, r *isms.AlertRoute, call Call) error {
	at, err := f.callTime(ctx, a.Severity, r)
	if err != nil {
		return err
	}
	title := prose.Cut(fmt.Sprintf("Call by %s about “%s”", r.Channel, a.Title), 200)
	once := a.ID + " " + r.ID
	if _, err := f.app.Enqueue(ctx, app.Request{Name: JobCall, Title: title, Payload: call, Once: once, At: at}); err != nil {
		return err
	}
	if r.EscalateAfter <= 0 || r.NextID == "" {
		return nil
	}
	_, err = f.app.Enqueue(ctx, app.Request{Name: JobUnanswered, Title: prose.Cut("Look whether somebody answers “"+a.Title+"”", 200),
		Payload: call, Once: once, At: at.Add(time.Duration(r.EscalateAfter) * time.Minute)})
	return err
}

// callTime is when a call may be made: now, or, in the quiet hours of the route, when
// they end; what is critical does not wait.
func (f *Flow) callTime(ctx context.Context, s isms.Severity, r *isms.AlertRoute) (time.Time, error) {
	now := f.app.Now()
	if s == isms.SeverityCritical || r.QuietFrom == "" {
		return now, nil
	}
	zone, err := f.zone(ctx)
	if err != nil {
		return now, err
	}
	return quietUntil(now.In(zone), r.QuietFrom, r.QuietUntil).UTC(), nil
}

// zone is the time zone of the organisation; UTC when nobody has named one.
func (f *Flow) zone(ctx context.Context) (*time.Location, error) {
	page, err := f.app.List(ctx, isms.Organisations, kind.Query{Sort: "created_at", Limit: 1})
	if err != nil || len(page.Records) == 0 {
		return time.UTC, err
	}
	zone, err := time.LoadLocation(page.Records[0].(*isms.Organisation).TimeZone)
	if err != nil {
		return time.UTC, nil //nolint:nilerr // a zone that this machine does not know must not silence the alarm
	}
	return zone, nil
}

// quietUntil is the moment itself, or the end of the quiet hours in which it lies. Hours
// are those of the wall clock, over midnight where the end comes before the beginning.
func quietUntil(at time.Time, from, until string) time.Time {
	day := func(clock string, days int) time.Time {
		var h, m int
		if _, err := fmt.Sscanf(clock, "%d:%d", &h, &m); err != nil {
			return at
		}
		return time.Date(at.Year(), at.Month(), at.Day()+days, h, m, 0, 0, at.Location())
	}
	for _, days := range []int{-1, 0} {
		begin, end := day(from, days), day(until, days)
		if !end.After(begin) {
			end = day(until, days+1)
		}
		if !at.Before(begin) && at.Before(end) {
			return end
		}
	}
	return at
}

// unanswered tells whether nobody has taken an alert on yet.
func unanswered(a *isms.Alert) bool {
	return a.DeletedAt.IsZero() && (a.Status == isms.AlertNew || a.Status == isms.AlertEscalated && a.OwnerID == "")
}

// PrepareCall makes a call ready. The plan is nil when it is not needed any more: somebody
// has answered, the route is paused, or it reaches nobody.
func (f *Flow) PrepareCall(ctx context.Context, c Call) (*CallPlan, error) {
	a, err := f.alerts().Get(ctx, c.AlertID)
	if err != nil || !unanswered(a) {
		return nil, ignoreMissing(err)
	}
	r, err := app.Of[isms.AlertRoute](f.app, isms.AlertRoutes).Get(ctx, c.RouteID)
	if err != nil || r.Status != "active" || !r.DeletedAt.IsZero() {
		return nil, ignoreMissing(err)
	}
	to, err := f.routeAddress(ctx, r)
	if err != nil || to == "" {
		return nil, err
	}
	p := &CallPlan{Route: r, Alert: a, Recipient: to, Again: c.Again}
	return p, find(ctx, f, isms.Assets, a.AssetID, &p.Asset)
}

func ignoreMissing(err error) error {
	if kind.CodeOf(err) == kind.NotFound {
		return nil
	}
	return err
}

// NoteCall keeps the book of an attempt: the route counts failures in a row, and a call
// that arrived is told at the alert.
func (f *Flow) NoteCall(ctx context.Context, p *CallPlan, failed error) error {
	return f.app.Atomic(ctx, func(ctx context.Context) error {
		if err := f.noteRoute(ctx, p.Route.ID, failed); err != nil || failed != nil {
			return err
		}
		text := fmt.Sprintf("Called by %s: %s (route “%s”).", p.Route.Channel, p.Recipient, p.Route.Title)
		c := &isms.Comment{Base: isms.Base{Title: prose.Cut(text, 100), Origin: "engine"}, SubjectKind: isms.Alerts.Name, SubjectID: p.Alert.ID, Text: isms.Markdown(text)}
		return f.app.Save(ctx, c)
	})
}

func (f *Flow) noteRoute(ctx context.Context, id string, failed error) error {
	routes := app.Of[isms.AlertRoute](f.app, isms.AlertRoutes)
	r, err := routes.Get(ctx, id)
	if err != nil {
		return ignoreMissing(err)
	}
	if failed != nil {
		r.Failures++
		return f.app.SaveBecause(ctx, r, prose.Cut(prose.Clean("did not arrive: "+failed.Error()), 300))
	}
	r.Failures, r.LastUsed = 0, f.app.Now()
	return routes.Save(ctx, r)
}

// CallNext calls the next route when nobody has answered; it tells whether it did. A
// recipient who was called before, and a route that was in the chain, is not called again.
func (f *Flow) CallNext(ctx context.Context, c Call) (bool, error) {
	a, err := f.alerts().Get(ctx, c.AlertID)
	if err != nil || !unanswered(a) {
		return false, ignoreMissing(err)
	}
	routes := app.Of[isms.AlertRoute](f.app, isms.AlertRoutes)
	called, next := c.Called, c.RouteID
	for range maxChain {
		r, err := routes.Get(ctx, next)
		if err != nil {
			return false, ignoreMissing(err)
		}
		was, err := f.recipient(ctx, r)
		if err != nil {
			return false, err
		}
		called = append(slices.Clone(called), was)
		if next = r.NextID; next == "" {
			return false, nil
		}
		then, err := routes.Get(ctx, next)
		if err != nil {
			return false, ignoreMissing(err)
		}
		to, err := f.recipient(ctx, then)
		if err != nil {
			return false, err
		}
		if then.Status == "active" && to != "" && !slices.Contains(called, to) {
			return true, f.planCall(ctx, a, then, Call{AlertID: a.ID, RouteID: then.ID, Called: called, Again: true})
		}
	}
	return false, nil
}

// maxChain bounds how many routes are skipped because they would call somebody again.
const maxChain = 20

// CallText is a call in words: a line for a list or a phone, and the text below it.
func (p *CallPlan) CallText() (subject, text string) {
	a := p.Alert
	subject = fmt.Sprintf("[%s] %s", a.Severity, a.Title)
	if p.Again {
		subject = "Nobody has answered: " + subject
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", prose.Sentence(a.Title))
	fmt.Fprintf(&b, "Why it matters: %s\n\n", cmp.Or(string(a.Why), "nothing is known of the place"))
	fmt.Fprintf(&b, "First: %s\n\n", a.FirstStep)
	fmt.Fprintf(&b, "Severity %s, score %.0f of 100, %s", a.Severity, a.Score, prose.Plural(a.Count, "event", "events"))
	if a.Actor != "" {
		fmt.Fprintf(&b, ", from %s", a.Actor)
	}
	fmt.Fprintf(&b, ", last at %s UTC.\n", a.LastSeen.UTC().Format(time.DateTime))
	return prose.Cut(subject, 200), b.String()
}

// JobTryRoute sends a test over a route.
const JobTryRoute = "try-route"

// TryRoute asks for a test message over a route and tells the job that sends it. Whoever
// may change routes may try them.
func (f *Flow) TryRoute(ctx context.Context, routeIDOrKey string) (jobID string, err error) {
	actor, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	if actor.May(kind.Write, isms.AlertRoutes) != access.All {
		return "", actor.Refuse(kind.Write, isms.AlertRoutes)
	}
	r, err := app.Of[isms.AlertRoute](f.app, isms.AlertRoutes).Get(ctx, routeIDOrKey)
	if err != nil {
		return "", err
	}
	return f.app.Enqueue(ctx, app.Request{Name: JobTryRoute, Title: prose.Cut("Send a test over “"+r.Title+"”", 200), Payload: Call{RouteID: r.ID}, Once: r.ID})
}

// PrepareTrial makes a test of a route ready.
func (f *Flow) PrepareTrial(ctx context.Context, routeID string) (*CallPlan, error) {
	r, err := app.Of[isms.AlertRoute](f.app, isms.AlertRoutes).Get(ctx, routeID)
	if err != nil {
		return nil, err
	}
	to, err := f.routeAddress(ctx, r)
	if err != nil {
		return nil, err
	}
	if to == "" {
		return nil, kind.Fieldf("address", "is missing, and neither the person nor the team has one")
	}
	return &CallPlan{Route: r, Recipient: to}, nil
}

// NoteTrial keeps the book of a test of a route.
func (f *Flow) NoteTrial(ctx context.Context, routeID string, failed error) error {
	return f.noteRoute(ctx, routeID, failed)
}
