package flow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/engine/coverage"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A Verdict is what one proof says about a requirement.
type Verdict string

// The verdicts.
const (
	Good Verdict = "good" // it shows that the requirement is met
	Weak Verdict = "weak" // something is there, but it proves nothing yet
	Old  Verdict = "old"  // it showed it once; the proof has aged
	Bad  Verdict = "bad"  // it shows that the requirement is not met
)

// A Proof is one fact that speaks for or against a requirement.
type Proof struct {
	Source  string    `json:"source"` // check, advisory, safeguard, evidence, document, test, record or mapping
	Kind    string    `json:"kind,omitempty"`
	ID      string    `json:"id,omitempty"` // of the record that it is about
	Title   string    `json:"title"`
	Verdict Verdict   `json:"verdict"`
	Text    string    `json:"text"`               // what was seen, without the title; the same as long as nothing has changed
	At      time.Time `json:"at,omitzero"`        // when it was seen
	Until   kind.Date `json:"until,omitempty"`    // after this day it proves nothing
	InForce bool      `json:"in_force,omitempty"` // unproven, but at least it operates
}

// A Standing is how one requirement stands in one scope: what people say, what is
// measured, and everything from which that follows.
type Standing struct {
	Requirement *isms.Requirement
	Framework   *isms.Framework
	Line        *isms.Applicability // what people have said; nil: nobody has opened the line

	Measured isms.Measured
	At       time.Time // of the newest proof
	Proofs   []Proof   // own ones, the bad first
	Inferred coverage.Conclusion
	Maturity isms.Level // proposed by the rule of proposeMaturity
	Because  string     // of the maturity

	names func(requirementID string) string // "CSF PR.AA-03"
}

// Applies tells whether the requirement counts in the scope: yes, no or undecided.
func (s *Standing) Applies() isms.Applies {
	if s.Line == nil {
		return isms.AppliesUndecided
	}
	return s.Line.Applies
}

// Said is how far the requirement is met as people say.
func (s *Standing) Said() isms.ApplicabilityStatus {
	if s.Line == nil {
		return isms.ApplicabilityNotStarted
	}
	return s.Line.Status
}

// Differs tells when what people say is better than what is measured, or what is
// measured better than what they say.
func (s *Standing) Differs() bool {
	if s.Applies() == isms.AppliesNo || s.Measured == isms.MeasuredUnknown {
		return false
	}
	return (s.Said() == isms.ApplicabilityMet) != (s.Measured == isms.MeasuredMet)
}

// measure draws the conclusion from the requirement's own proofs:
//
//	met      there is a good proof and none of another kind
//	partly   there is a good proof, and others that are weak, old or bad
//	fails    there is a bad proof and no good one
//	stale    all that once was good has aged
//	unknown  there is no proof, or only weak ones
//
// A document that is still a draft takes nothing away from what is shown otherwise.
func measure(proofs []Proof) isms.Measured {
	n, count := map[Verdict]int{}, 0
	for _, p := range proofs {
		if p.Source == "document" && p.Verdict == Weak {
			continue
		}
		n[p.Verdict]++
		count++
	}
	switch {
	case n[Good] > 0 && n[Good] == count:
		return isms.MeasuredMet
	case n[Good] > 0:
		return isms.MeasuredPartly
	case n[Bad] > 0:
		return isms.MeasuredFails
	case n[Old] > 0:
		return isms.MeasuredStale
	}
	return isms.MeasuredUnknown
}

// coverageOf translates a measured answer for the inference over mappings. What has aged
// says nothing about others.
func coverageOf(m isms.Measured) coverage.Level {
	switch m {
	case isms.MeasuredMet:
		return coverage.Met
	case isms.MeasuredPartly:
		return coverage.Partly
	case isms.MeasuredFails:
		return coverage.Fails
	}
	return coverage.Unknown
}

