package kind

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Prepare sets what follows from other fields: the default state, trimmed text,
// times as exact as they are stored, and what the Spec derives. It is idempotent.
func (k *Kind) Prepare(r Record) {
	for _, f := range k.Fields {
		switch f.Type {
		case Text:
			f.value(r).SetString(strings.TrimSpace(f.value(r).String()))
		case Instant:
			t := f.Of(r).(time.Time)
			f.value(r).Set(reflect.ValueOf(t.UTC().Truncate(time.Microsecond)))
		}
	}
	if k.StateField != "" && k.State(r) == "" {
		f := k.byName[k.StateField]
		f.value(r).SetString(f.Choices[0].Value)
	}
	if k.prepare != nil {
		k.prepare(r)
	}
}

// Limits on the size of text, so that one record cannot exhaust the service.
const (
	MaxText     = 4 << 10
	MaxLongText = 1 << 20
	MaxWords    = 500
)

// Validate tells everything that is wrong with the record, as an Invalid error
// with one entry for each field.
func (k *Kind) Validate(r Record) error {
	var bad []FieldError
	for _, f := range k.Fields {
		if msg := f.complaint(r); msg != "" {
			bad = append(bad, FieldError{f.Name, msg})
		}
	}
	if k.validate != nil {
		if err := k.validate(r); err != nil {
			if fields := FieldsOf(err); fields != nil {
				bad = append(bad, fields...)
			} else {
				bad = append(bad, FieldError{"", err.Error()})
			}
		}
	}
	if bad != nil {
		return InvalidFields(bad)
	}
	return nil
}

func (f *Field) complaint(r Record) string {
	if f.Required && f.IsZero(r) {
		return "is required"
	}
	switch f.Type {
	case Text, Ref:
		if f.value(r).Len() > MaxText {
			return fmt.Sprintf("is longer than %d characters", MaxText)
		}
		return controlComplaint(f.value(r).String())
	case LongText:
		if f.value(r).Len() > MaxLongText {
			return fmt.Sprintf("is longer than %d characters", MaxLongText)
		}
		return controlComplaint(f.value(r).String())
	case WordList:
		words := f.Of(r).([]string)
		if err := f.matchChoices(slices.Clone(words)); err != nil {
			return err.Error()
		}
		return wordsComplaint(words)
	case Option:
		if _, err := f.parseChoice(f.Text(r)); err != nil {
			return err.Error()
		}
	case Decimal:
		if n := f.Of(r).(float64); math.IsNaN(n) || math.IsInf(n, 0) {
			return "must be a finite number"
		}
	case Instant:
		if y := f.Of(r).(time.Time).UTC().Year(); y < 1 || y > 9999 {
			return "must lie between the years 1 and 9999"
		}
	case Span:
		if err := f.Of(r).(Range).Check(); err != nil {
			return err.Error()
		}
	case Day:
		if _, err := ParseDate(f.Text(r)); err != nil {
			return err.Error()
		}
	case Grade:
		if l := f.Of(r).(Level); l < 0 || l > 5 {
			return "must be from 1 to 5"
		}
	}
	return ""
}

func wordsComplaint(words []string) string {
	if len(words) > MaxWords {
		return fmt.Sprintf("has more than %d entries", MaxWords)
	}
	for _, w := range words {
		if len(w) > MaxText {
			return fmt.Sprintf("has an entry longer than %d characters", MaxText)
		}
		if msg := controlComplaint(w); msg != "" {
			return msg
		}
	}
	return ""
}

// controlComplaint refuses what PostgreSQL cannot store and terminals obey.
func controlComplaint(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\uFFFD' }) {
		return ""
	}
	return "contains a control character or broken text encoding"
}

// Run performs the action on the record: checks the state, applies the effect,
// sets the new state. It does not save.
func (k *Kind) Run(a *Action, r Record, in Input) error {
	if len(a.From) > 0 && !slices.Contains(a.From, k.State(r)) {
		return Errorf(Conflict, "%s is not possible while the %s is %s", strings.ToLower(a.Label), strings.ToLower(k.Label), k.State(r))
	}
	if a.Reason && strings.TrimSpace(in.Reason) == "" {
		return Fieldf("reason", "say why; it is kept in the history")
	}
	if a.do != nil {
		if err := a.do(r, in); err != nil {
			return err
		}
	}
	if a.To != "" {
		k.byName[k.StateField].value(r).SetString(a.To)
	}
	return nil
}
