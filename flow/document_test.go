package flow_test

import (
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// company is an organisation with a lead, a director who approves, and three others.
func company(t *testing.T, s *store.Store) *world {
	t.Helper()
	w := newWorld(t, s)
	ctx := testkit.Machine()
	for _, p := range []struct {
		key, name string
		roles     []string
		as        isms.Employment
	}{
		{"lead", "Aoife Keane", []string{isms.RoleSecurityLead}, "employee"}, {"boss", "Niamh Daly", []string{isms.RoleApprover}, "employee"},
		{"dev", "Yusuf Demir", []string{isms.RoleContributor}, "employee"}, {"staff", "Ciara Walsh", []string{isms.RoleStaff}, "employee"},
		{"guest", "John McGrath", []string{isms.RoleAuditor}, "external"}, {"bot", "Nightly scan", nil, "service"},
	} {
		w.Must(w.App.Save(ctx, &isms.Person{Base: isms.Base{Key: p.key, Title: p.name}, Email: p.key + "@example.org", Employment: p.as, Status: isms.PersonActive, Roles: p.roles}))
	}
	w.Must(w.App.Save(ctx, &isms.Organisation{Base: isms.Base{Key: "org", Title: "Fernhill"}, Sector: "software", Headcount: 48, Country: "IE", Currency: "EUR", SecurityLeadID: w.Person("lead").ID, ExecutiveID: w.Person("boss").ID}))
	w.Must(w.App.Save(ctx, &isms.Asset{Base: isms.Base{Key: "db", Title: "Patient database"}, Nature: "intangible", Type: "data_set", Criticality: 5, OwnerID: w.Person("dev").ID, Value: kind.Range{Low: 1, High: 2}}))
	w.Must(w.App.Save(ctx, &isms.RecoveryTarget{AssetID: "db", RTO: 4, RPO: 0.25}))
	return w
}

// as is a context in which somebody of the company acts.
func (w *world) as(key string) access.Actor {
	p := w.Person(key)
	var roles []access.Role
	for _, r := range p.Roles {
		roles = append(roles, access.Role(r))
	}
	return access.Actor{ID: p.ID, Name: p.Title, Workspace: testkit.Workspace, Roles: roles, Via: "test"}
}

func (w *world) document(key string) *isms.Document {
	w.Helper()
	d, err := app.Of[isms.Document](w.App, isms.Documents).Get(testkit.Machine(), key)
	w.Must(err)
	return d
}

func (w *world) newest(key string) *isms.DocumentVersion {
	w.Helper()
	list, err := w.Flow.VersionsOf(testkit.Machine(), w.document(key).ID)
	w.Must(err)
	return list[0]
}

// publish takes the newest version of a document all the way.
func (w *world) publish(key string) {
	w.Helper()
	v := w.newest(key)
	_, err := w.Flow.SubmitVersion(access.With(w.Context(), w.as("lead")), v.ID, 0, flow.Consent{})
	w.Must(err)
	w.consent(v, "boss")
	_, err = w.App.Do(access.With(w.Context(), w.as("boss")), isms.DocumentVersions, v.ID, "publish", 0, kind.Input{})
	w.Must(err)
}

// consent answers the open request for consent to the version.
func (w *world) consent(v *isms.DocumentVersion, who string) {
	w.Helper()
	list, err := app.Of[isms.Approval](w.App, isms.Approvals).All(testkit.Machine(), kind.Query{}.Where("subject_key", v.Key).Where("status", "pending"))
	w.Must(err)
	for _, a := range list {
		_, err := w.App.Do(access.With(w.Context(), w.as(who)), isms.Approvals, a.ID, "approve", 0, kind.Input{Reason: "reads well"})
		w.Must(err)
	}
}

func TestASetOfDocumentsIsWrittenFromTheOrganisationsOwnData(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := company(t, s)
		lead := access.With(t.Context(), w.as("lead"))
		list, err := w.Flow.WriteDocuments(lead)
		w.Must(err)
		if len(list) < 18 {
			t.Fatalf("%d documents were written", len(list))
		}
		v := w.newest("access-control")
		for _, want := range []string{"Fernhill", "Patient database", "Yusuf Demir", "Aoife Keane"} {
			if !strings.Contains(string(v.Body), want) {
				t.Errorf("the policy does not name %q", want)
			}
		}
		if got := string(w.newest("backup").Body); !strings.Contains(got, "4 hours") || !strings.Contains(got, "15 minutes") {
			t.Error("the backup policy does not state the recovery targets")
		}
		if got := string(w.newest("data-protection").Body); !strings.Contains(got, "the law of Ireland") {
			t.Error("the data protection policy names a code, not the country")
		}
		d := w.document("access-control")
		if d.OwnerID != w.Person("lead").ID || d.ApproverID != w.Person("boss").ID || d.Template != "access-control" || v.Status != isms.VersionDraft {
			t.Errorf("document %+v, version %s", d, v.Status)
		}
		length := w.JournalLength()
		list, err = w.Flow.WriteDocuments(lead)
		w.Must(err)
		for _, one := range list {
			if one.What != flow.DocumentUnchanged {
				t.Errorf("%s is %s although nothing changed", one.Template, one.What)
			}
		}
		if again := w.JournalLength(); again != length {
			t.Errorf("a second time wrote %d journal entries", again-length)
		}
	})
}

