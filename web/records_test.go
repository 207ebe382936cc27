package web_test

import (
	"net/http"
	"strings"
	"testing"

	"holdfast/isms"
	"holdfast/kind"
)

// read returns the record as it is stored.
func read[T kind.Record](s *site, k *kind.Kind, id string) T {
	s.t.Helper()
	r, err := s.world.App.Get(s.ctx, k, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return r.(T)
}

func (s *site) risk(title string) *isms.Risk {
	s.t.Helper()
	r := &isms.Risk{Base: isms.Base{Title: title}}
	s.save(r)
	return r
}

func TestARecordIsMadeThroughItsForm(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		m := s.samples()
		v := s.as("ada@example.org")
		v.get("/risks/new?asset_id="+m.booking.ID).is(http.StatusOK).shows("Booking service", "Save and add another")
		v.post("/risks", "title", "Flood in the cellar", "asset_id", m.booking.ID, "status", "open", "description", "Water\r\nrises.",
			"exposure_low", "0.1", "exposure_likely", "0.2", "exposure_high", "0.5", "events_likely", "0.25", "asset_value_low", "£ 1,000", "asset_value_high", "2 000",
			"impact_level", "4", "impacts", "", "impacts", "financial", "impacts", "legal", "review_by", "2026-09-01", "labels", "cellar, water").
			leadsTo("/risks/flood-in-the-cellar")
		r := read[*isms.Risk](s, isms.Risks, "flood-in-the-cellar")
		if r.Exposure != (kind.Range{Low: .1, Likely: .2, High: .5}) || r.Events != kind.Exactly(.25) || r.AssetValue != (kind.Range{Low: 1000, High: 2000}) || r.ImpactLevel != 4 ||
			strings.Join(r.Impacts, " ") != "financial legal" || r.AssetID != m.booking.ID || r.ReviewBy != "2026-09-01" || strings.Join(r.Labels, " ") != "cellar water" || r.Description != "Water\nrises." {
			t.Errorf("stored: %+v", r)
		}
		v.get("/risks/flood-in-the-cellar").is(http.StatusOK).shows("Flood in the cellar", "is saved", "10 % to 50 %, likely 20 %", "£1,000 to £2,000", "4 high", "1 Sep 2026", "Booking service", "cellar")
		v.get("/risks/flood-in-the-cellar").hides("is saved")
		v.post("/risks", "title", "Another", "then", "another").leadsTo("/risks/new")
	})
}

func TestAFormWithMistakesKeepsWhatWasTypedAndSaysWhereTheyAre(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		v := s.as("ada@example.org")
		r := v.post("/risks", "title", "", "description", "typed at length <b>", "exposure_low", "a lot", "exposure_high", "2", "review_by", "soon", "asset_id", "no-such-asset").
			is(http.StatusUnprocessableEntity).shows("Nothing was saved", "typed at length &lt;b&gt;", `value="a lot"`, `value="soon"`, "is not a date", "is not a range")
		r.hides("<b>")
		v.post("/risks", "title", "", "exposure_low", "1", "exposure_high", "2", "asset_id", "no-such-asset").is(http.StatusUnprocessableEntity).shows("is required", "between 0 and 1")
		v.post("/risks", "title", "Dangling", "asset_id", "no-such-asset").is(http.StatusUnprocessableEntity).shows("no asset", `value="no-such-asset"`)
		v.post("/risks", "title", "First", "key", "taken").leadsTo("/risks/taken")
		v.post("/risks", "title", "Second", "key", "taken").is(http.StatusUnprocessableEntity).shows("exists already", `value="Second"`)
		s.nothingCalled(isms.Risks, "Dangling")
		s.nothingCalled(isms.Risks, "Second")
	})
}

func TestAFormNeitherSetsWhatTheProductWritesNorWhatTakesAnAction(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		r := s.risk("Quiet one")
		v := s.as("ada@example.org")
		v.post(path(isms.Risks, r), "title", "Quiet one", "version", "1", "loss_now", "5", "status", "closed", "accepted_by", s.admin.ID, "created_by", "nobody", "workspace", "ws-other").is(http.StatusSeeOther)
		if got := read[*isms.Risk](s, isms.Risks, r.ID); got.LossNow != 0 || got.Status != "draft" || got.AcceptedBy != "" || got.CreatedBy != "Ada Admin" {
			t.Errorf("stored: %+v", got)
		}
		bob := s.person("bob@example.org", "contributor")
		as := s.as("bob@example.org")
		as.get(path(isms.People, bob)+"/edit").isOneOf(http.StatusForbidden, http.StatusOK).hides(`name="roles"`)
		as.post(path(isms.People, bob), "title", "bob", "version", "2", "roles", "administrator").is(http.StatusForbidden)
		if got := read[*isms.Person](s, isms.People, bob.ID); strings.Join(got.Roles, " ") != "contributor" {
			t.Errorf("bob made himself %v", got.Roles)
		}
	})
}

