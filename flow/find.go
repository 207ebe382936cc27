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
	"holdfast/store"
)

// Find turns the observations of a successful run into findings: it opens what
// fails for the first time, re-opens what came back, and resolves what the run
// looked at and did not see again.
func (f *Flow) Find(ctx context.Context, a *isms.Asset, t *engine.Target, runID string, run engine.Run, out *Outcome) error {
	known, err := f.findings.All(ctx, kind.Query{}.Where("asset_id", a.ID).Where("engine", run.Engine))
	if err != nil {
		return err
	}
	byKey := map[string]*isms.Finding{}
	for _, fd := range known {
		byKey[fd.Key] = fd
	}
	at := seenAt(run, f.app.Now())
	seen := map[string]bool{}
	var still []string
	for i := range run.Observations {
		o := &run.Observations[i]
		if o.Outcome != engine.Fail {
			continue
		}
		key := StableKey(a.Key, o.Key())
		if seen[key] {
			continue
		}
		seen[key] = true
		fd, err := f.fail(ctx, a, o, key, byKey[key], at, out)
		if err != nil {
			return err
		}
		still = append(still, fd.ID)
	}
	if err := f.app.Write(ctx, func(tx *store.Tx) error { return tx.Touch(isms.Findings, still, at) }); err != nil {
		return err
	}
	c := conclude(t, run)
	for _, fd := range known {
		if fd.Status != isms.FindingResolved && !seen[fd.Key] && c.gone(fd) {
			if err := f.prove(ctx, fd, runID, c.why(fd), at, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// fail records that an observation failed: a new finding, or what changed about a
// known one.
func (f *Flow) fail(ctx context.Context, a *isms.Asset, o *engine.Observation, key string, known *isms.Finding, at time.Time, out *Outcome) (*isms.Finding, error) {
	v, err := f.weakness(ctx, o)
	if err != nil {
		return nil, err
	}
	fd := known
	if fd == nil {
		fd = &isms.Finding{AssetID: a.ID, VulnerabilityID: v.ID, FirstSeen: at, LastSeen: at, Engine: o.Engine, Check: o.Check}
		fd.Key, fd.Origin = key, "engine"
		out.Opened++
	}
	note(fd, o, v)
	if err := f.findings.Save(ctx, fd); err != nil {
		return nil, fmt.Errorf("finding %s: %w", key, err)
	}
	if fd.Status != isms.FindingResolved {
		return fd, nil
	}
	out.Reopened++
	_, err = f.app.Do(ctx, isms.Findings, fd.ID, "reopen", 0, kind.Input{Reason: "seen again: " + prose.Cut(prose.Clean(o.Detail), 200)})
	return fd, err
}

// note writes the facts of the observation into the finding.
func note(fd *isms.Finding, o *engine.Observation, v *isms.Vulnerability) {
	fd.Title = prose.Cut(prose.Clean(titleOf(o)), 300)
	fd.Severity, fd.Kind = isms.Severity(o.Severity), v.Type
	fd.Subject, fd.Detail = prose.Cut(prose.Clean(o.Subject), 500), prose.Cut(prose.Clean(o.Detail), 2000)
	fd.FixedIn, fd.Fix = prose.Clean(o.FixedIn), fixOf(o)
	fd.Exploited, fd.EPSS, fd.Score = v.Exploited, v.EPSS, v.Score
	if o.Package != nil {
		fd.Installed = prose.Clean(o.Package.AdvisoryVersion())
	}
}

func titleOf(o *engine.Observation) string {
	if o.Package != nil {
		return o.Check + " in " + o.Package.AdvisoryName()
	}
	if o.Subject != "" && !strings.Contains(o.Title, o.Subject) {
		return o.Title + ": " + o.Subject
	}
	return o.Title
}

// fixOf names what makes the finding go away, so that findings with one repair
// stand together: all advisories of a package are mended by one upgrade.
func fixOf(o *engine.Observation) string {
	switch {
	case o.Package != nil && o.FixedIn == "":
		return prose.Clean("Replace or shield " + o.Package.AdvisoryName() + " (no fix yet)")
	case o.Package != nil:
		return prose.Clean("Upgrade " + o.Package.AdvisoryName())
	}
	return "Repair " + o.Check
}

// weakness finds or makes the vulnerability that an observation speaks of.
func (f *Flow) weakness(ctx context.Context, o *engine.Observation) (*isms.Vulnerability, error) {
	key := StableKey(strings.ToLower(o.Check))
	v, err := f.vulnerabilities.Get(ctx, key)
	if kind.CodeOf(err) == kind.NotFound {
		v, err = &isms.Vulnerability{Base: isms.Base{Key: key, Origin: "engine"}}, nil
	}
	if err != nil {
		return nil, err
	}
	if v.ID != "" && v.Origin != "engine" {
		return v, nil // a person wrote it; the facts stay theirs
	}
	explain(v, o, f.app.Now())
	return v, f.vulnerabilities.Save(ctx, v)
}

func explain(v *isms.Vulnerability, o *engine.Observation, now time.Time) {
	v.Identifier, v.Detector, v.Principle = o.Check, o.Engine, isms.Principle(o.Principle)
	if v.Type == "" {
		v.Type = "configuration"
	}
	if o.Advisory == nil {
		v.Title, v.Severity = prose.Cut(prose.Clean(o.Title), 300), isms.Severity(o.Severity)
		return
	}
	ad := o.Advisory
	v.Type = "advisory"
	v.Title = prose.Cut(prose.Clean(prose.FirstOf(ad.Summary, o.Title, o.Check)), 300)
	v.Summary = isms.Markdown(prose.Cut(prose.Clean(prose.FirstOf(ad.Details, ad.Summary)), 20000))
	v.Severity, v.CVSS, v.Score, v.EPSS, v.Exploited = isms.Severity(ad.Severity), ad.CVSS, ad.Score, ad.EPSS, ad.KEV
	v.CWE, v.References = prose.FirstWords(ad.CWEs, 50), prose.FirstWords(ad.URLs, 50)
	v.Aliases = prose.FirstWords(append([]string{ad.ID}, ad.Aliases...), 50)
	if v.Severity == "" {
		v.Severity = isms.Severity(o.Severity)
	}
	if !ad.Published.IsZero() && ad.Published.Before(now.AddDate(1, 0, 0)) {
		v.Published = kind.DateOf(ad.Published.UTC())
	}
}

// Checks writes what each check says of itself into its vulnerability, so that the
// finding's page explains the weakness and its repair.
func (f *Flow) Checks(ctx context.Context, checks []engine.Check) error {
	return f.app.Atomic(ctx, func(ctx context.Context) error {
		for _, c := range checks {
			v, err := f.vulnerabilities.Get(ctx, StableKey(strings.ToLower(c.ID)))
			if kind.CodeOf(err) == kind.NotFound {
				v, err = &isms.Vulnerability{Base: isms.Base{Key: StableKey(strings.ToLower(c.ID)), Origin: "engine"}}, nil
			}
			if err != nil {
				return err
			}
			if v.ID != "" && v.Origin != "engine" {
				continue
			}
			v.Title, v.Identifier, v.Detector, v.Type, v.Topic = c.Title, c.ID, "configcheck", "configuration", c.Topic
			if c.Topic == "monitoring" {
				v.Type = "monitoring"
			}
			v.Severity, v.Principle = isms.Severity(c.Severity), isms.Principle(c.Principle)
			v.Summary, v.Fix, v.Remedy, v.Doubts = isms.Markdown(c.Why), isms.Markdown(c.Fix), isms.Markdown(c.Remedy), isms.Markdown(c.FalsePositives)
			v.References, v.Techniques = c.References, c.Techniques
			if c.CWE != "" {
				v.CWE = []string{c.CWE}
			}
			if err := f.vulnerabilities.Save(ctx, v); err != nil {
				return fmt.Errorf("check %s: %w", c.ID, err)
			}
		}
		return nil
	})
}
