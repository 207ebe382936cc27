package page

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/catalog"
	"holdfast/engine/coverage"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// mayAdopt: whoever may write frameworks and what they demand.
func mayAdopt(a access.Actor) bool {
	return seesStatement(a) && a.May(kind.Write, isms.Frameworks) == access.All && a.May(kind.Write, isms.Requirements) == access.All && a.May(kind.Write, isms.RequirementMappings) == access.All
}

// A shelfView is the shelf of frameworks: those in use and those that are shipped.
type shelfView struct {
	*web.Request
	used    []usedFramework
	shipped []*catalog.Framework
	adopts  bool
}

// A usedFramework is one in the workspace with how it stands.
type usedFramework struct {
	*isms.Framework
	count flow.GapCount
	newer string // edition of the catalogue, when it is another
}

func (c Config) frameworkShelf(r *web.Request) error {
	st, err := c.statements.of(r, "")
	if err != nil {
		return err
	}
	v := &shelfView{Request: r, adopts: mayAdopt(r.Actor)}
	have := map[string]bool{}
	for _, fw := range st.Frameworks {
		u := usedFramework{Framework: fw, count: flow.CountOf(st.Of(fw.ID))}
		if entry, ok := c.Flow.Catalogue().Framework(fw.Catalogue); ok && entry.Version != fw.Edition {
			u.newer = entry.Version
		}
		have[fw.Catalogue], have[fw.Key] = true, true
		v.used = append(v.used, u)
	}
	slices.SortStableFunc(v.used, func(a, b usedFramework) int { return b.count.Said - a.count.Said })
	for i := range c.Flow.Catalogue().Frameworks {
		if fw := &c.Flow.Catalogue().Frameworks[i]; !have[fw.ID] {
			v.shipped = append(v.shipped, fw)
		}
	}
	r.Wide()
	return r.Render("Frameworks", shelfBody(v))
}

// adopt takes a framework of the catalogue into the workspace.
func (c Config) adopt(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	out, err := c.Flow.Adopt(r.Ctx(), form.Get("framework"))
	if err != nil {
		return err
	}
	if _, err := c.Flow.OpenLines(r.Ctx(), out.FrameworkID, ""); err != nil {
		return err
	}
	if err := c.Flow.AskToMeasure(r.Ctx()); err != nil {
		return err
	}
	text := out.Framework + " is here: " + plainCount(out.Created, "requirement", "requirements") + ", " + plainCount(out.Mappings, "mapping", "mappings")
	if out.Created == 0 {
		text = out.Framework + " is up to date: " + plainCount(out.Changed, "requirement", "requirements") + " changed"
	}
	if out.Status == string(isms.FrameworkAvailable) {
		text += ". Somebody who may approve has to adopt it"
	}
	return r.Redirect(link("/soa", "framework", out.FrameworkID), ui.ToastProps{Text: text, Tone: ui.Positive})
}

// A treeView is what a framework demands, with how each part stands.
type treeView struct {
	*web.Request
	st        *flow.Statement
	framework *isms.Framework
	count     flow.GapCount
	parts     []treePart
	show      string
	function  string
	tier      string
	functions []string
	tiers     []string
	today     kind.Date
}

// A treePart is a chapter at the top with all that is inside.
type treePart struct {
	code, title string
	count       flow.GapCount
	lines       []*flow.Standing
	all         []*flow.Standing
}

func (c Config) frameworkAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	if !seesStatement(r.Actor) {
		return nil, nil
	}
	st, err := c.statements.of(r, "")
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	v := &treeView{Request: r, st: st, framework: rec.(*isms.Framework), show: q.Get("show"), function: q.Get("function"), tier: q.Get("tier"), today: r.Format.Today(r.Now())}
	all := st.Of(v.framework.ID)
	if len(all) == 0 {
		return nil, nil
	}
	v.count = flow.CountOf(all)
	for _, s := range all {
		v.functions, v.tiers = append(v.functions, string(s.Requirement.Function)), append(v.tiers, s.Requirement.Tier)
		v.place(s)
	}
	v.functions, v.tiers = distinct(v.functions), distinct(v.tiers)
	for i := range v.parts {
		v.parts[i].count = flow.CountOf(v.parts[i].all)
	}
	return treeBody(v), nil
}

