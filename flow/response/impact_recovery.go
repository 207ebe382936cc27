package response

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// A Recovery is an asset with how soon it must be back, how soon it can be, and what
// parts the two.
type Recovery struct {
	Asset   *isms.Asset          `json:"-"`
	Record  flow.Named           `json:"asset"`
	Target  *isms.RecoveryTarget `json:"-"`
	Step    int                  `json:"step"`  // wave of the recovery, from 1
	Need    Demand               `json:"need"`  // back within
	Point   Demand               `json:"point"` // data lost at most
	Promise float64              `json:"promise"`
	Able    float64              `json:"able"` // what was shown, else what is promised; 0: nobody knows
	AbleWhy string               `json:"able_why"`
	Every   float64              `json:"every"` // hours between copies; 0: there are none
	Gaps    []RecoveryGap        `json:"gaps"`
}

// A Demand is a time that somebody needs.
type Demand struct {
	Hours float64      `json:"hours"` // 0: nobody demands anything
	From  []flow.Named `json:"from"`  // who demands it, and the way from there down to the asset
	Why   string       `json:"why"`
}

// The kinds of gap.
const (
	GapTime     = "time"     // it comes back too late
	GapRests    = "rests"    // it rests on something that comes back too late
	GapUnknown  = "unknown"  // nobody has promised a time
	GapUntested = "untested" // the promise was never shown, or too long ago
	GapData     = "data"     // copies are too far apart
	GapCopy     = "copy"     // nothing is copied
)

// A RecoveryGap is where need and reality part.
type RecoveryGap struct {
	Kind  string  `json:"kind"`
	Text  string  `json:"text"`
	Cost  float64 `json:"cost"` // what the difference costs the first process that waits; 0: unknown
	Grave bool    `json:"grave"`
}

// A RecoveryWave is what can be restored at the same time, after everything before.
type RecoveryWave struct {
	Number int         `json:"number"`
	Assets []*Recovery `json:"assets"`
}

// A recoveryNet is the assets with who needs whom.
type recoveryNet struct {
	*survey
	lines   []ImpactLine
	assets  map[string]*isms.Asset
	nodes   map[string]*Recovery
	needs   map[string][]*isms.AssetDependency // by what depends
	holds   map[string]bool                    // somebody keeps data in it
	inside  map[string][]string                // what contains the asset
	byLine  map[string]*ImpactLine             // the line that demands, by the id of its record
	copies  map[string]float64                 // hours between copies, by asset
	targets map[string]*isms.RecoveryTarget
}

// weakest is the strength from which on one asset waits for another; below it hardly
// notices. Strength 0 was not graded and counts.
const weakest = 3

func (s *survey) recoveryNet() *recoveryNet {
	n := &recoveryNet{survey: s, assets: map[string]*isms.Asset{}, nodes: map[string]*Recovery{}, needs: map[string][]*isms.AssetDependency{}, holds: map[string]bool{},
		inside: map[string][]string{}, byLine: map[string]*ImpactLine{}, copies: map[string]float64{}, targets: map[string]*isms.RecoveryTarget{}}
	for _, a := range every[isms.Asset](s, isms.Assets) {
		if a.Lifecycle != "disposed" {
			n.assets[a.ID] = a
		}
	}
	for _, d := range every[isms.AssetDependency](s, isms.AssetDependencies) {
		if n.assets[d.AssetID] == nil || n.assets[d.NeedsID] == nil || d.Redundant || d.Strength > 0 && d.Strength < weakest {
			continue
		}
		n.needs[d.AssetID] = append(n.needs[d.AssetID], d)
		switch d.Nature {
		case "stores_in":
			n.holds[d.NeedsID] = true
		case "contains":
			n.inside[d.NeedsID] = append(n.inside[d.NeedsID], d.AssetID)
		}
	}
	for _, b := range every[isms.Backup](s, isms.Backups) {
		if (b.Status == "operating" || b.Status == "failing") && b.EveryHours > 0 && (n.copies[b.AssetID] == 0 || b.EveryHours < n.copies[b.AssetID]) {
			n.copies[b.AssetID] = b.EveryHours
		}
	}
	for _, t := range every[isms.RecoveryTarget](s, isms.RecoveryTargets) {
		n.targets[t.AssetID] = t
	}
	return n
}

