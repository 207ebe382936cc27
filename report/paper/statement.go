package paper

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/chart"
)

// statementOfApplicability says of every requirement whether it counts, why, and how
// far it is met, as people say and as checks and evidence show.
func statementOfApplicability(m *maker) report.Document {
	s := newStatement(m)
	if m.err != nil {
		return report.Document{}
	}
	total := flow.CountOf(s.st.Lines)
	status := "Decided"
	switch {
	case total.Total == 0:
		status = "Draft: no framework is in use"
	case total.Undecided > 0:
		status = fmt.Sprintf("Draft: %d of %d lines are undecided", total.Undecided, total.Total)
	}
	doc := m.document("Statement of applicability", "Which requirements count, why, and how far they are met", status,
		report.Property{Name: "Scope", Value: s.scope()}, report.Property{Name: "Last decided", Value: s.lastDecided()},
		report.Property{Name: "Requirements", Value: fmt.Sprintf("%d, of which %d do not apply", total.Total, total.Excluded)})
	doc.Landscape = true
	doc.Blocks = append(doc.Blocks, s.overview()...)
	for _, f := range s.st.Frameworks {
		doc.Blocks = append(doc.Blocks, s.framework(f)...)
	}
	doc.Blocks = append(doc.Blocks, s.proofs()...)
	doc.Blocks = append(doc.Blocks, m.method(measuredBy())...)
	return doc
}

// measuredBy explains the two answers of the statement.
func measuredBy() report.Block {
	return report.Definitions{Items: []report.Definition{
		{Term: "Said", Text: report.Plain("How far a requirement is met in the words of its owner.")},
		{Term: "Measured", Text: report.Plain("How far checks, tests, evidence and documents show it: met when all of them speak for it, partly when some do, stale when what spoke for it has aged, not met when what there is speaks against it, unknown when nothing measures it.")},
		{Term: "From another framework", Text: report.Plain("Where nothing of its own measures a requirement, an equal or wider one of another framework may answer it; requirements that only intersect prove nothing.")},
		{Term: "Seen", Text: report.Plain("The day of the newest fact on which the measured answer rests.")},
	}}
}

// statement is the paper in the making.
type statement struct {
	*maker
	st                  *flow.Statement
	risks, bound, guard map[string][]string // by line
	answers             map[string][]string // safeguards by requirement
}

// newStatement measures the scope of which most has been decided; without any
// decision the whole organisation.
func newStatement(m *maker) statement {
	lines := all[isms.Applicability](m, isms.Applicabilities, kind.Query{})
	decided := map[string]int{}
	for _, l := range lines {
		decided[l.ScopeID]++
	}
	scope := ""
	for _, id := range slices.Sorted(mapKeys(decided)) {
		if decided[id] > decided[scope] {
			scope = id
		}
	}
	s := statement{maker: m}
	if m.err != nil {
		return s
	}
	if s.st, m.err = m.flow.Statement(m.ctx, scope); m.err != nil {
		return s
	}
	m.note("requirements", len(s.st.Lines))
	var ids, requirements []string
	for _, l := range s.st.Lines {
		requirements = append(requirements, l.Requirement.ID)
		if l.Line != nil {
			ids = append(ids, l.Line.ID)
		}
	}
	s.risks, s.bound = m.linked(isms.Applicabilities, "because of risk", ids), m.linked(isms.Applicabilities, "because of obligation", ids)
	s.guard, s.answers = m.linked(isms.Applicabilities, "met by", ids), m.linked(isms.Requirements, "met by", requirements)
	return s
}

// mapKeys walks the keys of a map.
func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (s statement) scope() string {
	if s.st.Scope == nil {
		return "The whole organisation"
	}
	return s.st.Scope.Title
}

func (s statement) lastDecided() string {
	var last *isms.Applicability
	for _, l := range s.st.Lines {
		if l.Line != nil && !l.Line.DecidedAt.IsZero() && (last == nil || l.Line.DecidedAt.After(last.DecidedAt)) {
			last = l.Line
		}
	}
	if last == nil {
		return ""
	}
	return fmt.Sprintf("%s, by %s", shown(kind.DateOf(last.DecidedAt.In(s.zone))), s.person(last.DecidedBy))
}

