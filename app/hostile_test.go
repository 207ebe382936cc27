package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func TestNothingThatIsAskedForReachesTheDatabaseAsItsLanguage(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		risk := &isms.Risk{Base: kind.Base{Title: "Ransomware"}}
		must(t, w.App.Save(admin, risk))
		fields := map[kind.Type]string{}
		for _, f := range isms.Risks.Fields {
			if !f.Hidden {
				fields[f.Type] = f.Name
			}
		}
		for _, a := range attacks {
			for _, op := range []kind.Op{kind.Is, kind.Not, kind.Contains, kind.Less, kind.AtLeast, kind.Empty, kind.Op(a)} {
				for _, field := range fields {
					page, err := w.App.List(admin, isms.Risks, kind.Query{Count: true}.With(field, op, a))
					hostile(t, fmt.Sprintf("filter %s %s %s", field, op, a), err)
					if op == kind.Is && len(page.Records) > 0 && a != "NULL" {
						t.Errorf("filter %s is %q finds something", field, a)
					}
				}
			}
			hostile(t, "search "+a, second(w.App.Search(admin, a, 10)))
			hostile(t, "list search "+a, second(w.App.List(admin, isms.Risks, kind.Query{Search: a})))
			for what, err := range map[string]error{
				"filter field": second(w.App.List(admin, isms.Risks, kind.Query{}.Where(a, "x"))), "sort": second(w.App.List(admin, isms.Risks, kind.Query{Sort: a})),
				"cursor": second(w.App.List(admin, isms.Risks, kind.Query{Cursor: a})), "group": second(w.App.Groups(admin, isms.Risks, kind.Query{}, a, 5)),
				"sum": second(w.App.Sum(admin, isms.Risks, kind.Query{}, a)), "relation": w.App.Link(admin, isms.Risks, risk.ID, a, risk.ID),
				"action": second(w.App.Do(admin, isms.Risks, risk.ID, a, 0, kind.Input{})), "id": second(w.App.Get(admin, isms.Risks, a)),
				"kind": second(isms.Registry.Find(a)), "history": second(w.App.History(admin, isms.Risks, a, 0, 5)), "delete": w.App.Delete(admin, isms.Risks, a, 0),
				"link": w.App.Link(admin, isms.Risks, risk.ID, "treated by", a),
			} {
				if err == nil {
					t.Errorf("%s %q was accepted", what, a)
				}
				hostile(t, what+" "+a, err)
			}
			if strings.ContainsAny(a, "\x00\xff") {
				continue
			}
			named := &isms.Risk{Base: kind.Base{Title: a[:min(len(a), 4000)], Labels: []string{a[:min(len(a), 4000)]}}}
			must(t, w.App.Save(admin, named))
			got, err := w.App.Get(admin, isms.Risks, named.ID)
			must(t, err)
			if got.GetBase().Title != strings.TrimSpace(a[:min(len(a), 4000)]) || got.GetBase().Labels[0] != a[:min(len(a), 4000)] {
				t.Errorf("%.40q was stored as %.40q", a, got.GetBase().Title)
			}
			must(t, w.App.Delete(admin, isms.Risks, named.ID, 0))
		}
		if _, err := w.App.Get(admin, isms.Risks, risk.ID); err != nil {
			t.Error(err)
		}
		sound(t, s)
	})
}

// FuzzAList asks for lists as an address would, and wants an answer or a complaint
// about the question.
func FuzzAList(f *testing.F) {
	for _, seed := range []string{"sort=-title&page[limit]=3&count=true", "filter[status]=open,closed&q=ransom", "filter[due][lt]=2026-01-01", "page[cursor]=eyJiIjoidXBkYXRlZF9hdCIsInYiOiIiLCJpIjoiIn0",
		"filter[labels]=a&filter[owner_id][empty]=true", "filter[score][gte]=1.5&sort=epss", "q=%00", "sort=labels", "sort=-", "page[cursor]=eyJiIjoidXBkYXRlZF9hdCIsInYiOnsiYSI6MX0sImkiOiIifQ"} {
		f.Add(seed)
	}
	s := testkit.SQLite(f)
	w := testkit.New(s)
	asset := &isms.Asset{Base: kind.Base{Title: "Server"}, Type: "host"}
	hole := &isms.Vulnerability{Base: kind.Base{Title: "Hole"}, Type: "advisory"}
	for _, r := range []kind.Record{asset, hole} {
		if err := w.App.Save(admin, r); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.App.Save(admin, &isms.Finding{Base: kind.Base{Title: "Finding"}, AssetID: asset.ID, VulnerabilityID: hole.ID, Severity: "high"}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		for _, k := range []*kind.Kind{isms.Findings, isms.Risks} {
			q, err := kind.ParseQuery(k, values)
			if err != nil {
				hostile(t, text, err)
				continue
			}
			page, err := w.App.List(admin, k, q)
			hostile(t, text, err)
			if len(page.Records) > kind.MaxLimit {
				t.Errorf("%d records", len(page.Records))
			}
			hostile(t, text, second(w.App.Groups(admin, k, q, "title", 10)))
			hostile(t, text, second(w.App.Sum(admin, k, q, "version")))
		}
	})
}

