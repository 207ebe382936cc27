package api_test

import (
	"path/filepath"
	"strings"
	"testing"

	"holdfast/blob"
	"holdfast/testkit"
)

func TestFilesArePutListedAndReadThroughTheAPI(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1000)
	bytes := []string{"Content-Type", "application/octet-stream"}
	w.do("admin", "POST", "/assets", asset).is(201)
	key := w.do("admin", "GET", "/assets", "").is(200).data()[0]["key"].(string)
	w.do("admin", "POST", "/assets/"+key+"/files?name=plan.pdf", "%PDF-1.7 plan", bytes...).refused(503, "unavailable")

	w.files(t)
	w.do("admin", "POST", "/assets/"+key+"/files?name=plan.pdf", "<html>", bytes...).refused(422, "invalid")
	w.do("admin", "POST", "/assets/none/files?name=plan.pdf", "%PDF-1.7 plan", bytes...).refused(404, "not_found")
	f := w.do("admin", "POST", "/assets/"+key+"/files?name=plan.pdf", "%PDF-1.7 plan", bytes...).is(200).json()
	if f["media"] != "application/pdf" || f["size"] != 13.0 {
		t.Errorf("kept as %v", f)
	}
	if list := w.do("admin", "GET", "/assets/"+key+"/files", "").is(200).data(); len(list) != 1 || list[0]["sha256"] != f["sha256"] {
		t.Errorf("the files are %v", list)
	}
	got := w.do("admin", "GET", "/attachments/"+f["id"].(string)+"/file", "").is(200)
	if string(got.body) != "%PDF-1.7 plan" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") || got.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("answered %q with %v", got.body, got.header)
	}
	w.person("stranger", "ws9", []string{"administrator"}, "*:admin")
	w.do("stranger", "GET", "/attachments/"+f["id"].(string)+"/file", "").refused(404, "not_found")
	w.do("stranger", "GET", "/assets/"+key+"/files", "").refused(404, "not_found")
}

// files gives the world a store of files.
func (w *world) files(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	s, err := blob.Open(filepath.Join(dir, "files"), filepath.Join(dir, "files.key"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w.flow.KeepFilesIn(s)
}
