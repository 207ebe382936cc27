package web

import (
	"context"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// A Format writes numbers, money and time as the organisation of the workspace
// does. This file is the only place that knows how.
type Format struct {
	Workspace    string // its title
	Organisation string // its title; empty when the profile was not filled in
	Currency     string // ISO 4217
	Locale       string // BCP 47
	Zone         *time.Location

	printer *message.Printer
	sign    string
	after   bool // the sign of the currency follows the amount
}

func newFormat(workspace string, o *isms.Organisation) *Format {
	f := &Format{Workspace: workspace, Currency: "EUR", Locale: "en-GB", Zone: time.UTC}
	if o != nil {
		f.Organisation = o.Title
		f.Currency, f.Locale = or(o.Currency, f.Currency), or(o.Locale, f.Locale)
		if zone, err := time.LoadLocation(or(o.TimeZone, "UTC")); err == nil {
			f.Zone = zone
		}
	}
	tag, err := language.Parse(f.Locale)
	if err != nil {
		tag = language.BritishEnglish
	}
	f.printer = message.NewPrinter(tag)
	f.sign = f.Currency + "\u00a0"
	if unit, err := currency.ParseISO(f.Currency); err == nil {
		if sign := f.printer.Sprint(currency.NarrowSymbol(unit)); sign != f.Currency {
			f.sign = sign
		}
	}
	base, _ := tag.Base()
	switch base.String() {
	case "en", "zh", "ja", "ko", "th", "hi", "ga", "mt":
	case "nl", "pt", "tr":
		f.sign = strings.TrimSuffix(f.sign, "\u00a0") + "\u00a0"
	default:
		f.after, f.sign = true, "\u00a0"+strings.TrimSuffix(f.sign, "\u00a0")
	}
	return f
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// Number writes a number with the groups and the decimal sign of the locale and at
// most so many decimals.
func (f *Format) Number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	return strings.ReplaceAll(f.printer.Sprint(number.Decimal(v, number.MaxFractionDigits(decimals))), "-", "−")
}

// Count writes a whole number.
func (f *Format) Count(n int64) string { return f.Number(float64(n), 0) }

// Money writes an amount: cents only where there are some.
func (f *Format) Money(m kind.Money) string {
	decimals := 0
	if m%100 != 0 {
		decimals = 2
	}
	return f.withSign(m.Float(), decimals)
}

// Amount writes money given in major units, without cents from a hundred on.
func (f *Format) Amount(major float64) string {
	decimals := 0
	if math.Abs(major) < 100 && major != math.Trunc(major) {
		decimals = 2
	}
	return f.withSign(major, decimals)
}

func (f *Format) withSign(v float64, decimals int) string {
	minus := ""
	if v < 0 {
		minus, v = "−", -v
	}
	text := f.printer.Sprint(number.Decimal(v, number.MinFractionDigits(decimals), number.MaxFractionDigits(decimals)))
	if f.after {
		return minus + text + f.sign
	}
	return minus + f.sign + text
}

// Share writes a share of 1 in per cent.
func (f *Format) Share(v float64) string {
	decimals := 0
	if v != 0 && math.Abs(v) < 0.1 {
		decimals = 1
	}
	return f.Number(v*100, decimals) + "\u00a0%"
}

// Time brings an instant into the time zone of the organisation.
func (f *Format) Time(t time.Time) time.Time { return t.In(f.Zone) }

// Today is the present day where the organisation is.
func (f *Format) Today(now time.Time) kind.Date { return kind.DateOf(now.In(f.Zone)) }

// Quantity writes a number with its unit; money, shares and counts each as usual.
func (f *Format) Quantity(v float64, unit string) string {
	switch unit {
	case "money":
		return f.Amount(v)
	case "share":
		return f.Share(v)
	case "":
		return f.Number(v, 2)
	case "bytes":
		return f.bytes(v)
	}
	return f.Number(v, 2) + "\u00a0" + unit
}

func (f *Format) bytes(v float64) string {
	for _, unit := range []string{"bytes", "kB", "MB", "GB"} {
		if v < 1000 || unit == "GB" {
			return f.Number(v, 1) + "\u00a0" + unit
		}
		v /= 1000
	}
	return ""
}

// Range writes an uncertain quantity: "2 to 10 per year, likely 5".
func (f *Format) Range(r kind.Range, unit string) string {
	if r.IsZero() {
		return ""
	}
	if r.Low == r.High {
		return f.Quantity(r.Low, unit)
	}
	short := unit
	if unit != "money" && unit != "share" {
		short = ""
	}
	text := f.Quantity(r.Low, short) + " to " + f.Quantity(r.High, unit)
	if r.Likely != 0 {
		text += ", likely " + f.Quantity(r.Likely, short)
	}
	return text
}

// places keeps, for some seconds, how the organisation of a workspace writes.
type places struct {
	app  *app.App
	now  func() time.Time
	mu   sync.Mutex
	held map[string]heldFormat
}

type heldFormat struct {
	format *Format
	at     time.Time
}

const heldFor = 5 * time.Second

func (p *places) format(ctx context.Context, workspace string) *Format {
	if workspace == "" {
		return newFormat("", nil)
	}
	now := p.now()
	p.mu.Lock()
	h, ok := p.held[workspace]
	p.mu.Unlock()
	if ok && now.Sub(h.at) < heldFor {
		return h.format
	}
	f, err := p.read(ctx, workspace)
	if err != nil {
		return f // not held: the next page asks again
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil || len(p.held) > 1000 {
		p.held = map[string]heldFormat{}
	}
	p.held[workspace] = heldFormat{f, now}
	return f
}

// forget drops what is held, when somebody changes the profile.
func (p *places) forget(workspace string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.held, workspace)
}

// read falls back to the defaults: a page in the wrong currency sign is better
// than none, and the profile may not exist yet.
func (p *places) read(ctx context.Context, workspace string) (*Format, error) {
	machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: workspace, Machine: true, Via: "web"})
	title := "Workspace"
	w, err := app.Of[isms.Workspace](p.app, isms.Workspaces).Get(machine, workspace)
	if err == nil {
		title = w.Title
	} else if kind.CodeOf(err) != kind.NotFound {
		return newFormat(title, nil), err
	}
	list, err := app.Of[isms.Organisation](p.app, isms.Organisations).List(machine, kind.Query{Sort: "created_at", Limit: 1})
	if err != nil || len(list) == 0 {
		return newFormat(title, nil), err
	}
	return newFormat(title, list[0]), nil
}

// upper begins a sentence with a capital letter.
func upper(s string) string {
	if s == "" {
		return ""
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// lower makes the name of a thing stand inside a sentence; abbreviations stay.
func lower(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	if s == "" {
		return ""
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func itoa(n int) string { return strconv.Itoa(n) }
