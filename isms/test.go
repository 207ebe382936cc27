package isms

import (
	"cmp"

	"holdfast/kind"
)

// A Test tries out whether safeguards work: defensive, with the defenders, or
// offensive, as an attacker would. What it finds are findings and nonconformities.
type Test struct {
	Base
	Nature      TestNature `json:"nature"       isms:"required,list,filter"`
	Method      TestMethod `json:"method"       isms:"list,filter"`
	Status      TestStatus `json:"status"       isms:"list,filter"`
	OwnerID     string     `json:"owner_id"     isms:"ref=person,list,filter,label=owner" doc:"Who ordered it and answers for what follows."`
	Tester      string     `json:"tester"       isms:"search,label=by whom" doc:"Person, team or company; testers do not test their own work."`
	VendorID    string     `json:"vendor_id"    isms:"ref=vendor,filter,label=vendor"`
	Scope       Markdown   `json:"scope"        isms:"search" doc:"What is tested, and what must not be touched."`
	Rules       Markdown   `json:"rules"        isms:"label=rules of engagement" doc:"Times, means, stop word, whom to call. Who allowed it."`
	StartOn     Date       `json:"start_on"     isms:"list,filter"`
	EndOn       Date       `json:"end_on"`
	Techniques  []string   `json:"techniques"   isms:"filter" doc:"MITRE ATT&CK ids that were tried."`
	Noticed     []string   `json:"noticed"      doc:"Those of them that raised an alarm: a blind spot is the difference."`
	Findings    int        `json:"findings"     isms:"list,label=findings reported"`
	Result      TestResult `json:"result"       isms:"list,filter"`
	Summary     Markdown   `json:"summary"      isms:"search"`
	Report      string     `json:"report"       isms:"label=report (file)"`
	DetectHours float64    `json:"detect_hours" isms:"unit=hours,label=time until noticed" doc:"Negative: never noticed."`
	Cost        Range      `json:"cost"         isms:"unit=money"`
	AllowedBy   string     `json:"allowed_by"   isms:"ref=person,computed"`
	AllowedAt   Instant    `json:"allowed_at"   isms:"computed"`
	RepeatDays  int        `json:"repeat_days"  isms:"unit=days,label=repeat every"`
	NextOn      Date       `json:"next_on"      isms:"filter,label=next one"`
}

// TestNature tells from which side a test is done.
type TestNature string

// Choices lists the natures.
func (TestNature) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "defensive", Doc: "Together with those who run it: does the safeguard do what it should?"},
		{Value: "offensive", Doc: "As an attacker would: how far does one come?"},
	}
}

// TestMethod tells how a test is done.
type TestMethod string

// Choices lists the methods.
func (TestMethod) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "control_test", Label: "Test of a safeguard"}, {Value: "configuration_review"}, {Value: "code_review"}, {Value: "architecture_review"},
		{Value: "vulnerability_scan"}, {Value: "detection_test", Doc: "Does the alarm ring?"}, {Value: "penetration_test"}, {Value: "red_team"},
		{Value: "purple_team", Doc: "Attackers and defenders side by side."}, {Value: "social_engineering"}, {Value: "bug_bounty"}, {Value: "physical"},
	}
}

// TestResult tells how the tested side did.
type TestResult string

// Choices lists the results.
func (TestResult) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "open", Label: "Not known yet", Tone: "muted"}, {Value: "effective", Tone: "good"},
		{Value: "partly", Label: "Partly effective", Tone: "warn"}, {Value: "ineffective", Tone: "critical"},
	}
}

// TestStatus is where a test stands.
type TestStatus string

// Choices lists the states.
func (TestStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "planned", Tone: "info"}, {Value: "allowed", Tone: "info", Doc: "The owner agreed to scope and rules."},
		{Value: "running", Tone: "warn"}, {Value: "reported", Tone: "warn", Doc: "The results are there; what follows is not yet decided."},
		{Value: "done", Tone: "good"}, {Value: "cancelled", Tone: "muted"},
	}
}

// Tests describes the record type.
var Tests = kind.Of("test", kind.Spec[Test]{
	Group: kind.Improve, Icon: "bug", State: "status", Owner: "owner_id", Sort: "-start_on",
	Doc: "Trying out whether safeguards work, with the defenders or as an attacker would.",
	Prepare: func(t *Test) {
		t.Result = cmp.Or(t.Result, "open")
	},
	Validate: func(t *Test) error {
		return complaints(notNegative("findings", t.Findings), notNegative("repeat_days", t.RepeatDays),
			daysOrdered("end_on", t.StartOn, t.EndOn, "lies before the first day"))
	},
	Links: []kind.Link{
		{Name: "tests", To: "asset", Inverse: "tested by"},
		{Name: "tries", To: "safeguard", Inverse: "tried by"},
		{Name: "found", To: "finding", Inverse: "found by test"},
		{Name: "answers", To: "requirement", Inverse: "tested in"},
		{Name: "evidenced by", To: "evidence", Inverse: "proves test"},
	},
	Actions: []kind.Act[Test]{
		{Action: kind.Action{Name: "allow", From: []string{"planned"}, To: "allowed", Needs: kind.Approve, Doc: "Nobody attacks anything without this."},
			Do: func(t *Test, in kind.Input) error { t.AllowedBy, t.AllowedAt = in.By, in.At; return nil }},
		{Action: kind.Action{Name: "start", From: []string{"allowed"}, To: "running"}, Do: startTest},
		{Action: kind.Action{Name: "report", Label: "Results are there", From: []string{"allowed", "running"}, To: "reported"}, Do: endTest},
		{Action: kind.Action{Name: "finish", From: []string{"reported"}, To: "done", Doc: "Every result became a finding, a nonconformity or nothing, on purpose."}, Do: finishTest},
		{Action: kind.Action{Name: "cancel", From: []string{"planned", "allowed", "running"}, To: "cancelled", Reason: true}},
		{Action: kind.Action{Name: "plan", Label: "Plan again", From: []string{"cancelled", "done"}, To: "planned"}, Do: planTest},
	},
})

func startTest(t *Test, in kind.Input) error {
	t.StartOn, t.EndOn = kind.DateOf(in.At), ""
	return nil
}

func endTest(t *Test, in kind.Input) error {
	t.EndOn = kind.DateOf(in.At)
	if t.RepeatDays > 0 {
		t.NextOn = kind.DateOf(in.At.AddDate(0, 0, t.RepeatDays))
	}
	return nil
}

func finishTest(t *Test, _ kind.Input) error {
	return refuse(t.Result == "open", "result", "say whether what was tested is effective")
}

// planTest asks for permission anew: the last one was for the last time.
func planTest(t *Test, _ kind.Input) error {
	t.AllowedBy, t.AllowedAt, t.Result = "", Instant{}, "open"
	return nil
}