func TestDocumentsAreNotWrittenByWhoMayNot(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := company(t, s)
		for _, who := range []access.Role{access.Auditor, access.Staff, access.Contributor, access.Approver} {
			_, err := w.Flow.WriteDocument(testkit.As(who), "backup")
			w.Refuses(kind.Forbidden, string(who)+" writes", err)
			_, err = w.Flow.StartCampaign(testkit.As(who), flow.Campaign{Name: "x", Documents: []string{"backup"}})
			w.Refuses(kind.Forbidden, string(who)+" starts a campaign", err)
		}
		_, err := w.Flow.WriteDocument(access.With(t.Context(), w.as("lead")), "backup")
		w.Must(err)
		_, err = w.App.Get(testkit.In("elsewhere", access.Administrator), isms.Documents, "backup")
		w.Refuses(kind.NotFound, "another workspace reads", err)
		_, err = w.Flow.SubmitVersion(testkit.In("elsewhere", access.Administrator), w.newest("backup").ID, 0, flow.Consent{})
		w.Refuses(kind.NotFound, "another workspace submits", err)
		_, err = w.Flow.WriteDocument(access.With(t.Context(), w.as("lead")), "no-such")
		w.Refuses(kind.NotFound, "an unknown template", err)
	})
}

func TestWhatPeopleEditedSurvivesANewProposal(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := company(t, s)
		lead := access.With(t.Context(), w.as("lead"))
		_, err := w.Flow.WriteDocument(lead, "access-control")
		w.Must(err)
		v := w.newest("access-control")
		edited := strings.Replace(string(v.Body), "## Purpose\n", "## Purpose\n\nOur own sentence, which stays.\n", 1)
		v.Body = isms.Markdown(edited)
		w.Must(w.App.Save(lead, v))
		w.publish("access-control")

		asset, err := app.Of[isms.Asset](w.App, isms.Assets).Get(lead, "db")
		w.Must(err)
		asset.Title = "Register of patients"
		w.Must(w.App.Save(lead, asset))
		w.Clock.Advance(time.Hour)
		out, err := w.Flow.WriteDocument(lead, "access-control")
		w.Must(err)
		if out.What != flow.DocumentProposed || out.Version.Status != isms.VersionDraft || out.Version.Number != "1.1" {
			t.Fatalf("%s, %s %s", out.What, out.Version.Number, out.Version.Status)
		}
		body := string(out.Version.Body)
		if !strings.Contains(body, "Our own sentence, which stays.") || !strings.Contains(body, "Register of patients") || strings.Contains(body, "Patient database") {
			t.Error("the proposal lost an edit or does not bring the change")
		}
		if d := flow.Compare(out.Before, body); d.Added != 1 || d.Removed != 1 {
			t.Errorf("the difference is %d added, %d removed", d.Added, d.Removed)
		}
		if got := w.document("access-control"); got.Status != isms.DocumentPublished || got.Number != "1.0" {
			t.Errorf("the published document became %s %s", got.Status, got.Number)
		}
		out, err = w.Flow.WriteDocument(lead, "access-control")
		w.Must(err)
		if out.What != flow.DocumentUnchanged {
			t.Errorf("proposed twice: %s", out.What)
		}
	})
}

