package flow

import (
	"context"
	"fmt"
	"strings"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// A recordRule proves a clause of the management system itself by the records that
// exist: that an audit was held this year is seen in the register of audits. Missing
// records prove nothing; Todo says what would.
type recordRule struct {
	requirement string // id in the catalogue
	kind        *kind.Kind
	where       kind.Query
	day         string // field that says when; empty: that there is one is enough
	days        int    // for how long it counts
	title       string
	todo        string
}

const iso = "iso27001-2022/"

var recordRules = []recordRule{
	{iso + "4.1", isms.Organisations, kind.Query{}.With("external_context", kind.Empty, "false"), "", 0, "Context of the organisation", "Describe the inner and outer context on the page of the organisation."},
	{iso + "4.2", isms.InterestedParties, kind.Query{}.With("requirements", kind.Empty, "false"), "", 0, "Interested parties with their demands", "Enter the interested parties and what they demand."},
	{iso + "4.3", isms.Scopes, kind.Query{}.Where("status", "approved"), "", 0, "Approved scope", "Write the scope and have it approved."},
	{iso + "5.2", isms.Documents, kind.Query{}.Where("type", "policy").Where("status", "published").Where("template", "information-security"), "", 0, "Information security policy in force", "Publish the information security policy."},
	{iso + "5.3", isms.Committees, kind.Query{}.Where("status", "active"), "", 0, "Steering committee", "Set up the steering committee and name the security lead."},
	{iso + "6.1.2", isms.RiskAssessments, kind.Query{}.Where("status", "approved"), "ends", 365, "Approved risk assessment", "Carry out a risk assessment and have it approved."},
	{iso + "6.1.3", isms.Treatments, kind.Query{}.Where("status", "approved", "running", "done"), "", 0, "Decided treatments of risks", "Decide how each risk is treated."},
	{iso + "6.2", isms.Objectives, kind.Query{}.Where("status", "approved", "reached"), "", 0, "Approved objectives", "Set security objectives with a measure, and have them approved."},
	{iso + "7.2", isms.Courses, kind.Query{}.Where("status", "offered"), "", 0, "Courses on offer", "Offer a course to those who need the skill."},
	{iso + "7.3", isms.Assignments, kind.Query{}.Where("status", "passed"), "finished_at", 365, "Passed training", "Train people and keep the results."},
	{iso + "8.2", isms.RiskAssessments, kind.Query{}.Where("status", "approved"), "ends", 365, "Risk assessment of this year", "Repeat the risk assessment every year and after great changes."},
	{iso + "8.3", isms.Treatments, kind.Query{}.Where("status", "done"), "", 0, "Treatments carried out", "Carry out a treatment and record it as done."},
	{iso + "9.1", isms.Measurements, kind.Query{}, "at", 92, "Readings of indicators", "Read an indicator at least every quarter."},
	{iso + "9.2.2", isms.Audits, kind.Query{}.Where("type", "internal"), "start_on", 365, "Audit programme", "Plan the internal audits of the year."},
	{iso + "9.2.1", isms.Audits, kind.Query{}.Where("type", "internal").Where("status", "reported", "closed"), "end_on", 365, "Internal audit of this year", "Hold an internal audit and report it."},
	{iso + "9.3.1", isms.ManagementReviews, kind.Query{}.Where("status", "held", "approved"), "held_on", 365, "Management review of this year", "Hold a management review."},
	{iso + "9.3.2", isms.ManagementReviews, kind.Query{}.Where("status", "held", "approved").With("performance", kind.Empty, "false"), "held_on", 365, "Inputs of the management review", "Gather the inputs of the management review."},
	{iso + "9.3.3", isms.ManagementReviews, kind.Query{}.Where("status", "approved").With("decisions", kind.Empty, "false"), "held_on", 365, "Decisions of the management review", "Approve the decisions of the management review."},
	{iso + "10.1", isms.ImprovementCycles, kind.Query{}, "", 0, "Improvement cycles", "Start an improvement cycle."},
	{iso + "10.2", isms.CorrectiveActions, kind.Query{}.Where("status", "done", "effective"), "", 0, "Corrective actions carried out", "Answer each nonconformity with a corrective action."},
}

// ruleTodo is what would prove a clause; empty when it is proven otherwise.
func ruleTodo(requirement string) string {
	for _, r := range recordRules {
		if r.requirement == requirement {
			return r.todo
		}
	}
	return ""
}

func (g *ground) readRecords(ctx context.Context) error {
	g.records = map[string][]Proof{}
	for _, rule := range recordRules {
		q := rule.where
		q.Limit, q.Count = 1, true
		if rule.day != "" {
			q.Sort = "-" + rule.day
		}
		page, err := g.f.app.List(ctx, rule.kind, q)
		if err != nil {
			return fmt.Errorf("proof of %s: %w", rule.requirement, err)
		}
		if len(page.Records) > 0 {
			g.records[rule.requirement] = append(g.records[rule.requirement], g.recordProof(rule, page.Records[0], int(page.Total)))
		}
	}
	return nil
}

func (g *ground) recordProof(rule recordRule, newest kind.Record, n int) Proof {
	p := Proof{Source: "record", Kind: rule.kind.Name, ID: newest.GetBase().ID, Title: rule.title, Verdict: Good}
	p.Text = fmt.Sprintf("%d on record, such as “%s”.", n, newest.GetBase().Title)
	if n == 1 {
		p.Text = "“" + newest.GetBase().Title + "”."
	}
	if rule.day == "" {
		p.At = newest.GetBase().UpdatedAt
		return p
	}
	day, _, _ := strings.Cut(rule.kind.Field(rule.day).Text(newest), "T")
	p.At = kind.Date(day).Time()
	p.Until = kind.DateOf(p.At.AddDate(0, 0, rule.days))
	if p.Until < g.today {
		p.Verdict = Old
		p.Text = "The last one, “" + newest.GetBase().Title + "”, is of " + day + "."
	}
	return p
}

// readWritten reads documents and tests that answer requirements, and what is known
// to be wrong with them.
func (g *ground) readWritten(ctx context.Context) error {
	var err error
	if g.documents, err = farEnd[isms.Document](ctx, g.f.app, isms.Documents, "implements"); err != nil {
		return err
	}
	if err := g.addTemplates(ctx); err != nil {
		return err
	}
	for id, list := range g.documents {
		g.documents[id] = keep(list, func(d *isms.Document) bool { return d.Status != isms.DocumentWithdrawn })
	}
	if g.tests, err = farEnd[isms.Test](ctx, g.f.app, isms.Tests, "answers"); err != nil {
		return err
	}
	for id, list := range g.tests {
		g.tests[id] = keep(list, func(t *isms.Test) bool { return t.Result != "open" && t.EndOn != "" })
	}
	return g.readDoubts(ctx)
}

func keep[T any](list []*T, want func(*T) bool) []*T {
	var out []*T
	for _, v := range list {
		if want(v) {
			out = append(out, v)
		}
	}
	return out
}

// addTemplates counts a document that was made from a template for what the template
// says it meets, where nobody has linked it.
func (g *ground) addTemplates(ctx context.Context) error {
	byID := map[string]string{}
	for _, r := range g.requirements {
		byID[r.Catalogue] = r.ID
	}
	docs, err := app.Of[isms.Document](g.f.app, isms.Documents).All(ctx, kind.Query{Sort: "title"}.With("template", kind.Empty, "false"))
	for _, d := range docs {
		t, ok := g.f.cat.Document(d.Template)
		if !ok {
			continue
		}
		for _, meets := range t.Meets {
			fw, code, _ := strings.Cut(meets, ":")
			id := byID[catalogueID(fw, code)]
			linked := keep(g.documents[id], func(x *isms.Document) bool { return x.ID == d.ID })
			if id != "" && len(linked) == 0 {
				g.documents[id] = append(g.documents[id], d)
			}
		}
	}
	return err
}

// readDoubts reads what auditors and people have found wrong.
func (g *ground) readDoubts(ctx context.Context) error {
	g.doubts = map[string][]Proof{}
	open, err := app.Of[isms.Nonconformity](g.f.app, isms.Nonconformities).All(ctx, kind.Query{}.
		With("requirement_id", kind.Empty, "false").With("status", kind.Not, "closed", "rejected"))
	if err != nil {
		return err
	}
	for _, n := range open {
		g.doubts[n.RequirementID] = append(g.doubts[n.RequirementID], Proof{Source: "record", Kind: isms.Nonconformities.Name, ID: n.ID, Title: n.Title,
			Verdict: Bad, Text: "an open nonconformity (" + string(n.Grade) + ").", At: n.FoundOn.Time()})
	}
	permitted, err := app.Of[isms.Exception](g.f.app, isms.Exceptions).All(ctx, kind.Query{}.
		With("requirement_id", kind.Empty, "false").Where("status", string(isms.ExceptionApproved)))
	for _, e := range permitted {
		g.doubts[e.RequirementID] = append(g.doubts[e.RequirementID], Proof{Source: "record", Kind: isms.Exceptions.Name, ID: e.ID, Title: e.Title,
			Verdict: Weak, Text: "a permitted deviation until " + string(e.Expires) + "."})
	}
	return err
}
