package flow

import (
	"slices"
	"strconv"

	"holdfast/isms"
	"holdfast/kind"
)

// measures are the ten measures for a team that is not ready for an ISMS: value on
// the first day, and each of them work that is not done twice later on.
func (s *Survey) measures() []Step {
	return []Step{
		{ID: "first-1", Number: 1, Title: "Assess the present posture", Hours: 4, Why: "Nobody can repair what nobody has seen.", Parts: s.posture()},
		{ID: "first-2", Number: 2, Title: "Quick wins", Hours: 16, Why: "A few measures stop most of the attacks that everybody gets.", Parts: s.quickWins()},
		{ID: "first-3", Number: 3, Title: "Basic policies", Hours: 6, Why: "Three pages that people know are worth more than thirty that they do not.", Parts: []Part{s.onTopics("Three policies in force", []topic{policies[1], {"password-and-authentication", "Passwords and sign-in", "password|authentication"}, {"incident-response", "Incident response", "incident"}})}},
		{ID: "first-4", Number: 4, Title: "Awareness", Hours: 4, Why: "People who know what to look for are the cheapest sensor there is.", Parts: s.trained()[:2]},
		{ID: "first-5", Number: 5, Title: "Phased introduction", Hours: 2, Why: "Small steps with a date are done; a great plan without one is not.", Parts: s.phased()},
		{ID: "first-6", Number: 6, Title: "Choose a framework", Hours: 3, Why: "A list that others have tested shows what you forgot.", Parts: s.framed()},
		{ID: "first-7", Number: 7, Title: "Vendors and third parties", Hours: 6, Why: "Much of what can hurt you is run by somebody else.", Parts: s.vendorParts()},
		{ID: "first-8", Number: 8, Title: "Monitor and audit", Hours: 10, Why: "An attack that is noticed in an hour costs a fraction of one that is noticed in a month.", Parts: s.watching()},
		{ID: "first-9", Number: 9, Title: "Legal and regulatory compliance", Hours: 6, Why: "Fines and lost contracts are risks like others, with a date.", Parts: s.lawful()},
		{ID: "first-10", Number: 10, Title: "Roadmap to the full ISMS", Hours: 3, Why: "From here on it is a plan, not a list of good intentions.", Parts: s.mapped()},
	}
}

func (s *Survey) posture() []Part {
	jewels := Those(Every[isms.Asset](s, isms.Assets), func(a *isms.Asset) bool { return a.Criticality >= 4 && a.Lifecycle != "disposed" && !a.Value.IsZero() })
	machines := Those(Every[isms.Asset](s, isms.Assets), func(a *isms.Asset) bool {
		return a.Lifecycle != "disposed" && (a.Type == "host" || a.Type == "software" || !a.LastSeen.IsZero())
	})
	return []Part{
		{Name: "Crown jewels named", Counts: "an asset of high criticality with a value in money; three are a beginning", Have: min(3, len(jewels)), Want: 3,
			Next: Next{Text: "Name what matters most, with a rough value", Page: "setup"}},
		All(Part{Name: "Systems looked at", Counts: "a host or a piece of software that a scan has seen within a month", Next: Next{Text: "scan it"}}, isms.Assets, machines,
			func(a *isms.Asset) string {
				if a.LastSeen.IsZero() {
					return "was never looked at"
				}
				if !s.Within(kind.DateOf(a.LastSeen), 31) {
					return "was last looked at on " + string(kind.DateOf(a.LastSeen))
				}
				return ""
			}),
		One(Part{Name: "Gaps known", Counts: "a gap analysis that was reported, or requirements of a framework that were decided", Next: Next{Text: "Go through a framework once and say what applies", Kind: "applicability"}}, s.gapsKnown()),
	}
}

func (s *Survey) gapsKnown() bool {
	return slices.ContainsFunc(Every[isms.Audit](s, isms.Audits), func(a *isms.Audit) bool {
		return a.Type == "gap_analysis" && (a.Status == "reported" || a.Status == "closed")
	}) ||
		slices.ContainsFunc(Every[isms.Applicability](s, isms.Applicabilities), func(a *isms.Applicability) bool { return a.Applies != isms.AppliesUndecided })
}

