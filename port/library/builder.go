package library

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"holdfast/catalog"
	"holdfast/kind"
)

// A builder puts a framework together and sees to it that it is whole.
type builder struct {
	file string
	fw   catalog.Framework
	have map[string]int // where a number stands in the list
}

func newBuilder(file string, fw catalog.Framework) *builder {
	fw.ID = slug(fw.ID)
	fw.Title, fw.Publisher, fw.Version = oneLine(fw.Title), oneLine(fw.Publisher), oneLine(fw.Version)
	fw.About, fw.Source = text(fw.About), "Imported from "+file+"."
	if fw.Topic == "" {
		fw.Topic = "security"
	}
	return &builder{file: file, fw: fw, have: map[string]int{}}
}

// add appends a requirement. Place says where in the file it stands.
func (b *builder) add(place string, r catalog.Requirement) error {
	r.ID, r.In, r.Tier = oneLine(r.ID), oneLine(r.In), tier(r.Tier)
	r.Title, r.Asks, r.Guidance, r.Proof = oneLine(r.Title), text(r.Asks), text(r.Guidance), text(r.Proof)
	if r.Title == "" {
		r.Title = titleOf(r.Asks)
	}
	if r.Title == "" {
		r.Title = r.ID
	}
	switch before, twice := b.have[r.ID]; {
	case r.ID == "":
		return bad(b.file, place, "a requirement has no number; every one needs its own")
	case len(r.ID) > maxCode:
		return bad(b.file, place, "the number %.40q… is longer than %d characters", r.ID, maxCode)
	case twice:
		return bad(b.file, place, "the number %q is used twice (also for %q); numbers are unique", r.ID, b.fw.Requirements[before].Title)
	case len(b.have) == MaxRequirements:
		return kind.Errorf(kind.TooLarge, "%s: more than %d requirements; split the framework", b.file, MaxRequirements)
	}
	if _, ok := b.have[r.In]; r.In != "" && !ok {
		return bad(b.file, place, "%s stands in %q, which does not stand before it; chapters come first", r.ID, r.In)
	}
	b.have[r.ID] = len(b.fw.Requirements)
	b.fw.Requirements = append(b.fw.Requirements, r)
	return nil
}

// chapter appends a chapter unless it is there; its number is returned, made of the
// title when it has none.
func (b *builder) chapter(place, id, title, in string) (string, error) {
	if id = oneLine(id); id == "" {
		id = slug(title)
	}
	if i, ok := b.have[id]; ok && b.fw.Requirements[i].Chapter && b.fw.Requirements[i].In == in {
		return id, nil
	}
	for n := 2; ; n++ {
		if _, taken := b.have[id]; !taken {
			break
		}
		id = strings.TrimSuffix(id, "~"+strconv.Itoa(n-1)) + "~" + strconv.Itoa(n)
	}
	return id, b.add(place, catalog.Requirement{ID: id, Title: title, In: in, Chapter: true})
}

// framework is what was put together; chapters that hold nothing are left out.
func (b *builder) framework() (catalog.Framework, error) {
	if b.fw.Controls() == 0 {
		return b.fw, bad(b.file, "", "there are no requirements in it")
	}
	if b.fw.Title == "" {
		return b.fw, bad(b.file, "", "the framework has no title")
	}
	needed := map[string]bool{}
	for i := len(b.fw.Requirements) - 1; i >= 0; i-- {
		if r := b.fw.Requirements[i]; !r.Chapter || needed[r.ID] {
			needed[r.ID], needed[r.In] = true, true
		}
	}
	kept := b.fw.Requirements[:0]
	for _, r := range b.fw.Requirements {
		if needed[r.ID] {
			kept = append(kept, r)
		}
	}
	b.fw.Requirements = kept
	return b.fw, nil
}

// oneLine makes a title of a text: white space runs together, nothing unprintable.
func oneLine(s string) string {
	return cut(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " "), 300)
}

// text makes a text of a foreign one: bounded, no control characters, no spaces at
// the ends of lines.
func text(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\u00a0':
			return ' '
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return cut(strings.TrimSpace(strings.Join(lines, "\n")), maxText)
}

func cut(s string, n int) string {
	if len(s) <= n {
		return strings.ToValidUTF8(s, "")
	}
	return strings.ToValidUTF8(s[:n-3], "") + "…"
}

// titleOf is the first sentence of a text, up to about a line.
func titleOf(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if first, _, more := strings.Cut(s, ". "); more {
		s = first
	}
	s = strings.TrimSuffix(strings.TrimSpace(s), ".")
	const line = 110
	if len(s) <= line {
		return s
	}
	s = strings.ToValidUTF8(s[:line], "")
	if i := strings.LastIndexByte(s, ' '); i > line/2 {
		s = s[:i]
	}
	return strings.TrimRight(s, " ,;:") + "…"
}

var levelForm = regexp.MustCompile(`^(?i:level|l)?[ -]*([0-9]+)$`)

// tier writes levels alike: 2, Level 2 and level-2 are L2.
func tier(s string) string {
	s = oneLine(s)
	if m := levelForm.FindStringSubmatch(s); m != nil {
		return "L" + m[1]
	}
	return s
}

// slug makes an identifier as those of the catalogue: lower case, with - and dots.
func slug(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
		case r == '.' && !gap && b.Len() > 0:
			b.WriteByte('.')
		default:
			gap = true
		}
	}
	id := short(strings.Trim(strings.NewReplacer(".-", "-", "..", ".").Replace(b.String()), ".-"))
	if id == "" {
		return "framework"
	}
	return id
}

// short cuts an identifier at a hyphen when it is long.
func short(id string) string {
	const longest = 80
	if len(id) <= longest {
		return id
	}
	id = id[:longest]
	if i := strings.LastIndexByte(id, '-'); i > 0 {
		id = id[:i]
	}
	return strings.TrimRight(id, ".-")
}
