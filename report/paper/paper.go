// Package paper holds the documents that Holdfast produces, one file each. Every
// one is made of live records and says when; the same records give the same bytes.
package paper

import (
	"context"
	"fmt"
	"strings"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/chart"
)

// An organisation is what every document says of whose it is.
type organisation struct {
	name, currency, lang string
}

// whose reads the profile of the organisation; without one it has sensible values.
func whose(ctx context.Context, a *app.App) (organisation, error) {
	o := organisation{name: "", currency: "EUR", lang: "en-GB"}
	list, err := app.Of[isms.Organisation](a, isms.Organisations).List(ctx, kind.Query{Limit: 1, Sort: "created_at"})
	if err != nil || len(list) == 0 {
		return o, err
	}
	org := list[0]
	o.name = org.Title
	if org.LegalName != "" {
		o.name = org.LegalName
	}
	if org.Currency != "" {
		o.currency = org.Currency
	}
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
