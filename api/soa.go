package api

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"holdfast/access"
	"holdfast/api/client"
	"holdfast/engine/coverage"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// shippedFrameworks lists the frameworks of the catalogue.
func (a *api) shippedFrameworks(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	have := map[string]bool{}
	err := a.App.All(r.Context(), isms.Frameworks, kind.Query{}, func(rec kind.Record) error {
		have[rec.(*isms.Framework).Catalogue] = true
		return nil
	})
	if err != nil {
		return err
	}
	var list []client.ShippedFramework
	for i := range a.Flow.Catalogue().Frameworks {
		fw := &a.Flow.Catalogue().Frameworks[i]
		list = append(list, client.ShippedFramework{ID: fw.ID, Title: fw.Title, Publisher: fw.Publisher, Edition: fw.Version, Requirements: fw.Controls(), Loaded: have[fw.ID]})
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", -1))
}

// adoptFramework takes one of them into the workspace, with a line in the statement of
// the whole organisation for each of its requirements.
func (a *api) adoptFramework(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in struct {
		Framework string `json:"framework"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	out, err := a.Flow.Adopt(r.Context(), in.Framework)
	if err != nil {
		return err
	}
	lines, err := a.Flow.OpenLines(r.Context(), out.FrameworkID, "")
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.Adoption{FrameworkID: out.FrameworkID, Framework: out.Framework, Status: out.Status, Created: out.Created, Changed: out.Changed,
		Unchanged: out.Unchanged, Kept: out.Kept, Gone: out.Gone, Orphans: out.Orphans, Mappings: out.Mappings, Links: out.Links, Lines: lines})
}

// statementFor reads the statement of the framework and the scope that the query names
// by id or key; without a framework, of the first one adopted.
func (a *api) statementFor(r *http.Request) (*flow.Statement, *isms.Framework, error) {
	v, err := params(r, "framework", "scope")
	if err != nil {
		return nil, nil, err
	}
	return a.statementOf(r, v.Get("framework"), v.Get("scope"))
}

func (a *api) statementOf(r *http.Request, framework, scope string) (*flow.Statement, *isms.Framework, error) {
	if scope != "" {
		rec, err := a.App.Get(r.Context(), isms.Scopes, scope)
		if err != nil {
			return nil, nil, err
		}
		scope = rec.GetBase().ID
	}
	st, err := a.Flow.Statement(r.Context(), scope)
	if err != nil {
		return nil, nil, err
	}
	if len(st.Frameworks) == 0 {
		return nil, nil, kind.Errorf(kind.NotFound, "no framework has been adopted yet; POST /frameworks/adopt takes one in")
	}
	for _, fw := range st.Frameworks {
		if framework != "" && slices.Contains([]string{fw.ID, fw.Key, fw.Catalogue}, framework) || framework == "" && fw.Catalogue != "" {
			return st, fw, nil
		}
	}
	if framework == "" {
		return st, st.Frameworks[0], nil
	}
	return nil, nil, kind.Errorf(kind.NotFound, "there is no framework %q with requirements here", framework)
}

// statement answers with the statement of applicability as it is measured now.
func (a *api) statement(w http.ResponseWriter, r *http.Request) error {
	st, fw, err := a.statementFor(r)
	if err != nil {
		return err
	}
	out := client.Statement{Framework: fw.Title, Count: countOf(flow.CountOf(st.Of(fw.ID))), Lines: []client.StatementLine{}}
	if st.Scope != nil {
		out.Scope = st.Scope.Title
	}
	for _, s := range st.Of(fw.ID) {
		out.Lines = append(out.Lines, lineOf(st, s))
	}
	return answer(w, http.StatusOK, out)
}

func countOf(c flow.GapCount) client.StandingCount {
	return client.StandingCount{Total: c.Total, Excluded: c.Excluded, Undecided: c.Undecided, Met: c.Met, Partly: c.Partly, Fails: c.Fails, Stale: c.Stale, Unknown: c.Unknown,
		Said: c.Said, Differs: c.Differs, Inferred: c.Inferred, Share: c.Share()}
}

func lineOf(st *flow.Statement, s *flow.Standing) client.StatementLine {
	l := client.StatementLine{Framework: s.Framework.Key, Code: s.Requirement.Code, Title: s.Requirement.Title, Applies: string(s.Applies()), Said: string(s.Said()), Measured: string(s.Measured),
		MeasuredAt: s.At, Differs: s.Differs(), Proposed: int(s.Maturity), Safeguards: []string{}, From: []client.StatementSource{}, IncludedFor: []string{}, Requirement: s.Requirement.ID}
	if c := st.Chapters[s.Requirement.ParentID]; c != nil {
		l.Chapter = c.Code + " " + c.Title
	}
	if s.Line != nil {
		l.Reason, l.How, l.Maturity, l.Applicability = string(s.Line.Reason), string(s.Line.How), int(s.Line.Maturity), s.Line.ID
		l.IncludedFor = append(l.IncludedFor, s.Line.IncludedFor...)
	}
	l.Proofs = proofViews(s.Proofs)
	for answers, list := range map[string][]coverage.Source{"whole": s.Inferred.Whole, "part": s.Inferred.Parts, "against": s.Inferred.Against} {
		for _, src := range list {
			l.From = append(l.From, sourceOf(st, answers, src))
		}
	}
	slices.SortFunc(l.From, func(a, b client.StatementSource) int {
		return strings.Compare(a.Answers+" "+a.Requirement, b.Answers+" "+b.Requirement)
	})
	return l
}

func sourceOf(st *flow.Statement, answers string, src coverage.Source) client.StatementSource {
	out := client.StatementSource{Requirement: st.Name(src.ID), Answers: answers, Confidence: src.Confidence}
	for _, step := range src.Path {
		p := step.Pair
		out.Way = append(out.Way, st.Name(p.Source)+" "+string(p.Relation)+" "+st.Name(p.Target)+" ("+p.Authority+", "+strconv.Itoa(p.Confidence)+")")
	}
	return out
}

// statementTable answers with the statement as CSV.
func (a *api) statementTable(w http.ResponseWriter, r *http.Request) error {
	st, fw, err := a.statementFor(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaCSV)
	w.Header().Set("Content-Disposition", `attachment; filename="soa.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"code", "title", "chapter", "applies", "reason", "included_for", "safeguards", "proofs", "measured", "measured_at", "said", "differs", "maturity", "proposed_maturity", "how"})
	for _, s := range st.Of(fw.ID) {
		l := lineOf(st, s)
		var proofs []string
		for _, p := range l.Proofs {
			proofs = append(proofs, p.Verdict+": "+p.Title+": "+p.Text)
		}
		at := ""
		if !l.MeasuredAt.IsZero() {
			at = l.MeasuredAt.Format("2006-01-02")
		}
		row := []string{l.Code, l.Title, l.Chapter, l.Applies, l.Reason, strings.Join(l.IncludedFor, ", "), strings.Join(l.Safeguards, "; "), strings.Join(proofs, "\n"),
			l.Measured, at, l.Said, strconv.FormatBool(l.Differs), strconv.Itoa(l.Maturity), strconv.Itoa(l.Proposed), l.How}
		for i := range row {
			row[i] = harmless(row[i])
		}
		_ = out.Write(row) // an error stays in the writer
	}
	out.Flush()
	return nil // what was sent cannot be taken back: a reader who has gone needs no problem
}

// harmless keeps a spreadsheet from calculating what a cell says.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// decideStatement writes lines, all or none.
func (a *api) decideStatement(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.LineDecisions
	if err := decode(w, r, &in); err != nil {
		return err
	}
	const most = 1000
	if len(in.Lines) > most || len(in.Lines) == 0 && !in.Proposed {
		return kind.Fieldf("lines", "decide 1 to %d lines, or all as proposed", most)
	}
	scope := ""
	if in.Scope != "" {
		rec, err := a.App.Get(r.Context(), isms.Scopes, in.Scope)
		if err != nil {
			return err
		}
		scope = rec.GetBase().ID
	}
	n, err := a.decideLines(r, scope, in)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.HowMany{Changed: n})
}

func (a *api) decideLines(r *http.Request, scope string, in client.LineDecisions) (int, error) {
	if in.Proposed {
		_, fw, err := a.statementOf(r, in.Framework, scope)
		if err != nil {
			return 0, err
		}
		return a.Flow.AcceptProposals(r.Context(), fw.ID, scope)
	}
	var list []flow.LineDecision
	for i, l := range in.Lines {
		rec, err := a.App.Get(r.Context(), isms.Requirements, l.Requirement)
		if err != nil {
			return 0, kind.Fieldf("lines["+strconv.Itoa(i)+"].requirement", "%v", err)
		}
		d := flow.LineDecision{RequirementID: rec.GetBase().ID, Applies: isms.Applies(l.Applies), Reason: l.Reason, IncludedFor: l.IncludedFor, Status: isms.ApplicabilityStatus(l.Status), How: l.How}
		if l.Maturity != nil {
			level := isms.Level(*l.Maturity)
			d.Maturity = &level
		}
		list = append(list, d)
	}
	return a.Flow.Decide(r.Context(), scope, list)
}

// gap says what a framework lacks and what would close the gap.
func (a *api) gap(w http.ResponseWriter, r *http.Request) error {
	st, fw, err := a.statementFor(r)
	if err != nil {
		return err
	}
	g, err := a.gapOf(r, st, fw)
	if err != nil {
		return err
	}
	planned, err := a.Flow.Planned(r.Context(), g.Steps)
	if err != nil {
		return err
	}
	scope := ""
	if st.Scope != nil {
		scope = st.Scope.ID
	}
	trend, err := a.Flow.Trend(r.Context(), fw.ID, scope)
	if err != nil {
		return err
	}
	out := client.Gap{Framework: fw.Title, Count: countOf(g.Count), Missing: []string{}, Steps: []client.GapStep{}, Trend: []client.GapReading{}}
	if st.Scope != nil {
		out.Scope = st.Scope.Title
	}
	for _, s := range g.Missing {
		out.Missing = append(out.Missing, s.Requirement.Code)
	}
	for _, s := range g.Steps {
		step := client.GapStep{Key: s.Key, Title: s.Title, How: s.How, Avoided: s.Avoided, Cost: s.Cost, Hours: s.Hours, Answers: []string{}}
		for _, id := range s.Answers {
			step.Answers = append(step.Answers, st.Line(id).Requirement.Code)
		}
		if t := planned[s.Key]; t != nil {
			step.Task = t.Key
		}
		out.Steps = append(out.Steps, step)
	}
	for _, m := range trend {
		out.Trend = append(out.Trend, client.GapReading{Day: string(m.Day), Share: m.Share, Note: m.Note})
	}
	return answer(w, http.StatusOK, out)
}

// every is more actions than there can be.
const every = 1 << 20

func (a *api) gapOf(r *http.Request, st *flow.Statement, fw *isms.Framework) (flow.Gap, error) {
	actions, err := a.Flow.NextActions(r.Context(), every)
	if err != nil {
		return flow.Gap{}, err
	}
	return a.Flow.Gap(st, fw.ID, actions), nil
}

// gapTasks makes tasks of steps.
func (a *api) gapTasks(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in struct {
		Framework string   `json:"framework"`
		Scope     string   `json:"scope"`
		Steps     []string `json:"steps"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	if len(in.Steps) == 0 {
		return kind.Fieldf("steps", "name the keys of steps; GET /gap lists them")
	}
	st, fw, err := a.statementOf(r, in.Framework, in.Scope)
	if err != nil {
		return err
	}
	g, err := a.gapOf(r, st, fw)
	if err != nil {
		return err
	}
	n, err := a.Flow.PlanSteps(r.Context(), st, g, in.Steps...)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.HowMany{Changed: n})
}

// duties is the register of obligations with what each rests on.
func (a *api) duties(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	actor, err := access.From(r.Context())
	if err != nil {
		return err
	}
	if actor.May(kind.Read, isms.Obligations) != access.All {
		return actor.Refuse(kind.Read, isms.Obligations)
	}
	st, err := a.Flow.Statement(r.Context(), "")
	if err != nil {
		return err
	}
	list, err := a.Flow.Duties(r.Context(), st)
	if err != nil {
		return err
	}
	out := []client.Duty{}
	for _, d := range list {
		one := client.Duty{Key: d.Obligation.Key, Title: d.Obligation.Title, Status: string(d.Obligation.Status), Said: string(d.Obligation.Compliance), Measured: string(d.Measured),
			Unmet: append([]string{}, d.Unmet...), ReviewBy: string(d.Obligation.ReviewBy), Next: string(d.Next), Requirements: []string{}}
		for _, s := range d.Requirements {
			one.Requirements = append(one.Requirements, st.Name(s.Requirement.ID))
		}
		out = append(out, one)
	}
	return answer(w, http.StatusOK, client.ListOf(out, "", -1))
}
