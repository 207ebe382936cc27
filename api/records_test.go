package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"holdfast/isms"
	"holdfast/testkit"
)

const asset = `{"key": "payroll", "title": "Payroll", "nature": "intangible", "type": "application", "value": 250000}`

func TestAStaleChangeIsNotWritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.do("admin", "POST", "/assets", asset).is(201)
		w.do("admin", "PATCH", "/assets/payroll", `{"title": "Payroll 2"}`).is(200)
		for _, header := range []string{`"1"`, `W/"2"`, `"nonsense"`} {
			w.do("admin", "PATCH", "/assets/payroll", `{"title": "Lost update"}`, "If-Match", header).refused(412, "stale")
			w.do("admin", "DELETE", "/assets/payroll", "", "If-Match", header).refused(412, "stale")
			w.do("admin", "POST", "/assets/payroll/actions/retire", "", "If-Match", header).refused(412, "stale")
		}
		refused := w.do("admin", "PATCH", "/assets/payroll", `{"title": "Lost update", "version": 1}`).refused(409, "conflict")
		if v := refused.json()["version"]; v != 2.0 {
			t.Errorf("the refusal names version %v", v)
		}
		got := w.do("admin", "GET", "/assets/payroll", "").is(200)
		if got.text("title") != "Payroll 2" || got.header.Get("ETag") != `"2"` || got.json()["deleted_at"] != nil {
			t.Errorf("the record was changed: %s", got.body)
		}
		w.do("admin", "PATCH", "/assets/payroll", `{"title": "Payroll 3"}`, "If-Match", `"1", "2"`).is(200)
		w.do("admin", "PATCH", "/assets/payroll", `{"title": "Payroll 4", "version": 3}`, "If-Match", `*`).is(200)
	})
}

func TestAnotherWorkspaceDoesNotExist(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("stranger", "ws2", []string{isms.RoleAdministrator}, "*:admin")
		id := w.do("admin", "POST", "/assets", asset).is(201).text("id")
		for _, name := range []string{id, "payroll"} {
			at := "/assets/" + name
			w.do("stranger", "GET", at, "").refused(404, "not_found")
			w.do("stranger", "PATCH", at, `{"title": "Taken over"}`).refused(404, "not_found")
			w.do("stranger", "DELETE", at, "").refused(404, "not_found")
			w.do("stranger", "POST", at+"/restore", "").refused(404, "not_found")
			w.do("stranger", "POST", at+"/actions/retire", "").refused(404, "not_found")
			w.do("stranger", "GET", at+"/history", "").refused(404, "not_found")
			w.do("stranger", "GET", at+"/links", "").refused(404, "not_found")
		}
		w.do("stranger", "POST", "/findings", `{"asset_id": "`+id+`", "vulnerability_id": "x", "severity": "low", "title": "x"}`).refused(422, "invalid")
		if list := w.do("stranger", "GET", "/assets", "").is(200).data(); len(list) != 0 {
			t.Errorf("a stranger sees %v", list)
		}
		if hits := w.do("stranger", "GET", "/search?q=payroll", "").is(200).data(); len(hits) != 0 {
			t.Errorf("a stranger finds %v", hits)
		}
		if got := string(w.do("stranger", "GET", "/assets.csv", "").is(200).body); strings.Contains(got, "Payroll") {
			t.Error("a stranger downloads it")
		}
		if got := w.do("admin", "GET", "/assets/payroll", "").is(200).text("title"); got != "Payroll" {
			t.Errorf("it was changed to %q", got)
		}
	})
}

func TestATokenOpensNoMoreThanItsScopesAndItsPersonsRoles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("narrow", testkit.Workspace, []string{isms.RoleAdministrator}, "finding:read")
		w.person("reader", testkit.Workspace, []string{isms.RoleAdministrator}, "*:read")
		w.person("wide", testkit.Workspace, []string{isms.RoleApprover}, "*:admin")
		w.do("admin", "POST", "/assets", asset).is(201)
		w.do("narrow", "GET", "/findings", "").is(200)
		w.do("narrow", "GET", "/assets", "").refused(403, "forbidden")
		w.do("narrow", "GET", "/assets/payroll", "").refused(403, "forbidden")
		for _, who := range []string{"reader", "wide"} {
			w.do(who, "GET", "/assets/payroll", "").is(200)
			w.do(who, "POST", "/assets", `{"title": "Mine", "nature": "tangible", "type": "host"}`).refused(403, "forbidden")
			w.do(who, "PATCH", "/assets/payroll", `{"title": "Mine"}`).refused(403, "forbidden")
			w.do(who, "DELETE", "/assets/payroll", "").refused(403, "forbidden")
			w.do(who, "POST", "/assets/payroll/actions/retire", "").refused(403, "forbidden")
			w.do(who, "POST", "/scans", "{}").refused(403, "forbidden")
			w.do(who, "POST", "/imports", `{"kind":"asset","key":"payroll","title":"Mine"}`).refused(403, "forbidden")
			w.do(who, "POST", "/jobs/x/cancel", "").refused(403, "forbidden")
		}
		if got := w.do("admin", "GET", "/assets/payroll", "").is(200); got.header.Get("ETag") != `"1"` {
			t.Errorf("it was changed: %s", got.body)
		}
	})
}

func TestNobodyGetsInWithoutAGoodToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.do("admin", "POST", "/assets", asset).is(201)
		for _, header := range []string{"", "Bearer ", "Bearer hf_guess", "Basic YWRtaW46YWRtaW4=", "Bearer " + w.tokens["admin"][:20]} {
			r := w.do("", "GET", "/assets/payroll", "", "Authorization", header).refused(401, "unauthenticated")
			if r.header.Get("WWW-Authenticate") == "" {
				t.Error("the refusal does not say how to sign in")
			}
		}
		w.do("", "GET", "/kinds", "").refused(401, "unauthenticated")
		w.do("", "GET", "/nowhere/at/all", "").refused(401, "unauthenticated")
		id := w.do("admin", "GET", "/api-tokens", "").is(200).data()[0]["id"].(string)
		w.do("admin", "POST", "/api-tokens/"+id+"/actions/revoke", "").is(200)
		w.do("admin", "GET", "/assets/payroll", "").refused(401, "unauthenticated")
	})
}

func TestSecretsAreNeitherShownNorAccepted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, path := range []string{"/people", "/api-tokens", "/people.csv", "/api-tokens.json", "/export", "/openapi.json"} {
			if got := string(w.do("admin", "GET", path, "").is(200).body); strings.Contains(got, "token_hash") || strings.Contains(got, "password_hash") {
				t.Errorf("%s shows a hidden field", path)
			}
		}
		w.do("admin", "POST", "/people", `{"title": "Eve", "password_hash": "x"}`).refused(422, "invalid")
		w.do("admin", "GET", "/people?filter[password_hash]=x", "").refused(422, "invalid")
		w.do("admin", "GET", "/people?sort=password_hash", "").refused(422, "invalid")
	})
}

func TestAStateIsReachedByActionsAloneAlsoWhenARecordIsMade(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("engineer", testkit.Workspace, []string{isms.RoleContributor}, "*:admin")
		const accepted = `{"key": "r", "title": "Ransom", "status": "accepted"}`
		for _, who := range []string{"engineer", "admin"} { // the administrator would have to say why
			if status := w.do(who, "POST", "/risks", accepted).status; status != 403 && status != 422 {
				t.Errorf("%s accepted a risk by making it: %d", who, status)
			}
		}
		w.do("engineer", "GET", "/risks/r", "").refused(404, "not_found")
		w.do("engineer", "POST", "/risks", `{"key": "r", "title": "Ransom", "status": "open"}`).is(201)
		w.do("engineer", "PATCH", "/risks/r", `{"status": "accepted"}`).refused(422, "invalid")
		w.do("engineer", "POST", "/risks/r/actions/accept", `{"reason": "I like it"}`).refused(403, "forbidden")
		if got := w.do("admin", "GET", "/risks/r", "").is(200).text("status"); got != "open" {
			t.Errorf("the risk is %s", got)
		}
		w.do("admin", "POST", "/risks/r/actions/accept", `{"reason": "Cheap enough", "until": "2026-12-31"}`).is(200)
		history := w.do("admin", "GET", "/risks/r/history", "").is(200).data()
		if history[0]["verb"] != "accept" || history[0]["reason"] != "Cheap enough" || history[0]["via"] != "api" {
			t.Errorf("the history tells %v", history[0])
		}
	})
}

func TestComputedFieldsAreNotWritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.do("admin", "POST", "/risks", `{"key": "r", "title": "Ransom", "loss_now": 1, "origin": "engine", "created_by": "Nobody", "id": "mine"}`).is(201)
		got := w.do("admin", "GET", "/risks/r", "").is(200).json()
		if got["loss_now"] == 1.0 || got["origin"] != "person" || got["created_by"] == "Nobody" || got["id"] == "mine" {
			t.Errorf("a request wrote %v", got)
		}
		w.do("admin", "PATCH", "/risks/r", `{"loss_now": 1, "version": 1}`).is(200)
		if got := w.do("admin", "GET", "/risks/r", "").json(); got["loss_now"] == 1.0 || got["version"] != 1.0 {
			t.Errorf("a request wrote %v", got)
		}
	})
}

func TestWhatIsWrongIsNamedAndNothingIsWritten(t *testing.T) {
	big := `{"title": "` + strings.Repeat("x", 1<<20) + `"}`
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		code                     string
		fields                   string
	}{
		{"unknown field", "POST", "/assets", `{"titel": "x"}`, 422, "invalid", "titel"},
		{"several mistakes", "POST", "/assets", `{"title": "x", "value": "much", "nature": "odd", "type": 3}`, 422, "invalid", "nature,type,value"},
		{"missing fields", "POST", "/assets", `{"title": "x"}`, 422, "invalid", "nature,type"},
		{"reference to nothing", "POST", "/assets", `{"title": "x", "nature": "tangible", "type": "host", "owner_id": "nobody"}`, 422, "invalid", "owner_id"},
		{"not JSON", "POST", "/assets", `{"title"`, 422, "invalid", ""},
		{"not an object", "POST", "/assets", `[]`, 422, "invalid", ""},
		{"two objects", "POST", "/assets", `{"title": "x"} {}`, 422, "invalid", ""},
		{"control characters", "POST", "/assets", `{"title": "a\u0000b", "nature": "tangible", "type": "host"}`, 422, "invalid", "title"},
		{"too large", "POST", "/assets", big, 413, "too_large", ""},
		{"unknown kind", "GET", "/asets", "", 404, "not_found", ""},
		{"kind in the singular", "GET", "/asset", "", 404, "not_found", ""},
		{"unknown parameter", "GET", "/assets?filer[type]=host", "", 422, "invalid", "filer[type]"},
		{"unknown parameter of a record", "GET", "/assets/a?expand=all", "", 422, "invalid", "expand"},
		{"unknown filter", "GET", "/assets?filter[typ]=host", "", 422, "invalid", "filter[typ]"},
		{"unknown operator", "GET", "/assets?filter[value][over]=3", "", 422, "invalid", "filter[value]"},
		{"filter with a wrong value", "GET", "/assets?filter[type]=spaceship", "", 422, "invalid", "filter[type]"},
		{"unknown sort", "GET", "/assets?sort=colour", "", 422, "invalid", "sort"},
		{"limit too high", "GET", "/assets?page[limit]=100000", "", 422, "invalid", "page[limit]"},
		{"made-up cursor", "GET", "/assets?page[cursor]=%7B%7D", "", 422, "invalid", "page[cursor]"},
		{"broken query", "GET", "/assets?q=%zz", "", 400, "invalid", ""},
		{"unknown member of an action", "POST", "/assets/a/actions/retire", `{"because": "x"}`, 422, "invalid", ""},
		{"unknown format", "GET", "/assets.pdf", "", 404, "not_found", ""},
		{"page of a file", "GET", "/assets.csv?page[cursor]=x", "", 422, "invalid", "page[cursor]"},
		{"unknown relation", "PUT", "/assets/a/links/loves/b", "", 404, "not_found", ""},
		{"nothing searched", "GET", "/search?q=", "", 422, "invalid", "q"},
		{"unknown refs", "GET", "/assets/a?refs=title", "", 422, "invalid", "refs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, testkit.SQLite(t), 1000)
			w.do("admin", "POST", "/assets", `{"key": "a", "title": "A", "nature": "tangible", "type": "host", "lifecycle": "operating"}`).is(201)
			got := w.do("admin", c.method, c.path, c.body).refused(c.status, c.code)
			if fields := strings.Join(got.fields(), ","); fields != c.fields {
				t.Errorf("names %q, want %q: %s", fields, c.fields, got.body)
			}
			if n := len(w.do("admin", "GET", "/assets", "").data()); n != 1 {
				t.Errorf("there are %d assets", n)
			}
		})
	}
}