func TestTheSecondOfTwoEditorsKeepsTheirTextAndSeesTheOthers(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		m := s.samples()
		s.person("bob@example.org", "security_lead")
		one, two := s.as("ada@example.org"), s.as("bob@example.org")
		at := path(isms.Risks, m.fraud)
		one.get(at + "/edit").shows(`name="version" value="1"`)
		one.post(at, "title", "Invoice fraud, by Ada", "owner_id", m.jonas.ID, "scenario", "from the catalogue", "version", "1").leadsTo(at)

		// Bob still sees version 1. He changes the title and the review date.
		conflict := two.post(at, "title", "Invoice fraud, by Bob", "owner_id", m.mira.ID, "review_by", "2026-12-24", "scenario", "", "version", "1").is(http.StatusConflict).
			shows("Ada Admin changed this risk while you were writing", `value="Invoice fraud, by Bob"`, "Invoice fraud, by Ada", "Invoice fraud by a forged mail", `value="2026-12-24"`, `name="version" value="2"`)
		conflict.shows(`data-display="Jonas Weber"`, `value="from the catalogue"`) // what only Ada changed is taken
		if got := read[*isms.Risk](s, isms.Risks, m.fraud.ID); got.Title != "Invoice fraud, by Ada" {
			t.Errorf("the first text was lost: %q", got.Title)
		}
		two.post(at, "title", "Invoice fraud, by Bob", "owner_id", m.jonas.ID, "scenario", "from the catalogue", "review_by", "2026-12-24", "version", "2").leadsTo(at)
		if got := read[*isms.Risk](s, isms.Risks, m.fraud.ID); got.Title != "Invoice fraud, by Bob" || got.OwnerID != m.jonas.ID || got.ReviewBy != "2026-12-24" {
			t.Errorf("stored: %+v", got)
		}
	})
}

func TestDeletedAndThenRestored(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		r := s.risk("Short-lived")
		v := s.as("ada@example.org")
		v.post(path(isms.Risks, r) + "/delete").leadsTo("/risks")
		v.get("/risks").shows("is in the bin", "Undo", `action="/risks/`+r.ID+`/restore"`).hides(`data-row="` + r.ID)
		v.get("/risks?deleted=true").shows("Short-lived", "Restore")
		v.get(path(isms.Risks, r)).is(http.StatusOK).shows("lies in the bin", "Restore").hides("/edit\"", "Accept risk")
		v.post(path(isms.Risks, r), "title", "Changed in the bin", "version", "2").is(http.StatusUnprocessableEntity).shows("restore it first")
		v.post(path(isms.Risks, r) + "/do/confirm").is(http.StatusUnprocessableEntity)
		v.post("/risks/" + r.ID + "/restore").leadsTo(path(isms.Risks, r))
		v.get("/risks").shows("Short-lived")
		if got := read[*isms.Risk](s, isms.Risks, r.ID); got.Title != "Short-lived" || got.Status != "draft" {
			t.Errorf("stored: %+v", got)
		}
	})
}

