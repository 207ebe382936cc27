package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"holdfast/app"
	"holdfast/engine"
	"holdfast/engine/coverage"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// A ground is everything on which the standing of requirements rests, read once.
type ground struct {
	f     *Flow
	now   time.Time
	today kind.Date

	scope        *isms.Scope
	bounded      bool     // the scope names something; else it covers all
	assets       []string // ids of the assets inside, sorted, when it is bounded
	hosts        int      // machines in operation that checks could look at
	frameworks   []*isms.Framework
	byFramework  map[string]*isms.Framework
	requirements []*isms.Requirement
	pairs        []coverage.Pair
	lines        map[string]*isms.Applicability // by requirement

	checks     []engine.Check // that explain themselves
	ran        map[string]*ranCheck
	measured   int // machines that checks have looked at
	lookedAt   time.Time
	advisories advisoryFacts

	safeguards map[string][]*isms.Safeguard // by requirement
	evidence   map[string][]*isms.Evidence  // by requirement, safeguard or line
	documents  map[string][]*isms.Document
	tests      map[string][]*isms.Test
	records    map[string][]Proof // of clauses of the management system, by id in the catalogue
	doubts     map[string][]Proof // nonconformities and exceptions, by requirement
}

// A ranCheck is what the latest runs concluded about one check.
type ranCheck struct {
	passed         int // machines
	failing, borne int // findings that are open, and those accepted or mitigated
	oldest, newest time.Time
}

