package port_test

import (
	"context"
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/store"
	"holdfast/testkit"
)

func TestEveryKindCanBeImportedAndASecondTimeNothingChanges(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		ctx := testkit.As(access.Administrator)
		for _, k := range isms.Kinds {
			t.Run(k.Name, func(t *testing.T) {
				docs := port.Example(isms.Registry, k, "ex")
				first, err := port.Import(ctx, w.App, docs, port.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if first.Created+first.Unchanged != len(docs) {
					t.Errorf("got %+v", first)
				}
				second, err := port.Import(ctx, w.App, docs, port.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if second.Unchanged != len(docs) {
					t.Errorf("the second import changed something: %+v", second)
				}
			})
		}
	})
}

var _ = context.Background
var _ kind.Kind
