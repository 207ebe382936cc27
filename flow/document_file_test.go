package flow_test

import (
	"archive/zip"
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/blob"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// filing is the company with a store of files.
func filing(t *testing.T, s *store.Store) (*world, *blob.Store) {
	t.Helper()
	w := company(t, s)
	dir := t.TempDir()
	files, err := blob.Open(filepath.Join(dir, "files"), filepath.Join(dir, "files.key"))
	w.Must(err)
	t.Cleanup(func() { _ = files.Close() })
	w.Flow.KeepFilesIn(files)
	return w, files
}

// wordFile is a small document of Word with the main part.
func wordFile(t testing.TB, main string) string {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range map[string]string{"[Content_Types].xml": "<Types/>", "word/document.xml": main} {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const wordMain = `<w:document xmlns:w="w"><w:body><w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Visitors</w:t></w:r></w:p>` +
	`<w:p><w:r><w:t>Every guest </w:t></w:r><w:r><w:t>signs in.</w:t></w:r></w:p><w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>A badge is worn.</w:t></w:r></w:p>` +
	`<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Door</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Locked</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>`

func TestFilesFollowTheRightsOfTheirRecord(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, _ := filing(t, s)
		lead := access.With(t.Context(), w.as("lead"))
		a, err := w.Flow.AttachFile(lead, "asset", "db", `C:\Users\me\..\plan`+"\u202Efdp.exe.pdf", strings.NewReader("%PDF-1.7 the plan"))
		w.Must(err)
		if a.MediaType != blob.MediaPDF || a.Size != 17 || strings.ContainsAny(a.FileName, "\u202E\\/") {
			t.Errorf("kept as %q, %s, %d bytes", a.FileName, a.MediaType, a.Size)
		}
		_, in, err := w.Flow.OpenFile(access.With(t.Context(), w.as("guest")), a.ID)
		w.Must(err)
		text, err := io.ReadAll(in)
		w.Must(err)
		w.Must(in.Close())
		if string(text) != "%PDF-1.7 the plan" {
			t.Errorf("read %q", text)
		}
		for who, ctx := range map[string]struct{ actor access.Actor }{"staff": {w.as("staff")}, "another workspace": {access.Actor{ID: "x", Name: "Eve", Workspace: "elsewhere", Roles: []access.Role{access.Administrator}}}} {
			as := access.With(t.Context(), ctx.actor)
			_, _, err := w.Flow.OpenFile(as, a.ID)
			w.Refuses(kind.NotFound, who+" reads the file of an asset", err)
			if _, err := w.Flow.OpenBlob(as, a.Blob); kind.CodeOf(err) != kind.NotFound {
				t.Errorf("%s reads it by its address: %v", who, err)
			}
			if _, err := w.Flow.AttachFile(as, "asset", "db", "x.txt", strings.NewReader("x")); err == nil {
				t.Errorf("%s puts a file to an asset", who)
			}
		}
		_, err = w.Flow.AttachFile(access.With(t.Context(), w.as("guest")), "asset", "db", "x.txt", strings.NewReader("x"))
		w.Refuses(kind.Forbidden, "the auditor puts a file", err)
		_, err = w.Flow.AttachFile(lead, "asset", "db", "x.pdf", strings.NewReader("<html><script>"))
		w.Refuses(kind.Invalid, "a web page called PDF", err)
		_, err = w.Flow.AttachFile(lead, "asset", "db", "..", strings.NewReader("x"))
		w.Refuses(kind.Invalid, "a file without a name", err)
		_, err = w.Flow.AttachFile(lead, "asset", "db", "empty.txt", strings.NewReader(""))
		w.Refuses(kind.Invalid, "an empty file", err)
	})
}

func TestAnOwnFileIsADocumentLikeAnyOther(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, _ := filing(t, s)
		lead, staff := access.With(t.Context(), w.as("lead")), access.With(t.Context(), w.as("staff"))
		w.Must(w.App.Save(lead, &isms.Document{Base: isms.Base{Key: "visitors", Title: "Visitors"}, Type: "policy", MustRead: true, Audience: []string{"everybody"}}))
		v, err := w.Flow.Revise(lead, "visitors")
		w.Must(err)
		v, a, err := w.Flow.AttachDocument(lead, v.ID, "visitors.docx", strings.NewReader(wordFile(t, wordMain)))
		w.Must(err)
		for _, want := range []string{"## Visitors", "Every guest signs in.", "- A badge is worn.", "| Door | Locked |"} {
			if !strings.Contains(string(v.Body), want) {
				t.Errorf("the text lacks %q: %s", want, v.Body)
			}
		}
		_, _, err = w.Flow.OpenFile(staff, a.ID)
		w.Refuses(kind.NotFound, "staff reads the file of a draft", err)
		boss := w.as("boss")
		boss.Roles = append(boss.Roles, access.SecurityLead)
		_, err = w.Flow.PublishDocument(access.With(t.Context(), boss), "visitors")
		w.Must(err)
		_, in, err := w.Flow.OpenFile(staff, a.ID)
		w.Must(err)
		w.Must(in.Close())
		mine := w.readings("staff")[0]
		_, err = w.App.Do(staff, isms.Acknowledgements, mine.ID, "accept", 0, kind.Input{})
		w.Must(err)
		if got := w.newest("visitors"); w.readings("staff")[0].SHA256 != got.SHA256 || got.SHA256 == "" {
			t.Error("the acceptance does not hold the hash of text and file")
		}
		_, _, err = w.Flow.AttachDocument(lead, v.ID, "other.pdf", strings.NewReader("%PDF-1.4"))
		w.Refuses(kind.Conflict, "the file of a published version is exchanged", err)
		hits, err := w.App.Search(lead, "badge", 5, isms.DocumentVersions)
		w.Must(err)
		if len(hits) != 1 {
			t.Errorf("the text of the file is not found: %v", hits)
		}

		w.Must(w.App.Save(testkit.In("elsewhere", access.Administrator), &isms.Document{Base: isms.Base{Key: "theirs", Title: "Theirs"}, Type: "policy"}))
		typed := &isms.DocumentVersion{DocumentID: "theirs", Number: "1.0", Body: "x", Blob: a.Blob}
		w.Must(w.App.Save(testkit.In("elsewhere", access.Administrator), typed))
		if own, err := w.Flow.OwnFile(testkit.In("elsewhere", access.Administrator), typed); err != nil || own != nil {
			t.Errorf("an address that was typed opens the file of another workspace: %v, %v", own, err)
		}
	})
}

