package page

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// to is the address of this page with some parameters changed.
func (v *soaView) to(pairs ...string) string {
	at := map[string]string{"framework": v.framework.Key, "scope": v.scopeKey(), "show": v.show, "q": v.q, "since": string(v.since)}
	if v.page > 1 && (len(pairs) == 0 || pairs[0] == "edit") { // anything else begins at the front again
		at["page"] = strconv.Itoa(v.page)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		at[pairs[i]] = pairs[i+1]
	}
	var flat []string
	for _, name := range []string{"framework", "scope", "show", "q", "since", "page", "edit"} {
		flat = append(flat, name, at[name])
	}
	return link("/soa", flat...)
}

func (v *soaView) scopeKey() string {
	if v.st.Scope == nil {
		return ""
	}
	return v.st.Scope.Key
}

// scopeID is what forms post.
func (v *soaView) scopeID() string {
	if v.st.Scope == nil {
		return ""
	}
	return v.st.Scope.ID
}

// A chip is a filter with how many lines it would show.
type chip struct {
	label, href string
	count       int
	current     bool
}

func (v *soaView) chips() []chip {
	c := v.count
	list := []chip{{"All", v.to("show", ""), c.Total, v.show == ""}}
	for _, x := range []struct {
		value, label string
		n            int
	}{
		{"met", "Met", c.Met}, {"partly", "Partly", c.Partly}, {"fails", "Fails", c.Fails}, {"stale", "Stale", c.Stale}, {"unknown", "Not measured", c.Unknown},
		{"differs", "People disagree", c.Differs}, {"undecided", "Undecided", c.Undecided}, {"excluded", "Do not apply", c.Excluded}, {"changed", "Changed", v.changes()},
	} {
		if x.n > 0 || v.show == x.value {
			list = append(list, chip{x.label, v.to("show", x.value), x.n, v.show == x.value})
		}
	}
	return list
}

func (v *soaView) changes() int {
	n := 0
	for _, s := range v.all {
		if _, ok := v.changed[s.Requirement.ID]; ok {
			n++
		}
	}
	return n
}

func (v *soaView) tabs() []ui.TabItem {
	var tabs []ui.TabItem
	for _, fw := range v.st.Frameworks {
		c := flow.CountOf(v.st.Of(fw.ID))
		tabs = append(tabs, ui.TabItem{Label: shortName(fw), Href: v.to("framework", fw.Key, "show", "", "q", ""), Count: v.Format.Share(c.Share()), Current: fw.ID == v.framework.ID})
	}
	return tabs
}

// shortName is how people call a framework.
func shortName(fw *isms.Framework) string {
	if fw.Abbreviation != "" {
		return fw.Abbreviation
	}
	return fw.Title
}

func (v *soaView) stats() []ui.StatProps {
	c := v.count
	list := []ui.StatProps{
		{Label: "Apply", Value: strconv.Itoa(c.Counting()), Unit: "of " + strconv.Itoa(c.Total), Note: plainCount(c.Excluded, "does not apply", "do not apply")},
		{Label: "Measured as met", Value: v.Format.Share(c.Share()), Note: strconv.Itoa(c.Met) + " of " + strconv.Itoa(c.Counting()), Why: &ui.WhyProps{ID: "why-met", About: "Measured as met",
			Formula: "met ÷ (all − those that do not apply)", Summary: "Met: there is a good proof and none against it. Checks that pass, tested safeguards, documents in force, records, and what follows from other frameworks."}},
		{Label: "People say met", Value: v.Format.Share(c.SaidShare()), Note: strconv.Itoa(c.Said) + " of " + strconv.Itoa(c.Counting())},
		{Label: "Where they disagree", Value: strconv.Itoa(c.Differs), Href: v.to("show", "differs"), Note: "People or proof is wrong there"},
	}
	return list
}

