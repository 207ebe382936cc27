package detect

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// An expr is a condition over one event, ready to be compiled. It is a tree of tests.
type expr struct {
	op        op
	kids      []*expr // of and and or; an empty and is true, an empty or false
	test      *test   // of opTest
	selection string  // set on the root of each selection
}

// A builder makes the expression of a rule.
type builder struct {
	at       place
	lax      bool                // an unknown placeholder is any text
	values   map[string][]string // of placeholders
	wildcard map[string]bool     // placeholders that a pipeline replaces by *
	count    int
}

// maxTests bounds one rule. The largest public rule has about 700 values.
const maxTests = 50_000

// rule builds the conditions of a rule; any of them lets it match.
func (b *builder) rule(list []selection, conditions []condition) (*expr, error) {
	built := map[string]*expr{}
	for _, s := range list {
		e, err := b.body(s.body)
		if err != nil {
			return nil, err
		}
		built[s.name] = &expr{op: opAnd, kids: []*expr{e}, selection: s.name}
	}
	root := &expr{op: opOr}
	for _, c := range conditions {
		root.kids = append(root.kids, joined(c, built))
	}
	return root, nil
}

func joined(c condition, built map[string]*expr) *expr {
	if c.op == opTest {
		return built[c.name]
	}
	e := &expr{op: c.op}
	for _, k := range c.kids {
		e.kids = append(e.kids, joined(k, built))
	}
	return e
}

func (b *builder) body(s body) (*expr, error) {
	e := &expr{op: opAnd}
	if s.any != nil {
		e.op = opOr
	}
	for _, k := range s.any {
		sub, err := b.body(k)
		if err != nil {
			return nil, err
		}
		e.kids = append(e.kids, sub)
	}
	for _, k := range s.every {
		sub, err := b.body(k)
		if err != nil {
			return nil, err
		}
		e.kids = append(e.kids, sub)
	}
	for i := range s.all {
		sub, err := b.item(&s.all[i])
		if err != nil {
			return nil, s.all[i].at.errorf("%s: %w", cmpText(s.all[i].said(), "keywords"), err)
		}
		e.kids = append(e.kids, sub)
	}
	return e, nil
}

func cmpText(s, empty string) string {
	if s == "" {
		return empty
	}
	return s
}

// item builds the tests of one field.
func (b *builder) item(it *item) (*expr, error) {
	c, err := compare(it.modifiers)
	if err != nil {
		return nil, err
	}
	values, err := b.expanded(it.values, c.expand)
	if err != nil {
		return nil, err
	}
	if it.field == "" && (c.mode == modeExists || c.fieldref || c.part != "") {
		return nil, errors.New("this modifier needs a field")
	}
	e := &expr{op: opOr}
	if c.all {
		e.op = opAnd
	}
	if len(values) == 0 {
		return nil, errors.New("an empty list of values would match nothing")
	}
	for _, v := range values {
		sub, err := b.value(it, c, v)
		if err != nil {
			return nil, err
		}
		e.kids = append(e.kids, sub)
	}
	if c.not {
		return &expr{op: opNot, kids: []*expr{e}}, nil
	}
	return e, nil
}

// value builds the tests of one value, of which one must hold.
func (b *builder) value(it *item, c comparison, v scalar) (*expr, error) {
	tests, err := testsOf(it.field, c, v)
	if err != nil {
		return nil, err
	}
	if b.count += len(tests); b.count > maxTests {
		return nil, fmt.Errorf("more than %d values in one rule", maxTests)
	}
	e := &expr{op: opOr}
	for i := range tests {
		t := &tests[i]
		t.field, t.said, t.value = it.field, it.said(), v.text
		if v.is == isNull {
			t.value = "null"
		}
		e.kids = append(e.kids, &expr{op: opTest, test: t})
	}
	if len(e.kids) == 1 {
		return e.kids[0], nil
	}
	return e, nil
}

