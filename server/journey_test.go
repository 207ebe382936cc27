package server

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"holdfast/report/pack"
	"holdfast/testkit/browser"
)

// How long a person takes for one click and for one typed field, and how much of it
// the journey may take. Opening a page counts as two clicks: the menu and the entry.
const (
	aClick   = 4 * time.Second
	aField   = 8 * time.Second
	handTime = 15 * time.Minute
)

// A journey is a person at the browser, with everything they do counted.
type journey struct {
	*testing.T
	*browser.Session
	base           string
	clicks, fields int
}

// open goes to a page by the navigation.
func (j *journey) open(path string) {
	j.Helper()
	j.clicks += 2
	j.Visit(j.base + path)
}

// mark finds the first visible thing to press whose first line is these words, within
// the selector, and returns a selector for it.
func (j *journey) mark(within, words string) string {
	j.Helper()
	find := fmt.Sprintf(`(() => {
		document.querySelectorAll("[data-journey]").forEach(e => e.removeAttribute("data-journey"));
		const words = %s, all = [...document.querySelectorAll(%s)].flatMap(e => [...e.querySelectorAll("button, a, summary")]);
		const hit = all.find(e => e.checkVisibility() && (e.innerText.trim().split("\n")[0] === words || e.getAttribute("aria-label") === words));
		hit?.setAttribute("data-journey", "");
		return hit !== undefined;
	})()`, strconv.Quote(words), strconv.Quote(within))
	j.WaitFor(find)
	return "[data-journey]"
}

// press presses a button or a link that stays on the page.
func (j *journey) press(within, words string) {
	j.Helper()
	j.clicks++
	j.Session.Click(j.mark(within, words))
}

// follow presses a button or a link and waits for the page that it leads to. An
// action that asks once more in a dialog is pressed there too.
func (j *journey) follow(within, words string) {
	j.Helper()
	const left = `!window.journeyWasHere && document.readyState === "complete"`
	j.Eval(`window.journeyWasHere = true`)
	j.press(within, words)
	j.WaitFor(left + ` || document.querySelector("dialog[open] form")`)
	if browser.Value[bool](j.Session, `!!document.querySelector("dialog[open] form")`) {
		j.press("dialog[open]", words)
		j.WaitFor(left)
	}
	if said := browser.Value[string](j.Session, `document.querySelector("main .callout--negative, main .error-summary")?.innerText ?? ""`); said != "" {
		j.Fatalf("%q was refused: %s", words, said)
	}
}

// tick presses a box.
func (j *journey) tick(selector string) {
	j.Helper()
	j.clicks++
	j.Session.Click(selector)
}

// fill types into the field of that name; what stands there is replaced.
func (j *journey) fill(name, text string) {
	j.Helper()
	j.fields++
	field := fmt.Sprintf(`[name="%s"]:not([type=hidden])`, name)
	j.Eval(fmt.Sprintf(`(e => { e.focus(); e.select(); })(document.querySelector(%s))`, strconv.Quote(field)))
	j.Session.Type(field, text)
}

// choose takes one of the choices of the field of that name.
func (j *journey) choose(name, value string) {
	j.Helper()
	j.clicks += 2
	j.Eval(fmt.Sprintf(`(e => {
		if (![...e.options].some(o => o.value === %[2]s)) throw new Error("no such choice: " + %[2]s);
		e.value = %[2]s;
		e.dispatchEvent(new Event("change", {bubbles: true}));
	})(document.querySelector(%[1]s))`, strconv.Quote(`select[name="`+name+`"]`), strconv.Quote(value)))
}

// name types the title of a record in place of what stands there, and takes the one
// that is found.
func (j *journey) name(id, title string) {
	j.Helper()
	j.fields++
	j.Eval(fmt.Sprintf(`(e => { e.focus(); e.select(); })(document.getElementById(%s))`, strconv.Quote(id)))
	j.Session.Type("#"+id, title)
	list := "#" + id + "-options"
	j.WaitFor(fmt.Sprintf(`document.querySelector(%s)?.textContent.includes(%s)`, strconv.Quote(list+` [role=option][aria-selected=true]`), strconv.Quote(title)))
	j.Press(kb.Enter)
}

