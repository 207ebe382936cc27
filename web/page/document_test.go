package page_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit/browser"
)

// documentWorld is a small organisation with its set of documents: two in force, of
// which one has a campaign and a proposal, one in review, the others drafts.
func documentWorld(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	for i, name := range []string{"Aoife Keane", "Ravi Menon", "Lena Fischer", "Marek Wolski", "Grace O'Connor", "Paul Hennessy"} {
		w.must(w.App.Save(w.machine(), &isms.Person{Base: isms.Base{Title: name}, Employment: "employee", Status: isms.PersonActive}))
		w.must(w.App.Save(w.machine(), &isms.Asset{Base: isms.Base{Title: name + "'s system"}, Nature: "intangible", Type: "application", Criticality: kind.Level(3 + i%3)}))
	}
	_, err := w.flow.WriteDocuments(w.admin())
	w.must(err)
	for _, key := range []string{"acceptable-use", "access-control"} {
		w.inForce(key)
	}
	_, err = w.flow.StartCampaign(w.admin(), flow.Campaign{Name: "Spring reading", Documents: []string{"acceptable-use"}, Audience: []string{"everybody"}, Standing: true})
	w.must(err)
	_, err = w.flow.SubmitVersion(w.admin(), w.newestOf("backup").ID, 0, flow.Consent{Quorum: 2, FourEyes: true, Why: "The drill in May used it."})
	w.must(err)
	w.Clock.Advance(time.Hour)
	draft, err := w.flow.Revise(w.admin(), "access-control")
	w.must(err)
	draft.Body = isms.Markdown(strings.Replace(string(draft.Body), "may do little", "may do only what its work needs", 1))
	draft.ChangeNote = "Clearer about what an account may do."
	w.must(w.App.Save(w.admin(), draft))
	w.must(w.App.Save(w.admin(), &isms.Comment{SubjectKind: "document_version", SubjectID: draft.ID, Text: "Is **four hours** for leavers realistic at weekends?"}))
	return w
}

func (w *world) newestOf(key string) *isms.DocumentVersion {
	w.Helper()
	d, err := w.App.Get(w.machine(), isms.Documents, key)
	w.must(err)
	list, err := w.flow.VersionsOf(w.machine(), d.GetBase().ID)
	w.must(err)
	return list[0]
}

// inForce publishes the newest version of a document.
func (w *world) inForce(key string) {
	w.Helper()
	v := w.newestOf(key)
	d, err := app.Of[isms.Document](w.App, isms.Documents).Get(w.machine(), key)
	w.must(err)
	d.ApproverID = ""
	w.must(w.App.Save(w.machine(), d))
	for _, action := range []string{"submit", "approve", "publish"} {
		_, err := w.App.Do(w.admin(), isms.DocumentVersions, v.ID, action, 0, kind.Input{})
		w.must(err)
	}
}

func TestTheWholeSetIsWrittenFromThePage(t *testing.T) {
	w := newWorld(t)
	v := w.as("ada@example.org")
	v.sees("/documents", "Write the whole set", "Not written", "Access control policy")
	if status, body := v.post("/documents/write", nil); status != http.StatusOK || !strings.Contains(body, "drafts written") {
		t.Fatalf("%d %s", status, clip(body))
	}
	if body := v.sees("/documents", "Look for changes", "Draft"); strings.Contains(body, "Write it") {
		t.Error("something is still not written")
	}
	v.sees("/documents/access-control", "Send to review", "Version 1.0", "Contents")
}

