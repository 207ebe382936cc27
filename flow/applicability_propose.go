package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A LineProposal is what the product would answer for one requirement, and why. A person
// decides.
type LineProposal struct {
	Applies     isms.Applies `json:"applies"`
	IncludedFor []string     `json:"included_for"`
	Reason      string       `json:"reason"`
	Risks       []string     `json:"risks"`       // ids of what demands it
	Obligations []string     `json:"obligations"` //
	Safeguards  []string     `json:"safeguards"`  // ids of what meets it
}

// A presence says of which requirements something must exist so that they apply.
type presence struct {
	requirements []string // ids in the catalogue
	kind         *kind.Kind
	where        kind.Query
	none         string // the reason when there is none
	some         string // with the number when there are
}

var presences = []presence{
	{[]string{iso + "A.5.23"}, isms.Assets, kind.Query{}.Where("type", "supplier_service", "service"), "No cloud service is among the assets.", "%d services of suppliers are among the assets."},
	{[]string{iso + "A.5.19", iso + "A.5.20", iso + "A.5.21", iso + "A.5.22"}, isms.Vendors, kind.Query{}, "No supplier is registered.", "%d suppliers are registered."},
	{[]string{iso + "A.8.30"}, isms.Vendors, kind.Query{}.With("title", kind.Contains, "develop"), "No supplier develops software for the organisation.", "%d suppliers develop software."},
	{[]string{iso + "A.8.25", iso + "A.8.26", iso + "A.8.27", iso + "A.8.28", iso + "A.8.29", iso + "A.8.31", iso + "A.8.33", iso + "A.8.4"}, isms.Assets, kind.Query{}.Where("type", "application", "software"),
		"No software of your own is among the assets.", "%d applications are among the assets."},
	{[]string{iso + "A.7.1", iso + "A.7.2", iso + "A.7.3", iso + "A.7.4", iso + "A.7.5", iso + "A.7.6", iso + "A.7.8", iso + "A.7.11", iso + "A.7.12"}, isms.Assets, kind.Query{}.Where("type", "facility"),
		"No building or room is among the assets.", "%d sites are among the assets."},
	{[]string{iso + "A.8.20", iso + "A.8.21", iso + "A.8.22"}, isms.Assets, kind.Query{}.Where("type", "network", "host"), "No network or machine of your own is among the assets.", "%d networks and machines are among the assets."},
	{[]string{iso + "A.5.34", iso + "A.8.11"}, isms.Processings, kind.Query{}, "No processing of personal data is registered.", "%d activities process personal data."},
}

// Proposals says for every requirement of a framework that nobody has decided about
// what the records speak for. It only reads.
func (f *Flow) Proposals(ctx context.Context, st *Statement, frameworkID string) (map[string]LineProposal, error) {
	p := &proposer{f: f}
	if err := p.read(ctx); err != nil {
		return nil, err
	}
	out := map[string]LineProposal{}
	for _, s := range st.Of(frameworkID) {
		if s.Applies() == isms.AppliesUndecided {
			out[s.Requirement.ID] = p.propose(s)
		}
	}
	return out, nil
}

// A proposer knows what may demand a requirement.
type proposer struct {
	f           *Flow
	risks       map[string][]*isms.Risk       // by safeguard
	obligations map[string][]*isms.Obligation // by requirement
	count       map[*presence]int
	needs       map[string]*presence // by id in the catalogue
}

func (p *proposer) read(ctx context.Context) (err error) {
	if p.risks, err = farEnd[isms.Risk](ctx, p.f.app, isms.Risks, "treated by"); err != nil {
		return err
	}
	if p.obligations, err = farEnd[isms.Obligation](ctx, p.f.app, isms.Obligations, "detailed by"); err != nil {
		return err
	}
	p.count, p.needs = map[*presence]int{}, map[string]*presence{}
	for i := range presences {
		need := &presences[i]
		if p.count[need], err = p.f.Count(ctx, need.kind, need.where); err != nil {
			return err
		}
		for _, id := range need.requirements {
			p.needs[id] = need
		}
	}
	return nil
}

