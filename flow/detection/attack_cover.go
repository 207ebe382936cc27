package detection

import (
	"cmp"
	"slices"
	"strings"

	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// watch notes on each technique what would notice it.
func (m *matrix) watch() {
	sources := every[isms.EventSource](m.survey, isms.EventSources)
	rules := every[isms.DetectionRule](m.survey, isms.DetectionRules)
	traps := every[isms.Trap](m.survey, isms.Traps)
	if m.Err != nil {
		return
	}
	reads, byKey := m.From(isms.DetectionRules, "reads"), flow.ByID(sources)
	for _, r := range rules {
		w := Watcher{Kind: "detection_rule", ID: r.ID, Title: r.Title, Proved: r.ProvedOn}
		var named []*isms.EventSource
		for _, id := range reads[r.ID] {
			if s := byKey[id]; s != nil {
				named = append(named, s)
			}
		}
		w.Lacks = ruleLacks(r, named, sources)
		w.Live = w.Lacks == ""
		m.note(w, r.Techniques)
	}
	for _, t := range traps {
		techniques, err := Notices(t)
		if err != nil {
			m.Err = err
			return
		}
		if t.Status == isms.TrapDisarmed {
			continue
		}
		w := Watcher{Kind: "trap", ID: t.ID, Title: t.Title, Proved: t.ProvedOn, Lacks: trapLacks(t)}
		w.Live = w.Lacks == ""
		m.note(w, techniques)
	}
	m.hear(sources)
}

// ruleLacks says why a rule would not ring; empty: it would.
func ruleLacks(r *isms.DetectionRule, named, all []*isms.EventSource) string {
	switch {
	case r.Complaint != "":
		return "the rule cannot run: " + r.Complaint
	case r.Status == isms.RuleTesting:
		return "the rule is only tried and calls nobody"
	case r.Status != isms.RuleActive:
		return "the rule is " + string(r.Status)
	}
	fitting := named
	if len(fitting) == 0 {
		fitting = flow.Those(all, func(s *isms.EventSource) bool { return serves(s, r) })
	}
	quiet := ""
	for _, s := range fitting {
		if s.Status == isms.SourceActive {
			return ""
		}
		quiet = s.Title + " is " + string(s.Status)
	}
	return prose.FirstOf(quiet, "no source sends what it reads")
}

// serves tells whether a source may carry what a rule reads: no word of theirs differs,
// and one is the same. A rule without words reads everything.
func serves(s *isms.EventSource, r *isms.DetectionRule) bool {
	same := r.Product == "" && r.Service == "" && r.Category == ""
	for _, p := range [][2]string{{r.Product, s.Product}, {r.Service, s.Service}, {r.Category, s.Category}} {
		switch {
		case p[0] == "" || p[1] == "":
		case !strings.EqualFold(p[0], p[1]):
			return false
		default:
			same = true
		}
	}
	return same
}

// trapLacks says why a trap would not ring; empty: it would.
func trapLacks(t *isms.Trap) string {
	switch {
	case t.Status == isms.TrapPlanned:
		return "the trap is only planned"
	case t.Complaint != "":
		return "the trap does not wait: " + t.Complaint
	case !t.Type.Decoy() && t.Token == "":
		return "no token was made for the trap"
	}
	return ""
}

// note adds a watcher to techniques.
func (m *matrix) note(w Watcher, techniques []string) {
	for _, id := range techniques {
		if c := m.cell(id); c != nil && !slices.ContainsFunc(c.By, func(x Watcher) bool { return x.ID == w.ID }) {
			c.By = append(c.By, w)
		}
	}
}

// hear notes the logs that arrive and in which a technique could be seen.
func (m *matrix) hear(sources []*isms.EventSource) {
	for _, l := range m.table.Logs {
		arrives := slices.ContainsFunc(sources, func(s *isms.EventSource) bool { return s.Status == isms.SourceActive && speaks(s, l) })
		if !arrives {
			continue
		}
		for _, id := range l.Shows {
			c := m.cells[id]
			for _, c := range append([]*AttackCell{c}, c.Subs...) {
				if !slices.Contains(c.Logs, l.Title) {
					c.Logs = append(c.Logs, l.Title)
				}
			}
		}
	}
}

// speaks tells whether a source carries a log.
func speaks(s *isms.EventSource, l catalog.Log) bool {
	for _, word := range []string{s.Product, s.Service, s.Category, string(s.Format)} {
		if word != "" && slices.Contains(l.Words, strings.ToLower(word)) {
			return true
		}
	}
	return false
}

// tested notes what tests tried and what they noticed.
func (m *matrix) tested() {
	for _, t := range every[isms.Test](m.survey, isms.Tests) {
		day := cmp.Or(t.EndOn, t.StartOn)
		if t.Status != "done" || day == "" || day > m.Today {
			continue
		}
		for _, id := range append(slices.Clone(t.Techniques), t.Noticed...) {
			c := m.cell(id)
			switch {
			case c == nil:
			case slices.Contains(t.Noticed, id):
				c.Last = max(c.Last, day)
			default:
				c.Missed = max(c.Missed, day)
			}
		}
	}
}

// leastWeight is from which weight a blind spot matters: below, it does not show.
const leastWeight = 1

// judge says of each technique how far it would be noticed, and sums up.
func (m *matrix) judge() {
	for _, c := range m.cells {
		m.see(c)
	}
	for _, c := range m.cells {
		if len(c.Subs) > 0 {
			m.seeWhole(c)
		}
	}
	weight, seen, proved := 0.0, 0.0, 0.0
	for id, c := range m.cells {
		if catalog.ParentTechnique(id) != id {
			continue
		}
		if !c.outside {
			m.Count[c.Sight]++
		}
		if c.Matters = !c.Watched() && c.Weight >= leastWeight && !c.outside; !c.Watched() {
			c.Remedy = m.remedy(c)
		}
		if c.raw <= 0 || c.outside {
			continue
		}
		m.Weighed++
		weight += c.raw
		if c.Watched() {
			seen += c.raw
		}
		if c.Sight == SightProved {
			proved += c.raw
		}
	}
	if weight > 0 {
		m.Share, m.Proved = seen/weight, proved/weight
	}
	slices.Sort(m.Strange)
}

// see judges a technique by what watches it. Who was tried later and not noticed is not
// proved by what rang before.
func (m *matrix) see(c *AttackCell) {
	slices.SortStableFunc(c.By, func(a, b Watcher) int { return cmp.Or(liveFirst(a.Live, b.Live), cmp.Compare(b.Proved, a.Proved)) })
	for _, w := range c.By {
		if w.Live {
			c.Last = max(c.Last, w.Proved)
		}
	}
	switch live := len(c.By) > 0 && c.By[0].Live; {
	case live && m.Within(c.Last, ProofDays) && c.Last >= c.Missed:
		c.Sight = SightProved
	case live:
		c.Sight = SightCovered
	case len(c.By) > 0:
		c.Sight = SightDeaf
	}
}

func liveFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// seeWhole raises a technique to the best sight of its special cases: whoever notices one
// of them notices that it is done.
func (m *matrix) seeWhole(c *AttackCell) {
	for _, sub := range c.Subs {
		if slices.Index(Sights, sub.Sight) < slices.Index(Sights, c.Sight) {
			c.Sight = sub.Sight
		}
		c.Last = max(c.Last, sub.Last)
		c.Missed = max(c.Missed, sub.Missed)
	}
}

// remedy says what would close a gap: what is there and does not run, a rule on a log
// that arrives, a trap, a log that does not arrive yet.
func (m *matrix) remedy(c *AttackCell) string {
	var parts []string
	for _, x := range append([]*AttackCell{c}, c.Subs...) {
		if len(x.By) > 0 {
			parts = append(parts, "Mend “"+x.By[0].Title+"”: "+x.By[0].Lacks+".")
			break
		}
	}
	if len(c.Logs) > 0 {
		parts = append(parts, "Write or import a rule for it over what arrives already: "+prose.Lower(strings.Join(c.Logs, ", "))+".")
	}
	if bait := m.table.BaitFor(c.ID); len(bait) > 0 {
		parts = append(parts, "Set a trap that it touches, such as "+strings.Join(trapNames(bait[:min(len(bait), 3)]), ", ")+".")
	}
	if len(c.Logs) == 0 {
		if logs := m.table.LogsOf(c.ID); len(logs) > 0 {
			parts = append(parts, logs[0].Connect)
		}
	}
	return strings.Join(parts, " ")
}

// trapNames are the words for types of traps.
func trapNames(types []string) []string {
	var list []string
	for _, t := range types {
		label := isms.Traps.Field("type").Choice(t).Label
		if label == "" {
			label = kind.Humanise(t)
		}
		list = append(list, label)
	}
	return list
}