func TestADocumentGoesItsWayThroughThePages(t *testing.T) {
	w := documentWorld(t)
	w.join("boss@example.org", "approver")
	v, boss := w.as("ada@example.org"), w.as("boss@example.org")
	v.sees("/documents/remote-work", "Send to review")
	lock := field(v.sees("/documents/remote-work/write", "editor-preview"), "lock")
	id := w.newestOf("remote-work").ID
	if status, body := v.post("/documents/remote-work/write", url.Values{"id": {id}, "lock": {lock}, "do": {"preview"}, "body": {"Only *shown*"}}); status != http.StatusOK || !strings.Contains(body, "<em>shown</em>") {
		t.Errorf("the preview without script: %d", status)
	}
	if strings.Contains(string(w.newestOf("remote-work").Body), "Only *shown*") {
		t.Error("a preview was saved")
	}
	if status, body := v.post("/documents/remote-work/write", url.Values{"id": {id}, "lock": {lock}, "body": {"## Purpose\r\n\r\nWork from anywhere, safely."}, "note": {"Shorter."}}); status != http.StatusOK || !strings.Contains(body, "Work from anywhere, safely.") {
		t.Errorf("save: %d %s", status, clip(body))
	}
	status, body := v.post("/documents/remote-work/write", url.Values{"id": {id}, "lock": {lock}, "body": {"## Purpose\n\nMy other text."}})
	if status != http.StatusConflict || !strings.Contains(body, "My other text.") || !strings.Contains(body, "<del>") || strings.Contains(string(w.newestOf("remote-work").Body), "My other text") {
		t.Errorf("the second to save: %d", status)
	}
	if status, _ := v.post("/documents/remote-work/submit", url.Values{"quorum": {"1"}, "four_eyes": {"false", "true"}}); status != http.StatusOK {
		t.Errorf("submit: %d", status)
	}
	if body := v.sees("/documents/remote-work", "In review", "not whoever asked"); strings.Contains(body, ">Agree<") {
		t.Error("whoever asked is offered to agree")
	}
	boss.sees("/my", "Approve “Remote")
	boss.sees("/documents/remote-work", "Agree", "Refuse")
	list, err := app.Of[isms.Approval](w.App, isms.Approvals).All(w.machine(), kind.Query{}.Where("subject_key", w.newestOf("remote-work").Key))
	w.must(err)
	if status, _ := boss.post("/approvals/"+list[0].ID+"/do/approve", nil); status != http.StatusOK {
		t.Errorf("agree: %d", status)
	}
	boss.sees("/documents/remote-work", "Publish")
	boss.post("/document-versions/"+id+"/do/publish", url.Values{"back": {"/documents/remote-work"}})
	if got := w.newestOf("remote-work"); got.Status != isms.VersionPublished || got.ApprovedBy == "" {
		t.Errorf("the version is %s", got.Status)
	}
	boss.sees("/document-versions/"+id, "In force", "SHA-256")
}

var fieldOf = regexp.MustCompile(`name="([a-z0-9_]+)" value="([^"]*)"`)

func field(body, name string) string {
	for _, m := range fieldOf.FindAllStringSubmatch(body, -1) {
		if m[1] == name {
			return m[2]
		}
	}
	return ""
}

func TestAPersonReadsAndAcceptsAndNobodyElseCan(t *testing.T) {
	w := documentWorld(t)
	w.join("staff@example.org", "staff")
	w.join("other@example.org", "staff")
	_, err := w.flow.CareForDocuments(w.machine(), nil)
	w.must(err)
	staff, other := w.as("staff@example.org"), w.as("other@example.org")
	body := staff.sees("/my", "Acceptable use policy", "Spring reading")
	path := regexp.MustCompile(`/my/read/[a-z0-9]+`).FindString(body)
	if path == "" {
		t.Fatal("the task leads nowhere")
	}
	if status, _ := other.get(path); status != http.StatusNotFound {
		t.Errorf("somebody else opens it: %d", status)
	}
	hash := field(staff.sees(path, "I have read and accept it", "Purpose"), "sha256")
	if status, _ := staff.post(path, url.Values{"sha256": {"0000"}}); status != http.StatusConflict {
		t.Errorf("another text than the one shown was accepted: %d", status)
	}
	if status, _ := other.post(path, url.Values{"sha256": {hash}}); status != http.StatusNotFound {
		t.Errorf("somebody else accepts it: %d", status)
	}
	if status, body := staff.post(path, url.Values{"sha256": {hash}}); status != http.StatusOK || !strings.Contains(body, "Accepted: Acceptable use policy") {
		t.Errorf("accept: %d %s", status, clip(body))
	}
	staff.sees(path, "You accepted it", hash)
	ada := w.as("ada@example.org")
	ada.sees("/documents/acceptable-use/readers", "staff@example.org", hash[:16])
	if csv := ada.sees("/documents/readers/all?as=csv", hash); !strings.Contains(csv, "accepted,") {
		t.Error("the proof does not hold the acceptance")
	}
}

