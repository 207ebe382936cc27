package paper

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/chart"
)

// An organisation is what every document says of whose it is.
type organisation struct {
	name, currency, lang, classification string

	zone  *time.Location
	brand report.Brand
}

// whose reads the profile of the organisation; without one it has sensible values.
func whose(ctx context.Context, a *app.App) (organisation, error) {
	o := organisation{currency: "EUR", lang: "en-GB", classification: "Confidential", zone: time.UTC}
	list, err := app.Of[isms.Organisation](a, isms.Organisations).List(ctx, kind.Query{Limit: 1, Sort: "created_at"})
	if err != nil || len(list) == 0 {
		return o, err
	}
	org := list[0]
	o.name = cmp.Or(org.LegalName, org.Title)
	o.currency, o.lang = cmp.Or(org.Currency, o.currency), cmp.Or(org.Locale, o.lang)
	if zone, err := time.LoadLocation(org.TimeZone); err == nil {
		o.zone = zone
	}
	o.brand = report.Brand{Colour: org.BrandColour}
	return o, nil
}

// money writes an amount with its currency and three significant figures.
func (o organisation) money(v float64) string { return chart.Money(v, o.currency) }

func (o organisation) amount(m kind.Money) string { return o.money(m.Float()) }

// titles reads the titles of records by id, for columns that refer to them.
func titles(ctx context.Context, a *app.App, k *kind.Kind, ids []string) (map[string]string, error) {
	found, err := a.Many(ctx, k, distinct(ids))
	out := map[string]string{}
	for id, r := range found {
		out[id] = r.GetBase().Title
	}
	return out, err
}

func distinct(ids []string) []string {
	seen := map[string]bool{}
	var once []string
	for _, id := range ids {
		if id != "" && !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	return once
}

// byTitle sorts records in an order that is the same tomorrow.
func byTitle(list []kind.Record) {
	slices.SortFunc(list, func(a, b kind.Record) int {
		return cmp.Or(strings.Compare(a.GetBase().Title, b.GetBase().Title), strings.Compare(a.GetBase().ID, b.GetBase().ID))
	})
}

func para(format string, args ...any) report.Paragraph {
	return report.Paragraph{Text: report.Rich(fmt.Sprintf(format, args...))}
}

func h1(text string) report.Heading { return report.Heading{Level: 1, Text: text} }
func h2(text string) report.Heading { return report.Heading{Level: 2, Text: text} }

func cell(text string) report.Cell { return report.Cell{Text: report.Plain(text)} }

func toned(text string, tone report.Tone) report.Cell {
	return report.Cell{Text: report.Plain(text), Tone: tone}
}

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func dash(s string) string {
	if strings.TrimSpace(s) == "" {
		return "–"
	}
	return s
}

// withoutTitle drops the first heading of a text when it says no more than the
// title above it.
func withoutTitle(text kind.Markdown, title string) kind.Markdown {
	first, rest, _ := strings.Cut(strings.TrimLeft(string(text), "\n"), "\n")
	if strings.HasPrefix(first, "# ") && strings.EqualFold(strings.TrimSpace(first[2:]), strings.TrimSpace(title)) {
		return kind.Markdown(rest)
	}
	return text
}