// bring uploads a file of records: chosen, reviewed and applied. Three clicks are
// those in the window in which a file is chosen.
func (j *journey) bring(name, yaml string) {
	j.Helper()
	j.open("/code")
	j.clicks += 3
	j.Eval(fmt.Sprintf(`(input => {
		const files = new DataTransfer();
		files.items.add(new File([%s], %s, {type: "application/yaml"}));
		input.files = files.files;
		input.dispatchEvent(new Event("change", {bubbles: true}));
	})(document.querySelector("input[type=file][name=file]"))`, strconv.Quote(dates(yaml)), strconv.Quote(name)))
	j.follow("#code-form", "Show what would happen")
	if !strings.Contains(j.Text("main"), "Nothing is written yet") {
		j.Fatalf("%s: the review says %s", name, j.Text("main"))
	}
	j.follow("main", "Apply")
	j.WaitFor(`document.body.innerText.includes("Applied: ")`)
}

// dates replaces {-30d} by the day thirty days ago.
func dates(text string) string {
	return regexp.MustCompile(`\{([+-]\d+)d\}`).ReplaceAllStringFunc(text, func(m string) string {
		days, err := strconv.Atoi(m[1 : len(m)-2])
		if err != nil {
			return m
		}
		return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
	})
}

// road reads the ten steps as the roadmap shows them; the page in the window stays.
// It is not a part of the journey.
func (j *journey) road() map[string]string {
	j.Helper()
	return browser.Value[map[string]string](j.Session, `fetch("/roadmap").then(r => r.text()).then(text => Object.fromEntries(
		[...new DOMParser().parseFromString(text, "text/html").querySelectorAll("[id^=isms-]")].map(e => [e.id.slice(5), e.textContent.replace(/\s+/g, " ")])))`)
}

var isDone = regexp.MustCompile(`Done ?100 ?%`)

// stands fails unless the steps named first are done and those named second are not.
func (j *journey) stands(when string, done []int, open []int) {
	j.Helper()
	road := j.road()
	for _, n := range done {
		if text := road[strconv.Itoa(n)]; !isDone.MatchString(text) {
			j.Errorf("%s: step %d is not done:\n%s", when, n, text)
		}
	}
	for _, n := range open {
		if text := road[strconv.Itoa(n)]; text == "" || isDone.MatchString(text) {
			j.Errorf("%s: step %d is done already:\n%s", when, n, text)
		}
	}
}

// TestByHandAnEmptyOrganisationReachesTheAuditPackInAQuarterOfAnHour walks from the
// link of the first start to an audit pack that proves itself, in a real browser and
// with nothing but what a person sees. Forty records are brought in files, as a
// person would; each kind of decision is taken by a press of its button.
func TestByHandAnEmptyOrganisationReachesTheAuditPackInAQuarterOfAnHour(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: the ten steps in the browser, because of -short")
	}
	began := time.Now()
	s := browser.New(t)
	link := started(t, Serve, Options{Place: Place{Data: t.TempDir()}})
	j := &journey{T: t, Session: s, base: link[:strings.Index(link, "/setup")]}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("it ended at %s", browser.Value[string](s, `location.href + "\n" + document.querySelector("main").innerText.replace(/\n+/g, "\n").slice(0, 2000)`))
		}
	})
	s.Emulate(browser.Light, 1440)

	j.setUp(link)
	j.stands("after the set-up", nil, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
	j.tickedMilestoneChangesNothing()
	j.objectives()
	j.support()
	j.scopes()
	j.risks()
	j.controls()
	j.documents()
	j.operation()
	j.open("/roadmap")
	j.stands("at the end", []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, nil)
	j.auditPack()

	for _, p := range s.Problems() {
		t.Errorf("the browser complains: %s", p)
	}
	by := time.Duration(j.clicks)*aClick + time.Duration(j.fields)*aField
	t.Logf("%d clicks and %d typed fields: %v by hand, at %v a click and %v a field; the test took %v", j.clicks, j.fields, by, aClick, aField, time.Since(began).Round(time.Second))
	if by > handTime {
		t.Errorf("by hand it takes %v, more than %v", by, handTime)
	}
}

// setUp makes the first account and answers the questions of the assistant.
func (j *journey) setUp(link string) {
	j.Helper()
	j.clicks++
	j.Visit(link)
	for _, f := range [][2]string{{"organisation", "Brightwell Software"}, {"name", "Ada Lund"}, {"email", "ada@example.org"}, {"password", "correct horse battery"}, {"again", "correct horse battery"}} {
		j.fill(f[0], f[1])
	}
	j.follow("#setup", "Begin")
	j.open("/begin")
	j.choose("sector", "software")
	j.fill("country", "IE")
	j.fill("currency", "EUR")
	j.fill("headcount", "12")
	j.follow("main", "Next: what matters most")
	j.fill("name-1", "Shop platform")
	j.fill("value-1", "200k")
	j.fill("name-2", "Orders of customers")
	j.fill("value-2", "150k")
	j.follow("main", "Next: obligations")
	j.follow("main", "Next: appetite")
	j.fill("appetite", "60k")
	j.follow("main", "Next: look and plan")
	j.follow("main", "Plan it")
}

