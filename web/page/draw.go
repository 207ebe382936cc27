package page

import (
	"bytes"
	"context"
	"io"
	"math"
	"net/url"

	"github.com/a-h/templ"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/web"
	"holdfast/web/ui"
)

// Widths at which charts are drawn. The style sheet shows the one that fits.
const (
	wide  = 760 // of a card that has the page for itself
	half  = 520 // of one of two cards side by side
	phone = 330
)

// draw renders a chart for a wide place and for a phone.
func draw(c chart.Chart, width float64) templ.Component {
	return ui.Join(svg(c, width, "plot plot--wide"), svg(c, phone, "plot plot--phone"))
}

// svg is a drawing of a chart. It escapes every text in it.
func svg(c chart.Chart, width float64, class string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b bytes.Buffer
		b.WriteString(`<div class="` + class + `">`)
		if err := c.Draw(width).SVG(&b); err != nil {
			return err
		}
		b.WriteString(`</div>`)
		_, err := w.Write(b.Bytes())
		return err
	})
}

// figureOf puts a chart into a frame with its table.
func figureOf(p ui.ChartProps, c chart.Chart, width float64) templ.Component {
	t := c.Table()
	for _, col := range t.Columns {
		p.Columns = append(p.Columns, col.Name)
	}
	p.Rows = t.Rows
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return ui.ChartFrame(p).Render(templ.WithChildren(ctx, draw(c, width)), w)
	})
}

// round keeps three significant digits: more would claim what nobody knows.
func round(x float64) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	unit := math.Pow(10, math.Max(0, math.Floor(math.Log10(math.Abs(x)))-2))
	return math.Round(x/unit) * unit
}

// figures writes what is computed, which is less exact than what is entered.
type figures struct{ format *web.Format }

// money is a computed amount with the currency of the organisation.
func (f figures) money(x float64) string { return f.format.Amount(round(x)) }

// amount is money for a record.
func (f figures) amount(m kind.Money) string { return f.money(m.Float()) }

// short is money for tight places: "€1.2m".
func (f figures) short(x float64) string { return chart.Money(x, f.format.Currency) }

// riskURL, assetURL and the others are where a record is found.
func riskURL(id string) string  { return web.RecordURL(isms.Risks, id) }
func assetURL(id string) string { return web.RecordURL(isms.Assets, id) }

// link builds an address of this site with a query; empty values are left out.
func link(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Add(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// plural writes a count with its noun.
func (f figures) plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return f.format.Count(n) + " " + many
}
