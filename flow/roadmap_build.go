package flow

import (
	"fmt"
	"slices"

	"holdfast/isms"
	"holdfast/kind"
)

// steps are the ten steps to a working ISMS with their definitions of done: the
// first five decide what is to be done, the others do it and keep it going
// (roadmap_run.go).
func (s *Survey) steps() []Step {
	return []Step{
		{ID: "isms-1", Number: 1, Title: "Objectives", Hours: 6, Why: "Whoever does not know what security is for cannot tell whether there is enough of it.", Parts: s.objectives()},
		{ID: "isms-2", Number: 2, Title: "Management support", Hours: 6, Why: "Without time, money and somebody who decides, everything else stays paper.", Parts: s.support()},
		{ID: "isms-3", Number: 3, Title: "Scope", Hours: 8, Why: "What nobody has drawn a line around, nobody protects; and what crosses the line is where harm comes in.", Parts: s.scoped()},
		{ID: "isms-4", Number: 4, Title: "Risk assessment", Hours: 24, Why: "Risks in money decide what is done first, and what is not done at all.", Parts: s.assessed()},
		{ID: "isms-5", Number: 5, Title: "Choice of controls", Hours: 16, Why: "Each requirement gets an answer, and each risk that is too great gets a plan.", Parts: s.chosen()},
		{ID: "isms-6", Number: 6, Title: "Policies and procedures", Hours: 24, Why: "What is expected of people stands in writing, is in force and is known.", Parts: s.written()},
		{ID: "isms-7", Number: 7, Title: "Controls in operation", Hours: 60, Why: "What was decided works, in technology, in the organisation and in the building.", Parts: s.implemented()},
		{ID: "isms-8", Number: 8, Title: "Training and awareness", Hours: 12, Why: "Most attacks begin with a person, and most alarms too.", Parts: s.trained()},
		{ID: "isms-9", Number: 9, Title: "Monitoring and review", Hours: 24, Why: "What is not looked at decays; an independent look finds what habit hides.", Parts: s.reviewed()},
		{ID: "isms-10", Number: 10, Title: "Continual improvement", Hours: 12, Why: "Every mistake is made once, and the next year is better than the last.", Parts: s.improving()},
	}
}

func (s *Survey) objectives() []Part {
	o := s.Organisation()
	measured := s.From(isms.Objectives, "measured by")
	aims := Those(Every[isms.Objective](s, isms.Objectives), func(o *isms.Objective) bool { return o.Status != isms.ObjectiveDropped })
	return []Part{
		s.described(o),
		All(Part{Name: "Interested parties with their needs", Counts: "a party whose needs are written down and who has somebody to keep in touch",
			Next: Next{Text: "write down who expects something of your security, and what"}}, isms.InterestedParties, Every[isms.InterestedParty](s, isms.InterestedParties),
			func(p *isms.InterestedParty) string {
				return Lacking(string(p.Needs), "needs", p.OwnerID, "owner")
			}),
		All(Part{Name: "Obligations decided", Counts: "an obligation of which somebody said whether it applies", Next: Next{Text: "decide whether it applies to you"}},
			isms.Obligations, Every[isms.Obligation](s, isms.Obligations), func(o *isms.Obligation) string {
				if o.Status == isms.ObligationProposed {
					return "nobody has decided whether it applies"
				}
				return ""
			}),
		All(Part{Name: "Objectives approved", Counts: "an objective that is approved or reached and has a target in figures, an owner and a date",
			Next: Next{Text: "give it a target, an owner and a date, and have it approved"}}, isms.Objectives, aims,
			func(o *isms.Objective) string {
				if o.Status == isms.ObjectiveProposed {
					return "is not approved"
				}
				return Lacking(string(o.Target), "target", o.OwnerID, "owner", string(o.Due), "date")
			}),
		All(Part{Name: "Objectives measured", Counts: "an objective with a key indicator", Next: Next{Text: "name the figure that shows whether it is reached"}},
			isms.Objectives, aims, func(o *isms.Objective) string { return Lacking(Filled(len(measured[o.ID]) > 0), "indicator") }),
	}
}

func (s *Survey) described(o *isms.Organisation) Part {
	p := Part{Name: "Organisation described", Counts: "sector, country, currency, mission, crown jewels and the security lead are recorded", Want: 6,
		Next: Next{Text: "Describe the organisation: what it does, where, and what matters most", Kind: "organisation", New: o == nil}}
	if o == nil {
		return p
	}
	p.Next.ID = o.ID
	for _, f := range []struct{ value, name string }{{string(o.Sector), "sector"}, {o.Country, "country"}, {o.Currency, "currency"},
		{string(o.Mission), "mission"}, {string(o.CrownJewels), "crown jewels"}, {o.SecurityLeadID, "security lead"}} {
		if f.value != "" {
			p.Have++
		} else {
			p.Lack(NamedOf("organisation", &o.Base, "has no "+f.name))
		}
	}
	return p
}

