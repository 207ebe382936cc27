package server

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/job"
	"holdfast/kind"
)

// JobSample gives the sample organisation its frameworks and statement of
// applicability. It is a job, so that the demo need not wait for it.
const JobSample = "sample-frameworks"

// The frameworks that the sample organisation works with, and the person who decides.
var sampleAdopts = []string{"iso27001-2022", "nist-csf-2.0"}

const sampleLead = "aoife-keane"

// sampleFrameworks adopts them and decides what the organisation would have decided:
// what its risks and obligations demand applies, and a requirement is said to be met
// where its safeguards operate.
func (l *Local) sampleFrameworks(ctx context.Context, w *job.Work) error {
	lead, err := app.Of[isms.Person](l.App, isms.People).Get(ctx, sampleLead)
	if err != nil {
		return fmt.Errorf("sample: %w: %w", err, job.ErrFinal)
	}
	as := access.With(ctx, access.Actor{ID: lead.ID, Name: lead.Title, Workspace: w.Job.Workspace, Roles: []access.Role{access.Administrator}, Via: "import"})
	for i, id := range sampleAdopts {
		w.Progress("Adopting "+id, i, len(sampleAdopts))
		if err := l.sampleFramework(as, id, lead.ID); err != nil {
			return err
		}
	}
	if err := l.sampleObligations(as); err != nil {
		return err
	}
	w.Progress("Writing the documents", len(sampleAdopts), len(sampleAdopts)+1)
	if err := l.sampleDocuments(ctx, as, w.Job.Workspace); err != nil {
		return err
	}
	if _, err = l.Flow.Measure(ctx); err != nil {
		return err
	}
	w.Result("/soa")
	return l.samplePast(ctx)
}

// samplePast gives the sample a past: a reading of each framework every fortnight, up
// to what is measured today.
func (l *Local) samplePast(ctx context.Context) error {
	const fortnights = 12
	found, err := app.Of[isms.Indicator](l.App, isms.Indicators).All(ctx, kind.Query{}.Where("formula", flow.FormulaMet))
	if err != nil {
		return err
	}
	return l.App.Atomic(ctx, func(ctx context.Context) error {
		for _, i := range found {
			for n := fortnights; n > 0; n-- {
				share := 1 - 0.055*float64(n) + 0.012*float64(n%3)
				value := math.Round(i.Value*share*10) / 10
				at := l.App.Now().Truncate(24*time.Hour).AddDate(0, 0, -14*n)
				m := &isms.Measurement{IndicatorID: i.ID, At: at, Value: value, Health: i.HealthOf(value), Source: "computed"}
				if err := l.App.Save(ctx, m); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (l *Local) sampleFramework(ctx context.Context, id, lead string) error {
	out, err := l.Flow.Adopt(ctx, id)
	if err != nil {
		return err
	}
	frameworks := app.Of[isms.Framework](l.App, isms.Frameworks)
	fw, err := frameworks.Get(ctx, out.FrameworkID)
	if err != nil {
		return err
	}
	fw.OwnerID, fw.TargetDate, fw.TargetLevel = lead, kind.DateOf(l.App.Now().AddDate(0, 10, 0)), 3
	fw.Reason = "A hospital asks for the certificate, and the committee wants to know where we stand."
	if err := frameworks.Save(ctx, fw); err != nil {
		return err
	}
	if _, err := l.Flow.AcceptProposals(ctx, fw.ID, ""); err != nil {
		return err
	}
	st, err := l.Flow.Statement(ctx, "")
	if err != nil {
		return err
	}
	var said []flow.LineDecision
	for _, s := range st.Of(fw.ID) {
		if reason := sampleExcludes[s.Requirement.Catalogue]; reason != "" {
			said = append(said, flow.LineDecision{RequirementID: s.Requirement.ID, Applies: isms.AppliesNo, Reason: reason, OwnerID: &lead})
			continue
		}
		if d, ok := sampleSays(s, lead, kind.DateOf(l.App.Now().AddDate(1, 0, 0))); ok {
			said = append(said, d)
		}
	}
	_, err = l.Flow.Decide(ctx, "", said)
	return err
}

// sampleExcludes are the requirements that do not count for the sample organisation.
var sampleExcludes = map[string]string{
	"iso27001-2022/A.8.30": "All code is written by our own people; looked at again before any of it is given to somebody else.",
	"iso27001-2022/A.7.6":  "The office has no area in which special rules for work would be needed.",
}

// sampleSays is what the organisation says of a requirement: met where its safeguards
// operate, partly where some do, planned where none does yet.
func sampleSays(s *flow.Standing, lead string, review kind.Date) (flow.LineDecision, bool) {
	if s.Applies() != isms.AppliesYes {
		return flow.LineDecision{}, false
	}
	var running, coming []string
	for _, p := range s.Of("safeguard", "document", "record") {
		if p.Verdict == flow.Weak && !p.InForce {
			coming = append(coming, p.Title)
		} else if p.Verdict != flow.Bad {
			running = append(running, p.Title)
		}
	}
	d := flow.LineDecision{RequirementID: s.Requirement.ID, OwnerID: &lead, ReviewBy: &review, Links: flow.LineProposal{}}
	for _, p := range s.Of("safeguard") {
		d.Links.Safeguards = append(d.Links.Safeguards, p.ID)
	}
	how := strings.Join(running, "; ")
	switch {
	case len(running) > 0 && len(coming) == 0:
		d.Status = isms.ApplicabilityMet
	case len(running) > 0:
		d.Status, how = isms.ApplicabilityPartly, how+". Coming: "+strings.Join(coming, "; ")
	case len(coming) > 0:
		d.Status, how = isms.ApplicabilityPlanned, "Coming: "+strings.Join(coming, "; ")
	default:
		return flow.LineDecision{}, false
	}
	how += "."
	d.How = &how
	level := max(s.Maturity, 1)
	d.Maturity = &level
	return d, true
}

// sampleDetails spells out obligations of the sample by requirements of ISO 27001.
var sampleDetails = map[string][]string{
	"gdpr":                 {"A.5.31", "A.5.34", "A.8.10", "A.8.11", "A.8.12", "A.5.24", "A.5.26", "A.5.20"},
	"nis2-directive":       {"6.1.2", "A.5.19", "A.5.21", "A.5.24", "A.5.29", "A.5.30", "A.6.3", "A.8.8", "A.8.24", "A.8.5"},
	"st-brendans-contract": {"A.5.20", "A.5.22", "A.8.8", "A.8.13", "A.8.14", "A.5.35"},
	"insurance-terms":      {"A.8.5", "A.8.13", "A.8.8"},
	"records-retention":    {"A.5.33"},
}

func (l *Local) sampleObligations(ctx context.Context) error {
	reqs, err := app.Of[isms.Requirement](l.App, isms.Requirements).All(ctx, kind.Query{}.With("catalogue", kind.Contains, "iso27001-2022/"))
	if err != nil {
		return err
	}
	for _, r := range reqs {
		for key, codes := range sampleDetails {
			if !slices.Contains(codes, r.Code) {
				continue
			}
			if err := l.App.Link(ctx, isms.Obligations, key, "detailed by", r.ID); err != nil {
				return fmt.Errorf("sample: obligation %s: %w", key, err)
			}
		}
	}
	fw, err := app.Of[isms.Framework](l.App, isms.Frameworks).Get(ctx, "iso27001-2022")
	if err != nil {
		return err
	}
	return l.App.Link(ctx, isms.Frameworks, fw.ID, "satisfies", "iso-27001")
}
