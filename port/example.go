package port

import (
	"fmt"
	"slices"

	"holdfast/kind"
)

// Example returns documents that make a record of the kind with the key, those it
// must refer to first. Templates and the documentation of the API show it.
func Example(reg *kind.Registry, k *kind.Kind, key string) []Doc {
	e := exampler{reg: reg, key: key}
	e.add(k, key)
	return e.docs
}

type exampler struct {
	reg  *kind.Registry
	key  string
	docs []Doc
}

func (e *exampler) add(k *kind.Kind, key string) {
	d := Doc{Kind: k.Name, Key: key, At: Place{File: "example"}}
	for _, f := range k.Fields {
		if !f.Required && !exampleFields[k.Name+"."+f.Name] {
			continue
		}
		to := f.Ref
		if f.Name == subjectID {
			to = exampleTexts[k.Name+"."+subjectKind]
		}
		if to != "" && to != k.Name {
			other := e.reg.Named(to)
			used := fmt.Sprintf("%s-%s", key, f.Name)
			e.add(other, used)
			d.Values = append(d.Values, Text(f.Name, used))
			continue
		}
		d.Values = append(d.Values, ExampleValue(k, f))
	}
	e.docs = append(e.docs, d)
}

// exampleFields are wanted by a rule that tags cannot say: at least one of several,
// or one that follows from another.
var exampleFields = map[string]bool{
	"impact_assessment.process": true, "exception.safeguard_id": true, "alert_route.address": true, "crisis_contact.telephone": true,
	"identity_provider.client_id": true,
}

// exampleTexts are values for fields that ask for a form.
var exampleTexts = map[string]string{
	"threat_indicator.value": "192.0.2.7", "alert_route.address": "security@example.org", "crisis_contact.telephone": "+44 20 7946 0000",
	"comment.subject_kind": "asset", "attachment.subject_kind": "asset", "saved_view.of": "risk", "approval.subject_kind": "risk",
	"api_token.scopes": "finding:read", "identity_provider.issuer": "https://id.example.org", "webhook.url": "https://hooks.example.org/holdfast",
	"workspace.slug": "example",
}

// ExampleValue is a value that the field accepts.
func ExampleValue(k *kind.Kind, f *kind.Field) Value {
	if text, ok := exampleTexts[k.Name+"."+f.Name]; ok {
		return Text(f.Name, text)
	}
	if len(f.Choices) > 0 {
		return Text(f.Name, f.Choices[0].Value)
	}
	text := map[kind.Type]string{
		kind.Text: "Example " + k.Label, kind.LongText: "What is to be said of it.", kind.Number: "3", kind.Decimal: "0.5", kind.Flag: "true",
		kind.Day: "2026-11-21", kind.Instant: "2026-11-21T09:00:00Z", kind.Amount: "1250.50", kind.Span: "2..5..10", kind.Grade: "3", kind.WordList: "one, two",
	}[f.Type]
	return Text(f.Name, text)
}

// Said is the text of a field in the document; empty when it does not name it.
func (d Doc) Said(field string) string {
	i := slices.IndexFunc(d.Values, func(v Value) bool { return v.Field == field })
	if i < 0 {
		return ""
	}
	return d.Values[i].text
}