func TestADecisionNeedsAReasonAndTheRight(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		r := s.risk("To be borne")
		s.person("bob@example.org", "contributor")
		at := path(isms.Risks, r)
		bob := s.as("bob@example.org")
		bob.get(at).is(http.StatusOK).shows("Confirm").hides("Accept risk", "do/close")
		bob.get(at + "/do/accept").is(http.StatusForbidden)
		bob.post(at+"/do/accept", "reason", "I say so").is(http.StatusForbidden)

		v := s.as("ada@example.org")
		v.get(at).shows("Accept risk", `id="do-accept"`, at+"/do/accept")
		v.get(at+"/do/accept").is(http.StatusOK).shows("bears it knowingly", `name="until"`, `name="reason"`)
		v.post(at+"/do/accept", "reason", " ", "until", "2026-12-31").is(http.StatusUnprocessableEntity).shows("say why", `value="2026-12-31"`)
		v.post(at+"/do/accept", "reason", "Cheaper than the cure", "until", "next year").is(http.StatusUnprocessableEntity).shows("Cheaper than the cure", "is not a date")
		v.post(at+"/do/accept", "reason", "Cheaper than the cure", "version", "9").is(http.StatusUnprocessableEntity).shows("Cheaper than the cure")
		v.post(at+"/do/no-such-action", "reason", "x").is(http.StatusNotFound)
		if got := read[*isms.Risk](s, isms.Risks, r.ID); got.Status != "draft" || got.Version != 1 {
			t.Fatalf("accepted after all: %+v", got)
		}
		v.post(at+"/do/accept", "reason", "Cheaper than the cure", "until", "2026-12-31", "version", "1").leadsTo(at)
		if got := read[*isms.Risk](s, isms.Risks, r.ID); got.Status != "accepted" || got.AcceptedUntil != "2026-12-31" || got.AcceptedBy != s.admin.ID {
			t.Errorf("stored: %+v", got)
		}
		v.get(at).shows("Accepted", "Cheaper than the cure", "31 Dec 2026")
		v.post(at + "/do/confirm").is(http.StatusUnprocessableEntity).shows("not possible while the risk is accepted")
	})
}

func TestWhoMayOnlyReadSeesNoButtonAndChangesNothing(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		m := s.samples()
		s.person("olga@example.org", "auditor")
		v := s.as("olga@example.org")
		at := path(isms.Risks, m.rdp)
		v.get("/risks").is(http.StatusOK).shows("Intruder").hides("New risk", `name="action"`, "Save view")
		v.get(at).is(http.StatusOK).shows("Second factor for administrators").hides("/edit\"", "/delete\"", "/do/", "/unlink", "/link\"", "/new?", `name="text"`)
		for _, p := range []string{"", "/delete", "/restore", "/link", "/unlink", "/comments", "/do/treat"} {
			v.post(at+p, "title", "Changed by the auditor", "version", "2", "text", "x", "reason", "x", "relation", "treated by", "other", m.backups.ID).is(http.StatusForbidden)
		}
		v.get(at + "/edit").is(http.StatusForbidden)
		v.post("/risks/bulk", "id", m.rdp.ID, "action", "delete").is(http.StatusSeeOther)
		v.get("/risks").shows("0 risks deleted", "may not delete risks")
		if got := read[*isms.Risk](s, isms.Risks, m.rdp.ID); got.Version != m.rdp.Version || got.Title != m.rdp.Title {
			t.Errorf("stored: %+v", got)
		}
	})
}

func TestLinksAreMadeAndTakenAwayFromBothEnds(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		m := s.samples()
		v := s.as("ada@example.org")
		at := path(isms.Risks, m.fraud)
		v.post(at+"/link", "relation", "treated by", "other", m.mfa.Key).leadsTo(at + "#links")
		v.get(at).shows("Linked.", "Second factor for administrators")
		v.get(path(isms.Safeguards, m.mfa)).shows("Treats", "Invoice fraud by a forged mail")
		v.post(at+"/link", "relation", "treated by", "other", "").leadsTo(at + "#links")
		v.get(at).shows("choose a record first")
		v.post(at+"/link", "relation", "no such relation", "other", m.mfa.ID).leadsTo(at + "#links")
		v.post(path(isms.Safeguards, m.mfa)+"/unlink", "relation", "treats", "other", m.fraud.ID).leadsTo(path(isms.Safeguards, m.mfa) + "#links")
		v.get(path(isms.Safeguards, m.mfa)).hides(`href="` + at + `"`)
	})
}

func TestACommentIsTextAndNeverMarkup(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		r := s.risk("Much discussed")
		v := s.as("ada@example.org")
		at := path(isms.Risks, r)
		v.post(at+"/comments", "text", "**Bold** <script>alert(1)</script> [click](javascript:alert(2)) ![x](data:text/html,x)").leadsTo(at + "#comments")
		v.get(at).shows("<strong>Bold</strong>").hides("<script>alert", "javascript:alert", "data:text/html")
		v.post("/markdown", "text", "*soft* <img src=x onerror=alert(1)>").is(http.StatusOK).shows("<em>soft</em>").hides("<img")
		v.post(at+"/comments", "text", "  ").leadsTo(at + "#comments")
		v.get(at).shows("says nothing")
		page, err := s.world.App.List(s.ctx, isms.Comments, kind.Query{})
		if err != nil || len(page.Records) != 1 {
			t.Fatalf("%d comments, %v", len(page.Records), err)
		}
		v.post("/comments/"+page.Records[0].GetBase().ID+"/do/resolve", "back", at+"#comments").leadsTo(at + "#comments")
		v.get(at).shows("Resolved")
	})
}

