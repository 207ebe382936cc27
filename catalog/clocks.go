package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/template"
	"time"
)

// A Clock is one rule of law or contract by which somebody must be told about an
// incident in time. The rules are data, clocks.yaml: to add one, write it there.
// Package flow starts them by the facts of an incident and counts them.
type Clock struct {
	ID     string `yaml:"id"`
	Title  string `yaml:"title"`
	Law    string `yaml:"law"`    // key of the obligation in the register that brings it
	Source string `yaml:"source"` // act and article
	Short  string `yaml:"short"`  // the same as people call it: "GDPR Art. 33"
	URL    string `yaml:"url"`

	To    string `yaml:"to"`    // who is told: a value of isms.NotifiedParty
	Name  string `yaml:"name"`  // the same by name, where the rule has one
	Stage string `yaml:"stage"` // a value of isms.NotificationStage

	When      []string `yaml:"when"`       // facts that must all hold, see clockFacts
	MinPeople int      `yaml:"min_people"` // at least so many people affected
	MaxPeople int      `yaml:"max_people"` // at most so many; 0: no limit

	From   string     `yaml:"from"`  // the moment from which it is counted, see clockMoments
	After  string     `yaml:"after"` // counted from when the notification of this rule was sent, or is due
	Hours  int        `yaml:"hours"` // one of the three, as the rule says
	Days   int        `yaml:"days"`
	Months int        `yaml:"months"`
	Target int        `yaml:"target"` // hours we propose where the rule only says "without delay"
	Latest *ClockStop `yaml:"latest"` // a second limit; the earlier one counts

	Calendar string `yaml:"calendar"` // how days and months are counted, see clockCalendars
	Counted  string `yaml:"counted"`  // the same in words, with what we left out on purpose
	Draft    string `yaml:"draft"`    // the text, filled from a ClockDraft
}

// A ClockStop is a second limit of a rule.
type ClockStop struct {
	From  string `yaml:"from"`
	Hours int    `yaml:"hours"`
}

func (c *Clock) id() string { return c.ID }

// Legal is the list of rules with the public holidays that move the end of a period.
type Legal struct {
	Clocks   []Clock
	Holidays map[string][]string // by country, "" for all: "12-25", or days after Easter Sunday: "easter+1"
}

// Clock finds a rule by its id.
func (l *Legal) Clock(id string) (*Clock, bool) {
	for i := range l.Clocks {
		if l.Clocks[i].ID == id {
			return &l.Clocks[i], true
		}
	}
	return nil, false
}

// A ClockDraft is what the texts of notifications are filled from.
type ClockDraft struct {
	Organisation, Country, Contact          string
	Incident, Reference, Summary, Category  string
	Severity, Phase, Asset                  string
	Started, Detected, Aware, Declared, Now string // in the time zone of the organisation
	People                                  int
	Data                                    []string // kinds of data
	Done                                    []string // what was done so far, the newest last
	Causes                                  []string
	Recipient                               string
	Late                                    bool
}

// LegalClocks returns the shipped rules. They are read once.
var LegalClocks = sync.OnceValues(func() (*Legal, error) { return ReadLegal(files) })

// ReadLegal reads clocks.yaml out of a folder and proves that it hangs together.
func ReadLegal(fsys fs.FS) (*Legal, error) {
	var doc struct {
		Holidays map[string][]string `yaml:"holidays"`
		Clocks   []Clock             `yaml:"clocks"`
	}
	const name = "clocks.yaml"
	if _, err := decodeFile(fsys, name, &doc); err != nil {
		return nil, err
	}
	l := &Legal{Clocks: doc.Clocks, Holidays: doc.Holidays}
	var bad []error
	for i := range l.Clocks {
		if err := l.checkClock(&l.Clocks[i], i); err != nil {
			bad = append(bad, fmt.Errorf("%s: clock %q: %w", name, l.Clocks[i].ID, err))
		}
	}
	for country, days := range l.Holidays {
		for _, d := range days {
			if !holiday.MatchString(d) {
				bad = append(bad, fmt.Errorf(`%s: holidays of %q: %q is no day; write 12-25, easter+1 or orthodox+1`, name, country, d))
			}
		}
	}
	return l, errors.Join(bad...)
}

var holiday = regexp.MustCompile(`^((0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])|(easter|orthodox)[+-]\d{1,2})$`)

// The closed lists of words in a rule.
var (
	clockFacts     = words("personal_data high_risk card_data health_data significant major processor")
	clockMoments   = words("aware detected declared major year_end")
	clockCalendars = words("eu-1182-71 eu-2025-301 plain")
	clockStages    = words("only early_warning initial intermediate final")
	clockParties   = words("data_protection_authority security_authority sector_regulator data_subjects customers card_brands insurer police partners investors staff media")
)

