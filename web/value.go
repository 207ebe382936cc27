package web

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"holdfast/kind"
	"holdfast/web/ui"
)

// A reference is what is shown of a record that another one refers to.
type reference struct {
	Title, URL string
	Person     bool
}

// references holds them by kind and id. What is missing may not be read.
type references map[string]map[string]reference

// refsOf reads, with one query for each kind, what the fields of the records refer to.
func (r *Request) refsOf(fields []*kind.Field, recs ...kind.Record) (references, error) {
	ids := map[string][]string{}
	for _, f := range fields {
		if f.Ref == "" {
			continue
		}
		for _, rec := range recs {
			if id := f.Text(rec); id != "" && !slices.Contains(ids[f.Ref], id) {
				ids[f.Ref] = append(ids[f.Ref], id)
			}
		}
	}
	return r.resolve(ids)
}

func (r *Request) resolve(ids map[string][]string) (references, error) {
	refs := references{}
	for name, list := range ids {
		k := r.Kind(name)
		found, err := r.App().Many(r.Ctx(), k, list)
		if kind.CodeOf(err) == kind.Forbidden {
			continue
		}
		if err != nil {
			return nil, err
		}
		refs[name] = map[string]reference{}
		for id, rec := range found {
			refs[name][id] = reference{Title: rec.GetBase().Title, URL: recordURL(k, rec), Person: name == "person"}
		}
	}
	return refs, nil
}

// Show renders the value of a field as a component; nil when it is empty. It reads
// what the field refers to, so use it for single values, not for lists.
func (r *Request) Show(k *kind.Kind, rec kind.Record, field string) templ.Component {
	f := k.Field(field)
	if f == nil || f.Hidden {
		return nil
	}
	refs, err := r.refsOf([]*kind.Field{f}, rec)
	if err != nil {
		return nil
	}
	return r.value(k, f, rec, refs)
}

// value shows a field; nil when it is empty.
func (r *Request) value(k *kind.Kind, f *kind.Field, rec kind.Record, refs references) templ.Component {
	if f.IsZero(rec) && f.Type != kind.Flag {
		return nil
	}
	switch v := f.Of(rec).(type) {
	case time.Time:
		return ui.Time(r.Format.Time(v))
	case kind.Date:
		return dayOf(v, f, r)
	case kind.Markdown:
		return prose(string(v))
	case kind.Money:
		return ui.Number(r.Format.Money(v))
	case kind.Range:
		return ui.Number(r.Format.Range(v, f.Unit))
	case kind.Level:
		return levelMark(v)
	case bool:
		return flagMark(v)
	case []string:
		return tagsOf(f, v)
	case float64:
		return ui.Number(r.Format.Quantity(v, f.Unit))
	case int:
		return ui.Number(r.Format.Quantity(float64(v), f.Unit))
	case int64:
		return ui.Number(r.Format.Quantity(float64(v), f.Unit))
	}
	return r.word(k, f, f.Text(rec), refs)
}

// word shows a field that is text: a choice, a reference, an address, a name.
func (r *Request) word(k *kind.Kind, f *kind.Field, text string, refs references) templ.Component {
	switch {
	case f.Type == kind.Option && f.Name == k.StateField:
		return stateMark(f, text)
	case f.Type == kind.Option:
		return choiceMark(f.Choice(text))
	case f.Type == kind.Ref:
		ref, ok := refs[f.Ref][text]
		if !ok {
			return ui.Muted("not visible to you")
		}
		return refMark(ref)
	case isCode(f.Name):
		return ui.Mono(text)
	case isWebAddress(text):
		return webLink(text)
	}
	return ui.Text(text)
}

// cell is value for a row of a table: long text in one line, no links inside.
func (r *Request) cell(k *kind.Kind, f *kind.Field, rec kind.Record, refs references) templ.Component {
	if f.Type == kind.Flag && f.IsZero(rec) {
		return nil
	}
	switch v := f.Of(rec).(type) {
	case kind.Markdown:
		if v == "" {
			return nil
		}
		return ui.Text(clip(string(v), 120))
	case []string:
		if len(v) > 2 {
			return ui.Group(tagsOf(f, v[:2]), ui.Muted("+"+itoa(len(v)-2)))
		}
	case string:
		if f.Type == kind.Text && len(v) > 120 {
			return ui.Text(clip(v, 120))
		}
	case kind.Range:
		if v.Low != v.High {
			return ui.Number(r.shortRange(v, f.Unit))
		}
	}
	return r.value(k, f, rec, refs)
}

func (r *Request) shortRange(v kind.Range, unit string) string {
	if unit != "money" && unit != "share" {
		unit = ""
	}
	return r.Format.Quantity(v.Low, unit) + "–" + r.Format.Quantity(v.High, unit)
}

// clip is the first line of a text, cut at so many characters.
func clip(s string, n int) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	s = strings.TrimLeft(s, "#*- ")
	if letters := []rune(s); len(letters) > n {
		return string(letters[:n-1]) + "…"
	}
	return s
}

// isCode tells fields that hold identifiers, which are read letter by letter.
func isCode(name string) bool {
	switch name {
	case "key", "id", "sha256", "prefix", "fingerprint", "blob", "slug", "technique", "check", "advisory", "cwe", "cve", "version_seen":
		return true
	}
	return strings.HasSuffix(name, "_hash") || strings.HasSuffix(name, "_ref")
}

func isWebAddress(s string) bool {
	return (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && !strings.ContainsAny(s, " \n")
}

// choiceTones are the tones of package kind in the language of the components.
var choiceTones = map[string]ui.Tone{
	"critical": ui.Negative, "high": ui.Negative, "medium": ui.Attention, "warn": ui.Attention,
	"good": ui.Positive, "info": ui.Accent,
}

// choiceMark shows a severity with its shape and colour, any other choice as a badge.
func choiceMark(c kind.Choice) templ.Component {
	switch c.Value {
	case "critical", "high", "medium", "low", "none":
		if c.Tone != "" {
			return ui.Severity(c.Value)
		}
	}
	return ui.Badge(ui.BadgeProps{Text: c.Label, Tone: choiceTones[c.Tone], Title: c.Doc})
}

// stateMark shows where in its life a record stands.
func stateMark(f *kind.Field, value string) templ.Component {
	c := f.Choice(value)
	return ui.State(c.Label, stageOf(f, c))
}

func stageOf(f *kind.Field, c kind.Choice) ui.Stage {
	switch c.Tone {
	case "good":
		return ui.Done
	case "muted":
		return ui.Stopped
	case "critical", "high":
		return ui.Failed
	case "warn", "medium":
		return ui.Waiting
	}
	if len(f.Choices) > 0 && f.Choices[0].Value == c.Value {
		return ui.Todo
	}
	return ui.Doing
}
