package page_test

import (
	"net/http"
	"net/url"
	"testing"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

func TestTheAssistantLeadsFromNothingToAPlanAndCanBeLeft(t *testing.T) {
	w := newWorld(t)
	v := w.as("ada@example.org")
	v.sees("/", "Start the set-up assistant")
	v.sees("/begin", "Who are you?", "Why:")
	if status, _ := v.post("/begin", url.Values{"step": {"organisation"}, "title": {"Fernhill"}, "country": {"Ireland"}, "sector": {"software"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("a country in words: %d", status)
	}
	answer := func(form url.Values, next string) {
		t.Helper()
		status, body := v.post("/begin", form)
		if status != http.StatusOK {
			t.Fatalf("%v: %d %s", form, status, clip(body))
		}
		v.sees("/begin", next)
	}
	answer(url.Values{"step": {"organisation"}, "title": {"Fernhill"}, "country": {"ie"}, "currency": {"EUR"}, "sector": {"software"}, "headcount": {"48"}}, "What must not be lost?")
	if status, _ := v.post("/begin", url.Values{"step": {"jewels"}, "name-1": {"Portal"}, "type-1": {"application"}, "value-1": {"a lot"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("a value in words: %d", status)
	}
	for range 2 {
		answer(url.Values{"step": {"jewels"}, "name-1": {"Portal"}, "type-1": {"application"}, "value-1": {"1.4m"}, "name-3": {"Records"}, "type-3": {"data_set"}, "value-3": {"2 400 000"}}, "What binds you?")
	}
	answer(url.Values{"step": {"duties"}, "duty": {"", "gdpr"}}, "How much loss a year")
	v.sees("/begin?step=appetite", `value="82000"`) // two per cent of 3.8 million × (½ + 4 + 2) ÷ 6
	answer(url.Values{"step": {"appetite"}, "appetite": {"80k"}, "posture": {"cautious"}}, "A bill of materials")
	for k, want := range map[*kind.Kind]int{isms.Organisations: 1, isms.Assets: 2, isms.Obligations: 1, isms.Appetites: 1} {
		page, err := w.App.List(w.admin(), k, kind.Query{})
		w.must(err)
		if len(page.Records) != want {
			t.Errorf("%d %s, not %d", len(page.Records), k.Plural, want)
		}
	}
	list, err := app.Of[isms.Appetite](w.App, isms.Appetites).All(w.admin(), kind.Query{})
	w.must(err)
	if list[0].Status != isms.AppetiteInForce || list[0].Wanted != kind.MoneyOf(80_000) {
		t.Errorf("appetite: %s, %s", list[0].Status, list[0].Wanted)
	}
	indicators, err := app.Of[isms.Indicator](w.App, isms.Indicators).All(w.admin(), kind.Query{})
	w.must(err)
	for _, i := range indicators {
		if i.MeasuredAt.IsZero() {
			t.Errorf("%s is computed, and nobody has read it: a person would be asked to enter it", i.Key)
		}
	}
	if len(indicators) == 0 {
		t.Error("nothing is measured after the assistant")
	}
	w.join("auditor@example.org", "auditor")
	if status, _ := w.as("auditor@example.org").get("/begin"); status != http.StatusNotFound {
		t.Errorf("an auditor opens the assistant: %d", status)
	}
}