func TestTheHistoryTellsWhoChangedWhatAndNoSecret(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		m := s.samples()
		v := s.as("ada@example.org")
		v.get(path(isms.Risks, m.rdp)).shows("Ada Admin", "changed it", "10 % to 80 %, likely 35 %", "20 % to 80 %, likely 40 %", "4 high", "5 very high", "linked it", "Backups that cannot be altered", "and more")
		v.get("/risks/"+m.rdp.ID+"/history").is(http.StatusOK).shows("Financial", "Confidentiality").hides("and more")
		v.fragment("/risks/" + m.rdp.ID + "/history?before=3").is(http.StatusOK).hides("<html")
		hash := read[*isms.Person](s, isms.People, m.mira.ID).PasswordHash
		v.get(path(isms.People, m.mira)).is(http.StatusOK).shows("password changed").hides(hash, "argon2id")
		v.get("/people/"+m.mira.ID+"/history").is(http.StatusOK).hides(hash, "argon2id")
		v.get("/people").hides(hash)
	})
}

func TestMoneyTimeAndNumbersAreThoseOfTheOrganisation(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		m := s.samples()
		v := s.as("ada@example.org")
		v.get(path(isms.Assets, m.booking)).shows("£400,000 to £1,500,000, likely £900,000")
		o, err := s.world.App.List(s.ctx, isms.Organisations, kind.Query{})
		if err != nil {
			t.Fatal(err)
		}
		at := path(isms.Organisations, o.Records[0])
		v.post(at, "title", "Northwind", "currency", "EUR", "locale", "de-DE", "time_zone", "Asia/Tokyo", "version", "1").leadsTo(at)
		v.get(path(isms.Assets, m.booking)).shows("400.000 € to 1.500.000 €, likely 900.000 €")
		v.get(path(isms.Findings, m.rdpFinding) + "/edit").shows(`value="2026-02-21T18:00"`)
		v.post(path(isms.Findings, m.rdpFinding), "title", m.rdpFinding.Title, "severity", "critical", "first_seen", "2026-02-21T18:30", "version", "1").is(http.StatusSeeOther)
		if got := read[*isms.Finding](s, isms.Findings, m.rdpFinding.ID).FirstSeen.Format("15:04"); got != "09:30" {
			t.Errorf("half past six in Tokyo is stored as %s UTC", got)
		}
	})
}

func TestOnesOwnTaskHasButtonsAndThatOfAnotherHasNone(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		ann, sam := s.person("ann@example.org", "approver"), s.person("sam@example.org", "staff")
		hers := &isms.Task{Base: isms.Base{Title: "Sign the contract"}, AssigneeID: ann.ID}
		his := &isms.Task{Base: isms.Base{Title: "Read the policy"}, AssigneeID: sam.ID}
		s.save(hers, his)
		v := s.as("ann@example.org")
		v.get(path(isms.Tasks, hers)).is(http.StatusOK).shows(`/edit"`).hides(`name="assignee_id"`)
		v.get(path(isms.Tasks, his)).is(http.StatusOK).hides(`/edit"`, "/do/", "/link\"", "/delete\"")
		v.get(path(isms.Tasks, his) + "/edit").is(http.StatusForbidden)
		v.post(path(isms.Tasks, his), "title", "Taken over", "version", "1").is(http.StatusForbidden)
		s.nothingCalled(isms.Tasks, "Taken over")

		v = s.as("sam@example.org")
		same(t, "tasks of sam", rows(v.get("/tasks")), "Read the policy")
		v.get(path(isms.Tasks, hers)).is(http.StatusNotFound)
		v.post("/tasks", "title", "Water the plants").is(http.StatusSeeOther)
		v.post("/tasks", "title", "For Ann", "assignee_id", ann.ID).is(http.StatusSeeOther) // the field is not on his form: it becomes his own
		page, err := s.world.App.List(s.ctx, isms.Tasks, kind.Query{}.Where("assignee_id", sam.ID))
		if err != nil || len(page.Records) != 3 {
			t.Errorf("sam has %d tasks, %v", len(page.Records), err)
		}
	})
}