func plainCount(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// measuredStage is the shape of a measured answer.
func measuredStage(m isms.Measured) ui.Stage {
	switch m {
	case isms.MeasuredMet:
		return ui.Done
	case isms.MeasuredPartly:
		return ui.Doing
	case isms.MeasuredStale:
		return ui.Waiting
	case isms.MeasuredFails:
		return ui.Failed
	}
	return ui.Todo
}

func measuredMark(m isms.Measured) templ.Component {
	return ui.State(measuredLabel(m), measuredStage(m))
}

func measuredLabel(m isms.Measured) string {
	if m == isms.MeasuredUnknown {
		return "Not measured"
	}
	return isms.Applicabilities.Field("measured").Choice(string(m)).Label
}

func saidMark(s isms.ApplicabilityStatus) templ.Component {
	stage := map[isms.ApplicabilityStatus]ui.Stage{isms.ApplicabilityMet: ui.Done, isms.ApplicabilityPartly: ui.Doing, isms.ApplicabilityPlanned: ui.Waiting}[s]
	if stage == "" {
		stage = ui.Todo
	}
	return ui.State(isms.Applicabilities.Field("status").Choice(string(s)).Label, stage)
}

// rowTone marks the lines where people and proof disagree.
func rowTone(s *flow.Standing) string {
	switch {
	case s.Applies() == isms.AppliesNo:
		return "soa__row--out"
	case s.Differs() && s.Said() == isms.ApplicabilityMet:
		return "table__row--negative"
	case s.Differs():
		return "table__row--attention"
	}
	return ""
}

// ageOf says how old a proof is: what an auditor asks first.
func (v *soaView) ageOf(s *flow.Standing) string { return ageWords(s.Fresh(), v.today) }

func ageWords(p *flow.Proof, today kind.Date) string {
	if p == nil || p.At.IsZero() {
		return ""
	}
	days := daysBetween(kind.DateOf(p.At), today)
	switch {
	case days <= 0:
		return "proof of today"
	case days == 1:
		return "proof of yesterday"
	}
	return "proof " + strconv.Itoa(days) + " days old"
}

// guardsOf names the safeguards of a line.
func guardsOf(s *flow.Standing) []flow.Proof { return s.Of("safeguard") }

// checksOf sums up the checks and the evidence of a line.
func checksOf(s *flow.Standing) string {
	good, bad := 0, 0
	var parts []string
	for _, p := range s.Of("check", "advisory") {
		switch p.Verdict {
		case flow.Good:
			if p.Kind == "passed" {
				parts = append(parts, lowerFirst(p.Title))
			} else {
				good++
			}
		case flow.Bad:
			bad++
		}
	}
	if bad > 0 {
		parts = append(parts, plainCount(bad, "check fails", "checks fail"))
	}
	if good > 0 {
		parts = append(parts, "no overdue weakness")
	}
	for source, words := range map[string][2]string{"document": {"document", "documents"}, "test": {"test", "tests"}, "record": {"record", "records"}, "evidence": {"evidence", "pieces of evidence"}} {
		if n := len(s.Of(source)); n > 0 {
			parts = append(parts, plainCount(n, words[0], words[1]))
		}
	}
	slices.Sort(parts)
	if s.OnlyInferred() {
		parts = append(parts, "from another framework")
	}
	return strings.Join(parts, ", ")
}

// choicesOf are the options of a field of a line.
func choicesOf(field string) []ui.Option {
	var list []ui.Option
	for _, c := range isms.Applicabilities.Field(field).Choices {
		list = append(list, ui.Option{Value: c.Value, Label: c.Label, Help: c.Doc})
	}
	return list
}

func levelOptions() []ui.Option {
	list := []ui.Option{{Value: "0", Label: "–"}}
	for i := 1; i <= len(kind.LevelNames); i++ {
		list = append(list, ui.Option{Value: strconv.Itoa(i), Label: strconv.Itoa(i)})
	}
	return list
}

// proofURL is where a proof can be looked at; empty for none.
func proofURL(p flow.Proof) string {
	switch p.Kind {
	case "check":
		return link("/findings", "filter[check]", p.ID, "filter[status]", "open")
	case "advisory":
		return link("/triage", "type", "advisory")
	case "", "passed", "unmeasured":
		return ""
	}
	if k := isms.Registry.Named(p.Kind); k != nil {
		return web.RecordURL(k, p.ID)
	}
	return ""
}