func (s *Survey) support() []Part {
	o := s.Organisation()
	steering := Those(Every[isms.Committee](s, isms.Committees), func(c *isms.Committee) bool { return c.Status == isms.CommitteeActive })
	members := s.From(isms.Committees, "has member")
	appetite := s.overallAppetite()
	executive := Part{Name: "Accountable executive named", Counts: "the profile of the organisation names who answers for security", Next: Next{Text: "Name the executive who answers for security", Kind: "organisation", New: o == nil}}
	if o != nil {
		executive.Next.ID = o.ID
	}
	return []Part{
		One(executive, o != nil && o.ExecutiveID != ""),
		All(Part{Name: "Steering committee able to decide", Counts: "an active committee with a chair, two members and a quorum",
			Next: Next{Text: "name its chair, its members and how many must agree"}}, isms.Committees, steering, func(c *isms.Committee) string {
			return Lacking(c.ChairID, "chair", Filled(len(members[c.ID]) >= 2), "second member", Filled(c.Quorum > 0), "quorum")
		}),
		s.meets(steering),
		One(Part{Name: "Appetite in force", Counts: "a statement for all loss together that management has put into force",
			Next: Next{Text: "State how much loss a year the organisation is willing to bear", Kind: "appetite", New: len(Every[isms.Appetite](s, isms.Appetites)) == 0}}, appetite != nil),
		One(Part{Name: "Business case approved", Counts: "a business case that management has approved", Next: Next{Text: "Put what security costs and saves to management", Kind: "business_case", New: len(Every[isms.BusinessCase](s, isms.BusinessCases)) == 0}},
			slices.ContainsFunc(Every[isms.BusinessCase](s, isms.BusinessCases), func(b *isms.BusinessCase) bool { return b.Status == isms.BusinessCaseApproved })),
		One(Part{Name: "Money and time granted", Counts: "an approved budget that covers today", Next: Next{Text: "Ask for a budget in money and hours", Kind: "budget", New: len(Every[isms.Budget](s, isms.Budgets)) == 0}},
			slices.ContainsFunc(Every[isms.Budget](s, isms.Budgets), func(b *isms.Budget) bool {
				return b.Status == isms.BudgetApproved && b.Starts <= s.Today && b.Ends >= s.Today
			})),
	}
}

// meets asks whether each committee met within half as much time again as it means
// to; three months where nobody said.
func (s *Survey) meets(list []*isms.Committee) Part {
	last := map[string]kind.Date{}
	for _, m := range Every[isms.Meeting](s, isms.Meetings) {
		if day := kind.DateOf(m.At); (m.Status == isms.MeetingHeld || m.Status == isms.MeetingApproved) && day <= s.Today {
			last[m.CommitteeID] = max(last[m.CommitteeID], day)
		}
	}
	return All(Part{Name: "Committee meets", Counts: "a committee whose last meeting was held within one and a half times its rhythm", Next: Next{Text: "hold the next meeting and keep the minutes"}},
		isms.Committees, list, func(c *isms.Committee) string {
			rhythm := c.MeetsEvery
			if rhythm == 0 {
				rhythm = 60
			}
			if s.Within(last[c.ID], rhythm*3/2) {
				return ""
			}
			if last[c.ID] == "" {
				return "has never met"
			}
			return "last met on " + string(last[c.ID])
		})
}

func (s *Survey) scoped() []Part {
	scopes := Those(Every[isms.Scope](s, isms.Scopes), func(x *isms.Scope) bool { return x.Status != isms.ScopeRetired })
	parts := []Part{
		All(Part{Name: "Scope approved", Counts: "a scope with a statement that management has approved", Next: Next{Text: "write its statement and have it approved"}},
			isms.Scopes, scopes, func(x *isms.Scope) string {
				if x.Status != isms.ScopeApproved {
					return "is a draft"
				}
				return Lacking(string(x.Statement), "statement")
			}),
		All(Part{Name: "Scope spelt out", Counts: "a scope that says what is inside, what stays outside and why, where it touches others, and its sites",
			Next: Next{Text: "say what is inside, what stays outside and why, and where it touches others"}}, isms.Scopes, scopes, func(x *isms.Scope) string {
			return Lacking(string(x.Included), "inside", string(x.Excluded), "outside", string(x.Interfaces), "interfaces", Filled(len(x.Sites) > 0), "site")
		}),
		All(Part{Name: "Scope reviewed in time", Counts: "a scope whose review date is set and has not passed", Next: Next{Text: "review it and set the next date"}},
			isms.Scopes, scopes, func(x *isms.Scope) string {
				if s.Past(x.ReviewBy) {
					return "was to be reviewed by " + string(x.ReviewBy)
				}
				return Lacking(string(x.ReviewBy), "review date")
			}),
	}
	return append(parts, s.bounded(scopes)...)
}

