package standin

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
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
