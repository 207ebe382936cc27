package isms

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/kind"
)

// complaintsAbout are the fields of which the kind complains, after preparation.
func complaintsAbout(k *kind.Kind, r kind.Record) []string {
	k.Prepare(r)
	var fields []string
	for _, f := range kind.FieldsOf(k.Validate(r)) {
		fields = append(fields, f.Field)
	}
	return fields
}

func TestRecordsThatContradictThemselvesAreRefusedAtTheField(t *testing.T) {
	titled := Base{ID: "me", Title: "T"}
	cases := []struct {
		name string
		kind *kind.Kind
		rec  kind.Record
		want []string
	}{
		{"figures of appetite out of order", Appetites,
			&Appetite{Category: "overall", Posture: "open", Acceptance: 100, Wanted: 90, Capacity: 500}, []string{"appetite"}},
		{"equal figures of appetite", Appetites,
			&Appetite{Category: "overall", Posture: "open", Limit: 100, Capacity: 100}, []string{"capacity"}},
		{"negative appetite", Appetites, &Appetite{Category: "overall", Posture: "open", Acceptance: -1}, []string{"acceptance"}},
		{"ordered appetite", Appetites,
			&Appetite{Category: "overall", Posture: "open", Acceptance: 1, Tolerance: 2, Wanted: 3, Limit: 4, Capacity: 5}, nil},
		{"person with a role but no mail", People, &Person{Base: titled, Roles: Roles{"auditor"}}, []string{"email"}},
		{"person whose mail hides another", People, &Person{Base: titled, Email: "Ana <ana@example.org>"}, []string{"email"}},
		{"person who manages themselves", People, &Person{Base: titled, ManagerID: "me"}, []string{"manager_id"}},
		{"person with an invented role", People, &Person{Base: titled, Email: "a@example.org", Roles: Roles{"king"}}, []string{"roles"}},
		{"organisation in small letters", Organisations,
			&Organisation{Base: titled, Country: "de", Currency: "eur", BrandColour: "red", FiscalYearStart: 13},
			[]string{"country", "currency", "brand_colour", "fiscal_year_start"}},
		{"website with a script", Organisations, &Organisation{Base: titled, Website: "javascript:alert(1)"}, []string{"website"}},
		{"webhook with a password in its address", Webhooks, &Webhook{URL: "https://me:secret@example.org/"}, []string{"url"}},
		{"webhook to a file", Webhooks, &Webhook{URL: "file:///etc/passwd"}, []string{"url"}},
		{"requirement that is left out without a reason", Applicabilities, &Applicability{RequirementID: "r", Applies: AppliesNo}, []string{"reason"}},
		{"requirement mapped to itself", RequirementMappings, &RequirementMapping{SourceID: "r", TargetID: "r", Relation: "equal"}, []string{"target_id"}},
		{"asset that needs itself", AssetDependencies, &AssetDependency{AssetID: "a", NeedsID: "a", Nature: "calls"}, []string{"needs_id"}},
		{"loss that shrinks with time", ImpactAssessments,
			&ImpactAssessment{Process: "Sales", LossHour: kind.Exactly(100), LossWeek: kind.Exactly(50)}, []string{"loss_week"}},
		{"recovery after the point of no return", ImpactAssessments, &ImpactAssessment{Process: "Sales", RTOHours: 9, MTPDHours: 8}, []string{"rto_hours"}},
		{"health data without a permission", Processings,
			&Processing{Base: titled, Role: "controller", Purpose: "Care", Special: SpecialCategories{"health"}}, []string{"special_basis"}},
		{"data sent abroad without a basis", Processings,
			&Processing{Base: titled, Role: "controller", Purpose: "Mail", TransferCountries: []string{"US"}}, []string{"transfer_basis"}},
		{"technique that is none", ThreatVectors, &ThreatVector{Base: titled, Technique: "T15"}, []string{"technique"}},
		{"sub-technique", ThreatVectors, &ThreatVector{Base: titled, Technique: "T1566.001"}, nil},
		{"storm with an intent", ThreatActors, &ThreatActor{Base: titled, Type: "nature", Intent: 3}, []string{"intent"}},
		{"token without limits", APITokens, &APIToken{Base: titled, PersonID: "p"}, []string{"scopes"}},
		{"token for everything", APITokens, &APIToken{Base: titled, PersonID: "p", Scopes: []string{"*:*"}}, []string{"scopes"}},
		{"token from no network", APITokens, &APIToken{Base: titled, PersonID: "p", Scopes: []string{"*:read"}, Networks: []string{"home"}}, []string{"networks"}},
		{"warning on the good side", Indicators, &Indicator{Base: titled, Direction: "higher", Target: 5, Warn: 9}, []string{"warn"}},
		{"contract that ends before it starts", Contracts, &Contract{Base: titled, Type: "service", Starts: "2026-02-01", Ends: "2026-01-01"}, []string{"ends"}},
		{"groups that give an invented role", IdentityProviders,
			&IdentityProvider{Base: titled, Protocol: "oidc", Issuer: "https://id.example.org", ClientID: "c", GroupRoles: []string{"all=king"}}, []string{"group_roles"}},
		{"workspace with a path in its name", Workspaces, &Workspace{Base: titled, Slug: "../etc"}, []string{"slug"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, complaintsAbout(c.kind, c.rec)); diff != "" {
				t.Errorf("complaints (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRecordsWithoutANaturalTitleGetOne(t *testing.T) {
	cases := []struct {
		kind *kind.Kind
		rec  kind.Record
		want string
	}{
		{Measurements, &Measurement{At: noon, Value: 12.5}, "12.5 on 2026-11-21"},
		{Appetites, &Appetite{Category: "overall", Posture: "cautious"}, "Overall loss: cautious"},
		{Approvals, &Approval{Act: "accept", SubjectKind: "risk", SubjectKey: "ransomware"}, "Accept Risk, ransomware"},
		{Comments, &Comment{Text: "# First line\nmore"}, "First line"},
		{Attachments, &Attachment{FileName: "report.pdf"}, "report.pdf"},
		{RequirementMappings, &RequirementMapping{Relation: "superset", Authority: "NIST"}, "Superset, NIST"},
		{Meetings, &Meeting{At: noon}, "Meeting on 21 November 2026"},
		{Meetings, &Meeting{Base: Base{Title: "Kick-off"}, At: noon}, "Kick-off"},
	}
	for _, c := range cases {
		c.kind.Prepare(c.rec)
		if got := c.rec.GetBase().Title; got != c.want {
			t.Errorf("%s: title %q, want %q", c.kind.Name, got, c.want)
		}
	}
}

// run performs an action by name, as the waist does.
func run(k *kind.Kind, r kind.Record, action string, in kind.Input) error {
	k.Prepare(r)
	return k.Run(k.Action(action), r, in)
}

func TestApprovalNeedsItsWholeQuorumAndNobodyCountsTwice(t *testing.T) {
	a := &Approval{SubjectKind: "risk", SubjectKey: "r", Quorum: 2}
	ask := func(who string) error { return run(Approvals, a, "approve", kind.Input{By: who, At: noon}) }
	if err := ask("ana"); err != nil || a.Status != ApprovalPending {
		t.Fatalf("after one of two: %v, %s", err, a.Status)
	}
	if err := ask("ana"); kind.CodeOf(err) != kind.Conflict {
		t.Errorf("the same person agreed twice: %v", err)
	}
	if err := ask("ben"); err != nil || a.Status != ApprovalApproved || !a.DecidedAt.Equal(noon) {
		t.Errorf("after two of two: %v, %s, %s", err, a.Status, a.DecidedAt)
	}
}

func TestApprovalIsNotGivenByTheWrongPersonOrTooLate(t *testing.T) {
	cases := []struct {
		name string
		a    Approval
		by   string
		want kind.Code
	}{
		{"whoever asked, under four eyes", Approval{AskedBy: "ana", FourEyes: true}, "ana", kind.Forbidden},
		{"somebody who was not asked", Approval{ApproverID: "ben"}, "ana", kind.Forbidden},
		{"after the last day", Approval{Expires: "2026-11-20"}, "ana", kind.Conflict},
		{"the delegate", Approval{ApproverID: "ben", DelegatedTo: "ana"}, "ana", ""},
		{"on the last day", Approval{Expires: "2026-11-21"}, "ana", ""},
	}
	for _, c := range cases {
		err := run(Approvals, &c.a, "approve", kind.Input{By: c.by, At: noon})
		if kind.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want code %q", c.name, err, c.want)
		}
		if c.want != "" && (c.a.Status != ApprovalPending || c.a.ApprovedBy != nil) {
			t.Errorf("%s: the refused consent was counted", c.name)
		}
	}
}

func TestApprovalDoesNotExpireBeforeItsDay(t *testing.T) {
	a := &Approval{Expires: "2026-11-21"}
	if err := run(Approvals, a, "expire", kind.Input{At: noon}); err == nil {
		t.Error("expired on its last day")
	}
	if err := run(Approvals, a, "expire", kind.Input{At: noon.AddDate(0, 0, 1)}); err != nil || a.Status != ApprovalExpired {
		t.Errorf("the day after: %v, %s", err, a.Status)
	}
}

func TestWhoeverLeavesKeepsNoWayIn(t *testing.T) {
	p := &Person{Base: Base{Title: "Ana"}, Email: "ana@example.org", Roles: Roles{"administrator"}, PasswordHash: "x", TOTPSecret: "x",
		RecoveryHashes: []string{"x"}, LinkHash: "x", LinkExpires: noon}
	if err := run(People, p, "leave", kind.Input{By: "ben", At: noon}); err != nil {
		t.Fatal(err)
	}
	if p.Status != PersonLeft || len(p.Roles)+len(p.RecoveryHashes) > 0 || p.PasswordHash+p.TOTPSecret+p.LinkHash != "" || !p.LinkExpires.IsZero() {
		t.Errorf("something is left: %+v", p)
	}
	if !p.PasswordChanged.Equal(noon) {
		t.Error("running sessions stay valid")
	}
}

func TestRevokedTokenKeepsNoHash(t *testing.T) {
	token := &APIToken{TokenHash: "x"}
	if err := run(APITokens, token, "revoke", kind.Input{By: "ana", At: noon}); err != nil || token.TokenHash != "" || token.Status != APITokenRevoked {
		t.Errorf("%v, %+v", err, token)
	}
}

func TestHealthFollowsTheDirectionOfTheIndicator(t *testing.T) {
	cases := []struct {
		direction           IndicatorDirection
		target, warn, value float64
		want                Health
	}{
		{"lower", 5, 10, 5, HealthGood}, {"lower", 5, 10, 7, HealthWatch}, {"lower", 5, 10, 10, HealthBad},
		{"higher", 10, 5, 12, HealthGood}, {"higher", 10, 5, 7, HealthWatch}, {"higher", 10, 5, 5, HealthBad},
		{"lower", 5, 5, 6, HealthBad},
	}
	for _, c := range cases {
		i := &Indicator{Direction: c.direction, Target: c.target, Warn: c.warn, Value: c.value, MeasuredAt: noon}
		Indicators.Prepare(i)
		if i.Health != c.want {
			t.Errorf("%s is better, target %v, warning %v: %v is %s, want %s", c.direction, c.target, c.warn, c.value, i.Health, c.want)
		}
	}
	never := &Indicator{Direction: "lower", Target: 5}
	if Indicators.Prepare(never); never.Health != HealthUnknown {
		t.Errorf("an indicator that was never read is %s", never.Health)
	}
}

func TestLastDayToGiveNoticeFollowsTheEndOfTheContract(t *testing.T) {
	c := &Contract{Ends: "2026-12-31", NoticeDays: 30}
	if Contracts.Prepare(c); c.NoticeBy != "2026-12-01" {
		t.Errorf("notice by %s", c.NoticeBy)
	}
	c.Ends = ""
	if Contracts.Prepare(c); c.NoticeBy != "" {
		t.Errorf("a contract without end must be given notice by %s", c.NoticeBy)
	}
}

func TestDecisionWithoutAnOutcomeIsNotDecided(t *testing.T) {
	d := &Decision{Question: "Buy?", Status: DecisionAsked}
	in := kind.Input{By: "ana", At: noon, Reason: "cheaper"}
	if err := run(Decisions, d, "decide", in); err == nil || d.Status != DecisionAsked {
		t.Fatalf("decided without an outcome: %v, %s", err, d.Status)
	}
	d.Recommendation = "Buy."
	if err := run(Decisions, d, "decide", in); err != nil || d.Outcome != "Buy." || d.DecidedBy != "ana" {
		t.Errorf("%v, %+v", err, d)
	}
}

func TestPersonalDataIsNotUsedBeforeItIsLawful(t *testing.T) {
	p := &Processing{Role: "controller", Impact: "needed"}
	err := run(Processings, p, "begin", kind.Input{At: noon})
	var fields []string
	for _, f := range kind.FieldsOf(err) {
		fields = append(fields, f.Field)
	}
	if diff := cmp.Diff([]string{"basis", "impact"}, fields); diff != "" || p.Status != ProcessingPlanned {
		t.Errorf("%s (-want +got):\n%s", p.Status, diff)
	}
}

func TestReturnOfABusinessCaseIsLossSavedLessYearlyCost(t *testing.T) {
	b := &BusinessCase{LossBefore: 100_00, LossAfter: 30_00, AnnualCost: 20_00}
	if BusinessCases.Prepare(b); b.Return != 50_00 {
		t.Errorf("RoSI %s", b.Return)
	}
}

func TestMappingReadFromTheOtherEndIsTurnedRound(t *testing.T) {
	for relation, want := range map[MappingRelation]MappingRelation{
		MappingSubset: MappingSuperset, MappingSuperset: MappingSubset, MappingEqual: MappingEqual, MappingIntersects: MappingIntersects,
	} {
		if got := relation.Inverse(); got != want {
			t.Errorf("%s turned round is %s, want %s", relation, got, want)
		}
	}
}
