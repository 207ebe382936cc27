package detect

import (
	"encoding/base64"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/valyala/fastjson"
)

// The reference evaluates rule by rule, item by item, value by value, with the plain
// functions of the standard library: what somebody would write first. It shares the
// reading of rules with the engine, and nothing of the matching.

type refRule struct {
	rule       *Rule
	selections map[string]refCheck
}

type refCheck func(event *fastjson.Value) bool

func newReference(rules []*Rule) []refRule {
	out := make([]refRule, len(rules))
	for i, r := range rules {
		out[i] = refRule{r, map[string]refCheck{}}
		for _, s := range r.selections {
			out[i].selections[s.name] = refBody(s.body)
		}
	}
	return out
}

func (r *refRule) matches(event *fastjson.Value) bool {
	for _, c := range r.rule.conditions {
		if r.condition(c, event) {
			return true
		}
	}
	return false
}

func (r *refRule) condition(c condition, event *fastjson.Value) bool {
	switch c.op {
	case opAnd:
		for _, k := range c.kids {
			if !r.condition(k, event) {
				return false
			}
		}
		return true
	case opOr:
		for _, k := range c.kids {
			if r.condition(k, event) {
				return true
			}
		}
		return false
	case opNot:
		return !r.condition(c.kids[0], event)
	}
	return r.selections[c.name](event)
}

func refBody(b body) refCheck {
	var any, all []refCheck
	for _, k := range b.any {
		any = append(any, refBody(k))
	}
	for _, it := range b.all {
		all = append(all, refItem(it))
	}
	return func(event *fastjson.Value) bool {
		for _, f := range all {
			if !f(event) {
				return false
			}
		}
		for _, f := range any {
			if f(event) {
				return true
			}
		}
		return len(any) == 0
	}
}

func refItem(it item) refCheck {
	has := func(m string) bool { return slices.Contains(it.modifiers, m) }
	var checks []refCheck
	for _, v := range it.values {
		checks = append(checks, refValue(it, has, v))
	}
	return func(event *fastjson.Value) bool {
		n := 0
		for _, f := range checks {
			if f(event) {
				n++
			}
		}
		ok := n > 0
		if has("all") {
			ok = n == len(checks)
		}
		return ok != has("neq")
	}
}

func refValue(it item, has func(string) bool, v scalar) refCheck {
	var fits func(text string) bool
	switch {
	case has("exists"):
		return func(event *fastjson.Value) bool {
			_, there := refLookup(event, it.field)
			return there == (v.text == "true")
		}
	case v.is == isNull:
		return func(event *fastjson.Value) bool {
			values, _ := refLookup(event, it.field)
			return len(values) == 0
		}
	case has("fieldref"):
		return func(event *fastjson.Value) bool { return refSame(event, it.field, v.text, has) }
	case has("gt"), has("gte"), has("lt"), has("lte"):
		limit, _ := strconv.ParseFloat(v.text, 64)
		fits = func(text string) bool {
			n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			return err == nil && (has("gt") && n > limit || has("gte") && n >= limit || has("lt") && n < limit || has("lte") && n <= limit)
		}
	case has("cidr"):
		network := netip.MustParsePrefix(v.text)
		fits = func(text string) bool {
			addr, err := netip.ParseAddr(strings.TrimSpace(text))
			return err == nil && network.Contains(addr.Unmap())
		}
	case has("re"):
		flags := ""
		for _, f := range []string{"i", "m", "s"} {
			if has(f) {
				flags += "(?" + f + ")"
			}
		}
		fits = regexp.MustCompile(flags + v.text).MatchString
	default:
		fits = refText(it, has, v.text)
	}
	return func(event *fastjson.Value) bool {
		var values []string
		if it.field == "" {
			refLeaves(event, &values)
		} else {
			values, _ = refLookup(event, it.field)
		}
		return slices.ContainsFunc(values, fits)
	}
}

func refSame(event *fastjson.Value, field, other string, has func(string) bool) bool {
	left, _ := refLookup(event, field)
	right, _ := refLookup(event, other)
	for _, a := range left {
		for _, b := range right {
			if !has("cased") {
				a, b = strings.ToLower(a), strings.ToLower(b)
			}
			switch {
			case has("contains"):
				if strings.Contains(a, b) {
					return true
				}
			case has("startswith"):
				if strings.HasPrefix(a, b) {
					return true
				}
			case has("endswith"):
				if strings.HasSuffix(a, b) {
					return true
				}
			case a == b:
				return true
			}
		}
	}
	return false
}

