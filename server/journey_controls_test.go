package server

import (
	"bytes"
	"encoding/base64"

	"holdfast/report/pack"
	"holdfast/testkit/browser"
)

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
	j.press("#soa-bulk", "With words")
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
