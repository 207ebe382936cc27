package isms

import (
	"strings"
	"testing"
	"time"

	"holdfast/kind"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func by(reason string) kind.Input { return kind.Input{By: "ana", At: noon, Reason: reason} }

// act runs an action as the product does: the action, then preparation and validation.
func act(t *testing.T, k *kind.Kind, r kind.Record, name string, in kind.Input) error {
	t.Helper()
	a := k.Action(name)
	if a == nil {
		t.Fatalf("%s has no action %q", k.Name, name)
	}
	if err := k.Run(a, r, in); err != nil {
		return err
	}
	k.Prepare(r)
	return k.Validate(r)
}

// mustAct walks through actions none of which may fail.
func mustAct(t *testing.T, k *kind.Kind, r kind.Record, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := act(t, k, r, name, by("because")); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func mustRefuse(t *testing.T, err error, field string) {
	t.Helper()
	for _, f := range kind.FieldsOf(err) {
		if f.Field == field {
			return
		}
	}
	t.Fatalf("want a complaint about %s, got %v", field, err)
}

func TestRelationsOfAKindAreToldApartByNameInBothDirections(t *testing.T) {
	for _, k := range Kinds {
		seen := map[string]string{}
		for _, r := range Registry.Relations(k) {
			if other, twice := seen[r.Name]; twice && r.From != r.Other {
				t.Errorf("%s: %q is read towards %s and towards %s", k.Name, r.Name, other, r.Other.Name)
			}
			seen[r.Name] = r.Other.Name
		}
	}
}

func TestPreparingTwiceChangesNothing(t *testing.T) {
	for _, k := range Kinds {
		once := k.New()
		k.Prepare(once)
		twice := k.Clone(once)
		k.Prepare(twice)
		for _, f := range k.Fields {
			if !f.Equal(once, twice) {
				t.Errorf("%s: %s changes from %q to %q", k.Name, f.Name, f.Text(once), f.Text(twice))
			}
		}
	}
}

func TestAPublishedTextCannotBeChanged(t *testing.T) {
	v := &DocumentVersion{DocumentID: "d", Number: "1.0", Body: "All doors are locked."}
	DocumentVersions.Prepare(v)
	v.Body = "All doors are locked at night."
	mustAct(t, DocumentVersions, v, "submit", "approve", "publish")
	if v.Title != "Version 1.0" || v.ApprovedBy != "ana" || v.HoldsFrom != "2026-11-21" {
		t.Errorf("title %q, approved by %q, holds from %q", v.Title, v.ApprovedBy, v.HoldsFrom)
	}
	v.Body = "Doors may stay open."
	DocumentVersions.Prepare(v)
	mustRefuse(t, DocumentVersions.Validate(v), "body")
}

func TestAVersionSentBackToDraftCanBeChangedAndNeedsApprovalAgain(t *testing.T) {
	v := &DocumentVersion{DocumentID: "d", Number: "1.0", Body: "Old."}
	DocumentVersions.Prepare(v)
	mustAct(t, DocumentVersions, v, "submit", "approve", "revise")
	v.Body = "New."
	mustAct(t, DocumentVersions, v, "submit")
	if v.ApprovedBy != "" || !v.ApprovedAt.IsZero() {
		t.Error("the approval of the old text is still there")
	}
}

func TestAnEmptyVersionIsNotSentToReview(t *testing.T) {
	v := &DocumentVersion{DocumentID: "d", Number: "1.0"}
	DocumentVersions.Prepare(v)
	mustRefuse(t, act(t, DocumentVersions, v, "submit", by("")), "body")
}

func TestAnIncidentIsClosedOnlyWithItsLesson(t *testing.T) {
	i := &Incident{Severity: SeverityHigh, DeclaredAt: noon}
	i.Title = "Odd sign-in"
	Incidents.Prepare(i)
	mustAct(t, Incidents, i, "contain", "eradicate", "recover", "learn")
	mustRefuse(t, act(t, Incidents, i, "close", by("")), "lessons")
	i.Lessons = "Keys are rotated every month."
	mustAct(t, Incidents, i, "close")
	if i.Phase != IncidentClosed || i.Outcome != ResultConfirmed || i.ClosedAt.IsZero() {
		t.Errorf("phase %s, outcome %s, closed %v", i.Phase, i.Outcome, i.ClosedAt)
	}
}

func TestGoingBackToContainmentTakesBackWhatWasReached(t *testing.T) {
	i := &Incident{Severity: SeverityHigh, DeclaredAt: noon}
	i.Title = "Odd sign-in"
	Incidents.Prepare(i)
	mustAct(t, Incidents, i, "contain", "recover")
	if i.ContainedAt.IsZero() || i.EradicatedAt.IsZero() || !i.RecoveredAt.IsZero() {
		t.Errorf("contained %v, eradicated %v, recovered %v", i.ContainedAt, i.EradicatedAt, i.RecoveredAt)
	}
	mustAct(t, Incidents, i, "contain")
	if !i.ContainedAt.IsZero() || !i.EradicatedAt.IsZero() {
		t.Error("an incident that is contained again still counts as contained before")
	}
}

func TestASentNotificationCannotBeRewritten(t *testing.T) {
	n := &Notification{IncidentID: "i", Recipient: "data_protection_authority", Rule: "GDPR Art. 33"}
	Notifications.Prepare(n)
	if want := "Data protection authority, GDPR Art. 33"; n.Title != want {
		t.Errorf("title %q, want %q", n.Title, want)
	}
	mustRefuse(t, act(t, Notifications, n, "approve", by("")), "text")
	n.Text = "On Saturday a key leaked."
	mustAct(t, Notifications, n, "approve", "send")
	if !n.SentAt.Equal(noon) || n.SHA256 == "" {
		t.Errorf("sent at %v, hash %q", n.SentAt, n.SHA256)
	}
	n.Text = "Nothing happened."
	Notifications.Prepare(n)
	mustRefuse(t, Notifications.Validate(n), "text")
}

func TestAnExceptionEndsEvenWhenNobodyNamedADay(t *testing.T) {
	for name, c := range map[string]struct {
		asked, until, want Date
	}{
		"no day":                {"", "", "2027-05-21"},
		"a day that has passed": {"2026-01-01", "", "2027-05-21"},
		"the day asked for":     {"2026-12-24", "", "2026-12-24"},
		"the approver's day":    {"2026-12-24", "2026-12-01", "2026-12-01"},
	} {
		e := &Exception{SafeguardID: "s", Reason: "Old printer.", Expires: c.asked}
		e.Title = "Printer without TLS"
		Exceptions.Prepare(e)
		in := by("The printer goes in spring.")
		in.Until = c.until
		if err := act(t, Exceptions, e, "approve", in); err != nil {
			t.Fatal(err)
		}
		if e.Expires != c.want || e.DecidedBy != "ana" {
			t.Errorf("%s: expires %s, want %s; decided by %q", name, e.Expires, c.want, e.DecidedBy)
		}
	}
}

func TestAnExceptionNamesWhatItDeviatesFrom(t *testing.T) {
	mustRefuse(t, Exceptions.Validate(&Exception{Reason: "No time."}), "safeguard_id")
}

func TestARecoveryTargetCountsAsMetOnlyAfterATest(t *testing.T) {
	for _, c := range []struct {
		rto, rpo, tookHours, lostHours float64
		tested                         Date
		want                           TargetResult
	}{
		{4, 1, 0, 0, "", TargetUntested},
		{4, 1, 4, 1, "2026-11-01", TargetMet},
		{4, 1, 5, 1, "2026-11-01", TargetMissed},
		{4, 1, 3, 2, "2026-11-01", TargetMissed},
	} {
		r := &RecoveryTarget{AssetID: "a", RTO: c.rto, RPO: c.rpo, MeasuredRTO: c.tookHours, MeasuredRPO: c.lostHours, TestedOn: c.tested}
		RecoveryTargets.Prepare(r)
		if r.Result != c.want {
			t.Errorf("%+v: %s", c, r.Result)
		}
	}
	mustRefuse(t, RecoveryTargets.Validate(&RecoveryTarget{RTO: 8, MTD: 4}), "rto")
}

func TestACopyOnTheAssetItselfIsNoBackup(t *testing.T) {
	mustRefuse(t, Backups.Validate(&Backup{AssetID: "a", StoredOnID: "a"}), "stored_on_id")
}

func TestARestorePointOnHoldIsNotDeleted(t *testing.T) {
	p := &RestorePoint{BackupID: "b", TakenAt: noon, Hold: true}
	RestorePoints.Prepare(p)
	mustRefuse(t, act(t, RestorePoints, p, "expire", by("")), "hold")
}

func TestASuppressedAlertWakesUpAgain(t *testing.T) {
	a := &Alert{Severity: SeverityLow, FirstSeen: noon}
	a.Title = "Backup job signs in at night"
	Alerts.Prepare(a)
	if a.Count != 1 || !a.LastSeen.Equal(noon) {
		t.Errorf("count %d, last seen %v", a.Count, a.LastSeen)
	}
	mustAct(t, Alerts, a, "suppress")
	if a.SuppressedUntil != "2026-12-21" || a.Status != AlertSuppressed {
		t.Errorf("suppressed until %q, %s", a.SuppressedUntil, a.Status)
	}
	mustAct(t, Alerts, a, "reopen", "acknowledge")
	if a.SuppressedUntil != "" || a.OwnerID != "ana" || !a.AcknowledgedAt.Equal(noon) {
		t.Errorf("suppressed until %q, owner %q, acknowledged %v", a.SuppressedUntil, a.OwnerID, a.AcknowledgedAt)
	}
}

func TestARuleThatCannotBeReadIsNotActivated(t *testing.T) {
	r := &DetectionRule{Body: "title: x", Complaint: "line 3: unknown modifier"}
	r.Title = "x"
	DetectionRules.Prepare(r)
	mustRefuse(t, act(t, DetectionRules, r, "activate", by("")), "body")
}

func TestIndicatorsAreKeptInTheFormInWhichTheyAreLookedUp(t *testing.T) {
	for _, c := range []struct {
		kind        ThreatIndicatorType
		value, want string
		bad         bool
	}{
		{"domain", "Evil.Example.", "evil.example", false},
		{"url", "https://evil.example/Case", "https://evil.example/Case", false},
		{"address", "2001:DB8::7", "2001:db8::7", false},
		{"address", "192.0.2.300", "192.0.2.300", true},
		{"network", "192.0.2.0/24", "192.0.2.0/24", false},
		{"network", "192.0.2.0", "192.0.2.0", true},
		{"md5", "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e", false},
		{"sha256", "d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e", true},
	} {
		i := &ThreatIndicator{Type: c.kind, Value: c.value}
		ThreatIndicators.Prepare(i)
		if i.Value != c.want || i.Title != c.want {
			t.Errorf("%s %s: value %q, title %q", c.kind, c.value, i.Value, i.Title)
		}
		if err := ThreatIndicators.Validate(i); (err != nil) != c.bad {
			t.Errorf("%s %s: %v", c.kind, c.value, err)
		}
	}
}

func TestADecoyIsNotArmedWithoutAnAddressButATokenIs(t *testing.T) {
	decoy, token := &Trap{Type: "ssh"}, &Trap{Type: "web_link"}
	Traps.Prepare(decoy)
	Traps.Prepare(token)
	mustRefuse(t, act(t, Traps, decoy, "arm", by("")), "address")
	mustAct(t, Traps, token, "arm", "spring", "spring")
	if token.Hits != 2 || token.Status != TrapSprung {
		t.Errorf("%d hits, %s", token.Hits, token.Status)
	}
}

func TestATimelineEntryIsCorrectedByANewEntry(t *testing.T) {
	e := &IncidentAction{IncidentID: "i", What: "## Wrong host\n\nIt was db2.", CorrectsID: "e1"}
	IncidentActions.Prepare(e)
	if e.Type != "correction" || e.Title != "Wrong host" {
		t.Errorf("type %s, title %q", e.Type, e.Title)
	}
	if f := IncidentActions.Field("what"); !f.Immutable {
		t.Error("what happened can be rewritten")
	}
	mustRefuse(t, IncidentActions.Validate(&IncidentAction{Type: "correction"}), "corrects_id")
}

func TestACorrectiveActionIsCheckedLater(t *testing.T) {
	c := &CorrectiveAction{Action: "Rotate keys by a job."}
	CorrectiveActions.Prepare(c)
	mustAct(t, CorrectiveActions, c, "agree", "finish")
	if c.CheckOn != "2027-02-19" {
		t.Errorf("check on %s", c.CheckOn)
	}
	if err := act(t, CorrectiveActions, c, "confirm", by("")); err == nil {
		t.Error("confirmed without saying what shows it")
	}
	mustAct(t, CorrectiveActions, c, "doubt")
	if c.Rounds != 1 || c.DoneOn != "" || c.Status != "ineffective" {
		t.Errorf("%d rounds, done on %q, %s", c.Rounds, c.DoneOn, c.Status)
	}
}

func TestACauseWithoutEvidenceStaysASuspicion(t *testing.T) {
	c := &RootCause{IncidentID: "i", Explanation: "The key lay in the repository."}
	RootCauses.Prepare(c)
	mustRefuse(t, act(t, RootCauses, c, "confirm", by("")), "evidence")
	mustAct(t, RootCauses, c, "confirm")
}

func TestAnAttackNeedsPermissionEachTime(t *testing.T) {
	x := &Test{Nature: "offensive"}
	x.Title = "Penetration test of the portal"
	Tests.Prepare(x)
	if err := act(t, Tests, x, "start", by("")); kind.CodeOf(err) != kind.Conflict {
		t.Errorf("started without permission: %v", err)
	}
	mustAct(t, Tests, x, "allow", "start", "report")
	mustRefuse(t, act(t, Tests, x, "finish", by("")), "result")
	x.Result = "effective"
	mustAct(t, Tests, x, "finish", "plan")
	if x.AllowedBy != "" || x.Result != "open" {
		t.Error("the old permission still holds")
	}
}

func TestANonconformityKnowsWhereItWasFound(t *testing.T) {
	for want, n := range map[NonconformitySource]*Nonconformity{
		"audit": {AuditCheckID: "x"}, "test": {TestID: "x"}, "exercise": {ExerciseID: "x"}, "incident": {IncidentID: "x"}, "daily_work": {},
	} {
		Nonconformities.Prepare(n)
		if n.Source != want {
			t.Errorf("%s, want %s", n.Source, want)
		}
	}
}

func TestATitleIsTheFirstLineWithWords(t *testing.T) {
	long := strings.Repeat("word ", 40)
	for _, c := range []struct{ text, want string }{
		{"", ""}, {"\n\n  \n", ""}, {"# Head\nbody", "Head"}, {"- [ ] point", "[ ] point"}, {"> > said", "said"},
		{long, strings.TrimSpace(strings.Repeat("word ", 19)) + "…"},
		{strings.Repeat("ü", 150), strings.Repeat("ü", 99) + "…"},
	} {
		if got := firstLine(c.text); got != c.want {
			t.Errorf("firstLine(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	b := Base{Title: "Given by a person"}
	if entitle(&b, "Made up"); b.Title != "Given by a person" {
		t.Errorf("the title of a person was replaced by %q", b.Title)
	}
}

func TestAnImportedApprovedStatementIsSealedToo(t *testing.T) {
	m := &PlanMessage{PlanID: "p", Audience: "customers", Status: MessageApproved, Statement: "We are looking into it."}
	PlanMessages.Prepare(m)
	if err := PlanMessages.Validate(m); err != nil {
		t.Fatal(err)
	}
	m.Statement = "All is well."
	PlanMessages.Prepare(m)
	mustRefuse(t, PlanMessages.Validate(m), "statement")
	mustAct(t, PlanMessages, m, "revise", "approve")
}
