package ui

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

func fieldID(p FieldProps) string { return or(p.ID, "f-"+p.Name) }

// optionID gives the first option the id of the field, so that a link of the
// error summary leads to it.
func optionID(p FieldProps, i int) string {
	if i == 0 {
		return fieldID(p)
	}
	return fieldID(p) + "-" + strconv.Itoa(i)
}

func fieldClass(p FieldProps) string {
	return classes("field", "field--"+string(p.Type), when(p.Error != "", "field--invalid"),
		when(p.Wide || p.Type == MarkdownField, "field--wide"), when(p.Narrow, "field--narrow"))
}

// describedBy ties the help and the error of a field to its input.
func describedBy(p FieldProps) templ.Attributes {
	var ids []string
	if p.Help != "" {
		ids = append(ids, fieldID(p)+"-help")
	}
	if p.Error != "" {
		ids = append(ids, fieldID(p)+"-error")
	}
	if len(ids) == 0 {
		return nil
	}
	return templ.Attributes{"aria-describedby": strings.Join(ids, " ")}
}

// reveals marks the input that shows or hides a dependent part of the form.
func reveals(p FieldProps) templ.Attributes {
	if p.Reveals == "" {
		return nil
	}
	return templ.Attributes{"data-reveals": p.Reveals, "data-reveal-on": or(p.RevealOn, "true")}
}

func switchRole(p FieldProps) templ.Attributes {
	if !p.Switch {
		return nil
	}
	return templ.Attributes{"role": "switch"}
}

// controlAttrs are the attributes every control has.
func controlAttrs(p FieldProps) templ.Attributes {
	a := templ.Attributes{
		"id": fieldID(p), "name": p.Name,
		"required": p.Required, "readonly": p.ReadOnly,
	}
	for k, v := range describedBy(p) {
		a[k] = v
	}
	for k, v := range reveals(p) {
		a[k] = v
	}
	if p.Error != "" {
		a["aria-invalid"] = "true"
	}
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("placeholder", p.Placeholder)
	set("autocomplete", p.Autocomplete)
	if p.MaxLength > 0 {
		a["maxlength"] = strconv.Itoa(p.MaxLength)
	}
	return a
}

func inputAttrs(p FieldProps) templ.Attributes {
	a := controlAttrs(p)
	a["type"] = inputType(p.Type)
	a["multiple"] = p.Multiple
	if p.Type != FileField && p.Type != PasswordField {
		a["value"] = p.Value
	}
	for name, value := range map[string]string{"min": p.Min, "max": p.Max, "step": p.Step, "accept": p.Accept, "inputmode": inputMode(p.Type)} {
		if value != "" {
			a[name] = value
		}
	}
	return a
}

// inputType avoids type=number: it swallows what it cannot read, and a form must
// keep what was typed.
func inputType(t FieldType) string {
	switch t {
	case DateField:
		return "date"
	case InstantField:
		return "datetime-local"
	case PasswordField, EmailField, FileField:
		return string(t)
	}
	return "text"
}

func inputMode(t FieldType) string {
	switch t {
	case NumberField:
		return "numeric"
	case DecimalField, MoneyField:
		return "decimal"
	}
	return ""
}

func textareaAttrs(p FieldProps) templ.Attributes {
	a := controlAttrs(p)
	rows := p.Rows
	if rows == 0 {
		rows = 5
	}
	a["rows"] = strconv.Itoa(rows)
	return a
}

func selectAttrs(p FieldProps) templ.Attributes {
	a := controlAttrs(p)
	delete(a, "readonly") // a select does not know it
	delete(a, "placeholder")
	if p.ReadOnly {
		a["disabled"] = true
	}
	return a
}

func referenceAttrs(p FieldProps) templ.Attributes {
	a := controlAttrs(p)
	a["type"] = "text"
	a["value"] = p.Value
	a["autocomplete"] = "off"
	if p.Placeholder == "" {
		a["placeholder"] = "Search by title"
	}
	return a
}

func tagsAttrs(p FieldProps) templ.Attributes {
	a := controlAttrs(p)
	a["type"] = "text"
	a["value"] = strings.Join(p.Tags, ", ")
	if p.Placeholder == "" {
		a["placeholder"] = "Separate with commas"
	}
	return a
}

type rangePart struct{ key, label, value string }

func rangeParts(p FieldProps) []rangePart {
	return []rangePart{
		{"low", "Low", p.Range.Low},
		{"likely", "Most likely", p.Range.Likely},
		{"high", "High", p.Range.High},
	}
}

func formAttrs(p FormProps) templ.Attributes {
	a := templ.Attributes{"data-form": true}
	if p.Keep {
		a["data-keep"] = true
	}
	if p.Multipart {
		a["enctype"] = "multipart/form-data"
	}
	return a
}