// bounded looks along the computed boundaries: assets inside, and what crosses.
func (s *Survey) bounded(scopes []*isms.Scope) []Part {
	inside := Part{Name: "Assets inside", Counts: "a scope with at least one asset inside its boundary", Next: Next{Text: "Name the assets that the scope begins with", Page: "scope"}}
	crossed := Part{Name: "Crossings reviewed", Counts: "something that crosses the boundary and was looked at within a year: a dependency, a supplier, a person of another company",
		Next: Next{Text: "Look at what crosses the boundary and say what protects it", Page: "scope"}}
	for _, sc := range scopes {
		b := s.boundary(sc)
		inside.Want++
		if len(b.In) > 0 {
			inside.Have++
		}
		for _, c := range b.Crossings {
			crossed.Want++
			if c.Reviewed != "" {
				crossed.Have++
				continue
			}
			crossed.Lack(Named{Kind: c.Kind, ID: c.ID, Title: c.Inside.Title + " " + c.How + " " + c.Outside.Title, Note: c.Verdict})
		}
	}
	inside.Want = max(1, inside.Want)
	return []Part{inside, crossed}
}

func (s *Survey) assessed() []Part {
	assets := Those(Every[isms.Asset](s, isms.Assets), func(a *isms.Asset) bool { return a.Criticality >= 4 && a.Lifecycle != "disposed" })
	risks := Those(Every[isms.Risk](s, isms.Risks), func(r *isms.Risk) bool { return r.Status != isms.RiskClosed })
	at := map[string]bool{}
	for _, r := range risks {
		at[r.AssetID] = true
	}
	rounds := Those(Every[isms.RiskAssessment](s, isms.RiskAssessments), func(r *isms.RiskAssessment) bool { return r.Status != isms.RiskAssessmentClosed })
	return []Part{
		All(Part{Name: "Important assets valued", Counts: "an asset of high criticality with a value in money and an owner", Next: Next{Text: "say what its loss would cost, and who answers for it"}},
			isms.Assets, assets, func(a *isms.Asset) string { return Lacking(Filled(!a.Value.IsZero()), "value", a.OwnerID, "owner") }),
		All(Part{Name: "A risk for each important asset", Counts: "an asset of high criticality with at least one risk that is not closed", Next: Next{Text: "write down what could go wrong with it"}},
			isms.Assets, assets, func(a *isms.Asset) string { return Lacking(Filled(at[a.ID]), "risk") }),
		All(Part{Name: "Risks in money", Counts: "a risk with an expected yearly loss", Next: Next{Text: "say how often it happens and what it costs"}},
			isms.Risks, risks, func(r *isms.Risk) string { return Lacking(Filled(r.LossInherent > 0 || r.LossNow > 0), "figures") }),
		All(Part{Name: "Drafts looked at", Counts: "a risk that a person has confirmed, decided or closed; the product only drafts them", Next: Next{Text: "confirm it or close it"}},
			isms.Risks, risks, func(r *isms.Risk) string {
				if r.Status == isms.RiskDraft {
					return "is a draft that nobody has looked at"
				}
				return Lacking(r.OwnerID, "owner")
			}),
		All(Part{Name: "A round of assessment approved", Counts: "an assessment that was approved and is not due again", Next: Next{Text: "finish it and have it approved"}},
			isms.RiskAssessments, latestRound(rounds), func(r *isms.RiskAssessment) string {
				if r.Status != isms.RiskAssessmentApproved {
					return "is " + string(r.Status)
				}
				if s.Past(r.NextBy) {
					return "was to be repeated by " + string(r.NextBy)
				}
				return ""
			}),
	}
}

// latestRound is the approved assessment that ended last; else the one under way.
func latestRound(list []*isms.RiskAssessment) []*isms.RiskAssessment {
	var best *isms.RiskAssessment
	for _, r := range list {
		approved := r.Status == isms.RiskAssessmentApproved
		if best == nil || approved && (best.Status != isms.RiskAssessmentApproved || r.Ends > best.Ends) {
			best = r
		}
	}
	if best == nil {
		return nil
	}
	return []*isms.RiskAssessment{best}
}

