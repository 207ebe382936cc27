package response

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// clockGround is what decides which clocks run and how they are counted.
type clockGround struct {
	inc         *isms.Incident
	org         *isms.Organisation
	zone        *time.Location
	legal       *catalog.Legal
	obligations []*isms.Obligation
	contracts   []*isms.Contract
	affected    map[string]bool // assets
	covered     map[string][]string
	processor   bool // personal data that we process for others is concerned
	known       map[string]*isms.Notification
	byHand      map[string]bool // obligations for which people wrote a message of their own
}

// clocksFor tells which clocks the facts of the incident ask for.
func (f *Flow) clocksFor(ctx context.Context, inc *isms.Incident, known map[string]*isms.Notification) ([]*running, error) {
	if inc.Outcome == isms.ResultFalseAlarm || inc.Outcome == "exercise" || !inc.DeletedAt.IsZero() {
		return nil, nil
	}
	g, err := f.clockGround(ctx, inc, known)
	if err != nil {
		return nil, err
	}
	var all []*running
	for i := range g.legal.Clocks {
		if w := g.byLaw(&g.legal.Clocks[i], all); w != nil {
			all = append(all, w)
		}
	}
	for _, o := range g.obligations {
		if w := g.byDuty(o); w != nil {
			all = append(all, w)
		}
	}
	for _, c := range g.contracts {
		if w := g.byContract(c); w != nil {
			all = append(all, w)
		}
	}
	return all, nil
}

func (f *Flow) clockGround(ctx context.Context, inc *isms.Incident, known map[string]*isms.Notification) (*clockGround, error) {
	g := &clockGround{inc: inc, known: known, affected: map[string]bool{}, byHand: map[string]bool{}}
	var err error
	if g.legal, err = catalog.LegalClocks(); err != nil {
		return nil, err
	}
	if g.org, err = f.organisation(ctx); err != nil {
		return nil, err
	}
	g.zone = zoneOf(g.org)
	if g.obligations, err = app.Of[isms.Obligation](f.app, isms.Obligations).All(ctx, kind.Query{Sort: "key"}); err != nil {
		return nil, err
	}
	if g.contracts, err = app.Of[isms.Contract](f.app, isms.Contracts).All(ctx, kind.Query{Sort: "key"}.Where("type", "customer").Where("status", string(isms.ContractInForce), string(isms.ContractTerminated))); err != nil {
		return nil, err
	}
	own, err := f.notifications().All(ctx, kind.Query{}.Where("incident_id", inc.ID).With("clock", kind.Empty, "true").With("obligation_id", kind.Empty, "false"))
	if err != nil {
		return nil, err
	}
	for _, n := range own {
		g.byHand[n.ObligationID] = true
	}
	if err := f.clockReach(ctx, g); err != nil {
		return nil, err
	}
	g.processor, err = f.processesForOthers(ctx, g)
	return g, err
}

// clockReach reads which assets are affected, and which assets duties and contracts
// are about.
func (f *Flow) clockReach(ctx context.Context, g *clockGround) error {
	affects, err := f.farIDs(ctx, isms.Incidents, "affects", []string{g.inc.ID})
	if err != nil {
		return err
	}
	for _, id := range append(affects[g.inc.ID], g.inc.AssetID) {
		g.affected[id] = id != ""
	}
	var duties, contracts []string
	for _, o := range g.obligations {
		duties = append(duties, o.ID)
	}
	for _, c := range g.contracts {
		contracts = append(contracts, c.ID)
	}
	if g.covered, err = f.farIDs(ctx, isms.Obligations, "covers", duties); err != nil {
		return err
	}
	byContract, err := f.farIDs(ctx, isms.Contracts, "covers", contracts)
	for id, list := range byContract {
		g.covered[id] = list
	}
	return err
}

func (f *Flow) farIDs(ctx context.Context, k *kind.Kind, relation string, ids []string) (map[string][]string, error) {
	if len(ids) == 0 {
		return map[string][]string{}, nil
	}
	rel, err := f.app.Relation(k, relation)
	if err != nil {
		return nil, err
	}
	found, err := f.app.LinkedIDs(ctx, rel, ids)
	if found == nil {
		found = map[string][]string{}
	}
	return found, err
}

// processesForOthers tells whether a processing in which we act for somebody else
// uses an affected asset, or is named in the incident.
func (f *Flow) processesForOthers(ctx context.Context, g *clockGround) (bool, error) {
	if !g.inc.PersonalData {
		return false, nil
	}
	list, err := f.touchedProcessings(ctx, g.inc.ID, g.affected)
	return slices.ContainsFunc(list, func(p *isms.Processing) bool { return p.Role == "processor" }), err
}

// byLaw is the clock of a rule; nil when the law does not bind us or a fact is
// missing. before are the clocks that run already: a rule may follow another.
func (g *clockGround) byLaw(c *catalog.Clock, before []*running) *running {
	duty, binds := g.binds(c.Law)
	if !binds || !g.factsHold(c) {
		return nil
	}
	start := g.moment(c.From)
	if c.After != "" {
		at := slices.IndexFunc(before, func(w *running) bool { return w.id == c.After })
		if at < 0 {
			return nil
		}
		start = before[at].due
		if n := g.known[c.After]; n != nil && !n.SentAt.IsZero() {
			start = n.SentAt
		}
	}
	if start.IsZero() {
		return nil
	}
	w := &running{id: c.ID, rule: c, title: c.Title, recipient: isms.NotifiedParty(c.To), stage: isms.NotificationStage(c.Stage), name: c.Name,
		start: start, due: g.due(c, start), words: c.Short + ", " + c.Allowed()}
	if duty != nil {
		w.obligation, w.where = duty.ID, duty.NotifyTo
	}
	return w
}

