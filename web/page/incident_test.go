package page_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit/browser"
)

// roomWorld is the sample with an incident declared by hand, through the pages.
func roomWorld(t *testing.T) (*world, *visitor, string) {
	w := sampleWorld(t).filing()
	w.App.Settle(w.response.FollowIncidents)
	w.App.Settle(w.response.KeepClocks)
	v := w.as("ada@example.org")
	asset, err := app.Of[isms.Asset](w.App, isms.Assets).Get(w.admin(), "rondo-db")
	w.must(err)
	if status, body := v.post("/response/declare", url.Values{"title": {"Files are encrypted on the database host"}, "asset_id": {asset.ID}}); status != http.StatusOK || !strings.Contains(body, "What was guessed stands in the timeline") {
		t.Fatalf("declared: %d\n%s", status, clip(body))
	}
	list, err := app.Of[isms.Incident](w.App, isms.Incidents).All(w.admin(), kind.Query{}.With("title", kind.Contains, "encrypted on"))
	w.must(err)
	if len(list) != 1 {
		t.Fatalf("%d incidents were declared", len(list))
	}
	return w, v, "/incidents/" + list[0].ID
}

var stepForm = regexp.MustCompile(`/incidents/[a-z0-9]+/steps/[a-z0-9]+`)

func TestTheRoomIsWorkedWithoutScript(t *testing.T) {
	w, v, room := roomWorld(t)
	body := v.sees(room, "It is real: contain", "Who must be told", "Blast radius", "Ransomware", "lies between the signs")
	if step := stepForm.FindString(body); step != "" {
		_, body = v.post(step, url.Values{"outcome": {"done"}, "note": {"Seen <script>alert(1)</script> in the log"}, "minutes": {"15"}})
		if !strings.Contains(body, "It stands in the timeline") || strings.Contains(body, "<script>alert(1)") {
			t.Errorf("the step is not ticked, or its note is not escaped:\n%s", clip(body))
		}
	}
	_, body = v.post(room+"/phase", url.Values{"action": {"contain"}})
	if !strings.Contains(body, "Contained: eradicate") {
		t.Errorf("the phase did not move:\n%s", clip(body))
	}
	_, body = v.post(room+"/notes", url.Values{"what": {"The host is off the network."}, "type": {"action"}, "minutes": {"5"}})
	if !strings.Contains(body, "The host is off the network.") {
		t.Error("the note is not in the timeline")
	}
	_, body = v.post(room+"/notes", url.Values{"what": {" "}})
	if !strings.Contains(body, "Not done:") {
		t.Error("an empty note is taken without a word")
	}
	_, body = v.post(room+"/facts", url.Values{"personal_data": {"false", "true"}, "seen_personal_data": {"false"}, "data_subjects": {"3100"}, "seen_data_subjects": {"0"}})
	for _, words := range []string{"Breach of personal data, to the authority", "GDPR Art. 33, 72 hours", "About 3100 people"} {
		if !strings.Contains(body, words) {
			t.Errorf("after the fact is stated the room does not show %q", words)
		}
	}
	notice := w.notice(t, "gdpr-33")
	_, body = v.post(room+"/notices/"+notice.ID, url.Values{"do": {"approve"}})
	if !strings.Contains(body, "The text is approved") {
		t.Errorf("approved: %s", clip(body))
	}
	_, body = v.post(room+"/notices/"+notice.ID, url.Values{"do": {"send"}, "reference": {"DPC-9"}})
	if !strings.Contains(body, "sealed with its hash") || !strings.Contains(body, "in time") {
		t.Errorf("sent: %s", clip(body))
	}
	for _, action := range []string{"eradicate", "recover", "learn"} {
		v.post(room+"/phase", url.Values{"action": {action}})
	}
	cause := &isms.RootCause{Base: isms.Base{Title: "No second factor"}, IncidentID: strings.TrimPrefix(room, "/incidents/"), Role: "root", Category: "technology", Evidence: "The log of the gateway."}
	w.must(w.App.Save(w.admin(), cause))
	_, err := w.App.Do(w.admin(), isms.RootCauses, cause.ID, "confirm", 0, kind.Input{})
	w.must(err)
	_, body = v.post(room+"/phase", url.Values{"action": {"close"}, "lessons": {"Test the restore."}})
	if !strings.Contains(body, "Open for") {
		t.Errorf("the incident is not closed:\n%s", clip(body))
	}
	if status, pdf := v.get(room + "/report/pdf"); status != http.StatusOK || !strings.HasPrefix(pdf, "%PDF") {
		t.Errorf("the report: %d", status)
	}
}

