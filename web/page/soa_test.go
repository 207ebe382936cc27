package page_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit/browser"
)

// governedWorld is the sample organisation with two frameworks, decided as proposed.
func governedWorld(t testing.TB) *world {
	t.Helper()
	w := sampleWorld(t)
	for _, id := range []string{"iso27001-2022", "nist-csf-2.0"} {
		out, err := w.flow.Adopt(w.admin(), id)
		w.must(err)
		_, err = w.flow.AcceptProposals(w.admin(), out.FrameworkID, "")
		w.must(err)
	}
	how := "Keys for everybody."
	var said []flow.LineDecision
	for _, code := range []string{"A.8.5", "A.5.17", "A.8.30", "A.8.13"} {
		said = append(said, flow.LineDecision{RequirementID: w.coded(code).ID, Status: isms.ApplicabilityMet, How: &how})
	}
	said[2] = flow.LineDecision{RequirementID: said[2].RequirementID, Applies: isms.AppliesNo, Reason: "All code is our own."}
	_, err := w.flow.Decide(w.admin(), "", said)
	w.must(err)
	for _, code := range []string{"A.8.8", "A.5.34", "A.8.13"} {
		w.must(w.App.Link(w.admin(), isms.Obligations, "gdpr", "detailed by", w.coded(code).ID))
	}
	_, err = w.flow.Measure(w.machine())
	w.must(err)
	return w
}

// coded is the requirement of ISO 27001 with the number.
func (w *world) coded(code string) *isms.Requirement {
	w.Helper()
	list, err := app.Of[isms.Requirement](w.App, isms.Requirements).List(w.admin(), kind.Query{Limit: 1}.Where("catalogue", "iso27001-2022/"+code))
	w.must(err)
	if len(list) == 0 {
		w.Fatalf("there is no requirement %s", code)
	}
	return list[0]
}

func (w *world) line(code string) *flow.Standing {
	w.Helper()
	st, err := w.flow.Statement(w.admin(), "")
	w.must(err)
	return st.Line(w.coded(code).ID)
}

func TestAFrameworkIsAdoptedFromTheShelfAndItsLinesStandInTheStatement(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	v.sees("/soa", "Statement of applicability", "Make disruption difficult")
	v.sees("/frameworks", "Shipped with Holdfast", "ISO/IEC 27001:2022", "Adopt")
	if status, body := v.post("/frameworks/adopt", url.Values{"framework": {"iso27001-2022"}}); status != http.StatusOK || !strings.Contains(body, "123 requirements are undecided") {
		t.Fatalf("adopting: %d\n%s", status, clip(body))
	}
	body := v.sees("/soa?framework=iso27001-2022", "A.5.1", "Proposed: yes", "Clauses 4 to 10 cannot be left out", "Undecided")
	if n := strings.Count(body, `class="soa__chapter"`); n < 10 {
		t.Errorf("%d chapters stand in the table", n)
	}
	fw := w.coded("A.5.1").FrameworkID
	v.post("/soa/decide", url.Values{"do": {"accept"}, "framework_id": {fw}, "scope_id": {""}})
	if s := w.line("A.5.1"); s.Applies() != isms.AppliesYes || s.Line.DecidedBy != w.first.ID {
		t.Errorf("decided %+v", s.Line)
	}
}

func TestALineIsEditedInPlaceWithoutScriptAndAMistakeKeepsWhatWasTyped(t *testing.T) {
	w := governedWorld(t)
	v := w.as("ada@example.org")
	id := w.coded("A.5.1").ID
	v.sees("/soa?framework=iso27001-2022&edit="+id, `action="/soa"`, "How it is met", "Proposed: ")
	line := w.line("A.5.1").Line
	form := url.Values{"requirement": {id}, "scope_id": {""}, "version": {strconv.FormatInt(line.Version, 10)}, "applies": {"no"}, "status": {"not_started"}, "reason": {""}, "how": {"typed words"}, "maturity": {"3"},
		"owner_id": {""}, "back": {"/soa?framework=iso27001-2022"}}
	status, body := v.post("/soa", form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "typed words") || !strings.Contains(body, "say why it does not apply") && !strings.Contains(body, "Say why it does not apply") {
		t.Errorf("a no without a reason: %d\n%s", status, clip(body))
	}
	if w.line("A.5.1").Applies() != isms.AppliesYes {
		t.Error("a refused form changed the line")
	}
	form.Set("applies", "yes")
	form.Set("reason", "Because we want it.")
	if status, body = v.post("/soa", form); status != http.StatusOK {
		t.Fatalf("saving: %d %s", status, clip(body))
	}
	if got := w.line("A.5.1").Line; got.How != "typed words" || got.Maturity != 3 || got.Reason != "Because we want it." {
		t.Errorf("saved %+v", got)
	}
	form.Set("how", "a second window")
	if status, body = v.post("/soa", form); status != http.StatusConflict || !strings.Contains(body, "a second window") {
		t.Errorf("an old version was taken: %d", status)
	}
}

