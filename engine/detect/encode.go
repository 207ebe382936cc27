package detect

import (
	"encoding/base64"
	"errors"
	"fmt"
	"unicode/utf16"
)

// maxSpellings bounds the forms that one value may take before it is encoded: four
// dashes, each of which may be one of five characters.
const maxSpellings = 625

// encoded applies the encodings in their order. A value may become several.
func encoded(p pattern, encoding []string) ([]pattern, error) {
	if len(encoding) == 0 {
		return []pattern{p}, nil
	}
	list, ok := p.spellings(maxSpellings)
	if !ok {
		return nil, errors.New("too many dashes to write them all out before encoding")
	}
	for _, e := range encoding {
		var next []pattern
		for _, q := range list {
			out, err := encodeOne(q, e)
			if err != nil {
				return nil, err
			}
			next = append(next, out...)
		}
		list = next
	}
	return list, nil
}

func encodeOne(p pattern, encoding string) ([]pattern, error) {
	lit, plain := p.literal()
	switch encoding {
	case "wide", "utf16le":
		return []pattern{eachText(p, utf16le)}, nil
	case "utf16be":
		return []pattern{eachText(p, utf16be)}, nil
	}
	if !plain {
		return nil, fmt.Errorf("%s cannot encode a value with wildcards", encoding)
	}
	switch encoding {
	case "utf16":
		return []pattern{{{text: "\xff\xfe" + utf16le(lit)}}}, nil
	case "base64":
		return []pattern{{{text: base64.StdEncoding.EncodeToString([]byte(lit))}}}, nil
	}
	return base64Offsets(lit)
}

func eachText(p pattern, f func(string) string) pattern {
	out := make(pattern, len(p))
	for i, q := range p {
		out[i] = part{q.kind, f(q.text)}
	}
	return out
}

func utf16le(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func utf16be(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return string(b)
}

// base64Offsets returns what is the same in every Base64 text that holds the value,
// for each of the three places at which it may begin. Characters that also encode
// bits of what stands before or after are left out.
func base64Offsets(lit string) ([]pattern, error) {
	if len(lit) < 2 {
		return nil, errors.New("base64offset needs at least two characters: one leaves nothing to look for")
	}
	var list []pattern
	for offset := range 3 {
		text := base64.StdEncoding.EncodeToString(append(make([]byte, offset), lit...))
		from := []int{0, 2, 3}[offset]
		to := len(text) - []int{0, 3, 2}[(len(lit)+offset)%3]
		if from < to {
			list = append(list, pattern{{text: text[from:to]}})
		}
	}
	return list, nil
}
