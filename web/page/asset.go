package page

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/store"
	"holdfast/web"
	"holdfast/web/ui"
)

// How much the page of an asset shows.
const (
	fixesShown = 6
	runsShown  = 40 // newest runs, of which the latest of each engine is shown
	hops       = 2  // how far dependencies are followed
	nodesShown = 24
	softPage   = 100
)

// An assetView is what stands above the fields of an asset.
type assetView struct {
	req *web.Request
	figures
	asset    *isms.Asset
	today    kind.Date
	open     map[string]int64 // open findings by severity
	fixes    []store.FindingGroup
	titles   map[string]string // of fixes, where people know them by another name
	risks    []*isms.Risk
	runs     []store.Run // the latest of each engine
	software int
	graph    chart.Graph
}

func (c Config) assetAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	if !seesLedger(r.Actor) {
		return nil, nil
	}
	v := &assetView{req: r, figures: figures{r.Format}, asset: rec.(*isms.Asset), today: r.Format.Today(r.Now()), open: map[string]int64{}}
	for _, read := range []func() error{v.readFindings, v.readRisks, v.readScans, v.readNeighbours} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return assetBench(v), nil
}

// readFindings reads what is wrong with the asset and what mends most of it.
func (v *assetView) readFindings() error {
	q := kind.Query{}.Where("asset_id", v.asset.ID).Where("status", string(isms.FindingOpen))
	groups, err := v.req.App().Groups(v.req.Ctx(), isms.Findings, q, "severity", 10)
	if err != nil {
		return err
	}
	for _, g := range groups {
		v.open[g.Value] = g.Count
	}
	if v.fixes, _, err = v.req.App().FindingGroups(v.req.Ctx(), q, "fix", v.today, store.WorstFirst, fixesShown, 0); err != nil {
		return err
	}
	v.titles, err = repairTitles(v.req, v.fixes)
	return err
}

// repairTitles says of repairs of failed checks what is wrong.
func repairTitles(r *web.Request, groups []store.FindingGroup) (map[string]string, error) {
	var keys []string
	for _, g := range groups {
		if check, ok := strings.CutPrefix(g.Value, repairPrefix); ok {
			keys = append(keys, strings.ToLower(check))
		}
	}
	titles := map[string]string{}
	if len(keys) == 0 {
		return titles, nil
	}
	page, err := r.App().List(r.Ctx(), isms.Vulnerabilities, kind.Query{Limit: len(keys)}.Where("key", keys...))
	for _, rec := range page.Records {
		titles[rec.GetBase().Key] = rec.GetBase().Title
	}
	named := map[string]string{}
	for _, g := range groups {
		if check, ok := strings.CutPrefix(g.Value, repairPrefix); ok && titles[strings.ToLower(check)] != "" {
			named[g.Value] = titles[strings.ToLower(check)]
		}
	}
	return named, err
}

func (v *assetView) fixTitle(g store.FindingGroup) string {
	if t := v.titles[g.Value]; t != "" {
		return t
	}
	return g.Value
}

func (v *assetView) readRisks() error {
	q := kind.Query{Sort: "-loss_now", Limit: 50}.Where("asset_id", v.asset.ID).With("status", kind.Not, string(isms.RiskClosed))
	page, err := v.req.App().List(v.req.Ctx(), isms.Risks, q)
	for _, rec := range page.Records {
		v.risks = append(v.risks, rec.(*isms.Risk))
	}
	return err
}

// readScans reads the latest run of each engine and how much software was found.
func (v *assetView) readScans() error {
	return v.req.App().View(v.req.Ctx(), func(tx *store.Tx) error {
		runs, err := tx.Runs(v.asset.ID, runsShown)
		if err != nil {
			return err
		}
		for _, run := range runs {
			if !slices.ContainsFunc(v.runs, func(r store.Run) bool { return r.Engine == run.Engine }) {
				v.runs = append(v.runs, run)
			}
		}
		_, v.software, err = tx.Components(v.asset.ID, "", 1, 0)
		return err
	})
}

// readNeighbours follows dependencies in both directions, some steps far.
func (v *assetView) readNeighbours() error {
	v.graph.Title = "What depends on " + v.asset.Title + ", and what it needs"
	known := map[string]bool{v.asset.ID: true}
	edges := map[chart.Edge]bool{}
	for _, way := range []struct{ from, to string }{{"asset_id", "needs_id"}, {"needs_id", "asset_id"}} {
		front := []string{v.asset.ID}
		for range hops {
			next, err := v.follow(front, way.from, way.to, edges)
			if err != nil {
				return err
			}
			front = nil
			for _, id := range next {
				if !known[id] && len(known) < nodesShown {
					known[id] = true
					front = append(front, id)
				}
			}
			if len(front) == 0 {
				break
			}
		}
	}
	return v.draw(known, edges)
}

// follow reads one step of dependencies and returns where they lead.
func (v *assetView) follow(front []string, from, to string, edges map[chart.Edge]bool) ([]string, error) {
	page, err := v.req.App().List(v.req.Ctx(), isms.AssetDependencies, kind.Query{Limit: 200}.Where(from, front...))
	if kind.CodeOf(err) == kind.Forbidden {
		return nil, nil
	}
	var next []string
	for _, rec := range page.Records {
		d := rec.(*isms.AssetDependency)
		edges[chart.Edge{From: d.AssetID, To: d.NeedsID}] = true
		next = append(next, isms.AssetDependencies.Field(to).Text(d))
	}
	return next, err
}

