package page

import (
	"slices"

	"github.com/a-h/templ"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
)

// A groupDetail is what opens under a group: why it matters, how to repair it, and
// its findings.
type groupDetail struct {
	*web.Request
	figures
	today    kind.Date
	by       grouping
	value    string
	findings []*isms.Finding
	more     bool // there are more findings than shown
	assets   map[string]kind.Record
	weakness *isms.Vulnerability // when all findings shown are of one
	action   *flow.Action
	risks    []*isms.Risk // that it feeds
	listURL  string
}

// triageGroup answers the inside of one group, for the script.
func (c Config) triageGroup(r *web.Request) error {
	a, err := readTriage(r.URL.Query(), r.Format.Today(r.Now()))
	if err != nil {
		return err
	}
	if !r.Fragment() {
		return r.Redirect(a.with("group", a.group) + "#" + groupID(a.group))
	}
	d, err := c.detailOf(r, a)
	if err != nil {
		return err
	}
	return r.RenderPart(groupInside(d))
}

// openGroup reads the inside of the group that the address names. It is added to
// the page when it is not on it, so that a link to a group always shows it.
func (v *triageView) openGroup(c Config) error {
	if !v.values.Has("group") {
		return nil
	}
	d, err := c.detailOf(v.Request, v.triageAddress)
	if err != nil || len(d.findings) == 0 {
		return err
	}
	i := slices.IndexFunc(v.groups, func(g triageGroup) bool { return g.Value == v.group })
	if i < 0 {
		if i, err = v.fetchGroup(); err != nil || i < 0 {
			return err
		}
	}
	v.groups[i].open, v.groups[i].detail = true, d
	if v.groups[i].action == nil {
		v.groups[i].action = d.action
	}
	return nil
}

// fetchGroup puts the group that the address names before the others.
func (v *triageView) fetchGroup() (int, error) {
	q := v.query.Where(v.by.field, v.group)
	list, _, err := v.App().FindingGroups(v.Ctx(), q, v.by.field, v.today, "worst", 1, 0)
	if err != nil || len(list) == 0 {
		return -1, err
	}
	v.groups = slices.Insert(v.groups, 0, triageGroup{FindingGroup: list[0], title: list[0].Value})
	return 0, v.nameGroups()
}

// detailOf reads the inside of the group that the address names.
func (c Config) detailOf(r *web.Request, a triageAddress) (*groupDetail, error) {
	d := &groupDetail{Request: r, figures: figures{r.Format}, today: r.Format.Today(r.Now()), by: a.by, value: a.group}
	q := a.query.Where(a.by.field, a.group)
	if a.group == "" {
		q = a.query.With(a.by.field, kind.Empty, "true")
	}
	q.Sort, q.Limit = "due", findingsShown
	page, err := r.App().List(r.Ctx(), isms.Findings, q)
	if err != nil {
		return nil, err
	}
	d.more = page.Next != ""
	for _, rec := range page.Records {
		d.findings = append(d.findings, rec.(*isms.Finding))
	}
	d.listURL = listOf(q)
	if err := d.readAround(); err != nil {
		return nil, err
	}
	fixes, err := c.fixes(r)
	if err != nil {
		return nil, err
	}
	if a.by.name == "fix" {
		d.action = fixes[a.group]
	}
	return d, d.readRisks()
}

// listOf is the generic list with the same filters.
func listOf(q kind.Query) string {
	var pairs []string
	for _, f := range q.Filters {
		name := "filter[" + f.Field + "]"
		if f.Op != kind.Is {
			name += "[" + string(f.Op) + "]"
		}
		for _, v := range f.Values {
			pairs = append(pairs, name, v)
		}
	}
	return link("/findings", append(pairs, "q", q.Search)...)
}

// readAround reads the assets of the findings, and the weakness when it is one.
func (d *groupDetail) readAround() error {
	var assets, weaknesses []string
	for _, f := range d.findings {
		assets, weaknesses = append(assets, f.AssetID), append(weaknesses, f.VulnerabilityID)
	}
	var err error
	if d.assets, err = d.App().Many(d.Ctx(), isms.Assets, distinct(assets)); err != nil {
		return err
	}
	if weaknesses = distinct(weaknesses); len(weaknesses) != 1 {
		return nil
	}
	found, err := d.App().Many(d.Ctx(), isms.Vulnerabilities, weaknesses)
	if v, ok := found[weaknesses[0]].(*isms.Vulnerability); ok {
		d.weakness = v
	}
	return err
}

// readRisks reads the risks that the findings shown feed, most expensive first.
func (d *groupDetail) readRisks() error {
	rel, err := d.App().Relation(isms.Findings, "feeds")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	const asked = 12 // findings with one repair on one asset feed the same risks
	for _, f := range d.findings[:min(asked, len(d.findings))] {
		list, err := d.App().Linked(d.Ctx(), rel, f.ID, 20)
		if err != nil {
			return err
		}
		for _, rec := range list {
			if r := rec.(*isms.Risk); !seen[r.ID] && r.Status != isms.RiskClosed {
				seen[r.ID] = true
				d.risks = append(d.risks, r)
			}
		}
	}
	slices.SortStableFunc(d.risks, func(a, b *isms.Risk) int { return compareFloats(b.LossNow.Float(), a.LossNow.Float()) })
	return nil
}

// show renders a field of the weakness; nil when it is empty.
func (d *groupDetail) show(field string) templ.Component {
	return d.Show(isms.Vulnerabilities, d.weakness, field)
}

func (d *groupDetail) asset(f *isms.Finding) string {
	if rec := d.assets[f.AssetID]; rec != nil {
		return rec.GetBase().Title
	}
	return "not visible to you"
}

// distinct drops empty and repeated words and keeps the order.
func distinct(list []string) []string {
	var once []string
	for _, s := range list {
		if s != "" && !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	return once
}
