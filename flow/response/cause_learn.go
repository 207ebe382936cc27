package response

import (
	"context"
	"slices"
	"strings"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// LearnFromCauses is a Settler of the waist that carries what was learnt from an
// incident into the register:
//
//   - a confirmed cause re-prices the risks that it is linked with, or those that the
//     incident realised; where there is none, it drafts one;
//   - it gets a corrective action that lowers these risks, and calls into question the
//     one that was thought to have removed it before;
//   - an incident is not closed before a cause of it is confirmed;
//   - a person's new estimate of a frequency is where experience begins anew.
func (f *Flow) LearnFromCauses(ctx context.Context, changed []app.Event) error {
	for _, e := range changed {
		machine := flow.AsProduct(ctx, e.Actor)
		var err error
		switch e.Kind {
		case isms.RootCauses:
			err = f.causeChanged(machine, e)
		case isms.Incidents:
			err = f.incidentChanged(machine, e)
		case isms.Risks:
			err = f.riskChanged(machine, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// causeChanged counts anew wherever the cause is linked. What a confirmed cause
// entails happens when it is confirmed.
func (f *Flow) causeChanged(ctx context.Context, e app.Event) error {
	c := e.Record.(*isms.RootCause)
	if e.Verb == "confirm" {
		if err := f.conclude(ctx, c); err != nil {
			return err
		}
	}
	switch e.Verb {
	case "update", "create":
		return nil
	case "unlink": // which risk was let go is not told
		return f.countAll(ctx)
	}
	risks, err := f.pricedBy(ctx, c.ID)
	if err != nil {
		return err
	}
	return f.countEach(ctx, risks)
}

func (f *Flow) pricedBy(ctx context.Context, causeID string) ([]*isms.Risk, error) {
	rel, err := f.app.Relation(isms.RootCauses, "re-prices")
	if err != nil {
		return nil, err
	}
	return f.risks.Linked(ctx, rel, causeID)
}

func (f *Flow) countEach(ctx context.Context, risks []*isms.Risk) error {
	for _, r := range risks {
		if err := f.countExperience(ctx, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// countAll counts anew for every risk for which experience counted.
func (f *Flow) countAll(ctx context.Context) error {
	risks, err := f.risks.All(ctx, kind.Query{}.With("prior_from", kind.Empty, "false"))
	if err != nil {
		return err
	}
	return f.countEach(ctx, risks)
}

// incidentChanged refuses to close what nobody understood, and counts anew when an
// incident turns out to be none.
func (f *Flow) incidentChanged(ctx context.Context, e app.Event) error {
	i := e.Record.(*isms.Incident)
	switch e.Verb {
	case "close":
		return f.understood(ctx, i)
	case "dismiss", "delete", "restore":
		causes, err := f.causesOf(ctx, i.ID)
		if err != nil || len(causes) == 0 {
			return err
		}
		return f.countAll(ctx)
	}
	return nil
}

func (f *Flow) causesOf(ctx context.Context, incidentID string) ([]*isms.RootCause, error) {
	return app.Of[isms.RootCause](f.app, isms.RootCauses).All(ctx, kind.Query{Sort: "position"}.Where("incident_id", incidentID))
}

func (f *Flow) understood(ctx context.Context, i *isms.Incident) error {
	if i.Outcome == isms.ResultFalseAlarm || i.Outcome == "exercise" {
		return nil
	}
	causes, err := f.causesOf(ctx, i.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(causes, func(c *isms.RootCause) bool { return c.Status == "confirmed" || c.Status == "removed" }) {
		return nil
	}
	return kind.Errorf(kind.Conflict, "no cause of this incident is confirmed yet; ask why until one is, at /incidents/%s/causes", i.ID)
}

// riskChanged begins anew where a person entered another frequency, and counts when
// a cause was linked from the side of the risk.
func (f *Flow) riskChanged(ctx context.Context, e app.Event) error {
	if e.Actor.Machine {
		return nil
	}
	if e.Verb == "link" || e.Verb == "unlink" {
		return f.countExperience(ctx, e.ID)
	}
	before, ok := e.Before.(*isms.Risk)
	after := e.Record.(*isms.Risk)
	if !ok || after.PriorFrom == "" || before.Events == after.Events && before.EventsBare == after.EventsBare {
		return nil
	}
	r, err := f.risks.Get(ctx, e.ID)
	if err != nil {
		return err
	}
	r.EventsPrior, r.PriorFrom = *liveEvents(r), kind.DateOf(f.app.Now())
	return f.app.SaveBecause(ctx, r, "a new estimate: experience counts from today")
}

// conclude does what follows from a confirmed cause.
func (f *Flow) conclude(ctx context.Context, c *isms.RootCause) error {
	rec, err := f.app.Get(ctx, isms.Incidents, c.IncidentID)
	if err != nil {
		return err
	}
	i := rec.(*isms.Incident)
	if i.Outcome == isms.ResultFalseAlarm || i.Outcome == "exercise" {
		return nil
	}
	risks, err := f.risksOf(ctx, c, i)
	if err != nil {
		return err
	}
	again, err := f.doubtEarlier(ctx, c, i, risks)
	if err != nil || again {
		return err
	}
	return f.correct(ctx, c, i, risks)
}

// risksOf are the risks that a cause re-prices; it is linked with those that the
// incident realised, and with a new one where there is none.
func (f *Flow) risksOf(ctx context.Context, c *isms.RootCause, i *isms.Incident) ([]*isms.Risk, error) {
	risks, err := f.pricedBy(ctx, c.ID)
	if err != nil || len(risks) > 0 {
		return risks, err
	}
	rel, err := f.app.Relation(isms.Incidents, "realises")
	if err != nil {
		return nil, err
	}
	if risks, err = f.risks.Linked(ctx, rel, i.ID); err != nil {
		return nil, err
	}
	if len(risks) == 0 {
		r, err := f.riskOfIncident(ctx, i)
		if err != nil {
			return nil, err
		}
		if err := f.app.Link(ctx, isms.Incidents, i.ID, "realises", r.ID); err != nil {
			return nil, err
		}
		risks = append(risks, r)
	}
	for _, r := range risks {
		if err := f.app.Link(ctx, isms.RootCauses, c.ID, "re-prices", r.ID); err != nil {
			return nil, err
		}
	}
	return risks, nil
}

// riskOfIncident drafts the risk that an incident showed and nobody had seen. The
// same kind of incident on the same asset is the same risk.
func (f *Flow) riskOfIncident(ctx context.Context, i *isms.Incident) (*isms.Risk, error) {
	asset := ""
	where := "the organisation"
	if i.AssetID != "" {
		a, err := f.assets.Get(ctx, i.AssetID)
		if err != nil {
			return nil, err
		}
		asset, where = a.Key, a.Title
	}
	key := flow.StableKey("happened", string(i.Category), asset)
	r, err := f.risks.Get(ctx, key)
	if err == nil {
		return r, nil
	}
	if kind.CodeOf(err) != kind.NotFound {
		return nil, err
	}
	r = &isms.Risk{Base: isms.Base{Key: key, Title: prose.Cut(incidentWord(i.Category)+" again: "+where, 300), Origin: "engine"},
		AssetID: i.AssetID, ActorID: i.ActorID, Impacts: i.Impacts, OwnerID: i.LeadID, LossResponse: costOf(i),
		Description: isms.Markdown("Seen for the first time as “" + i.Title + "”. Proposed by the product from its root cause; complete the loss of one event.")}
	return r, f.app.SaveBecause(ctx, r, "no risk described what happened in “"+i.Title+"”")
}

func incidentWord(t isms.IncidentType) string {
	if c := isms.Incidents.Field("category").Choice(string(t)); c.Label != "" {
		return c.Label
	}
	return kind.Humanise(string(t))
}

// costOf is the loss of one such event: what is expected of this one, or half to
// twice of what it has cost so far.
func costOf(i *isms.Incident) kind.Range {
	if !i.CostExpected.IsZero() {
		return i.CostExpected
	}
	c := i.CostSoFar.Float()
	return kind.Range{Low: c / 2, High: 2 * c}
}

// correctionDays is how long a corrective action may take, by the severity of the
// incident.
var correctionDays = map[isms.Severity]int{isms.SeverityCritical: 14, isms.SeverityHigh: 30, isms.SeverityMedium: 60}

// correct proposes the corrective action of a cause, once.
func (f *Flow) correct(ctx context.Context, c *isms.RootCause, i *isms.Incident, risks []*isms.Risk) error {
	repo := app.Of[isms.CorrectiveAction](f.app, isms.CorrectiveActions)
	have, err := repo.List(ctx, kind.Query{Limit: 1}.Where("root_cause_id", c.ID))
	if err != nil || len(have) > 0 {
		return err
	}
	days := correctionDays[i.Severity]
	if days == 0 {
		days = 90
	}
	a := &isms.CorrectiveAction{Base: isms.Base{Title: prose.Cut("Remove the cause: "+c.Title, 300), Origin: "engine"}, RootCauseID: c.ID, OwnerID: prose.FirstOf(c.OwnerID, i.LeadID),
		Due: kind.DateOf(f.app.Now().AddDate(0, 0, days)), Cause: c.Explanation,
		Action:   isms.Markdown("Remove what made “" + i.Title + "” possible: " + strings.TrimSpace(string(c.Explanation))),
		CheckHow: "Nothing with this cause has happened since it was done, and a test shows that it could not."}
	if err := f.app.SaveBecause(ctx, a, "the cause was confirmed"); err != nil {
		return err
	}
	for _, r := range risks {
		if err := f.app.Link(ctx, isms.CorrectiveActions, a.ID, "lowers", r.ID); err != nil {
			return err
		}
	}
	past, err := f.far(ctx, isms.RootCauses, "past", []string{c.ID})
	if err != nil {
		return err
	}
	for _, s := range past[c.ID] {
		if err := f.app.Link(ctx, isms.CorrectiveActions, a.ID, "improves", s.ID); err != nil {
			return err
		}
	}
	return nil
}
