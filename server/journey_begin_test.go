package server

import (
	"strings"
	"testing"
	"time"

	"holdfast/testkit/browser"
)

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