func (s *Survey) chosen() []Part {
	adopted := s.adopted()
	parts := []Part{{Name: "Framework adopted", Counts: "a framework that the organisation works with, with the reason why", Want: 1, Have: min(1, len(adopted)),
		Next: Next{Text: "Adopt the framework against which you want to be measured", Kind: "framework", New: len(Every[isms.Framework](s, isms.Frameworks)) == 0}}}
	parts = append(parts, s.decidedRequirements(adopted)...)
	return append(parts, s.treatedRisks())
}

func (s *Survey) adopted() []*isms.Framework {
	return Those(Every[isms.Framework](s, isms.Frameworks), func(f *isms.Framework) bool {
		return f.Status == isms.FrameworkAdopted || f.Status == isms.FrameworkCertified
	})
}

// decidedRequirements looks whether each requirement of the adopted frameworks was
// decided, and those that apply are answered.
func (s *Survey) decidedRequirements(adopted []*isms.Framework) []Part {
	decided := Part{Name: "Requirements decided", Counts: "a requirement of an adopted framework of which somebody said whether it applies", Next: Next{Text: "decide whether it applies"}}
	answered := Part{Name: "Applicable requirements answered", Counts: "a requirement that applies and is planned, partly met or met, with a safeguard or words that say how", Next: Next{Text: "say how it is met, or plan it"}}
	statements := map[string]*isms.Applicability{}
	for _, a := range Every[isms.Applicability](s, isms.Applicabilities) {
		if had := statements[a.RequirementID]; had == nil || had.Applies == isms.AppliesUndecided {
			statements[a.RequirementID] = a
		}
	}
	metBy := s.From(isms.Applicabilities, "met by")
	answers := s.to(isms.Safeguards, "meets")
	for _, r := range s.requirementsOf(adopted) {
		n := NamedOf("requirement", &r.Base, "")
		n.Title = r.Code + " " + r.Title
		decided.Want++
		a := statements[r.ID]
		if a == nil || a.Applies == isms.AppliesUndecided {
			n.Note = "nobody has said whether it applies"
			decided.Lack(n)
			continue
		}
		decided.Have++
		if a.Applies == isms.AppliesNo {
			continue
		}
		answered.Want++
		if a.Status == isms.ApplicabilityNotStarted || a.How == "" && len(metBy[a.ID]) == 0 && len(answers[r.ID]) == 0 {
			n.Note = "applies, and nothing answers it"
			answered.Lack(n)
			continue
		}
		answered.Have++
	}
	decided.Want = max(1, decided.Want)
	return []Part{decided, answered}
}

// requirementsOf lists what the frameworks demand, chapters left out.
func (s *Survey) requirementsOf(adopted []*isms.Framework) []*isms.Requirement {
	mine := ByID(adopted)
	return Those(Every[isms.Requirement](s, isms.Requirements), func(r *isms.Requirement) bool { return mine[r.FrameworkID] != nil && !r.Chapter })
}

// treatedRisks asks for an answer to each risk whose expected yearly loss alone
// exceeds the acceptance of the appetite: the sum up to which nobody has to be
// asked. Without an appetite every risk in money has to be answered.
func (s *Survey) treatedRisks() Part {
	floor := kind.Money(0)
	if a := s.overallAppetite(); a != nil {
		floor = a.Acceptance
	}
	plans := map[string]bool{}
	for _, t := range Every[isms.Treatment](s, isms.Treatments) {
		if t.Status == isms.TreatmentApproved || t.Status == isms.TreatmentRunning || t.Status == isms.TreatmentDone {
			plans[t.RiskID] = true
		}
	}
	great := Those(Every[isms.Risk](s, isms.Risks), func(r *isms.Risk) bool { return r.Status != isms.RiskClosed && r.LossNow > floor })
	return IfAny(Part{Name: "Great risks answered", Counts: fmt.Sprintf("a risk of more than %s a year (the acceptance of the appetite) that is accepted for a time or has an approved treatment", floor),
		Next: Next{Text: "approve a treatment for it, or accept it"}}, isms.Risks, great, func(r *isms.Risk) string {
		if r.Status == isms.RiskAccepted && !s.Past(r.AcceptedUntil) || plans[r.ID] {
			return ""
		}
		return "costs " + r.LossNow.String() + " a year, and nobody has approved an answer"
	})
}