func (w *world) notice(t *testing.T, clock string) *isms.Notification {
	t.Helper()
	list, err := app.Of[isms.Notification](w.App, isms.Notifications).All(w.admin(), kind.Query{}.Where("clock", clock).With("due_at", kind.More, w.Clock.Now().Format(time.RFC3339)))
	w.must(err)
	if len(list) != 1 {
		t.Fatalf("%d messages of the clock %s", len(list), clock)
	}
	return list[0]
}

func TestTwoPeopleInTheRoomDoNotOverwriteEachOther(t *testing.T) {
	w, v, room := roomWorld(t)
	id := strings.TrimPrefix(room, "/incidents/")
	inc, err := app.Of[isms.Incident](w.App, isms.Incidents).Get(w.admin(), id)
	w.must(err)
	inc.DataSubjects = 40
	w.must(w.App.Save(w.admin(), inc))
	_, body := v.post(room+"/facts", url.Values{"data_subjects": {"70"}, "seen_data_subjects": {"0"}, "card_data": {"false", "true"}, "seen_card_data": {"false"}})
	if !strings.Contains(body, "People affected is now “40”") {
		t.Errorf("the second is not told what the first wrote:\n%s", clip(body))
	}
	_, body = v.post(room+"/facts", url.Values{"data_subjects": {"0"}, "seen_data_subjects": {"0"}, "card_data": {"false", "true"}, "seen_card_data": {"false"}})
	if !strings.Contains(body, "The facts are kept") {
		t.Errorf("what only one of them changed is refused:\n%s", clip(body))
	}
	if inc, err = app.Of[isms.Incident](w.App, isms.Incidents).Get(w.admin(), id); err != nil || inc.DataSubjects != 40 || !inc.CardData {
		t.Errorf("people %d, cards %t, %v", inc.DataSubjects, inc.CardData, err)
	}
	_, body = v.post(room+"/phase", url.Values{"action": {"contain"}, "version": {"1"}})
	if !strings.Contains(body, "changed this incident") {
		t.Errorf("a stale page moves the phase:\n%s", clip(body))
	}
}

func TestAuditorsReadTheRoomAndStaffDoesNotFindIt(t *testing.T) {
	w, _, room := roomWorld(t)
	w.join("audit@example.org", "auditor")
	w.join("staff@example.org", "staff")
	audit, staff := w.as("audit@example.org"), w.as("staff@example.org")
	if body := audit.sees(room, "Timeline", "Blast radius"); strings.Contains(body, "Write it down") || strings.Contains(body, "Keep the facts") {
		t.Error("an auditor is offered to write")
	}
	for _, v := range []*visitor{audit, staff} {
		for _, path := range []string{"/phase", "/notes", "/facts", "/roles"} {
			if status, _ := v.post(room+path, url.Values{"action": {"contain"}, "what": {"x"}}); status != http.StatusNotFound {
				t.Errorf("POST %s: %d", path, status)
			}
		}
		if status, _ := v.post("/response/declare", url.Values{"title": {"x"}}); status != http.StatusNotFound {
			t.Errorf("declares an incident: %d", status)
		}
	}
	if status, _ := staff.get("/response"); status != http.StatusNotFound {
		t.Errorf("staff sees the incident rooms: %d", status)
	}
}

var receiptText = regexp.MustCompile(`[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}`)