// FuzzACursor sends back what is not a cursor of ours.
func FuzzACursor(f *testing.F) {
	w := testkit.New(testkit.SQLite(f))
	for range 3 {
		if err := w.App.Save(admin, &isms.Team{Base: kind.Base{Title: "Team"}}); err != nil {
			f.Fatal(err)
		}
	}
	sorts := []string{"title", "-version", "key", "-updated_at", "lead_id"}
	for i, sort := range sorts {
		page, err := w.App.List(admin, isms.Teams, kind.Query{Limit: 1, Sort: sort})
		if err != nil {
			if i < 4 {
				f.Fatal(err)
			}
			continue
		}
		f.Add(page.Next, sort)
	}
	f.Fuzz(func(t *testing.T, cursor, sort string) {
		page, err := w.App.List(admin, isms.Teams, kind.Query{Cursor: cursor, Sort: sort, Limit: 2})
		hostile(t, cursor, err)
		if len(page.Records) > 2 {
			t.Errorf("%d records", len(page.Records))
		}
	})
}

// Too much text and characters that terminals obey are refused, whatever the field.
func TestTextsThatDoHarmAreRefused(t *testing.T) {
	t.Parallel()
	w := testkit.New(testkit.SQLite(t))
	for _, k := range isms.Kinds {
		r := testkit.Sample(t, w.App, admin, k)
		for _, f := range k.Fields {
			if f.Computed || f.Name == "key" {
				continue
			}
			var bad []string
			switch f.Type {
			case kind.Text, kind.Ref:
				bad = []string{"a\x00b", "a\x1b[2Jb", "a\x7fb", "a\x08b", "\xff", strings.Repeat("a", kind.MaxText+1), strings.Repeat("a", 2<<20)}
			case kind.LongText:
				bad = []string{"a\x00b", "a\x1b[2Jb", "\xc3\x28", strings.Repeat("a", kind.MaxLongText+1)}
			case kind.WordList:
				bad = []string{"a\x00b", "a\x1bb", strings.Repeat("a", kind.MaxText+1), strings.Repeat("a,", kind.MaxWords+1)}
			}
			for _, text := range bad {
				try := k.Clone(r)
				if err := f.SetText(try, text); err != nil {
					continue // refused even earlier
				}
				err := w.App.Save(admin, try)
				if err == nil && f.Text(try) != text {
					continue // the product wrote something else there
				}
				if kind.CodeOf(err) != kind.Invalid || !names(err, f.Name) {
					t.Errorf("%s.%s took %.20q: %.200v", k.Name, f.Name, text, err)
				}
				if err != nil && len(err.Error()) > 20_000 {
					t.Errorf("%s.%s: the complaint is %d bytes long", k.Name, f.Name, len(err.Error()))
				}
			}
		}
	}
}

// A change is prepared and checked like a new record, whoever makes it.
func TestAChangeIsPreparedAndCheckedToo(t *testing.T) {
	t.Parallel()
	w := testkit.New(testkit.SQLite(t))
	for _, k := range isms.Kinds {
		r := testkit.Example(t, w.App, admin, k)
		for name, ctx := range map[string]context.Context{"an administrator": admin, "the product": testkit.Machine()} {
			bad := k.Clone(r)
			bad.GetBase().Labels = []string{"a\x1b[2Jb"}
			if err := w.App.Save(ctx, bad); kind.CodeOf(err) != kind.Invalid || !names(err, "labels") {
				t.Errorf("%s: %s saved control characters: %v", k.Name, name, err)
			}
		}
		padded := k.Clone(r)
		padded.GetBase().Title += "  "
		must(t, w.App.Save(admin, padded))
		if got, err := w.App.Get(admin, k, r.GetBase().ID); err != nil || strings.HasSuffix(got.GetBase().Title, " ") {
			t.Errorf("%s: the title was stored as %q, %v", k.Name, got.GetBase().Title, err)
		}
	}
}

