package response_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/cacao"
	"holdfast/store"
	"holdfast/testkit"

	"github.com/google/go-cmp/cmp"
)

func (w *world) sheet(idOrKey string) *response.PlaybookSheet {
	w.Helper()
	s, err := w.Response.PlaybookSheet(testkit.Machine(), idOrKey)
	w.Must(err)
	return s
}

func (w *world) export(idOrKey string) []byte {
	w.Helper()
	doc, _, err := w.Response.ExportPlaybook(testkit.Machine(), idOrKey)
	w.Must(err)
	return doc
}

func TestPlaybooksAreAdoptedOnceAndWordsOfPeopleStay(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.Save(&isms.Safeguard{Base: isms.Base{Key: "copies", Title: "Copies"}, Catalogue: "offline-backups"})
		lead := w.Actor("lead", access.SecurityLead, access.Approver)
		out, err := w.Response.AdoptPlaybooks(lead)
		w.Must(err)
		if len(out) != 16 {
			t.Fatalf("%d playbooks were adopted", len(out))
		}
		for _, o := range out {
			if !o.New || o.Status != "ready" || o.Created < 12 || len(o.Notes) > 0 {
				t.Errorf("%+v", o)
			}
		}
		sheet := w.sheet("ransomware")
		if want, _ := w.Flow.Catalogue().Playbook("ransomware"); len(sheet.Steps) != len(want.Steps) || sheet.Playbook.OwnerID == "" {
			t.Errorf("%d steps of %d, owner %q", len(sheet.Steps), len(want.Steps), sheet.Playbook.OwnerID)
		}
		before := w.JournalLength()
		again, err := w.Response.AdoptPlaybooks(lead)
		w.Must(err)
		if w.JournalLength() != before || again[0].New || again[0].Unchanged == 0 {
			t.Errorf("a second time wrote %d entries: %+v", w.JournalLength()-before, again[0])
		}

		first, second, third := sheet.Steps[0], sheet.Steps[1], sheet.Steps[2]
		first.Instruction = "Call Ravi."
		w.Must(w.Response.AddStep(lead, &isms.PlaybookStep{PlaybookID: sheet.Playbook.ID, Phase: "contain", Instruction: "Close the gate."}, third.ID))
		w.Must(w.App.Save(lead, first))
		w.Must(w.App.Delete(lead, isms.PlaybookSteps, second.ID, 0))
		_, err = w.Response.AdoptPlaybooks(lead, "ransomware")
		w.Must(err)
		now := w.sheet("ransomware")
		if now.Steps[0].Instruction != "Call Ravi." || now.Steps[1].ID == second.ID {
			t.Errorf("the words of people were written over, or a deleted step came back: %s, %s", now.Steps[0].Instruction, now.Steps[1].Title)
		}
		if now.Steps[2].Title != "Close the gate." || now.Steps[1].ID != third.ID {
			t.Errorf("the step of people is not where it was put: %s, %s", now.Steps[1].Title, now.Steps[2].Title)
		}
		if got := now.Uses[stepTitled(t, now, "Put the backups out of reach").ID]; len(got) != 1 || got[0].Title != "Copies" {
			t.Errorf("the step is not joined with the safeguard: %v", got)
		}
	})
}

func stepTitled(t *testing.T, s *response.PlaybookSheet, title string) *isms.PlaybookStep {
	t.Helper()
	for _, st := range s.Steps {
		if st.Title == title {
			return st
		}
	}
	t.Fatalf("no step is called %q", title)
	return nil
}

