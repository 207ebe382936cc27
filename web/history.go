package web

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"holdfast/journal"
	"holdfast/kind"
	"holdfast/web/ui"
)

// How much of the history is shown at a time: changes, and on the page of the
// record the fields of each.
const (
	historyPage   = 12
	historyFields = 5
)

// verbWords say what a journal entry did.
var verbWords = map[string]string{
	"create": "created it", "update": "changed it", "delete": "put it into the bin", "restore": "took it out of the bin",
	"link": "linked it", "unlink": "took a link away",
}

var verbIcons = map[string]string{"create": "plus", "update": "edit", "delete": "trash", "restore": "undo", "link": "link", "unlink": "link"}

// timeline shows entries of the journal of one kind with values before and after,
// at most so many fields of each; 0: all.
func (r *Request) timeline(k *kind.Kind, entries []journal.Entry, shown int) ([]ui.TimelineEntry, error) {
	refs, err := r.resolve(mentioned(k, entries))
	if err != nil {
		return nil, err
	}
	var list []ui.TimelineEntry
	for _, e := range entries {
		t := ui.TimelineEntry{At: r.Format.Time(e.At), Who: e.Actor, What: or(verbWords[e.Verb], verbOf(k, e.Verb)), Icon: or(verbIcons[e.Verb], "flag"), Reason: e.Reason}
		if _, plain := verbWords[e.Verb]; !plain {
			t.Tone = ui.Accent
		}
		for _, c := range e.Changes {
			if change, ok := r.change(k, c, e.Verb, refs); ok {
				t.Changes = append(t.Changes, change)
			}
		}
		if rest := len(t.Changes) - shown; shown > 0 && rest > 1 {
			t.Changes = append(t.Changes[:shown], ui.Change{Field: "and more", After: countWord(rest, "field")})
			t.Href = RecordURL(k, e.RecordID) + "/history?before=" + kind.Itoa(e.Seq+1)
		}
		list = append(list, t)
	}
	return list, nil
}

// verbOf says what an action did; a record that this version does not know keeps
// the plain word.
func verbOf(k *kind.Kind, verb string) string {
	if a := k.Action(verb); a != nil {
		return "did: " + lower(a.Label)
	}
	return verb
}

// mentioned collects the references in the changes.
func mentioned(k *kind.Kind, entries []journal.Entry) map[string][]string {
	ids := map[string][]string{}
	for _, e := range entries {
		for _, c := range e.Changes {
			f := k.Field(c.Field)
			if f == nil || f.Ref == "" {
				continue
			}
			for _, raw := range []json.RawMessage{c.Before, c.After} {
				var id string
				if json.Unmarshal(raw, &id) == nil && id != "" && !slices.Contains(ids[f.Ref], id) {
					ids[f.Ref] = append(ids[f.Ref], id)
				}
			}
		}
	}
	return ids
}

// change puts one change of the journal into words. Of hidden fields only the fact
// is told; what follows from other fields at creation is left out.
func (r *Request) change(k *kind.Kind, c kind.Change, verb string, refs references) (ui.Change, bool) {
	f := k.Field(c.Field)
	if f == nil {
		return ui.Change{Field: kind.Humanise(c.Field), Before: linkTitle(c.Before), After: linkTitle(c.After)}, true
	}
	if f.Name == "deleted_at" || verb == "create" && (f.Computed || f.Name == "title" || f.Name == "key") {
		return ui.Change{}, false
	}
	if f.Hidden {
		return ui.Change{Field: f.Label, After: "changed"}, true
	}
	return ui.Change{Field: f.Label, Before: r.rawText(k, f, c.Before, refs), After: r.rawText(k, f, c.After, refs)}, true
}

// linkTitle reads what the journal keeps of a link.
func linkTitle(raw json.RawMessage) string {
	var other struct{ Title string }
	if json.Unmarshal(raw, &other) != nil {
		return ""
	}
	return other.Title
}

// rawText is a value of the journal as text. Its type decides how it is read; what
// the field does not understand any more is shown as it stands.
func (r *Request) rawText(k *kind.Kind, f *kind.Field, raw json.RawMessage, refs references) string {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || string(raw) == "null" || string(raw) == `""` || string(raw) == "[]" {
		return ""
	}
	rec := k.New()
	text, err := json.Marshal(map[string]json.RawMessage{f.Name: raw})
	if err == nil && !f.Computed {
		if k.Decode(rec, text) == nil {
			return r.plainRef(k, f, rec, refs)
		}
	}
	plain := strings.Trim(string(raw), `"`)
	if f.SetText(rec, plain) == nil {
		return r.plainRef(k, f, rec, refs)
	}
	return plain
}

// plain is the value of a field in words, without marks.
func (r *Request) plain(k *kind.Kind, f *kind.Field, rec kind.Record) string {
	refs, err := r.refsOf([]*kind.Field{f}, rec)
	if err != nil {
		refs = references{}
	}
	return r.plainRef(k, f, rec, refs)
}

func (r *Request) plainRef(k *kind.Kind, f *kind.Field, rec kind.Record, refs references) string {
	if f.IsZero(rec) && f.Type != kind.Flag {
		return ""
	}
	switch v := f.Of(rec).(type) {
	case kind.Money:
		return r.Format.Money(v)
	case kind.Range:
		return r.Format.Range(v, f.Unit)
	case kind.Level:
		return itoa(int(v)) + " " + v.String()
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case float64:
		return r.Format.Quantity(v, f.Unit)
	case kind.Date:
		return v.Time().Format("2 Jan 2006")
	case time.Time:
		return r.Format.Time(v).Format("2 Jan 2006, 15:04")
	case []string:
		words := make([]string, len(v))
		for i, w := range v {
			words[i] = w
			if len(f.Choices) > 0 {
				words[i] = f.Choice(w).Label
			}
		}
		return cut(strings.Join(words, ", "), 400)
	case kind.Markdown:
		return cut(string(v), 400)
	}
	text := f.Text(rec)
	switch {
	case f.Type == kind.Ref:
		return or(refs[f.Ref][text].Title, "a record you may not see")
	case f.Type == kind.Option:
		return f.Choice(text).Label
	}
	return cut(text, 400)
}

// cut shortens a text that is shown among others.
func cut(s string, n int) string {
	if letters := []rune(s); len(letters) > n {
		return string(letters[:n]) + "…"
	}
	return s
}

// historyPart answers older entries than a number.
func historyFragment(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		h, err := r.history(k, r.PathValue("id"), atoi64(r.FormValue("before")), 0)
		if err != nil {
			return err
		}
		if r.Fragment() {
			return r.RenderPart(historyList(h))
		}
		r.Crumbs(groupCrumb(k), ui.Crumb{Label: pluralLabel(k), Href: "/" + k.Plural})
		return r.Render("History", historyBody(h))
	}
}

// A historyView is a part of the history of a record.
type historyView struct {
	entries []ui.TimelineEntry
	older   string // address of the entries before; empty: there are none
}

func (r *Request) history(k *kind.Kind, id string, before int64, shown int) (historyView, error) {
	entries, err := r.App().History(r.Ctx(), k, id, before, historyPage+1)
	if err != nil {
		return historyView{}, err
	}
	h := historyView{}
	if len(entries) > historyPage {
		entries = entries[:historyPage]
		h.older = RecordURL(k, id) + "/history?before=" + kind.Itoa(entries[historyPage-1].Seq)
	}
	h.entries, err = r.timeline(k, entries, shown)
	return h, err
}