func (s statement) overview() []report.Block {
	blocks := []report.Block{h1("At a glance")}
	if s.st.Scope != nil {
		blocks = append(blocks, markdown(s.st.Scope.Statement, 4)...)
	}
	if len(s.st.Lines) == 0 {
		return append(blocks, para("No framework is in use. Adopt one, and its requirements appear here."))
	}
	c := flow.CountOf(s.st.Lines)
	blocks = append(blocks, report.KeyFigures{Items: []report.KeyFigure{
		{Value: chart.Percent(c.Share()), Label: "Measured as met", Note: fmt.Sprintf("%d of %d that apply", c.Met, c.Counting())},
		{Value: chart.Percent(c.SaidShare()), Label: "Said to be met"},
		{Value: fmt.Sprint(c.Differs), Label: "Said and measured differ", Tone: warn(c.Differs)},
		{Value: fmt.Sprint(c.Undecided), Label: "Not decided yet", Tone: warn(c.Undecided)},
	}})
	bars := chart.Bars{Title: "Requirements by framework and what is measured", Parts: measuredParts()}
	t := report.Table{Caption: "Frameworks in use", Columns: []report.Column{{Name: "Framework", Width: 0.28}, {Name: "Requirements", Align: report.Right}, {Name: "Do not apply", Align: report.Right}, {Name: "Undecided", Align: report.Right}, {Name: "Measured as met", Align: report.Right}, {Name: "Share", Align: report.Right}}}
	for _, f := range s.st.Frameworks {
		n := flow.CountOf(s.st.Of(f.ID))
		bars.Rows = append(bars.Rows, chart.Row{Name: short(f), Values: measuredValues(n)})
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(f.Title), number(n.Total), number(n.Excluded), number(n.Undecided), number(n.Met), share(n.Share())}})
	}
	return append(blocks, report.Figure{Chart: bars, Caption: "What is measured, by framework"}, t)
}

// short is what people call a framework.
func short(f *isms.Framework) string { return cmp.Or(f.Abbreviation, f.Title) }

// measuredParts are the parts of a bar, in the order of measuredValues.
func measuredParts() []chart.Part {
	return []chart.Part{{Name: "Met", Colour: chart.Low}, {Name: "Partly", Colour: chart.Accent}, {Name: "Stale", Colour: chart.Medium}, {Name: "Not met", Colour: chart.High}, {Name: "Unknown", Colour: chart.None}}
}

func measuredValues(c flow.GapCount) []float64 {
	return []float64{float64(c.Met), float64(c.Partly), float64(c.Stale), float64(c.Fails), float64(c.Unknown)}
}

// framework is the statement of one framework: its chapters as a chart, its lines as
// a table.
func (s statement) framework(f *isms.Framework) []report.Block {
	lines := s.st.Of(f.ID)
	if len(lines) == 0 {
		return nil
	}
	bars := chart.Bars{Title: "Chapters of " + short(f), Parts: measuredParts()}
	t := report.Table{Caption: "Statement of applicability: " + f.Title, Columns: []report.Column{
		{Name: "No.", Width: 0.065}, {Name: "Requirement", Width: 0.175}, {Name: "Applies", Width: 0.07}, {Name: "Why, or why not", Width: 0.15}, {Name: "Demanded by", Width: 0.14}, {Name: "Met by", Width: 0.14},
		{Name: "Said", Width: 0.075}, {Name: "Measured", Width: 0.085}, {Name: "Seen", Width: 0.1}}}
	chapter := "-"
	var group []*flow.Standing
	flush := func() {
		if len(group) > 0 {
			bars.Rows = append(bars.Rows, chart.Row{Name: s.chapterName(chapter), Values: measuredValues(flow.CountOf(group))})
		}
		group = nil
	}
	for _, l := range lines {
		if l.Requirement.ParentID != chapter {
			flush()
			chapter = l.Requirement.ParentID
			t.Rows = append(t.Rows, report.Row{Group: true, Cells: []report.Cell{cell(s.chapterName(chapter))}})
		}
		group = append(group, l)
		t.Rows = append(t.Rows, s.line(l))
	}
	flush()
	blocks := []report.Block{report.PageBreak{}, h1(f.Title)}
	if len(bars.Rows) > 1 && len(bars.Rows) <= 30 {
		blocks = append(blocks, report.Figure{Chart: bars, Caption: "What is measured, by chapter"})
	}
	return append(blocks, t)
}