func (l *Legal) checkClock(c *Clock, at int) error {
	var bad []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			bad = append(bad, fmt.Errorf(format, args...))
		}
	}
	refuse(!slugID.MatchString(c.ID), "the id is small letters, digits and single hyphens")
	refuse(slices.ContainsFunc(l.Clocks[:at], func(o Clock) bool { return o.ID == c.ID }), "the id is used twice")
	for name, text := range map[string]string{"title": c.Title, "source": c.Source, "short": c.Short, "counted": c.Counted, "law": c.Law, "draft": c.Draft} {
		refuse(strings.TrimSpace(text) == "", "%s is missing", name)
	}
	refuse(!slices.Contains(clockParties, c.To), "to: %q is not one of %s", c.To, strings.Join(clockParties, ", "))
	refuse(!slices.Contains(clockStages, c.Stage), "stage: %q is not one of %s", c.Stage, strings.Join(clockStages, ", "))
	for _, fact := range c.When {
		refuse(!slices.Contains(clockFacts, fact), "when: %q is not one of %s", fact, strings.Join(clockFacts, ", "))
	}
	refuse((c.From == "") == (c.After == ""), "needs either from or after")
	refuse(c.From != "" && !slices.Contains(clockMoments, c.From), "from: %q is not one of %s", c.From, strings.Join(clockMoments, ", "))
	refuse(c.After != "" && !slices.ContainsFunc(l.Clocks[:at], func(o Clock) bool { return o.ID == c.After }), "after: %q is no rule that stands before it", c.After)
	refuse(periods(c) != 1, "needs exactly one of hours, days, months and target")
	refuse(c.Days+c.Months > 0 && !slices.Contains(clockCalendars, c.Calendar), "calendar: %q is not one of %s", c.Calendar, strings.Join(clockCalendars, ", "))
	if c.Latest != nil {
		refuse(!slices.Contains(clockMoments, c.Latest.From) || c.Latest.Hours <= 0, "latest needs a moment and a number of hours")
	}
	if _, err := c.Fill(ClockDraft{Data: []string{"names"}, Done: []string{"x"}, Causes: []string{"x"}, People: 1}); err != nil {
		bad = append(bad, fmt.Errorf("draft: %w", err))
	}
	return errors.Join(bad...)
}

func periods(c *Clock) (n int) {
	for _, v := range []int{c.Hours, c.Days, c.Months, c.Target} {
		if v > 0 {
			n++
		}
	}
	return n
}

// Fill writes the draft of the notification.
func (c *Clock) Fill(d ClockDraft) (string, error) {
	t, err := template.New(c.ID).Option("missingkey=error").Funcs(template.FuncMap{"join": func(list []string) string { return strings.Join(list, ", ") }}).Parse(c.Draft)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, d); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()), nil
}

// Allowed is the period of the rule in words: "72 hours", "one month", "without
// delay (our target: 24 hours)".
func (c *Clock) Allowed() string {
	switch {
	case c.Hours == 1:
		return "1 hour"
	case c.Hours > 0:
		return fmt.Sprintf("%d hours", c.Hours)
	case c.Days > 0:
		return fmt.Sprintf("%d days", c.Days)
	case c.Months == 1:
		return "one month"
	case c.Months > 0:
		return fmt.Sprintf("%d months", c.Months)
	}
	return fmt.Sprintf("without delay (our target: %d hours)", c.Target)
}

// End is the last moment of the period of the rule that starts at the given moment.
// Hours are hours, whatever the clocks on the wall do. Days and months are counted
// on the calendar of the zone, from the day after the start, and end with the last
// second of their last day; by Regulation (EEC, Euratom) 1182/71 article 3(4) a last
// day that is a Saturday, a Sunday or a public holiday of the country moves to the
// next working day; by Delegated Regulation (EU) 2025/301 article 5(4) to its noon.
func (l *Legal) End(c *Clock, start time.Time, zone *time.Location, country string) time.Time {
	if h := c.Hours + c.Target; h > 0 {
		return start.Add(time.Duration(h) * time.Hour)
	}
	y, m, d := start.In(zone).Date()
	switch {
	case c.Months > 0:
		first := time.Date(y, m+time.Month(c.Months), 1, 12, 0, 0, 0, time.UTC)
		last := first.AddDate(0, 1, -1).Day()
		y, m, d = first.Year(), first.Month(), min(d, last)
	default:
		y, m, d = time.Date(y, m, d+c.Days, 12, 0, 0, 0, time.UTC).Date()
	}
	moved := false
	for c.Calendar != "plain" && l.free(y, m, d, country) {
		y, m, d = time.Date(y, m, d+1, 12, 0, 0, 0, time.UTC).Date()
		moved = true
	}
	if moved && c.Calendar == "eu-2025-301" {
		return time.Date(y, m, d, 12, 0, 0, 0, zone).UTC()
	}
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone).Add(-time.Second).UTC()
}

// free tells whether nobody works on the day in the country.
func (l *Legal) free(y int, m time.Month, d int, country string) bool {
	day := time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
	if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
		return true
	}
	for _, h := range slices.Concat(l.Holidays[""], l.Holidays[country]) {
		if holidayIn(h, y) == day.Format("01-02") {
			return true
		}
	}
	return false
}

// holidayIn is the day of a holiday in a year, as "12-25".
func holidayIn(h string, year int) string {
	name, sign := "easter", easter
	if strings.HasPrefix(h, "orthodox") {
		name, sign = "orthodox", orthodoxEaster
	}
	rest, moves := strings.CutPrefix(h, name)
	if !moves {
		return h
	}
	var days int
	if _, err := fmt.Sscanf(rest, "%d", &days); err != nil {
		return h
	}
	return sign(year).AddDate(0, 0, days).Format("01-02")
}

// easter is Easter Sunday of the western churches, by the anonymous Gregorian
// algorithm (Nature, 20 April 1876).
func easter(y int) time.Time {
	a, b, c := y%19, y/100, y%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(y, time.Month(n/31), n%31+1, 12, 0, 0, 0, time.UTC)
}

// orthodoxEaster is Easter Sunday of the eastern churches: Meeus' Julian algorithm,
// moved to the Gregorian calendar.
func orthodoxEaster(y int) time.Time {
	a, b, c := y%4, y%7, y%19
	d := (19*c + 15) % 30
	e := (2*a + 4*b - d + 34) % 7
	n := d + e + 114
	return time.Date(y, time.Month(n/31), n%31+1+y/100-y/400-2, 12, 0, 0, 0, time.UTC)
}
