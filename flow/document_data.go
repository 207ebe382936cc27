package flow

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"holdfast/app"
	"holdfast/catalog"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// How much of the registers stands in a document: enough to be true, few enough to
// be read. The registers themselves hold everything.
const (
	MaxCrown     = 10
	maxNamed     = 20 // vendors, obligations, objectives
	CrownLevel   = 4  // assets of this criticality are crown jewels
	maxServiceOf = 120
)

// DocumentData is what templates are filled with: the organisation as its records
// describe it now, as far as the actor may read them. It comes with the id of the
// security lead, who owns what is written; empty: there is none.
func (f *Flow) DocumentData(ctx context.Context) (data catalog.DocumentData, lead string, err error) {
	g := gatherer{Flow: f, ctx: ctx}
	g.organisation()
	g.scope()
	g.people()
	g.crown()
	g.vendors()
	g.demands()
	return g.data, g.lead, g.err
}

// A gatherer fills the data step by step and stops at the first error.
type gatherer struct {
	*Flow
	ctx  context.Context
	data catalog.DocumentData
	lead string // id of the security lead
	err  error
}

// gathered reads all records of a kind that match, in an order that is the same
// tomorrow; none after an error.
func gathered[T any](g *gatherer, k *kind.Kind, q kind.Query) []*T {
	if g.err != nil {
		return nil
	}
	var list []*T
	list, g.err = app.Of[T](g.app, k).All(g.ctx, q)
	return list
}

func (g *gatherer) organisation() {
	list := gathered[isms.Organisation](g, isms.Organisations, kind.Query{Sort: "created_at"})
	if len(list) == 0 {
		return
	}
	o, to := list[0], &g.data.Organisation
	to.Name, to.Size, to.Currency, to.Country = cmp.Or(o.LegalName, o.Title), o.Headcount, o.Currency, countryName(o.Country)
	if o.Sector != "other" {
		to.Trade = strings.ToLower(kind.Humanise(string(o.Sector)))
	}
	g.lead = o.SecurityLeadID
}

// countryName is the English name of an ISO 3166 code; what is no code stays.
func countryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return cmp.Or(display.English.Regions().Name(region), code)
}

// scope takes the approved scope, or the first that is not retired.
func (g *gatherer) scope() {
	list := gathered[isms.Scope](g, isms.Scopes, kind.Query{Sort: "created_at"}.With("status", kind.Not, string(isms.ScopeRetired)))
	if len(list) == 0 {
		return
	}
	s := list[0]
	if i := slices.IndexFunc(list, func(s *isms.Scope) bool { return s.Status == isms.ScopeApproved }); i >= 0 {
		s = list[i]
	}
	var parts []string
	for _, p := range []struct {
		label string
		text  isms.Markdown
	}{{"", s.Statement}, {"**Inside:** ", s.Included}, {"**Outside:** ", s.Excluded}} {
		if text := strings.TrimSpace(string(p.text)); text != "" {
			parts = append(parts, p.label+text)
		}
	}
	g.data.Scope = strings.Join(parts, "\n\n")
}

func (g *gatherer) people() {
	if g.lead != "" && g.err == nil {
		p, err := app.Of[isms.Person](g.app, isms.People).Get(g.ctx, g.lead)
		if kind.CodeOf(err) != kind.NotFound {
			g.err = err
		}
		if err == nil && p.DeletedAt.IsZero() && p.Status == isms.PersonActive {
			g.data.Lead = p.Title
			if p.RoleTitle != "" {
				g.data.Lead += ", " + p.RoleTitle
			}
		}
	}
	for _, c := range gathered[isms.Committee](g, isms.Committees, kind.Query{Sort: "created_at"}.Where("status", string(isms.CommitteeActive))) {
		if c.Type == "steering" || g.data.Board == "" && c.Type == "executive" {
			g.data.Board = c.Title
		}
	}
	for _, t := range gathered[isms.Team](g, isms.Teams, kind.Query{Sort: "created_at"}.Where("status", string(isms.TeamActive)).Where("type", "response")) {
		if g.data.Reporter == "" {
			g.data.Reporter = joinWords(" or ", t.Email, t.OnCall)
		}
	}
}

func joinWords(with string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), with)
}

