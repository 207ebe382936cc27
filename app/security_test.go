package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
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
