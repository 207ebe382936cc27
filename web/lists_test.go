package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/web"
)

// rows are the titles in the order of the table.
func rows(r *reply) string {
	var titles []string
	for _, m := range regexp.MustCompile(`(?s)class="table__open"[^>]*>(.*?)</a>`).FindAllStringSubmatch(r.body, -1) {
		titles = append(titles, strings.TrimSpace(text(m[1])))
	}
	return strings.Join(titles, " | ")
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got  %s\nwant %s", what, got, want)
	}
}

func TestAListIsSortedFilteredAndSearched(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		m := s.samples()
		v := s.as("ada@example.org")
		list := func(query string) string { return rows(v.get("/assets" + query).is(http.StatusOK)) }
		same(t, "usual order", list(""), "Booking service | Backup storage | Laptops of the sales team")
		same(t, "by title", list("?sort=title"), "Backup storage | Booking service | Laptops of the sales team")
		same(t, "by title, down", list("?sort=-title"), "Laptops of the sales team | Booking service | Backup storage")
		same(t, "one value", list("?filter[type]=host"), "Backup storage")
		same(t, "two values", list("?sort=title&filter[type]=host,device"), "Backup storage | Laptops of the sales team")
		same(t, "a reference", list("?sort=title&filter[owner_id]="+m.jonas.ID), "Backup storage | Booking service")
		same(t, "part of a text", list("?filter[zone][contains]=DM"), "Booking service")
		same(t, "search, misspelt", list("?q=boking"), "Booking service")
		same(t, "empty parameters", list("?q=&filter[type]=&sort=title"), "Backup storage | Booking service | Laptops of the sales team")
		same(t, "nothing", list("?q=zebra"), "")
		v.get("/assets?q=zebra").shows("No assets match", "Show all")
		same(t, "by day", rows(v.get("/findings?filter[due][gte]=2026-03-01&filter[due][lt]=2026-04-01")), "OpenSSL 3.0.11 has a known hole")
		for _, bad := range []string{"?sort=no_such_field", "?filter[no_such_field]=1", "?filter[type]=spaceship", "?nonsense=1", "?page[cursor]=forged", "?filter[value][gte]=much"} {
			v.get("/assets" + bad).is(http.StatusUnprocessableEntity).hides(`class="shell"`)
		}
		same(t, "hidden fields cannot be asked", fmt.Sprint(v.get("/people?filter[password_hash][contains]=a").StatusCode), "422")
	})
}

func TestFacetsSayHowManyAnotherChoiceWouldGive(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		s.samples()
		v := s.as("ada@example.org")
		r := v.get("/findings?filter[severity]=critical").is(http.StatusOK)
		facet := func(id string) string {
			_, after, found := strings.Cut(r.body, `id="facet-`+id+`"`)
			if !found {
				t.Fatalf("there is no facet %s", id)
			}
			panel, _, _ := strings.Cut(after, "</ul>")
			return strings.TrimSpace(text("<x " + panel))
		}
		same(t, "severity, without its own filter", facet("severity"), "Critical 1 High 1 Medium 2 Low 3")
		same(t, "status, with the filter", facet("status"), "Open 1")
		same(t, "asset, by title", facet("asset_id"), "Booking service 1")
		r.shows("Severity: Critical", "Remove this filter")
		v.get("/findings?filter[due][gte]=2026-03-01").shows("Due: from 2026-03-01")
	})
}

func TestWhatIsNotCountedInTimeIsShownWithoutAFigure(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, db *store.Store) {
		s := start(t, db, func(c *web.Config) { c.CountWithin = 1 })
		for i := range kind.DefaultLimit + 5 {
			s.risk(fmt.Sprintf("Risk %03d", i))
		}
		v := s.as("ada@example.org")
		v.get("/risks?sort=title").is(http.StatusOK).shows("1–50 of 50+").hides("Draft <span class=\"menu__hint")
	})
}

