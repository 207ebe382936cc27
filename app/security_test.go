package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/store"
	"holdfast/testkit"
)

// secret is a text that no surface may ever show.
const secret = "s3cr3t-that-must-not-appear"

// conceal fills every hidden field of the record.
func conceal(t *testing.T, k *kind.Kind, r kind.Record) (filled bool) {
	t.Helper()
	for _, f := range k.Fields {
		if !f.Hidden {
			continue
		}
		text := map[kind.Type]string{kind.Text: secret, kind.LongText: secret, kind.WordList: secret, kind.Instant: "2031-07-13T11:11:11Z", kind.Number: "48151623"}[f.Type]
		if text == "" {
			t.Fatalf("%s.%s is hidden and of type %s: this law does not know how to fill it", k.Name, f.Name, f.Type)
		}
		must(t, f.SetText(r, text))
		filled = true
	}
	return filled
}

func shows(text string) bool {
	return strings.Contains(text, secret) || strings.Contains(text, "2031-07-13") || strings.Contains(text, "48151623")
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}

func TestHiddenFieldsAppearNowhere(t *testing.T) {
	t.Parallel()
	everyKind(t, func(t *testing.T, w *testkit.World, k *kind.Kind) {
		r := testkit.Sample(t, w.App, admin, k)
		if !conceal(t, k, r) {
			return
		}
		must(t, w.App.Save(testkit.Machine(), r))
		stored, err := w.App.Get(admin, k, r.GetBase().ID)
		must(t, err)
		for _, f := range k.Fields {
			if f.Hidden && f.IsZero(stored) {
				t.Errorf("%s was not stored", f.Name)
			}
		}
		stored.GetBase().Labels = []string{"changed"}
		for _, f := range k.Fields {
			if f.Hidden {
				f.Copy(stored, k.New()) // as in a form, which does not have them
			}
		}
		must(t, w.App.Save(admin, stored))
		if kept, err := w.App.Get(admin, k, r.GetBase().ID); err != nil || !shows(fmt.Sprintf("%+v", kept)) {
			t.Errorf("the hidden fields were lost, %v", err)
		}
		diff, err := k.Diff(nil, stored)
		must(t, err)
		seen := map[string]string{"JSON": encoded(t, k, stored), "the difference": asJSON(t, diff), "the history": asJSON(t, history(t, w, k, r))}
		must(t, w.Store.View(admin, func(tx *store.Tx) error {
			all, err := tx.History("", 0, 1000)
			seen["the journal"] = asJSON(t, all)
			return err
		}))
		for _, format := range []port.Format{port.YAML, port.JSON, port.CSV} {
			var out strings.Builder
			_, err := port.Write(admin, w.App, &out, format, k, kind.Query{})
			must(t, err)
			if !strings.Contains(out.String(), stored.GetBase().Key) {
				t.Errorf("%s exports nothing", format)
			}
			seen["the export as "+string(format)] = out.String()
		}
		for where, text := range seen {
			if shows(text) {
				t.Errorf("%s shows a hidden field: %s", where, text)
			}
		}
		for _, words := range []string{secret, "s3cr3t", "48151623"} {
			hits, err := w.App.Search(admin, words, 10)
			must(t, err)
			page, err := w.App.List(admin, k, kind.Query{Search: words})
			must(t, err)
			if len(hits)+len(page.Records) != 0 {
				t.Errorf("search for %q finds %v", words, hits)
			}
		}
		for _, f := range k.Fields {
			if !f.Hidden {
				continue
			}
			q := kind.Query{}.Where(f.Name, secret)
			for what, err := range map[string]error{
				"filtered": second(w.App.List(admin, k, q)), "sorted": second(w.App.List(admin, k, kind.Query{Sort: f.Name})),
				"grouped": second(w.App.Groups(admin, k, kind.Query{}, f.Name, 10)), "added up": second(w.App.Sum(admin, k, kind.Query{}, f.Name)),
				"grouped behind a filter": second(w.App.Groups(admin, k, q, "title", 10)), "added up behind a filter": second(w.App.Sum(admin, k, q, "version")),
				"decoded": k.Decode(k.New(), fmt.Appendf(nil, "{%q: null}", f.Name)),
			} {
				if kind.CodeOf(err) != kind.Invalid {
					t.Errorf("%s can be %s: %v", f.Name, what, err)
				}
			}
		}
	})
}

