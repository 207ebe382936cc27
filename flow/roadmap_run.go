package flow

import (
	"slices"
	"strings"
	"time"

	"holdfast/isms"
	"holdfast/kind"
)

// A topic is what a document has to be about: the shipped template, or words of a
// title by which one of somebody's own is recognised.
type topic struct{ template, name, words string }

// policies are the topics on which an auditor asks for something in writing.
var policies = []topic{
	{"information-security", "Information security", "information security"}, {"acceptable-use", "Acceptable use", "acceptable use"},
	{"access-control", "Access control", "access"}, {"password-and-authentication", "Passwords and sign-in", "password|authentication"},
	{"asset-management", "Assets", "asset"}, {"classification-and-handling", "Classification and handling", "classification"},
	{"backup", "Backup and restore", "backup"}, {"vulnerability-management", "Vulnerabilities", "vulnerabilit"},
	{"change-management", "Change", "change"}, {"supplier-security", "Suppliers", "supplier"},
	{"incident-response", "Incident response", "incident"}, {"business-continuity", "Continuity", "continuity"},
	{"remote-work", "Remote work", "remote"}, {"data-protection", "Data protection", "data protection|privacy"},
}

// about finds the best document on a topic: one in force before one in the making.
func (t topic) about(list []*isms.Document) *isms.Document {
	var best *isms.Document
	for _, d := range list {
		title := strings.ToLower(d.Title)
		hit := d.Template == t.template || slices.ContainsFunc(strings.Split(t.words, "|"), func(w string) bool { return strings.Contains(title, w) })
		if hit && d.Status != isms.DocumentWithdrawn && (best == nil || d.Status == isms.DocumentPublished && best.Status != isms.DocumentPublished) {
			best = d
		}
	}
	return best
}

// onTopics asks for a published document on each topic.
func (s *Survey) onTopics(name string, topics []topic) Part {
	p := Part{Name: name, Counts: "a topic with a published document, made of the shipped template or with the topic in its title", Next: Next{Text: "finish it and publish it", Kind: "document"}}
	for _, t := range topics {
		p.Want++
		d := t.about(Every[isms.Document](s, isms.Documents))
		switch {
		case d == nil:
			p.Lack(Named{Kind: "document", Key: t.template, Title: t.name, Note: "nothing is written about it"})
		case d.Status != isms.DocumentPublished:
			p.Lack(NamedOf("document", &d.Base, "is "+strings.ReplaceAll(string(d.Status), "_", " ")))
		default:
			p.Have++
		}
	}
	return p
}

func (s *Survey) written() []Part {
	inForce := Those(Every[isms.Document](s, isms.Documents), func(d *isms.Document) bool {
		return d.Status == isms.DocumentPublished && d.Type != "external" && d.Type != "record"
	})
	asked := Those(Every[isms.Acknowledgement](s, isms.Acknowledgements), func(a *isms.Acknowledgement) bool { return a.Status != isms.AcknowledgementExcused })
	return []Part{
		s.onTopics("Topics in force", policies),
		All(Part{Name: "Owned and reviewed in time", Counts: "a published document with an owner whose review date has not passed", Next: Next{Text: "review it and set the next date"}},
			isms.Documents, inForce, func(d *isms.Document) string {
				if s.Past(d.ReviewBy) {
					return "was to be reviewed by " + string(d.ReviewBy)
				}
				return Lacking(d.OwnerID, "owner", string(d.ReviewBy), "review date")
			}),
		IfAny(Part{Name: "Read and accepted", Counts: "an acknowledgement that was asked for and given", Next: Next{Text: "remind those who have not read it"}},
			isms.Acknowledgements, asked, func(a *isms.Acknowledgement) string {
				if a.Status == isms.AcknowledgementAccepted {
					return ""
				}
				return "is " + string(a.Status)
			}),
	}
}

