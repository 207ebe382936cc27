package flow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/oscal"
)

// mostObservations bounds a document; the rest stays in the product.
const mostObservations = 20_000

// results makes the assessment results: what checks, tests, documents and evidence
// show of every requirement that applies, and the findings behind it.
func (m *oscalMaker) results() (*oscal.Document, error) {
	res := oscal.Result{
		UUID: m.id("result", m.scopeID()), Title: "Continuous assessment",
		Description: "What is measured every day, as it stood when this was written.",
		Local:       &oscal.LocalDefinitions{Components: []oscal.SystemComponent{m.thisSystem()}, Inventory: m.inventory()},
	}
	seen := m.look()
	var selected []oscal.SelectedControl
	for _, s := range m.st.Lines {
		if s.Applies() == isms.AppliesNo {
			continue
		}
		selected = append(selected, oscal.SelectedControl{ControlID: m.controls[s.Requirement.ID]})
		if finding := m.conclusion(s); s.Measured != isms.MeasuredUnknown || len(s.Proofs) > 0 {
			finding.RelatedObservations = m.support(s, seen)
			res.Findings = append(res.Findings, finding)
		}
	}
	if len(selected) == 0 {
		return nil, kind.Errorf(kind.Invalid, "no framework is in use, so nothing is assessed; adopt a framework first")
	}
	res.Observations = seen.list
	if seen.full() {
		res.Remarks = fmt.Sprintf("Only %d observations are listed.", mostObservations)
	}
	first, last := seen.first, seen.last
	if first.IsZero() {
		first, last = m.newest, m.newest
	}
	m.saw(last)
	res.Start, res.End = moment(first), moment(last)
	res.ReviewedControls = oscal.ReviewedControls{Selections: []oscal.ControlSelection{{Include: selected}}}
	ar := oscal.AssessmentResults{
		ImportAP: oscal.Import{Href: "#" + m.id("assessment-plan"), Remarks: "The assessment is continuous; the checks themselves are the plan."},
		Results:  []oscal.Result{res},
		BackMatter: &oscal.BackMatter{Resources: append([]oscal.Resource{{
			UUID: m.id("assessment-plan"), Title: "Continuous measurement", Description: "Checks run by schedule and on every change. Each requirement names the checks, safeguards, tests and documents that can prove it.",
		}, m.catalogueResource()}, m.frameworkResources()...)},
	}
	ar.Metadata = m.metadata("Assessment results")
	ar.UUID = m.documentID(OSCALResults)
	return m.document(oscal.AssessmentResultsModel, ar)
}

// A sight is everything that was seen, with where to find it.
type sight struct {
	list        []oscal.Observation
	byCheck     map[string][]string // UUIDs of the observations of failing checks
	byEvidence  map[string]string   // UUID of the observation of each record of evidence
	first, last time.Time
}

func (s *sight) full() bool { return len(s.list) >= mostObservations }

func (s *sight) add(o oscal.Observation, at time.Time) bool {
	if s.full() {
		return false
	}
	s.list = append(s.list, o)
	if s.first.IsZero() || at.Before(s.first) {
		s.first = at
	}
	if at.After(s.last) {
		s.last = at
	}
	return true
}

// look gathers the open findings and the evidence.
func (m *oscalMaker) look() *sight {
	s := &sight{byCheck: map[string][]string{}, byEvidence: map[string]string{}}
	inside := map[string]bool{"": true}
	for _, a := range m.assets() {
		inside[a.ID] = true
	}
	for _, f := range m.openFindings() {
		o := m.findingObservation(f)
		if s.add(o, findingSeen(f)) && f.Check != "" {
			s.byCheck[f.Check] = append(s.byCheck[f.Check], o.UUID)
		}
	}
	for _, e := range sortedByKey(Every[isms.Evidence](m.Survey, isms.Evidences)) {
		if o := m.evidenceObservation(e); inside[e.AssetID] && s.add(o, e.At) {
			s.byEvidence[e.ID] = o.UUID
		}
	}
	return s
}