func testsOf(field string, c comparison, v scalar) ([]test, error) {
	switch {
	case c.mode == modeExists:
		if v.is != isBool {
			return nil, errors.New("exists wants true or false")
		}
		return []test{{is: testExists, want: v.text == "true", testRest: &testRest{}}}, nil
	case v.is == isNull:
		if c.mode != modeEqual || field == "" {
			return nil, errors.New("null cannot be compared so")
		}
		return []test{{is: testNull, testRest: &testRest{}}}, nil
	case c.fieldref:
		return []test{{is: testField, mode: c.mode, cased: c.cased, testRest: &testRest{other: v.text}}}, nil
	case c.part != "" || c.ordered():
		return numberTest(c, v)
	case c.mode == modeCIDR:
		return cidrTest(v.text)
	case c.mode == modeRegexp:
		return regexpTest(c.flags, v.text)
	}
	return textTests(field, c, v)
}

// numberTest compares by size. Without an order, a part of a time is compared for
// equality.
func numberTest(c comparison, v scalar) ([]test, error) {
	n, err := strconv.ParseFloat(v.text, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is not a number", v.text)
	}
	return []test{{is: testNumber, mode: c.mode, testRest: &testRest{number: n, part: c.part}}}, nil
}

func cidrTest(text string) ([]test, error) {
	if !strings.Contains(text, "/") {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("%q is not a network such as 10.0.0.0/8", text)
		}
		return []test{{is: testCIDR, testRest: &testRest{network: netip.PrefixFrom(addr, addr.BitLen())}}}, nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not a network such as 10.0.0.0/8", text)
	}
	return []test{{is: testCIDR, testRest: &testRest{network: network.Masked()}}}, nil
}

// regexpTest compiles for RE2, which takes time linear in the text whatever the
// expression says.
func regexpTest(flags, text string) ([]test, error) {
	if flags != "" {
		text = "(?" + flags + ")" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		hint := ""
		if strings.Contains(text, "(?=") || strings.Contains(text, "(?!") || strings.Contains(text, "(?<") {
			hint = "; looking ahead or back is not possible, write it as two selections"
		}
		return nil, fmt.Errorf("%w%s", err, hint)
	}
	return []test{{is: testRegexp, testRest: &testRest{re: re}}}, nil
}

// textTests compares text. Keywords are looked for anywhere in a value.
func textTests(field string, c comparison, v scalar) ([]test, error) {
	p := parsePattern(v.text)
	if c.windash {
		p = p.windash()
	}
	list, err := encoded(p, c.encoding)
	if err != nil {
		return nil, err
	}
	anywhere := c.mode == modeContains || field == ""
	var tests []test
	for _, p := range list {
		p = p.anchored(anywhere || c.mode == modeEnds, anywhere || c.mode == modeStarts)
		tests = append(tests, test{is: testText, cased: c.cased, text: p.matcher(c.cased), testRest: &testRest{pattern: p}})
	}
	return tests, nil
}

// expanded replaces placeholders such as %admins% by each of their values.
func (b *builder) expanded(values []scalar, expand bool) ([]scalar, error) {
	if !expand {
		return values, nil
	}
	var out []scalar
	for _, v := range values {
		list, err := b.fill(v.text, 0)
		if err != nil {
			return nil, err
		}
		for _, text := range list {
			out = append(out, scalar{text, v.is})
		}
		if len(out) > maxTests {
			return nil, fmt.Errorf("placeholders make more than %d values", maxTests)
		}
	}
	return out, nil
}

func (b *builder) fill(text string, depth int) ([]string, error) {
	from := strings.IndexByte(text, '%')
	if from < 0 || depth > maxDepth {
		return []string{text}, nil
	}
	size := strings.IndexByte(text[from+1:], '%')
	if size <= 0 {
		return []string{text}, nil
	}
	name := text[from+1 : from+1+size]
	after, err := b.fill(text[from+size+2:], depth+1)
	if err != nil {
		return nil, err
	}
	values, known := b.values[name]
	switch {
	case known:
	case b.lax || b.wildcard[name] || b.wildcard["*"]:
		values = []string{"*"}
	default:
		return nil, fmt.Errorf("nothing is said for %%%s%%; give a pipeline with vars: {%s: [...]} and value_placeholders", name, name)
	}
	if len(values)*len(after) > maxTests {
		return nil, fmt.Errorf("placeholders make more than %d values", maxTests)
	}
	var out []string
	for _, v := range values {
		for _, rest := range after {
			out = append(out, text[:from]+v+rest)
		}
	}
	return out, nil
}
