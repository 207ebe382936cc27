package page_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"holdfast/blob"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit/browser"
)

// filing gives the world a store of files.
func (w *world) filing() *world {
	w.Helper()
	dir := w.TempDir()
	s, err := blob.Open(filepath.Join(dir, "files"), filepath.Join(dir, "files.key"))
	w.must(err)
	w.Cleanup(func() { _ = s.Close() })
	w.flow.KeepFilesIn(s)
	return w
}

// upload posts a form with a file, as a browser does.
func (v *visitor) upload(path, name, content string, fields ...string) (int, string) {
	v.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		v.must(form.WriteField(fields[i], fields[i+1]))
	}
	part, err := form.CreateFormFile("file", name)
	v.must(err)
	_, err = io.WriteString(part, content)
	v.must(err)
	v.must(form.Close())
	req, err := http.NewRequest(http.MethodPost, v.url+path, &body)
	v.must(err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Origin", v.url)
	res, err := v.http.Do(req)
	return v.answer(res, err)
}

var fileLink = regexp.MustCompile(`/file/[a-z0-9]+`)

func TestAFileIsUploadedAndHadBackButNeverShownAsAPage(t *testing.T) {
	w := documentWorld(t).filing()
	w.join("audit@example.org", "auditor")
	w.join("staff@example.org", "staff")
	v := w.as("ada@example.org")
	list, err := w.App.List(w.machine(), isms.Assets, kind.Query{Limit: 1})
	w.must(err)
	path := "/files/asset/" + list.Records[0].GetBase().ID
	v.sees(path, "Add a file", "No files yet")
	status, body := v.upload(path, `<b>plan"\.txt`, "not <b>html</b>")
	if status != http.StatusOK || strings.Contains(body, "<b>plan") {
		t.Fatalf("upload: %d %s", status, clip(body))
	}
	link := fileLink.FindString(body)
	res, err := v.http.Get(v.url + link)
	w.must(err)
	status, text := v.answer(res, nil)
	if status != http.StatusOK || text != "not <b>html</b>" || res.Header.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") ||
		res.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(res.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%d %q %v", status, text, res.Header)
	}
	for name, content := range map[string]string{"page.html": "<!doctype html><script>alert(1)</script>", "picture.png": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>\x00", "program.pdf": "MZ\x90\x00"} {
		if _, body := v.upload(path, name, content); !strings.Contains(body, "Not kept") {
			t.Errorf("%s is kept", name)
		}
	}
	if _, body := v.upload(path, "", ""); !strings.Contains(body, "Choose a file first") {
		t.Error("nothing was chosen and nothing said")
	}
	if status, _ := w.as("audit@example.org").upload(path, "x.txt", "x"); status != http.StatusForbidden {
		t.Errorf("the auditor uploads: %d", status)
	}
	w.as("audit@example.org").sees(path, "plan")
	for _, p := range []string{path, link} {
		if status, _ := w.as("staff@example.org").get(p); status != http.StatusNotFound && status != http.StatusForbidden {
			t.Errorf("staff opens %s: %d", p, status)
		}
	}
}

func TestAnOwnFileBecomesTheTextAndIsReadByStaff(t *testing.T) {
	w := documentWorld(t).filing()
	w.join("staff@example.org", "staff")
	v := w.as("ada@example.org")
	id := w.newestOf("remote-work").ID
	if status, body := v.upload("/files/document_version/"+id, "Remote work.pdf", "%PDF-1.7 signed", "own", "false", "own", "true"); status != http.StatusOK || !strings.Contains(body, "This version is a file") {
		t.Fatalf("upload: %d %s", status, clip(body))
	}
	w.inForce("remote-work")
	_, err := w.flow.CareForDocuments(w.machine(), nil)
	w.must(err)
	staff := w.as("staff@example.org")
	link := fileLink.FindString(staff.sees("/documents/remote-work", "This version is a file"))
	if _, text := staff.get(link); text != "%PDF-1.7 signed" {
		t.Errorf("staff reads %q", text)
	}
}

func TestThePageOfFilesIsAccessible(t *testing.T) {
	w := documentWorld(t).filing()
	s := browser.New(t)
	signIn(s, w)
	for _, at := range []struct {
		theme string
		width int
	}{{browser.Light, 1440}, {browser.Dark, 390}} {
		s.Emulate(at.theme, at.width)
		s.Visit(w.url + "/files/document_version/" + w.newestOf("remote-work").ID)
		s.NoGraveViolations("files, " + at.theme)
	}
}