func TestNobodyTakesInPlaybooksWithoutTheRight(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		doc, err := os.ReadFile("../../port/cacao/testdata/branches.json")
		w.Must(err)
		for _, role := range []access.Role{access.Auditor, access.Approver, access.Staff} {
			_, err := w.Response.AdoptPlaybooks(testkit.As(role))
			w.Refuses(kind.Forbidden, string(role)+" adopts", err)
			_, err = w.Response.ImportPlaybook(testkit.As(role), doc, false)
			w.Refuses(kind.Forbidden, string(role)+" imports", err)
		}
		_, err = w.Response.ImportPlaybook(testkit.As(access.SecurityLead), doc, true)
		w.Must(err)
		if n := len(w.sheets()); n != 0 {
			t.Errorf("%d playbooks are there after refusals and a trial", n)
		}
		_, err = w.Response.AdoptPlaybooks(testkit.As(access.SecurityLead), "phishing")
		w.Must(err)
		if p := w.sheet("phishing").Playbook; p.Status != "draft" {
			t.Errorf("somebody who may not approve made it %s", p.Status)
		}
		if list, err := app.Of[isms.Playbook](w.App, isms.Playbooks).All(testkit.In("other", access.Administrator), kind.Query{}); err != nil || len(list) > 0 {
			t.Errorf("another workspace sees %d playbooks, %v", len(list), err)
		}
		_, err = w.Response.AdoptPlaybooks(testkit.As(access.SecurityLead), "no-such")
		w.Refuses(kind.NotFound, "adopt nothing", err)
		st := w.sheet("phishing").Steps[1]
		w.Refuses(kind.Forbidden, "an auditor moves a step", w.Response.MoveStep(testkit.As(access.Auditor), st.ID, true))
	})
}

func (w *world) sheets() []*isms.Playbook {
	w.Helper()
	list, err := app.Of[isms.Playbook](w.App, isms.Playbooks).All(testkit.Machine(), kind.Query{})
	w.Must(err)
	return list
}

func TestAStepMovesWithinItsPhaseOnly(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	lead := testkit.As(access.SecurityLead)
	_, err := w.Response.AdoptPlaybooks(lead, "mistake")
	w.Must(err)
	titles := func() (out []string) {
		for _, s := range w.sheet("mistake").Steps[:4] {
			out = append(out, s.Title)
		}
		return out
	}
	was := titles()
	steps := w.sheet("mistake").Steps
	w.Must(w.Response.MoveStep(lead, steps[1].ID, true))
	if d := cmp.Diff([]string{was[1], was[0], was[2], was[3]}, titles()); d != "" {
		t.Error(d)
	}
	w.Must(w.Response.MoveStep(lead, steps[1].ID, true))  // already the first
	w.Must(w.Response.MoveStep(lead, steps[2].ID, false)) // the last of its phase
	if d := cmp.Diff([]string{was[1], was[0], was[2], was[3]}, titles()); d != "" {
		t.Errorf("a step left its phase: %s", d)
	}
}

// Every playbook of ours goes out, comes in elsewhere, and goes out again the same.
func TestOurPlaybooksAreExchangedWithoutLoss(t *testing.T) {
	w, there := newWorld(t, testkit.SQLite(t)), newWorld(t, testkit.SQLite(t))
	_, err := w.Response.AdoptPlaybooks(testkit.Machine())
	w.Must(err)
	for _, p := range w.sheets() {
		doc := w.export(p.Key)
		if got, err := cacao.Read(doc); err != nil || got.ID != cacao.ID("playbook", p.Catalogue) {
			t.Fatalf("%s: %v", p.Key, err)
		}
		in, err := there.Response.ImportPlaybook(testkit.Machine(), doc, false)
		there.Must(err)
		if d := cmp.Diff(outline(w.sheet(p.Key)), outline(there.sheet(in.PlaybookID))); d != "" {
			t.Errorf("%s (-sent +received):\n%s", p.Key, d)
		}
		if !bytes.Equal(doc, there.export(in.PlaybookID)) {
			t.Errorf("%s came back as another document", p.Key)
		}
		before := there.JournalLength()
		if again, err := there.Response.ImportPlaybook(testkit.Machine(), doc, false); err != nil || again.New || there.JournalLength() != before {
			t.Errorf("%s: a second import wrote %d entries, %v", p.Key, there.JournalLength()-before, err)
		}
	}
}

