package catalog_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"holdfast/catalog"
)

func legal(t testing.TB) *catalog.Legal {
	t.Helper()
	l, err := catalog.LegalClocks()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestPeriodsEndWhereTheLawSaysTheyEnd(t *testing.T) {
	l := legal(t)
	hours := func(n int) *catalog.Clock { return &catalog.Clock{Hours: n} }
	days := func(n int) *catalog.Clock { return &catalog.Clock{Days: n, Calendar: "plain"} }
	supervised := func(n int) *catalog.Clock { return &catalog.Clock{Months: n, Calendar: "eu-2025-301"} }
	months := func(n int) *catalog.Clock { return &catalog.Clock{Months: n, Calendar: "eu-1182-71"} }
	for name, c := range map[string]struct {
		rule              *catalog.Clock
		zone, country     string
		start, want, note string
	}{
		"72 hours over a weekend are 72 hours":                          {hours(72), "Europe/Dublin", "IE", "2026-11-20 17:30", "2026-11-23 17:30", ""},
		"72 hours while the clocks go forward":                          {hours(72), "Europe/Berlin", "DE", "2026-03-28 12:00", "2026-03-31 13:00", "the wall clock shows an hour more"},
		"72 hours while the clocks go back":                             {hours(72), "Europe/Berlin", "DE", "2026-10-24 12:00", "2026-10-27 11:00", ""},
		"24 hours over midnight of the new year":                        {hours(24), "Europe/Berlin", "DE", "2026-12-31 23:59", "2027-01-01 23:59", ""},
		"a month from the 31st ends with the shorter month":             {months(1), "Europe/Berlin", "DE", "2026-08-31 09:00", "2026-09-30 23:59", ""},
		"a month from 31 January in a leap year":                        {months(1), "Europe/Berlin", "DE", "2028-01-31 09:00", "2028-02-29 23:59", ""},
		"a month from 31 January in another, on a Sunday":               {months(1), "Europe/Berlin", "DE", "2027-01-31 09:00", "2027-03-01 23:59", "28 February 2027 is a Sunday"},
		"a month that ends on Christmas Day":                            {months(1), "Europe/Dublin", "IE", "2026-11-25 09:00", "2026-12-28 23:59", "Friday 25, Saturday 26, Sunday 27"},
		"a month that ends on Easter Monday":                            {months(1), "Europe/Berlin", "DE", "2026-03-06 09:00", "2026-04-07 23:59", ""},
		"a day that ends on a Sunday stays there where nobody moves it": {&catalog.Clock{Months: 1, Calendar: "plain"}, "Europe/Berlin", "DE", "2027-01-31 09:00", "2027-02-28 23:59", "a Sunday"},
		"a supervisor's month that ends on Easter Monday":               {supervised(1), "Europe/Dublin", "IE", "2026-03-06 09:00", "2026-04-07 12:00", ""},
		"a supervisor's month that ends on a Sunday ends at noon":       {supervised(1), "Europe/Berlin", "DE", "2027-01-31 09:00", "2027-03-01 12:00", "28 February 2027 is a Sunday"},
		"a supervisor's month from 31 August":                           {supervised(1), "Europe/Paris", "FR", "2026-08-31 16:00", "2026-09-30 23:59", "a Wednesday"},
		"a supervisor's noon is that of the zone":                       {supervised(1), "Europe/Athens", "GR", "2026-02-28 09:00", "2026-03-30 12:00", "Saturday 28 March; the clocks change on the 29th"},
		"a month that ends while the clocks change":                     {months(1), "Europe/Berlin", "DE", "2026-02-28 09:00", "2026-03-30 23:59", "Saturday 28 March, then the Sunday with 23 hours"},
		"60 days after the end of the year":                             {days(60), "America/New_York", "US", "2026-12-31 12:00", "2027-03-01 23:59", ""},
		"60 days after the end of a year before a leap year":            {days(60), "America/New_York", "US", "2027-12-31 12:00", "2028-02-29 23:59", ""},
		"the Greeks work on their Good Friday, as far as is sure":       {months(1), "Europe/Athens", "GR", "2026-03-10 09:00", "2026-04-10 23:59", ""},
		"Easter Monday is a working day in Portugal":                    {months(1), "Europe/Lisbon", "PT", "2026-03-06 09:00", "2026-04-06 23:59", ""},
		"the Greeks have their own Easter":                              {months(1), "Europe/Athens", "GR", "2026-03-13 09:00", "2026-04-14 23:59", "13 April 2026 is their Easter Monday"},
		"60 days over a leap day":                                       {days(60), "America/New_York", "US", "2028-01-15 09:00", "2028-03-15 23:59", ""},
		"60 days do not move from a Sunday":                             {days(60), "America/New_York", "US", "2026-01-14 09:00", "2026-03-15 23:59", "a Sunday"},
		"the day is that of the zone, not that of Greenwich":            {days(60), "America/New_York", "US", "2026-01-14 23:30", "2026-03-15 23:59", "15 January in UTC"},
		"a month over the end of the year":                              {months(1), "Europe/Berlin", "DE", "2026-12-15 09:00", "2027-01-15 23:59", ""},
		"a day that ends while the clocks change has 23 hours":          {days(1), "Europe/Berlin", "DE", "2026-03-28 09:00", "2026-03-29 23:59", ""},
	} {
		t.Run(name, func(t *testing.T) {
			z := zone(t, c.zone)
			start, err := time.ParseInLocation("2006-01-02 15:04", c.start, z)
			if err != nil {
				t.Fatal(err)
			}
			if got := l.End(c.rule, start, z, c.country).In(z).Format("2006-01-02 15:04"); got != c.want {
				t.Errorf("ends %s, want %s %s", got, c.want, c.note)
			}
		})
	}
}

var manyZones = []string{"UTC", "Europe/Dublin", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca", "America/Santiago"}

func TestCalendarArithmeticHoldsForEveryMoment(t *testing.T) {
	l := legal(t)
	zones := map[string]*time.Location{}
	for _, name := range manyZones {
		zones[name] = zone(t, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		z := zones[rapid.SampledFrom(manyZones).Draw(t, "zone")]
		country := rapid.SampledFrom([]string{"", "DE", "FR", "GR", "PL", "US"}).Draw(t, "country")
		start := time.Unix(rapid.Int64Range(1_600_000_000, 2_600_000_000).Draw(t, "start"), 0)
		n := rapid.IntRange(1, 90).Draw(t, "n")
		if got := l.End(&catalog.Clock{Hours: n}, start, z, country).Sub(start); got != time.Duration(n)*time.Hour {
			t.Fatalf("%d hours last %s", n, got)
		}
		y, m, d := start.In(z).Date()
		plain := l.End(&catalog.Clock{Days: n, Calendar: "plain"}, start, z, country).In(z)
		if first, last := time.Date(y, m, d, 12, 0, 0, 0, time.UTC), noon(plain); int(last.Sub(first).Hours()/24+0.5) != n {
			t.Fatalf("%d days from %s end on %s", n, start.In(z), plain)
		}
		k := n%24 + 1
		inMonth := l.End(&catalog.Clock{Months: k, Calendar: "plain"}, start, z, country).In(z)
		if want := (int(m) - 1 + k) % 12; int(inMonth.Month())-1 != want || inMonth.Day() > d {
			t.Fatalf("%d months from %s end on %s", k, start.In(z), inMonth)
		}
		if inMonth.Day() < d && inMonth.Add(2*time.Second).In(z).Day() != 1 {
			t.Fatalf("%d months from %s end on %s, which is neither the same date nor the last day", k, start.In(z), inMonth)
		}
		moved := l.End(&catalog.Clock{Months: k, Calendar: "eu-1182-71"}, start, z, country).In(z)
		if moved.Before(inMonth) || moved.Sub(inMonth) > 6*24*time.Hour || moved.Weekday() == time.Saturday || moved.Weekday() == time.Sunday {
			t.Fatalf("%s is moved to %s, a %s", inMonth, moved, moved.Weekday())
		}
		if next := moved.Add(time.Second).In(z); moved.Day() == next.Day() {
			t.Fatalf("the period ends at %s, before the day is over", moved)
		}
		if later := l.End(&catalog.Clock{Months: k, Calendar: "eu-1182-71"}, start.Add(36*time.Hour), z, country); later.Before(moved) {
			t.Fatalf("a later start ends earlier: %s before %s", later, moved)
		}
	})
}

// noon of the day of a time, in UTC, so that days can be counted.
func noon(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
}

func TestEveryRuleNamesItsSourceAndFillsItsDraft(t *testing.T) {
	l := legal(t)
	if len(l.Clocks) < 15 {
		t.Errorf("only %d rules", len(l.Clocks))
	}
	for _, c := range l.Clocks {
		text, err := c.Fill(catalog.ClockDraft{Organisation: "Acme", Incident: "Stolen laptop", Contact: "Ann, +1", Aware: "today", Detected: "today", Reference: "inc-1", Country: "IE", Asset: "laptop", Phase: "contain", Summary: "x"})
		if err != nil || !strings.Contains(text, "Acme") || strings.Contains(text, "<no value>") || strings.Contains(text, "{{") {
			t.Errorf("%s: %v\n%s", c.ID, err, text)
		}
	}
}

// Every rule as it is shipped: from when, how long, and where it ends when that is a
// Sunday. Whoever changes a rule changes it here, with the text of the law beside.
func TestTheShippedRulesAreThoseOfTheLaw(t *testing.T) {
	l := legal(t)
	want := map[string]string{
		"gdpr-33": "aware +72 h", "gdpr-33-processor": "aware +24 h proposed", "gdpr-34": "aware +72 h proposed",
		"uk-gdpr-33": "aware +72 h", "uk-gdpr-33-processor": "aware +24 h proposed", "uk-gdpr-34": "aware +72 h proposed",
		"ch-fadp-24": "aware +72 h proposed", "ch-isg": "detected +24 h", "ch-isg-complete": "detected +14 days plain",
		"nis2-early": "aware +24 h", "nis2-notification": "aware +72 h", "nis2-final": "after nis2-notification +1 month plain",
		"dora-initial": "major +4 h, aware +24 h", "dora-intermediate": "after dora-initial +72 h", "dora-final": "after dora-intermediate +1 month eu-2025-301",
		"hipaa-individuals": "detected +60 days plain", "hipaa-associate": "detected +60 days plain", "hipaa-media": "detected +60 days plain, 501 or more people",
		"hipaa-secretary": "detected +60 days plain, 500 or more people", "hipaa-secretary-yearly": "year_end +60 days plain, 499 or fewer people", "pci-brands": "detected +4 h proposed",
	}
	got := map[string]string{}
	for _, c := range l.Clocks {
		got[c.ID] = counted(&c)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// counted is how a rule is counted, in a line.
func counted(c *catalog.Clock) string {
	text := c.From
	if c.After != "" {
		text = "after " + c.After
	}
	switch {
	case c.Hours > 0:
		text += fmt.Sprintf(" +%d h", c.Hours)
	case c.Target > 0:
		text += fmt.Sprintf(" +%d h proposed", c.Target)
	case c.Days > 0:
		text += fmt.Sprintf(" +%d days %s", c.Days, c.Calendar)
	default:
		text += fmt.Sprintf(" +%d month %s", c.Months, c.Calendar)
	}
	if c.Latest != nil {
		text += fmt.Sprintf(", %s +%d h", c.Latest.From, c.Latest.Hours)
	}
	if c.MinPeople > 0 {
		text += fmt.Sprintf(", %d or more people", c.MinPeople)
	}
	if c.MaxPeople > 0 {
		text += fmt.Sprintf(", %d or fewer people", c.MaxPeople)
	}
	return text
}

func TestARuleThatCannotBeCountedIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ yaml, complaint string }{
		"without a source":      {"clocks:\n- {id: x, title: T, law: l, short: S, to: media, stage: only, from: aware, hours: 1, counted: c, draft: d}", "source is missing"},
		"two periods":           {"clocks:\n- {id: x, title: T, law: l, source: s, short: S, to: media, stage: only, from: aware, hours: 1, days: 2, calendar: plain, counted: c, draft: d}", "exactly one of"},
		"an unknown fact":       {"clocks:\n- {id: x, title: T, law: l, source: s, short: S, to: media, stage: only, when: [rain], from: aware, hours: 1, counted: c, draft: d}", `"rain" is not one of`},
		"after nothing":         {"clocks:\n- {id: x, title: T, law: l, source: s, short: S, to: media, stage: only, after: y, hours: 1, counted: c, draft: d}", "is no rule that stands before it"},
		"a draft with a slip":   {"clocks:\n- {id: x, title: T, law: l, source: s, short: S, to: media, stage: only, from: aware, hours: 1, counted: c, draft: \"{{.Nobody}}\"}", "Nobody"},
		"a field nobody knows":  {"clocks:\n- {id: x, minutes: 3}", "minutes"},
		"a holiday of no day":   {"holidays:\n  DE: [13-40]\nclocks: []", "is no day"},
		"the same id two times": {strings.Replace("clocks:\nRR", "RR", strings.Repeat("- {id: x, title: T, law: l, source: s, short: S, to: media, stage: only, from: aware, hours: 1, counted: c, draft: d}\n", 2), 1), "used twice"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := catalog.ReadLegal(fstest.MapFS{"clocks.yaml": {Data: []byte(c.yaml)}})
			if err == nil || !strings.Contains(err.Error(), c.complaint) {
				t.Errorf("read as %v, want a complaint about %q", err, c.complaint)
			}
		})
	}
}
