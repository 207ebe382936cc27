package page

import (
	"fmt"
	"strconv"
	"time"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// WatchFigures tell how the watch over events goes.
type WatchFigures struct {
	PerSecond              float64
	Behind, Lines, Matches uint64
	Alerts, Left, Late     uint64 // Left: events that could not be dealt with
	Rules, Trying, Broken  int
	At                     time.Time // when it last dealt with events; zero: never
	Trouble                string    // why it does not go on; empty: it does
}

// line says it in a few words.
func (w *WatchFigures) line(f figures) string {
	switch {
	case w.Trouble != "":
		return "The watch stands still"
	case w.At.IsZero():
		return "No event has arrived yet"
	}
	text := strconv.Itoa(w.Rules) + " rules over " + rate(w.PerSecond) + " events a second"
	if w.Behind > 0 {
		text += ", " + f.plural(int64(min(w.Behind, 1<<62)), "waits", "wait") //nolint:gosec // bounded
	}
	return text
}

func rate(v float64) string {
	if v > 0 && v < 10 {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// stateWord is the status of an alert in its words.
func stateWord(a *isms.Alert) string { return kind.Humanise(string(a.Status)) }

// alertDecisions are what one may decide over many alerts: actions of the record.
var alertDecisions = []struct{ name, label, icon string }{
	{"acknowledge", "I am looking", "eye"}, {"suppress", "Suppress…", "clock"}, {"close", "Close…", "check"}, {"escalate", "Make it an incident…", "respond"},
}

// A watchView is the page about the watch.
type watchView struct {
	*web.Request
	figures
	watch  *WatchFigures
	broken []*isms.DetectionRule
	loud   []*isms.DetectionRule
}

// watchPage tells how the watch goes and which rules need somebody.
func (c Config) watchPage(r *web.Request) error {
	v := &watchView{Request: r, figures: figures{r.Format}}
	if c.Watch != nil {
		w, err := c.Watch(r.Ctx())
		if err != nil {
			return err
		}
		v.watch = w
	}
	for _, part := range []struct {
		into *[]*isms.DetectionRule
		q    kind.Query
	}{
		{&v.broken, kind.Query{Sort: "title", Limit: 50}.Where("status", string(isms.RuleActive), string(isms.RuleTesting)).With("complaint", kind.Empty, "false")},
		{&v.loud, kind.Query{Sort: "-last_hit", Limit: 10}.Where("status", string(isms.RuleActive), string(isms.RuleTesting)).With("last_hit", kind.Empty, "false")},
	} {
		page, err := r.App().List(r.Ctx(), isms.DetectionRules, part.q)
		if err != nil {
			return err
		}
		for _, rec := range page.Records {
			*part.into = append(*part.into, rec.(*isms.DetectionRule))
		}
	}
	return r.Render("Watch", watchBody(v))
}

func (v *watchView) stats() []ui.StatProps {
	w := v.watch
	count := func(n uint64) string { return v.format.Count(int64(min(n, 1<<62))) } //nolint:gosec // bounded
	return []ui.StatProps{
		{Label: "Events", Value: rate(w.PerSecond), Unit: "a second", Note: count(w.Lines) + " so far"},
		{Label: "Behind", Value: count(w.Behind), Unit: "events", Note: "arrived and not yet looked at"},
		{Label: "Rules that run", Value: strconv.Itoa(w.Rules), Href: "/detection-rules", Note: fmt.Sprintf("%d only tried, %d cannot run", w.Trying, w.Broken)},
		{Label: "Matches", Value: count(w.Matches), Note: count(w.Alerts) + " new alerts came of them"},
		{Label: "Left out", Value: count(w.Left), Note: "events that no rule could be asked about, or that made it stumble"},
	}
}

func ruleLine(r *isms.DetectionRule) string {
	if r.Complaint != "" {
		return r.Complaint
	}
	return plainCount(r.Hits, "hit", "hits") + ", " + plainCount(r.FalseAlarms, "false alarm", "false alarms")
}

func ruleItems(list []*isms.DetectionRule) []ui.ListItem {
	var items []ui.ListItem
	for _, r := range list {
		items = append(items, ui.ListItem{Title: r.Title, Href: web.RecordURL(isms.DetectionRules, r.ID), Detail: ruleLine(r), Aside: ui.Severity(string(r.Level))})
	}
	return items
}
