package response

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// An IncidentCall is what is known when somebody, or an alarm, calls something an
// incident. A title or one alert is enough; what is empty is guessed from the asset,
// the alerts and the trap, and the timeline says how.
type IncidentCall struct {
	Title      string
	Category   isms.IncidentType
	Severity   isms.Severity
	AssetID    string   // id or key
	AlertIDs   []string // the alerts that it is made of
	TrapID     string   // the trap that was touched
	ConcernID  string   // the report of something odd that it follows up
	PlaybookID string
	LeadID     string // empty: the person who declares it, else the security lead
	DetectedAt time.Time
	StartedAt  time.Time
	Summary    isms.Markdown
	Exercise   bool // it is only played
}

// DeclareIncident opens an incident and returns its id. It is idempotent: an alert
// that is part of an open incident opens no second one, and an open incident of the
// same story (see storyOf) takes further alerts and traps in; then only its severity
// may rise. By hand, the same title on the same asset is the same incident while it
// is open. Everything happens in one transaction or not at all.
//
// The actor needs the right to write incidents; the product itself has it.
func (f *Flow) DeclareIncident(ctx context.Context, call IncidentCall) (id string, err error) {
	err = f.app.Atomic(ctx, func(ctx context.Context) error {
		id, err = f.declare(ctx, call)
		return err
	})
	return id, err
}

func (f *Flow) declare(ctx context.Context, call IncidentCall) (string, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	if actor.May(kind.Write, isms.Incidents) != access.All {
		return "", actor.Refuse(kind.Write, isms.Incidents)
	}
	g, err := f.groundsOf(ctx, call)
	if err != nil {
		return "", err
	}
	if open, err := f.openStory(ctx, g); err != nil || open != nil {
		if err != nil {
			return "", err
		}
		return open.ID, f.takeIn(ctx, open, g)
	}
	inc, err := f.newIncident(ctx, actor, g)
	if err != nil {
		return "", err
	}
	if err := f.app.SaveBecause(ctx, inc, g.because()); err != nil {
		return "", err
	}
	return inc.ID, f.attach(ctx, inc, g)
}

func (f *Flow) incidents() app.Repo[isms.Incident] {
	return app.Of[isms.Incident](f.app, isms.Incidents)
}

// newIncident is the record as it is declared.
func (f *Flow) newIncident(ctx context.Context, actor access.Actor, g *grounds) (*isms.Incident, error) {
	now := f.app.Now()
	inc := &isms.Incident{
		Base:       isms.Base{Title: prose.Cut(prose.Clean(g.title()), 300)},
		Phase:      isms.IncidentDetect,
		Category:   g.category(),
		AssetID:    g.assetID(),
		LeadID:     g.call.LeadID,
		DeclaredAt: now, DetectedAt: g.detected(now), StartedAt: g.started(),
		Summary: g.call.Summary, Techniques: g.techniques(),
	}
	if inc.Title == "" {
		return nil, kind.Fieldf("title", "say in a few words what happened")
	}
	if g.call.Exercise {
		inc.Outcome = "exercise"
	}
	if inc.StartedAt.After(inc.DetectedAt) {
		inc.StartedAt = inc.DetectedAt
	}
	me, err := f.inRegister(ctx, actor.ID)
	if err != nil {
		return nil, err
	}
	inc.LeadID = cmp.Or(inc.LeadID, me, f.securityLead(ctx))
	playbook, err := f.playbookFor(ctx, g, inc.Category)
	if err != nil {
		return nil, err
	}
	if playbook != nil {
		inc.PlaybookID, g.playbook = playbook.ID, playbook
	}
	inc.Severity = g.severity()
	inc.PhaseDue = now.Add(phaseBudget(isms.IncidentDetect, inc.Severity, playbook))
	return inc, nil
}

// securityLead is who runs the security management; empty when nobody is named.
func (f *Flow) securityLead(ctx context.Context) string {
	o, err := f.organisation(ctx)
	if err != nil || o == nil {
		return ""
	}
	return o.SecurityLeadID
}

// takeIn adds the grounds of a further call to an open incident.
func (f *Flow) takeIn(ctx context.Context, inc *isms.Incident, g *grounds) error {
	inc, err := f.incidents().Get(ctx, inc.ID)
	if err != nil {
		return err
	}
	rise := severityRank(g.severity()) > severityRank(inc.Severity) && inc.Severity != ""
	if rise {
		inc.Severity = g.severity()
	}
	for _, t := range g.techniques() {
		if !slices.Contains(inc.Techniques, t) {
			inc.Techniques = append(inc.Techniques, t)
		}
	}
	if inc.AssetID == "" {
		inc.AssetID = g.assetID()
	}
	if err := f.app.SaveBecause(ctx, inc, g.because()); err != nil {
		return err
	}
	return f.attach(ctx, inc, g)
}

