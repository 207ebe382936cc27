package response

import (
	"context"
	"fmt"
	"time"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A RestoreChoice is to which copy an asset is brought back after an intrusion: the
// newest one from before it that was restored and found good.
type RestoreChoice struct {
	Asset     flow.Named      `json:"asset"`
	Incident  *flow.Named     `json:"incident,omitempty"`
	Intrusion time.Time       `json:"intrusion"`  // from when on copies are not trusted
	Why       string          `json:"why"`        // where that moment comes from
	Chosen    *RestoreOption  `json:"chosen"`     // nil: there is none to trust
	TryFirst  *RestoreOption  `json:"try_first"`  // newer than the chosen, from before the intrusion, but never restored
	Options   []RestoreOption `json:"options"`    // all copies, newest first
	LostHours float64         `json:"lost_hours"` // work between the chosen copy and the intrusion
	Minutes   int             `json:"minutes"`    // the restore took the last time; 0: not measured
	Advice    string          `json:"advice"`
}

// A RestoreOption is one copy with what is to be said of it.
type RestoreOption struct {
	Point   *isms.RestorePoint `json:"-"`
	Record  flow.Named         `json:"point"`
	Taken   time.Time          `json:"taken"`
	Verdict string             `json:"verdict"` // one of the words below
	Why     string             `json:"why"`
}

// The verdicts on a copy.
const (
	PointGood       = "good"       // from before, and verified
	PointUnverified = "unverified" // from before, never restored
	PointTainted    = "tainted"    // from after
	PointFailed     = "failed"
)

// ChooseRestore finds the restore point of an asset (id or key) for an incident (id
// or key). Without an incident, before is the moment of the intrusion. It writes
// nothing: TaintAfter does.
func (f *Flow) ChooseRestore(ctx context.Context, asset, incident string, before time.Time) (*RestoreChoice, error) {
	a, err := f.assets.Get(ctx, asset)
	if err != nil {
		return nil, err
	}
	c := &RestoreChoice{Asset: flow.NamedOf("asset", &a.Base, ""), Intrusion: before, Why: "The moment that was given."}
	if incident != "" {
		rec, err := f.app.Get(ctx, isms.Incidents, incident)
		if err != nil {
			return nil, err
		}
		c.of(rec.(*isms.Incident))
	}
	if c.Intrusion.IsZero() {
		return nil, kind.Fieldf("before", "say since when copies are not trusted: name an incident whose beginning is known, or a moment")
	}
	s := f.survey(ctx)
	line := s.backupLines()[a.ID]
	if s.Err != nil {
		return nil, s.Err
	}
	if line != nil {
		for _, p := range line.Points {
			c.add(p)
		}
	}
	c.advise()
	return c, nil
}

// of takes the moment from the incident: when the attack began, else, with a
// warning, when it was noticed.
func (c *RestoreChoice) of(i *isms.Incident) {
	n := flow.NamedOf("incident", &i.Base, "")
	c.Incident = &n
	switch {
	case !c.Intrusion.IsZero():
	case !i.StartedAt.IsZero():
		c.Intrusion, c.Why = i.StartedAt, "When the attack began, as the incident says."
	case !i.DetectedAt.IsZero():
		c.Intrusion, c.Why = i.DetectedAt, "Nobody knows yet when the attack began; this is when it was noticed. They were in before: look for the first trace, and choose again."
	default:
		c.Intrusion, c.Why = i.DeclaredAt, "Nobody knows yet when the attack began; this is when the incident was declared. Look for the first trace, and choose again."
	}
}

func (c *RestoreChoice) add(p *isms.RestorePoint) {
	o := RestoreOption{Point: p, Record: flow.NamedOf("restore_point", &p.Base, ""), Taken: p.TakenAt}
	switch {
	case p.Status == "failed":
		o.Verdict, o.Why = PointFailed, "It could not be restored: "+orElse(string(p.Result), "nobody wrote down why")+"."
	case p.Status == "tainted":
		o.Verdict, o.Why = PointTainted, orElse(string(p.Result), "Marked as tainted")+"."
	case !p.TakenAt.Before(c.Intrusion):
		o.Verdict, o.Why = PointTainted, fmt.Sprintf("Taken %s after they came in: it would bring them back.", lasting(p.TakenAt.Sub(c.Intrusion).Hours()))
	case p.Status == "verified":
		o.Verdict, o.Why = PointGood, "Restored and found good on "+string(kind.DateOf(p.VerifiedAt))+"."
	default:
		o.Verdict, o.Why = PointUnverified, "From before, but nobody has restored it yet: it counts only after a try."
	}
	c.Options = append(c.Options, o)
	switch at := &c.Options[len(c.Options)-1]; {
	case at.Verdict == PointGood && c.Chosen == nil:
		chosen := *at
		c.Chosen = &chosen
	case at.Verdict == PointUnverified && c.TryFirst == nil && c.Chosen == nil:
		first := *at
		c.TryFirst = &first
	}
}

func (c *RestoreChoice) advise() {
	switch {
	case c.Chosen == nil && c.TryFirst == nil:
		c.Advice = "There is no copy to trust. Build anew from sources, and take over data only after looking at them."
	case c.Chosen == nil:
		c.Advice = "No copy was ever restored. Restore the newest one from before the intrusion to a separate place, look at it, and mark it as verified."
	case c.TryFirst != nil:
		c.Advice = "Safe is the chosen copy. A newer one from before the intrusion may lose less: restore it to a separate place and look at it first."
	default:
		c.Advice = "Restore the chosen copy to machines that were built anew. Then change every secret that was on the old ones."
	}
	if c.Chosen != nil {
		c.LostHours = max(0, c.Intrusion.Sub(c.Chosen.Taken).Hours())
		c.Minutes = c.Chosen.Point.RestoreMinutes
	}
}

// TaintAfter writes a choice down: copies from after the intrusion are marked as
// tainted with the reason, and the chosen one is held, so that nobody deletes it. It
// returns the choice as it is afterwards and how many copies were marked. Repeating
// it changes nothing. All or nothing.
func (f *Flow) TaintAfter(ctx context.Context, asset, incident string, before time.Time) (*RestoreChoice, int, error) {
	var c *RestoreChoice
	marked := 0
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		marked = 0
		var err error
		if c, err = f.ChooseRestore(ctx, asset, incident, before); err != nil {
			return err
		}
		for _, o := range c.Options {
			if o.Verdict != PointTainted || o.Point.Status == "tainted" {
				continue
			}
			if err := f.taint(ctx, c, o); err != nil {
				return err
			}
			marked++
		}
		return f.hold(ctx, c)
	})
	return c, marked, err
}