// quick are the safeguards of which one of each row has to operate.
var quick = []struct {
	name string
	ids  []string
}{
	{"Firewall", []string{"host-firewall", "segmentation", "web-application-firewall"}},
	{"Protection against malware", []string{"endpoint-detection", "application-control", "mail-filter", "hardening-baseline"}},
	{"Encryption at rest", []string{"disk-encryption", "encryption-at-rest"}},
	{"Encryption in transit", []string{"tls-everywhere", "guarded-remote-access"}},
	{"Second factor", []string{"mfa", "single-sign-on"}},
	{"Access by role", []string{"admin-separation", "access-review", "joiner-leaver"}},
	{"Copies that can be restored", []string{"offline-backups", "restore-tests"}},
	{"Updates", []string{"patching", "automatic-updates"}},
}

func (s *Survey) quickWins() []Part {
	operating := map[string]bool{}
	for _, g := range Every[isms.Safeguard](s, isms.Safeguards) {
		if g.Status == isms.SafeguardOperating {
			operating[g.Key], operating[g.Catalogue] = true, true
		}
	}
	p := Part{Name: "The eight that help most", Counts: "a measure for which a safeguard of the catalogue is in operation", Next: Next{Text: "Put a safeguard for it into operation", Kind: "safeguard", Page: "quick-wins"}}
	for _, q := range quick {
		p.Want++
		if slices.ContainsFunc(q.ids, func(id string) bool { return operating[id] }) {
			p.Have++
			continue
		}
		p.Lack(Named{Kind: "safeguard", Key: q.ids[0], Title: q.name, Note: "no safeguard for it is in operation"})
	}
	return []Part{p, s.urgentFindings()}
}

// phased asks for a plan in small steps: what is planned for this track.
func (s *Survey) phased() []Part {
	mine := Those(Every[isms.Milestone](s, isms.Milestones), func(m *isms.Milestone) bool { return m.Status != "dropped" })
	return []Part{
		All(Part{Name: "Milestones with owner and date", Counts: "a milestone with an owner and a date", Next: Next{Text: "give it an owner and a date"}}, isms.Milestones, mine,
			func(m *isms.Milestone) string { return Lacking(m.OwnerID, "owner", string(m.Due), "date") }).planned(),
		One(Part{Name: "The first one reached", Counts: "a milestone that was reached", Next: Next{Text: "Finish the first milestone", Page: "roadmap"}},
			slices.ContainsFunc(mine, func(m *isms.Milestone) bool { return m.Status == "reached" })),
	}
}

// planned sends whoever has no milestone at all to the roadmap, which makes them.
func (p Part) planned() Part {
	if p.Next.New {
		p.Next = Next{Text: "Let the roadmap plan the milestones", Page: "roadmap"}
	}
	return p
}

func (s *Survey) framed() []Part {
	return []Part{All(Part{Name: "Framework chosen", Counts: "an adopted framework with the reason, an owner and a date on which it should be met", Next: Next{Text: "say why you use it, who owns it and by when it should be met"}},
		isms.Frameworks, s.adopted(), func(f *isms.Framework) string {
			return Lacking(string(f.Reason), "reason", f.OwnerID, "owner", string(f.TargetDate), "target date")
		})}
}

func (s *Survey) vendorParts() []Part {
	list := Those(Every[isms.Vendor](s, isms.Vendors), func(v *isms.Vendor) bool {
		return (v.Status == isms.VendorActive || v.Status == isms.VendorApproved) && (v.Criticality >= 3 || len(v.Access) > 0)
	})
	approved := map[string]bool{}
	for _, a := range Every[isms.VendorAssessment](s, isms.VendorAssessments) {
		if a.Status == isms.VendorAssessmentApproved && (a.ValidUntil == "" || a.ValidUntil >= s.Today) {
			approved[a.VendorID] = true
		}
	}
	signed := map[string]bool{}
	for _, c := range Every[isms.Contract](s, isms.Contracts) {
		if c.Status == isms.ContractInForce && c.VendorID != "" {
			signed[c.VendorID] = true
		}
	}
	return []Part{
		All(Part{Name: "Important vendors assessed", Counts: "a vendor that matters or reaches your data, with an approved assessment that still holds", Next: Next{Text: "ask for their attestation and judge it"}},
			isms.Vendors, list, func(v *isms.Vendor) string { return Lacking(Filled(approved[v.ID]), "valid assessment") }),
		IfAny(Part{Name: "Important vendors bound by contract", Counts: "such a vendor with a contract in force", Next: Next{Text: "record the contract"}},
			isms.Vendors, list, func(v *isms.Vendor) string { return Lacking(Filled(signed[v.ID]), "contract in force") }),
		IfAny(Part{Name: "Payment providers attested", Counts: "a payment provider with a PCI DSS attestation among its certificates", Next: Next{Text: "ask for the attestation of compliance"}},
			isms.Vendors, Those(list, func(v *isms.Vendor) bool { return v.Category == "payment" }), func(v *isms.Vendor) string {
				return Lacking(Filled(slices.ContainsFunc(v.Certificates, func(c string) bool { return len(c) >= 3 && c[:3] == "PCI" })), "PCI DSS attestation")
			}),
	}
}