func TestGarbageIsFoundAndSweptButNotWhatIsNew(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, files := filing(t, s)
		first, err := w.App.Found(t.Context(), "Real", app.First{Name: "Ada", Email: "ada@example.org", Password: "correct horse battery staple"})
		w.Must(err)
		lead := access.With(t.Context(), first)
		w.Must(w.App.Save(lead, &isms.Asset{Base: isms.Base{Key: "real", Title: "Real"}, Nature: "intangible", Type: "data_set"}))
		a, err := w.Flow.AttachFile(lead, "asset", "real", "keep.txt", strings.NewReader("keep"))
		w.Must(err)
		_, err = files.Put(strings.NewReader("nobody names me"), 0)
		w.Must(err)
		check := func(sweep bool) flow.FileCheck {
			c, err := w.Flow.CheckFiles(t.Context(), sweep)
			w.Must(err)
			return c
		}
		if c := check(false); c.Kept != 2 || len(c.Missing) != 0 {
			t.Errorf("%+v", c)
		}
		if c := check(true); len(c.Garbage) != 0 || c.Kept != 2 {
			t.Errorf("what was just written was swept: %+v", c)
		}
		w.Clock.Advance(5 * 365 * 24 * time.Hour)
		w.Must(w.App.Delete(lead, isms.Attachments, a.ID, 0))
		if c := check(true); len(c.Garbage) != 1 {
			t.Errorf("garbage: %+v", c)
		}
		if c := check(false); c.Kept != 1 || len(c.Missing) != 0 {
			t.Errorf("what lies in the bin was swept: %+v", c)
		}
		w.Must(files.Remove(a.Blob))
		if c := check(false); len(c.Missing) != 1 {
			t.Errorf("a file that is gone is not missed: %+v", c)
		}
	})
}