// What only a person may decide stays closed to the product and to those without
// the right: by action, by saving over, and by creating the record decided.
func TestNobodyDecidesWithoutTheRight(t *testing.T) {
	t.Parallel()
	lead := testkit.As(access.SecurityLead)
	everyKind(t, func(t *testing.T, w *testkit.World, k *kind.Kind) {
		for _, act := range k.Actions {
			if act.Needs != kind.Approve && act.Needs != kind.Admin {
				continue
			}
			r := testkit.Example(t, w.App, admin, k)
			in := kind.Input{Reason: "because", Until: "2027-01-01"}
			who := map[string]context.Context{"a security lead": lead}
			if act.Needs == kind.Approve {
				who["the product"] = testkit.Machine()
			}
			for name, ctx := range who {
				if _, err := w.App.Do(ctx, k, r.GetBase().ID, act.Name, 0, in); kind.CodeOf(err) != kind.Forbidden {
					t.Errorf("%s may %s: %v", name, act.Name, err)
				}
			}
			if act.To == "" || act.To == k.State(r) || !onlyByDecision(k, act.To) {
				continue
			}
			state := k.Field(k.StateField)
			for name, ctx := range map[string]context.Context{"the product": testkit.Machine(), "a security lead": lead, "an administrator": admin} {
				over := k.Clone(r)
				must(t, state.SetText(over, act.To))
				if err := w.App.Save(ctx, over); err == nil {
					t.Errorf("%s saved the state %s over %s", name, act.To, k.State(r))
				}
				if name == "the product" {
					continue // it may tell of what people decided elsewhere
				}
				fresh := k.Clone(r)
				*fresh.GetBase() = kind.Base{Title: "Decided already"}
				must(t, state.SetText(fresh, act.To))
				if err := w.App.Save(ctx, fresh); err == nil {
					t.Errorf("%s created a record that is %s", name, act.To)
				}
			}
		}
	})
}

// onlyByDecision tells whether every action that leads to the state is a decision.
func onlyByDecision(k *kind.Kind, state string) bool {
	for _, act := range k.Actions {
		if act.To == state && act.Needs == kind.Write {
			return false
		}
	}
	return state != k.States()[0]
}

// Staff see and change their own records of personal kinds and nobody else's, by
// whatever door they try.
func TestStaffReachOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		me, other := &isms.Person{Base: kind.Base{Title: "Me"}, Email: "me@example.org"}, &isms.Person{Base: kind.Base{Title: "Other"}, Email: "other@example.org"}
		must(t, w.App.Save(admin, me))
		must(t, w.App.Save(admin, other))
		ctx := access.With(context.Background(), access.Actor{ID: me.ID, Name: "Me", Workspace: testkit.Workspace, Roles: []access.Role{access.Staff}})
		for _, k := range isms.Kinds {
			if !k.Personal {
				continue
			}
			t.Run(k.Name, func(t *testing.T) {
				mine, theirs := owned(t, w, k, me.ID, "Aardvark of mine"), owned(t, w, k, other.ID, "Zebra of theirs")
				staffReads(t, w, ctx, k, mine, theirs)
				staffWrites(t, w, ctx, k, mine, theirs, other.ID)
			})
		}
	})
}

func owned(t *testing.T, w *testkit.World, k *kind.Kind, owner, title string) kind.Record {
	t.Helper()
	r := testkit.Sample(t, w.App, admin, k)
	r.GetBase().Title = title
	must(t, k.Field(k.OwnerField).SetText(r, owner))
	must(t, w.App.Save(admin, r))
	return r
}