func (s statement) chapterName(id string) string {
	c := s.st.Chapters[id]
	if c == nil {
		return "Requirements"
	}
	return codeAndTitle(c)
}

func codeAndTitle(r *isms.Requirement) string {
	return strings.TrimSpace(r.Code + "  " + strings.TrimSpace(strings.TrimPrefix(r.Title, r.Code)))
}

func (s statement) line(l *flow.Standing) report.Row {
	why, demanded, met := "–", "–", listed(s.answers[l.Requirement.ID])
	if x := l.Line; x != nil {
		var because []string
		for _, r := range x.IncludedFor {
			because = append(because, strings.ToLower(kind.Humanise(r)))
		}
		why = dash(strings.Join(nonEmpty(strings.Join(because, ", "), plain(x.Reason)), ": "))
		demanded = listed(append(slices.Clone(s.risks[x.ID]), s.bound[x.ID]...))
		met = dash(strings.Join(nonEmpty(plain(x.How), strings.Join(distinct(append(slices.Clone(s.guard[x.ID]), s.answers[l.Requirement.ID]...)), "; ")), " "))
	}
	return report.Row{Cells: []report.Cell{{Text: report.Text{{Text: l.Requirement.Code, Bold: true}}}, cell(strings.TrimSpace(strings.TrimPrefix(l.Requirement.Title, l.Requirement.Code))), state(l.Applies()),
		cell(why), cell(demanded), cell(met), s.said(l), s.measured(l), s.seen(l)}}
}

func nonEmpty(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return strings.TrimSpace(s) == "" })
}

// said and measured say nothing of what does not apply.
func (s statement) said(l *flow.Standing) report.Cell {
	if l.Applies() == isms.AppliesNo {
		return cell("–")
	}
	return state(l.Said())
}

func (s statement) measured(l *flow.Standing) report.Cell {
	if l.Applies() == isms.AppliesNo {
		return cell("–")
	}
	c := state(l.Measured)
	if l.OnlyInferred() {
		c.Text = append(c.Text, report.Span{Text: ", from another framework"})
	}
	return c
}

func (s statement) seen(l *flow.Standing) report.Cell {
	if l.At.IsZero() || l.Applies() == isms.AppliesNo {
		return cell("–")
	}
	return day(kind.DateOf(l.At.In(s.zone)))
}

// proofs are the facts on which the measured answers rest.
func (s statement) proofs() []report.Block {
	t := report.Table{Caption: "Proofs by requirement, those against it first", Columns: []report.Column{
		{Name: "Requirement", Width: 0.12}, {Name: "Proof", Width: 0.26}, {Name: "Source", Width: 0.1}, {Name: "What was seen", Width: 0.3}, {Name: "Says", Width: 0.08}, {Name: "Seen", Width: 0.07}, {Name: "Holds until", Width: 0.07}}}
	for _, l := range s.st.Lines {
		if l.Applies() == isms.AppliesNo {
			continue
		}
		for _, p := range l.Proofs {
			seen := cell("–")
			if !p.At.IsZero() {
				seen = day(kind.DateOf(p.At.In(s.zone)))
			}
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(short(l.Framework) + " " + l.Requirement.Code), cell(p.Title), cell(p.Source), cell(p.Text), verdict(p.Verdict), seen, day(p.Until)}})
		}
	}
	if len(t.Rows) == 0 {
		return []report.Block{h1("What the measurement rests on"), para("Nothing measures any requirement yet.")}
	}
	return []report.Block{report.PageBreak{}, h1("What the measurement rests on"), t}
}

// verdict is what a proof says, as a cell.
func verdict(v flow.Verdict) report.Cell {
	switch v {
	case flow.Good:
		return toned("for it", report.Low)
	case flow.Bad:
		return toned("against it", report.High)
	case flow.Old:
		return toned("has aged", report.Medium)
	}
	return toned("not enough", report.Faint)
}