func (n *recoveryNet) node(assetID string) *Recovery {
	r := n.nodes[assetID]
	if r == nil && n.assets[assetID] != nil {
		a := n.assets[assetID]
		r = &Recovery{Asset: a, Record: flow.NamedOf("asset", &a.Base, ""), Target: n.targets[assetID], Every: n.copies[assetID]}
		n.nodes[assetID] = r
	}
	return r
}

// demands enters what people said themselves: impact assessments, for their asset
// and everything they need.
func (n *recoveryNet) demands() {
	needed := n.From(isms.ImpactAssessments, "needs")
	for i := range n.lines {
		l := &n.lines[i]
		if l.Assessment == nil {
			continue
		}
		n.byLine[l.Record.ID] = l
		said := l.Record
		if l.Asset != nil {
			n.ask(l.Asset.ID, l.RTO, l.RPO, said, "its impact assessment says so")
		}
		for _, id := range needed[l.Record.ID] {
			if l.Asset == nil || id != l.Asset.ID {
				n.ask(id, l.RTO, l.RPO, said, "“"+l.Record.Title+"” needs it")
			}
		}
	}
	for id := range n.targets {
		n.node(id)
	}
}

func (n *recoveryNet) ask(assetID string, rto, rpo float64, who flow.Named, why string) {
	r := n.node(assetID)
	if r == nil {
		return
	}
	for _, d := range []struct {
		hours float64
		to    *Demand
	}{{rto, &r.Need}, {rpo, &r.Point}} {
		if d.hours > 0 && (d.to.Hours == 0 || d.hours < d.to.Hours) {
			*d.to = Demand{Hours: d.hours, From: []flow.Named{who, r.Record}, Why: upperFirst(why) + "."}
		}
	}
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:]
}

// inherit passes demands down: what something rests on must be back as soon as the
// thing itself, plus the time that it lasts without (Dijkstra over the dependencies,
// so a circle does no harm). What a recovery target promises, others rely on: it is
// passed down like a demand. Of the asset itself it is one only where nobody else
// demands anything.
func (n *recoveryNet) inherit() {
	n.spread(aim{func(r *Recovery) *Demand { return &r.Need }, func(t *isms.RecoveryTarget) float64 { return t.RTO }},
		func(d *isms.AssetDependency) (float64, bool) { return d.SurvivesH, true })
	n.spread(aim{func(r *Recovery) *Demand { return &r.Point }, func(t *isms.RecoveryTarget) float64 { return t.RPO }},
		func(d *isms.AssetDependency) (float64, bool) { return 0, n.carriesData(d) })
}

// An aim is one of the two times of a recovery.
type aim struct {
	demand  func(*Recovery) *Demand
	promise func(*isms.RecoveryTarget) float64
}

// passedOn is what things below have to meet: the stricter of demand and promise.
func (a aim) passedOn(r *Recovery) Demand {
	d := *a.demand(r)
	if r.Target == nil {
		return d
	}
	if p := a.promise(r.Target); p > 0 && (d.Hours == 0 || p < d.Hours) {
		return Demand{Hours: p, From: []flow.Named{flow.NamedOf("recovery_target", &r.Target.Base, ""), r.Record}, Why: "Its recovery target says so."}
	}
	return d
}

