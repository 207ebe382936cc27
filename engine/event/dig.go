package event

import (
	"strings"

	"github.com/valyala/fastjson"
)

// at is the text of the scalar at a path; of a list its first. Empty: there is none.
func (p *Parser) at(v *fastjson.Value, path ...string) string {
	return p.scalar(v.Get(path...))
}

func (p *Parser) scalar(v *fastjson.Value) string {
	if v == nil {
		return ""
	}
	switch v.Type() {
	case fastjson.TypeString:
		return strings.ToValidUTF8(p.word(v.GetStringBytes()), "\ufffd")
	case fastjson.TypeNumber:
		var buffer [32]byte
		return p.word(v.MarshalTo(buffer[:0]))
	case fastjson.TypeTrue:
		return "true"
	case fastjson.TypeFalse:
		return "false"
	case fastjson.TypeArray:
		if list := v.GetArray(); len(list) > 0 && list[0].Type() != fastjson.TypeArray {
			return p.scalar(list[0])
		}
	}
	return ""
}

// firstAt is the text at the first of the paths that has one. A path may lead through
// objects or be one name with dots, and both at once.
func (p *Parser) firstAt(v *fastjson.Value, paths ...string) string {
	for _, path := range paths {
		if s := p.scalar(dig(v, path)); s != "" {
			return s
		}
	}
	return ""
}

// dig follows a dotted path through objects; any dot may be part of a name.
func dig(v *fastjson.Value, path string) *fastjson.Value {
	if v == nil || v.Type() != fastjson.TypeObject {
		return nil
	}
	if kid := v.Get(path); kid != nil {
		return kid
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		if kid := v.Get(path[:i]); kid != nil {
			if found := dig(kid, path[i+1:]); found != nil {
				return found
			}
		}
	}
	return nil
}
