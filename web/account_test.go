package web_test

import (
	"context"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

func TestATokenIsShownOnceWorksAndIsRevoked(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		s.person("bob@example.org", "contributor")
		v := s.as("bob@example.org")
		v.get("/account").is(http.StatusOK).shows("bob@example.org", "Contributor", "New token")
		v.post("/account/tokens", "title", "", "scope", "*:read", "days", "30").is(http.StatusUnprocessableEntity).shows("is required")
		v.post("/account/tokens", "title", "Odd", "scope", "own", "scopes", "finding:everything", "days", "30").is(http.StatusUnprocessableEntity).shows("finding:everything", "KIND:VERB")
		page := v.post("/account/tokens", "title", "Nightly scan", "scope", "own", "scopes", "finding:write, asset:read", "days", "30").is(http.StatusCreated).shows("Copy the token now", "finding:write, asset:read")
		secret := regexp.MustCompile(`hf_[A-Za-z0-9_-]{20,}`).FindString(page.body)
		v.get("/account").shows("Nightly scan").hides(secret)
		if strings.Contains(s.log.String(), secret) {
			t.Error("the log holds the token")
		}
		actor, err := s.world.App.ByToken(context.Background(), secret, netip.MustParseAddr("192.0.2.7"))
		if err != nil || actor.May(kind.Read, isms.Assets) != access.All || actor.May(kind.Write, isms.Assets) != access.Nothing {
			t.Errorf("the token opens for %+v, %v", actor, err)
		}
		id := regexp.MustCompile(`/account/tokens/([a-z0-9]+)/revoke`).FindStringSubmatch(page.body)[1]
		s.person("eve@example.org", "contributor")
		s.as("eve@example.org").post("/account/tokens/"+id+"/revoke").isOneOf(http.StatusForbidden, http.StatusNotFound)
		s.as("eve@example.org").get("/api-tokens").hides("Nightly scan")
		if _, err := s.world.App.ByToken(context.Background(), secret, netip.MustParseAddr("192.0.2.7")); err != nil {
			t.Errorf("somebody else revoked it: %v", err)
		}
		v.post("/account/tokens/" + id + "/revoke").leadsTo("/account#tokens")
		if _, err := s.world.App.ByToken(context.Background(), secret, netip.MustParseAddr("192.0.2.7")); kind.CodeOf(err) != kind.Unauthenticated {
			t.Errorf("the token works after it was revoked: %v", err)
		}
	})
}

func TestWhoMayOnlyReadMakesNoToken(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		s.person("olga@example.org", "auditor")
		v := s.as("olga@example.org")
		v.get("/account").is(http.StatusOK).hides("New token")
		v.post("/account/tokens", "title", "Sneaky", "scope", "*:read", "days", "30").is(http.StatusForbidden)
		s.nothingCalled(isms.APITokens, "Sneaky")
	})
}

func TestAChangedPasswordSignsOutEverySessionButThisOne(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		s.person("bob@example.org", "contributor")
		here, there := s.as("bob@example.org"), s.as("bob@example.org")
		const fresh = "nine brass compasses"
		here.post("/account/password", "present", "wrong", "password", fresh, "again", fresh).is(http.StatusUnprocessableEntity).shows("Is not your present password").hides(fresh)
		here.post("/account/password", "present", password, "password", fresh, "again", "other").is(http.StatusUnprocessableEntity).shows("differs")
		here.post("/account/password", "present", password, "password", "short", "again", "short").is(http.StatusUnprocessableEntity).shows("at least 12")
		there.get("/risks").is(http.StatusOK)
		s.world.Clock.Advance(time.Second)
		here.post("/account/password", "present", password, "password", fresh, "again", fresh).leadsTo("/account")
		here.get("/account").is(http.StatusOK).shows("The password is changed")
		there.get("/risks").is(http.StatusSeeOther)
		s.visitor().post("/signin", "email", "bob@example.org", "password", password).is(http.StatusUnauthorized)
		s.visitor().post("/signin", "email", "bob@example.org", "password", fresh).leadsTo("/")
	})
}

func TestAJobShowsItsProgressAndIsCancelledByThoseWhoMay(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		s.person("bob@example.org", "contributor")
		s.person("sam@example.org", "staff")
		id, err := s.world.App.Enqueue(s.ctx, app.Request{Name: "scan", Title: "Scan of booking-01"})
		if err != nil {
			t.Fatal(err)
		}
		v, bob := s.as("ada@example.org"), s.as("bob@example.org")
		v.get("/jobs").is(http.StatusOK).shows("Scan of booking-01", "Waiting", "Ada Admin")
		v.get("/jobs/"+id).is(http.StatusOK).shows("Waiting for its turn", `hx-get="/jobs/`+id+`"`, "/cancel")
		bob.get("/jobs/" + id).is(http.StatusOK).hides("/cancel")
		bob.post("/jobs/" + id + "/cancel").is(http.StatusForbidden)
		s.as("sam@example.org").get("/jobs/" + id).is(http.StatusNotFound)
		v.get("/jobs/nothing").is(http.StatusNotFound)

		now := s.world.App.Now()
		job, _, err := s.world.Store.TakeJob(context.Background(), now, now.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		job.Step, job.Done, job.Total = "Reading packages", 30, 120
		if _, err := s.world.Store.KeepJob(context.Background(), job, now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		v.fragment("/jobs/"+id).is(http.StatusOK).shows("Reading packages", "25 %", `hx-trigger="every 1s"`).hides("<html")
		v.post("/jobs/" + id + "/cancel").leadsTo("/jobs/" + id)
		v.fragment("/jobs/"+id).shows("Cancelled").hides("hx-get", "/cancel")
		v.post("/jobs/" + id + "/cancel").is(http.StatusConflict)
	})
}

func TestTheResultOfAJobNeverLeadsOffTheSite(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		v := s.as("ada@example.org")
		for _, result := range []string{"/risks", "https://evil.example/", "//evil.example"} {
			id, err := s.world.App.Enqueue(s.ctx, app.Request{Name: "scan", Title: "Scan"})
			if err != nil {
				t.Fatal(err)
			}
			now := s.world.App.Now()
			job, _, err := s.world.Store.TakeJob(context.Background(), now, now.Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			job.State, job.Result, job.Finished = store.JobDone, result, now
			if err := s.world.Store.EndJob(context.Background(), job, true); err != nil {
				t.Fatal(err)
			}
			page := v.get("/jobs/" + id).is(http.StatusOK).hides("evil.example")
			if result == "/risks" {
				page.shows("See the result")
			}
		}
	})
}