// layGround reads it. The actor must be able to read all of it.
func (f *Flow) layGround(ctx context.Context, scopeID string) (*ground, error) {
	g := &ground{f: f, now: f.app.Now(), checks: KnownChecks(), ran: map[string]*ranCheck{}, lines: map[string]*isms.Applicability{}, byFramework: map[string]*isms.Framework{}}
	g.today = kind.DateOf(g.now)
	for _, read := range []func(context.Context) error{
		func(ctx context.Context) error { return g.readScope(ctx, scopeID) },
		g.readFrameworks, g.readLines, g.readMappings, g.readChecks, g.readFindings, g.readAdvisories, g.readSafeguards, g.readWritten, g.readRecords,
	} {
		if err := read(ctx); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// readScope finds the assets inside: the computed boundary of the scope. A scope that
// names nothing covers all.
func (g *ground) readScope(ctx context.Context, id string) error {
	if id == "" {
		return g.countHosts(ctx)
	}
	var err error
	if g.scope, err = app.Of[isms.Scope](g.f.app, isms.Scopes).Get(ctx, id); err != nil {
		return err
	}
	fn := g.f.Survey(ctx).enclose(g.scope)
	g.bounded = !fn.vague()
	if fn.Err != nil {
		return fn.Err
	}
	if !g.bounded {
		return g.countHosts(ctx)
	}
	g.assets = SortedKeys(fn.in)
	for _, id := range g.assets {
		if a := fn.assets[id]; a.Type == "host" && a.Lifecycle == "operating" {
			g.hosts++
		}
	}
	return nil
}

func (g *ground) countHosts(ctx context.Context) error {
	n, err := g.f.Count(ctx, isms.Assets, kind.Query{}.Where("type", "host").Where("lifecycle", "operating"))
	g.hosts = n
	return err
}

func (g *ground) inside(asset string) bool {
	if !g.bounded {
		return true
	}
	_, in := slices.BinarySearch(g.assets, asset)
	return in
}

// readFrameworks reads those in use with what they demand, the most demanding first.
func (g *ground) readFrameworks(ctx context.Context) (err error) {
	g.frameworks, err = g.f.frameworks().All(ctx, kind.Query{Sort: "title"}.With("status", kind.Not, string(isms.FrameworkRetired)))
	if err != nil {
		return err
	}
	byID := map[string][]*isms.Requirement{}
	all, err := g.f.requirements().All(ctx, kind.Query{Sort: "position"})
	for _, r := range all {
		byID[r.FrameworkID] = append(byID[r.FrameworkID], r)
	}
	var used []*isms.Framework
	for _, fw := range g.frameworks {
		if len(byID[fw.ID]) > 0 {
			used, g.byFramework[fw.ID] = append(used, fw), fw
			g.requirements = append(g.requirements, byID[fw.ID]...)
		}
	}
	slices.SortStableFunc(used, func(a, b *isms.Framework) int { return len(byID[b.ID]) - len(byID[a.ID]) })
	g.frameworks = used
	return err
}

func (g *ground) readLines(ctx context.Context) error {
	q := kind.Query{Sort: "created_at"}.With("scope_id", kind.Empty, "true")
	if g.scope != nil {
		q = kind.Query{Sort: "created_at"}.Where("scope_id", g.scope.ID)
	}
	list, err := g.f.lines().All(ctx, q)
	for _, l := range list {
		if g.lines[l.RequirementID] == nil { // of two lines for one requirement the first counts
			g.lines[l.RequirementID] = l
		}
	}
	return err
}

func (f *Flow) lines() app.Repo[isms.Applicability] {
	return app.Of[isms.Applicability](f.app, isms.Applicabilities)
}

func (g *ground) readMappings(ctx context.Context) error {
	list, err := g.f.mappings().All(ctx, kind.Query{Sort: "key"})
	in := map[string]bool{}
	for _, r := range g.requirements {
		in[r.ID] = true
	}
	for _, m := range list {
		if in[m.SourceID] && in[m.TargetID] {
			g.pairs = append(g.pairs, coverage.Pair{Source: m.SourceID, Relation: coverage.Relation(m.Relation), Target: m.TargetID,
				Confidence: max(1, int(m.Confidence)), Authority: m.Authority})
		}
	}
	return err
}

// readChecks takes from the latest run on each machine in the scope what passed.
func (g *ground) readChecks(ctx context.Context) error {
	var runs []store.Run
	err := g.f.app.View(ctx, func(tx *store.Tx) (err error) {
		runs, err = tx.LatestRuns("configcheck")
		return err
	})
	if err != nil {
		return err
	}
	for _, run := range runs {
		if !g.inside(run.AssetID) {
			continue
		}
		g.measured++
		if run.Finished.After(g.lookedAt) {
			g.lookedAt = run.Finished
		}
		var t Tally
		if err := json.Unmarshal([]byte(run.Summary), &t); err != nil {
			return fmt.Errorf("run %s: %w", run.ID, err)
		}
		for _, of := range t {
			for _, check := range of.Passed {
				c := g.check(check)
				c.passed++
				if c.oldest.IsZero() || run.Finished.Before(c.oldest) {
					c.oldest = run.Finished
				}
				if run.Finished.After(c.newest) {
					c.newest = run.Finished
				}
			}
		}
	}
	return nil
}

func (g *ground) check(id string) *ranCheck {
	c := g.ran[id]
	if c == nil {
		c = &ranCheck{}
		g.ran[id] = c
	}
	return c
}

// scoped is a question about findings, asked for the assets of the scope in portions
// that the database takes.
func (g *ground) scoped(q kind.Query, each func(kind.Query) error) error {
	if !g.bounded {
		return each(q)
	}
	for part := range slices.Chunk(g.assets, kind.MaxFilterValues) {
		if err := each(q.Where("asset_id", part...)); err != nil {
			return err
		}
	}
	return nil
}

// maxChecks is more than there are checks.
const maxChecks = 10_000

func (g *ground) readFindings(ctx context.Context) error {
	q := kind.Query{}.With("type", kind.Not, "advisory", "zero_day")
	for _, part := range []struct {
		states []string
		add    func(*ranCheck, int)
	}{
		{[]string{string(isms.FindingOpen)}, func(c *ranCheck, n int) { c.failing += n }},
		{[]string{string(isms.FindingAccepted), string(isms.FindingMitigated)}, func(c *ranCheck, n int) { c.borne += n }},
	} {
		err := g.scoped(q.Where("status", part.states...), func(q kind.Query) error {
			groups, err := g.f.app.Groups(ctx, isms.Findings, q, "check", maxChecks)
			for _, x := range groups {
				part.add(g.check(x.Value), int(x.Count))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// advisoryFacts are what is known of weaknesses in software.
type advisoryFacts struct {
	judged                   int // machines whose software was compared with advisories
	at                       time.Time
	open, overdue, exploited int
}

func (g *ground) readAdvisories(ctx context.Context) error {
	err := g.f.app.View(ctx, func(tx *store.Tx) error {
		runs, err := tx.LatestRuns("vulnmatch")
		for _, r := range runs {
			if g.inside(r.AssetID) {
				g.advisories.judged++
				if r.Finished.After(g.advisories.at) {
					g.advisories.at = r.Finished
				}
			}
		}
		return err
	})
	if err != nil || g.advisories.judged == 0 {
		return err
	}
	open := kind.Query{}.Where("type", "advisory", "zero_day").Where("status", string(isms.FindingOpen))
	for _, part := range []struct {
		q    kind.Query
		into *int
	}{
		{open, &g.advisories.open},
		{open.With("due", kind.Less, string(g.today)).With("due", kind.Empty, "false"), &g.advisories.overdue},
		{open.Where("exploited", "true"), &g.advisories.exploited},
	} {
		err := g.scoped(part.q, func(q kind.Query) error {
			n, err := g.f.Count(ctx, isms.Findings, q)
			*part.into += n
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