func TestStaffReportsSomethingOddAndReadsTheAnswer(t *testing.T) {
	w, lead, _ := roomWorld(t)
	w.join("staff@example.org", "staff")
	staff := w.as("staff@example.org")
	staff.sees("/report", "What did you notice?", "Without my name")
	status, body := staff.upload("/report", "screen.txt", "a picture", "what", "My screen showed a strange window.", "category", "system", "anonymous", "false", "anonymous", "true")
	receipt := receiptText.FindString(body)
	if status != http.StatusCreated || receipt == "" {
		t.Fatalf("reported: %d\n%s", status, clip(body))
	}
	if status, body := staff.upload("/report", "", "", "what", ""); status != http.StatusUnprocessableEntity || !strings.Contains(body, "in your own words") {
		t.Errorf("an empty report: %d", status)
	}
	lead.sees("/response", "My screen showed a strange window.")
	list, err := w.response.OpenConcerns(w.admin())
	w.must(err)
	c := list[len(list)-1]
	if c.ReporterID != "" || strings.Contains(c.CreatedBy, "staff") {
		t.Errorf("the report names its reporter: %q %q", c.ReporterID, c.CreatedBy)
	}
	_, err = w.App.Do(w.admin(), isms.Concerns, c.ID, "answer", 0, kind.Input{Reason: "An update of the printer."})
	w.must(err)
	if _, body := staff.post("/report/answer", url.Values{"receipt": {strings.ToLower(receipt)}}); !strings.Contains(body, "An update of the printer.") {
		t.Errorf("the answer: %s", clip(body))
	}
	if status, _ := staff.post("/report/answer", url.Values{"receipt": {"AAAA-AAAA-AAAA-AAAA"}}); status != http.StatusNotFound {
		t.Errorf("a number that nobody was given: %d", status)
	}
}

func TestVisitorsReportOnlyWhereTheDoorIsOpenAndNotWithoutEnd(t *testing.T) {
	w, _, _ := roomWorld(t)
	v := &visitor{w, &http.Client{}}
	if _, body := v.get("/report"); !strings.Contains(body, "Password") {
		t.Errorf("a visitor finds the form although nobody opened the door:\n%s", clip(body))
	}
	orgs, err := app.Of[isms.Organisation](w.App, isms.Organisations).All(w.admin(), kind.Query{})
	w.must(err)
	orgs[0].OpenReports = true
	w.must(w.App.Save(w.admin(), orgs[0]))
	v.sees("/report", "You need no account")
	if status, body := v.upload("/report", "x.txt", "hello", "what", "A file"); status != http.StatusUnprocessableEntity {
		t.Errorf("a visitor leaves a file: %d\n%s", status, clip(body))
	}
	taken, refused := 0, 0
	for range 40 {
		switch status, _ := v.upload("/report", "", "", "what", "Your site asks twice for my card number."); status {
		case http.StatusCreated:
			taken++
		case http.StatusServiceUnavailable, http.StatusTooManyRequests:
			refused++
		default:
			t.Fatalf("status %d", status)
		}
	}
	if taken == 0 || refused == 0 {
		t.Errorf("%d reports were taken and %d refused; neither may be none", taken, refused)
	}
}

func TestTheRoomHoldsLongStoriesAndMendsItself(t *testing.T) {
	w, v, room := roomWorld(t)
	id := strings.TrimPrefix(room, "/incidents/")
	for range 60 {
		_, err := w.response.WriteNote(w.admin(), id, response.Note{What: strings.Repeat("Averylongwordwithoutanyspace", 20) + " \u202e <b>bold</b>"})
		w.must(err)
	}
	s := browser.New(t)
	signIn(s, w)
	s.Emulate(browser.Dark, 390)
	s.Visit(w.url + room)
	s.WaitFor(`document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
	s.NoGraveViolations("the incident room")
	if _, part := v.part(room + "/live"); !strings.Contains(part, `id="room-now"`) || strings.Contains(part, "<form") {
		t.Error("the part that refreshes itself is missing, or holds a form that would lose what is typed")
	}
}