func (s *Survey) implemented() []Part {
	guards := Those(Every[isms.Safeguard](s, isms.Safeguards), func(g *isms.Safeguard) bool {
		return g.Status != isms.SafeguardRetired && g.Status != isms.SafeguardProposed
	})
	operating := func(means isms.SafeguardMeans) Part {
		list := Those(guards, func(g *isms.Safeguard) bool { return g.Means == means })
		return All(Part{Name: capital(string(means)) + " safeguards operate", Counts: "a " + string(means) + " safeguard that was approved and is in operation", Next: Next{Text: "put it into operation"}},
			isms.Safeguards, list, func(g *isms.Safeguard) string {
				if g.Status == isms.SafeguardOperating {
					return ""
				}
				return "is " + string(g.Status)
			})
	}
	plans := Those(Every[isms.Treatment](s, isms.Treatments), func(t *isms.Treatment) bool {
		return t.Status == isms.TreatmentApproved || t.Status == isms.TreatmentRunning || t.Status == isms.TreatmentDone
	})
	return []Part{operating("technical"), operating("organisational"), operating("physical"),
		IfAny(Part{Name: "Treatments done or on time", Counts: "an approved treatment that is done, or has an owner and a date that has not passed", Next: Next{Text: "finish it, or set a date that can be kept"}},
			isms.Treatments, plans, func(t *isms.Treatment) string {
				if t.Status == isms.TreatmentDone {
					return ""
				}
				if s.Past(t.Due) {
					return "was due on " + string(t.Due)
				}
				return Lacking(t.OwnerID, "owner", string(t.Due), "date")
			}),
		s.urgentFindings(),
	}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// urgentFindings counts without reading: there may be a hundred thousand.
func (s *Survey) urgentFindings() Part {
	grave := kind.Query{}.Where("severity", string(isms.SeverityCritical), string(isms.SeverityHigh)).Where("status", string(isms.FindingOpen))
	late := s.count(isms.Findings, grave.With("due", kind.Less, string(s.Today)).With("due", kind.Empty, "false"))
	p := Part{Name: "Grave findings within their time", Counts: "an open critical or high finding whose due date has not passed", Want: s.count(isms.Findings, grave),
		Next: Next{Text: "Repair the critical and high findings that are overdue", Page: "triage"}}
	p.Have = p.Want - late
	return p
}

func (s *Survey) trained() []Part {
	courses := Those(Every[isms.Course](s, isms.Courses), func(c *isms.Course) bool { return c.Status == "offered" })
	taken := map[string]bool{}
	list := Those(Every[isms.Assignment](s, isms.Assignments), func(a *isms.Assignment) bool { return a.Status != isms.AssignmentExcused })
	for _, a := range list {
		if a.Status == isms.AssignmentPassed && !s.Past(a.ValidUntil) {
			taken[a.PersonID] = true
		}
	}
	staff := Those(Every[isms.Person](s, isms.People), func(p *isms.Person) bool {
		return p.Status == isms.PersonActive && p.Employment != "service" && p.Employment != "external"
	})
	return []Part{
		All(Part{Name: "Courses offered", Counts: "an offered course with an owner and an audience", Next: Next{Text: "say who has to take it"}}, isms.Courses, courses,
			func(c *isms.Course) string {
				return Lacking(c.OwnerID, "owner", Filled(len(c.Audience) > 0), "audience")
			}),
		All(Part{Name: "Everybody has learnt", Counts: "an active member of staff with a course that was passed and is still valid", Next: Next{Text: "assign a course and see that it is taken"}},
			isms.People, staff, func(p *isms.Person) string { return Lacking(Filled(taken[p.ID]), "valid course") }),
		IfAny(Part{Name: "Assignments done", Counts: "an assignment that was passed and has not run out, or is not yet due", Next: Next{Text: "remind the person"}},
			isms.Assignments, list, func(a *isms.Assignment) string {
				switch {
				case a.Status == isms.AssignmentPassed && s.Past(a.ValidUntil):
					return "had to be renewed by " + string(a.ValidUntil)
				case a.Status != isms.AssignmentPassed && s.Past(a.Due):
					return "was due on " + string(a.Due)
				}
				return ""
			}),
		One(Part{Name: "Awareness tried out", Counts: "a phishing exercise or a test with forged messages within the last year", Next: Next{Text: "Try out whether a bait is reported", Kind: "test", New: true}}, s.baited()),
	}
}

func (s *Survey) baited() bool {
	return slices.ContainsFunc(Every[isms.Test](s, isms.Tests), func(t *isms.Test) bool {
		return t.Method == "social_engineering" && (t.Status == "done" || t.Status == "reported") && s.Within(t.EndOn, 365)
	})
}

func (s *Survey) reviewed() []Part {
	tried := s.triedOn()
	guards := Those(Every[isms.Safeguard](s, isms.Safeguards), func(g *isms.Safeguard) bool { return g.Status == isms.SafeguardOperating })
	sources := Those(Every[isms.EventSource](s, isms.EventSources), func(e *isms.EventSource) bool { return e.Status != isms.SourceDisabled })
	closed := Those(Every[isms.Incident](s, isms.Incidents), func(i *isms.Incident) bool { return i.Phase == "closed" && s.Within(kind.DateOf(i.ClosedAt), 365) })
	causes := map[string]bool{}
	for _, c := range Every[isms.RootCause](s, isms.RootCauses) {
		causes[c.IncidentID] = true
	}
	return []Part{
		One(Part{Name: "Internal audit within a year", Counts: "an internal audit whose report is there and not older than a year", Next: Next{Text: "Plan an internal audit by somebody who did not build it", Kind: "audit", New: true}},
			slices.ContainsFunc(Every[isms.Audit](s, isms.Audits), func(a *isms.Audit) bool {
				return a.Type == "internal" && (a.Status == "reported" || a.Status == "closed") && s.Within(maxDate(a.ReportedOn, a.EndOn), 365)
			})),
		All(Part{Name: "Safeguards tried out", Counts: "an operating safeguard that proved itself within its own interval, a year where none is set", Next: Next{Text: "test whether it works"}},
			isms.Safeguards, guards, func(g *isms.Safeguard) string {
				interval := g.TestEvery
				if interval == 0 {
					interval = 365
				}
				last := maxDate(g.TestedOn, tried[g.ID])
				if s.Within(last, interval) {
					return ""
				}
				if last == "" {
					return "was never tested"
				}
				return "was last tested on " + string(last)
			}),
		All(Part{Name: "Event sources report", Counts: "an event source that is active", Next: Next{Text: "find out why nothing arrives"}}, isms.EventSources, sources,
			func(e *isms.EventSource) string {
				if e.Status == isms.SourceActive {
					return ""
				}
				return "is " + string(e.Status)
			}),
		s.readIndicators(),
		IfAny(Part{Name: "Incidents understood", Counts: "an incident closed within a year with a root cause or lessons", Next: Next{Text: "write down why it was possible"}}, isms.Incidents, closed,
			func(i *isms.Incident) string { return Lacking(Filled(causes[i.ID] || i.Lessons != ""), "cause") }),
		One(Part{Name: "Management review within a year", Counts: "a management review whose minutes are approved and not older than a year", Next: Next{Text: "Hold a management review", Kind: "management_review", New: true}},
			slices.ContainsFunc(Every[isms.ManagementReview](s, isms.ManagementReviews), func(r *isms.ManagementReview) bool {
				return r.Status == "approved" && s.Within(r.HeldOn, 365)
			})),
	}
}

// maxDate is the later of two days.
func maxDate(a, b kind.Date) kind.Date { return max(a, b) }

// triedOn is when each safeguard was last tried by a test that is over.
func (s *Survey) triedOn() map[string]kind.Date {
	tests := ByID(Every[isms.Test](s, isms.Tests))
	out := map[string]kind.Date{}
	for _, p := range s.links(isms.Tests, "tries") {
		if t := tests[p.From]; t != nil && t.EndOn != "" && (t.Status == "done" || t.Status == "reported") {
			out[p.To] = max(out[p.To], t.EndOn)
		}
	}
	return out
}

// readIndicators asks whether each indicator was read in its rhythm, with half of
// it as grace; a quarter of a year where none is set.
func (s *Survey) readIndicators() Part {
	return All(Part{Name: "Indicators read", Counts: "an indicator read within one and a half times its rhythm", Next: Next{Text: "enter its present value"}},
		isms.Indicators, Every[isms.Indicator](s, isms.Indicators), func(i *isms.Indicator) string {
			days := i.EveryDays
			if days == 0 {
				days = 60
			}
			if i.MeasuredAt.IsZero() {
				return "was never read"
			}
			if s.Now.Sub(i.MeasuredAt) > time.Duration(days)*36*time.Hour {
				return "was last read on " + string(kind.DateOf(i.MeasuredAt))
			}
			return ""
		})
}

func (s *Survey) improving() []Part {
	wrong := Those(Every[isms.Nonconformity](s, isms.Nonconformities), func(n *isms.Nonconformity) bool { return n.Status != "closed" && n.Status != "rejected" })
	actions := map[string]bool{}
	for _, a := range Every[isms.CorrectiveAction](s, isms.CorrectiveActions) {
		actions[a.NonconformityID] = true
	}
	open := Those(Every[isms.CorrectiveAction](s, isms.CorrectiveActions), func(a *isms.CorrectiveAction) bool { return a.Status != "effective" && a.Status != "dropped" })
	moved := Those(Every[isms.Motivator](s, isms.Motivators), func(m *isms.Motivator) bool { return m.Status != isms.MotivatorDismissed })
	cycles := Every[isms.ImprovementCycle](s, isms.ImprovementCycles)
	return []Part{
		One(Part{Name: "A turn completed", Counts: "a turn of plan, do, check and act that was completed within the last year", Next: Next{Text: "Complete a turn of improvement", Kind: "improvement_cycle", New: len(cycles) == 0}},
			slices.ContainsFunc(cycles, func(c *isms.ImprovementCycle) bool {
				return c.Phase == "complete" && (s.Within(kind.DateOf(c.CompletedAt), 365) || s.Within(c.EndOn, 365))
			})),
		One(Part{Name: "The next turn under way", Counts: "a turn that is neither complete nor abandoned", Next: Next{Text: "Begin the next turn of improvement", Kind: "improvement_cycle", New: true}},
			slices.ContainsFunc(cycles, func(c *isms.ImprovementCycle) bool { return c.Phase != "complete" && c.Phase != "abandoned" })),
		IfAny(Part{Name: "Nonconformities answered", Counts: "an open nonconformity with an owner, a date that has not passed and a corrective action or an observation only", Next: Next{Text: "decide what is done so that it does not happen again"}},
			isms.Nonconformities, wrong, func(n *isms.Nonconformity) string {
				if s.Past(n.Due) {
					return "was to be repaired by " + string(n.Due)
				}
				return Lacking(n.OwnerID, "owner", Filled(actions[n.ID] || n.Grade == "observation"), "corrective action")
			}),
		IfAny(Part{Name: "Corrective actions on time", Counts: "a corrective action whose date has not passed, or that is done", Next: Next{Text: "finish it, or set a date that can be kept"}},
			isms.CorrectiveActions, open, func(a *isms.CorrectiveAction) string {
				if a.Status != "done" && s.Past(a.Due) {
					return "was due on " + string(a.Due)
				}
				return ""
			}),
		IfAny(Part{Name: "Changes taken up", Counts: "a motivator of change of which somebody said what it changes, or that is handled", Next: Next{Text: "say what it changes for you"}},
			isms.Motivators, moved, func(m *isms.Motivator) string {
				if m.Status == isms.MotivatorNoticed {
					return "nobody has said what it changes"
				}
				return ""
			}),
	}
}
