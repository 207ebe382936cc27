package standin

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A LogsQL is a query that was understood.
type LogsQL struct {
	filter func(logRow) bool
	pipes  []func([]logRow) []logRow
	shape  []string
}

// Shape is the query without its names and values: a value that is only a value cannot
// change it.
func (q *LogsQL) Shape() string { return strings.Join(q.shape, " ") }

// ParseLogsQL reads the part of LogsQL that its documentation describes as logical
// filters, stream, time, exact, exact prefix, any value, range comparison, regexp and
// phrase filters, and the pipes sort, limit, fields and stats.
func ParseLogsQL(text string) (*LogsQL, error) {
	p := &logsParser{rest: text}
	filter, err := p.either()
	if err != nil {
		return nil, err
	}
	q := &LogsQL{filter: filter}
	for p.skip("|") {
		pipe, err := p.pipe()
		if err != nil {
			return nil, err
		}
		q.pipes = append(q.pipes, pipe)
	}
	if p.space(); p.rest != "" {
		return nil, fmt.Errorf("unexpected %.40q", p.rest)
	}
	q.shape = p.shape
	return q, nil
}

type logsParser struct {
	rest  string
	shape []string
}

func (p *logsParser) space() { p.rest = strings.TrimLeft(p.rest, " \t\n") }

// skip takes a sign, if it is the next.
func (p *logsParser) skip(sign string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, sign)
	if ok {
		p.rest = rest
		p.shape = append(p.shape, sign)
	}
	return ok
}

var logsWord = regexp.MustCompile(`^[\pL\pN_.]+`)

// keyword takes a word, if it is the next.
func (p *logsParser) keyword(word string) bool {
	p.space()
	if got := logsWord.FindString(p.rest); !strings.EqualFold(got, word) {
		return false
	}
	p.rest = p.rest[len(word):]
	p.shape = append(p.shape, word)
	return true
}

// word takes a name or a value: in quotes, or as it is.
func (p *logsParser) word() (string, error) {
	p.space()
	p.shape = append(p.shape, "*")
	if got := logsWord.FindString(p.rest); got != "" {
		p.rest = p.rest[len(got):]
		return got, nil
	}
	prefix, err := strconv.QuotedPrefix(p.rest)
	if err != nil || prefix[0] == '\'' {
		return "", fmt.Errorf("no name and no value: %.40q", p.rest)
	}
	p.rest = p.rest[len(prefix):]
	return strconv.Unquote(prefix)
}

func (p *logsParser) either() (func(logRow) bool, error) {
	all, err := p.both()
	if err != nil {
		return nil, err
	}
	for p.keyword("or") {
		next, err := p.both()
		if err != nil {
			return nil, err
		}
		before := all
		all = func(r logRow) bool { return before(r) || next(r) }
	}
	return all, nil
}

func (p *logsParser) both() (func(logRow) bool, error) {
	all, err := p.one()
	if err != nil {
		return nil, err
	}
	for {
		p.space()
		if p.rest == "" || p.rest[0] == '|' || p.rest[0] == ')' || strings.EqualFold(logsWord.FindString(p.rest), "or") {
			return all, nil
		}
		_ = p.keyword("and")
		next, err := p.one()
		if err != nil {
			return nil, err
		}
		before := all
		all = func(r logRow) bool { return before(r) && next(r) }
	}
}

func (p *logsParser) one() (func(logRow) bool, error) {
	switch {
	case p.skip("!"):
		inner, err := p.one()
		return func(r logRow) bool { return !inner(r) }, err
	case p.skip("("):
		inner, err := p.either()
		if err == nil && !p.skip(")") {
			err = errors.New("missing )")
		}
		return inner, err
	case p.skip("{"):
		return p.stream()
	case p.skip("*"):
		return func(logRow) bool { return true }, nil
	}
	field, err := p.word()
	if err != nil {
		return nil, err
	}
	p.shape[len(p.shape)-1] = field
	if !p.skip(":") {
		return nil, fmt.Errorf("a filter of _msg alone is not used: %q", field)
	}
	if field == "_time" {
		return p.time()
	}
	return p.value(field)
}

// stream reads {name="value",…}.
func (p *logsParser) stream() (func(logRow) bool, error) {
	want := map[string]string{}
	for {
		name, err := p.word()
		if err != nil || !p.skip("=") {
			return nil, fmt.Errorf("stream filter: %w", err)
		}
		if want[name], err = p.word(); err != nil {
			return nil, err
		}
		if p.skip("}") {
			break
		}
		if !p.skip(",") {
			return nil, errors.New("stream filter: missing ,")
		}
	}
	return func(r logRow) bool {
		for name, value := range want {
			if !strings.Contains(r["_stream"], fmt.Sprintf("%s=%q", name, value)) {
				return false
			}
		}
		return true
	}, nil
}

var logsStamp = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z`)

func (p *logsParser) time() (func(logRow) bool, error) {
	sign := p.sign()
	text := logsStamp.FindString(p.rest)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || sign == "" {
		return nil, fmt.Errorf("time filter: %.40q", p.rest)
	}
	p.rest = p.rest[len(text):]
	return func(r logRow) bool {
		t, err := time.Parse(time.RFC3339Nano, r["_time"])
		return err == nil && ordered(t.Compare(at), sign)
	}, nil
}

func (p *logsParser) sign() string {
	for _, sign := range []string{">=", "<=", ">", "<"} {
		if p.skip(sign) {
			return sign
		}
	}
	return ""
}

func ordered(c int, sign string) bool {
	return c > 0 && sign[0] == '>' || c < 0 && sign[0] == '<' || c == 0 && len(sign) == 2
}

func (p *logsParser) value(field string) (func(logRow) bool, error) {
	switch {
	case p.skip("="):
		value, err := p.word()
		if p.rest != "" && p.rest[0] == '*' {
			p.skip("*")
			return func(r logRow) bool { return strings.HasPrefix(r[field], value) }, err
		}
		return func(r logRow) bool { return r[field] == value }, err
	case p.skip("~"):
		pattern, err := p.word()
		if err != nil {
			return nil, err
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, err
		}
		return func(r logRow) bool { return re.MatchString(r[field]) }, nil
	case p.skip("*"):
		return func(r logRow) bool { return r[field] != "" }, nil
	}
	sign := p.sign()
	value, err := p.word()
	if sign == "" || err != nil {
		return nil, fmt.Errorf("filter of %s: %.40q", field, p.rest)
	}
	bound, err := strconv.ParseFloat(value, 64)
	return func(r logRow) bool {
		n, err := strconv.ParseFloat(r[field], 64)
		return err == nil && ordered(cmp.Compare(n, bound), sign)
	}, err
}

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
