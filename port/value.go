package port

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"holdfast/kind"
)

// set puts the value into the field of the record. References are set as they are
// written: the caller has replaced keys by ids.
func (v Value) set(k *kind.Kind, f *kind.Field, r kind.Record, now time.Time) error {
	switch v.shape {
	case list:
		if f.Type != kind.WordList {
			return fmt.Errorf("is one value, not a list")
		}
		return decodeWords(k, f, r, v.words)
	case object:
		if f.Type != kind.Span {
			return fmt.Errorf("is one value, not a map")
		}
		span, err := v.span()
		if err != nil {
			return err
		}
		return f.SetText(r, span.String())
	}
	text, err := v.absolute(f, now)
	if err != nil {
		return err
	}
	return f.SetText(r, text)
}

// relative is a time that counts from the moment of the import: "-30d", "+2w",
// "-3m", "+1y", "-6h", or "now".
var relative = regexp.MustCompile(`^([+-]\d{1,5})([hdwmy])$`)

// absolute turns a relative date into the one it means.
func (v Value) absolute(f *kind.Field, now time.Time) (string, error) {
	if f.Type != kind.Day && f.Type != kind.Instant {
		return v.text, nil
	}
	text := strings.TrimSpace(v.text)
	m := relative.FindStringSubmatch(text)
	if m == nil && text != "now" {
		return text, nil
	}
	if now.IsZero() {
		return "", fmt.Errorf("%q counts from today, which is not possible here; write a date", text)
	}
	at := now.UTC()
	if m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return "", err
		}
		at = shift(at, n, m[2])
	}
	if f.Type == kind.Day {
		return string(kind.DateOf(at)), nil
	}
	return at.Format(time.RFC3339Nano), nil
}

func shift(at time.Time, n int, unit string) time.Time {
	switch unit {
	case "h":
		return at.Add(time.Duration(n) * time.Hour)
	case "w":
		return at.AddDate(0, 0, 7*n)
	case "m":
		return at.AddDate(0, n, 0)
	case "y":
		return at.AddDate(n, 0, 0)
	}
	return at.AddDate(0, 0, n)
}

// message is what an error says of a field, without the name of the field.
func message(f *kind.Field, err error) string {
	if list := kind.FieldsOf(err); len(list) == 1 {
		return list[0].Message
	}
	return strings.TrimPrefix(err.Error(), f.Name+": ")
}

// Unknown says that the kind has no such field, and which one was probably meant;
// it is empty when there is one.
func Unknown(k *kind.Kind, name string) string {
	if f := k.Field(name); f != nil && !f.Hidden {
		return ""
	}
	data := fmt.Sprintf("{%s:null}", strconv.Quote(strings.ToValidUTF8(name, "?")))
	if list := kind.FieldsOf(k.Decode(k.New(), []byte(data))); len(list) == 1 {
		return list[0].Message
	}
	return "is not a field of " + k.Name
}

// bookkeeping is written by the product alone, for machines too.
var bookkeeping = map[string]bool{
	"id": true, "key": true, "version": true, "created_at": true, "created_by": true, "updated_at": true, "updated_by": true, "deleted_at": true,
}

// A record of any kind can be what a subject_id names; subject_kind says which.
const (
	subjectKind = "subject_kind"
	subjectID   = "subject_id"
)

// refersTo is the name of the kind that a field refers to in this record; empty
// for none.
func refersTo(k *kind.Kind, f *kind.Field, r kind.Record) string {
	if f.Name == subjectID && k.Field(subjectKind) != nil {
		return k.Field(subjectKind).Text(r)
	}
	return f.Ref
}
