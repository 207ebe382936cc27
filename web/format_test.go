package web

import (
	"strings"
	"testing"
	"time"

	"holdfast/isms"
	"holdfast/kind"
)

func TestMoneyIsWrittenAsPeopleOfTheLocaleDo(t *testing.T) {
	for _, c := range []struct {
		locale, currency string
		amount           kind.Money
		want             string
	}{
		{"en-GB", "GBP", 123456700, "£1,234,567"},
		{"en-GB", "GBP", 1250, "£12.50"},
		{"en-GB", "GBP", -4500000, "−£45,000"},
		{"en-US", "USD", 100000, "$1,000"},
		{"de-DE", "EUR", 123456750, "1.234.567,50 €"},
		{"fr-FR", "EUR", 123456700, "1 234 567 €"},
		{"de-CH", "CHF", 123456700, "1’234’567 CHF"},
		{"sv-SE", "SEK", 123456700, "1 234 567 kr"},
		{"nl-NL", "EUR", 123456700, "€ 1.234.567"},
		{"en-GB", "CHF", 100000, "CHF 1,000"},
		{"nonsense!", "EUR", 100000, "€1,000"},
		{"", "", 100000, "€1,000"},
	} {
		f := newFormat("ws", &isms.Organisation{Locale: c.locale, Currency: c.currency})
		if got := plainSpaces(f.Money(c.amount)); got != c.want {
			t.Errorf("%s %s %d: %q, want %q", c.locale, c.currency, c.amount, got, c.want)
		}
	}
}

func plainSpaces(s string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)
}

func TestQuantitiesCarryTheirUnit(t *testing.T) {
	f := newFormat("ws", nil)
	for _, c := range []struct{ got, want string }{
		{f.Quantity(0.4, "share"), "40 %"},
		{f.Quantity(0.0123, "share"), "1.2 %"},
		{f.Quantity(1234.567, ""), "1,234.57"},
		{f.Quantity(2.5, "hours"), "2.5 hours"},
		{f.Quantity(1234567, "bytes"), "1.2 MB"},
		{f.Quantity(1500, "money"), "€1,500"},
		{f.Range(kind.Range{Low: 1000, Likely: 2000, High: 5000}, "money"), "€1,000 to €5,000, likely €2,000"},
		{f.Range(kind.Range{Low: 0.2, High: 1.5}, "per year"), "0.2 to 1.5 per year"},
		{f.Range(kind.Exactly(3), "hours"), "3 hours"},
		{f.Range(kind.Range{}, "hours"), ""},
		{f.Number(-3.14159, 2), "−3.14"},
	} {
		if plainSpaces(c.got) != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestTheDayIsThatOfTheOrganisation(t *testing.T) {
	late := time.Date(2026, 3, 2, 23, 30, 0, 0, time.UTC)
	f := newFormat("ws", &isms.Organisation{TimeZone: "Europe/Berlin"})
	if got := f.Today(late); got != "2026-03-03" {
		t.Errorf("half past midnight in Berlin is still %s", got)
	}
	if broken := newFormat("ws", &isms.Organisation{TimeZone: "Moon/Base"}); broken.Zone != time.UTC {
		t.Errorf("an unknown zone is taken as %v", broken.Zone)
	}
}

func TestTheThrottleForgivesWithTimeAndNeverGrowsWithoutBound(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	throttle := newThrottle(func() time.Time { return now })
	for range attemptsAtOnce {
		if !throttle.allow("192.0.2.1:5000") {
			t.Fatal("stopped too early")
		}
	}
	if throttle.allow("192.0.2.1:5001") {
		t.Error("another port is another chance")
	}
	if !throttle.allow("192.0.2.2:5000") {
		t.Error("a neighbour is stopped too")
	}
	now = now.Add(attemptRefill)
	if !throttle.allow("192.0.2.1:5000") || throttle.allow("192.0.2.1:5000") {
		t.Error("after one refill there must be exactly one attempt")
	}
	for i := range attemptsAtOnce + 1 {
		if ok := throttle.allow("[2001:db8:0:1::" + itoa(i+1) + "]:443"); ok != (i < attemptsAtOnce) {
			t.Errorf("attempt %d out of one IPv6 network: %v", i, ok)
		}
	}
	for i := range 3 * maxAddresses {
		throttle.allow("10." + itoa(i>>16) + "." + itoa(i>>8&255) + "." + itoa(i&255) + ":1")
	}
	if len(throttle.seen) > maxAddresses {
		t.Errorf("%d addresses are remembered", len(throttle.seen))
	}
}

func TestOnlyPathsOfThisSiteAreSafe(t *testing.T) {
	for path, want := range map[string]bool{
		"/": true, "/risks?sort=title#links": true, "/risks/a%2Fb": true,
		"": false, "risks": false, "//evil.example": false, "/\\evil.example": false, "https://evil.example/": false, "/\nSet-Cookie: x": false,
		"///evil.example": false, "/%2Fevil.example": false, "/%zz": false, "javascript:alert(1)": false,
	} {
		if got := safePath(path); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
}
