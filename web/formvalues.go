package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/kind"
	"holdfast/web/ui"
)

// instantInput is the form of an instant that browsers send: without a zone, so it
// is read in that of the organisation.
const instantInput = "2006-01-02T15:04"

// formFields are the fields that the actor may fill in: of a new record, or of rec.
func (r *Request) formFields(k *kind.Kind, rec kind.Record) []*kind.Field {
	ownOnly := r.Actor.May(kind.Write, k) == access.Own
	var list []*kind.Field
	for _, f := range k.Fields {
		switch {
		case f.Computed, f.Hidden, f.Name == k.StateField && rec != nil, f.Needs != "" && !r.May(f.Needs, k), ownOnly && f.Name == k.OwnerField:
		default:
			list = append(list, f)
		}
	}
	return list
}

// rawOf is the record as a form shows it before anybody types.
func (r *Request) rawOf(fields []*kind.Field, rec kind.Record) url.Values {
	raw := url.Values{}
	for _, f := range fields {
		text := f.Text(rec)
		switch v := f.Of(rec).(type) {
		case kind.Range:
			setRange(raw, f.Name, v)
			continue
		case time.Time:
			if !v.IsZero() {
				text = r.Format.Time(v).Format(instantInput)
			}
		case []string:
			raw[f.Name] = v
			continue
		}
		if f.Type != kind.Flag && f.IsZero(rec) {
			text = ""
		}
		raw.Set(f.Name, text)
	}
	return raw
}

func setRange(raw url.Values, name string, v kind.Range) {
	if v.IsZero() {
		return
	}
	number := func(x float64) string { return kind.Exactly(x).String() }
	raw.Set(name+"_low", or(number(v.Low), "0"))
	raw.Set(name+"_high", or(number(v.High), "0"))
	if v.Likely != 0 {
		raw.Set(name+"_likely", number(v.Likely))
	}
}

// posted tells whether the form has the field at all; one that is not on the form
// keeps its value.
func posted(f *kind.Field, form url.Values) bool {
	if f.Type == kind.Span {
		return form.Has(f.Name+"_low") || form.Has(f.Name+"_likely") || form.Has(f.Name+"_high")
	}
	return form.Has(f.Name)
}

// setField reads what was typed into a field of the record.
func setField(rec kind.Record, f *kind.Field, form url.Values, format *Format) error {
	if !posted(f, form) {
		return nil
	}
	text := last(form[f.Name])
	switch f.Type {
	case kind.Span:
		var err error
		if text, err = rangeText(f, form); err != nil {
			return err
		}
	case kind.Instant:
		if text == "" {
			break
		}
		if text == "now" {
			return kind.Fieldf(f.Name, "is not a time")
		}
		if t, err := time.ParseInLocation(instantInput, strings.TrimSpace(text), format.Zone); err == nil {
			text = t.UTC().Format(time.RFC3339)
		}
	case kind.WordList:
		text = strings.Join(slices.DeleteFunc(slices.Clone(form[f.Name]), func(w string) bool { return w == "" }), "\n")
	case kind.Amount, kind.Decimal, kind.Number:
		text = plainNumber(text)
	}
	return f.SetText(rec, text)
}

// plainNumber takes off the signs that people copy along with a figure.
func plainNumber(text string) string {
	return strings.TrimSpace(strings.Trim(strings.ReplaceAll(text, "−", "-"), "€$£¥ \u00a0\u202f"))
}

// rangeText joins the three inputs of a range. One number alone is a known value.
func rangeText(f *kind.Field, form url.Values) (string, error) {
	low, likely, high := plainNumber(form.Get(f.Name+"_low")), plainNumber(form.Get(f.Name+"_likely")), plainNumber(form.Get(f.Name+"_high"))
	for _, part := range []string{low, likely, high} {
		if strings.Contains(part, "..") {
			return "", kind.Fieldf(f.Name, "%q is not a number; write it as 1250.50", part)
		}
	}
	switch {
	case low == "" && high == "":
		return likely, nil
	case low == "" || high == "":
		if likely == "" {
			return low + high, nil
		}
		return "", kind.Fieldf(f.Name, "needs both a low and a high end, or one number alone")
	case likely == "":
		return low + ".." + high, nil
	}
	return low + ".." + likely + ".." + high, nil
}