// refText compares text: with functions of package strings where there are no
// wildcards, else with a regular expression.
func refText(it item, has func(string) bool, text string) func(string) bool {
	contains := has("contains") || it.field == ""
	plain := !strings.ContainsAny(text, `*?\`) && !has("windash")
	if plain {
		var wanted []string
		for _, w := range refEncoded(text, it.modifiers) {
			if !has("cased") {
				w = strings.ToLower(w)
			}
			wanted = append(wanted, w)
		}
		return func(value string) bool {
			for _, w := range wanted {
				if !has("cased") {
					value = strings.ToLower(value)
				}
				switch {
				case contains && strings.Contains(value, w), has("startswith") && strings.HasPrefix(value, w),
					has("endswith") && strings.HasSuffix(value, w), value == w:
					return true
				}
			}
			return false
		}
	}
	expression := refExpression(text, has("windash"))
	if contains || has("endswith") {
		expression = ".*" + expression
	}
	if contains || has("startswith") {
		expression += ".*"
	}
	flags := "(?is)"
	if has("cased") {
		flags = "(?s)"
	}
	if lit, ok := refPlain(text); ok && !has("windash") && len(refEncoded(lit, it.modifiers)) > 0 && refEncodes(it.modifiers) {
		var parts []string
		for _, w := range refEncoded(lit, it.modifiers) {
			parts = append(parts, regexp.QuoteMeta(w))
		}
		expression = "(" + strings.Join(parts, "|") + ")"
		if contains {
			expression = ".*" + expression + ".*"
		}
	}
	return regexp.MustCompile(flags + "^" + expression + "$").MatchString
}

func refEncodes(modifiers []string) bool {
	return slices.ContainsFunc(modifiers, func(m string) bool { return slices.Contains(encodings, m) })
}

// refPlain undoes the escapes of a value without wildcards.
func refPlain(text string) (string, bool) {
	text = strings.NewReplacer(`\\`, "\x01", `\*`, "\x02", `\?`, "\x03").Replace(text)
	if strings.ContainsAny(text, "*?") {
		return "", false
	}
	return strings.NewReplacer("\x01", `\`, "\x02", "*", "\x03", "?").Replace(text), true
}

var refDash = regexp.MustCompile(`(^|[^0-9A-Za-z_])[-/–—―]([0-9A-Za-z_])`)

func refExpression(text string, windash bool) string {
	text = strings.NewReplacer(`\\`, "\x01", `\*`, "\x02", `\?`, "\x03").Replace(text)
	if windash {
		for range 2 { // neighbouring dashes share a character
			text = refDash.ReplaceAllString(text, "${1}\x04${2}")
		}
	}
	return strings.NewReplacer("\x01", `\\`, "\x02", `\*`, "\x03", `\?`, "\x04", "[-/–—―]", `\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(text))
}

func refEncoded(text string, modifiers []string) []string {
	list := []string{text}
	for _, m := range modifiers {
		var next []string
		for _, s := range list {
			switch m {
			case "base64":
				s = base64.StdEncoding.EncodeToString([]byte(s))
			case "wide", "utf16le":
				s = refWide(s)
			case "base64offset":
				for i, from := range []int{0, 2, 3} {
					e := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", i) + s))
					next = append(next, e[from:len(e)-[]int{0, 3, 2}[(len(s)+i)%3]])
				}
				continue
			}
			next = append(next, s)
		}
		list = next
	}
	return list
}

func refWide(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

// refLookup finds the values of a field, and whether it is there at all.
func refLookup(event *fastjson.Value, field string) (values []string, there bool) {
	var found []*fastjson.Value
	for _, root := range roots {
		for _, at := range refPath([]*fastjson.Value{event}, root) {
			found = append(found, refFind(at, field)...)
		}
	}
	for _, path := range elsewhere[field] {
		found = append(found, refPath([]*fastjson.Value{event}, path)...)
	}
	if owner, attribute, cut := strings.Cut(field, "_"); cut {
		for _, root := range [][]string{{"Event", "System", owner}, {"System", owner}} {
			for _, last := range [][]string{{"#attributes", attribute}, {"@" + attribute}, {attribute}} {
				found = append(found, refPath([]*fastjson.Value{event}, append(slices.Clone(root), last...))...)
			}
		}
	}
	for _, v := range found {
		refTexts(v, &values)
	}
	return values, len(found) > 0
}

func refPath(from []*fastjson.Value, path []string) []*fastjson.Value {
	for _, name := range path {
		var next []*fastjson.Value
		for _, v := range from {
			if v.Type() == fastjson.TypeArray {
				from := v.GetArray()
				next = append(next, refPath(from, []string{name})...)
				continue
			}
			if v.Type() != fastjson.TypeObject {
				continue
			}
			v.GetObject().Visit(func(key []byte, kid *fastjson.Value) {
				if name == "*" || string(key) == name {
					next = append(next, kid)
				}
			})
		}
		from = next
	}
	return from
}

func refFind(v *fastjson.Value, field string) []*fastjson.Value {
	var found []*fastjson.Value
	switch v.Type() {
	case fastjson.TypeArray:
		for _, kid := range v.GetArray() {
			found = append(found, refFind(kid, field)...)
		}
	case fastjson.TypeObject:
		v.GetObject().Visit(func(key []byte, kid *fastjson.Value) {
			if string(key) == field {
				found = append(found, kid)
			} else if rest, ok := strings.CutPrefix(field, string(key)+"."); ok {
				found = append(found, refFind(kid, rest)...)
			}
		})
	}
	return found
}

func refTexts(v *fastjson.Value, out *[]string) {
	switch v.Type() {
	case fastjson.TypeNull:
	case fastjson.TypeArray:
		for _, kid := range v.GetArray() {
			refTexts(kid, out)
		}
	case fastjson.TypeObject:
		*out = append(*out, string(v.MarshalTo(nil)))
		if text := v.Get("#text"); text != nil {
			refTexts(text, out)
		}
	default:
		*out = append(*out, refScalar(v))
	}
}

func refScalar(v *fastjson.Value) string {
	if v.Type() == fastjson.TypeString {
		return string(v.GetStringBytes())
	}
	text := string(v.MarshalTo(nil))
	if f, err := strconv.ParseFloat(text, 64); err == nil && strings.ContainsAny(text, ".eE") {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return text
}

func refLeaves(v *fastjson.Value, out *[]string) {
	switch v.Type() {
	case fastjson.TypeNull:
	case fastjson.TypeArray:
		for _, kid := range v.GetArray() {
			refLeaves(kid, out)
		}
	case fastjson.TypeObject:
		v.GetObject().Visit(func(_ []byte, kid *fastjson.Value) { refLeaves(kid, out) })
	case fastjson.TypeNumber:
		*out = append(*out, string(v.MarshalTo(nil)))
	default:
		*out = append(*out, refScalar(v))
	}
}
