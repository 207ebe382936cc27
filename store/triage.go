package store

import (
	"database/sql"
	"fmt"
	"slices"

	"holdfast/kind"
)

// A FindingGroup sums up the findings that share a value: a repair, an asset, a
// weakness.
type FindingGroup struct {
	Value                       string
	Count                       int64
	Critical, High, Medium, Low int64
	Exploited                   int64     // known to be exploited in the wild
	Overdue                     int64     // due before today
	EPSS                        float64   // highest
	Due                         kind.Date // earliest; empty when none has a date
}

// Worst is the highest severity in the group.
func (g FindingGroup) Worst() string {
	switch {
	case g.Critical > 0:
		return "critical"
	case g.High > 0:
		return "high"
	case g.Medium > 0:
		return "medium"
	case g.Low > 0:
		return "low"
	}
	return "none"
}

// A TriageOrder says which group of findings comes first.
type TriageOrder string

// The orders. In each, ties are broken by the others and last by the value.
const (
	WorstFirst TriageOrder = "worst"
	MostFirst  TriageOrder = "most"
	DueFirst   TriageOrder = "due"
)

// triageOrders name columns of the statement in FindingGroups by their place.
var triageOrders = map[TriageOrder]string{
	WorstFirst: "3 DESC, 4 DESC, 7 DESC, 5 DESC, 2 DESC, 1",
	MostFirst:  "2 DESC, 3 DESC, 4 DESC, 1",
	DueFirst:   "10, 3 DESC, 4 DESC, 2 DESC, 1",
}

// groupable are the fields by which findings are triaged.
var groupable = []string{"fix", "asset_id", "vulnerability_id", "check", "owner_id"}

// FindingGroups sums up the findings that match the query by the value of a field,
// a page of groups at a time, and tells how many groups there are. today decides
// what is overdue. own, when not empty, restricts it to the findings of a person.
func (t *Tx) FindingGroups(q kind.Query, own, by string, today kind.Date, order TriageOrder, limit, offset int) (groups []FindingGroup, total int64, err error) {
	k := t.s.reg.Named("finding")
	if !slices.Contains(groupable, by) {
		return nil, 0, kind.Fieldf("by", "findings cannot be grouped by %q", by)
	}
	sorted, ok := triageOrders[order]
	if !ok {
		return nil, 0, kind.Fieldf("sort", "%q is not an order of groups", order)
	}
	if err := q.Check(k); err != nil {
		return nil, 0, err
	}
	c, err := t.conditions(k, q, own)
	if err != nil {
		return nil, 0, err
	}
	col := quote(by)
	if k.Field(by).Ref != "" {
		// As an expression, so that the database sums up over the one index that
		// holds all columns and does not follow that of the reference to the rows.
		col = "COALESCE(" + col + ", '')"
	}
	text := fmt.Sprintf(`SELECT %s, COUNT(*),
		SUM(CASE WHEN severity = 'critical' THEN 1 ELSE 0 END), SUM(CASE WHEN exploited <> 0 THEN 1 ELSE 0 END),
		SUM(CASE WHEN severity = 'high' THEN 1 ELSE 0 END), SUM(CASE WHEN severity = 'medium' THEN 1 ELSE 0 END),
		SUM(CASE WHEN due <> '' AND due < ? THEN 1 ELSE 0 END), SUM(CASE WHEN severity = 'low' THEN 1 ELSE 0 END),
		MAX(epss), MIN(CASE WHEN due = '' THEN '9999-12-31' ELSE due END), COUNT(*) OVER ()
		FROM %s WHERE workspace_id = ? AND %s GROUP BY %s ORDER BY %s LIMIT ? OFFSET ?`, col, table(k), c.text(), col, sorted)
	args := append([]any{string(today), t.workspace}, c.args...)
	err = t.each(func(rows *sql.Rows) error {
		g, n, err := scanGroup(rows)
		groups, total = append(groups, g), n
		return err
	}, text, append(args, limit, offset)...)
	return groups, total, err
}

func scanGroup(rows *sql.Rows) (g FindingGroup, total int64, err error) {
	var due string
	err = rows.Scan(&g.Value, &g.Count, &g.Critical, &g.Exploited, &g.High, &g.Medium, &g.Overdue, &g.Low, &g.EPSS, &due, &total)
	if due != "9999-12-31" {
		g.Due = kind.Date(due)
	}
	return g, total, err
}