// tickedMilestoneChangesNothing says that the milestone of step 10 was reached, which
// must not make the step done. It is not a part of the journey.
func (j *journey) tickedMilestoneChangesNothing() {
	j.Helper()
	clicks := j.clicks
	j.Visit(j.base + "/roadmap")
	j.Visit(browser.Value[string](j.Session, `document.querySelector("#isms-10 a[href^='/milestones/']").href`))
	j.press("main", "More")
	j.follow("#record-menu", "Reached")
	j.follow("#action", "Reached")
	j.stands("after its milestone was ticked", nil, []int{10})
	j.clicks = clicks
}

// approve opens a record from its list and decides on it.
func (j *journey) approve(list, title string, buttons ...string) {
	j.Helper()
	j.open(list)
	j.follow("main table", title)
	for _, b := range buttons {
		j.follow("main", b)
	}
}

// decideAll takes every row of a list and decides the same on all of them.
func (j *journey) decideAll(list, button string) {
	j.Helper()
	j.open(list)
	j.tick("[data-select-all]")
	j.follow(".bulk", button)
}

func (j *journey) objectives() {
	j.Helper()
	j.open("/people/new")
	j.fill("title", "Ben Archer")
	j.choose("employment", "external")
	j.follow("#record", "Save")

	j.open("/organisations")
	j.follow("main table", "Brightwell Software")
	j.follow("main", "Edit")
	j.fill("mission", "Small shops sell on the web without thinking about computers.")
	j.fill("crown_jewels", "The shop platform, the orders of customers, and our good name.")
	j.name("f-executive_id", "Ben Archer")
	j.follow("#record", "Save")

	j.open("/interested-parties/new")
	j.fill("title", "Shops that sell with us")
	j.choose("category", "customers")
	j.fill("needs", "The shop is open when people buy. Nobody else sees their orders.")
	j.name("f-owner_id", "Ada Lund")
	j.follow("#record", "Save")

	j.bring("1-objectives.yaml", objectivesFile)
	j.stands("before the objective is approved", nil, []int{1})
	j.approve("/objectives", "Bring the expected yearly loss within appetite", "Approve")
	j.stands("after the objective is approved", []int{1}, []int{2})
}

const objectivesFile = `kind: objective
key: loss-within-appetite
title: Bring the expected yearly loss within appetite
status: proposed
target: Below 60 000 EUR a year.
due: "{+180d}"
owner_id: ada-lund
links:
  measured by: [expected-loss]
`

func (j *journey) support() {
	j.Helper()
	j.open("/committees/new")
	j.fill("title", "Steering committee")
	j.choose("type", "steering")
	j.name("f-chair_id", "Ben Archer")
	j.fill("quorum", "1")
	j.fill("meets_every", "30")
	j.follow("#record", "Save")
	j.press("#links", "Link it to something")
	j.name("link-has-member-people", "Ben Archer")
	j.follow("#links", "Add: has member person")
	j.press("#links section", "Add")
	j.name("link-has-member-people", "Ada Lund")
	j.follow("#links", "Add: has member person")

	j.bring("2-support.yaml", supportFile)
	j.approve("/meetings", "First meeting", "Mark as held")
	j.approve("/business-cases", "Why an ISMS", "Approve")
	j.stands("before the budget is granted", nil, []int{2})
	j.approve("/budgets", "Security this year", "Approve")
	j.stands("after the budget is granted", []int{1, 2}, []int{3})
}

const supportFile = `kind: meeting
key: first
title: First meeting
committee_id: steering-committee
at: "{-1d}T10:00:00Z"
status: planned
record: Appetite, budget and business case.
links:
  attended by: [ben-archer, ada-lund]
---
kind: business_case
key: isms
title: Why an ISMS
status: submitted
sponsor_id: ben-archer
problem: A stolen key would cost us a season.
proposal: Half a day a week and 20 000 EUR a year.
---
kind: budget
key: this-year
title: Security this year
starts: "{-30d}"
ends: "{+335d}"
status: proposed
amount: 20000
hours: 300
owner_id: ben-archer
`

func (j *journey) scopes() {
	j.Helper()
	j.bring("3-scope.yaml", scopeFile)
	j.approve("/scopes", "Brightwell", "Approve")
	j.stands("before what crosses is reviewed", nil, []int{3})
	j.open("/scope")
	j.fill("reason", "Only mail passes; no orders. Sign-in has a second factor.")
	j.follow("#crossings", "Reviewed")
	j.stands("after what crosses was reviewed", []int{1, 2, 3}, []int{4})
}

