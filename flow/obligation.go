package flow

import (
	"cmp"
	"context"
	"slices"

	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A Duty is one obligation with everything by which it is kept: the frameworks and
// requirements that spell it out, how they stand, and the safeguards and documents
// that answer it.
type Duty struct {
	Obligation   *isms.Obligation
	Frameworks   []DutyFramework
	Requirements []*Standing      // the worst first
	Safeguards   []Proof          // that fulfil it directly
	Documents    []*isms.Document // that answer it
	Measured     isms.Measured    // over all of these
	Unmet        []string         // what is missing, in words
	ReviewDue    bool             // its review is overdue
	Next         kind.Date        // the nearest day on which something of it must be looked at again
}

// A DutyFramework is a framework that satisfies the obligation.
type DutyFramework struct {
	Framework *isms.Framework
	Count     GapCount
}

// Duties is the register of obligations, those that bind first, then by what is worst.
func (f *Flow) Duties(ctx context.Context, st *Statement) ([]Duty, error) {
	all, err := app.Of[isms.Obligation](f.app, isms.Obligations).All(ctx, kind.Query{Sort: "title"})
	if err != nil {
		return nil, err
	}
	r := &dutyReader{f: f, st: st, today: kind.DateOf(f.app.Now())}
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	var out []Duty
	for _, o := range all {
		out = append(out, r.duty(o))
	}
	slices.SortStableFunc(out, func(a, b Duty) int {
		return cmp.Or(boundFirst(a)-boundFirst(b), slices.Index(worstFirst, a.Measured)-slices.Index(worstFirst, b.Measured))
	})
	return out, nil
}

func boundFirst(d Duty) int {
	return slices.Index([]isms.ObligationStatus{isms.ObligationApplies, isms.ObligationProposed, isms.ObligationOutside, isms.ObligationEnded}, d.Obligation.Status)
}

type dutyReader struct {
	f          *Flow
	st         *Statement
	today      kind.Date
	details    map[string][]string // requirements by obligation
	frameworks map[string][]*isms.Framework
	safeguards map[string][]*isms.Safeguard
	documents  map[string][]*isms.Document
}

func (r *dutyReader) read(ctx context.Context) (err error) {
	r.details = map[string][]string{}
	pairs, err := r.f.PairsOf(ctx, isms.Obligations, "detailed by")
	if err != nil {
		return err
	}
	for p := range pairs {
		r.details[p.From] = append(r.details[p.From], p.To)
	}
	if r.frameworks, err = farEnd[isms.Framework](ctx, r.f.app, isms.Frameworks, "satisfies"); err != nil {
		return err
	}
	if r.safeguards, err = farEnd[isms.Safeguard](ctx, r.f.app, isms.Safeguards, "fulfils"); err != nil {
		return err
	}
	r.documents, err = farEnd[isms.Document](ctx, r.f.app, isms.Documents, "answers")
	return err
}

func (r *dutyReader) duty(o *isms.Obligation) Duty {
	d := Duty{Obligation: o, Documents: r.documents[o.ID], ReviewDue: o.ReviewBy != "" && o.ReviewBy < r.today}
	d.soonest(o.ReviewBy)
	for _, fw := range r.frameworks[o.ID] {
		if lines := r.st.Of(fw.ID); len(lines) > 0 {
			d.Frameworks = append(d.Frameworks, DutyFramework{fw, CountOf(lines)})
		}
	}
	for _, s := range r.st.Lines {
		if slices.Contains(r.details[o.ID], s.Requirement.ID) || slices.Contains(r.details[o.ID], s.Requirement.ParentID) {
			d.Requirements = append(d.Requirements, s)
		}
	}
	slices.SortStableFunc(d.Requirements, func(a, b *Standing) int {
		return slices.Index(worstFirst, a.Measured) - slices.Index(worstFirst, b.Measured)
	})
	g := &ground{today: r.today, safeguards: map[string][]*isms.Safeguard{o.ID: r.safeguards[o.ID]}}
	d.Safeguards = g.guardProofs(&isms.Requirement{Base: isms.Base{ID: o.ID}})
	d.conclude(r.st, g)
	return d
}

// soonest keeps the nearest day.
func (d *Duty) soonest(day kind.Date) {
	if day != "" && (d.Next == "" || day < d.Next) {
		d.Next = day
	}
}

// conclude sums up how far the obligation is kept and what is missing.
func (d *Duty) conclude(st *Statement, g *ground) {
	proofs := slices.Clone(d.Safeguards)
	for _, doc := range d.Documents {
		if doc.Status != isms.DocumentWithdrawn {
			proofs = append(proofs, g.documentProof(doc))
		}
	}
	for _, p := range proofs {
		d.soonest(p.Until)
		if p.Verdict != Good {
			d.Unmet = append(d.Unmet, p.Title+": "+p.Text)
		}
	}
	for _, s := range d.Requirements {
		if s.Applies() == isms.AppliesNo {
			continue
		}
		if p := s.Fresh(); p != nil {
			d.soonest(p.Until)
		}
		proofs = append(proofs, Proof{Verdict: verdictOf(s.Measured)})
		if s.Measured != isms.MeasuredMet {
			d.Unmet = append(d.Unmet, st.Name(s.Requirement.ID)+" "+s.Requirement.Title+" "+measuredWords[s.Measured]+".")
		}
	}
	for _, fw := range d.Frameworks {
		v := Good
		if fw.Count.Met < fw.Count.Counting() {
			v = Weak
			d.Unmet = append(d.Unmet, prose.FirstOf(fw.Framework.Abbreviation, fw.Framework.Title)+": "+fw.Count.String())
		}
		if v == Weak && fw.Count.Met > 0 {
			proofs = append(proofs, Proof{Verdict: Good})
		}
		proofs = append(proofs, Proof{Verdict: v})
	}
	d.Measured = measure(proofs)
}

func verdictOf(m isms.Measured) Verdict {
	switch m {
	case isms.MeasuredMet:
		return Good
	case isms.MeasuredFails:
		return Bad
	case isms.MeasuredStale:
		return Old
	}
	return Weak
}

var measuredWords = map[isms.Measured]string{isms.MeasuredFails: "fails", isms.MeasuredStale: "has aged proof", isms.MeasuredPartly: "is partly met", isms.MeasuredUnknown: "is not measured"}
