package flow

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// For how many days proofs count that carry no date of their own.
const (
	checkDays    = 30  // a run of checks
	testDays     = 365 // a test of a safeguard
	defaultProof = 365 // evidence without a last day
)

// proofsOf gathers what speaks for and against one requirement.
func (g *ground) proofsOf(r *isms.Requirement) []Proof {
	var out []Proof
	if r.Chapter {
		return nil
	}
	out = append(out, g.checkProofs(r)...)
	out = append(out, g.guardProofs(r)...)
	out = append(out, g.writtenProofs(r)...)
	return append(out, g.records[r.Catalogue]...)
}

// checkProofs are what the latest runs concluded about the checks that the
// requirement names: by id, by pattern, by topic, and "advisory" for weaknesses in
// software.
func (g *ground) checkProofs(r *isms.Requirement) []Proof {
	var out, passing []Proof
	names := []string{}
	failed := false
	for _, c := range g.checks {
		ran := g.ran[c.ID]
		if ran == nil || !asks(r.Checks, c.ID, c.Topic) {
			continue
		}
		p := Proof{Source: "check", Kind: "check", ID: c.ID, Title: c.Title}
		switch {
		case ran.failing > 0:
			failed = true
			p.Verdict, p.Text, p.At = Bad, prose.Plural(ran.failing, "open finding", "open findings")+" of the check "+c.ID+".", g.lookedAt
			out = append(out, p)
		case ran.borne > 0:
			p.Verdict, p.Text = Weak, prose.Plural(ran.borne, "finding was", "findings were")+" accepted or mitigated, and "+c.ID+" still fails."
			out = append(out, p)
		case ran.passed > 0:
			names = append(names, c.ID)
			passing = append(passing, Proof{At: ran.newest, Text: prose.Plural(ran.passed, "machine", "machines")})
		}
	}
	if len(names) > 0 {
		out = append(out, g.passed(names, passing))
	}
	if (failed || len(names) > 0) && g.measured < g.hosts {
		out = append(out, Proof{Source: "check", Kind: "unmeasured", Title: "Machines without a scan", Verdict: Weak,
			Text: fmt.Sprintf("%d of %d machines in operation were looked at.", g.measured, g.hosts)})
	}
	if slices.Contains(r.Checks, "advisory") && g.advisories.judged > 0 {
		out = append(out, g.advisoryProof())
	}
	return out
}

// passed sums up the checks that pass everywhere they say something.
func (g *ground) passed(names []string, passing []Proof) Proof {
	p := Proof{Source: "check", Kind: "passed", Title: prose.Plural(len(names), "check passes", "checks pass"), Verdict: Good}
	for _, one := range passing {
		if one.At.After(p.At) {
			p.At = one.At
		}
	}
	p.Until = kind.DateOf(p.At.AddDate(0, 0, checkDays))
	if p.Until < g.today {
		p.Verdict = Old
	}
	const most = 8
	p.Text = strings.Join(names[:min(most, len(names))], ", ")
	if len(names) > most {
		p.Text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	p.Text += " on " + prose.Plural(g.measured, "machine.", "machines.")
	return p
}

// asks tells whether the requirement wants to know of the check.
func asks(patterns []string, id, topic string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if t, ok := strings.CutPrefix(p, "topic:"); ok {
			return t == topic
		}
		ok, _ := path.Match(p, id) // a broken pattern matches nothing
		return ok
	})
}

func (g *ground) advisoryProof() Proof {
	a := g.advisories
	p := Proof{Source: "advisory", Kind: "advisory", Title: "Weaknesses in software", At: a.at, Until: kind.DateOf(a.at.AddDate(0, 0, checkDays))}
	switch {
	case a.overdue > 0 || a.exploited > 0:
		p.Verdict = Bad
		p.Text = fmt.Sprintf("%d of %s overdue, %d known to be exploited.", a.overdue, prose.Plural(a.open, "open finding is", "open findings are"), a.exploited)
	case p.Until < g.today:
		p.Verdict, p.Text = Old, "The software was last compared with advisories more than a month ago."
	default:
		p.Verdict, p.Text = Good, "The software of "+prose.Plural(a.judged, "system", "systems")+" is compared with advisories, and no finding is overdue."
	}
	return p
}