const scopeFile = `kind: asset
key: shop-platform
owner_id: ada-lund
---
kind: asset
key: orders-of-customers
owner_id: ada-lund
---
kind: asset
key: mail
title: Mail
type: supplier_service
lifecycle: operating
criticality: 2
---
kind: asset_dependency
key: platform-sends-mail
asset_id: shop-platform
needs_id: mail
nature: sends_to
---
kind: scope
key: all
title: Brightwell
status: draft
statement: Making and running the shop platform.
included: The platform, its data and the people who run it.
excluded: The coffee machine; nothing depends on it.
interfaces: Shops over the web; the company that carries our mail.
sites: [Galway]
owner_id: ada-lund
review_by: "{+300d}"
links:
  includes: [shop-platform, orders-of-customers]
`

func (j *journey) risks() {
	j.Helper()
	j.bring("4-5-risks.yaml", risksFile+"---\n"+controlsFile)
	j.approve("/risks", "The shop stands still", "Confirm")
	j.stands("before the round is approved", nil, []int{4})
	j.approve("/risk-assessments", "First round", "Approve")
	j.stands("after the round is approved", []int{1, 2, 3, 4}, []int{5})
}

const risksFile = `kind: risk
key: leak@orders
title: Orders leak
asset_id: orders-of-customers
status: open
owner_id: ada-lund
treatment: reduce
events: 0.05..0.1..0.3
exposure: 0.05..0.1..0.4
impacts: [financial, reputational]
---
kind: risk
key: outage@platform
title: The shop stands still
asset_id: shop-platform
status: draft
owner_id: ada-lund
treatment: reduce
events: 0.1..0.3..1
exposure: 0.01..0.03..0.1
impacts: [operational]
---
kind: risk_assessment
key: first-round
title: First round
status: running
method: quantitative
starts: "{-10d}"
ends: "{-1d}"
lead_id: ada-lund
next_by: "{+350d}"
summary: Two estimated risks.
`

func (j *journey) controls() {
	j.Helper()
	j.decideAll("/treatments", "Approve")
	j.open("/frameworks")
	j.follow(`form:has(input[value="iso27001-2022"])`, "Adopt")
	j.stands("before anybody decides what applies", []int{4}, []int{5})
	j.open("/soa")
	j.follow("main", "Decide all as proposed")
	j.stands("before anybody says how it is met", nil, []int{5})
	j.open("/soa")
	j.tick(".soa [data-select-all]")
	j.choose("status", "planned")
	j.fill("how", "Written down by the end of the quarter, in the document that it belongs to.")
	j.follow("#soa-bulk", "Decide")
	j.stands("after it is said how each is met", []int{1, 2, 3, 4, 5}, []int{6})
}

const controlsFile = `kind: safeguard
key: mfa
title: Second factor at every sign-in
means: technical
function: preventive
principles: [compromise]
status: operating
annual_cost: 400
owner_id: ada-lund
---
kind: safeguard
key: restore-tests
title: Restores are practised and timed
means: technical
function: corrective
principles: [disruption]
status: operating
annual_cost: 600
owner_id: ada-lund
---
kind: safeguard
key: policies
title: Rules that are short and known
means: organisational
function: preventive
principles: [compromise]
status: operating
owner_id: ada-lund
---
kind: safeguard
key: physical-access
title: Doors that know who may enter
means: physical
function: preventive
principles: [compromise]
status: approved
owner_id: ada-lund
---
kind: treatment
key: leak-reduce
title: A second factor in front of the orders
risk_id: leak@orders
status: proposed
owner_id: ada-lund
due: "{+90d}"
safeguard_id: mfa
---
kind: treatment
key: outage-reduce
title: Restores in two hours
risk_id: outage@platform
status: proposed
owner_id: ada-lund
due: "{+90d}"
safeguard_id: restore-tests
`