// readForm reads the posted fields into the record. Every field that cannot be
// read is named in the error.
func (r *Request) readForm(fields []*kind.Field, rec kind.Record, form url.Values) error {
	var bad []kind.FieldError
	for _, f := range fields {
		if err := setField(rec, f, form, r.Format); err != nil {
			bad = append(bad, kind.FieldsOf(err)...)
		}
	}
	if bad != nil {
		return kind.InvalidFields(bad)
	}
	return nil
}

var inputTypes = map[kind.Type]ui.FieldType{
	kind.Text: ui.TextField, kind.LongText: ui.MarkdownField, kind.Number: ui.NumberField, kind.Decimal: ui.DecimalField, kind.Flag: ui.FlagField,
	kind.Day: ui.DateField, kind.Instant: ui.InstantField, kind.Amount: ui.MoneyField, kind.Span: ui.RangeField, kind.Grade: ui.LevelField,
	kind.Option: ui.ChoiceField, kind.Ref: ui.ReferenceField, kind.WordList: ui.TagsField,
}

// fieldProps is the input of a field with what was typed into it and what is wrong.
func (r *Request) fieldProps(k *kind.Kind, f *kind.Field, raw url.Values, problem error) ui.FieldProps {
	p := ui.FieldProps{
		Type: inputTypes[f.Type], Name: f.Name, Label: f.Label, Help: r.help(f), Required: f.Required, Value: last(raw[f.Name]), Unit: unitLabel(f.Unit),
		Error: fieldProblem(f, problem), MaxLength: 0,
	}
	switch f.Type {
	case kind.LongText:
		p.PreviewURL = "/markdown"
	case kind.Amount:
		p.Currency = r.Format.Currency
	case kind.Span:
		p.Range = ui.RangeValue{Low: raw.Get(f.Name + "_low"), Likely: raw.Get(f.Name + "_likely"), High: raw.Get(f.Name + "_high")}
		if f.Unit == "money" {
			p.Unit = r.Format.Currency
		}
	case kind.Grade:
		p.Options = levelOptions
	case kind.Option:
		p.Options = choiceOptions(f)
	case kind.Ref:
		r.referenceProps(f, &p)
	case kind.WordList:
		p.Tags = raw[f.Name]
		if len(f.Choices) > 0 {
			p.Type, p.Options = ui.ChecksField, choiceOptions(f)
		}
	}
	if f.Name == k.StateField {
		p.Value = or(p.Value, f.Choices[0].Value)
		p.Options = slices.DeleteFunc(p.Options, func(o ui.Option) bool { return app.Decided(k, o.Value) })
	}
	return p
}

func (r *Request) referenceProps(f *kind.Field, p *ui.FieldProps) {
	other := r.Kind(f.Ref)
	p.OptionsURL = optionsURL(other)
	if p.Value == "" {
		return
	}
	p.Display = p.Value
	if rec, err := r.App().Get(r.Ctx(), other, p.Value); err == nil {
		p.Value, p.Display = rec.GetBase().ID, rec.GetBase().Title
	}
}

func unitLabel(unit string) string {
	switch unit {
	case "money":
		return ""
	case "share":
		return "0 to 1"
	}
	return unit
}

var levelOptions = func() []ui.Option {
	options := []ui.Option{{Value: "", Label: "–", Help: "Not assessed"}}
	for i, name := range kind.LevelNames {
		options = append(options, ui.Option{Value: itoa(i + 1), Label: upper(name), Help: itoa(i+1) + " of 5"})
	}
	return options
}()

// fieldProblem is what the error says about the field; "range.low" is about "range".
func fieldProblem(f *kind.Field, err error) string {
	for _, e := range kind.FieldsOf(err) {
		if name, _, _ := strings.Cut(e.Field, "."); name == f.Name {
			return upper(e.Message) + "."
		}
	}
	return ""
}