// crown takes the assets on which the business depends most, the most valuable first.
func (g *gatherer) crown() {
	assets := gathered[isms.Asset](g, isms.Assets, kind.Query{Sort: "key"}.With("criticality", kind.AtLeast, kind.Itoa(CrownLevel)).With("lifecycle", kind.Not, "disposed"))
	slices.SortStableFunc(assets, func(a, b *isms.Asset) int { return cmp.Compare(b.Value.Mid(), a.Value.Mid()) })
	assets = assets[:min(len(assets), MaxCrown)]
	owners := g.titles(isms.People, assets, func(a *isms.Asset) string { return a.OwnerID })
	targets := map[string]*isms.RecoveryTarget{}
	for _, t := range gathered[isms.RecoveryTarget](g, isms.RecoveryTargets, kind.Query{Sort: "key"}) {
		targets[t.AssetID] = t
	}
	for _, a := range assets {
		jewel := catalog.CrownJewel{Name: a.Title, Owner: owners[a.OwnerID]}
		if t := targets[a.ID]; t != nil {
			jewel.RTO, jewel.RPO = hoursText(t.RTO), hoursText(t.RPO)
		}
		g.data.Crown = append(g.data.Crown, jewel)
	}
}

// hoursText is hours as people say them: "4 hours", "2 days".
func hoursText(h float64) string {
	switch {
	case h <= 0:
		return ""
	case h < 1:
		return catalog.Setting{Value: int(h*60 + 0.5), Unit: "minutes"}.String()
	case h > 24 && h == float64(int(h)) && int(h)%24 == 0:
		return catalog.Setting{Value: int(h) / 24, Unit: "days"}.String()
	}
	return catalog.Setting{Value: int(h + 0.5), Unit: "hours"}.String()
}

// titles names the records that others refer to.
func (g *gatherer) titles(k *kind.Kind, assets []*isms.Asset, id func(*isms.Asset) string) map[string]string {
	var ids []string
	for _, a := range assets {
		if id(a) != "" {
			ids = append(ids, id(a))
		}
	}
	return g.titlesOf(k, ids)
}

func (g *gatherer) titlesOf(k *kind.Kind, ids []string) map[string]string {
	out := map[string]string{}
	if g.err != nil {
		return out
	}
	var found map[string]kind.Record
	found, g.err = g.app.Many(g.ctx, k, ids)
	for id, r := range found {
		out[id] = r.GetBase().Title
	}
	return out
}

// vendors takes those in use, the ones that would hurt most first.
func (g *gatherer) vendors() {
	list := gathered[isms.Vendor](g, isms.Vendors, kind.Query{Sort: "key"}.Where("status", string(isms.VendorApproved), string(isms.VendorActive), string(isms.VendorExiting)))
	slices.SortStableFunc(list, func(a, b *isms.Vendor) int { return cmp.Compare(b.Criticality, a.Criticality) })
	for _, v := range list[:min(len(list), maxNamed)] {
		g.data.Vendors = append(g.data.Vendors, catalog.DocumentVendor{Name: v.Title, Service: firstSentence(string(v.Services))})
	}
}

// firstSentence is the beginning of a text, as it stands in a table.
func firstSentence(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	line, _, _ = strings.Cut(line, ". ")
	return prose.Cut(strings.TrimSuffix(strings.TrimSpace(line), "."), maxServiceOf)
}

// demands are what the organisation has to meet and wants to reach.
func (g *gatherer) demands() {
	bound := gathered[isms.Obligation](g, isms.Obligations, kind.Query{Sort: "title"}.Where("status", string(isms.ObligationApplies)))
	bound = bound[:min(len(bound), maxNamed)]
	var ids []string
	for _, o := range bound {
		if o.PartyID != "" {
			ids = append(ids, o.PartyID)
		}
	}
	parties := g.titlesOf(isms.InterestedParties, ids)
	for _, o := range bound {
		g.data.Obligations = append(g.data.Obligations, catalog.DocumentObligation{Title: o.Title, Authority: parties[o.PartyID]})
	}
	for _, o := range gathered[isms.Objective](g, isms.Objectives, kind.Query{Sort: "title"}.Where("status", string(isms.ObjectiveApproved))) {
		if len(g.data.Objectives) < maxNamed {
			g.data.Objectives = append(g.data.Objectives, o.Title)
		}
	}
	for _, fw := range gathered[isms.Framework](g, isms.Frameworks, adoptedFrameworks()) {
		g.data.Frameworks = append(g.data.Frameworks, fw.Title)
	}
}

// adoptedFrameworks selects the frameworks that the organisation works with.
func adoptedFrameworks() kind.Query {
	return kind.Query{Sort: "title"}.Where("status", string(isms.FrameworkAdopted), string(isms.FrameworkCertified))
}