// settle combines the requirement's own proofs with what follows from others. A bad
// proof of its own is never outvoted by a mapping: the mapping or the other proof is
// wrong then, and the page shows both.
func (s *Standing) settle() {
	slices.SortStableFunc(s.Proofs, func(a, b Proof) int {
		return cmp.Or(slices.Index(verdictOrder, a.Verdict)-slices.Index(verdictOrder, b.Verdict), cmp.Compare(slices.Index(sourceOrder, a.Source), slices.Index(sourceOrder, b.Source)), cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
	})
	s.Measured = measure(s.Proofs)
	for _, p := range s.Proofs {
		if p.At.After(s.At) {
			s.At = p.At
		}
	}
	bad := slices.ContainsFunc(s.Proofs, func(p Proof) bool { return p.Verdict == Bad })
	switch {
	case bad || s.Measured == isms.MeasuredMet:
	case s.Inferred.Level == coverage.Met:
		s.Measured = isms.MeasuredMet
	case s.Inferred.Level == coverage.Partly && s.Measured != isms.MeasuredStale:
		s.Measured = isms.MeasuredPartly
	}
}

var (
	verdictOrder = []Verdict{Bad, Old, Weak, Good}
	sourceOrder  = []string{"check", "advisory", "safeguard", "test", "document", "record", "evidence"}
)

// Why says in words what the measured answer follows from, as a list in Markdown. It
// stays the same as long as nothing has changed.
func (s *Standing) Why() string {
	var b strings.Builder
	for _, p := range s.Proofs {
		fmt.Fprintf(&b, "- **%s** %s: %s\n", verdictWords[p.Verdict], p.Title, p.Text)
	}
	return strings.TrimSpace(b.String())
}

var verdictWords = map[Verdict]string{Good: "Shows it:", Weak: "Not proven:", Old: "Aged:", Bad: "Against it:"}

// Fresh is the newest good or aged proof; nil when there is none.
func (s *Standing) Fresh() *Proof {
	var newest *Proof
	for i := range s.Proofs {
		p := &s.Proofs[i]
		if (p.Verdict == Good || p.Verdict == Old) && (newest == nil || p.At.After(newest.At)) {
			newest = p
		}
	}
	return newest
}

// Of lists the proofs of the sources.
func (s *Standing) Of(sources ...string) []Proof {
	var out []Proof
	for _, p := range s.Proofs {
		if slices.Contains(sources, p.Source) {
			out = append(out, p)
		}
	}
	return out
}

// proposeMaturity grades a requirement by this rule, each level taking in those below:
//
//	0  nothing is there
//	1  something is begun: a safeguard is planned, a document drafted, or somebody says it is partly met
//	2  it works somewhere: a safeguard operates, a document is in force, or a proof is good
//	3  it is agreed: it is written down how, and somebody answers for it
//	4  it is measured: the measured answer is met
//	5  it keeps itself right: checks repeat the measurement and the line is to be reviewed again
func (s *Standing) proposeMaturity(today kind.Date) {
	s.Maturity, s.Because = 0, "Nothing is there yet."
	begun := len(s.Proofs) > 0 || s.Said() != isms.ApplicabilityNotStarted || s.Inferred.Level != coverage.Unknown
	if !begun {
		return
	}
	s.Maturity, s.Because = 1, "Something is begun; nothing of it is in force."
	works := s.Inferred.Level == coverage.Met || s.Said() == isms.ApplicabilityMet ||
		slices.ContainsFunc(s.Proofs, func(p Proof) bool { return p.Verdict == Good || p.Verdict == Old || p.InForce })
	if !works {
		return
	}
	s.Maturity, s.Because = 2, "It works somewhere, but how and by whom is not written down."
	written := s.Line != nil && s.Line.How != "" || len(s.Of("document")) > 0
	if !written || s.Line == nil || s.Line.OwnerID == "" {
		return
	}
	s.Maturity, s.Because = 3, "It is written down and owned; the measurement does not show that it is met."
	if s.Measured != isms.MeasuredMet {
		return
	}
	s.Maturity, s.Because = 4, "It is measured and met; the measurement or the review does not repeat itself."
	if len(s.Of("check", "advisory")) > 0 && s.Line.ReviewBy >= today {
		s.Maturity, s.Because = 5, "Checks repeat the measurement, and the next review is planned."
	}
}

// A Statement is how every requirement of the workspace stands in one scope.
type Statement struct {
	Scope      *isms.Scope // nil: the whole organisation
	Frameworks []*isms.Framework
	Lines      []*Standing // by framework, in the order of its requirements; without chapters
	Chapters   map[string]*isms.Requirement

	byID       map[string]*Standing
	safeguards map[string]*isms.Safeguard
	pairs      []coverage.Pair
	graph      *coverage.Graph
}

// Line is the standing of one requirement; nil when it is a chapter or not there.
func (st *Statement) Line(requirementID string) *Standing { return st.byID[requirementID] }

// Name is how people call a requirement: the framework and its number.
func (st *Statement) Name(requirementID string) string {
	s := st.byID[requirementID]
	if s == nil {
		return requirementID
	}
	return prose.FirstOf(s.Framework.Abbreviation, s.Framework.Title) + " " + s.Requirement.Code
}

// Of are the lines of one framework.
func (st *Statement) Of(frameworkID string) []*Standing {
	var out []*Standing
	for _, s := range st.Lines {
		if s.Framework.ID == frameworkID {
			out = append(out, s)
		}
	}
	return out
}

// Statement measures every requirement of the frameworks in use, in one scope; an
// empty scope is the whole organisation. It only reads.
func (f *Flow) Statement(ctx context.Context, scopeID string) (*Statement, error) {
	g, err := f.layGround(ctx, scopeID)
	if err != nil {
		return nil, err
	}
	st := &Statement{Scope: g.scope, Frameworks: g.frameworks, Chapters: map[string]*isms.Requirement{}, byID: map[string]*Standing{}, safeguards: map[string]*isms.Safeguard{}}
	for _, list := range g.safeguards {
		for _, s := range list {
			st.safeguards[s.ID] = s
		}
	}
	known := map[string]coverage.Level{}
	for _, r := range g.requirements {
		if r.Chapter {
			st.Chapters[r.ID] = r
			continue
		}
		s := &Standing{Requirement: r, Framework: g.byFramework[r.FrameworkID], Line: g.lines[r.ID], Proofs: g.proofsOf(r), names: st.Name}
		st.Lines, st.byID[r.ID] = append(st.Lines, s), s
		if l := coverageOf(measure(s.Proofs)); l != coverage.Unknown && s.Applies() != isms.AppliesNo {
			known[r.ID] = l
		}
	}
	graph, err := coverage.New(g.pairs)
	if err != nil {
		return nil, err
	}
	for _, s := range st.Lines {
		s.Inferred = graph.Conclude(s.Requirement.ID, known)
		s.settle()
		s.proposeMaturity(g.today)
	}
	st.pairs, st.graph = g.pairs, graph
	return st, nil
}