func (s *Survey) watching() []Part {
	rules := s.count(isms.DetectionRules, kind.Query{})
	routes := Those(Every[isms.AlertRoute](s, isms.AlertRoutes), func(r *isms.AlertRoute) bool { return r.Status == "active" })
	sources := Those(Every[isms.EventSource](s, isms.EventSources), func(e *isms.EventSource) bool { return e.Status == isms.SourceActive })
	return []Part{
		{Name: "Event sources report", Counts: "an active event source; two are a beginning", Have: min(2, len(sources)), Want: 2, Next: Next{Text: "Send the logs of a system here", Kind: "event_source", New: true}},
		One(Part{Name: "Rules watch them", Counts: "at least one detection rule", Next: Next{Text: "Take in detection rules", Kind: "detection_rule", New: true}}, rules > 0),
		One(Part{Name: "Alarms reach somebody", Counts: "at least one active alert route", Next: Next{Text: "Say who is called when something rings", Kind: "alert_route", New: true}}, len(routes) > 0),
		One(Part{Name: "An audit has a date", Counts: "an audit that is planned, under way or was reported within a year", Next: Next{Text: "Plan the first audit", Kind: "audit", New: true}},
			slices.ContainsFunc(Every[isms.Audit](s, isms.Audits), func(a *isms.Audit) bool {
				return a.Status != "cancelled" && (maxDate(a.EndOn, a.StartOn) >= s.day(-365))
			})),
	}
}

func (s *Survey) lawful() []Part {
	binding := Those(Every[isms.Obligation](s, isms.Obligations), func(o *isms.Obligation) bool { return o.Status == isms.ObligationApplies })
	return []Part{
		All(Part{Name: "Obligations decided", Counts: "an obligation of which somebody said whether it applies", Next: Next{Text: "decide whether it applies to you"}},
			isms.Obligations, Every[isms.Obligation](s, isms.Obligations), func(o *isms.Obligation) string {
				if o.Status == isms.ObligationProposed {
					return "nobody has decided whether it applies"
				}
				return ""
			}),
		IfAny(Part{Name: "Obligations judged", Counts: "an obligation that applies, with an owner, a review date and a judgement whether it is kept", Next: Next{Text: "judge whether it is kept, and set the next review"}},
			isms.Obligations, binding, func(o *isms.Obligation) string {
				if s.Past(o.ReviewBy) {
					return "was to be reviewed by " + string(o.ReviewBy)
				}
				return Lacking(o.OwnerID, "owner", string(o.ReviewBy), "review date", Filled(o.Compliance != "unknown"), "judgement")
			}),
		IfAny(Part{Name: "Personal data recorded", Counts: "an active processing of personal data with a lawful basis", Next: Next{Text: "name the lawful basis"}}, isms.Processings,
			Those(Every[isms.Processing](s, isms.Processings), func(p *isms.Processing) bool { return p.Status == isms.ProcessingActive }),
			func(p *isms.Processing) string { return Lacking(string(p.Basis), "lawful basis") }),
	}
}

// mapped asks for a dated milestone for each of the ten steps.
func (s *Survey) mapped() []Part {
	p := Part{Name: "Every step has a milestone", Counts: "a step of the ISMS with a milestone that has an owner and a date", Want: 10, Next: Next{Text: "Plan the ten steps", Page: "roadmap"}}
	dated := map[string]bool{}
	for _, m := range Every[isms.Milestone](s, isms.Milestones) {
		if m.Status == "dropped" || m.Due == "" || m.OwnerID == "" {
			continue
		}
		id := m.Measure
		if id == "" {
			id = TrackISMS + "-" + strconv.Itoa(m.Step)
		}
		dated[id] = true
	}
	for n := 1; n <= p.Want; n++ {
		if dated[TrackISMS+"-"+strconv.Itoa(n)] {
			p.Have++
		}
	}
	return []Part{p}
}