func (n *recoveryNet) spread(a aim, step func(*isms.AssetDependency) (float64, bool)) {
	var q demandQueue
	for id, r := range n.nodes {
		if d := a.passedOn(r); d.Hours > 0 {
			q = append(q, waiting{id, d.Hours})
		}
	}
	heap.Init(&q)
	for q.Len() > 0 {
		at := heap.Pop(&q).(waiting)
		from := n.nodes[at.id]
		passed := a.passedOn(from)
		if at.hours > passed.Hours {
			continue // a shorter time was found meanwhile
		}
		for _, d := range n.needs[at.id] {
			more, passes := step(d)
			to := n.node(d.NeedsID)
			if !passes || to == nil {
				continue
			}
			have, hours := a.demand(to), at.hours+more
			if have.Hours > 0 && have.Hours <= hours {
				continue
			}
			*have = Demand{Hours: hours, From: append(slices.Clone(passed.From), to.Record), Why: n.passes(from, d, hours, more)}
			heap.Push(&q, waiting{d.NeedsID, hours})
		}
	}
	for _, r := range n.nodes {
		if d := a.demand(r); d.Hours == 0 {
			*d = a.passedOn(r)
		}
	}
}

// carriesData tells whether a demand on the age of data passes along a dependency.
func (n *recoveryNet) carriesData(d *isms.AssetDependency) bool {
	switch d.Nature {
	case "stores_in", "calls", "reads_from":
		return true
	case "contains":
		t := n.assets[d.NeedsID].Type
		return t == "data_set" || t == "intellectual_property"
	}
	return false
}

func (n *recoveryNet) passes(from *Recovery, d *isms.AssetDependency, hours, more float64) string {
	text := fmt.Sprintf("%s must be back within %s and %s it", from.Record.Title, lasting(hours-more), words(string(d.Nature)))
	if more > 0 {
		return text + fmt.Sprintf("; it lasts %s without.", lasting(more))
	}
	return text + "."
}

func words(s string) string { return strings.ReplaceAll(s, "_", " ") }

// judge compares what is needed with what is promised, shown and copied.
func (n *recoveryNet) judge() {
	ids := make([]string, 0, len(n.nodes))
	for id := range n.nodes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		n.able(n.nodes[id])
	}
	for _, id := range ids {
		n.judgeTime(n.nodes[id])
		n.judgeData(n.nodes[id])
	}
}

func (n *recoveryNet) able(r *Recovery) {
	t := r.Target
	switch {
	case t == nil || t.RTO == 0 && t.TestedOn == "":
		r.AbleWhy = "Nobody has promised a time."
	case t.TestedOn != "":
		r.Promise, r.Able = t.RTO, t.MeasuredRTO
		r.AbleWhy = fmt.Sprintf("Measured on %s: %s.", t.TestedOn, lasting(t.MeasuredRTO))
	default:
		r.Promise, r.Able = t.RTO, t.RTO
		r.AbleWhy = "Promised in its recovery target, and never shown."
	}
}

func (n *recoveryNet) judgeTime(r *Recovery) {
	t := r.Target
	switch {
	case r.Need.Hours > 0 && r.Able > r.Need.Hours:
		n.late(r)
	case t == nil && r.Need.Hours > 0 && r.Asset.Criticality >= flow.CrownLevel:
		r.Gaps = append(r.Gaps, RecoveryGap{Kind: GapUnknown, Text: fmt.Sprintf("It must be back within %s, and nobody has promised a time.", lasting(r.Need.Hours))})
	}
	if t == nil {
		return
	}
	every := cmp.Or(t.TestEvery, 365)
	switch {
	case t.TestedOn == "":
		r.Gaps = append(r.Gaps, RecoveryGap{Kind: GapUntested, Text: "The promise was never shown."})
	case n.Past(kind.DateOf(t.TestedOn.Time().AddDate(0, 0, every))):
		r.Gaps = append(r.Gaps, RecoveryGap{Kind: GapUntested, Text: fmt.Sprintf("Last shown on %s; it is to be shown every %d days.", t.TestedOn, every)})
	}
}

