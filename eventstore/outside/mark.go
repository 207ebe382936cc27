package outside

import (
	"encoding/hex"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// Marks are how an event is found by what has no field of its own outside: fields as the
// product names them would be too many for any of these systems, and neither compares
// numbers and networks among texts. A mark is a name, a sign and a value:
//
//	n:eventid=4625              a value, in small letters
//	n:eventid|                  there is a value that is neither empty nor 0
//	n:eventid<8000000000001211  a whole number, so that the order of texts is its order
//	o:src_endpoint.ip>4c0a80007 an address, 4 or 6 before its digits
//
// o: stands before a path of OCSF, n: before a name of the product; names of nested fields
// are joined by dots.
const (
	ofOCSF   = "o:"
	ofNative = "n:"

	isText    = "="
	isThere   = "|"
	isNumber  = "<"
	isAddress = ">"
)

// The bounds of the marks of one event.
const (
	maxMark     = 8 << 10 // bytes; more than a query has
	maxName     = 256
	maxMarks    = 1_000
	maxAllMarks = 256 << 10
	maxDepth    = 32
)

// plainName takes the signs and what cannot be seen out of a name.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(isText+isThere+isNumber+isAddress, r) {
			return '_'
		}
		return r
	}, strings.ToLower(name))
}

// numberText is a whole number whose texts stand in the order of the numbers.
func numberText(n int64) string {
	var b [8]byte
	for i, u := 7, uint64(n)^1<<63; i >= 0; i, u = i-1, u>>8 { //nolint:gosec // the bits are meant
		b[i] = byte(u)
	}
	return hex.EncodeToString(b[:])
}

// addressText is an address whose texts stand in the order of the addresses of its family.
func addressText(a netip.Addr) string {
	a = a.Unmap()
	if a.Is4() {
		b := a.As4()
		return "4" + hex.EncodeToString(b[:])
	}
	b := a.As16()
	return "6" + hex.EncodeToString(b[:])
}

// networkText is the first and the last address of a network.
func networkText(p netip.Prefix) (first, last string) {
	a := p.Masked().Addr()
	family, b := "6", a.AsSlice()
	if a.Is4() {
		family = "4"
	}
	first = family + hex.EncodeToString(b)
	for bit := p.Bits(); bit < 8*len(b); bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	return first, family + hex.EncodeToString(b)
}

// marks collects the marks of one event, each once.
type marks struct {
	list []string
	have map[string]bool
	size int
	full bool
}

func (m *marks) add(mark string) {
	mark = cut(mark, maxMark)
	if m.have[mark] {
		return
	}
	if len(m.list) == maxMarks || m.size+len(mark) > maxAllMarks {
		m.full = true
		return
	}
	if m.have == nil {
		m.have = map[string]bool{}
	}
	m.have[mark] = true
	m.list, m.size = append(m.list, mark), m.size+len(mark)
}

// value marks a value of a name.
func (m *marks) value(name, text string) {
	if text == "" {
		return
	}
	m.add(name + isText + strings.ToLower(text))
	if text != "0" {
		m.add(name + isThere)
	}
	m.compared(name, text)
}

// compared marks what a value can be compared by.
func (m *marks) compared(name, text string) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		m.add(name + isNumber + numberText(n))
	} else if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		m.add(name + isAddress + addressText(a))
	}
}

// native marks the fields of the product.
func (m *marks) native(data []byte) {
	if len(data) == 0 {
		return
	}
	v, err := fastjson.ParseBytes(data)
	if err != nil {
		return
	}
	m.object(ofNative, v, 0)
}

// object marks what is in an object; nothing where it is none.
func (m *marks) object(before string, v *fastjson.Value, depth int) {
	o, err := v.Object()
	if err != nil {
		return
	}
	if depth == maxDepth {
		m.full = true
		return
	}
	o.Visit(func(key []byte, v *fastjson.Value) {
		name := before + plainName(string(key))
		if m.full || len(name) > maxName {
			m.full = true
			return
		}
		m.json(name, v)
		m.object(name+".", v, depth+1)
	})
}

// json marks a value of a name; of a list each that is in it. What is nested deeper is
// also a text of its own, as it is for a search here.
func (m *marks) json(name string, v *fastjson.Value) {
	switch v.Type() {
	case fastjson.TypeNull:
	case fastjson.TypeString:
		text, _ := v.StringBytes() // it is one
		m.value(name, string(text))
	case fastjson.TypeArray:
		list, _ := v.Array() // it is one
		for _, item := range list {
			if m.full {
				return
			}
			m.json(name, item)
		}
	default:
		m.value(name, v.String())
	}
}

// cut shortens a text to so many bytes, not within a letter.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// The ends of the order of numbers.
var leastNumber, mostNumber = numberText(math.MinInt64), numberText(math.MaxInt64)
