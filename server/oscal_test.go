package server

import (
	"bytes"
	"context"
	"testing"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/oscal"
)

// TestTheOSCALOfTheSampleOrganisationIsValid makes every document of a whole
// organisation with three frameworks, for all of it and for each of its scopes, and
// holds them against NIST's schemas.
func TestTheOSCALOfTheSampleOrganisationIsValid(t *testing.T) {
	l, err := Open(context.Background(), Place{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	who, err := l.LoadSample(context.Background(), app.First{Name: "Ana", Email: "ana@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := access.With(context.Background(), who)
	for _, id := range []string{"iso27001-2022", "nist-csf-2.0", "cis-controls-8.1"} {
		if _, err := l.Flow.Adopt(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	scopes := []string{""}
	list, err := app.Of[isms.Scope](l.App, isms.Scopes).All(ctx, kind.Query{Sort: "key"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		scopes = append(scopes, s.Key)
	}
	for _, scope := range scopes {
		for _, doc := range flow.OSCALDocuments {
			first := oscalOf(ctx, t, l, doc.Name, scope)
			v, err := validation.NewValidatorDesiredVersion(first, oscal.Version)
			if err != nil {
				t.Fatal(err)
			}
			if err := v.Validate(); err != nil {
				result, _ := v.GetValidationResult()
				t.Errorf("%s of %q: %v: %.3000v", doc.Name, scope, err, result.Errors)
			}
			if again := oscalOf(ctx, t, l, doc.Name, scope); !bytes.Equal(first, again) {
				t.Errorf("%s of %q: the same records gave other bytes", doc.Name, scope)
			}
		}
	}
}

func oscalOf(ctx context.Context, t *testing.T, l *Local, name, scope string) []byte {
	t.Helper()
	d, err := l.Flow.OSCAL(ctx, name, scope)
	if err != nil {
		t.Fatalf("%s of %q: %v", name, scope, err)
	}
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