func TestStaffSeesWhatHoldsAndNothingInTheMaking(t *testing.T) {
	w := documentWorld(t)
	w.join("staff@example.org", "staff")
	w.join("audit@example.org", "auditor")
	staff, auditor := w.as("staff@example.org"), w.as("audit@example.org")
	if body := staff.sees("/documents", "Acceptable use policy"); strings.Contains(body, "Backup policy") || strings.Contains(body, "Write") {
		t.Error("staff sees drafts or what it may not do")
	}
	if body := staff.sees("/documents/access-control"); strings.Contains(body, "1.1") || strings.Contains(body, "four hours") {
		t.Error("staff sees the draft of a new version or its comments")
	}
	for _, path := range []string{"/documents/backup", "/documents/backup/difference", "/documents/access-control/write", "/documents/readers/all", "/documents/campaigns/new", "/documents/access-control/download?v=1.1&as=md"} {
		if status, body := staff.get(path); status != http.StatusNotFound && !(status == http.StatusOK && !strings.Contains(body, "only what its work needs")) {
			t.Errorf("staff opens %s: %d", path, status)
		}
	}
	auditor.sees("/documents", "Backup policy")
	for _, path := range []string{"/documents/write", "/documents/backup/revise", "/documents/campaigns", "/documents/access-control/write", "/documents/access-control/submit"} {
		if status, _ := auditor.post(path, url.Values{"name": {"x"}, "documents": {"acceptable-use"}}); status != http.StatusNotFound && status != http.StatusForbidden {
			t.Errorf("the auditor posts %s: %d", path, status)
		}
	}
	_, err := w.App.Found(t.Context(), "Other", app.First{Name: "Eve", Email: "eve@example.org", Password: password})
	w.must(err)
	eve := w.as("eve@example.org")
	for _, path := range []string{"/documents/access-control", "/documents/access-control/download?as=md", "/documents/access-control/readers", "/document-versions/" + w.newestOf("backup").ID} {
		if status, _ := eve.get(path); status != http.StatusNotFound {
			t.Errorf("another workspace opens %s: %d", path, status)
		}
	}
}

func TestADocumentIsHadAsAFile(t *testing.T) {
	w := documentWorld(t)
	v := w.as("ada@example.org")
	for as, begins := range map[string]string{"pdf": "%PDF-", "html": "<!doctype html>", "md": "## Purpose"} {
		res, err := v.http.Get(v.url + "/documents/acceptable-use/download?as=" + as)
		w.must(err)
		status, body := v.answer(res, nil)
		if status != http.StatusOK || !strings.HasPrefix(body, begins) || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment; filename=acceptable-use-policy-1-0."+as) ||
			!strings.Contains(res.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %d %v %.20q", as, status, res.Header, body)
		}
	}
	if status, _ := v.get("/documents/acceptable-use/download?as=exe"); status != http.StatusNotFound {
		t.Errorf("exe: %d", status)
	}
}

// hostile is Markdown of somebody who wants to break the page.
var hostile = "## <script>window.broken=1</script>\n\n<img src=x onerror=window.broken=1>\n\n[click](javascript:window.broken=1) [data](data:text/html,<script>window.broken=1</script>) " +
	"[tab](java\tscript:window.broken=1) <javascript:window.broken=1> [ok](https://example.org/)\n\n" +
	"</div></section></main><h1>out</h1>\n\n\u202Eevil\u202C \u2066x\u2069\n\n" + strings.Repeat(">", 3000) + " deep\n\n" + strings.Repeat("- ", 1500) + "deep list\n\n" +
	strings.Repeat("*", 4000) + "\n\n" + strings.Repeat("[", 4000) + "\n\n| a |" + strings.Repeat(" b |", 300) + "\n|" + strings.Repeat("---|", 301) + "\n" + strings.Repeat("| x |"+strings.Repeat(" y |", 300)+"\n", 60) +
	"\n" + strings.Repeat("W", 5000) + "\n"