func TestWhatLiesInTheBinCannotBeChanged(t *testing.T) {
	t.Parallel()
	everyKind(t, func(t *testing.T, w *testkit.World, k *kind.Kind) {
		r := testkit.Example(t, w.App, admin, k)
		must(t, w.App.Delete(admin, k, r.GetBase().ID, 0))
		binned, err := w.App.Get(admin, k, r.GetBase().ID)
		must(t, err)
		binned.GetBase().Labels = []string{"changed"}
		if err := w.App.Save(admin, binned); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("saved: %v", err)
		}
		for _, act := range k.Actions {
			if _, err := w.App.Do(admin, k, r.GetBase().ID, act.Name, 0, kind.Input{Reason: "x"}); kind.CodeOf(err) != kind.Conflict {
				t.Errorf("%s: %v", act.Name, err)
			}
		}
		if got, err := w.App.Get(admin, k, r.GetBase().ID); err != nil || got.GetBase().Version != 2 {
			t.Errorf("it was changed: %v", err)
		}
	})
}

// A reference is given by key or id, in a new record and in a changed one, and never
// leads out of the workspace; whether something exists elsewhere is not told.
func TestAReferenceIsResolvedInItsWorkspaceOnly(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		stranger := testkit.In("ws2", access.Administrator)
		here, there := &isms.Asset{Base: kind.Base{Title: "Here"}, Type: "host"}, &isms.Asset{Base: kind.Base{Title: "There"}, Type: "host"}
		must(t, w.App.Save(admin, here))
		must(t, w.App.Save(stranger, there))
		risk := &isms.Risk{Base: kind.Base{Title: "Risk"}, AssetID: "here"}
		must(t, w.App.Save(admin, risk))
		if risk.AssetID != here.ID {
			t.Errorf("the key became %q", risk.AssetID)
		}
		risk.AssetID = ""
		must(t, w.App.Save(admin, risk))
		risk.AssetID = "here"
		must(t, w.App.Save(admin, risk))
		if risk.AssetID != here.ID {
			t.Errorf("in a change, the key became %q", risk.AssetID)
		}
		for _, foreign := range []string{there.ID, there.Key, "unicorn"} {
			fresh := &isms.Risk{Base: kind.Base{Title: "Risk"}, AssetID: foreign}
			changed := isms.Risks.Clone(risk).(*isms.Risk)
			changed.AssetID = foreign
			for what, r := range map[string]*isms.Risk{"new": fresh, "changed": changed} {
				err := w.App.Save(admin, r)
				if want := fmt.Sprintf("asset_id: there is no asset %q", foreign); err == nil || err.Error() != want {
					t.Errorf("%s: %v, want %s", what, err, want)
				}
			}
			if err := w.App.Link(admin, isms.Risks, risk.ID, "treated by", foreign); kind.CodeOf(err) != kind.NotFound {
				t.Errorf("linked: %v", err)
			}
		}
		for name, ctx := range map[string]context.Context{risk.ID: stranger, there.ID: admin} {
			recent, err := w.App.Recent(ctx, 0, 100)
			must(t, err)
			for _, e := range recent {
				if e.RecordID == name {
					t.Errorf("what happened elsewhere is told: %+v", e)
				}
			}
			if len(recent) == 0 {
				t.Error("nothing happened")
			}
		}
	})
}

func names(err error, field string) bool {
	for _, f := range kind.FieldsOf(err) {
		if f.Field == field {
			return true
		}
	}
	return false
}

func TestKeysThatAreNoKeysAreRefused(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		team := &isms.Team{Base: kind.Base{Title: "Team"}}
		must(t, w.App.Save(admin, team))
		for _, key := range []string{"a b", "a\x00", "<b>", "a'b", "é", strings.Repeat("a", 201), "a\nb"} {
			for what, r := range map[string]*isms.Team{"new": {Base: kind.Base{Title: "X", Key: key}}, "changed": {Base: kind.Base{ID: team.ID, Title: "Team", Version: 1, Key: key}}} {
				if err := w.App.Save(admin, r); kind.CodeOf(err) != kind.Invalid {
					t.Errorf("%s: the key %.20q was taken: %v", what, key, err)
				}
			}
		}
	})
}