func TestAVersionLivesFromDraftToWithdrawal(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := company(t, s)
		lead, boss := access.With(t.Context(), w.as("lead")), access.With(t.Context(), w.as("boss"))
		_, err := w.Flow.WriteDocument(lead, "backup")
		w.Must(err)
		v, err := w.Flow.SubmitVersion(lead, w.newest("backup").ID, 0, flow.Consent{Quorum: 2, FourEyes: true})
		w.Must(err)
		if v.SHA256 == "" || w.document("backup").Status != isms.DocumentInReview {
			t.Errorf("in review: hash %q, document %s", v.SHA256, w.document("backup").Status)
		}
		v.Body = "something else"
		w.Refuses(kind.Invalid, "a text under review is changed", w.App.Save(lead, v))
		_, err = w.App.Do(boss, isms.DocumentVersions, v.ID, "approve", 0, kind.Input{})
		w.Refuses(kind.Conflict, "approved past the quorum", err)
		w.consent(v, "boss")
		if got := w.newest("backup").Status; got != isms.VersionInReview {
			t.Errorf("one of two consents made it %s", got)
		}
		second := w.as("boss")
		second.ID, second.Name = w.Person("dev").ID, "Yusuf Demir"
		list, err := app.Of[isms.Approval](w.App, isms.Approvals).All(lead, kind.Query{})
		w.Must(err)
		asker := w.as("lead")
		asker.Roles = append(asker.Roles, access.Approver)
		_, err = w.App.Do(access.With(t.Context(), asker), isms.Approvals, list[0].ID, "approve", 0, kind.Input{})
		w.Refuses(kind.Forbidden, "whoever asked agrees under four eyes", err)
		_, err = w.App.Do(access.With(t.Context(), second), isms.Approvals, list[0].ID, "approve", 0, kind.Input{Reason: "fine"})
		w.Must(err)
		if got := w.newest("backup"); got.Status != isms.VersionApproved || w.document("backup").Status != isms.DocumentApproved {
			t.Errorf("after the quorum the version is %s, the document %s", got.Status, w.document("backup").Status)
		}
		_, err = w.App.Do(lead, isms.DocumentVersions, v.ID, "publish", 0, kind.Input{})
		w.Refuses(kind.Forbidden, "the lead publishes", err)
		_, err = w.App.Do(boss, isms.DocumentVersions, v.ID, "publish", 0, kind.Input{})
		w.Must(err)
		if d := w.document("backup"); d.Status != isms.DocumentPublished || d.Number != "1.0" || d.ReviewBy <= kind.DateOf(w.Clock.Now()) {
			t.Errorf("published: %s %s, review by %s", d.Status, d.Number, d.ReviewBy)
		}
		w.Clock.Advance(time.Hour)
		next, err := w.Flow.Revise(lead, "backup")
		w.Must(err)
		if same, err := w.Flow.Revise(lead, "backup"); err != nil || same.ID != next.ID {
			t.Errorf("a second draft beside the first: %v", err)
		}
		next.Body += "\nOne more line.\n"
		w.Must(w.App.Save(lead, next))
		w.publish("backup")
		list2, err := w.Flow.VersionsOf(lead, w.document("backup").ID)
		w.Must(err)
		if list2[0].Status != isms.VersionPublished || list2[1].Status != isms.VersionSuperseded || w.document("backup").Number != "1.1" {
			t.Errorf("1.1 is %s, 1.0 is %s", list2[0].Status, list2[1].Status)
		}
		_, err = w.App.Do(boss, isms.Documents, "backup", "withdraw", 0, kind.Input{Reason: "no backups any more"})
		w.Must(err)
		if got := w.newest("backup").Status; got != isms.VersionSuperseded {
			t.Errorf("the version of a withdrawn document is %s", got)
		}
	})
}

