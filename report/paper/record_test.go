package paper_test

import (
	"bytes"
	"context"
	htmlpkg "html"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/paper"
	"holdfast/server"
)

// sections are the main headings of a document.
func sections(doc report.Document) (list []string) {
	for _, b := range doc.Blocks {
		if h, ok := b.(report.Heading); ok && h.Level == 1 {
			list = append(list, h.Text)
		}
	}
	return list
}

// tableOf is the table of a document with the caption.
func tableOf(t *testing.T, doc report.Document, caption string) report.Table {
	t.Helper()
	for _, b := range doc.Blocks {
		if table, ok := b.(report.Table); ok && table.Caption == caption {
			return table
		}
	}
	t.Fatalf("%s has no table %q", doc.Title, caption)
	return report.Table{}
}

// words are the texts of a row.
func words(r report.Row) string {
	var b strings.Builder
	for _, c := range r.Cells {
		for _, run := range c.Text {
			b.WriteString(run.Text)
		}
		b.WriteByte('|')
	}
	return b.String()
}

// reportOn makes the report on a record twice, in every format, and gives it back; it
// also writes it into the folder HOLDFAST_DOCUMENTS, to look at.
func reportOn(t *testing.T, l *server.Local, ctx context.Context, k *kind.Kind, key string) report.Document {
	t.Helper()
	desk := paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response}
	doc, err := desk.Of(ctx, k, key)
	if err != nil {
		t.Fatal(err)
	}
	again, err := desk.Of(ctx, k, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Formats() {
		one := rendered(t, f, doc)
		if !bytes.Equal(one, rendered(t, f, again)) {
			t.Errorf("%s%s: the same records gave other bytes", key, f.Ending)
		}
		if dir := os.Getenv("HOLDFAST_DOCUMENTS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, key+f.Ending), one, 0o600); err != nil {
				t.Error(err)
			}
		}
	}
	return doc
}

func TestTheIncidentReportTellsWhatHappenedInOrderAndWhoWasTold(t *testing.T) {
	l, ctx := sample(t)
	const key = "reporting-host-taken"
	doc := reportOn(t, l, ctx, isms.Incidents, key)
	want := []string{"At a glance", "What happened", "Who was told, and by when", "Timeline", "Evidence and its chain of custody", "How far it reached", "What it cost", "Why it could happen, and what changes"}
	if got := sections(doc); len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("sections %q", got)
	}
	room, err := l.Response.Room(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	rows := tableOf(t, doc, "Timeline").Rows
	if len(rows) != len(room.Timeline) {
		t.Fatalf("%d of %d entries of the timeline", len(rows), len(room.Timeline))
	}
	corrected, correction := 0, 0
	for i, e := range room.Timeline {
		text := words(rows[i])
		if !strings.Contains(text, string(e.What)) || !strings.Contains(text, e.At.In(room.Zone).Format("2 Jan 2006 15:04")) {
			t.Errorf("entry %d is %q, not that of %s", i, text, e.Title)
		}
		if strings.Contains(text, "(corrected later) ") && room.Corrected[e.ID] != "" {
			corrected++
		}
		if strings.Contains(text, "Correction: ") && e.CorrectsID != "" {
			correction++
		}
	}
	if corrected != 1 || correction != 1 {
		t.Errorf("%d corrected entries, %d corrections", corrected, correction)
	}
	html := htmlpkg.UnescapeString(htmlOf(t, doc))
	for _, c := range room.Clocks {
		if !strings.Contains(html, c.Notice.Title) {
			t.Errorf("the message %q is not told", c.Notice.Title)
		}
		if c.Notice.SHA256 != "" && !strings.Contains(html, c.Notice.SHA256) {
			t.Errorf("the hash of %q is missing", c.Notice.Title)
		}
	}
	for _, said := range []string{"Copperfield Security", "Sealed bag 7", "Old reporting host", "Entries are never changed"} {
		if !strings.Contains(html, said) {
			t.Errorf("the report does not say %q", said)
		}
	}
}

