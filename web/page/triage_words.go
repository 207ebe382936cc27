package page

import (
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"holdfast/isms"
	"holdfast/web"
	"holdfast/web/ui"
)

// groupID is the id of a group on the page.
func groupID(value string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(value)) // a hash does not fail
	return fmt.Sprintf("g-%x", h.Sum64())
}

func (v *triageView) tabs() []ui.TabItem {
	var items []ui.TabItem
	for _, g := range groupings {
		items = append(items, ui.TabItem{Label: g.label, Href: v.with("by", g.name, "sort", ""), Current: g.name == v.by.name})
	}
	return items
}

func (v *triageView) orderLabel() string {
	for _, o := range triageOrders {
		if o.order == v.order {
			return o.label
		}
	}
	return "Order"
}

func (v *triageView) orderItems() []ui.MenuItem {
	var items []ui.MenuItem
	for _, o := range triageOrders {
		if o.order != byValue || v.by.name == "fix" {
			items = append(items, ui.MenuItem{Label: o.label, Href: v.with("sort", string(o.order)), Current: o.order == v.order})
		}
	}
	return items
}

// kept are the parameters that a search keeps.
func (v *triageView) kept() []ui.Hidden {
	hidden := slices.DeleteFunc(v.narrowed(), func(h ui.Hidden) bool { return h.Name == "q" })
	if v.values.Has("sort") {
		hidden = append(hidden, ui.Hidden{Name: "sort", Value: v.values.Get("sort")})
	}
	return hidden
}

func (v *triageView) clearURL() string {
	if !v.filtered() {
		return ""
	}
	return link("/triage", "by", v.values.Get("by"))
}

func (v *triageView) nothing() ui.EmptyProps {
	if v.filtered() {
		return ui.EmptyProps{Icon: "filter", Title: "No finding matches", Text: "Take a filter away to see more.", Actions: ui.Button(ui.ButtonProps{Label: "Clear the filters", Href: v.clearURL()})}
	}
	return ui.EmptyProps{Icon: "check", Title: "No finding is open", Text: "What scans find appears here, put together by what mends it.",
		Actions: ui.Button(ui.ButtonProps{Label: "Look at a machine", Href: "/"})}
}

// groupURL is the page with the group open.
func (v *triageView) groupURL(value string) string {
	page := ""
	if v.page > 0 {
		page = fmt.Sprint(v.page + 1)
	}
	return v.with("group", value, "page", page) + "#" + groupID(value)
}

// lazy lets the script fetch the inside of a group when it is opened.
func (v *triageView) lazy(g triageGroup) templ.Attributes {
	if g.open {
		return nil
	}
	q := url.Values{}
	for _, h := range v.narrowed() {
		q.Add(h.Name, h.Value)
	}
	q.Set("group", g.Value)
	return templ.Attributes{"hx-get": "/triage/group?" + q.Encode(), "hx-trigger": "toggle once", "hx-target": "find .tgroup__inside", "hx-swap": "innerHTML"}
}

// dueOf says until when the most urgent finding of a group should be gone.
func (v *triageView) dueOf(g triageGroup) string {
	words := dueWords(g.Due, v.today)
	if g.Overdue > 0 && g.Overdue < g.Count {
		return v.Format.Count(g.Overdue) + " overdue, up to " + strings.TrimSuffix(words, " overdue")
	}
	return words
}

// A severityCount is how many findings of a severity there are.
type severityCount struct {
	level string
	n     int64
}

func (g triageGroup) counts() (list []severityCount) {
	for _, s := range []severityCount{{"critical", g.Critical}, {"high", g.High}, {"medium", g.Medium}, {"low", g.Low},
		{"none", g.Count - g.Critical - g.High - g.Medium - g.Low}} {
		if s.n > 0 {
			list = append(list, s)
		}
	}
	return list
}

func isWeb(s string) bool { return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") }

// cancel is where the decision was begun.
func (d *deciding) cancel() string {
	back := d.form.Get("back")
	if !strings.HasPrefix(back, "/triage") {
		return "/triage"
	}
	return back
}

func (d *deciding) reasonHelp() string {
	switch d.name {
	case "accept":
		return "Why the organisation bears them for now. Auditors read this."
	case "mitigate":
		return "What else stops an attacker: name the safeguard."
	}
	return "Why they are no weakness here. Auditors read this."
}

// items are the first of the findings that are meant.
func (d *deciding) items() []ui.ListItem {
	const shown = 12
	var items []ui.ListItem
	for i, f := range d.findings {
		if i == shown {
			items = append(items, ui.ListItem{Title: "and " + d.plural(int64(len(d.findings)-shown), "other", "others"), Href: d.cancel()})
			break
		}
		items = append(items, ui.ListItem{Title: f.Title, Href: web.RecordURL(isms.Findings, f.ID), Detail: string(f.Status), Aside: ui.SeverityMark(string(f.Severity))})
	}
	return items
}

func (d *deciding) told(done, refused int) string {
	return d.plural(int64(done), "finding", "findings") + " " + d.past + ", " + d.format.Count(int64(refused)) + " refused"
}
