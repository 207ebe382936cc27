package flow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/engine/coverage"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A GapCount is how the requirements of one framework stand in one scope.
type GapCount struct {
	Total     int `json:"total"`
	Excluded  int `json:"excluded"`  // do not apply
	Undecided int `json:"undecided"` // nobody has said whether they apply; they count as if
	Met       int `json:"met"`       // measured, like the four below; all without the excluded
	Partly    int `json:"partly"`
	Fails     int `json:"fails"`
	Stale     int `json:"stale"`
	Unknown   int `json:"unknown"`
	Said      int `json:"said"`     // people say that they are met
	Differs   int `json:"differs"`  // people and measurement disagree
	Inferred  int `json:"inferred"` // met or partly met only because of another framework
}

// Counting is how many requirements count.
func (c GapCount) Counting() int { return c.Total - c.Excluded }

// Share of the requirements that count which are measured as met, 0 to 1.
func (c GapCount) Share() float64 { return share(c.Met, c.Counting()) }

// SaidShare is the same by what people say.
func (c GapCount) SaidShare() float64 { return share(c.Said, c.Counting()) }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// CountOf counts lines.
func CountOf(lines []*Standing) GapCount {
	c := GapCount{Total: len(lines)}
	for _, s := range lines {
		if s.Applies() == isms.AppliesNo {
			c.Excluded++
			continue
		}
		if s.Applies() == isms.AppliesUndecided {
			c.Undecided++
		}
		if s.Said() == isms.ApplicabilityMet {
			c.Said++
		}
		if s.Differs() {
			c.Differs++
		}
		if s.OnlyInferred() {
			c.Inferred++
		}
		*map[isms.Measured]*int{isms.MeasuredMet: &c.Met, isms.MeasuredPartly: &c.Partly, isms.MeasuredFails: &c.Fails, isms.MeasuredStale: &c.Stale, isms.MeasuredUnknown: &c.Unknown}[s.Measured]++
	}
	return c
}

// OnlyInferred tells whether the measured answer rests on other frameworks.
func (s *Standing) OnlyInferred() bool {
	return s.Inferred.Level != coverage.Unknown && measure(s.Proofs) != s.Measured
}

// A Gap is what one framework lacks in one scope.
type Gap struct {
	Framework *isms.Framework
	Count     GapCount
	Missing   []*Standing // counting and not met, the worst first
	Steps     []GapStep   // what would turn them green, the most loss avoided for the money first
}

// Gap says what a framework lacks. actions are the next best actions of the
// workspace (NextActions), from which the steps take the loss that they avoid; they
// may be nil.
func (f *Flow) Gap(st *Statement, frameworkID string, actions []Action) Gap {
	lines := st.Of(frameworkID)
	g := Gap{Count: CountOf(lines)}
	for _, s := range lines {
		g.Framework = s.Framework
		if s.Applies() != isms.AppliesNo && s.Measured != isms.MeasuredMet {
			g.Missing = append(g.Missing, s)
		}
	}
	slices.SortStableFunc(g.Missing, func(a, b *Standing) int {
		return cmp.Or(slices.Index(worstFirst, a.Measured)-slices.Index(worstFirst, b.Measured), cmp.Compare(a.Requirement.Position, b.Requirement.Position))
	})
	g.Steps = f.stepsFor(st, g.Missing, actions)
	return g
}

var worstFirst = []isms.Measured{isms.MeasuredFails, isms.MeasuredStale, isms.MeasuredPartly, isms.MeasuredUnknown, isms.MeasuredMet}

// A MetReading is how much of a framework was met on a day.
type MetReading struct {
	Day   kind.Date `json:"day"`
	Share float64   `json:"share"` // 0 to 1
	Note  string    `json:"note"`
}

func readingKey(frameworkID, scopeID string) string {
	if scopeID == "" {
		scopeID = "all"
	}
	return StableKey("requirements-met", frameworkID, scopeID)
}

