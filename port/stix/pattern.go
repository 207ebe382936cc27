package stix

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"holdfast/engine/indicator"
)

// Limits of a pattern.
const (
	maxPattern = 64 << 10
	maxTokens  = 20_000
)

// Pattern finds in a STIX pattern the values any one of which is enough to recognise
// what it describes. Alternatives give one value each; of conditions that must hold
// together the one that says most is taken, which rings a little more often than the
// pattern and never less. Sequences, negations and comparisons other than equality
// cannot be looked for by value.
func Pattern(text string) ([]Found, error) {
	if len(text) > maxPattern {
		return nil, fmt.Errorf("its pattern is longer than %d KiB", maxPattern>>10)
	}
	tokens, err := tokenise(text)
	if err != nil {
		return nil, err
	}
	p := &patternParser{tokens: tokens}
	found, err := p.observations()
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errors.New("nothing in its pattern can be looked for by value")
	}
	return found, nil
}

type token struct {
	text   string
	quoted bool
}

func tokenise(s string) ([]token, error) {
	var out []token
	for i := 0; i < len(s); {
		if len(out) > maxTokens {
			return nil, errors.New("its pattern has too many parts")
		}
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'':
			v, n, err := quotedText(s[i:])
			if err != nil {
				return nil, err
			}
			out, i = append(out, token{v, true}), i+n
		case strings.IndexByte("[](),", c) >= 0:
			out, i = append(out, token{string(c), false}), i+1
		case c == '!' || c == '=' || c == '<' || c == '>':
			n := 1
			if i+1 < len(s) && s[i+1] == '=' {
				n = 2
			}
			out, i = append(out, token{s[i : i+n], false}), i+n
		default:
			n := wordEnd(s[i:])
			out, i = append(out, token{s[i : i+n], false}), i+n
		}
	}
	return out, nil
}

// quotedText reads '…' with \' and \\ inside.
func quotedText(s string) (string, int, error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '\'':
			return b.String(), i + 1, nil
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, errors.New("a text in its pattern does not end")
}

// wordEnd is where a path or word ends; a path may hold quoted parts and [0].
func wordEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'' && i > 0 && s[i-1] == '.':
			if j := strings.IndexByte(s[i+1:], '\''); j >= 0 {
				i += j + 1
				continue
			}
			return max(i, 1)
		case c == '[' && i > 0:
			if j := strings.IndexByte(s[i:], ']'); j > 0 && j < 12 {
				i += j
				continue
			}
			return max(i, 1)
		case strings.IndexByte(" \t\n\r()],=!<>", c) >= 0:
			return max(i, 1)
		}
	}
	return len(s)
}

type patternParser struct {
	tokens []token
	depth  int
}

func (p *patternParser) peek() string {
	if len(p.tokens) == 0 || p.tokens[0].quoted {
		return ""
	}
	return p.tokens[0].text
}

