package flow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/isms"
	"holdfast/kind"
)

// A Boundary is a scope as it follows from the registers: what lies inside, what
// outside, and what crosses. A scope names where to begin; the rest is computed.
type Boundary struct {
	Scope     *isms.Scope `json:"scope"`
	In        []Placed    `json:"in"`  // assets inside, most valuable first
	Out       []Placed    `json:"out"` // assets outside that are not disposed of
	Sites     []string    `json:"sites"`
	Teams     []Named     `json:"teams"`
	People    []Named     `json:"people"` // who belongs to the teams or holds what is inside
	Vendors   []Named     `json:"vendors"`
	Crossings []Crossing  `json:"crossings"` // those nobody reviewed first, then by worth
}

// Placed is an asset with why it is inside or outside.
type Placed struct {
	Asset *isms.Asset `json:"asset"`
	Why   string      `json:"why"`
}

// Named is a record by its name.
type Named struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Key   string `json:"key"`
	Title string `json:"title"`
	Note  string `json:"note,omitempty"`
}

// A Crossing is where something passes the boundary: harm, data or trust.
type Crossing struct {
	Kind     string    `json:"kind"`   // asset_dependency, vendor or person: the record that crosses
	ID       string    `json:"id"`     // of that record
	Inside   Named     `json:"inside"` // what inside is touched
	Outside  Named     `json:"outside"`
	How      string    `json:"how"`        // "runs on", "supplied by"
	Outward  bool      `json:"outward"`    // the inside needs the outside; else the outside reaches in
	Worth    float64   `json:"worth"`      // the mean value of what is touched inside
	Loss     float64   `json:"loss"`       // expected yearly loss of the risks on it today
	Guards   []Named   `json:"guards"`     // operating safeguards in front of either side
	Reviewed kind.Date `json:"reviewed"`   // when it was looked at; empty: never, or too long ago
	Verdict  string    `json:"verdict"`    // what the review came to, or what is missing
	CanClear bool      `json:"can_review"` // a review can be written down right here
}

// AtRisk tells whether the crossing needs somebody: nobody looked at it within a
// year, or nothing protects it.
func (c Crossing) AtRisk() bool { return c.Reviewed == "" || len(c.Guards) == 0 }

// Unreviewed lists the crossings nobody looked at within a year.
func (b *Boundary) Unreviewed() []Crossing {
	var list []Crossing
	for _, c := range b.Crossings {
		if c.Reviewed == "" {
			list = append(list, c)
		}
	}
	return list
}

// Unprotected lists the crossings that no operating safeguard stands in front of.
func (b *Boundary) Unprotected() []Crossing {
	var list []Crossing
	for _, c := range b.Crossings {
		if len(c.Guards) == 0 {
			list = append(list, c)
		}
	}
	return list
}

// crossingReviewDays is how long the review of a crossing holds.
const crossingReviewDays = 365

// Boundary computes the boundary of a scope by id or key.
//
// An asset is inside when the scope names it, when a team of the scope looks after
// it, when it stands at a site of the scope, or when something inside consists of
// it, runs on it or keeps its data in it. Services that a supplier runs are never
// drawn in by such a step: they are what crosses.
func (f *Flow) Boundary(ctx context.Context, idOrKey string) (*Boundary, error) {
	rec, err := f.app.Get(ctx, isms.Scopes, idOrKey)
	if err != nil {
		return nil, err
	}
	s := f.Survey(ctx)
	b := s.boundary(rec.(*isms.Scope))
	return b, s.Err
}

// A fence is a boundary in the making.
type fence struct {
	*Survey
	*Boundary
	assets map[string]*isms.Asset
	in     map[string]string // why, by asset
	guards map[string][]Named
	loss   map[string]float64
}

// enclose finds what lies inside a scope.
func (s *Survey) enclose(sc *isms.Scope) *fence {
	fn := &fence{Survey: s, Boundary: &Boundary{Scope: sc, Sites: sc.Sites}, in: map[string]string{}, loss: map[string]float64{},
		assets: ByID(Every[isms.Asset](s, isms.Assets))}
	fn.begin()
	fn.grow()
	return fn
}

// vague tells of a scope that names neither an asset nor a team nor a site: it
// stands for everything.
func (fn *fence) vague() bool {
	id := fn.Scope.ID
	return len(fn.Scope.Sites) == 0 && len(fn.From(isms.Scopes, "includes")[id]) == 0 && len(fn.From(isms.Scopes, "includes team")[id]) == 0
}

func (s *Survey) boundary(sc *isms.Scope) *Boundary {
	fn := s.enclose(sc)
	fn.place()
	fn.protection()
	fn.crossDependencies()
	fn.crossVendors()
	fn.crossPeople()
	slices.SortStableFunc(fn.Crossings, func(a, b Crossing) int {
		if fresh := boolOrder(a.Reviewed != "", b.Reviewed != ""); fresh != 0 {
			return fresh
		}
		return cmp.Or(cmp.Compare(b.Worth, a.Worth), strings.Compare(a.ID, b.ID))
	})
	return fn.Boundary
}

