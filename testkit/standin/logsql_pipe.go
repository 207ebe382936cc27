package standin

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

func (p *logsParser) pipe() (func([]logRow) []logRow, error) {
	switch {
	case p.keyword("sort"):
		return p.sort()
	case p.keyword("fields"):
		return p.fields()
	case p.keyword("stats"):
		return p.stats()
	}
	return nil, fmt.Errorf("unknown pipe %.40q", p.rest)
}

// list reads the names of fields, each with what follow takes.
func (p *logsParser) list(follow func(name string) error) error {
	for {
		name, err := p.word()
		if err == nil {
			err = follow(name)
		}
		if err != nil {
			return err
		}
		if !p.skip(",") {
			return nil
		}
	}
}

func (p *logsParser) sort() (func([]logRow) []logRow, error) {
	type key struct {
		name string
		desc bool
	}
	var keys []key
	if !p.keyword("by") || !p.skip("(") {
		return nil, errors.New("sort: missing by (")
	}
	err := p.list(func(name string) error { keys = append(keys, key{name, p.keyword("desc")}); return nil })
	if err != nil || !p.skip(")") {
		return nil, fmt.Errorf("sort: %w", err)
	}
	limit := math.MaxInt
	if p.keyword("limit") {
		text, err := p.word()
		if err != nil {
			return nil, err
		}
		if limit, err = strconv.Atoi(text); err != nil {
			return nil, err
		}
	}
	return func(rows []logRow) []logRow {
		rows = slices.Clone(rows)
		slices.SortStableFunc(rows, func(a, b logRow) int {
			for _, k := range keys {
				c := natural(a[k.name], b[k.name])
				if k.desc {
					c = -c
				}
				if c != 0 {
					return c
				}
			}
			return 0
		})
		return rows[:min(len(rows), limit)]
	}, nil
}

// natural compares numbers as such.
func natural(a, b string) int {
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err == nil && err2 == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a, b)
}

func (p *logsParser) fields() (func([]logRow) []logRow, error) {
	var names []string
	err := p.list(func(name string) error { names = append(names, name); return nil })
	return func(rows []logRow) []logRow {
		var list []logRow
		for _, r := range rows {
			one := logRow{}
			for _, n := range names {
				one[n] = r[n]
			}
			list = append(list, one)
		}
		return list
	}, err
}

// A logsGroup is a field by which stats are counted, with the width of its buckets.
type logsGroup struct {
	name string
	step float64
}

func (g logsGroup) of(r logRow) string {
	if g.step == 0 {
		return r[g.name]
	}
	n, err := strconv.ParseFloat(r[g.name], 64)
	if err != nil {
		return r[g.name]
	}
	return strconv.FormatFloat(math.Floor(n/g.step)*g.step, 'f', -1, 64)
}

func (p *logsParser) stats() (func([]logRow) []logRow, error) {
	var groups []logsGroup
	if p.keyword("by") {
		if !p.skip("(") {
			return nil, errors.New("stats: missing (")
		}
		err := p.list(func(name string) error {
			g := logsGroup{name: name}
			if p.skip(":") {
				text, err := p.word()
				if err != nil {
					return err
				}
				if g.step, err = strconv.ParseFloat(text, 64); err != nil {
					return err
				}
			}
			groups = append(groups, g)
			return nil
		})
		if err != nil || !p.skip(")") {
			return nil, fmt.Errorf("stats: %w", err)
		}
	}
	var funcs []logsFunc
	for {
		f, err := p.statsFunc()
		if err != nil {
			return nil, err
		}
		funcs = append(funcs, f)
		if !p.skip(",") {
			break
		}
	}
	return func(rows []logRow) []logRow { return runStats(groups, funcs, rows) }, nil
}

// A logsFunc is a function of stats with the name of its result.
type logsFunc struct{ name, field, as string }

func (p *logsParser) statsFunc() (f logsFunc, err error) {
	for _, name := range []string{"count_uniq", "min", "max"} {
		if f.name == "" && p.keyword(name) {
			f.name = name
		}
	}
	if f.name == "" || !p.skip("(") {
		return f, fmt.Errorf("stats: unknown function %.40q", p.rest)
	}
	if f.field, err = p.word(); err != nil || !p.skip(")") || !p.keyword("as") {
		return f, fmt.Errorf("stats: %w", err)
	}
	f.as, err = p.word()
	return f, err
}

func runStats(groups []logsGroup, funcs []logsFunc, rows []logRow) []logRow {
	var order []string
	byKey := map[string][]logRow{}
	if groups == nil {
		order = []string{""}
	}
	for _, r := range rows {
		var key []string
		for _, g := range groups {
			key = append(key, g.of(r))
		}
		k := strings.Join(key, "\x00")
		if byKey[k] == nil && groups != nil {
			order = append(order, k)
		}
		byKey[k] = append(byKey[k], r)
	}
	var list []logRow
	for _, k := range order {
		one := logRow{}
		if groups != nil {
			for i, value := range strings.Split(k, "\x00") {
				one[groups[i].name] = value
			}
		}
		for _, f := range funcs {
			one[f.as] = f.of(byKey[k])
		}
		list = append(list, one)
	}
	return list
}

func (f logsFunc) of(rows []logRow) string {
	seen := map[string]bool{}
	best := ""
	for i, r := range rows {
		v := r[f.field]
		if v != "" {
			seen[v] = true
		}
		if c := natural(v, best); i == 0 || f.name == "min" && c < 0 || f.name == "max" && c > 0 {
			best = v
		}
	}
	if f.name == "count_uniq" {
		return strconv.Itoa(len(seen))
	}
	return best
}
