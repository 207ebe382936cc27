package page_test

import (
	"archive/zip"
	"bytes"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"holdfast/isms"
)

// folder downloads the ISMS as files.
func (v *visitor) folder() map[string]string {
	v.Helper()
	status, body := v.get("/code/isms.zip")
	if status != http.StatusOK {
		v.Fatalf("the download answers %d: %s", status, clip(body))
	}
	archive, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	v.must(err)
	files := map[string]string{}
	for _, f := range archive.File {
		in, err := f.Open()
		v.must(err)
		data, err := io.ReadAll(in)
		v.must(err)
		files[f.Name] = string(data)
	}
	return files
}

func archived(v *visitor, files map[string]string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		v.must(err)
		_, err = w.Write([]byte(text))
		v.must(err)
	}
	v.must(z.Close())
	return b.Bytes()
}

// brings uploads a folder.
func (v *visitor) brings(name string, data []byte, fields ...string) (int, string) {
	v.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	file, err := form.CreateFormFile("file", name)
	v.must(err)
	_, err = file.Write(data)
	v.must(err)
	for i := 0; i+1 < len(fields); i += 2 {
		v.must(form.WriteField(fields[i], fields[i+1]))
	}
	v.must(form.Close())
	req, err := http.NewRequest(http.MethodPost, v.url+"/code", &b)
	v.must(err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Origin", v.url)
	res, err := v.http.Do(req)
	return v.answer(res, err)
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)

// carried is what the form of a review sends with the next step.
func carried(page, marker string) url.Values {
	values := url.Values{}
	forms := strings.Split(page, "<form ")
	for _, f := range forms {
		if strings.Contains(f, marker) {
			for _, m := range hiddenInput.FindAllStringSubmatch(f, -1) {
				values.Add(m[1], html.UnescapeString(m[2]))
			}
		}
	}
	return values
}

func (v *visitor) risk(key string) *isms.Risk {
	v.Helper()
	r, err := v.App.Get(v.admin(), isms.Risks, key)
	v.must(err)
	return r.(*isms.Risk)
}

const (
	theRisk = "admin-password@bastion"
	theFile = "isms/identify/risks/admin-password@bastion.yaml"
)

func TestAFolderIsDownloadedChangedReviewedAndAppliedWithoutScript(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	v.sees("/code", "ISMS as code", `enctype="multipart/form-data"`, "Download isms.zip", "holdfast plan -f isms/")
	files := v.folder()
	if files["isms/holdfast.lock"] == "" || files[theFile] == "" {
		t.Fatalf("%d files", len(files))
	}
	if status, page := v.brings("isms.zip", archived(v, files)); status != http.StatusOK || !strings.Contains(page, "Nothing to do") || strings.Contains(page, `name="sure"`) {
		t.Errorf("%d: %s", status, clip(page))
	}
	files[theFile] = "# reviewed\n" + strings.Replace(files[theFile], "impact_level: 4", "impact_level: 5", 1)
	files["isms/new.yaml"] = "kind: risk\nkey: fresh\ntitle: <b>Fresh</b> risk\n"
	status, review := v.brings("isms.zip", archived(v, files))
	for _, want := range []string{"Nothing is written yet", "isms/new.yaml:1", "&lt;b&gt;Fresh&lt;/b&gt; risk", "before: </span>4", "after: </span>5", ">Apply<"} {
		if status != http.StatusOK || !strings.Contains(review, want) {
			t.Errorf("%d: the review does not show %q", status, want)
		}
	}
	if got := v.risk(theRisk).ImpactLevel; got != 4 {
		t.Fatalf("the review wrote %d", got)
	}
	form := carried(review, `name="sure"`)
	form.Set("reason", "request 12")
	if status, page := v.post("/code", form); status != http.StatusOK || !strings.Contains(page, "Applied: 1 created, 1 changed") {
		t.Errorf("%d: %s", status, clip(page))
	}
	if got := v.risk(theRisk).ImpactLevel; got != 5 {
		t.Errorf("the level is %d", got)
	}
	history, err := w.App.History(w.admin(), isms.Risks, "fresh", 0, 5)
	w.must(err)
	if history[0].Reason != "request 12" || history[0].Via != "web" {
		t.Errorf("the journal tells %+v", history[0])
	}
	if status, page := v.post("/code", form); status != http.StatusConflict || !strings.Contains(page, "the plan is stale") {
		t.Errorf("the same review twice: %d", status)
	}
}

func TestAConflictIsShownAndDecidedByKind(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	files := v.folder()
	files[theFile] = strings.Replace(files[theFile], "impact_level: 4", "impact_level: 5", 1)
	r := v.risk(theRisk)
	r.ImpactLevel = 2
	w.must(w.App.Save(w.admin(), r))
	_, review := v.brings("isms.zip", archived(v, files))
	if !strings.Contains(review, "changed here and in the folder") || strings.Contains(review, ">Apply<") {
		t.Fatalf("got %s", clip(review))
	}
	form := carried(review, "The folder is right for")
	form.Add("force", "risk")
	_, review = v.post("/code", form)
	if !strings.Contains(review, "The folder overrides") || !strings.Contains(review, ">Apply<") {
		t.Fatalf("got %s", clip(review))
	}
	v.post("/code", carried(review, `name="sure"`))
	if got := v.risk(theRisk).ImpactLevel; got != 5 {
		t.Errorf("the level is %d", got)
	}
}

func TestWhatIsWrongWithAFolderIsSaidOnThePage(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	for name, c := range map[string]struct{ data, want string }{
		"a.yaml":   {"kind: risk\ntitel: x", "a.yaml:2: titel is not a field of risk; did you mean title?"},
		"a.zip":    {"no archive", "is not a ZIP archive"},
		"../b.zip": {string(archived(v, map[string]string{"../x.yaml": "x"})), "outside of the folder"},
		"c.zip":    {string(archived(v, map[string]string{"readme.txt": "x"})), "holds no records"},
	} {
		if status, page := v.brings(name, []byte(c.data)); status != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(page), c.want) {
			t.Errorf("%s: %d, %q is not said", name, status, c.want)
		}
	}
	if status, _ := v.post("/code", url.Values{}); status != http.StatusUnprocessableEntity {
		t.Errorf("nothing at all: %d", status)
	}
	if status, _ := v.post("/code", url.Values{"packed": {"!"}, "name": {"x"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("a broken review: %d", status)
	}
}

func TestAnAuditorReviewsAndDoesNotApply(t *testing.T) {
	w := sampleWorld(t)
	w.join("auditor@example.org", isms.RoleAuditor)
	w.join("staff@example.org", isms.RoleStaff)
	v := w.as("auditor@example.org")
	files := v.folder()
	files[theFile] = strings.Replace(files[theFile], "impact_level: 4", "impact_level: 5", 1)
	_, review := v.brings("isms.zip", archived(v, files))
	if !strings.Contains(review, "Not permitted") || strings.Contains(review, ">Apply<") {
		t.Errorf("got %s", clip(review))
	}
	form := carried(review, "Choose another folder")
	form.Set("sure", "x")
	v.post("/code", form)
	if got := v.risk(theRisk).ImpactLevel; got != 4 {
		t.Errorf("the level is %d", got)
	}
	for _, path := range []string{"/code", "/code/isms.zip"} {
		if status, _ := w.as("staff@example.org").get(path); status != http.StatusNotFound {
			t.Errorf("staff open %s: %d", path, status)
		}
	}
}