func boolOrder(a, b bool) int {
	switch {
	case !a && b:
		return -1
	case a && !b:
		return 1
	}
	return 0
}

func (fn *fence) include(id, why string) {
	a := fn.assets[id]
	if a == nil || a.Lifecycle == "disposed" || fn.in[id] != "" {
		return
	}
	fn.in[id] = why
}

// begin puts in what the scope itself names: assets, teams and sites.
func (fn *fence) begin() {
	for _, id := range fn.From(isms.Scopes, "includes")[fn.Scope.ID] {
		fn.include(id, "named by the scope")
	}
	teams := ByID(Every[isms.Team](fn.Survey, isms.Teams))
	cares := fn.From(isms.Teams, "looks after")
	for _, id := range fn.From(isms.Scopes, "includes team")[fn.Scope.ID] {
		t := teams[id]
		if t == nil || t.Status == isms.TeamDissolved {
			continue
		}
		fn.Teams = append(fn.Teams, NamedOf("team", &t.Base, ""))
		for _, asset := range cares[id] {
			fn.include(asset, "looked after by "+t.Title)
		}
	}
	for _, a := range fn.assets {
		if a.Location != "" && a.Type != "supplier_service" && containsFold(fn.Scope.Sites, a.Location) {
			fn.include(a.ID, "stands at "+a.Location)
		}
	}
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(x string) bool { return strings.EqualFold(x, s) })
}

// drawsIn are the natures along which the inside grows: a part of the whole.
var drawsIn = map[isms.DependencyNature]string{"contains": "is part of", "runs_on": "carries", "stores_in": "keeps the data of"}

// grow follows the parts until nothing new comes in. Each asset comes in once, so
// circles end.
func (fn *fence) grow() {
	deps := Every[isms.AssetDependency](fn.Survey, isms.AssetDependencies)
	for grown := true; grown; {
		grown = false
		for _, d := range deps {
			word, part := drawsIn[d.Nature]
			whole, needed := fn.assets[d.AssetID], fn.assets[d.NeedsID]
			if !part || whole == nil || needed == nil || fn.in[whole.ID] == "" || fn.in[needed.ID] != "" || needed.Type == "supplier_service" {
				continue
			}
			fn.include(needed.ID, word+" "+whole.Title)
			grown = grown || fn.in[needed.ID] != ""
		}
	}
}

func (fn *fence) place() {
	for _, a := range fn.assets {
		why, in := fn.in[a.ID]
		switch {
		case in:
			fn.In = append(fn.In, Placed{a, why})
		case a.Lifecycle != "disposed":
			fn.Out = append(fn.Out, Placed{a, "nothing inside names it or consists of it"})
		}
	}
	for _, list := range [][]Placed{fn.In, fn.Out} {
		slices.SortFunc(list, func(a, b Placed) int {
			return cmp.Or(cmp.Compare(Mean(b.Asset.Value), Mean(a.Asset.Value)), strings.Compare(a.Asset.Key, b.Asset.Key))
		})
	}
}

// protection gathers what stands in front of each asset, and what the risks on it
// cost.
func (fn *fence) protection() {
	fn.guards = map[string][]Named{}
	operating := map[string]*isms.Safeguard{}
	for _, g := range Every[isms.Safeguard](fn.Survey, isms.Safeguards) {
		if g.Status == isms.SafeguardOperating {
			operating[g.ID] = g
		}
	}
	add := func(asset, safeguard string) {
		g := operating[safeguard]
		if g == nil || slices.ContainsFunc(fn.guards[asset], func(n Named) bool { return n.ID == g.ID }) {
			return
		}
		fn.guards[asset] = append(fn.guards[asset], NamedOf("safeguard", &g.Base, ""))
	}
	for _, p := range fn.links(isms.Safeguards, "protects") {
		add(p.To, p.From)
	}
	treated := fn.From(isms.Risks, "treated by")
	for _, r := range Every[isms.Risk](fn.Survey, isms.Risks) {
		if r.Status == isms.RiskClosed || r.AssetID == "" {
			continue
		}
		fn.loss[r.AssetID] += r.LossNow.Float()
		for _, id := range treated[r.ID] {
			add(r.AssetID, id)
		}
	}
}

// NamedOf names a record of the kind k with a note.
func NamedOf(k string, b *kind.Base, note string) Named {
	return Named{Kind: k, ID: b.ID, Key: b.Key, Title: b.Title, Note: note}
}

// crossing begins one with what is known of the asset inside.
func (fn *fence) crossing(inside *isms.Asset, outside Named) Crossing {
	return Crossing{Inside: NamedOf("asset", &inside.Base, ""), Outside: outside, Worth: Mean(inside.Value), Loss: fn.loss[inside.ID],
		Guards: slices.Clone(fn.guards[inside.ID])}
}