func TestManyLinesAreDecidedAtOnceOrNoneOfThem(t *testing.T) {
	w := governedWorld(t)
	v := w.as("ada@example.org")
	a, b := w.coded("A.7.1").ID, w.coded("A.7.2").ID
	v.post("/soa/decide", url.Values{"id": {a, b}, "applies": {"no"}, "reason": {"We have no rooms."}, "scope_id": {""}})
	if w.line("A.7.1").Applies() != isms.AppliesNo || w.line("A.7.2").Applies() != isms.AppliesNo {
		t.Error("the two were not excluded")
	}
	v.sees("/soa?framework=iso27001-2022", "Select all requirements shown", `name="how"`)
	words := w.line("A.8.5").Line.How
	v.post("/soa/decide", url.Values{"id": {w.coded("A.5.1").ID, w.coded("A.5.2").ID}, "how": {"In the policy."}, "scope_id": {""}})
	v.post("/soa/decide", url.Values{"id": {w.coded("A.5.2").ID}, "applies": {"yes"}, "how": {" "}, "scope_id": {""}})
	if w.line("A.5.1").Line.How != "In the policy." || w.line("A.5.2").Line.How != "In the policy." || w.line("A.8.5").Line.How != words {
		t.Error("how they are met was not said of exactly the two, or was lost when nothing was typed")
	}
	met := w.coded("A.8.5").ID // said to be met, so it cannot be excluded
	v.post("/soa/decide", url.Values{"id": {w.coded("A.7.3").ID, met}, "applies": {"no"}, "reason": {"No."}, "scope_id": {""}})
	if w.line("A.7.3").Applies() != isms.AppliesYes || w.line("A.8.5").Applies() != isms.AppliesYes {
		t.Error("a refused decision was carried out in part")
	}
}