func TestPagesOfAListLeadOnAndBackWithoutLossOrDouble(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		for i := range 120 {
			s.risk(fmt.Sprintf("Risk %03d", i))
		}
		v := s.as("ada@example.org")
		link := regexp.MustCompile(`<a[^>]*href="([^"]*)"[^>]*rel="(prev|next)"`)
		step := func(r *reply, way string) string {
			for _, m := range link.FindAllStringSubmatch(r.body, -1) {
				if m[2] == way {
					return strings.ReplaceAll(m[1], "&amp;", "&")
				}
			}
			return ""
		}
		var all []string
		one := v.get("/risks?sort=title").shows("1–50 of 120")
		two := v.get(step(one, "next")).shows("51–100 of 120")
		three := v.get(step(two, "next")).shows("101–120 of 120")
		for _, p := range []*reply{one, two, three} {
			all = append(all, strings.Split(rows(p), " | ")...)
		}
		if len(all) != 120 || all[0] != "Risk 000" || all[119] != "Risk 119" {
			t.Errorf("%d rows from %s to %s", len(all), all[0], all[len(all)-1])
		}
		if step(three, "next") != "" || step(one, "prev") != "" {
			t.Error("there is a page after the last or before the first")
		}
		back := v.get(step(three, "prev")).shows("51–100 of 120")
		same(t, "back once", rows(back), rows(two))
		same(t, "back twice", rows(v.get(step(back, "prev"))), rows(one))
	})
}

func TestColumnsAreChosenAndAViewKeepsThem(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		s.samples()
		s.person("bob@example.org", "contributor")
		v := s.as("ada@example.org")
		v.get("/assets?cols=type&cols=zone").is(http.StatusOK).shows(`data-col="zone" data-label="Zone"`, `data-col="criticality" data-label="Criticality" hidden`)
		query := "filter%5Btype%5D=host&sort=title&cols=zone"
		v.get("/assets?" + query).shows("/assets/views/new?")
		v.get("/assets/views/new?" + query).is(http.StatusOK).shows("Keeps the filters")
		v.post("/assets/views", "title", "", "query", query).is(http.StatusUnprocessableEntity).shows("is required")
		to := v.post("/assets/views", "title", "Hosts only", "query", query, "shared", "false").is(http.StatusSeeOther).Header.Get("Location")
		r := v.get(to).is(http.StatusOK).shows("Hosts only", "is saved", `data-col="zone" data-label="Zone"`)
		same(t, "rows of the view", rows(r), "Backup storage")

		bob := s.as("bob@example.org")
		bob.get("/assets").hides("Hosts only")
		v.post("/assets/views", "title", "For all", "query", "sort=title", "shared", "false", "shared", "true").is(http.StatusSeeOther)
		bob.get("/assets").shows("For all")
		v.post("/assets/views", "title", "Evil", "query", "filter[nothing]=1&next=//evil.example").is(http.StatusUnprocessableEntity)
		s.nothingCalled(isms.SavedViews, "Evil")
	})
}

func TestManyRecordsAreChangedAtOnce(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		a, b, closed := s.risk("First"), s.risk("Second"), s.risk("Third")
		mira := s.person("mira@example.org", "security_lead")
		s.do(isms.Risks, closed.ID, "close", kind.Input{Reason: "gone"})
		v := s.as("ada@example.org")
		ids := []string{"id", a.ID, "id", b.ID, "id", closed.ID}
		bulk := func(pairs ...string) *reply {
			return v.post("/risks/bulk?back=%2Frisks%3Fsort%3Dtitle", append(pairs, ids...)...)
		}

		bulk("action", "do:accept").is(http.StatusOK).shows("Accept risk: 3 risks", "First", `name="reason"`)
		bulk("action", "do:accept", "confirmed", "true", "reason", "").is(http.StatusUnprocessableEntity).shows("say why")
		bulk("action", "do:accept", "confirmed", "true", "reason", "Small", "until", "never").is(http.StatusUnprocessableEntity).shows("is not a date")
		bulk("action", "do:accept", "confirmed", "true", "reason", "Small").leadsTo("/risks?sort=title")
		v.get("/risks?sort=title").shows("2 risks changed.", "1 could not be: accept risk is not possible while the risk is closed")
		if got := read[*isms.Risk](s, isms.Risks, a.ID); got.Status != "accepted" {
			t.Errorf("stored: %+v", got)
		}

		bulk("action", "set").is(http.StatusOK).shows("Set a field of 3 risks", "Owner").hides(`value="loss_now"`, `value="status"`)
		bulk("action", "set", "field", "owner_id").is(http.StatusOK).shows(`name="owner_id"`)
		bulk("action", "set", "field", "loss_now", "confirmed", "true", "loss_now", "9").is(http.StatusOK) // not a field one may set: asked again
		bulk("action", "set", "field", "review_by", "confirmed", "true", "review_by", "soon").is(http.StatusUnprocessableEntity).shows("is not a date", `value="soon"`)
		bulk("action", "set", "field", "owner_id", "confirmed", "true", "owner_id", mira.ID).leadsTo("/risks?sort=title")
		if got := read[*isms.Risk](s, isms.Risks, b.ID); got.OwnerID != mira.ID {
			t.Errorf("stored: %+v", got)
		}

		bulk("action", "delete").leadsTo("/risks?sort=title")
		r := v.get("/risks?sort=title").shows("3 risks deleted", "No risks yet")
		undo := regexp.MustCompile(`action="(/risks/bulk\?[^"]*)"`).FindStringSubmatch(r.body)
		if undo == nil {
			t.Fatal("there is no way back")
		}
		v.post(strings.ReplaceAll(undo[1], "&amp;", "&")).leadsTo("/risks?sort=title")
		same(t, "restored", rows(v.get("/risks?sort=title")), "First | Second | Third")

		bulk("action", "do:explode").is(http.StatusNotFound)
		v.post("/risks/bulk", "action", "delete").leadsTo("/risks")
		v.post("/risks/bulk?"+url.Values{"back": {"//evil.example"}}.Encode(), "action", "restore", "id", a.ID).leadsTo("/risks")
	})
}