// Trend are the readings of a framework in a scope, the oldest first, one a day.
func (f *Flow) Trend(ctx context.Context, frameworkID, scopeID string) ([]MetReading, error) {
	i, err := f.indicators().Get(ctx, readingKey(frameworkID, scopeID))
	if kind.CodeOf(err) == kind.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := f.measurements().All(ctx, kind.Query{Sort: "created_at"}.Where("indicator_id", i.ID))
	byDay := map[kind.Date]MetReading{}
	for _, m := range list {
		day := kind.DateOf(m.At)
		byDay[day] = MetReading{day, m.Value / 100, string(m.Note)}
	}
	var out []MetReading
	for _, r := range byDay {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b MetReading) int { return strings.Compare(string(a.Day), string(b.Day)) })
	return out, err
}

func (f *Flow) indicators() app.Repo[isms.Indicator] {
	return app.Of[isms.Indicator](f.app, isms.Indicators)
}

func (f *Flow) measurements() app.Repo[isms.Measurement] {
	return app.Of[isms.Measurement](f.app, isms.Measurements)
}

// FormulaMet is the formula of the indicators that this package keeps: the share of
// the applicable requirements of a framework that are measured as met, in per cent.
const FormulaMet = "requirements-met"

// correctAfter is how long a reading of today stands before a better one replaces it.
const correctAfter = time.Hour

// keepReadings takes the reading of the day of every framework in which somebody has
// opened lines in the scope. It returns how many entries of the journal it made.
func (f *Flow) keepReadings(ctx context.Context, st *Statement) (int64, error) {
	wrote := int64(0)
	for _, fw := range st.Frameworks {
		lines := st.Of(fw.ID)
		if !slices.ContainsFunc(lines, func(s *Standing) bool { return s.Line != nil }) {
			continue
		}
		c := CountOf(lines)
		n, err := f.keepReading(ctx, st, fw, c)
		if err != nil {
			return wrote, fmt.Errorf("reading of %s: %w", fw.Title, err)
		}
		wrote += n
		if covers := Round4(c.Share()); st.Scope == nil && fw.Covers != covers {
			fw.Covers = covers
			wrote++
			if err := f.frameworks().Save(ctx, fw); err != nil {
				return wrote, err
			}
		}
	}
	return wrote, nil
}

func (f *Flow) keepReading(ctx context.Context, st *Statement, fw *isms.Framework, c GapCount) (int64, error) {
	scopeID, where := "", "the whole organisation"
	if st.Scope != nil {
		scopeID, where = st.Scope.ID, st.Scope.Title
	}
	i, err := f.indicators().Get(ctx, readingKey(fw.ID, scopeID))
	if kind.CodeOf(err) == kind.NotFound {
		i, err = &isms.Indicator{
			Base: isms.Base{Key: readingKey(fw.ID, scopeID), Title: prose.Cut(prose.FirstOf(fw.Abbreviation, fw.Title)+" met in "+where, 300), Origin: "engine"},
			Type: "performance", Unit: "%", Direction: "higher", Target: 95, Warn: 60, Source: "computed", Formula: FormulaMet, EveryDays: 1, OwnerID: fw.OwnerID,
			Description: "Share of the requirements that apply which are measured as met.",
		}, nil
	}
	if err != nil || !i.DeletedAt.IsZero() {
		return 0, err
	}
	now, value := f.app.Now(), Round4(c.Share())*100
	today := kind.DateOf(now).Time()
	if i.ID != "" && !i.MeasuredAt.Before(today) && (i.Value == value || now.Sub(i.MeasuredAt) < correctAfter) {
		return 0, nil
	}
	i.Value, i.MeasuredAt = value, now
	if err := f.indicators().Save(ctx, i); err != nil {
		return 0, err
	}
	m := &isms.Measurement{IndicatorID: i.ID, At: today, Value: value, Health: i.HealthOf(value), Source: "computed", Note: isms.Markdown(c.String())}
	m.Origin = "engine"
	return 2, f.measurements().Save(ctx, m)
}

// String is the count in words, as readings keep it.
func (c GapCount) String() string {
	return fmt.Sprintf("%d of %d met, %d partly, %d fail, %d stale, %d unknown; %d do not apply; people say %d are met.",
		c.Met, c.Counting(), c.Partly, c.Fails, c.Stale, c.Unknown, c.Excluded, c.Said)
}