// documents writes the set, takes one document through its life on its own page and
// the others together, and reads what everybody has to read.
func (j *journey) documents() {
	j.Helper()
	j.open("/documents")
	j.follow("main", "Write the whole set")
	j.follow("main table", "Acceptable use policy")
	j.follow("main", "Send to review")
	j.name("f-approver_id", "Ada Lund") // not the executive, who does not sign in here
	j.tick("#f-four_eyes")
	j.follow("#submit", "Send to review")
	j.follow("main", "Agree")
	j.follow("main", "Publish")
	for _, button := range []string{"Send to review", "Approve", "Publish"} {
		j.decideAll("/document-versions", button)
	}
	j.stands("before the documents are read", nil, []int{6})
	j.open("/my")
	j.clicks++
	j.Eval(`window.journeyWasHere = true`)
	j.Session.Click(`main a[href^="/my/read/"]`)
	j.WaitFor(`!window.journeyWasHere && document.readyState === "complete"`)
	for range 30 {
		if browser.Value[string](j.Session, `location.pathname`) == "/my" {
			break
		}
		j.follow("main", "I have read and accept it")
	}
	j.stands("after the documents are read", []int{1, 2, 3, 4, 5, 6}, nil)
}

// operation puts the last safeguard into operation, and brings what was taught, looked
// at and improved.
func (j *journey) operation() {
	j.Helper()
	j.stands("before the last safeguard operates", nil, []int{7, 8, 9})
	j.approve("/safeguards", "Doors that know who may enter", "Put into operation")
	j.stands("after the last safeguard operates", []int{7}, []int{8, 9, 10})
	j.bring("8-10-operation.yaml", operationFile+"---\n"+improvementFile)
	j.stands("before the minutes are approved", []int{7, 8, 10}, []int{9})
	j.approve("/management-reviews", "First review", "Approve minutes")
}

const operationFile = `kind: course
key: welcome
title: Security in your first week
type: lesson
status: offered
owner_id: ada-lund
audience: [everybody]
renew_every: 365
---
kind: assignment
key: welcome-ada
course_id: welcome
person_id: ada-lund
status: passed
due: "{-1d}"
---
kind: test
key: bait
title: A harmless bait by mail
nature: offensive
method: social_engineering
status: done
owner_id: ada-lund
start_on: "{-4d}"
end_on: "{-3d}"
result: effective
summary: It was reported.
---
kind: audit
key: internal
title: Internal audit
type: internal
status: reported
start_on: "{-3d}"
end_on: "{-2d}"
lead_id: ben-archer
extent: All of it, by sample.
conclusion: In good order for its age.
verdict: conforms
---
kind: test
key: control-tests
title: Do the safeguards work?
nature: defensive
method: control_test
status: done
owner_id: ada-lund
start_on: "{-2d}"
end_on: "{-2d}"
result: effective
summary: Sign-in without second factor refused, restore timed, door closed.
links:
  tries: [mfa, restore-tests, physical-access, policies]
---
kind: event_source
key: platform-log
title: Log of the shop platform
transport: syslog_tls
format: journald
status: active
asset_id: shop-platform
owner_id: ada-lund
---
kind: management_review
key: first-review
title: First review
status: held
held_on: "{-1d}"
chair_id: ben-archer
participants: [Ben Archer, Ada Lund]
performance: Four safeguards in operation and tried out.
decisions: Go on; certificate next year.
verdict: Suitable and young.
`

const improvementFile = `kind: improvement_cycle
key: restores
title: From believing to knowing that we can restore
phase: complete
owner_id: ada-lund
start_on: "{-9d}"
end_on: "{-1d}"
goal: A restore in two hours.
plan: Time it once.
done: Timed it.
checked: An hour and a half.
acted: Every quarter from now on.
---
kind: improvement_cycle
key: phishing
title: More people report bait
phase: plan
owner_id: ada-lund
goal: Everybody reports it.
`

// auditPack takes the pack from the page of reports and checks it with its bytes
// alone; one byte more and it does not hold.
func (j *journey) auditPack() {
	j.Helper()
	j.open("/reports")
	j.clicks++
	text := browser.Value[string](j.Session, `fetch(document.querySelector("main a[download][href$='audit-pack.zip']").href).then(r => r.ok ? r.blob() : Promise.reject(new Error("status " + r.status)))
		.then(b => new Promise(done => { const f = new FileReader(); f.onload = () => done(f.result.split(",")[1]); f.readAsDataURL(b); }))`)
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		j.Fatal(err)
	}
	v, err := pack.Verify("audit-pack.zip", bytes.NewReader(data), int64(len(data)))
	if err != nil {
		j.Fatal(err)
	}
	for _, p := range v.Problems {
		j.Errorf("the pack is not whole: %s: %s", p.Path, p.Text)
	}
	if v.Checked < 10 || v.Entries < 100 {
		j.Errorf("the pack holds %d files and %d entries of the journal", v.Checked, v.Entries)
	}
	j.Logf("the pack: %d KB, %d files, %d entries of the journal", len(data)>>10, v.Checked, v.Entries)
}