func staffReads(t *testing.T, w *testkit.World, ctx context.Context, k *kind.Kind, mine, theirs kind.Record) {
	t.Helper()
	myID, id := mine.GetBase().ID, theirs.GetBase().ID
	if _, err := w.App.Get(ctx, k, myID); err != nil {
		t.Errorf("my own: %v", err)
	}
	for _, name := range []string{id, theirs.GetBase().Key} {
		for what, err := range map[string]error{"get": second(w.App.Get(ctx, k, name)), "history": second(w.App.History(ctx, k, name, 0, 10))} {
			if kind.CodeOf(err) != kind.NotFound {
				t.Errorf("%s of theirs: %v", what, err)
			}
		}
	}
	if h, err := w.App.History(ctx, k, myID, 0, 10); err != nil || len(h) == 0 {
		t.Errorf("my history: %v, %v", h, err)
	}
	for _, q := range []kind.Query{{}, {Search: "Zebra"}, kind.Query{}.Where(k.OwnerField, k.Field(k.OwnerField).Text(theirs)), kind.Query{}.Where("key", theirs.GetBase().Key)} {
		q.Count = true
		page, err := w.App.List(ctx, k, q)
		must(t, err)
		for _, r := range page.Records {
			if r.GetBase().ID == id {
				t.Errorf("the list for %+v shows theirs", q)
			}
		}
		if page.Total > 1 {
			t.Errorf("the list for %+v counts %d", q, page.Total)
		}
		groups, err := w.App.Groups(ctx, k, q, "title", 10)
		must(t, err)
		sum, err := w.App.Sum(ctx, k, q, "version")
		must(t, err)
		for _, g := range groups {
			if strings.Contains(g.Value, "Zebra") {
				t.Errorf("groups for %+v show theirs", q)
			}
		}
		if sum > 1 {
			t.Errorf("the sum for %+v is %v", q, sum)
		}
	}
	many, err := w.App.Many(ctx, k, []string{myID, id})
	if err != nil || len(many) != 1 || many[myID] == nil {
		t.Errorf("many: %v, %v", many, err)
	}
	hits, err := w.App.Search(ctx, "Zebra", 10)
	must(t, err)
	if len(hits) != 0 {
		t.Errorf("search shows %v", hits)
	}
	recent, err := w.App.Recent(ctx, 0, 1000)
	must(t, err)
	for _, e := range recent {
		if e.RecordID == id {
			t.Error("what happened lately shows theirs")
		}
	}
	for _, rel := range isms.Registry.Relations(k) {
		far, ok := staffLink(t, w, k, rel, id)
		if !ok {
			continue
		}
		back := rel
		back.Forward, back.Other = !rel.Forward, k
		list, err := w.App.Linked(ctx, back, far, 10)
		must(t, err)
		if len(list) != 0 {
			t.Errorf("the relation %s shows theirs", rel.Name)
		}
	}
}

// staffLink joins the record with some other one as an administrator.
func staffLink(t *testing.T, w *testkit.World, k *kind.Kind, rel kind.Relation, id string) (far string, ok bool) {
	t.Helper()
	if rel.Other == k {
		return "", false
	}
	far = testkit.Example(t, w.App, admin, rel.Other).GetBase().ID
	must(t, w.App.Link(admin, k, id, rel.Name, far))
	return far, true
}

func staffWrites(t *testing.T, w *testkit.World, ctx context.Context, k *kind.Kind, mine, theirs kind.Record, other string) {
	t.Helper()
	id, owner := theirs.GetBase().ID, k.Field(k.OwnerField)
	changed := k.Clone(theirs)
	changed.GetBase().Labels = []string{"mine now"}
	given := k.Clone(mine)
	must(t, owner.SetText(given, other))
	foreign := k.Clone(theirs)
	*foreign.GetBase() = kind.Base{Title: "In their name"}
	refused := map[string]error{
		"changed theirs": w.App.Save(ctx, changed), "deleted theirs": w.App.Delete(ctx, k, id, 0), "restored theirs": w.App.Restore(ctx, k, id),
		"gave mine away": w.App.Save(ctx, given), "made one in their name": w.App.Save(ctx, foreign),
	}
	for _, act := range k.Actions {
		refused["did "+act.Name+" on theirs"] = second(w.App.Do(ctx, k, id, act.Name, 0, kind.Input{Reason: "x"}))
	}
	for what, err := range refused {
		if err == nil {
			t.Errorf("staff %s", what)
		}
	}
	own := k.Clone(mine)
	own.GetBase().Labels = []string{"noted"}
	must(t, w.App.Save(ctx, own))
	blank := k.Clone(mine)
	*blank.GetBase() = kind.Base{Title: "Nobody's"}
	must(t, owner.SetText(blank, ""))
	must(t, w.App.Save(ctx, blank))
	if got := owner.Text(blank); got != owner.Text(mine) {
		t.Errorf("a record without owner became that of %q", got)
	}
	if got, err := w.App.Get(admin, k, id); err != nil || got.GetBase().Version != 1 || !got.GetBase().DeletedAt.IsZero() {
		t.Errorf("theirs was touched: %v", err)
	}
}

// attacks are texts by which people try to leave the place where they are bound.
var attacks = []string{"'", "\"", "' OR '1'='1", "1; DROP TABLE r_risk; --", "title\" = '' OR \"1", "?", "$1", "%", "_", "\\", "*", "' UNION SELECT hash FROM journal --",
	"\x00", "a\x00b", "\xff\xfe", "\u202e", "𝒳", "(", ")", "AND", "NEAR(", "\"x\"*", ":*", "!", "&|", strings.Repeat("a", 5000), strings.Repeat("a b ", 3000), "NULL", "-1", "9223372036854775808", "1e309", "NaN"}

// hostile makes sure that an error, if any, blames the input and not ourselves.
func hostile(t *testing.T, what string, err error) {
	t.Helper()
	switch kind.CodeOf(err) {
	case "", kind.Invalid, kind.NotFound:
	default:
		t.Errorf("%.80q: %s %v", what, kind.CodeOf(err), err)
	}
}
