package web

import (
	"encoding/json"
	"net/http"

	"holdfast/journal"
	"holdfast/kind"
)

// A conflictView tells what somebody else changed while the form was open.
type conflictView struct {
	who   string
	rows  []conflictRow
	taken int // changes that touch nothing the person typed, and are simply taken
}

// A conflictRow is a field that both changed.
type conflictRow struct {
	label, before, theirs, yours string
}

// maxConflict bounds how many changes back the page looks for what happened.
const maxConflict = 100

// showConflict shows the form again with what was typed. A field that only the
// other person changed takes that change; one that both changed keeps the text of
// this person, and both are shown. The form now carries the newer version, so that
// saving again is a decision.
func (r *Request) showConflict(v formView, mine, newer kind.Record) error {
	history, err := r.App().History(r.Ctx(), v.k, newer.GetBase().ID, 0, maxConflict)
	if err != nil {
		return err
	}
	c := &conflictView{who: newer.GetBase().UpdatedBy}
	now := r.rawOf(v.fields, newer)
	for _, f := range v.fields {
		base, touched := baseOf(v.k, f, history, v.version, newer)
		switch {
		case !touched || f.Equal(mine, newer):
		case f.Equal(mine, base):
			takeRaw(v.raw, now, f)
			c.taken++
		default:
			c.rows = append(c.rows, conflictRow{f.Label, r.plain(v.k, f, base), r.plain(v.k, f, newer), r.plain(v.k, f, mine)})
		}
	}
	v.rec, v.version, v.conflict, v.problem = newer, newer.GetBase().Version, c, nil
	return r.showForm(v, http.StatusConflict)
}

// baseOf is the record as it was in the field when this person opened the form,
// and whether anybody changed the field since.
func baseOf(k *kind.Kind, f *kind.Field, history []journal.Entry, version int64, newer kind.Record) (kind.Record, bool) {
	base, touched := k.Clone(newer), false
	for _, e := range history { // newest first: the last one that counts is the oldest
		if e.Version <= version {
			continue
		}
		for _, c := range e.Changes {
			if c.Field != f.Name {
				continue
			}
			touched = true
			f.Copy(base, k.New())
			if len(c.Before) > 0 {
				if text, err := json.Marshal(map[string]json.RawMessage{f.Name: c.Before}); err == nil {
					_ = k.Decode(base, text) // what the journal holds was a value of the field
				}
			}
		}
	}
	return base, touched
}

func takeRaw(raw, now map[string][]string, f *kind.Field) {
	for _, name := range []string{f.Name, f.Name + "_low", f.Name + "_likely", f.Name + "_high"} {
		delete(raw, name)
		if values, ok := now[name]; ok {
			raw[name] = values
		}
	}
}
