package testkit

import (
	"context"
	"fmt"
	"testing"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// Sample returns a valid, unsaved record of the kind with every field filled that
// a person may fill. Records it refers to are made first.
func Sample(t testing.TB, a *app.App, ctx context.Context, k *kind.Kind) kind.Record {
	t.Helper()
	return sample(t, a, ctx, k, map[string]string{})
}

func sample(t testing.TB, a *app.App, ctx context.Context, k *kind.Kind, made map[string]string) kind.Record {
	t.Helper()
	r := k.New()
	used := map[string]bool{}
	for _, f := range k.Fields {
		if f.Computed || f.Hidden || f.Name == "key" || f.Name == k.StateField {
			continue
		}
		text, special := particular[k.Name+"."+f.Name]
		if !special {
			text, special = particular[f.Name]
		}
		switch {
		case special:
		case f.Ref == k.Name:
			continue // no parent
		case f.Ref != "":
			if used[f.Ref] { // a second reference to a kind names another record
				delete(made, f.Ref)
			}
			used[f.Ref] = true
			text = referred(t, a, ctx, f.Ref, made)
		default:
			text = plain(k, f)
		}
		if err := f.SetText(r, text); err != nil {
			t.Fatalf("sample %s.%s: %v", k.Name, f.Name, err)
		}
	}
	return r
}

func referred(t testing.TB, a *app.App, ctx context.Context, name string, made map[string]string) string {
	t.Helper()
	if id := made[name]; id != "" {
		return id
	}
	r := sample(t, a, ctx, isms.Registry.Named(name), made)
	if err := a.Save(ctx, r); err != nil {
		t.Fatalf("sample %s: %v", name, err)
	}
	made[name] = r.GetBase().ID
	return made[name]
}

func plain(k *kind.Kind, f *kind.Field) string {
	switch f.Type {
	case kind.Text, kind.LongText:
		return "Sample " + f.Name
	case kind.Number, kind.Decimal, kind.Grade:
		return "1"
	case kind.Flag:
		return "true"
	case kind.Day:
		return "2026-05-01"
	case kind.Instant:
		return "2026-02-01T09:00:00Z"
	case kind.Amount:
		return "1250.50"
	case kind.Span:
		return "0.1..0.5"
	case kind.Option:
		return f.Choices[0].Value
	case kind.WordList:
		if f.Choices != nil {
			return f.Choices[0].Value
		}
		return "one, two"
	}
	panic(fmt.Sprintf("%s.%s has the unknown type %s", k.Name, f.Name, f.Type))
}

// particular are texts for fields that want more than their type says.
var particular = map[string]string{
	"operates": "DE", "data_countries": "DE", "transfer_countries": "DE", "url": "https://example.org/path", "technique": "T1566.001",
	"website": "https://example.org", "metadata": "https://example.org/meta", "mail": "somebody@example.org", "networks": "192.0.2.0/24", "workspace.slug": "sample", "webhook.events": "finding.created", "brand_colour": "#1f6feb", "group_roles": "security-team=security_lead", "api_token.scopes": "finding:read",
	"quiet_from": "22:00", "quiet_until": "06:00", "appetite.tolerance": "2000", "appetite.appetite": "3000", "appetite.limit": "4000",
	"appetite.capacity": "5000", "threat_indicator.value": "192.0.2.7",
	"email": "somebody@example.org", "currency": "EUR", "locale": "en-GB", "time_zone": "Europe/Berlin", "country": "DE",
}

// Example saves a Sample and returns it.
func Example(t testing.TB, a *app.App, ctx context.Context, k *kind.Kind) kind.Record {
	t.Helper()
	r := Sample(t, a, ctx, k)
	if err := a.Save(ctx, r); err != nil {
		t.Fatalf("example %s: %v", k.Name, err)
	}
	return r
}