// support is what a conclusion rests on: the findings of its checks, the evidence,
// and an observation of its own for every other proof.
func (m *oscalMaker) support(s *Standing, seen *sight) []oscal.RelatedObservation {
	var ids []string
	for _, p := range s.Proofs {
		switch {
		case p.Source == "check" && len(seen.byCheck[p.ID]) > 0:
			ids = append(ids, seen.byCheck[p.ID]...)
		case p.Source == "evidence" && seen.byEvidence[p.ID] != "":
			ids = append(ids, seen.byEvidence[p.ID])
		case !p.At.IsZero():
			if o := m.proofObservation(s, p); seen.add(o, p.At) {
				ids = append(ids, o.UUID)
			}
		}
	}
	var list []oscal.RelatedObservation
	for _, id := range ids {
		if r := (oscal.RelatedObservation{ObservationUUID: id}); !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return list
}

// conclusion is what follows for one requirement.
func (m *oscalMaker) conclusion(s *Standing) oscal.Finding {
	target := oscal.FindingTarget{
		Type: "objective-id", TargetID: m.controls[s.Requirement.ID], Title: single(s.Requirement.Title),
		Status: oscal.TargetStatus{State: "not-satisfied", Reason: "fail"},
	}
	switch s.Measured {
	case isms.MeasuredMet:
		target.Status = oscal.TargetStatus{State: "satisfied", Reason: "pass"}
	case isms.MeasuredUnknown, isms.MeasuredStale, isms.MeasuredPartly:
		target.Status.Reason = "other"
	}
	return oscal.Finding{
		UUID: m.id("conclusion", m.scopeID(), s.Requirement.ID), Title: single(s.Requirement.Code + " " + s.Requirement.Title),
		Description: say(s.Why(), "Nothing has measured it."), Props: m.standingProps(s), Target: target,
	}
}

// methods are how a source of proof is looked at, in the words of SP 800-53A.
var methods = map[string]string{"check": "TEST", "advisory": "TEST", "test": "TEST", "safeguard": "TEST", "document": "EXAMINE", "evidence": "EXAMINE", "record": "EXAMINE"}

func (m *oscalMaker) proofObservation(s *Standing, p Proof) oscal.Observation {
	return oscal.Observation{
		UUID: m.id("proof", m.scopeID(), s.Requirement.ID, p.Source, p.Kind, p.ID, p.Title), Title: single(p.Title), Description: say(p.Text, p.Title),
		Methods: []string{cmp.Or(methods[p.Source], "EXAMINE")}, Types: []string{"control-objective"}, Collected: moment(p.At), Expires: endOf(p.Until),
		Props:    prop(prop(nil, "source", p.Source), "verdict", string(p.Verdict)),
		Subjects: []oscal.Subject{{SubjectUUID: m.id("this-system", m.scopeID()), Type: "component"}},
	}
}

// evidenceObservation is a recorded fact with its hash.
func (m *oscalMaker) evidenceObservation(e *isms.Evidence) oscal.Observation {
	m.saw(e.UpdatedAt)
	o := oscal.Observation{
		UUID: m.id("evidence", e.ID), Title: single(e.Title), Description: say(string(e.Statement), e.Title),
		Props: prop(prop(nil, "key", e.Key), "check", e.Check), Methods: []string{"EXAMINE"}, Types: []string{"control-objective"},
		Collected: moment(e.At), Expires: endOf(e.ValidUntil),
		Subjects: []oscal.Subject{{SubjectUUID: m.id("this-system", m.scopeID()), Type: "component"}},
		Evidence: []oscal.RelevantEvidence{{Description: "Recorded as evidence; never changed since.", Props: prop(prop(nil, "sha256", e.SHA256), "source", string(e.Source))}},
	}
	if e.Source == "measured" {
		o.Methods = []string{"TEST"}
	}
	if e.AssetID != "" {
		o.Subjects = []oscal.Subject{{SubjectUUID: m.id("asset", e.AssetID), Type: "inventory-item"}}
	}
	return o
}

// openFindings are those that are not resolved and no mistake, on assets in scope, the
// worst first.
func (m *oscalMaker) openFindings() []*isms.Finding {
	inside := map[string]bool{}
	for _, a := range m.assets() {
		inside[a.ID] = true
	}
	q := kind.Query{Sort: "due"}.Where("status", string(isms.FindingOpen), string(isms.FindingMitigated), string(isms.FindingAccepted))
	q.Limit = kind.MaxLimit
	var list []*isms.Finding
	if m.Err != nil {
		return nil
	}
	all, err := m.f.findings.All(m.Ctx, q)
	if m.Err = err; err != nil {
		return nil
	}
	for _, f := range all {
		if inside[f.AssetID] {
			list = append(list, f)
		}
	}
	return list
}

// findingSeen is when a finding was last seen, as far as that is known.
func findingSeen(f *isms.Finding) time.Time {
	for _, t := range []time.Time{f.LastSeen, f.FirstSeen} {
		if !t.IsZero() {
			return t
		}
	}
	return f.CreatedAt
}

func (m *oscalMaker) findingObservation(f *isms.Finding) oscal.Observation {
	m.saw(f.UpdatedAt)
	props := prop(prop(prop(nil, "key", f.Key), "severity", string(f.Severity)), "status", string(f.Status))
	props = prop(prop(prop(props, "due", string(f.Due)), "check", f.Check), "subject", f.Subject)
	method := "TEST"
	if f.Engine == "" {
		method = "EXAMINE"
	}
	return oscal.Observation{
		UUID: m.id("finding", f.ID), Title: single(f.Title), Description: say(strings.Join([]string{f.Detail, f.Fix}, "\n\n"), f.Title),
		Props: props, Methods: []string{method}, Types: []string{"finding"}, Collected: moment(findingSeen(f)),
		Subjects: []oscal.Subject{{SubjectUUID: m.id("asset", f.AssetID), Type: "inventory-item"}},
	}
}
