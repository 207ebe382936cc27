package kind

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// A Column is one column of the table of a kind. Most fields have one; a Range
// has three, so that lists can sort by its likely value.
type Column struct {
	Name  string
	SQL   string // type, the same text for both databases
	Field *Field
	part  int
}

// Columns are the columns in which the field is stored.
func (f *Field) Columns() []Column {
	if f.Type != Span {
		return []Column{{Name: f.Name, SQL: sqlTypes[f.Type], Field: f}}
	}
	const real = "DOUBLE PRECISION NOT NULL DEFAULT 0"
	return []Column{
		{f.Name + "_low", real, f, 0},
		{f.Name + "_likely", real, f, 1},
		{f.Name + "_high", real, f, 2},
	}
}

// SortColumn is the column by which a list sorts when asked for the field.
func (f *Field) SortColumn() string {
	if f.Type == Span {
		return f.Name + "_high"
	}
	return f.Name
}

// Times are text of fixed width in UTC, so that both databases sort and return
// them alike. An empty reference is NULL, so that foreign keys hold.
var sqlTypes = map[Type]string{
	Text: "TEXT NOT NULL DEFAULT ''", LongText: "TEXT NOT NULL DEFAULT ''", Option: "TEXT NOT NULL DEFAULT ''",
	Day: "TEXT NOT NULL DEFAULT ''", Instant: "TEXT NOT NULL DEFAULT ''", WordList: "TEXT NOT NULL DEFAULT '[]'",
	Number: "BIGINT NOT NULL DEFAULT 0", Amount: "BIGINT NOT NULL DEFAULT 0", Grade: "BIGINT NOT NULL DEFAULT 0",
	Flag: "BIGINT NOT NULL DEFAULT 0", Decimal: "DOUBLE PRECISION NOT NULL DEFAULT 0", Ref: "TEXT",
}

// TimeFormat is how instants are stored: fixed width, UTC, sortable as text.
const TimeFormat = "2006-01-02T15:04:05.000000Z"

// FormatTime is the stored form of t; empty for the zero time.
func FormatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(TimeFormat)
}

// ParseTime reads the stored form.
func ParseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(TimeFormat, s)
}

// Value is what is stored for the record: string, int64, float64 or nil.
func (c Column) Value(r Record) any {
	v := c.Field.value(r)
	switch c.Field.Type {
	case Span:
		rng := v.Interface().(Range)
		return [...]float64{rng.Low, rng.Likely, rng.High}[c.part]
	case Instant:
		return FormatTime(v.Interface().(time.Time))
	case WordList:
		if v.Len() == 0 {
			return "[]"
		}
		b, _ := json.Marshal(v.Interface()) // strings always marshal
		return string(b)
	case Ref:
		if v.Len() == 0 {
			return nil
		}
		return v.String()
	case Number, Amount, Grade:
		return v.Int()
	case Flag:
		if v.Bool() {
			return int64(1)
		}
		return int64(0)
	case Decimal:
		return v.Float()
	default:
		return v.String()
	}
}

// Set reads a stored value, as the driver returned it, into the record.
func (c Column) Set(r Record, src any) error {
	v := c.Field.value(r)
	switch c.Field.Type {
	case Number, Amount, Grade:
		n, err := asInt(src)
		v.SetInt(n)
		return err
	case Flag:
		n, err := asInt(src)
		v.SetBool(n != 0)
		return err
	case Decimal:
		x, err := asFloat(src)
		v.SetFloat(x)
		return err
	case Span:
		x, err := asFloat(src)
		v.Field(c.part).SetFloat(x)
		return err
	case Instant:
		t, err := ParseTime(asString(src))
		v.Set(reflect.ValueOf(t))
		return err
	case WordList:
		var words []string
		if err := json.Unmarshal([]byte(asString(src)), &words); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
		if len(words) > 0 {
			c.Field.setWords(r, words)
		}
		return nil
	default:
		v.SetString(asString(src))
		return nil
	}
}

func asString(src any) string {
	switch s := src.(type) {
	case string:
		return s
	case []byte:
		return string(s)
	}
	return ""
}

func asInt(src any) (int64, error) {
	switch n := src.(type) {
	case int64:
		return n, nil
	case bool:
		if n {
			return 1, nil
		}
		return 0, nil
	case []byte:
		return strconv.ParseInt(string(n), 10, 64)
	case nil:
		return 0, nil
	}
	return 0, fmt.Errorf("stored %T where a whole number belongs", src)
}

func asFloat(src any) (float64, error) {
	switch n := src.(type) {
	case float64:
		return n, nil
	case int64:
		return float64(n), nil
	case []byte:
		return strconv.ParseFloat(string(n), 64)
	case nil:
		return 0, nil
	}
	return 0, fmt.Errorf("stored %T where a number belongs", src)
}
