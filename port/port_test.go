package port_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/store"
	"holdfast/testkit"
)

var lead = testkit.As(access.Administrator)

// imported takes in YAML and fails the test on an error.
func imported(t *testing.T, ctx context.Context, w *testkit.World, text string) port.Result {
	t.Helper()
	res, err := tryImport(ctx, w, text)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func tryImport(ctx context.Context, w *testkit.World, text string) (port.Result, error) {
	docs, err := port.ReadYAML("isms.yaml", strings.NewReader(text))
	if err != nil {
		return port.Result{}, err
	}
	return port.Import(ctx, w.App, docs, port.Options{Now: testkit.Start, Reason: "test"})
}

func get[T any](t *testing.T, w *testkit.World, k *kind.Kind, key string) *T {
	t.Helper()
	r, err := w.App.Get(lead, k, key)
	if err != nil {
		t.Fatal(err)
	}
	return any(r).(*T)
}

func TestEveryKindIsImportedAndASecondTimeNothingChanges(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		for _, k := range isms.Kinds {
			t.Run(k.Name, func(t *testing.T) {
				docs := port.Example(isms.Registry, k, "ex")
				first, err := port.Import(lead, w.App, docs, port.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if first.Created+first.Unchanged != len(docs) {
					t.Errorf("got %+v", first)
				}
				second, err := port.Import(lead, w.App, docs, port.Options{})
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

func TestTheOrderOfDocumentsDoesNotMatter(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	imported(t, lead, w, `
- {kind: finding, key: f, title: F, asset_id: web, vulnerability_id: v, severity: high}
- {kind: risk, key: r, title: R, asset_id: web, links: {uses: [f], treated by: s}}
- {kind: asset, key: web, title: Web, nature: tangible, type: host, owner_id: ada}
- {kind: vulnerability, key: v, title: V, type: configuration}
- {kind: safeguard, key: s, title: S}
- {kind: person, key: ada, title: Ada}
`)
	rel, err := w.App.Relation(isms.Safeguards, "treats")
	if err != nil {
		t.Fatal(err)
	}
	risks, err := w.App.Linked(lead, rel, get[isms.Safeguard](t, w, isms.Safeguards, "s").ID, 10)
	if err != nil || len(risks) != 1 || risks[0].GetBase().Key != "r" {
		t.Errorf("the safeguard treats %v, %v", risks, err)
	}
}

func TestReferencesThatGoInACircleAreSet(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		const circle = `
- {kind: person, key: ada, title: Ada, manager_id: bob}
- {kind: person, key: bob, title: Bob, deputy_id: ada, manager_id: cy}
- {kind: person, key: cy, title: Cy, manager_id: ada}
`
		imported(t, lead, w, circle)
		ada, bob, cy := get[isms.Person](t, w, isms.People, "ada"), get[isms.Person](t, w, isms.People, "bob"), get[isms.Person](t, w, isms.People, "cy")
		if ada.ManagerID != bob.ID || bob.DeputyID != ada.ID || bob.ManagerID != cy.ID || cy.ManagerID != ada.ID {
			t.Errorf("ada→%s bob→%s,%s cy→%s", ada.ManagerID, bob.DeputyID, bob.ManagerID, cy.ManagerID)
		}
		if res := imported(t, lead, w, circle); res.Unchanged != 3 {
			t.Errorf("the second import did %+v", res)
		}
	})
}

func TestAPersonReachesAStateThroughActionsAndTheProductSetsIt(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	const accepted = "{kind: risk, key: %s, title: R, status: accepted, loss_now: 500, accepted_until: +1y}"
	operator := access.With(context.Background(), access.Actor{Name: "operator", Workspace: testkit.Workspace, Roles: []access.Role{access.Administrator}})
	imported(t, operator, w, fmt.Sprintf(accepted, "by-hand"))
	byHand := get[isms.Risk](t, w, isms.Risks, "by-hand")
	if byHand.Status != isms.RiskAccepted || byHand.LossNow != 0 || byHand.Origin != "person" {
		t.Errorf("a person imported %+v", byHand)
	}
	history, err := w.App.History(lead, isms.Risks, "by-hand", 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var verbs []string
	for _, e := range history {
		verbs = append(verbs, e.Verb)
	}
	if !slices.Contains(verbs, "accept") {
		t.Errorf("the journal tells %v", verbs)
	}
	imported(t, testkit.Machine(), w, fmt.Sprintf(accepted, "restored"))
	restored := get[isms.Risk](t, w, isms.Risks, "restored")
	if restored.Status != isms.RiskAccepted || restored.LossNow != kind.MoneyOf(500) || restored.AcceptedUntil != "2027-03-02" || restored.Origin != "import" {
		t.Errorf("the product imported %+v", restored)
	}
}

func TestWhatTheProductComputedInAnotherPlaceIsLeftOutForAPerson(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	imported(t, lead, w, "{kind: risk, key: r, title: R, accepted_by: somebody-there, loss_now: 7, id: x, version: 9, created_by: Eve}")
	if got := get[isms.Risk](t, w, isms.Risks, "r"); got.AcceptedBy != "" || got.LossNow != 0 || got.ID == "x" || got.Version != 1 || got.CreatedBy == "Eve" {
		t.Errorf("got %+v", got)
	}
}

func TestSomebodyWhoMayNotApproveDoesNotSoByImport(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	_, err := tryImport(testkit.As(access.Contributor), w, "{kind: risk, key: r, title: R, status: accepted}")
	if kind.CodeOf(err) != kind.Forbidden || !strings.HasPrefix(err.Error(), "isms.yaml:1: risk r: ") {
		t.Errorf("got %v", err)
	}
	if _, err := w.App.Get(lead, isms.Risks, "r"); kind.CodeOf(err) != kind.NotFound {
		t.Errorf("the risk is there: %v", err)
	}
}

func TestAnImportNeverReachesAnotherWorkspace(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	imported(t, lead, w, "{kind: person, key: ada, title: Ada}")
	other := testkit.In("ws2", access.Administrator)
	if _, err := tryImport(other, w, "{kind: asset, key: a, title: A, nature: tangible, type: host, owner_id: ada}"); kind.CodeOf(err) != kind.Invalid {
		t.Errorf("got %v", err)
	}
	imported(t, other, w, "{kind: person, key: ada, title: Another}")
	if got := get[isms.Person](t, w, isms.People, "ada").Title; got != "Ada" {
		t.Errorf("Ada is now %q", got)
	}
}

func TestWhatLiesInTheBinIsTakenOut(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	const doc = "{kind: person, key: ada, title: Ada}"
	imported(t, lead, w, doc)
	if err := w.App.Delete(lead, isms.People, "ada", 0); err != nil {
		t.Fatal(err)
	}
	if res := imported(t, lead, w, doc); res.Changed != 1 {
		t.Errorf("got %+v", res)
	}
	if !get[isms.Person](t, w, isms.People, "ada").DeletedAt.IsZero() {
		t.Error("it still lies in the bin")
	}
}

func TestWhatADocumentDoesNotNameStays(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	imported(t, lead, w, "{kind: person, key: ada, title: Ada, phone: '1', site: London}")
	imported(t, lead, w, "{kind: person, key: ada, phone: null}")
	if got := get[isms.Person](t, w, isms.People, "ada"); got.Title != "Ada" || got.Site != "London" || got.Phone != "" {
		t.Errorf("got %+v", got)
	}
}

func TestMistakesAreNamedWithFileAndLineAndNothingIsKept(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown field", "kind: risk\nkey: r\ntitel: x", "isms.yaml:3: titel is not a field of risk; did you mean title?"},
		{"unknown kind", "kind: rsik\ntitle: x", `isms.yaml:1: there is no kind of record called "rsik"; did you mean risk?`},
		{"no kind", "title: x", "isms.yaml:1: names no kind; add a line such as: kind: risk"},
		{"wrong value", "kind: asset\nkey: a\ntitle: A\nvalue: much", `isms.yaml:4: value: "much" is not a range; write 5, 2..10 or 2..5..10`},
		{"wrong choice", "kind: asset\nkey: a\ntype: spaceship", `isms.yaml:3: type: "spaceship" is not possible here`},
		{"list where one value belongs", "kind: asset\nkey: a\ntitle: [x]", "isms.yaml:3: title: is one value, not a list"},
		{"map where one value belongs", "kind: asset\nkey: a\ntitle: {x: y}", "isms.yaml:3: title: is one value, not a map"},
		{"range upside down", "kind: risk\nkey: r\nevents: {low: 5, high: 2}", "isms.yaml:3: events: the low end 5 is above the high end 2"},
		{"range with a word", "kind: risk\nkey: r\nevents: {low: 1, top: 2}", "isms.yaml:3: events: a range has low, likely and high, not top"},
		{"hidden field", "kind: person\nkey: p\npassword_hash: x", "isms.yaml:3: password_hash is not a field of person"},
		{"missing field", "kind: asset\nkey: a\ntitle: A", "isms.yaml:1: nature of asset a: is required"},
		{"reference to nothing", "kind: asset\nkey: a\ntitle: A\nnature: tangible\ntype: host\nowner_id: nobody", `isms.yaml:6: owner_id of asset a: there is no person "nobody"`},
		{"unknown relation", "kind: asset\nkey: a\nlinks:\n  loves: [b]", `isms.yaml:4: "loves" is not a relation of asset; it has: `},
		{"link to nothing", "kind: risk\nkey: r\ntitle: R\nlinks:\n  treated by: [s]", `isms.yaml:5: treated by: there is no safeguard "s"`},
		{"twice the same", "- {kind: person, key: p, title: P}\n- {kind: person, key: p, title: Q}", `isms.yaml:2: person "p" is described twice, also at isms.yaml:1`},
		{"a field twice", "kind: person\ntitle: P\ntitle: Q", "isms.yaml:3: title is given twice"},
		{"not a record", "- just text", "isms.yaml:1: expected a record"},
		{"an alias", "kind: person\nkey: &a x\ntitle: *a", "isms.yaml:3: aliases (*a) are not read; write the value"},
		{"a constructed type", "kind: person\nkey: p\ntitle: !!binary aGk=", "isms.yaml:3: the type !!binary is not read"},
		{"key with a space", "kind: person\nkey: two words\ntitle: P", "key of person two words: may hold letters"},
		{"changed for ever", "- {kind: framework, key: f, title: F}\n- {kind: framework, key: g, title: G}\n- {kind: requirement, key: q, title: Q, code: '1', framework_id: g}", "framework_id of requirement q: is given once"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := testkit.New(testkit.SQLite(t))
			imported(t, lead, w, "- {kind: framework, key: f, title: F}\n- {kind: requirement, key: q, title: Q, code: '1', framework_id: f}")
			before := count(t, w)
			_, err := tryImport(lead, w, "{kind: asset, key: good, title: Good, nature: tangible, type: host}\n---\n"+c.text)
			if err == nil {
				t.Fatal("it was taken")
			}
			// the first document takes two lines
			want := c.want
			for i := 9; i > 0; i-- {
				want = strings.ReplaceAll(want, fmt.Sprintf("isms.yaml:%d", i), fmt.Sprintf("isms.yaml:%d", i+2))
			}
			if !strings.Contains(err.Error(), want) || kind.CodeOf(err) != kind.Invalid {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			if after := count(t, w); after != before {
				t.Errorf("%d records before, %d after", before, after)
			}
		})
	}
}

// count counts the records of every kind.
func count(t *testing.T, w *testkit.World) int {
	t.Helper()
	n := 0
	for _, k := range isms.Kinds {
		if err := w.App.All(lead, k, kind.Query{}, func(kind.Record) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	_, err := tryImport(lead, w, "- {kind: person, titel: a}\n- {kind: asset, titel: b}\n- {kind: nothing}")
	if n := len(kind.FieldsOf(err)); n != 3 {
		t.Errorf("%d mistakes are told: %v", n, err)
	}
}

func TestRelativeDatesCountFromTheGivenMoment(t *testing.T) {
	for text, want := range map[string]kind.Date{
		"-30d": "2026-01-31", "+2w": "2026-03-16", "+1m": "2026-04-02", "-1y": "2025-03-02", "now": "2026-03-02", "2026-05-01": "2026-05-01",
	} {
		w := testkit.New(testkit.SQLite(t))
		imported(t, lead, w, "{kind: task, key: t, title: T, due: "+text+"}")
		if got := get[isms.Task](t, w, isms.Tasks, "t").Due; got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	w := testkit.New(testkit.SQLite(t))
	docs, err := port.ReadYAML("x.yaml", strings.NewReader("{kind: task, key: t, title: T, due: -30d}"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := port.Import(lead, w.App, docs, port.Options{}); err == nil || !strings.Contains(err.Error(), "counts from today") {
		t.Errorf("without a moment: %v", err)
	}
}

func tree(t *testing.T, ctx context.Context, w *testkit.World, computed bool) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	_, err := port.Tree(ctx, w.App, func(name string, data []byte) error {
		if files[name] != nil {
			return fmt.Errorf("two records are written to %s", name)
		}
		files[name] = &fstest.MapFile{Data: data}
		return nil
	}, port.TreeOptions{Computed: computed})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestAnyTextSurvivesEveryFormat(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		key := fmt.Sprintf("p%d", n)
		alphabet := rapid.SampledFrom([]rune("aé漢 '\"#:-=+@,;|&*!%\\{}[]<>?~`\n\t0"))
		text := rapid.Custom(func(r *rapid.T) string { return string(rapid.SliceOfN(alphabet, 0, 20).Draw(r, "runes")) })
		p := &isms.Person{Base: isms.Base{Key: key, Title: "x" + text.Draw(r, "title"), Labels: rapid.SliceOfN(rapid.StringMatching(`[a-z][a-z:#' -]{0,8}[a-z]`), 0, 3).Draw(r, "labels")}, Phone: text.Draw(r, "phone")}
		if err := w.App.Save(lead, p); err != nil {
			r.Fatal(err)
		}
		for _, format := range port.Formats {
			var b bytes.Buffer
			if _, err := port.Write(lead, w.App, &b, format, isms.People, kind.Query{}.Where("key", key)); err != nil {
				r.Fatal(err)
			}
			docs, err := read(format, b.Bytes())
			if err != nil {
				r.Fatalf("%s: %v\n%s", format, err, b.Bytes())
			}
			res, err := port.Import(lead, w.App, docs, port.Options{})
			if err != nil || res.Unchanged != 1 || len(res.Records) != 1 {
				got := get[isms.Person](t, w, isms.People, key)
				r.Fatalf("%s: %+v %v\nwas %q %q\nis  %q %q\n%s", format, res, err, p.Title, p.Phone, got.Title, got.Phone, b.Bytes())
			}
		}
	})
}

func TestTextLikeAFormulaReturnsAsItWas(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	for i, phone := range []string{"+", "'+", "''+", "=1+1", "'=1+1", "-", "'", "@a", "+49 30 1"} {
		p := &isms.Person{Base: isms.Base{Key: fmt.Sprintf("p%d", i), Title: "x"}, Phone: phone}
		if err := w.App.Save(lead, p); err != nil {
			t.Fatal(err)
		}
		for _, format := range port.Formats {
			var b bytes.Buffer
			if _, err := port.Write(lead, w.App, &b, format, isms.People, kind.Query{}.Where("key", p.Key)); err != nil {
				t.Fatal(err)
			}
			docs, err := read(format, b.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			if res, err := port.Import(lead, w.App, docs, port.Options{}); err != nil || res.Unchanged != 1 {
				t.Errorf("%s: %q came back as %q: %v", format, phone, get[isms.Person](t, w, isms.People, p.Key).Phone, err)
			}
		}
	}
}

func read(format port.Format, data []byte) ([]port.Doc, error) {
	in := bytes.NewReader(data)
	switch format {
	case port.CSV:
		return port.ReadCSV("f.csv", in, isms.People)
	case port.XLSX:
		return port.ReadXLSX("f.xlsx", in, isms.People)
	case port.JSON:
		return port.ReadJSON("f.json", in)
	}
	return port.ReadYAML("f.yaml", in)
}

func TestATrialKeepsNothing(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	docs := port.Example(isms.Registry, isms.Risks, "r")
	res, err := port.Import(lead, w.App, docs, port.Options{DryRun: true})
	if err != nil || res.Created != len(docs) {
		t.Errorf("got %+v, %v", res, err)
	}
	if n := count(t, w); n != 0 {
		t.Errorf("%d records are there", n)
	}
}

func TestADownloadIsLimited(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	for i := range 5 {
		imported(t, lead, w, fmt.Sprintf("{kind: person, key: p%d, title: P}", i))
	}
	var b bytes.Buffer
	n, err := port.Write(lead, w.App, &b, port.CSV, isms.People, kind.Query{Limit: 2, Sort: "key"})
	if err != nil || n != 2 || strings.Count(b.String(), "\n") != 3 {
		t.Errorf("%d rows, %v: %s", n, err, &b)
	}
}

func TestATemplateOfEveryKindIsReadBack(t *testing.T) {
	for _, k := range isms.Kinds {
		var b bytes.Buffer
		if err := port.Template(&b, k); err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(strings.ReplaceAll(b.String(), "\n# ", "\n"), "key: \"\"", "key: x")
		docs, err := port.ReadYAML(k.Name, strings.NewReader(text))
		if err != nil || len(docs) != 1 || docs[0].Kind != k.Name {
			t.Errorf("%s: %v\n%s", k.Name, err, text)
		}
	}
}