func (p *patternParser) next() token {
	if len(p.tokens) == 0 {
		return token{}
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

func (p *patternParser) expect(text string) error {
	if t := p.next(); t.text != text || t.quoted {
		return fmt.Errorf("its pattern has %q where %q belongs", t.text, text)
	}
	return nil
}

var errSequence = errors.New("its pattern describes a sequence, which is written as a correlation rule instead")

// observations reads [ … ] OR [ … ], with brackets around them.
func (p *patternParser) observations() ([]Found, error) {
	if p.depth++; p.depth > 50 {
		return nil, errors.New("its pattern is nested too deeply")
	}
	defer func() { p.depth-- }()
	var all []Found
	for {
		found, err := p.observation()
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
		switch strings.ToUpper(p.peek()) {
		case "OR":
			p.next()
		case "":
			if len(p.tokens) == 0 {
				return all, nil
			}
			return nil, fmt.Errorf("its pattern has %q where OR belongs", p.tokens[0].text)
		case ")":
			return all, nil
		default:
			return nil, errSequence
		}
	}
}

func (p *patternParser) observation() ([]Found, error) {
	if p.peek() == "(" {
		p.next()
		found, err := p.observations()
		if err != nil {
			return nil, err
		}
		return found, p.expect(")")
	}
	if err := p.expect("["); err != nil {
		return nil, err
	}
	found, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	return found, p.expect("]")
}

// alternatives reads comparisons joined by OR. One of them that cannot be looked for
// makes them all useless: the pattern would miss what that one describes. But what the
// others find is right, so they are kept.
func (p *patternParser) alternatives() ([]Found, error) {
	if p.depth++; p.depth > 50 {
		return nil, errors.New("its pattern is nested too deeply")
	}
	defer func() { p.depth-- }()
	var all []Found
	for {
		found, err := p.together()
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
		if !strings.EqualFold(p.peek(), "OR") {
			return all, nil
		}
		p.next()
	}
}

// together reads comparisons joined by AND and takes those of the one that says most.
func (p *patternParser) together() ([]Found, error) {
	var best []Found
	for {
		found, err := p.comparison()
		if err != nil {
			return nil, err
		}
		if weight(found) > weight(best) {
			best = found
		}
		if !strings.EqualFold(p.peek(), "AND") {
			return best, nil
		}
		p.next()
	}
}

// telling orders types by how much one value says, the most telling first.
var telling = []indicator.Type{indicator.SHA256, indicator.SHA1, indicator.MD5, indicator.Certificate, indicator.URL, indicator.Email, indicator.Domain, indicator.Address, indicator.Network, indicator.FileName, indicator.UserAgent}

func weight(found []Found) int {
	if len(found) == 0 {
		return 0
	}
	least := len(telling)
	for _, f := range found {
		least = min(least, len(telling)-slices.Index(telling, f.Type))
	}
	return least
}

func (p *patternParser) comparison() ([]Found, error) {
	if p.peek() == "(" {
		p.next()
		found, err := p.alternatives()
		if err != nil {
			return nil, err
		}
		return found, p.expect(")")
	}
	path := p.next()
	if path.quoted || !strings.Contains(path.text, ":") {
		return nil, fmt.Errorf("its pattern has %q where a path such as ipv4-addr:value belongs", path.text)
	}
	negated := false
	if strings.EqualFold(p.peek(), "NOT") {
		p.next()
		negated = true
	}
	op := strings.ToUpper(p.next().text)
	values, err := p.values(op)
	if err != nil {
		return nil, err
	}
	if negated || op != "=" && op != "IN" && op != "ISSUBSET" {
		return nil, nil
	}
	var out []Found
	for _, v := range values {
		if t := typeFor(typeOfPath(path.text), v); t != "" {
			out = append(out, Found{t, v})
		}
	}
	return out, nil
}

// typeFor corrects the type of an address by its value: STIX writes networks and, in
// references, names at the same places.
func typeFor(t indicator.Type, v string) indicator.Type {
	if t != indicator.Address {
		return t
	}
	if _, err := netip.ParseAddr(v); err == nil {
		return t
	}
	if _, err := netip.ParsePrefix(v); err == nil {
		return indicator.Network
	}
	if strings.ContainsAny(v, "abcdefghijklmnopqrstuvwxyz") && strings.Contains(v, ".") {
		return indicator.Domain
	}
	return t
}

func (p *patternParser) values(op string) ([]string, error) {
	switch op {
	case "=", "!=", "<", ">", "<=", ">=", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET":
		return []string{p.next().text}, nil
	case "IN":
		if err := p.expect("("); err != nil {
			return nil, err
		}
		var out []string
		for {
			out = append(out, p.next().text)
			if t := p.next(); t.text == ")" && !t.quoted {
				return out, nil
			} else if t.text != "," || t.quoted {
				return nil, fmt.Errorf("its pattern has %q where , or ) belongs", t.text)
			}
		}
	case "EXISTS":
		return nil, nil
	}
	return nil, fmt.Errorf("its pattern compares with %q, which is not known", op)
}