// outline is what people read of a playbook.
func outline(s *response.PlaybookSheet) []string {
	p := s.Playbook
	out := []string{p.Title, string(p.Scenario), string(p.Severity), string(p.Description), string(p.Triggers), strings.Join(p.Techniques, " ")}
	for i, st := range s.Steps {
		next, other := s.Leads(i)
		out = append(out, strings.Join([]string{string(st.Phase), string(st.Type), st.Role, st.Title, string(st.Instruction), st.Condition, string(st.Check), string(st.Command),
			string(rune('a' + next)), string(rune('b' + other)), string(rune('a' + st.Minutes%26)), strings.Repeat("!", len(map[bool]string{true: "x"}[st.Irreversible]))}, " | "))
	}
	return out
}

func TestAForeignPlaybookKeepsWhatWeDoNotKnow(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		doc, err := os.ReadFile("../../port/cacao/testdata/branches.json")
		w.Must(err)
		lead := testkit.As(access.SecurityLead)
		in, err := w.Response.ImportPlaybook(lead, doc, false)
		w.Must(err)
		if !in.New || in.Created != 8 || len(in.Notes) < 4 {
			t.Errorf("%+v", in)
		}
		if !bytes.Equal(doc, w.export(in.PlaybookID)) {
			t.Error("an unchanged document did not come back byte by byte")
		}
		sheet := w.sheet(in.PlaybookID)
		if got := sheet.Steps[3]; got.Phase != "contain" || got.Command != "nft add element inet filter bad { 192.0.2.7 }" {
			t.Errorf("phase %s, command %s", got.Phase, got.Command)
		}
		sheet.Steps[3].Instruction = "Ask the network team first."
		w.Must(w.App.Save(lead, sheet.Steps[3]))
		w.Must(w.Response.AddStep(lead, &isms.PlaybookStep{PlaybookID: in.PlaybookID, Phase: "learn", Instruction: "Thank the reporter."}, ""))
		out, notes, err := w.Response.ExportPlaybook(lead, in.PlaybookID)
		w.Must(err)
		if len(notes) != 1 || !strings.Contains(notes[0], "no longer fit") {
			t.Errorf("a changed signed document says %v", notes)
		}
		for _, kept := range []string{"12345678901234567890", "__score__:value", `"timeout": 90000`, "marking-tlp--", "Colours", "an article", "Ask the network team first.", "Thank the reporter."} {
			if !bytes.Contains(out, []byte(kept)) {
				t.Errorf("%s is gone from the document", kept)
			}
		}
		elsewhere := newWorld(t, testkit.SQLite(t))
		back, err := elsewhere.Response.ImportPlaybook(testkit.Machine(), out, false)
		elsewhere.Must(err)
		if d := cmp.Diff(outline(w.sheet(in.PlaybookID)), outline(elsewhere.sheet(back.PlaybookID))); d != "" {
			t.Errorf("(-sent +received):\n%s", d)
		}
		_, err = w.Response.ImportPlaybook(lead, []byte(`{"type":"playbook"}`), false)
		w.Refuses(kind.Invalid, "a broken document", err)
	})
}

func TestAHandMadePlaybookCanBeExchangedToo(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	p := &isms.Playbook{Base: isms.Base{Key: "own", Title: "Our own"}, Scenario: "failure"}
	w.Save(p)
	add := func(ctx context.Context, st isms.PlaybookStep) {
		st.PlaybookID = p.ID
		w.Must(w.Response.AddStep(ctx, &st, ""))
	}
	for _, st := range []isms.PlaybookStep{
		{Phase: "detect", Type: "decision", Instruction: "Is it on?", Condition: "It is off"},
		{Phase: "contain", Type: "parallel", Instruction: "At once"}, {Phase: "contain", Instruction: "Call"}, {Phase: "contain", Instruction: "Look"},
		{Phase: "recover", Instruction: "Switch it on"}, {Phase: "learn", Instruction: "Ask why"},
	} {
		add(testkit.Machine(), st)
	}
	doc := w.export("own")
	got, err := cacao.Read(doc)
	w.Must(err)
	if par := got.Steps[1]; par.Type != cacao.Parallel || len(par.Branches) != 2 || par.Next != got.Steps[4].ID || got.Steps[2].Next != got.Steps[4].ID {
		t.Errorf("the parallel step: %+v", got.Steps)
	}
}
