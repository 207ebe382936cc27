// Package page holds the workbenches: pages made for a job, where the generic ones
// are only the floor. All lists them; one file each.
package page

import (
	"bytes"
	"context"
	"net/http"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/chart"
	"holdfast/web"
	"holdfast/web/ui"
)

// Config is what the workbenches work with.
type Config struct {
	Flow       *flow.Flow
	Advisories func() (*feed.Index, error) // nil index: none are loaded
	Reports    map[string]func(context.Context) (report.Document, error)
	ScanHost   func(context.Context) (job string, err error) // asks for a scan of the machine we run on
}

// All lists every workbench, and what the pages of records show beyond the generic.
func All(c Config) ([]web.Page, []web.Detail) {
	ledger := web.MayRead(isms.Risks, isms.Findings, isms.Assets, isms.Safeguards, isms.Treatments)
	pages := []web.Page{
		{Pattern: "GET /{$}", Serve: c.home},
		{Pattern: "GET /heatmap", Title: "Heat map & loss", Icon: "chart", Group: kind.Identify, Words: "matrix exceedance curve portfolio", Needs: ledger, Serve: c.heatmap},
		{Pattern: "GET /triage", Title: "Findings triage", Icon: "bug", Group: kind.Identify, Words: "vulnerabilities weaknesses fix", On: "finding", Needs: ledger, Serve: c.triage},
		{Pattern: "POST /triage", Needs: ledger, Serve: c.decide},
		{Pattern: "GET /risks/{id}/workbench", Needs: ledger, Serve: c.riskBench},
		{Pattern: "GET /risks/{id}/what-if", Needs: ledger, Serve: c.whatIf},
		{Pattern: "GET /assets/{id}/software", Needs: ledger, Serve: c.software},
		{Pattern: "GET /reports", Title: "Reports", Icon: "file", Group: kind.Govern, Words: "pdf download risk assessment", Needs: ledger, Serve: c.reports},
		{Pattern: "GET /reports/{file}", Needs: ledger, Serve: c.download},
		{Pattern: "POST /scan", Needs: mayScan, Serve: c.scan},
	}
	details := []web.Detail{
		{Kind: "risk", Actions: riskActions, Above: c.riskAbove, Skip: []string{"loss_now", "loss_inherent", "loss_target", "loss_p95", "weakness", "measured", "findings", "description"}},
		{Kind: "asset", Above: c.assetAbove},
	}
	return pages, details
}

// mayScan: whoever may add findings may ask for a look at the machine.
func mayScan(a access.Actor) bool { return a.May(kind.Write, isms.Findings) == access.All }

// sees tells whether the actor may read what the workbenches show.
func sees(r *web.Request) bool {
	return r.May(kind.Read, isms.Risks) && r.May(kind.Read, isms.Findings) && r.May(kind.Read, isms.Assets)
}

// Widths at which charts are drawn: for a wide page, for half of it, for a phone.
const (
	wide  = 760
	half  = 520
	phone = 340
)

// draw renders a chart for wide screens and for phones; the style sheet shows one.
func draw(c chart.Chart, width float64) templ.Component {
	return templ.Join(svg(c, width, "plot plot--wide"), svg(c, phone, "plot plot--phone"))
}

func svg(c chart.Chart, width float64, class string) templ.Component {
	var b bytes.Buffer
	if err := c.Draw(width).SVG(&b); err != nil {
		return templ.NopComponent
	}
	return plot(class, b.String())
}

// frame puts a chart into a figure with its table.
func frame(p ui.ChartProps, c chart.Chart, width float64) templ.Component {
	t := c.Table()
	for _, col := range t.Columns {
		p.Columns = append(p.Columns, col.Name)
	}
	p.Rows = t.Rows
	return framed(p, draw(c, width))
}

var _ = http.StatusOK
