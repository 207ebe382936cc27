package page

import (
	"strings"

	"holdfast/web/ui"
)

// places are the parts of the room, in the order in which they are needed.
func (v *roomView) places() []ui.TabItem {
	return []ui.TabItem{
		{Label: "Do now", Href: "#steps"}, {Label: "Who must be told", Href: "#clocks", Count: v.some(v.clocksOpen())}, {Label: "What is known", Href: "#known"},
		{Label: "Timeline", Href: "#timeline", Count: v.some(len(v.Timeline))}, {Label: "Facts", Href: "#facts"}, {Label: "Who does what", Href: "#roles"},
		{Label: "Evidence", Href: "#evidence", Count: v.some(len(v.Exhibits))}, {Label: "Signs", Href: "#signs"}, {Label: "Reach", Href: "#reach"}, {Label: "Record", Href: "#record"},
	}
}

// some is a number, or nothing for none.
func (v *roomView) some(n int) string {
	if n == 0 {
		return ""
	}
	return v.format.Count(int64(n))
}

func (v *roomView) clocksOpen() (n int) {
	for _, c := range v.Clocks {
		if c.Open {
			n++
		}
	}
	return n
}

// factsNote names the facts that hold: they start the clocks.
func (v *roomView) factsNote() string {
	var hold []string
	for _, f := range v.facts() {
		if f.typ == ui.FlagField && f.value == "true" {
			hold = append(hold, strings.ToLower(f.label[:1])+f.label[1:])
		}
	}
	if len(hold) == 0 {
		return "None is stated yet. They start, move and stop the clocks."
	}
	return upperFirst(strings.Join(hold, "; "))
}

func (v *roomView) evidenceNote() string {
	if len(v.Exhibits) == 0 {
		return "Nothing is kept yet"
	}
	return upperFirst(v.plural(int64(len(v.Exhibits)), "piece", "pieces")) + ", with hash and holder"
}

func (v *roomView) rolesNote() string {
	if lead := v.Name(v.Incident.LeadID); lead != "" {
		return lead + " leads"
	}
	return "Nobody leads yet"
}

func (v *roomView) signsNote() string {
	var parts []string
	for _, p := range []struct {
		n         int
		one, many string
	}{{len(v.Alerts), "alert", "alerts"}, {len(v.Reports), "report", "reports"}, {len(v.Causes), "cause", "causes"}} {
		if p.n > 0 {
			parts = append(parts, v.plural(int64(p.n), p.one, p.many))
		}
	}
	if len(parts) == 0 {
		return "Declared by hand"
	}
	return upperFirst(strings.Join(parts, ", "))
}

// reachNote says how much falls.
func (v *roomView) reachNote() string {
	if len(v.Reach.Assets) == 0 {
		return "No asset is named"
	}
	return upperFirst(v.plural(int64(v.falling()), "asset falls", "assets fall")) + ", " + v.short(v.Reach.Value) + " in reach"
}

func (v *roomView) falling() (n int) {
	for _, a := range v.Reach.Assets {
		if a.Falls {
			n++
		}
	}
	return n
}
