package isms

import (
	"slices"
	"strings"
	"testing"

	"holdfast/kind"
)

func TestReferencesBetweenKindsHaveNoCycleSoThatTablesCanBeMade(t *testing.T) {
	done := map[string]bool{}
	var visit func(k *kind.Kind, path []string)
	visit = func(k *kind.Kind, path []string) {
		if slices.Contains(path, k.Name) {
			t.Fatalf("references go round in a circle: %s", strings.Join(append(path, k.Name), " → "))
		}
		if done[k.Name] {
			return
		}
		for _, f := range k.Fields {
			if f.Ref != "" && f.Ref != k.Name {
				visit(Registry.Named(f.Ref), append(slices.Clone(path), k.Name))
			}
		}
		done[k.Name] = true
	}
	for _, k := range Kinds {
		visit(k, nil)
	}
}

func TestEveryKindExplainsItselfInOneSentence(t *testing.T) {
	for _, k := range Kinds {
		if strings.Count(k.Doc, ".") != 1 || !strings.HasSuffix(k.Doc, ".") {
			t.Errorf("%s: %q is not one sentence", k.Name, k.Doc)
		}
		for _, f := range k.Fields {
			if f.Doc != "" && !strings.HasSuffix(f.Doc, ".") && !strings.HasSuffix(f.Doc, "?") && !strings.HasSuffix(f.Doc, "…") {
				t.Errorf("%s.%s: %q does not end as a sentence", k.Name, f.Name, f.Doc)
			}
		}
	}
}

func TestNoKindHasAFieldThatBelongsToTheStore(t *testing.T) {
	for _, k := range Kinds {
		for _, name := range []string{"workspace", "workspace_id"} {
			if k.Field(name) != nil {
				t.Errorf("%s has a field %s; the tenant is the business of the store", k.Name, name)
			}
		}
	}
}

func TestNoListIsSoWideThatNobodyReadsIt(t *testing.T) {
	for _, k := range Kinds {
		columns := 0
		for _, f := range k.Fields {
			if f.List {
				columns++
			}
		}
		if columns < 2 || columns > 11 {
			t.Errorf("%s: the list has %d columns", k.Name, columns)
		}
	}
}

func TestNoHiddenFieldIsShownOrSearched(t *testing.T) {
	for _, k := range Kinds {
		for _, f := range k.Fields {
			if f.Hidden && (f.List || f.Filter || f.Search) {
				t.Errorf("%s.%s is hidden and must never be listed, filtered or searched", k.Name, f.Name)
			}
		}
	}
}

func TestDefaultOrderOfEveryListIsAFieldOfTheKind(t *testing.T) {
	for _, k := range Kinds {
		if k.Field(strings.TrimPrefix(k.DefaultSort, "-")) == nil {
			t.Errorf("%s: the order %q names no field", k.Name, k.DefaultSort)
		}
	}
}

func TestEveryStateHasAToneAndIsReachedBySomeAction(t *testing.T) {
	for _, k := range Kinds {
		reached := map[string]bool{}
		if states := k.States(); len(states) > 0 {
			reached[states[0]] = true
		}
		for _, a := range k.Actions {
			reached[a.To] = true
		}
		for _, s := range k.States() {
			tone := k.Field(k.StateField).Choice(s).Tone
			if tone == "" {
				t.Errorf("%s: the state %s has no tone", k.Name, s)
			}
			if !reached[s] && !setByTheProduct[k.Name] {
				t.Errorf("%s: no action leads to the state %s", k.Name, s)
			}
		}
	}
}

// setByTheProduct names the kinds whose state follows from facts, or is given at
// creation, and not only from actions.
var setByTheProduct = map[string]bool{"approval": true, "incident_action": true}

func TestNoKindIsOverloadedWithFields(t *testing.T) {
	base := len(kind.Of("probe", kind.Spec[struct{ Base }]{}).Fields)
	for _, k := range Kinds {
		if n := len(k.Fields) - base; n > 40 {
			t.Errorf("%s has %d fields of its own", k.Name, n)
		}
	}
}

func TestNoTermIsExplainedTwiceOrNotAtAll(t *testing.T) {
	seen := map[string]bool{}
	for _, term := range Glossary {
		word := strings.ToLower(term.Word)
		if seen[word] {
			t.Errorf("%s is explained twice", term.Word)
		}
		seen[word] = true
		if !strings.HasSuffix(term.Means, ".") {
			t.Errorf("%s: %q is not a sentence", term.Word, term.Means)
		}
		if term.Kind != "" && Registry.Named(term.Kind) == nil {
			t.Errorf("%s: there is no kind %s", term.Word, term.Kind)
		}
	}
}