func (v *assetView) draw(known map[string]bool, edges map[chart.Edge]bool) error {
	if len(edges) == 0 {
		return nil
	}
	var ids []string
	for id := range known {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	found, err := v.req.App().Many(v.req.Ctx(), isms.Assets, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if a, ok := found[id].(*isms.Asset); ok {
			v.graph.Nodes = append(v.graph.Nodes, chart.Node{ID: id, Name: a.Title, Kind: lowerFirst(isms.Assets.Field("type").Choice(string(a.Type)).Label), Strong: id == v.asset.ID})
		}
	}
	for e := range edges {
		if known[e.From] && known[e.To] {
			v.graph.Edges = append(v.graph.Edges, e)
		}
	}
	slices.SortFunc(v.graph.Edges, func(a, b chart.Edge) int { return strings.Compare(a.From+a.To, b.From+b.To) })
	return nil
}

func (v *assetView) openTotal() (n int64) {
	for _, c := range v.open {
		n += c
	}
	return n
}

func (v *assetView) stats() []ui.StatProps {
	worth := ui.StatProps{Label: "Worth", Value: "–", Note: "No value yet: say what its loss would cost"}
	if !v.asset.Value.IsZero() {
		worth.Value, worth.Note = v.short(v.asset.Value.Low)+"–"+v.short(v.asset.Value.High), "What its complete loss would cost"
		if v.asset.Value.Low == v.asset.Value.High {
			worth.Value = v.short(v.asset.Value.Low)
		}
	}
	loss, target := 0.0, 0.0
	for _, r := range v.risks {
		loss, target = loss+r.LossNow.Float(), target+r.LossTarget.Float()
	}
	cost := ui.StatProps{Label: "Expected yearly loss", Value: v.money(loss), Note: v.plural(int64(len(v.risks)), "risk", "risks") + " on it", Href: "#risks"}
	if saved := loss - target; round(saved) > 0 {
		cost.Delta, cost.Trend, cost.Tone = v.money(target)+" with the plan", ui.Down, ui.Positive
	}
	open := ui.StatProps{Label: "Open findings", Value: v.format.Count(v.openTotal()), Href: link("/triage", "asset", v.asset.ID)}
	if n := v.open["critical"] + v.open["high"]; n > 0 {
		open.Note = v.format.Count(n) + " critical or high"
	}
	soft := ui.StatProps{Label: "Software", Value: v.format.Count(int64(v.software)), Note: "packages found by scans", Href: assetURL(v.asset.ID) + "/software"}
	if v.software == 0 {
		soft.Note, soft.Href = "Not scanned yet", ""
	}
	return []ui.StatProps{worth, cost, open, soft}
}

// A softwareView is a page of the software of an asset.
type softwareView struct {
	req    *web.Request
	asset  *isms.Asset
	filter string
	list   []store.Component
	total  int
	page   int // from 0
}

// software lists what scans found on an asset.
func (c Config) software(r *web.Request) error {
	rec, err := r.App().Get(r.Ctx(), isms.Assets, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := &softwareView{req: r, asset: rec.(*isms.Asset), filter: strings.TrimSpace(r.FormValue("q"))}
	if n, err := strconv.Atoi(r.FormValue("page")); err == nil && n > 1 && n < 100_000 {
		v.page = n - 1
	}
	err = r.App().View(r.Ctx(), func(tx *store.Tx) (err error) {
		v.list, v.total, err = tx.Components(v.asset.ID, v.filter, softPage, v.page*softPage)
		return err
	})
	if err != nil {
		return err
	}
	r.Crumbs(ui.Crumb{Label: "Assets", Href: "/assets"}, ui.Crumb{Label: v.asset.Title, Href: assetURL(v.asset.ID)})
	return r.Render("Software", softwareBody(v))
}

func (v *softwareView) url(page int) string {
	text := ""
	if page > 0 {
		text = strconv.Itoa(page + 1)
	}
	return link(assetURL(v.asset.ID)+"/software", "q", v.filter, "page", text)
}

func (v *softwareView) table() ui.TableProps {
	p := ui.TableProps{ID: "software", Caption: "Software on " + v.asset.Title, Dense: true,
		Columns: []ui.Column{{Key: "name", Label: "Package"}, {Key: "version", Label: "Version"}, {Key: "ecosystem", Label: "From"}, {Key: "path", Label: "Found in"}, {Key: "first", Label: "First seen"}},
		Filters: ui.FilterBar(ui.FilterBarProps{Action: assetURL(v.asset.ID) + "/software", Query: v.filter, Placeholder: "Filter packages"}),
		Empty:   ui.EmptyProps{Icon: "box", Title: "No software found", Text: "A scan of the asset lists its packages here. If a filter is set, take it away."}}
	for _, c := range v.list {
		var path templ.Component
		if c.Path != "" {
			path = ui.Mono(c.Path)
		}
		p.Rows = append(p.Rows, ui.Row{ID: c.PURL, Label: c.Name, Cells: []templ.Component{ui.Text(c.Name), ui.Mono(c.Version), ui.Muted(c.Ecosystem), path, ui.Time(v.req.Format.Time(c.FirstSeen))}})
	}
	if v.total > softPage {
		p.Pager = &ui.PagerProps{First: v.page*softPage + 1, Last: v.page*softPage + len(v.list), Total: v.total}
		if v.page > 0 {
			p.Pager.PrevURL = v.url(v.page - 1)
		}
		if p.Pager.Last < v.total {
			p.Pager.NextURL = v.url(v.page + 1)
		}
	}
	return p
}