func TestAnExportTakesWhatIsListed(t *testing.T) {
	s := start(t, testkit.SQLite(t))
	s.samples()
	v := s.as("ada@example.org")
	v.get("/findings?filter[severity]=critical&sort=title&cols=due").shows(`href="/api/v1/findings.csv?filter%5Bseverity%5D=critical&amp;sort=title"`, `href="/api/v1/findings.json?`)
	v.get("/findings").shows(`href="/api/v1/findings.csv"`)
}

func TestTheDensityOfRowsIsRemembered(t *testing.T) {
	s := start(t, testkit.SQLite(t))
	s.samples()
	v := s.as("ada@example.org")
	v.get("/assets").hides("table--dense").shows("Compact rows")
	req := v.form("/preferences/density?rows=dense")
	req.Header.Set("Referer", v.base+"/assets?sort=title")
	v.send(req).leadsTo("/assets?sort=title")
	v.get("/assets").shows("table--dense", "Comfortable rows")
	req = v.form("/preferences/theme", "theme", "dark")
	req.Header.Set("Referer", "https://evil.example/x")
	v.send(req).leadsTo("/")
	v.get("/assets").shows(`data-theme="dark"`)
}

func TestThePaletteFindsRecordsPagesAndActionsThatArePermitted(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		s.samples()
		s.risk("Risk of a flood")
		s.person("olga@example.org", "auditor")
		s.person("sam@example.org", "staff")
		v := s.as("ada@example.org")
		v.fragment("/search?q=").is(http.StatusOK).shows("Pages", "Actions").hides("<html")
		risk := v.fragment("/search?q=risk").shows("New risk", `href="/risks"`, "Risk of a flood")
		if strings.Index(risk.body, `href="/risks"`) > strings.Index(risk.body, "Risk of a flood") {
			t.Error("who types the name of a page finds records first")
		}
		v.fragment("/search?q=ransom").shows("Ransomware encrypts the backup storage", "Risk")
		v.get("/search?q=ransom").is(http.StatusOK).shows("Ransomware encrypts the backup storage", "<html")
		v.fragment("/search?q=zzzz").shows("Nothing matches")
		v.get("/search?q=<script>alert(1)</script>").is(http.StatusOK).hides("<script>alert")
		s.as("olga@example.org").fragment("/search?q=risk").shows("Risk of a flood").hides("New risk")
		s.as("sam@example.org").fragment("/search?q=risk").hides("Risk of a flood", "New risk", `href="/risks"`)
	})
}

func TestAReferenceIsFoundByItsTitle(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		m := s.samples()
		v := s.as("ada@example.org")
		v.fragment("/assets/options?q=book").is(http.StatusOK).shows(`data-value="`+m.booking.ID+`"`, "Booking service").hides("Laptops", "<html")
		v.fragment("/assets/options?q=").shows("Booking service", "Laptops")
		v.fragment("/assets/options?q=zebra").shows("Nothing found")
	})
}
