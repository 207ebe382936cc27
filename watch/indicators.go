package watch

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"

	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/engine/indicator"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
)

// Known are the indicators of compromise of a workspace, ready to be asked about every
// event. It is made anew when one of them changed.
type Known struct {
	app     *app.App
	dirty   atomic.Bool
	records []*isms.ThreatIndicator
	matcher *indicator.Matcher
	values  []indicator.Value
}

// NewKnown is empty until it is renewed.
func NewKnown(a *app.App) *Known {
	k := &Known{app: a}
	k.dirty.Store(true)
	k.use(nil)
	return k
}

// Changed tells that an indicator has changed.
func (k *Known) Changed() { k.dirty.Store(true) }

// Renew reads the active indicators again where one has changed. The context carries who
// reads.
func (k *Known) Renew(ctx context.Context) error {
	if !k.dirty.Swap(false) {
		return nil
	}
	list, err := app.Of[isms.ThreatIndicator](k.app, isms.ThreatIndicators).All(ctx, kind.Query{}.Where("status", "active"))
	if err != nil {
		k.dirty.Store(true)
		return err
	}
	k.use(list)
	return nil
}

func (k *Known) use(list []*isms.ThreatIndicator) {
	set, _ := indicator.Build(len(list), func(yield func(indicator.Indicator) bool) {
		for _, t := range list {
			if !yield(indicator.Indicator{Type: indicator.Type(t.Type), Value: t.Value, From: t.ValidFrom, Until: t.ValidUntil}) {
				return
			}
		}
	})
	k.records, k.matcher = list, set.NewMatcher()
}

// Seen tells which indicators an event shows, each once.
func (k *Known) Seen(e *event.Event) []Sighting {
	if len(k.records) == 0 {
		return nil
	}
	k.values = valuesOf(k.values[:0], e)
	var out []Sighting
	for _, h := range k.matcher.Match(k.values, e.Time) {
		t := k.records[h.Handle]
		if !slices.ContainsFunc(out, func(s Sighting) bool { return s.Indicator == t.ID }) {
			out = append(out, Sighting{t.ID, sightingOf(t, k.values[h.Value], e)})
		}
	}
	return out
}

// valuesOf are the values of an event that indicators may know.
func valuesOf(list []indicator.Value, e *event.Event) []indicator.Value {
	for _, a := range []netip.Addr{e.Src, e.Dst} {
		if a.IsValid() {
			list = append(list, indicator.Value{Type: indicator.Address, Addr: a})
		}
	}
	for o := range e.Observables() {
		if o.Type != event.ObservableAddress { // the two above are all there are
			list = append(list, indicator.Value{Type: indicator.Type(o.Type), Text: o.Value})
		}
	}
	return list
}

// sightingOf says in a sentence what was seen.
func sightingOf(t *isms.ThreatIndicator, v indicator.Value, e *event.Event) detection.Detection {
	seen := v.Text
	if v.Addr.IsValid() {
		seen = v.Addr.Unmap().String()
	}
	d := detection.Detection{Level: t.Severity, Techniques: t.Techniques, FirstStep: firstSteps[t.Type], Title: sightingTitle(t, seen, e.Host)}
	if v.Addr.IsValid() {
		d.Actor = seen
	}
	return d
}

func sightingTitle(t *isms.ThreatIndicator, seen, host string) string {
	where := "in an event"
	if host != "" {
		where = "on " + host
	}
	what := kind.Humanise(string(t.Type))
	if c := isms.ThreatIndicators.Field("type").Choice(string(t.Type)); c.Label != "" {
		what = c.Label
	}
	known := "known to belong to an attack"
	switch {
	case t.Campaign != "":
		known = "known from " + t.Campaign
	case t.Source != "":
		known = "named by " + t.Source
	}
	if !strings.EqualFold(seen, t.Value) {
		seen += " (" + t.Value + ")"
	}
	return shorten(fmt.Sprintf("%s %s, %s, appears %s", what, seen, known, where), 300)
}

func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n-3], "") + "…"
}

// firstSteps are what to do first, by what was recognised.
var firstSteps = map[isms.ThreatIndicatorType]string{
	"address":    "Find the process that spoke with the address and who was signed in. Keep the machine running, cut it off the network if the connection was its own.",
	"network":    "See which address of the network it was and what was exchanged; a whole network is a weak sign by itself.",
	"domain":     "Find the process that asked for the name. Look for the same name on other machines.",
	"url":        "See what was downloaded and by whom; keep the file for analysis without opening it.",
	"md5":        "Keep the file and the machine as they are; find out how the file came there and where else it lies.",
	"sha1":       "Keep the file and the machine as they are; find out how the file came there and where else it lies.",
	"sha256":     "Keep the file and the machine as they are; find out how the file came there and where else it lies.",
	"email":      "Find everybody who received mail from the sender, and who opened or answered it.",
	"user_agent": "See what the client asked for and whether it was answered.",
	"file_name":  "Compare the file itself by its hash before believing its name.",
}