// late names the conflict on the asset, and on the one that promised more than what
// it rests on can keep.
func (n *recoveryNet) late(r *Recovery) {
	way := r.Need.From
	first := way[0]
	gap := RecoveryGap{Kind: GapTime, Grave: true, Cost: n.priceOf(first.ID, r.Need.Hours, r.Able)}
	gap.Text = fmt.Sprintf("It needs %s and must be back within %s: %s", lasting(r.Able), lasting(r.Need.Hours), lowerFirstOf(r.Need.Why))
	r.Gaps = append(r.Gaps, gap)
	if len(way) < 3 {
		return
	}
	for _, above := range way[1 : len(way)-1] {
		d := n.nodes[above.ID]
		if d == nil || d.Promise == 0 && above.ID != way[1].ID || slices.ContainsFunc(d.Gaps, func(g RecoveryGap) bool { return g.Kind == GapRests }) {
			continue
		}
		d.Gaps = append(d.Gaps, RecoveryGap{Kind: GapRests, Grave: true, Cost: gap.Cost,
			Text: fmt.Sprintf("%s promises %s, but %s needs %s.", d.Record.Title, lasting(cmp.Or(d.Promise, d.Need.Hours)), r.Record.Title, lasting(r.Able))})
	}
}

func lowerFirstOf(s string) string {
	if strings.HasPrefix(s, "Its ") || strings.HasPrefix(s, "Nobody ") {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// priceOf is what a process loses between two lengths of an outage.
func (n *recoveryNet) priceOf(lineID string, from, to float64) float64 {
	l := n.byLine[lineID]
	if l == nil {
		return 0
	}
	return max(0, l.lossAfter(to)-l.lossAfter(from))
}

// keeps are the types of asset that hold data of their own.
var keeps = []isms.AssetType{"data_set", "service", "application", "host", "software", "intellectual_property"}

func (n *recoveryNet) judgeData(r *Recovery) {
	if r.Point.Hours == 0 {
		return
	}
	switch {
	case r.Every > r.Point.Hours:
		r.Gaps = append(r.Gaps, RecoveryGap{Kind: GapData, Grave: true,
			Text: fmt.Sprintf("At most %s of data may be lost, but it is copied every %s. %s", lasting(r.Point.Hours), lasting(r.Every), r.Point.Why)})
	case r.Every == 0 && n.keepsData(r.Asset):
		r.Gaps = append(r.Gaps, RecoveryGap{Kind: GapCopy, Grave: true, Text: fmt.Sprintf("At most %s of data may be lost, and nothing is copied.", lasting(r.Point.Hours))})
	}
}

// keepsData tells whether the data are here, and neither in something below nor
// copied with what contains it.
func (n *recoveryNet) keepsData(a *isms.Asset) bool {
	if !slices.Contains(keeps, a.Type) {
		return false
	}
	for _, id := range n.inside[a.ID] {
		if n.copies[id] > 0 {
			return false
		}
	}
	return n.holds[a.ID] || !slices.ContainsFunc(n.needs[a.ID], n.carriesData)
}

// unassessed are critical assets of which nothing is known.
func (n *recoveryNet) unassessed() []flow.Named {
	var list []flow.Named
	for id, a := range n.assets {
		if a.Criticality >= flow.CrownLevel && n.nodes[id] == nil && slices.Contains(keeps, a.Type) {
			list = append(list, flow.NamedOf("asset", &a.Base, ""))
		}
	}
	slices.SortFunc(list, func(a, b flow.Named) int {
		return cmp.Or(strings.Compare(a.Title, b.Title), strings.Compare(a.ID, b.ID))
	})
	return list
}

// waiting is an asset whose demand is to be passed on.
type waiting struct {
	id    string
	hours float64
}

type demandQueue []waiting

func (q demandQueue) Len() int { return len(q) }
func (q demandQueue) Less(i, j int) bool {
	return q[i].hours < q[j].hours || q[i].hours == q[j].hours && q[i].id < q[j].id
}
func (q demandQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *demandQueue) Push(x any)   { *q = append(*q, x.(waiting)) }
func (q *demandQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