func TestHostileMarkdownNeverBreaksAPage(t *testing.T) {
	w := documentWorld(t)
	d := &isms.Document{Base: isms.Base{Key: "hostile", Title: `"><script>window.broken=1</script>`}, Type: "policy", Summary: isms.Markdown(hostile[:200])}
	w.must(w.App.Save(w.admin(), d))
	v, err := w.flow.Revise(w.admin(), "hostile")
	w.must(err)
	v.Body, v.ChangeNote = isms.Markdown(hostile), `</p><script>window.broken=1</script>`
	w.must(w.App.Save(w.admin(), v))
	w.must(w.App.Save(w.admin(), &isms.Comment{SubjectKind: "document_version", SubjectID: v.ID, Text: isms.Markdown(hostile)}))
	w.inForce("hostile")
	w.Clock.Advance(time.Minute)
	next, err := w.flow.Revise(w.admin(), "hostile")
	w.must(err)
	next.Body = isms.Markdown("\u202Enew\u202C <b>line</b>\n" + hostile)
	w.must(w.App.Save(w.admin(), next))
	_, err = w.flow.StartCampaign(w.admin(), flow.Campaign{Name: "<script>window.broken=1</script>", Documents: []string{"hostile"}, Audience: []string{"everybody"}})
	w.must(err)
	acks, err := app.Of[isms.Acknowledgement](w.App, isms.Acknowledgements).All(w.machine(), kind.Query{}.Where("person_id", w.first.ID).Where("document_version_id", v.ID))
	w.must(err)
	s := browser.New(t)
	s.Emulate(browser.Light, 1440)
	signIn(s, w)
	for _, path := range []string{"/documents/hostile?v=1.0", "/documents/hostile?v=1.1", "/documents/hostile/write", "/documents/hostile/difference", "/documents/hostile/difference?view=inline", "/documents", "/documents/hostile/readers", "/my/read/" + acks[0].ID, "/my"} {
		s.Visit(w.url + path)
		if !browser.Value[bool](s, `window.broken === undefined && document.querySelectorAll("main h1").length === 1 && document.querySelector("main script, main [onerror]") === null`) {
			t.Errorf("%s was broken by its text", path)
		}
		if bad := browser.Value[int](s, `[...document.querySelectorAll("main a")].filter(a => !/^(https?:|mailto:)/.test(a.protocol)).length`); bad > 0 {
			t.Errorf("%s has %d links that run something", path, bad)
		}
		if wide := browser.Value[float64](s, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
			t.Errorf("%s is %.0f pixels wider than the window", path, wide)
		}
	}
	if text := browser.Value[string](s, `document.body.textContent`); strings.ContainsAny(text, "\u202E\u2066") {
		t.Error("a mark that turns text around reached the page")
	}
	for _, p := range s.Problems() {
		t.Errorf("the browser complains: %s", p)
	}
}

func TestThePreviewFollowsWhatIsTyped(t *testing.T) {
	w := documentWorld(t)
	s := browser.New(t)
	s.Emulate(browser.Light, 1440)
	signIn(s, w)
	s.Visit(w.url + "/documents/remote-work/write")
	focus(t, s, "the text", `e.name === "body"`)
	s.Press("Typed just now: ")
	s.WaitFor(`document.querySelector("#editor-preview").textContent.includes("Typed just now:")`)
}

func documentLooks(w *world) map[string]string {
	w.Helper()
	acks, err := app.Of[isms.Acknowledgement](w.App, isms.Acknowledgements).All(w.machine(), kind.Query{}.Where("person_id", w.first.ID))
	w.must(err)
	return map[string]string{
		"documents": "/documents", "document": "/documents/access-control?v=1.1", "document-review": "/documents/backup", "editor": "/documents/access-control/write", "submit": "/documents/remote-work/submit",
		"difference": "/documents/access-control/difference", "difference-inline": "/documents/access-control/difference?view=inline", "readers": "/documents/readers/all", "campaign": "/documents/campaigns/new", "my": "/my", "read": "/my/read/" + acks[0].ID,
	}
}

func TestTheDocumentPagesAreAccessibleInBothThemes(t *testing.T) {
	w := documentWorld(t)
	s := browser.New(t)
	signIn(s, w)
	for name, path := range documentLooks(w) {
		s.Accessible(name, w.url+path, nil)
	}
	for _, p := range s.Problems() {
		t.Errorf("the browser complains: %s", p)
	}
}