// propose weighs, strongest first: obligations and risks that demand it, what must be
// present for it, and that it is good practice.
func (p *proposer) propose(s *Standing) LineProposal {
	var out LineProposal
	var why []string
	for _, o := range p.obligations[s.Requirement.ID] {
		if o.Status != isms.ObligationApplies {
			continue
		}
		out.Obligations = append(out.Obligations, o.ID)
		out.IncludedFor = append(out.IncludedFor, inclusionFor(o.Type))
		why = append(why, o.Title+" demands it.")
	}
	why = append(why, p.fromRisks(s, &out)...)
	need := p.needs[s.Requirement.Catalogue]
	switch {
	case len(why) > 0:
		out.Applies = isms.AppliesYes
	case need != nil && p.count[need] == 0:
		out.Applies, why = isms.AppliesNo, []string{need.none}
	case need != nil:
		out.Applies, out.IncludedFor, why = isms.AppliesYes, []string{"business"}, []string{fmt.Sprintf(need.some, p.count[need])}
	case strings.HasPrefix(s.Requirement.Catalogue, iso) && !strings.HasPrefix(s.Requirement.Code, "A."):
		out.Applies, out.IncludedFor, why = isms.AppliesYes, []string{"good_practice"}, []string{"Clauses 4 to 10 cannot be left out."}
	default:
		out.Applies, out.IncludedFor, why = isms.AppliesYes, []string{"good_practice"}, []string{"Nothing speaks against it, and it is good practice."}
	}
	if out.Applies == isms.AppliesNo {
		out.IncludedFor = nil
	}
	slices.Sort(out.IncludedFor)
	out.IncludedFor = slices.Compact(out.IncludedFor)
	out.Reason = strings.Join(why, " ")
	return out
}

// fromRisks finds the risks that are treated by safeguards which meet the requirement.
func (p *proposer) fromRisks(s *Standing, out *LineProposal) []string {
	titles := map[string]string{}
	for _, proof := range s.Of("safeguard") {
		out.Safeguards = append(out.Safeguards, proof.ID)
		for _, r := range p.risks[proof.ID] {
			if r.Status != isms.RiskClosed {
				titles[r.ID] = r.Title
			}
		}
	}
	if len(titles) == 0 {
		return nil
	}
	const most = 3
	out.Risks, out.IncludedFor = SortedKeys(titles), append(out.IncludedFor, "risk")
	var named []string
	for _, id := range out.Risks[:min(most, len(out.Risks))] {
		named = append(named, "“"+titles[id]+"”")
	}
	text := prose.Plural(len(titles), "risk is", "risks are") + " treated by safeguards that meet it: " + strings.Join(named, ", ")
	if more := len(titles) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return []string{text + "."}
}

func inclusionFor(t isms.ObligationType) string {
	switch t {
	case "law", "regulation":
		return "law"
	case "contract":
		return "contract"
	}
	return "business"
}

// AcceptProposals decides every undecided requirement of a framework in a scope as
// proposed. It returns how many lines changed.
func (f *Flow) AcceptProposals(ctx context.Context, frameworkID, scopeID string) (int, error) {
	st, err := f.Statement(ctx, scopeID)
	if err != nil {
		return 0, err
	}
	proposals, err := f.Proposals(ctx, st, frameworkID)
	if err != nil {
		return 0, err
	}
	var list []LineDecision
	for _, s := range st.Of(frameworkID) {
		if p, ok := proposals[s.Requirement.ID]; ok {
			list = append(list, LineDecision{RequirementID: s.Requirement.ID, Applies: p.Applies, Reason: p.Reason, IncludedFor: p.IncludedFor, Links: p})
		}
	}
	return f.Decide(ctx, scopeID, list)
}