// attach joins the incident with what it was declared for: its alerts become part
// of it, the report of something odd is serious, and every asset is affected.
func (f *Flow) attach(ctx context.Context, inc *isms.Incident, g *grounds) error {
	for _, a := range g.alerts {
		if err := f.escalate(ctx, a, inc.ID); err != nil {
			return fmt.Errorf("alert %s: %w", a.Key, err)
		}
	}
	if g.concern != nil && g.concern.IncidentID != inc.ID {
		if err := f.joinConcern(ctx, g.concern.ID, inc.ID); err != nil {
			return err
		}
	}
	if g.concern != nil && (g.concern.Status == "reported" || g.concern.Status == "checking") {
		if _, err := f.app.Do(flow.AsIfProduct(ctx), isms.Concerns, g.concern.ID, "confirm", 0, kind.Input{Reason: "became the incident " + inc.Title}); err != nil {
			return err
		}
	}
	for _, id := range g.assetIDs() {
		if err := f.app.Link(ctx, isms.Incidents, inc.ID, "affects", id); err != nil {
			return err
		}
	}
	return nil
}

// joinConcern names the incident in the report that it follows up.
func (f *Flow) joinConcern(ctx context.Context, concernID, incidentID string) error {
	c, err := app.Of[isms.Concern](f.app, isms.Concerns).Get(ctx, concernID)
	if err != nil {
		return err
	}
	c.IncidentID = incidentID
	return f.app.Save(flow.AsIfProduct(ctx), c)
}

// escalate makes an alert part of the incident. What is part of it already stays as
// it is.
func (f *Flow) escalate(ctx context.Context, a *isms.Alert, incidentID string) error {
	a, err := app.Of[isms.Alert](f.app, isms.Alerts).Get(ctx, a.ID)
	if err != nil {
		return err
	}
	if a.IncidentID != incidentID {
		a.IncidentID = incidentID
		if err := f.app.Save(ctx, a); err != nil {
			return err
		}
	}
	switch a.Status {
	case isms.AlertNew, isms.AlertAcknowledged, isms.AlertSuppressed:
		_, err = f.app.Do(ctx, isms.Alerts, a.ID, "escalate", 0, kind.Input{})
	}
	return err
}

// budgets are the minutes that each phase may take when no playbook says otherwise:
// our own proposal by severity, critical to low.
var budgets = map[isms.IncidentPhase]map[isms.Severity]int{
	isms.IncidentDetect:    {isms.SeverityCritical: 30, isms.SeverityHigh: 60, isms.SeverityMedium: 4 * 60, isms.SeverityLow: 24 * 60},
	isms.IncidentContain:   {isms.SeverityCritical: 2 * 60, isms.SeverityHigh: 4 * 60, isms.SeverityMedium: 12 * 60, isms.SeverityLow: 48 * 60},
	isms.IncidentEradicate: {isms.SeverityCritical: 12 * 60, isms.SeverityHigh: 24 * 60, isms.SeverityMedium: 72 * 60, isms.SeverityLow: 7 * 24 * 60},
	isms.IncidentRecover:   {isms.SeverityCritical: 24 * 60, isms.SeverityHigh: 48 * 60, isms.SeverityMedium: 5 * 24 * 60, isms.SeverityLow: 14 * 24 * 60},
	isms.IncidentLearn:     {isms.SeverityCritical: 10 * 24 * 60, isms.SeverityHigh: 14 * 24 * 60, isms.SeverityMedium: 21 * 24 * 60, isms.SeverityLow: 30 * 24 * 60},
}

// phaseBudget is how long a phase may take: what the playbook plans, else what is
// usual for the severity; 0 for a closed incident.
func phaseBudget(phase isms.IncidentPhase, s isms.Severity, p *isms.Playbook) time.Duration {
	planned := 0
	if p != nil {
		planned = map[isms.IncidentPhase]int{isms.IncidentContain: p.Contain, isms.IncidentEradicate: p.Eradicate, isms.IncidentRecover: p.Recover}[phase]
	}
	usual := budgets[phase][s]
	if usual == 0 {
		usual = budgets[phase][isms.SeverityMedium]
	}
	return time.Duration(cmp.Or(planned, usual)) * time.Minute
}

// severities from nothing to worst.
var severities = []isms.Severity{"", isms.SeverityNone, isms.SeverityLow, isms.SeverityMedium, isms.SeverityHigh, isms.SeverityCritical}

func severityRank(s isms.Severity) int { return slices.Index(severities, s) }

func worstSeverity(a, b isms.Severity) isms.Severity {
	return severities[max(severityRank(a), severityRank(b))]
}
