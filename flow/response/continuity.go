package response

import (
	"context"
	"slices"

	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A SecurityPlan is the system security management plan: one living document made of
// the plans for recovery, continuity, communication, media and response, composed
// from the records as they are now, with what is still missing.
type SecurityPlan struct {
	Today    kind.Date             `json:"today"`
	Parts    []PlanPart            `json:"parts"`
	Progress float64               `json:"progress"`       // mean of the parts, 0 to 1
	Next     *flow.Next            `json:"next,omitempty"` // what to do first; nil: nothing is missing
	Impact   *ImpactAnalysis       `json:"-"`
	Backups  *BackupBoard          `json:"-"`
	Contacts []*isms.CrisisContact `json:"-"` // in the order in which they are called

	people map[string]*isms.Person
}

// A PlanPart is one of the plans with what it is made of.
type PlanPart struct {
	Type      isms.PlanType       `json:"type"`
	Plan      *isms.Plan          `json:"-"` // nil: not written yet
	Record    *flow.Named         `json:"plan,omitempty"`
	Others    []*isms.Plan        `json:"-"` // further plans of the type
	Messages  []*isms.PlanMessage `json:"-"` // of all plans of the type, the soonest first
	flow.Step                     // how far it is, and what is missing
}

// planDocs say what each part is for.
var planDocs = map[isms.PlanType]string{
	"incident_response": "How incidents are answered at all.",
	"recovery":          "How systems and data come back, in which order and from what.",
	"continuity":        "How work goes on in the meantime.",
	"communication":     "Who is told what, when, by whom.",
	"media":             "What is said in public, and by whom.",
	"contacts":          "Who is called, on a sheet that needs no system.",
}

// partContacts is the part of the plan that is no plan of its own: the people.
const partContacts = isms.PlanType("contacts")

// SecurityPlan composes the plan and computes what is missing. It writes nothing.
func (f *Flow) SecurityPlan(ctx context.Context) (*SecurityPlan, error) {
	s := f.survey(ctx)
	p := s.securityPlan()
	return p, s.Err
}

func (s *survey) securityPlan() *SecurityPlan {
	p := &SecurityPlan{Today: s.Today, Impact: s.impact(), Backups: s.backups(), people: flow.ByID(every[isms.Person](s, isms.People))}
	p.Contacts = slices.Clone(every[isms.CrisisContact](s, isms.CrisisContacts))
	slices.SortStableFunc(p.Contacts, func(a, b *isms.CrisisContact) int { return a.Position - b.Position })
	for i, c := range isms.PlanType("").Choices() {
		p.Parts = append(p.Parts, s.planPart(p, isms.PlanType(c.Value), c.Label, i+1))
	}
	contacts := PlanPart{Type: partContacts, Step: flow.Step{ID: "plan-contacts", Number: len(p.Parts) + 1, Title: "Crisis contacts", Why: planDocs[partContacts], Parts: s.contactParts(p)}}
	p.Parts = append(p.Parts, contacts)
	for i := range p.Parts {
		part := &p.Parts[i]
		part.Judge()
		p.Progress += part.Progress / float64(len(p.Parts))
		if p.Next == nil && part.Step.Next != nil {
			p.Next = part.Step.Next
		}
	}
	p.Progress = flow.Round4(p.Progress)
	return p
}

// Person is the name of a person in the plan; empty for nobody.
func (p *SecurityPlan) Person(id string) string {
	if who := p.people[id]; who != nil {
		return who.Title
	}
	return ""
}

// Phone is how a person is reached at night.
func (p *SecurityPlan) Phone(id string) string {
	if who := p.people[id]; who != nil {
		return who.Phone
	}
	return ""
}

func (s *survey) planPart(p *SecurityPlan, t isms.PlanType, title string, number int) PlanPart {
	if title == "" {
		title = kind.Humanise(string(t))
	}
	part := PlanPart{Type: t, Step: flow.Step{ID: "plan-" + string(t), Number: number, Title: title, Why: planDocs[t]}}
	mine := map[string]bool{}
	for _, x := range every[isms.Plan](s, isms.Plans) {
		if x.Type != t || x.Status == "retired" {
			continue
		}
		mine[x.ID] = true
		if part.Plan == nil || rankOfPlan(x) > rankOfPlan(part.Plan) {
			part.Plan, x = x, part.Plan
		}
		if x != nil {
			part.Others = append(part.Others, x)
		}
	}
	for _, m := range every[isms.PlanMessage](s, isms.PlanMessages) {
		if mine[m.PlanID] && m.Status != isms.MessageRetired {
			part.Messages = append(part.Messages, m)
		}
	}
	slices.SortStableFunc(part.Messages, func(a, b *isms.PlanMessage) int {
		return int(a.WithinHours*60) - int(b.WithinHours*60)
	})
	if part.Plan == nil {
		part.Parts = []flow.Part{{Name: "Written", Counts: "a plan of this type that is not retired", Want: 1, Next: flow.Next{Text: "Write the plan for " + lowerFirstWord(title) + "; there is a skeleton", Page: "plan"}}}
		return part
	}
	n := flow.NamedOf("plan", &part.Plan.Base, "")
	part.Record = &n
	part.Parts = append(s.commonParts(part.Plan), s.ownParts(p, &part)...)
	return part
}

// rankOfPlan prefers the plan that is followed, then the approved one.
func rankOfPlan(p *isms.Plan) int {
	return slices.Index([]isms.PlanStatus{"draft", "in_review", "approved", "activated"}, p.Status)
}

// commonParts are what every plan needs.
func (s *survey) commonParts(p *isms.Plan) []flow.Part {
	at := func(text string) flow.Next { return flow.Next{Text: p.Title + ": " + text, Kind: "plan", ID: p.ID} }
	tried := p.TestedOn
	for _, e := range every[isms.Exercise](s, isms.Exercises) {
		if e.PlanID == p.ID && (e.Status == "done" || e.Status == "evaluating") {
			tried = max(tried, kind.DateOf(e.At))
		}
	}
	written := flow.Part{Name: "Written", Counts: "when it is activated, what is done, and when normal work begins again stand in it", Next: at("complete the text")}
	people := flow.Part{Name: "People named", Counts: "an owner, a lead and a deputy", Next: at("name who leads, and who does when the lead cannot be reached")}
	for _, f := range []struct {
		part        *flow.Part
		value, name string
	}{{&written, string(p.Activation), "activation"}, {&written, string(p.Body), "text"}, {&written, string(p.StandDown), "end"},
		{&people, p.OwnerID, "owner"}, {&people, p.LeadID, "lead"}, {&people, p.DeputyID, "deputy"}} {
		f.part.Want++
		if f.value != "" {
			f.part.Have++
		} else {
			f.part.Lack(flow.NamedOf("plan", &p.Base, "has no "+f.name))
		}
	}
	return []flow.Part{written, people,
		flow.One(flow.Part{Name: "Approved", Counts: "somebody who decides has approved it", Next: at("have it approved")}, p.Status == "approved" || p.Status == "activated"),
		flow.One(flow.Part{Name: "Reviewed in time", Counts: "its review is not overdue", Next: at("review it")}, p.ReviewBy != "" && !s.Past(p.ReviewBy)),
		flow.One(flow.Part{Name: "Readable without our systems", Counts: "it says where the copy lies", Next: at("print it, and write down where it lies")}, p.Offline != ""),
		flow.One(flow.Part{Name: "Tried within a year", Counts: "it was exercised or used in the last 365 days", Next: at("exercise it")}, s.Within(tried, 365)),
	}
}

// ownParts are what one type of plan needs besides.
func (s *survey) ownParts(p *SecurityPlan, part *PlanPart) []flow.Part {
	switch part.Type {
	case "recovery":
		return s.recoveryParts(p)
	case "continuity":
		return s.continuityParts(part.Plan)
	case "communication":
		return s.messageParts(part, s.audiences())
	case "media":
		return s.messageParts(part, []isms.NotifiedParty{"media"})
	case "incident_response":
		return []flow.Part{flow.All(flow.Part{Name: "Playbooks ready", Counts: "a playbook that may be followed", Next: flow.Next{Text: "finish and release it"}}, isms.Playbooks,
			flow.Those(every[isms.Playbook](s, isms.Playbooks), func(b *isms.Playbook) bool { return b.Status != "retired" }), func(b *isms.Playbook) string {
				if b.Status != "ready" {
					return "is not released"
				}
				return ""
			})}
	}
	return nil
}

func (s *survey) recoveryParts(p *SecurityPlan) []flow.Part {
	targets := map[string]bool{}
	for _, t := range every[isms.RecoveryTarget](s, isms.RecoveryTargets) {
		targets[t.AssetID] = true
	}
	critical := flow.Those(every[isms.Asset](s, isms.Assets), func(a *isms.Asset) bool {
		return a.Criticality >= flow.CrownLevel && a.Lifecycle == "operating" && slices.Contains([]isms.AssetType{"service", "application", "data_set"}, a.Type)
	})
	kept := flow.Part{Name: "Promises can be kept", Counts: "an asset that comes back in time, with everything it rests on", Next: flow.Next{Text: "mend the time or the promise", Page: "continuity"}}
	for _, r := range p.Impact.Assets {
		if r.Need.Hours == 0 || r.Able == 0 {
			continue
		}
		kept.Want++
		if i := slices.IndexFunc(r.Gaps, func(g RecoveryGap) bool { return g.Grave && (g.Kind == GapTime || g.Kind == GapRests) }); i >= 0 {
			kept.Lack(flow.NamedOf("asset", &r.Asset.Base, r.Gaps[i].Text))
		} else {
			kept.Have++
		}
	}
	proved := flow.Part{Name: "Backups proved by a restore", Counts: "an asset that keeps data and from whose copy somebody has restored", Next: flow.Next{Text: "restore from a copy and compare", Page: "backups"}}
	for _, l := range p.Backups.Assets {
		proved.Want++
		if l.Health != isms.HealthBad {
			proved.Have++
		} else {
			proved.Lack(flow.NamedOf("asset", &l.Asset.Base, l.Verdict))
		}
	}
	return []flow.Part{
		flow.All(flow.Part{Name: "Recovery times promised", Counts: "a critical service, application or data set with a recovery target", Next: flow.Next{Text: "say how soon it must be back"}}, isms.Assets, critical,
			func(a *isms.Asset) string { return flow.Lacking(flow.Filled(targets[a.ID]), "recovery target") }),
		flow.IfAny(flow.Part{Name: "Recovery times shown", Counts: "a recovery target that was measured within its interval and met", Next: flow.Next{Text: "measure it in an exercise"}}, isms.RecoveryTargets,
			every[isms.RecoveryTarget](s, isms.RecoveryTargets), func(t *isms.RecoveryTarget) string {
				switch {
				case t.Result == isms.TargetMissed:
					return "was missed: " + lasting(t.MeasuredRTO) + " instead of " + lasting(t.RTO)
				case t.TestedOn == "":
					return "was never measured"
				case t.TestEvery > 0 && s.Past(kind.DateOf(t.TestedOn.Time().AddDate(0, 0, t.TestEvery))):
					return "was measured too long ago"
				}
				return ""
			}), kept, proved}
}

func (s *survey) continuityParts(p *isms.Plan) []flow.Part {
	list := every[isms.ImpactAssessment](s, isms.ImpactAssessments)
	return []flow.Part{
		flow.All(flow.Part{Name: "Processes assessed", Counts: "an approved impact assessment with its recovery time and the longest bearable outage", Next: flow.Next{Text: "assess what its loss costs, and have it approved"}}, isms.ImpactAssessments, list,
			func(a *isms.ImpactAssessment) string {
				if a.Status != isms.ImpactApproved {
					return "is not approved"
				}
				return flow.Lacking(flow.Filled(a.RTOHours > 0), "recovery time", flow.Filled(a.MTPDHours > 0), "longest bearable outage", flow.Filled(!a.LossDay.IsZero()), "loss")
			}),
		flow.IfAny(flow.Part{Name: "A way by hand", Counts: "a process of which somebody wrote down how it goes on without systems", Next: flow.Next{Text: "write down how it goes on by hand"}}, isms.ImpactAssessments, list,
			func(a *isms.ImpactAssessment) string { return flow.Lacking(string(a.Workaround), "way by hand") }),
		flow.One(flow.Part{Name: "A place to meet", Counts: "where people meet when the usual places and systems are gone", Next: flow.Next{Text: p.Title + ": say where people meet", Kind: "plan", ID: p.ID}}, p.MeetingAt != ""),
	}
}

// audiences are who has to be told, as the records show: staff and customers always,
// people and authorities where personal data are kept, the insurer where there is one.
func (s *survey) audiences() []isms.NotifiedParty {
	list := []isms.NotifiedParty{"staff", "customers"}
	if len(every[isms.Processing](s, isms.Processings)) > 0 {
		list = append(list, "data_protection_authority", "data_subjects")
	}
	if slices.ContainsFunc(every[isms.CrisisContact](s, isms.CrisisContacts), func(c *isms.CrisisContact) bool { return c.Type == "insurer" }) {
		list = append(list, "insurer")
	}
	return list
}

// messageParts ask for approved words for everybody who has to be told.
func (s *survey) messageParts(part *PlanPart, wanted []isms.NotifiedParty) []flow.Part {
	words := flow.Part{Name: "Approved words for everybody", Counts: "somebody who has to be told, with an approved statement, a speaker and a way", Want: len(wanted), Next: flow.Next{Text: "Write what is said, name who says it, and have it approved", Kind: "plan_message"}}
	for _, audience := range wanted {
		best := "nothing is prepared"
		for _, m := range part.Messages {
			if m.Audience != audience {
				continue
			}
			if best = flow.Lacking(m.SpeakerID, "speaker", m.Channel, "channel", string(m.Statement), "statement"); best == "" && m.Status != isms.MessageApproved {
				best = "is not approved"
			}
			if best == "" {
				break
			}
		}
		if best == "" {
			words.Have++
			continue
		}
		label := isms.PlanMessages.Field("audience").Choice(string(audience)).Label
		words.Lack(flow.Named{Kind: "plan_message", Title: prose.FirstOf(label, kind.Humanise(string(audience))), Note: best})
	}
	if len(part.Messages) == 0 {
		words.Next.New = true
	}
	never := flow.IfAny(flow.Part{Name: "What must not be said", Counts: "a statement that says what is never said", Next: flow.Next{Text: "write down what must not be said"}}, isms.PlanMessages, part.Messages,
		func(m *isms.PlanMessage) string {
			return flow.Lacking(string(m.Never), "line that must not be crossed")
		})
	return []flow.Part{words, never}
}

// contactDays is how long a number counts as tried.
const contactDays = 180

func (s *survey) contactParts(p *SecurityPlan) []flow.Part {
	wanted := []isms.ContactType{"internal", "forensics", "legal", "insurer", "authority", "police"}
	kinds := flow.Part{Name: "Everybody who may be needed", Counts: "one of us, forensics, legal advice, the insurer, the authority and the police", Want: len(wanted), Next: flow.Next{Text: "Add who is called for it", Kind: "crisis_contact", New: true}}
	for _, t := range wanted {
		if slices.ContainsFunc(p.Contacts, func(c *isms.CrisisContact) bool { return c.Type == t }) {
			kinds.Have++
		} else {
			label := isms.CrisisContacts.Field("type").Choice(string(t)).Label
			kinds.Lack(flow.Named{Kind: "crisis_contact", Title: prose.FirstOf(label, kind.Humanise(string(t))), Note: "nobody is named"})
		}
	}
	return []flow.Part{kinds,
		flow.IfAny(flow.Part{Name: "Reachable at night", Counts: "a contact with a telephone number", Next: flow.Next{Text: "add a number that works at night"}}, isms.CrisisContacts, p.Contacts,
			func(c *isms.CrisisContact) string { return flow.Lacking(c.Telephone, "telephone") }),
		flow.IfAny(flow.Part{Name: "Tried within half a year", Counts: "a contact whose number somebody tried in the last 180 days", Next: flow.Next{Text: "call it once and mark it as tried"}}, isms.CrisisContacts, p.Contacts,
			func(c *isms.CrisisContact) string {
				if !s.Within(c.CheckedOn, contactDays) {
					return "was not tried lately"
				}
				return ""
			}),
	}
}