// place puts a requirement under the chapter at the top.
func (v *treeView) place(s *flow.Standing) {
	code, title := "", ""
	for id := s.Requirement.ParentID; id != ""; {
		c := v.st.Chapters[id]
		if c == nil {
			break
		}
		code, title, id = c.Code, c.Title, c.ParentID
	}
	if n := len(v.parts); n == 0 || v.parts[n-1].code != code {
		v.parts = append(v.parts, treePart{code: code, title: title})
	}
	p := &v.parts[len(v.parts)-1]
	p.all = append(p.all, s)
	r := s.Requirement
	fits := (v.function == "" || string(r.Function) == v.function) && (v.tier == "" || r.Tier == v.tier)
	switch v.show {
	case "":
	case "excluded":
		fits = fits && s.Applies() == isms.AppliesNo
	default:
		fits = fits && s.Applies() != isms.AppliesNo && string(s.Measured) == v.show
	}
	if fits {
		p.lines = append(p.lines, s)
	}
}

func (v *treeView) to(pairs ...string) string {
	at := map[string]string{"show": v.show, "function": v.function, "tier": v.tier}
	for i := 0; i+1 < len(pairs); i += 2 {
		at[pairs[i]] = pairs[i+1]
	}
	return link(web.RecordURL(isms.Frameworks, v.framework.ID), "show", at["show"], "function", at["function"], "tier", at["tier"]) + "#requirements"
}

func (v *treeView) chips() []chip {
	c := v.count
	list := []chip{{"All", v.to("show", ""), c.Total, v.show == ""}}
	for _, x := range []struct {
		value, label string
		n            int
	}{{"met", "Met", c.Met}, {"partly", "Partly", c.Partly}, {"fails", "Fails", c.Fails}, {"stale", "Stale", c.Stale}, {"unknown", "Not measured", c.Unknown}, {"excluded", "Do not apply", c.Excluded}} {
		if x.n > 0 || v.show == x.value {
			list = append(list, chip{x.label, v.to("show", x.value), x.n, v.show == x.value})
		}
	}
	return list
}

// filtered tells whether something is hidden; then all chapters stand open.
func (v *treeView) filtered() bool { return v.show+v.function+v.tier != "" }

// A segment is one part of a bar or ring, in hundredths.
type barPart struct {
	class     string
	from, len float64
	label     string
}

// barParts divides a whole by how it stands.
func barParts(c flow.GapCount) []barPart {
	var list []barPart
	at := 0.0
	for _, x := range []struct {
		class, label string
		n            int
	}{{"met", "met", c.Met}, {"partly", "partly", c.Partly}, {"stale", "stale", c.Stale}, {"fails", "fail", c.Fails}} {
		if n := c.Counting(); n > 0 && x.n > 0 {
			size := 100 * float64(x.n) / float64(n)
			list = append(list, barPart{x.class, at, size, strconv.Itoa(x.n) + " " + x.label})
			at += size
		}
	}
	return list
}

// barWords says the same for those who cannot see it.
func barWords(c flow.GapCount) string {
	var parts []string
	for _, p := range barParts(c) {
		parts = append(parts, p.label)
	}
	if c.Unknown > 0 {
		parts = append(parts, strconv.Itoa(c.Unknown)+" not measured")
	}
	return strings.Join(parts, ", ") + " of " + strconv.Itoa(c.Counting())
}

func tenth(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// A proofView is why one requirement stands as it does.
type proofView struct {
	*web.Request
	figures
	st    *flow.Statement
	s     *flow.Standing
	steps []flow.GapStep
	today kind.Date
}

func (c Config) requirementAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	if !seesStatement(r.Actor) {
		return nil, nil
	}
	st, err := c.statements.of(r, "")
	if err != nil {
		return nil, err
	}
	s := st.Line(rec.GetBase().ID)
	if s == nil {
		return nil, nil
	}
	actions, err := c.ledger.actionsOf(r)
	if err != nil {
		return nil, err
	}
	return proofBody(&proofView{Request: r, figures: figures{r.Format}, st: st, s: s, steps: c.Flow.Steps(st, s, actions), today: r.Format.Today(r.Now())}), nil
}

// wayWords tells how a conclusion was reached, pair by pair.
func wayWords(st *flow.Statement, src coverage.Source) string {
	var parts []string
	for _, step := range src.Path {
		var relation string
		switch {
		case step.Pair.Relation == coverage.Equal:
			relation = "demands the same as"
		case step.Part:
			relation = "is a part of"
		default:
			relation = "contains"
		}
		text := st.Name(step.From) + " " + relation + " " + st.Name(step.To)
		if step.Pair.Authority != "" {
			text += " (" + step.Pair.Authority + ", confidence " + strconv.Itoa(step.Pair.Confidence) + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// hintsOf names the requirements that share something with this one.
func hintsOf(st *flow.Statement, s *flow.Standing) []*flow.Standing {
	var list []*flow.Standing
	for _, p := range s.Inferred.Hints {
		other := p.Source
		if other == s.Requirement.ID {
			other = p.Target
		}
		if o := st.Line(other); o != nil && !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	return list
}
