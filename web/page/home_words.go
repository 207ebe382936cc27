package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"holdfast/engine/quantify"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// severities from the worst to the least.
var severities = []string{"critical", "high", "medium", "low"}

func (v homeView) subtitle() string {
	name := v.Format.Organisation
	if name == "" {
		name = v.Format.Workspace
	}
	return name
}

func (v homeView) headerActions() templ.Component {
	if !v.scannable {
		return nil
	}
	return scanButton(ui.Primary)
}

// gauge shows today and the plan against the appetite.
func (v homeView) gauge() gauge { return appetiteOf(v.portfolio) }

func appetiteOf(p *flow.Portfolio) gauge {
	g := newGauge(p.Bands)
	if planned := p.Target.Total.Mean; math.Abs(planned-p.Now.Total.Mean) > 0.005*p.Now.Total.Mean {
		g.add("Planned", "planned", planned)
	}
	g.add("Today", "now", p.Now.Total.Mean)
	return g
}

func positionWords(p *flow.Portfolio) string {
	words, _ := positionOf(p)
	return words
}

func verdictClass(p *flow.Portfolio) string {
	_, tone := positionOf(p)
	return "verdict--" + string(tone)
}

func verdictIcon(p *flow.Portfolio) string {
	switch {
	case p.Appetite == nil:
		return "question"
	case p.Position >= quantify.AboveAppetite:
		return "warning"
	}
	return "success"
}

func scoreClass(p flow.Posture) string {
	switch {
	case p.Score >= 75:
		return "good"
	case p.Score >= 45:
		return "fair"
	}
	return "poor"
}

func scoreWidth(p flow.Posture) string { return strconv.Itoa(int(math.Round(p.Score))) }

// actionURL leads to where the action is taken.
func actionURL(a flow.Action) string {
	if a.Kind == "safeguard" {
		return web.RecordURL(isms.Safeguards, a.Safeguard)
	}
	return link("/triage", "by", "fix", "group", a.Fix)
}

// actionLine says what an action costs.
func (v homeView) actionLine(a flow.Action) string {
	parts := []string{"costs " + v.money(a.Cost)}
	if a.Kind == "safeguard" {
		parts[0] += " a year"
	}
	if a.Hours > 0 {
		parts = append(parts, v.hours(a.Hours)+" of work")
	}
	if a.Ratio >= 1 {
		parts = append(parts, fmt.Sprintf("saves %s× its cost", v.Format.Number(ratio(a.Ratio), 1)))
	}
	return upperFirst(strings.Join(parts, " · "))
}

// hours writes an amount of work.
func (f figures) hours(h float64) string {
	if h == 1 {
		return "1 hour"
	}
	return f.format.Number(ratio(h), 1) + " hours"
}

// shorten cuts a text to at most n characters.
func shorten(s string, n int) string {
	if letters := []rune(s); len(letters) > n {
		return strings.TrimRight(string(letters[:n-1]), " ,;:") + "…"
	}
	return s
}

// ratio keeps two significant digits.
func ratio(x float64) float64 {
	if x >= 10 {
		return math.Round(x)
	}
	return math.Round(x*10) / 10
}

// repairs says what an action makes better.
func (v homeView) repairs(a flow.Action) string {
	text := v.plural(int64(len(a.Risks)), "risk", "risks")
	if a.Findings > 0 {
		text = v.plural(int64(a.Findings), "finding", "findings") + ", " + text
	}
	return "Repairs " + text
}

func (v homeView) openTotal() (n int64) {
	for _, s := range severities {
		n += v.open[s]
	}
	return n
}

func (v homeView) openMost() (most int64) {
	for _, s := range severities {
		most = max(most, v.open[s])
	}
	return most
}

// shareOf is the width of a bar out of 100; something is never shown as nothing.
func shareOf(n, most int64) string {
	if n == 0 || most == 0 {
		return "0"
	}
	return strconv.FormatFloat(math.Max(1.5, 100*float64(n)/float64(most)), 'f', 1, 64)
}

func (v homeView) dueList() []ui.ListItem {
	today := v.Format.Today(v.Now())
	var items []ui.ListItem
	for _, d := range v.due {
		it := ui.ListItem{Title: d.title, Href: d.href, Detail: d.what, Aside: ui.Badge(ui.BadgeProps{Text: dueWords(d.due, today), Tone: dueTone(d.due, today)})}
		items = append(items, it)
	}
	return items
}

// dueWords says a due day as people do.
func dueWords(due, today kind.Date) string {
	days := daysBetween(today, due)
	switch {
	case days == 0:
		return "today"
	case days == 1:
		return "tomorrow"
	case days == -1:
		return "1 day overdue"
	case days < 0:
		return strconv.Itoa(-days) + " days overdue"
	case days <= 60:
		return "in " + strconv.Itoa(days) + " days"
	}
	return "in " + strconv.Itoa(days/30) + " months"
}

func dueTone(due, today kind.Date) ui.Tone {
	switch days := daysBetween(today, due); {
	case days < 0:
		return ui.Negative
	case days <= 7:
		return ui.Attention
	}
	return ui.Plain
}

// daysBetween counts the days from a to b; 0 when one is not a day.
func daysBetween(a, b kind.Date) int {
	from, err1 := time.Parse(time.DateOnly, string(a))
	to, err2 := time.Parse(time.DateOnly, string(b))
	if err1 != nil || err2 != nil {
		return 0
	}
	return int(to.Sub(from).Hours() / 24)
}

// A firstStep is one of the things to do with an empty installation.
type firstStep struct {
	title, text, label, icon, href string
	post                           bool
	variant                        ui.Variant
}

func (v homeView) firstSteps() []firstStep {
	steps := []firstStep{
		{title: "Describe your organisation", text: "Its name, currency and time zone. Everything else has a sensible default.", label: "Describe it", icon: "building", href: "/organisations/new", variant: ui.Primary},
		{title: "Name what matters most", text: "Three to ten things whose loss would hurt, each with a rough value in money. A guess between two figures is enough.", label: "Add the first", icon: "server", href: "/assets/new"},
	}
	if mayBegin(v.Actor) {
		steps[0].label, steps[0].href, steps[0].icon = "Start the set-up assistant", "/begin", "play"
		steps[1].href = "/begin?step=jewels"
	}
	if v.Format.Organisation != "" {
		steps[0].variant, steps[1].variant = ui.Secondary, ui.Primary
		if !mayBegin(v.Actor) {
			steps[0].label, steps[0].href = "Change it", "/organisations"
		}
	}
	if v.scannable {
		steps = append(steps, firstStep{title: "Look at this machine", text: "Read its software and settings, without changing anything. Within a minute you have real findings, and draft risks in money.", label: "Look at this machine", icon: "search", href: "/scan", post: true})
	} else {
		steps = append(steps, firstStep{title: "Look at your machines", text: "Run holdfast scan on any machine and let it send here what it saw. Findings become draft risks in money.", label: "Make a token for it", icon: "key", href: "/account"})
	}
	return steps
}

// lowerFirst makes a name stand inside a sentence; abbreviations stay.
func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[size:])
	if unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// upperFirst begins a sentence.
func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