func TestTheGapMakesTasksOnceAndTheOtherPagesShowTheirWhy(t *testing.T) {
	w := governedWorld(t)
	v := w.as("ada@example.org")
	body := v.sees("/gap?framework=iso27001-2022", "What would turn it green", "Missing", "Frameworks and scopes side by side")
	_, rest, ok := strings.Cut(body, `name="step" value="`)
	if !ok {
		t.Fatal("no step can be chosen")
	}
	step, _, _ := strings.Cut(rest, `"`)
	for range 2 {
		v.post("/gap/tasks", url.Values{"framework": {"iso27001-2022"}, "scope": {""}, "step": {step}})
	}
	tasks, err := app.Of[isms.Task](w.App, isms.Tasks).All(w.admin(), kind.Query{}.Where("source", "gap").Where("status", "open"))
	w.must(err)
	made := 0
	for _, task := range tasks {
		if strings.HasPrefix(task.Key, "gap/") {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d tasks were made for one step", made)
	}
	v.sees("/requirements/"+w.coded("A.8.8").ID, "Why it stands where it does", "From other frameworks", "Measured")
	v.sees("/frameworks/"+w.coded("A.8.8").FrameworkID, "What it demands", "A.8.8", "Edit")
	v.sees("/crosswalk?from=iso27001-2022&to=nist-csf-2.0", "Answered as a whole", "contains")
	v.sees("/obligations-register", "General Data Protection Regulation", "What is unmet", "A.8.8")
	v.sees("/soa?framework=iso27001-2022&since=2020-01-01&show=changed", "was not measured")
	v.sees("/soa?framework=iso27001-2022&scope=scope-rondo", "Rondo")
}

func TestAuditorsSeeTheStatementAndChangeNothingAndStaffDoNotSeeIt(t *testing.T) {
	w := governedWorld(t)
	w.join("audit@example.org", "auditor")
	w.join("staff@example.org", "staff")
	audit, staff := w.as("audit@example.org"), w.as("staff@example.org")
	body := audit.sees("/soa?framework=iso27001-2022", "A.8.30", "All code is our own.")
	if strings.Contains(body, `form="soa-bulk"`) || strings.Contains(body, "Decide") {
		t.Error("an auditor is offered to decide")
	}
	audit.sees("/frameworks", "In use")
	before, err := w.App.JournalHead(w.machine())
	w.must(err)
	for path, form := range map[string]url.Values{
		"/soa": {"requirement": {w.coded("A.5.1").ID}, "applies": {"no"}, "reason": {"x"}}, "/soa/decide": {"id": {w.coded("A.5.1").ID}, "applies": {"no"}, "reason": {"x"}},
		"/frameworks/adopt": {"framework": {"dora"}}, "/gap/tasks": {"framework": {"iso27001-2022"}, "step": {"scan"}},
	} {
		for _, who := range []*visitor{audit, staff} {
			if status, _ := who.post(path, form); status != http.StatusNotFound {
				t.Errorf("POST %s: status %d", path, status)
			}
		}
	}
	for _, path := range []string{"/soa", "/gap", "/frameworks", "/crosswalk", "/obligations-register"} {
		if status, _ := staff.get(path); status != http.StatusNotFound {
			t.Errorf("staff opened %s: status %d", path, status)
		}
	}
	if after, err := w.App.JournalHead(w.machine()); err != nil || after != before {
		t.Errorf("something was written: %d entries, %v", after-before, err)
	}
}

// governance are the pages of this part, for pictures and accessibility.
func governance(w *world) map[string]string {
	edit := w.coded("A.5.15").ID
	return map[string]string{
		"frameworks": "/frameworks", "framework": "/frameworks/" + w.coded("A.5.1").FrameworkID, "soa": "/soa?framework=iso27001-2022&since=2026-03-01", "soa-edit": "/soa?framework=iso27001-2022&q=A.5.1&edit=" + edit,
		"gap": "/gap?framework=iso27001-2022", "requirement": "/requirements/" + w.coded("A.8.8").ID, "crosswalk": "/crosswalk?from=iso27001-2022&to=nist-csf-2.0", "duties": "/obligations-register",
	}
}

func TestThePagesOfGovernanceAreAccessibleInBothThemes(t *testing.T) {
	w := governedWorld(t)
	s := browser.New(t)
	signIn(s, w)
	for name, path := range governance(w) {
		s.Accessible(name, w.url+path, nil)
	}
	for _, p := range s.Problems() {
		t.Errorf("the browser complains: %s", p)
	}
}

func TestALongStatementHasPagesThatEndWithAChapter(t *testing.T) {
	w := governedWorld(t)
	_, err := w.flow.Adopt(w.admin(), "asvs-5.0")
	w.must(err)
	v := w.as("ada@example.org")
	v.sees("/soa?framework=iso27001-2022", "A.5.1", "A.8.34") // one piece
	v.sees("/soa?framework=asvs-5.0", "of <span class=\"number\">345", "page=2")
	_, first := v.get("/soa?framework=asvs-5.0")
	_, second := v.get("/soa?framework=asvs-5.0&page=2")
	if strings.Count(first, `id="r-`)+strings.Count(second, `id="r-`) > 2*130 || strings.Count(second, `id="r-`) == 0 {
		t.Errorf("%d and %d lines on the first two pages", strings.Count(first, `id="r-`), strings.Count(second, `id="r-`))
	}
	list, err := app.Of[isms.Requirement](w.App, isms.Requirements).List(w.admin(), kind.Query{Sort: "-position", Limit: 1}.With("catalogue", kind.Contains, "asvs-5.0/").Where("chapter", "false"))
	w.must(err)
	last := list[0]
	v.sees("/soa?framework=asvs-5.0&edit="+last.ID, "soa__edit", last.Title) // on whatever page it is
	v.sees("/soa?framework=asvs-5.0&page=99", last.Title)
}

func TestTheRecordsCanBeDownloadedForOtherPrograms(t *testing.T) {
	w := governedWorld(t)
	v := w.as("ada@example.org")
	v.sees("/reports", "For other programs", "/oscal/poam.json")
	if status, body := v.get("/oscal/poam.json"); status != http.StatusOK || !strings.Contains(body, `"plan-of-action-and-milestones"`) {
		t.Errorf("%d %s", status, clip(body))
	}
	if status, _ := v.get("/oscal/nonsense.json"); status != http.StatusNotFound {
		t.Errorf("a document that does not exist: %d", status)
	}
}

func TestPartiesAreToldOfWithWhatMeetsTheirNeeds(t *testing.T) {
	w := governedWorld(t)
	w.as("ada@example.org").sees("/parties", "Clinics that use Rondo", "What meets it", "To be held off", "What holds them off", "Ransomware crews")
}
