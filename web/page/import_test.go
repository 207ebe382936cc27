package page_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"holdfast/isms"
	"holdfast/kind"
)

var packed = regexp.MustCompile(`name="packed" value="([^"]+)"`)

// send uploads files to the page.
func (v *visitor) send(files map[string]string) (int, string) {
	v.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, text := range files {
		f, err := w.CreateFormFile("file", name)
		v.must(err)
		_, err = f.Write([]byte(text))
		v.must(err)
	}
	v.must(w.Close())
	req, err := http.NewRequest(http.MethodPost, v.url+"/frameworks/import", &b)
	v.must(err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := v.http.Do(req)
	return v.answer(res, err)
}

const houseTable = "code,title,text,parent\n1,Doors & windows,,\n1.1,Locks,Lock them.,1\n1.2,Keys,Count them.,1\n"

func TestAFrameworkIsImportedInTwoStepsWithoutAScript(t *testing.T) {
	w := newWorld(t)
	ada := w.as("ada@example.org")
	ada.sees("/frameworks/import", "Import a framework", `enctype="multipart/form-data"`, `multiple`)

	status, preview := ada.send(map[string]string{"house.csv": houseTable})
	if status != http.StatusOK || !strings.Contains(preview, "Nothing is kept yet") || !strings.Contains(preview, "1.1 Locks") || !strings.Contains(preview, "2 requirements in 1 chapter") {
		t.Fatalf("preview: status %d\n%s", status, preview)
	}
	if n := w.frameworks(); n != 0 {
		t.Fatalf("a preview kept %d frameworks", n)
	}
	found := packed.FindStringSubmatch(preview)
	if found == nil {
		t.Fatal("the preview does not carry the file")
	}
	status, body := ada.post("/frameworks/import", url.Values{"sure": {"yes"}, "name": {"house.csv"}, "packed": {found[1]}})
	if status != http.StatusOK || !strings.Contains(body, "Taken in: 1 framework") || w.frameworks() != 1 {
		t.Errorf("taking it in: status %d, %d frameworks", status, w.frameworks())
	}

	status, preview = ada.send(map[string]string{
		"profile.json": `{"profile":{"uuid":"cccccccc-0000-4000-8000-000000000001","metadata":{"title":"Small set"},"imports":[{"href":"all.json","include-controls":[{"with-ids":["c-2"]}]}]}}`,
		"all.json":     `{"catalog":{"uuid":"aaaaaaaa-0000-4000-8000-000000000001","metadata":{"title":"All"},"controls":[{"id":"c-1","title":"One"},{"id":"c-2","title":"Two"}]}}`,
	})
	if status != http.StatusOK || !strings.Contains(preview, "c-2 Two") || strings.Contains(preview, "c-1 One") {
		t.Errorf("a profile with its catalogue: status %d", status)
	}
}

func TestAnImportThatFailsSaysWhereAndKeepsNothing(t *testing.T) {
	w := newWorld(t)
	ada := w.as("ada@example.org")
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nothing chosen": {nil, "choose a file first"},
		"a mistake":      {map[string]string{"house.csv": "code,text\n1,a\n1,<b>\n"}, "house.csv: line 3: the number &#34;1&#34; is used twice"},
		"not a format":   {map[string]string{"x.json": "{}"}, "none of the formats"},
	} {
		if status, body := ada.send(c.files); status != http.StatusUnprocessableEntity || !strings.Contains(body, c.want) {
			t.Errorf("%s: status %d, want %q in\n%s", name, status, c.want, body)
		}
	}
	for _, broken := range []string{"!!!", "H4sI"} {
		if status, _ := ada.post("/frameworks/import", url.Values{"sure": {"yes"}, "name": {"x"}, "packed": {broken}}); status != http.StatusUnprocessableEntity {
			t.Errorf("a broken preview: status %d", status)
		}
	}
	if w.frameworks() != 0 {
		t.Error("something was kept")
	}
	w.join("auditor@example.org", "auditor")
	auditor := w.as("auditor@example.org")
	if status, _ := auditor.get("/frameworks/import"); status != http.StatusNotFound {
		t.Errorf("an auditor opened it: status %d", status)
	}
	if status, _ := auditor.send(map[string]string{"house.csv": houseTable}); status != http.StatusNotFound || w.frameworks() != 0 {
		t.Errorf("an auditor imported: status %d", status)
	}
}

func (w *world) frameworks() int {
	w.Helper()
	page, err := w.App.List(w.admin(), isms.Frameworks, kind.Query{})
	w.must(err)
	return len(page.Records)
}