func TestOnlyTheTypesOfContentThatAreReadAreTaken(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1000)
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json/odd", "multipart/form-data; boundary=x"} {
		w.do("admin", "POST", "/assets", asset, "Content-Type", media).refused(415, "media_type")
	}
	w.do("admin", "POST", "/assets", asset, "Content-Type", "application/json; charset=utf-8").is(201)
	w.do("admin", "PATCH", "/assets/payroll", `{"title": "P"}`, "Content-Type", "application/merge-patch+json").is(200)
}

func TestAWriteWithACookieFromAnotherSiteIsRefused(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1000)
	cookie := []string{"Cookie", "holdfast_session=lead"}
	w.do("", "POST", "/assets", asset, append(cookie, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")...).refused(403, "cross_origin")
	w.do("", "POST", "/assets", asset, append(cookie, "Origin", "https://evil.example")...).refused(403, "cross_origin")
	w.do("", "GET", "/assets/payroll", "", cookie...).refused(404, "not_found")
	w.do("", "POST", "/assets", asset, append(cookie, "Sec-Fetch-Site", "same-origin")...).is(201)
	if got := w.do("", "GET", "/me", "", cookie...).is(200).text("name"); got != "Lead" {
		t.Errorf("the session belongs to %q", got)
	}
}

func TestEveryPageOfAListIsReadOnceAndNothingIsMissing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i := range 25 {
			w.do("admin", "POST", "/assets", fmt.Sprintf(`{"key": "a%02d", "title": "Asset %d", "nature": "tangible", "type": "host", "value": %d}`, i, i%5, i%3)).is(201)
		}
		for _, sort := range []string{"", "title", "-title", "value", "-value", "key", "created_at"} {
			seen := map[string]bool{}
			path := "/assets?page[limit]=4&count=true&sort=" + sort
			pages := 0
			for path != "" {
				res := w.do("admin", "GET", path, "").is(200)
				for _, a := range res.data() {
					if seen[a["key"].(string)] {
						t.Errorf("sort %q: %v comes twice", sort, a["key"])
					}
					seen[a["key"].(string)] = true
				}
				page := res.json()["page"].(map[string]any)
				if page["total"] != 25.0 {
					t.Errorf("total %v", page["total"])
				}
				path = ""
				if link := res.header.Get("Link"); link != "" {
					path = strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`), "/api/v1")
				}
				pages++
			}
			if len(seen) != 25 || pages != 7 {
				t.Errorf("sort %q: %d records on %d pages", sort, len(seen), pages)
			}
		}
	})
}

func TestReferencesAreWrittenAsKeysWhenAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		person := w.do("admin", "POST", "/people", `{"key": "ada", "title": "Ada"}`).is(201).text("id")
		w.do("admin", "POST", "/assets", `{"key": "a", "title": "A", "nature": "tangible", "type": "host", "owner_id": "ada"}`).is(201)
		if got := w.do("admin", "GET", "/assets/a", "").text("owner_id"); got != person {
			t.Errorf("owner_id is %q", got)
		}
		if got := w.do("admin", "GET", "/assets/a?refs=key", "").text("owner_id"); got != "ada" {
			t.Errorf("owner_id is %q", got)
		}
		if got := w.do("admin", "GET", "/assets?refs=key&filter[owner_id]=ada", "").data(); len(got) != 1 || got[0]["owner_id"] != "ada" {
			t.Errorf("the list holds %v", got)
		}
	})
}

func TestARepeatedRequestWithAKeyHappensOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const body = `{"title": "Twice", "nature": "tangible", "type": "host"}`
		first := w.do("admin", "POST", "/assets", body, "Idempotency-Key", "k1").is(201)
		again := w.do("admin", "POST", "/assets", body, "Idempotency-Key", "k1").is(201)
		if string(first.body) != string(again.body) || again.header.Get("Location") != first.header.Get("Location") || again.header.Get("ETag") != `"1"` {
			t.Errorf("first %s\nagain %s", first.body, again.body)
		}
		if again.header.Get("Idempotent-Replayed") != "true" || first.header.Get("Idempotent-Replayed") != "" {
			t.Error("a replay must say that it is one")
		}
		w.do("admin", "POST", "/assets", `{"title": "Other", "nature": "tangible", "type": "host"}`, "Idempotency-Key", "k1").refused(422, "idempotency")
		w.do("admin", "POST", "/assets", `{"title": "Wrong"}`, "Idempotency-Key", "k2").refused(422, "invalid")
		w.do("admin", "POST", "/assets", body, "Idempotency-Key", "k2").is(201) // what failed left nothing
		w.person("other", testkit.Workspace, []string{isms.RoleAdministrator}, "*:admin")
		w.do("other", "POST", "/assets", body, "Idempotency-Key", "k1").is(201) // keys are of one caller
		if n := len(w.do("admin", "GET", "/assets", "").data()); n != 3 {
			t.Errorf("there are %d assets", n)
		}
		w.Clock.Advance(25 * 60 * 60 * 1e9)
		w.do("admin", "POST", "/assets", body, "Idempotency-Key", "k1").is(201)
		if n := len(w.do("admin", "GET", "/assets", "").data()); n != 4 {
			t.Errorf("after a day the key is still known: %d assets", n)
		}
	})
}

func TestTheSameKeySentAtTheSameMomentMakesOneRecord(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const body = `{"title": "Raced", "nature": "tangible", "type": "host"}`
		var wg sync.WaitGroup
		replies := make([]*reply, 8)
		for i := range replies {
			wg.Go(func() { replies[i] = w.do("admin", "POST", "/assets", body, "Idempotency-Key", "race") })
		}
		wg.Wait()
		for _, r := range replies {
			r.is(201)
			if string(r.body) != string(replies[0].body) {
				t.Errorf("two answers: %s and %s", r.body, replies[0].body)
			}
		}
		if n := len(w.do("admin", "GET", "/assets", "").data()); n != 1 {
			t.Errorf("there are %d assets", n)
		}
	})
}

func TestTooManyRequestsAreRefusedAndTheHeadersSaySo(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 6)
	w.person("other", testkit.Workspace, []string{isms.RoleContributor}, "*:read")
	for i := range 6 {
		r := w.do("admin", "GET", "/me", "").is(200)
		if got, want := r.header.Get("RateLimit-Remaining"), fmt.Sprint(5-i); got != want || r.header.Get("RateLimit-Limit") != "6" {
			t.Errorf("remaining %s, want %s", got, want)
		}
	}
	r := w.do("admin", "POST", "/assets", asset).refused(429, "rate_limit")
	if r.header.Get("Retry-After") != "10" {
		t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
	}
	w.do("other", "GET", "/me", "").is(200) // others are not held up
	w.Clock.Advance(10e9)
	w.do("admin", "GET", "/assets/payroll", "").refused(404, "not_found")
	for range 10 {
		w.do("", "GET", "/me", "", "Authorization", "Bearer hf_guess")
	}
	w.do("", "GET", "/me", "", "Authorization", "Bearer hf_guess2").refused(429, "rate_limit") // guessing is counted by address
}

func TestLinksAreMadeReadAndEnded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.do("admin", "POST", "/risks", `{"key": "r", "title": "Ransom"}`).is(201)
		w.do("admin", "POST", "/safeguards", `{"key": "s/1", "title": "Backups"}`).is(201)
		for range 2 {
			w.do("admin", "PUT", "/risks/r/links/treated%20by/s%2F1", "").is(204)
		}
		if got := w.do("admin", "GET", "/risks/r/links/treated%20by", "").is(200).data(); len(got) != 1 || got[0]["key"] != "s/1" {
			t.Errorf("linked: %v", got)
		}
		if got := w.do("admin", "GET", "/safeguards/s%2F1/links/treats?refs=key", "").is(200).data(); len(got) != 1 || got[0]["key"] != "r" {
			t.Errorf("linked back: %v", got)
		}
		w.do("admin", "PUT", "/risks/r/links/treated%20by/nothing", "").refused(404, "not_found")
		w.do("admin", "DELETE", "/safeguards/s%2F1/links/treats/r", "").is(204)
		if got := w.do("admin", "GET", "/risks/r/links/treated%20by", "").is(200).data(); len(got) != 0 {
			t.Errorf("still linked: %v", got)
		}
		if got := w.do("admin", "GET", "/risks/r/links", "").is(200).data(); len(got) < 3 {
			t.Errorf("relations: %v", got)
		}
	})
}

func TestAPanicEndsOneRequestAndShowsNothing(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1000)
	r := w.do("admin", "GET", "/broken", "").refused(http.StatusInternalServerError, "internal")
	if strings.Contains(string(r.body), "secret") || !strings.Contains(w.log.String(), "secret detail") {
		t.Errorf("the caller sees %s, the log %s", r.body, w.log)
	}
	if got := string(w.do("admin", "GET", "/extra/7", "").is(200).body); !strings.Contains(got, "asks for 7") {
		t.Errorf("an area of another package answers %q", got)
	}
}