// guardProofs are the safeguards that meet the requirement.
func (g *ground) guardProofs(r *isms.Requirement) []Proof {
	var out []Proof
	for _, s := range g.safeguards[r.ID] {
		if s.Status == isms.SafeguardRetired {
			continue
		}
		p := Proof{Source: "safeguard", Kind: isms.Safeguards.Name, ID: s.ID, Title: s.Title, Verdict: Weak}
		tested, every := s.TestedOn, s.TestEvery
		if every == 0 {
			every = testDays
		}
		if e := newest(g.evidence[s.ID]); e != nil && kind.DateOf(e.At) > tested {
			tested = kind.DateOf(e.At)
		}
		switch {
		case s.Status != isms.SafeguardOperating:
			p.Text = prose.Lower(isms.Safeguards.Field("status").Choice(string(s.Status)).Label) + ", not in operation."
		case tested == "":
			p.Text, p.InForce = "in operation, never tested.", true
		default:
			p.At = tested.Time()
			p.Until = kind.DateOf(p.At.AddDate(0, 0, every))
			p.Verdict, p.Text = Good, "in operation, last tested on "+string(tested)+"."
			if p.Until < g.today {
				p.Verdict, p.Text = Old, "in operation, but last tested on "+string(tested)+", and a test is due every "+prose.Plural(every, "day", "days")+"."
			}
		}
		out = append(out, p)
	}
	return out
}

func newest(list []*isms.Evidence) *isms.Evidence {
	var e *isms.Evidence
	for _, x := range list {
		if e == nil || x.At.After(e.At) {
			e = x
		}
	}
	return e
}

// writtenProofs are documents, tests, evidence and open doubts.
func (g *ground) writtenProofs(r *isms.Requirement) []Proof {
	var out []Proof
	for _, d := range g.documents[r.ID] {
		out = append(out, g.documentProof(d))
	}
	for _, t := range g.tests[r.ID] {
		out = append(out, g.testProof(t))
	}
	if l := g.lines[r.ID]; l != nil {
		if e := newest(g.evidence[l.ID]); e != nil {
			out = append(out, g.evidenceProof(e))
		}
	}
	return append(out, g.doubts[r.ID]...)
}

func (g *ground) documentProof(d *isms.Document) Proof {
	p := Proof{Source: "document", Kind: isms.Documents.Name, ID: d.ID, Title: d.Title, Verdict: Weak, Until: d.ReviewBy, At: cmpDate(d.ReviewedOn, d.PublishedOn).Time()}
	switch {
	case d.Status != isms.DocumentPublished:
		p.Text, p.Until, p.At = prose.Lower(isms.Documents.Field("status").Choice(string(d.Status)).Label)+", not in force.", "", time.Time{}
	case d.ReviewBy != "" && d.ReviewBy < g.today:
		p.Verdict, p.Text = Old, "in force, but its review was due on "+string(d.ReviewBy)+"."
	default:
		p.Verdict, p.Text = Good, "in force"+prefixed(", version ", d.Number)+"."
	}
	return p
}

func (g *ground) testProof(t *isms.Test) Proof {
	p := Proof{Source: "test", Kind: isms.Tests.Name, ID: t.ID, Title: t.Title, At: t.EndOn.Time(), Until: t.NextOn}
	if p.Until == "" {
		p.Until = kind.DateOf(p.At.AddDate(0, 0, testDays))
	}
	p.Text = prose.Lower(isms.Tests.Field("result").Choice(string(t.Result)).Label) + " on " + string(t.EndOn) + "."
	p.Verdict = map[isms.TestResult]Verdict{"effective": Good, "partly": Weak, "ineffective": Bad}[t.Result]
	if p.Verdict == Good && p.Until < g.today {
		p.Verdict = Old
	}
	return p
}

