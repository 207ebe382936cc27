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

// A Heed is an interested party with everything by which its needs are met, or, of
// one who wants us harm, by which it is held off (ISO/IEC 27001, clause 4.2).
type Heed struct {
	Party     *isms.InterestedParty
	Duties    []Duty  // owed to it, those that bind
	Proofs    []Proof // safeguards and documents linked to it, and the duties; the bad first
	Measured  isms.Measured
	Lacks     []string // what is missing, in words
	ReviewDue bool
}

// Hostile tells whether the party is to be held off, not served.
func (h Heed) Hostile() bool { return h.Party.Attitude == "hostile" }

// Parties tells of every interested party how far its needs are met: the worst
// first, then those with the most influence. The statement is that of the whole
// organisation.
func (f *Flow) Parties(ctx context.Context, st *Statement) ([]Heed, error) {
	all, err := app.Of[isms.InterestedParty](f.app, isms.InterestedParties).All(ctx, kind.Query{})
	if err != nil {
		return nil, err
	}
	duties, err := f.Duties(ctx, st)
	if err != nil {
		return nil, err
	}
	safeguards, err := nearEnd[isms.Safeguard](ctx, f.app, isms.InterestedParties, "satisfied by", isms.Safeguards)
	if err != nil {
		return nil, err
	}
	documents, err := nearEnd[isms.Document](ctx, f.app, isms.InterestedParties, "answered by", isms.Documents)
	if err != nil {
		return nil, err
	}
	g := &ground{today: kind.DateOf(f.app.Now()), safeguards: safeguards, documents: documents}
	var out []Heed
	for _, p := range all {
		out = append(out, g.heed(p, duties))
	}
	slices.SortStableFunc(out, func(a, b Heed) int {
		return cmp.Or(slices.Index(worstFirst, a.Measured)-slices.Index(worstFirst, b.Measured), int(b.Party.Influence-a.Party.Influence), cmp.Compare(a.Party.Title, b.Party.Title))
	})
	return out, nil
}

// heed draws the conclusion about one party from what is linked to it.
func (g *ground) heed(p *isms.InterestedParty, duties []Duty) Heed {
	h := Heed{Party: p, ReviewDue: p.ReviewBy != "" && p.ReviewBy < g.today}
	h.Proofs = g.guardProofs(&isms.Requirement{Base: isms.Base{ID: p.ID}})
	for _, d := range g.documents[p.ID] {
		if d.Status != isms.DocumentWithdrawn {
			h.Proofs = append(h.Proofs, g.documentProof(d))
		}
	}
	for _, d := range duties {
		if d.Obligation.PartyID == p.ID && d.Obligation.Status == isms.ObligationApplies {
			h.Duties = append(h.Duties, d)
			h.Proofs = append(h.Proofs, dutyProof(d))
		}
	}
	slices.SortStableFunc(h.Proofs, func(a, b Proof) int {
		return slices.Index(verdictOrder, a.Verdict) - slices.Index(verdictOrder, b.Verdict)
	})
	h.Measured = measure(h.Proofs)
	h.lack()
	return h
}

func dutyProof(d Duty) Proof {
	text := "kept."
	if d.Measured != isms.MeasuredMet {
		text = measuredWords[d.Measured] + "."
		if len(d.Unmet) > 0 {
			text = measuredWords[d.Measured] + "; " + prose.Plural(len(d.Unmet), "thing is", "things are") + " missing."
		}
	}
	return Proof{Source: "obligation", Kind: isms.Obligations.Name, ID: d.Obligation.ID, Title: d.Obligation.Title, Verdict: verdictOf(d.Measured), Text: text}
}

// lack says what is missing, beginning with what nobody has said at all.
func (h *Heed) lack() {
	switch {
	case h.Party.Needs == "" && h.Party.Requirements == "":
		h.Lacks = append(h.Lacks, "Nobody has written down what they want.")
	case len(h.Proofs) > 0:
	case h.Hostile():
		h.Lacks = append(h.Lacks, "No safeguard is named that holds them off.")
	case h.Party.HowMet == "":
		h.Lacks = append(h.Lacks, "Nobody has said how it is met.")
	default:
		h.Lacks = append(h.Lacks, "There are words only; link the safeguard or the document that does it.")
	}
	for _, p := range h.Proofs {
		if p.Verdict != Good {
			h.Lacks = append(h.Lacks, p.Title+": "+p.Text)
		}
	}
}