// due is the last moment that the rule allows; see Clock.Latest for the second limit.
func (g *clockGround) due(c *catalog.Clock, start time.Time) time.Time {
	country := ""
	if g.org != nil {
		country = g.org.Country
	}
	due := g.legal.End(c, start, g.zone, country)
	if c.Latest == nil {
		return due
	}
	limit := g.moment(c.Latest.From).Add(time.Duration(c.Latest.Hours) * time.Hour)
	if start.Before(limit) && limit.Before(due) {
		return limit
	}
	return due
}

// binds tells whether a law binds the organisation: as the register says, else
// whether such an organisation usually has the duty.
func (g *clockGround) binds(law string) (*isms.Obligation, bool) {
	for _, o := range g.obligations {
		if o.Key != law && o.Catalogue != law && !strings.HasPrefix(o.Key, law+"-") {
			continue
		}
		return o, o.Status == isms.ObligationApplies || o.Status == isms.ObligationProposed
	}
	for _, d := range flow.UsualDuties() {
		if d.Key == law {
			return nil, d.Usual(g.org)
		}
	}
	return nil, false
}

func (g *clockGround) factsHold(c *catalog.Clock) bool {
	if g.inc.DataSubjects < c.MinPeople || c.MaxPeople > 0 && g.inc.DataSubjects > c.MaxPeople {
		return false
	}
	return !slices.ContainsFunc(c.When, func(fact string) bool {
		switch fact {
		case "personal_data":
			return !g.inc.PersonalData
		case "high_risk":
			return !g.inc.HighRisk
		case "card_data":
			return !g.inc.CardData
		case "health_data":
			return !g.inc.HealthData
		case "significant":
			return !g.inc.Significant
		case "major":
			return g.inc.MajorAt.IsZero()
		case "processor":
			return !g.processor
		}
		return true
	})
}

// moment is the moment of the incident that a rule names. What nobody has said yet
// is taken to be the earliest it can have been without guessing: awareness at the
// latest with the declaration.
func (g *clockGround) moment(name string) time.Time {
	detected := firstTime(g.inc.DetectedAt, g.inc.DeclaredAt, g.inc.CreatedAt)
	switch name {
	case "aware":
		return firstTime(g.inc.AwareAt, g.inc.DeclaredAt, g.inc.CreatedAt)
	case "detected":
		return detected
	case "declared":
		return firstTime(g.inc.DeclaredAt, g.inc.CreatedAt)
	case "major":
		return g.inc.MajorAt
	case "year_end":
		return time.Date(detected.In(g.zone).Year(), time.December, 31, 12, 0, 0, 0, g.zone)
	}
	return time.Time{}
}

func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// byDuty is the clock of an obligation that names its own time: a contract, a
// promise, or a law that we have no rule for. Where it covers assets, one of them
// must be affected; where people wrote the message themselves, none is needed.
func (g *clockGround) byDuty(o *isms.Obligation) *running {
	if o.NotifyHours <= 0 || o.Status != isms.ObligationApplies || g.byHand[o.ID] || g.hasRule(o) || !g.concerned(o.ID) {
		return nil
	}
	start := g.moment("aware")
	name := prose.FirstOf(o.NotifyTo, o.Title)
	return &running{id: "duty-" + o.ID, title: "Word about the incident: " + o.Title, recipient: partyOf(o), stage: "only", name: name, where: o.NotifyTo, obligation: o.ID,
		start: start, due: start.Add(time.Duration(o.NotifyHours) * time.Hour), words: fmt.Sprintf("%s, %d hours", prose.FirstOf(o.Reference, o.Title), o.NotifyHours)}
}

// byContract is the clock of a contract in which we supply and promised to tell.
func (g *clockGround) byContract(c *isms.Contract) *running {
	covered := slices.ContainsFunc(g.obligations, func(o *isms.Obligation) bool { return o.ContractID == c.ID && o.NotifyHours > 0 })
	if c.NotifyHours <= 0 || covered || !g.concerned(c.ID) {
		return nil
	}
	start := g.moment("aware")
	return &running{id: "contract-" + c.ID, title: "Word about the incident: " + c.Title, recipient: "customers", stage: "only", name: c.Title,
		start: start, due: start.Add(time.Duration(c.NotifyHours) * time.Hour), words: fmt.Sprintf("%s, %d hours", prose.FirstOf(c.Number, c.Title), c.NotifyHours)}
}

func (g *clockGround) hasRule(o *isms.Obligation) bool {
	return slices.ContainsFunc(g.legal.Clocks, func(c catalog.Clock) bool {
		return o.Key == c.Law || o.Catalogue == c.Law || strings.HasPrefix(o.Key, c.Law+"-")
	})
}

// concerned tells whether a duty is about what is affected. Without assets of its own
// it is about everything, once the incident is real: past the first phase, or with
// personal data.
func (g *clockGround) concerned(id string) bool {
	assets := g.covered[id]
	if len(assets) == 0 {
		return g.inc.PersonalData || g.inc.Phase != isms.IncidentDetect
	}
	return slices.ContainsFunc(assets, func(a string) bool { return g.affected[a] })
}

// partyOf tells from the words of a duty who is told.
func partyOf(o *isms.Obligation) isms.NotifiedParty {
	text := strings.ToLower(o.Title + " " + o.NotifyTo)
	switch {
	case strings.Contains(text, "insur") || strings.Contains(text, "policy"):
		return "insurer"
	case o.Type == "contract":
		return "customers"
	case o.Type == "law" || o.Type == "regulation":
		return "sector_regulator"
	}
	return "partners"
}