// crossDependencies finds the dependencies with one end on each side.
func (fn *fence) crossDependencies() {
	for _, d := range Every[isms.AssetDependency](fn.Survey, isms.AssetDependencies) {
		a, needs := fn.assets[d.AssetID], fn.assets[d.NeedsID]
		if a == nil || needs == nil || a.Lifecycle == "disposed" || needs.Lifecycle == "disposed" || (fn.in[a.ID] != "") == (fn.in[needs.ID] != "") {
			continue
		}
		inside, outside := a, needs
		if fn.in[a.ID] == "" {
			inside, outside = needs, a
		}
		c := fn.crossing(inside, NamedOf("asset", &outside.Base, ""))
		c.Kind, c.ID, c.Outward, c.CanClear = "asset_dependency", d.ID, inside == a, true
		c.How = strings.ReplaceAll(string(d.Nature), "_", " ")
		for _, g := range fn.guards[outside.ID] {
			if !slices.ContainsFunc(c.Guards, func(n Named) bool { return n.ID == g.ID }) {
				c.Guards = append(c.Guards, g)
			}
		}
		switch {
		case fn.Within(d.ReviewedOn, crossingReviewDays):
			c.Reviewed, c.Verdict = d.ReviewedOn, string(d.Verdict)
		case d.ReviewedOn != "":
			c.Verdict = fmt.Sprintf("the review of %s is more than a year old", d.ReviewedOn)
		default:
			c.Verdict = "nobody has looked at what passes here"
		}
		fn.Crossings = append(fn.Crossings, c)
	}
}

// crossVendors finds the vendors that supply something inside. An approved
// assessment that still holds is the review.
func (fn *fence) crossVendors() {
	assessed := map[string]*isms.VendorAssessment{}
	for _, v := range Every[isms.VendorAssessment](fn.Survey, isms.VendorAssessments) {
		if v.Status == isms.VendorAssessmentApproved && (v.ValidUntil == "" || v.ValidUntil >= fn.Today) {
			assessed[v.VendorID] = v
		}
	}
	supplies := fn.From(isms.Vendors, "supplies")
	for _, v := range Every[isms.Vendor](fn.Survey, isms.Vendors) {
		if v.Status == isms.VendorProspect || v.Status == isms.VendorEnded {
			continue
		}
		inside := fn.dearest(supplies[v.ID])
		if inside == nil {
			continue
		}
		c := fn.crossing(inside, NamedOf("vendor", &v.Base, strings.Join(v.Access, ", ")))
		c.Kind, c.ID, c.How, c.Outward, c.Verdict = "vendor", v.ID, "supplied by", true, "no approved assessment that still holds"
		if a := assessed[v.ID]; a != nil {
			c.Reviewed, c.Verdict = cmp.Or(a.DecidedOn, kind.DateOf(a.UpdatedAt)), a.Title
		}
		fn.Vendors = append(fn.Vendors, c.Outside)
		fn.Crossings = append(fn.Crossings, c)
	}
}

// dearest is the most valuable of the assets that lies inside; nil: none does.
func (fn *fence) dearest(ids []string) *isms.Asset {
	var best *isms.Asset
	for _, id := range ids {
		a := fn.assets[id]
		if a == nil || fn.in[id] == "" {
			continue
		}
		if best == nil || Mean(a.Value) > Mean(best.Value) {
			best = a
		}
	}
	return best
}

// crossPeople finds who belongs to it, and who of them belongs to somebody else:
// people of other companies who hold what is inside or sit in its teams. A signed
// confidentiality agreement is the review.
func (fn *fence) crossPeople() {
	teams := fn.From(isms.People, "member of")
	holds := fn.From(isms.People, "holds")
	inTeam := func(t string) bool { return slices.ContainsFunc(fn.Teams, func(n Named) bool { return n.ID == t }) }
	for _, p := range Every[isms.Person](fn.Survey, isms.People) {
		held := fn.dearest(holds[p.ID])
		member := slices.ContainsFunc(teams[p.ID], inTeam)
		if p.Status == isms.PersonLeft || p.Employment == "service" || held == nil && !member {
			continue
		}
		fn.People = append(fn.People, NamedOf("person", &p.Base, p.RoleTitle))
		if held == nil || p.Employment != "external" && p.Employment != "contractor" {
			continue
		}
		c := fn.crossing(held, NamedOf("person", &p.Base, string(p.Employment)))
		c.Kind, c.ID, c.How, c.Verdict = "person", p.ID, "held by", "no confidentiality agreement is recorded"
		if p.NDAOn != "" {
			c.Reviewed, c.Verdict = p.NDAOn, "confidentiality agreed"
		}
		fn.Crossings = append(fn.Crossings, c)
	}
}