func (f *Flow) taint(ctx context.Context, c *RestoreChoice, o RestoreOption) error {
	reason := o.Why
	if c.Incident != nil {
		reason = "Incident “" + c.Incident.Title + "”: " + o.Why
	}
	after, err := f.app.Do(ctx, isms.RestorePoints, o.Point.ID, "taint", 0, kind.Input{Reason: prose.Cut(reason, 900)})
	if err != nil || c.Incident == nil {
		return err
	}
	p := after.(*isms.RestorePoint)
	p.IncidentID = c.Incident.ID
	return f.app.Save(ctx, p)
}

func (f *Flow) hold(ctx context.Context, c *RestoreChoice) error {
	if c.Chosen == nil || c.Chosen.Point.Hold {
		return nil
	}
	p, err := app.Of[isms.RestorePoint](f.app, isms.RestorePoints).Get(ctx, c.Chosen.Point.ID)
	if err != nil {
		return err
	}
	p.Hold = true
	if c.Incident != nil {
		p.IncidentID = c.Incident.ID
	}
	return f.app.SaveBecause(ctx, p, "the last good copy before an intrusion")
}

// RestoreChoices chooses for every affected asset of an incident that has copies:
// the one where it began and those that it affects.
func (f *Flow) RestoreChoices(ctx context.Context, incident string) ([]*RestoreChoice, error) {
	rec, err := f.app.Get(ctx, isms.Incidents, incident)
	if err != nil {
		return nil, err
	}
	i := rec.(*isms.Incident)
	far, err := f.far(ctx, isms.Incidents, "affects", []string{i.ID})
	if err != nil {
		return nil, err
	}
	ids := []string{i.AssetID}
	for _, n := range far[i.ID] {
		ids = append(ids, n.ID)
	}
	var out []*RestoreChoice
	seen := map[string]bool{"": true}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		c, err := f.ChooseRestore(ctx, id, i.ID, time.Time{})
		if err != nil {
			return nil, err
		}
		if len(c.Options) > 0 {
			out = append(out, c)
		}
	}
	return out, nil
}