func TestNoDoorLeadsPastTheNamedApprover(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := company(t, s)
		lead := access.With(t.Context(), w.as("lead"))
		_, err := w.Flow.WriteDocument(lead, "backup")
		w.Must(err)
		v := w.newest("backup")
		_, err = w.App.Do(lead, isms.DocumentVersions, v.ID, "submit", 0, kind.Input{}) // as the bulk buttons, the API and the command line do
		w.Must(err)
		asked, err := app.Of[isms.Approval](w.App, isms.Approvals).All(lead, kind.Query{}.Where("subject_key", v.Key))
		w.Must(err)
		if len(asked) != 1 || asked[0].ApproverID != w.Person("boss").ID || asked[0].AskedBy != w.Person("lead").ID {
			t.Fatalf("the generic door asked %+v, not the approver of the document", asked)
		}
		other := w.as("boss")
		other.ID, other.Name = w.Person("dev").ID, "Yusuf Demir"
		stranger := access.With(t.Context(), other)
		_, err = w.App.Do(stranger, isms.DocumentVersions, v.ID, "approve", 0, kind.Input{})
		w.Refuses(kind.Conflict, "approved while the approver is asked", err)
		_, err = w.App.Do(lead, isms.Approvals, asked[0].ID, "withdraw", 0, kind.Input{Reason: "too slow"})
		w.Must(err)
		_, err = w.App.Do(stranger, isms.DocumentVersions, v.ID, "approve", 0, kind.Input{})
		w.Refuses(kind.Forbidden, "approved past an approver who was never heard", err)
		_, err = w.Flow.PublishDocument(stranger, "backup")
		w.Refuses(kind.Forbidden, "published past an approver who was never heard", err)
		if got := w.newest("backup").Status; got != isms.VersionInReview {
			t.Errorf("the version is %s", got)
		}
		_, err = w.Flow.PublishDocument(access.With(t.Context(), w.as("boss")), "backup")
		w.Must(err)
		if got := w.newest("backup").Status; got != isms.VersionPublished {
			t.Errorf("the approver published, yet it is %s", got)
		}
	})
}

func TestARefusalSendsTheVersionBackToDraft(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := company(t, s)
		lead := access.With(t.Context(), w.as("lead"))
		_, err := w.Flow.WriteDocument(lead, "backup")
		w.Must(err)
		v, err := w.Flow.SubmitVersion(lead, w.newest("backup").ID, 0, flow.Consent{})
		w.Must(err)
		list, err := app.Of[isms.Approval](w.App, isms.Approvals).All(lead, kind.Query{})
		w.Must(err)
		_, err = w.App.Do(access.With(t.Context(), w.as("boss")), isms.Approvals, list[0].ID, "decline", 0, kind.Input{Reason: "who pays?"})
		w.Must(err)
		got := w.newest("backup")
		if got.Status != isms.VersionDraft || got.SHA256 != "" || got.Remarks != "who pays?" || w.document("backup").Status != isms.DocumentDraft {
			t.Errorf("version %s %q, document %s", got.Status, got.Remarks, w.document("backup").Status)
		}
		got.Body += "\nThe company pays.\n"
		w.Must(w.App.Save(lead, got))
		w.publish("backup")
		if w.newest("backup").ID != v.ID || w.newest("backup").Status != isms.VersionPublished {
			t.Error("after the correction it could not be published")
		}
	})
}