func (g *ground) evidenceProof(e *isms.Evidence) Proof {
	p := Proof{Source: "evidence", Kind: isms.Evidences.Name, ID: e.ID, Title: e.Title, At: e.At, Until: e.ValidUntil, Verdict: Good}
	if p.Until == "" {
		p.Until = kind.DateOf(e.At.AddDate(0, 0, defaultProof))
	}
	p.Text = prose.Lower(isms.Evidences.Field("source").Choice(string(e.Source)).Label) + " on " + string(kind.DateOf(e.At)) + ", holds until " + string(p.Until) + "."
	if p.Until < g.today {
		p.Verdict, p.Text = Old, "of "+string(kind.DateOf(e.At))+"; it held until "+string(p.Until)+"."
	}
	return p
}

// readSafeguards reads the safeguards that meet requirements, and the evidence of
// them and of the lines.
func (g *ground) readSafeguards(ctx context.Context) error {
	var err error
	if g.safeguards, err = farEnd[isms.Safeguard](ctx, g.f.app, isms.Safeguards, "meets"); err != nil {
		return err
	}
	g.evidence = map[string][]*isms.Evidence{}
	for _, k := range []*kind.Kind{isms.Safeguards, isms.Applicabilities} {
		if err := g.readEvidence(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// farEnd reads the records of a kind that are joined with others, by the id of the
// other. What lies in the bin is left out.
func farEnd[T any](ctx context.Context, a *app.App, k *kind.Kind, name string) (map[string][]*T, error) {
	return endsOf[T](ctx, a, k, name, k, func(p store.Pair) (string, string) { return p.From, p.To })
}

// nearEnd reads the records to which those of another kind are joined, by the id of
// that one.
func nearEnd[T any](ctx context.Context, a *app.App, from *kind.Kind, name string, k *kind.Kind) (map[string][]*T, error) {
	return endsOf[T](ctx, a, from, name, k, func(p store.Pair) (string, string) { return p.To, p.From })
}

// endsOf reads one end of a relation, by the other.
func endsOf[T any](ctx context.Context, a *app.App, from *kind.Kind, name string, k *kind.Kind, ends func(store.Pair) (wanted, by string)) (map[string][]*T, error) {
	var pairs []store.Pair
	err := a.View(ctx, func(tx *store.Tx) (err error) {
		pairs, err = tx.Pairs(from, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, p := range pairs {
		wanted, _ := ends(p)
		ids = append(ids, wanted)
	}
	slices.Sort(ids)
	found, err := a.Many(ctx, k, slices.Compact(ids))
	out := map[string][]*T{}
	for _, p := range pairs {
		wanted, by := ends(p)
		if r, ok := found[wanted]; ok && r.GetBase().DeletedAt.IsZero() {
			out[by] = append(out[by], any(r).(*T))
		}
	}
	return out, err
}

// newestEvidence is how much of the evidence of one record is looked at: ids sort by
// time, so these are the newest.
const newestEvidence = 5

func (g *ground) readEvidence(ctx context.Context, k *kind.Kind) error {
	var pairs []store.Pair
	err := g.f.app.View(ctx, func(tx *store.Tx) (err error) {
		pairs, err = tx.Pairs(k, "evidenced by")
		return err
	})
	if err != nil {
		return err
	}
	kept := map[string][]string{}
	var ids []string
	for _, p := range pairs {
		kept[p.From] = append(kept[p.From], p.To)
	}
	for owner, list := range kept {
		kept[owner] = list[max(0, len(list)-newestEvidence):]
		ids = append(ids, kept[owner]...)
	}
	slices.Sort(ids)
	found, err := g.f.app.Many(ctx, isms.Evidences, slices.Compact(ids))
	for owner, list := range kept {
		for _, id := range list {
			if e, ok := found[id].(*isms.Evidence); ok && e.DeletedAt.IsZero() {
				g.evidence[owner] = append(g.evidence[owner], e)
			}
		}
	}
	return err
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func cmpDate(a, b kind.Date) kind.Date {
	if a == "" {
		return b
	}
	return a
}