func TestAHostileTimelineMakesAReportAllTheSame(t *testing.T) {
	l, ctx := sample(t)
	for _, text := range []string{`<script>alert(1)</script>`, "\x1b[2J\x1b]0;owned\x07", "abc\u202egpj.exe\u2066", strings.Repeat("Averylongword", 300), "* [ ] `x`\n# heading\n| a | b |"} {
		if _, err := l.Response.WriteNote(ctx, "reporting-host-taken", response.Note{What: text, Result: text}); err != nil {
			t.Fatal(err)
		}
	}
	html := htmlOf(t, reportOn(t, l, ctx, isms.Incidents, "reporting-host-taken"))
	if strings.Contains(html, "<script>alert") || strings.ContainsAny(html, "\x1b\x07\u202e\u2066") {
		t.Error("the report hands on what a stranger wrote")
	}
}

func TestTheExerciseReportSetsWhatWasExpectedBesideWhatWasDone(t *testing.T) {
	l, ctx := sample(t)
	const key = "drill-table-ransomware"
	doc := reportOn(t, l, ctx, isms.Exercises, key)
	room, err := l.Response.ExerciseRoom(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	var told []*isms.ExerciseInject
	for _, i := range room.Injects {
		if i.Status != "skipped" {
			told = append(told, i)
		}
	}
	rows := tableOf(t, doc, "News, what was expected, and what was done").Rows
	if len(rows) != len(told) || len(rows) == 0 {
		t.Fatalf("%d of %d news", len(rows), len(told))
	}
	for n, i := range told {
		text := words(rows[n])
		for _, c := range response.Criteria(i) {
			mark := "✗ "
			if slices.Contains(i.Met, c) {
				mark = "✓ "
			}
			if !strings.Contains(text, mark+c) {
				t.Errorf("news %d does not say %q: %s", n, mark+c, text)
			}
		}
	}
	html := htmlOf(t, doc)
	for _, f := range room.Follows {
		if !strings.Contains(html, f.Title) {
			t.Errorf("the corrective action %q is missing", f.Title)
		}
	}
	if got := sections(doc); !slices.Contains(got, "What changes") || !slices.Contains(got, "Exercises so far") {
		t.Errorf("sections %q", got)
	}
}

func TestAnExerciseToComeHasAStoryAndNoScore(t *testing.T) {
	l, ctx := sample(t)
	e, err := l.Response.PlanExercise(ctx, response.ExerciseOrder{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	doc := reportOn(t, l, ctx, isms.Exercises, e.Key)
	if doc.Status == "" || strings.Contains(doc.Status, "Held on") {
		t.Errorf("it says of itself %q", doc.Status)
	}
	html := htmlOf(t, doc)
	for _, b := range doc.Blocks {
		if f, ok := b.(report.KeyFigures); ok && slices.ContainsFunc(f.Items, func(k report.KeyFigure) bool { return k.Label == "Score" }) {
			t.Error("what nobody has played has a score")
		}
	}
	if strings.Contains(html, "✗") || strings.Contains(html, "everything that was expected was done") {
		t.Error("what nobody has played is judged")
	}
	if rows := tableOf(t, doc, "News, and what is expected").Rows; len(rows) == 0 {
		t.Error("the moderator finds no news")
	}
	if !strings.Contains(html, e.Title) || !strings.Contains(html, "The story") {
		t.Error("the story is not told")
	}
}

func TestReportsOnRecordsAreForWhoeverMayReadThem(t *testing.T) {
	l, ctx := sample(t)
	desk := paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response}
	if _, err := desk.Of(ctx, isms.Risks, "x"); kind.CodeOf(err) != kind.NotFound {
		t.Errorf("a kind without a report: %v", err)
	}
	actor, err := access.From(ctx)
	if err != nil {
		t.Fatal(err)
	}
	staff, stranger := actor, actor
	staff.Roles, stranger.Workspace = []access.Role{access.Staff}, "elsewhere"
	for k, key := range map[*kind.Kind]string{isms.Incidents: "reporting-host-taken", isms.Exercises: "drill-table-ransomware"} {
		if _, err := desk.Of(access.With(ctx, staff), k, key); kind.CodeOf(err) != kind.Forbidden && kind.CodeOf(err) != kind.NotFound {
			t.Errorf("staff reads the report on %s: %v", key, err)
		}
		if _, err := desk.Of(access.With(ctx, stranger), k, key); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("another workspace reads the report on %s: %v", key, err)
		}
	}
}
