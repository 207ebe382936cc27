package api_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"holdfast/isms"
	"holdfast/testkit"
)

// folderOf packs files as a pipeline does.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var asZIP = []string{"Content-Type", "application/zip"}

func TestAFolderIsPlannedReviewedAndAppliedOverHTTP(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.do("admin", "POST", "/apply?reason=first", "- {kind: person, key: eve, title: Eve}\n- {kind: risk, key: r, title: R, status: open}", "Content-Type", "application/yaml").is(200)
		files := unpack(t, w.do("admin", "GET", "/export", "").is(200).body)
		if again := w.do("admin", "POST", "/plan", folderOf(t, files), asZIP...).is(200).json(); len(again["changes"].([]any)) != 0 {
			t.Errorf("what was exported is to be changed: %v", again["changes"])
		}
		files["identify/risks.yaml"] = strings.Replace(files["identify/risks.yaml"], "title: R", "title: Renamed", 1)
		archive := folderOf(t, files)
		plan := w.do("admin", "POST", "/plan", archive, asZIP...).is(200).json()
		if n := plan["summary"].(map[string]any)["changed"]; n != 1.0 || plan["applied"] != false {
			t.Errorf("got %v", plan)
		}
		if got := w.do("admin", "GET", "/risks/r", "").is(200).text("title"); got != "R" {
			t.Errorf("a plan changed the title to %q", got)
		}
		print := plan["fingerprint"].(string)
		w.do("admin", "PATCH", "/risks/r", `{"impact_level": 3}`).is(200)
		w.do("admin", "POST", "/apply?only="+print, archive, asZIP...).refused(409, "conflict")
		w.do("admin", "POST", "/apply", archive, asZIP...).refused(409, "conflict")
		if got := w.do("admin", "GET", "/risks/r", "").is(200).text("title"); got != "R" {
			t.Errorf("a refused apply changed the title to %q", got)
		}
		done := w.do("admin", "POST", "/apply?force=risk&reason=reviewed", archive, asZIP...).is(200).json()
		if done["applied"] != true {
			t.Errorf("got %v", done)
		}
		if got := string(w.do("admin", "GET", "/risks/r/history", "").is(200).body); !strings.Contains(got, "reviewed") {
			t.Errorf("the journal gives no reason: %s", got)
		}
	})
}

func TestATokenPlansWhatItMayReadAndAppliesWhatItMayWrite(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.do("admin", "POST", "/apply", "{kind: risk, key: r, title: R}", "Content-Type", "application/yaml").is(200)
		w.person("pipeline", "ws1", []string{isms.RoleAdministrator}, "*:read")
		w.person("assets", "ws1", []string{isms.RoleAdministrator}, "asset:write", "person:read")
		w.person("stranger", "ws2", []string{isms.RoleAdministrator}, "*:admin")
		const change = "{kind: risk, key: r, title: Renamed}"
		plan := w.do("pipeline", "POST", "/plan", change, "Content-Type", "application/yaml").is(200).json()
		if n := plan["summary"].(map[string]any)["refused"]; n != 1.0 {
			t.Errorf("got %v", plan)
		}
		w.do("pipeline", "POST", "/apply", change, "Content-Type", "application/yaml").refused(403, "forbidden")
		w.do("assets", "POST", "/plan", change, "Content-Type", "application/yaml").refused(403, "forbidden")
		w.do("assets", "POST", "/apply", "{kind: asset, key: a, title: A, nature: tangible, type: host}", "Content-Type", "application/yaml").is(200)
		other := w.do("stranger", "POST", "/plan", change, "Content-Type", "application/yaml").is(200).json()
		if n := other["summary"].(map[string]any)["created"]; n != 1.0 {
			t.Errorf("another workspace sees the risk: %v", other)
		}
		if got := w.do("admin", "GET", "/risks/r", "").is(200).text("title"); got != "R" {
			t.Errorf("the title is %q", got)
		}
	})
}

func TestAFolderThatIsWrongIsRefusedWithFileAndLine(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1_000_000)
	for _, path := range []string{"/plan", "/apply"} {
		got := w.do("admin", "POST", path, folderOf(t, map[string]string{"isms/a.yaml": "kind: risk\ntitel: x"}), asZIP...).refused(422, "invalid")
		if f := got.fields(); len(f) != 1 || f[0] != "isms/a.yaml:2" {
			t.Errorf("%s: the fields are %v", path, f)
		}
		w.do("admin", "POST", path, "not an archive", asZIP...).refused(422, "invalid")
		w.do("admin", "POST", path, folderOf(t, map[string]string{"../a.yaml": "x"}), asZIP...).refused(422, "invalid")
		w.do("admin", "POST", path, "x", "Content-Type", "text/csv").refused(415, "media_type")
		w.do("admin", "POST", path+"?purne=true", "{kind: risk, key: r, title: R}", "Content-Type", "application/yaml").refused(422, "invalid")
		w.do("admin", "POST", path+"?force=rsik", "{kind: risk, key: r, title: R}", "Content-Type", "application/yaml").refused(422, "invalid")
		w.do("", "POST", path, "{kind: risk, key: r, title: R}", "Content-Type", "application/yaml").refused(401, "unauthenticated")
	}
	w.do("admin", "GET", "/risks/r", "").refused(404, "not_found")
}
