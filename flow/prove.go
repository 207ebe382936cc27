package flow

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/engine"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// conclusions are what one run allows to be said of findings it did not see again.
type conclusions struct {
	known   map[string][]engine.Observation // by check
	unknown map[string]bool                 // ecosystems that the run could not judge
	still   map[string]bool                 // name and version of packages in such ecosystems
	engine  string
	target  string
}

func conclude(t *engine.Target, run engine.Run) conclusions {
	c := conclusions{known: map[string][]engine.Observation{}, unknown: map[string]bool{}, still: map[string]bool{}, engine: run.Engine, target: t.Name}
	for _, o := range run.Observations {
		c.known[o.Check] = append(c.known[o.Check], o)
		if o.Outcome == engine.Unknown && o.Subject != "" {
			c.unknown[o.Subject] = true
		}
	}
	if t.Inventory != nil {
		for _, p := range t.Inventory.Packages {
			if c.unknown[p.Ecosystem] {
				c.still[p.AdvisoryName()+" "+p.AdvisoryVersion()] = true
			}
		}
	}
	return c
}

// gone tells whether the run shows that the finding is no more. A check that could
// not be established shows nothing; neither does a package that is installed as
// before while its advisories were not at hand.
func (c conclusions) gone(fd *isms.Finding) bool {
	for _, o := range c.known[fd.Check] {
		if o.Outcome == engine.Unknown && (o.Subject == "" || o.Subject == fd.Subject) {
			return false
		}
	}
	if fd.Kind == "advisory" {
		return !c.still[packageOf(fd.Subject)+" "+fd.Installed]
	}
	return len(c.known[fd.Check]) > 0
}

// packageOf is the name in a subject such as "openssl" or "@scope/name@/srv/app".
func packageOf(subject string) string {
	if at := strings.LastIndexByte(subject, '@'); at > 0 {
		return subject[:at]
	}
	return subject
}

// why says what the run saw instead.
func (c conclusions) why(fd *isms.Finding) string {
	for _, o := range c.known[fd.Check] {
		if o.Outcome != engine.Fail && (o.Subject == "" || o.Subject == fd.Subject) {
			return fmt.Sprintf("The check %s passed on %s. %s", fd.Check, c.target, o.Detail)
		}
	}
	return fmt.Sprintf("%s looked at %s and no longer saw %s %s.", c.engine, c.target, fd.Check, fd.Subject)
}

// evidenceDays is how long a measured fact counts as proof without being repeated.
const evidenceDays = 90

// prove resolves a finding and keeps the evidence of it.
func (f *Flow) prove(ctx context.Context, fd *isms.Finding, runID, statement string, at time.Time, out *Outcome) error {
	if _, err := f.app.Do(ctx, isms.Findings, fd.ID, "resolve", 0, kind.Input{Reason: prose.Cut(prose.Clean(statement), 300)}); err != nil {
		return err
	}
	out.Resolved++
	e := &isms.Evidence{
		Base:   isms.Base{Title: prose.Cut("Resolved: "+fd.Title, 300), Origin: "engine"},
		Source: "measured", At: at, FindingID: fd.ID, AssetID: fd.AssetID, Check: fd.Check, Run: runID,
		Statement: isms.Markdown(prose.Clean(statement)), ValidUntil: kind.DateOf(at.AddDate(0, 0, evidenceDays)),
	}
	if err := f.evidence.Save(ctx, e); err != nil {
		return err
	}
	return f.creditSafeguards(ctx, fd, e, at)
}

// creditSafeguards tells the safeguards that answer the weakness that they worked.
func (f *Flow) creditSafeguards(ctx context.Context, fd *isms.Finding, e *isms.Evidence, at time.Time) error {
	fact, cwes, err := f.factOf(ctx, fd)
	if err != nil {
		return err
	}
	for _, entry := range f.cat.SafeguardsFor(fact, cwes...) {
		s, err := f.safeguards.Get(ctx, entry.ID)
		if kind.CodeOf(err) == kind.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		if s.Status == isms.SafeguardRetired || !s.DeletedAt.IsZero() {
			continue
		}
		if err := f.app.Link(ctx, isms.Safeguards, s.ID, f.proves.Name, e.ID); err != nil {
			return err
		}
		s.TestedOn = kind.DateOf(at)
		if err := f.safeguards.Save(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
