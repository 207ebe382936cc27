package page

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"holdfast/access"
	"holdfast/catalog"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// seesCoverage: whoever may read all that the matrix is computed from.
func seesCoverage(a access.Actor) bool {
	return web.MayRead(isms.DetectionRules, isms.EventSources, isms.Traps, isms.Tests, isms.ThreatVectors, isms.ThreatActors, isms.Risks, isms.Assets)(a)
}

// writesSpots: whoever may write findings.
func writesSpots(a access.Actor) bool {
	return seesCoverage(a) && a.May(kind.Write, isms.Findings) == access.All
}

// An attackView is the matrix of what would be noticed.
type attackView struct {
	*web.Request
	figures
	c      *detection.Coverage
	chosen *detection.AttackCell // of which everything is shown; nil: none
	writes bool
}

func (c Config) attack(r *web.Request) error {
	m, err := c.Detection.Coverage(r.Ctx())
	if err != nil {
		return err
	}
	v := &attackView{Request: r, figures: figures{r.Format}, c: m, writes: writesSpots(r.Actor)}
	if id := r.URL.Query().Get("technique"); id != "" {
		v.chosen = m.Cell(strings.ToUpper(id))
	}
	r.Wide()
	return r.Render("Coverage", attackBody(v))
}

// attackLayer is the matrix as a file for ATT&CK Navigator.
func (c Config) attackLayer(r *web.Request) error {
	m, err := c.Detection.Coverage(r.Ctx())
	if err != nil {
		return err
	}
	text, err := m.Layer("Holdfast " + string(m.Today))
	if err != nil {
		return err
	}
	head := r.W.Header()
	head.Set("Content-Type", "application/json")
	head.Set("Content-Disposition", `attachment; filename="coverage-layer.json"`)
	r.W.WriteHeader(http.StatusOK)
	_, err = r.W.Write(text)
	return err
}

// writeSpots writes the blind spots that matter into the register.
func (c Config) writeSpots(r *web.Request) error {
	out, err := c.Detection.FindBlindSpots(r.Ctx())
	if err != nil {
		return err
	}
	text := "The register holds them already: nothing had to change."
	if n := out.Opened + out.Reopened + out.Resolved; n > 0 {
		text = "Written into the register: " + strconv.Itoa(out.Opened+out.Reopened) + " opened, " + strconv.Itoa(out.Resolved) + " resolved."
	}
	return r.Redirect("/attack#blind", ui.ToastProps{Text: text, Tone: ui.Positive})
}

func (v *attackView) stats() []ui.StatProps {
	blind := len(v.c.Blind())
	return []ui.StatProps{
		{Label: "Would be noticed", Value: whole(v.c.Share), Unit: "of what weighs here", Why: v.whyShare("why-share")},
		{Label: "Proved itself", Value: whole(v.c.Proved), Unit: "of what weighs here", Note: "Rang in a test within " + strconv.Itoa(detection.ProofDays) + " days"},
		{Label: "Blind spots that matter", Value: v.format.Count(int64(blind)), Unit: "of " + v.format.Count(int64(v.c.Weighed)), Note: "Somebody relevant would do it, and nothing would ring"},
		{Label: "Techniques with an alarm", Value: v.format.Count(int64(v.c.Count[detection.SightProved] + v.c.Count[detection.SightCovered])), Note: v.plural(int64(v.c.Count[detection.SightDeaf]), "more is set up and deaf", "more are set up and deaf")},
	}
}

func (v *attackView) whyShare(id string) *ui.WhyProps {
	return &ui.WhyProps{ID: id, About: "How much of what weighs would be noticed", Formula: "Σ weight of noticed techniques ÷ Σ weight of all",
		Summary: "A technique weighs the sum over the relevant actors who use it of capability × prevalence, and three times the share of the expected yearly loss of the open risks that it plays. Special cases count with the whole.",
		Inputs: []ui.WhyInput{
			{Name: "Techniques with weight", Value: strconv.Itoa(v.c.Weighed), Source: ui.Computed},
			{Name: "Blind or deaf among them", Value: strconv.Itoa(len(v.c.Blind())), Source: ui.Computed},
			{Name: "Table", Value: "MITRE ATT&CK " + catalog.AttackVersion, Source: ui.Imported},
		}}
}

// sightLabels are the words for the sights.
var sightLabels = map[detection.Sight]string{
	detection.SightProved: "Rang in a test", detection.SightCovered: "Would ring", detection.SightDeaf: "Set up, and deaf", detection.SightBlind: "Nothing would ring",
}

// sightStanding are the colours of the sights: those of the standings of requirements.
var sightStanding = map[detection.Sight]string{
	detection.SightProved: "standing--met", detection.SightCovered: "standing--partly", detection.SightDeaf: "standing--stale", detection.SightBlind: "standing--fails",
}

// sightClass colours a cell: by what would ring, and of what is blind only what matters.
func sightClass(c *detection.AttackCell) string {
	if c.Sight == detection.SightBlind && !c.Matters {
		return "standing--none"
	}
	return sightStanding[c.Sight]
}

// toldCells are the techniques of a column about which there is something to tell, those that
// weigh most first.
func toldCells(col detection.AttackColumn) (list []*detection.AttackCell) {
	for _, c := range col.Cells {
		if c.Sight != detection.SightBlind || c.Weight > 0 || c.Missed != "" {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b *detection.AttackCell) int { return cmp.Compare(b.Weight, a.Weight) })
	return list
}

// quietCells are the others.
func quietCells(col detection.AttackColumn) (list []*detection.AttackCell) {
	for _, c := range col.Cells {
		if c.Sight == detection.SightBlind && c.Weight == 0 && c.Missed == "" {
			list = append(list, c)
		}
	}
	return list
}

func cellURL(c *detection.AttackCell) string { return "/attack?technique=" + c.ID + "#technique" }

// cellWords are what is read out for a cell.
func cellWords(c *detection.AttackCell) string {
	words := c.ID + ": " + strings.ToLower(sightLabels[c.Sight])
	if c.Weight > 0 {
		words += ", weight " + strconv.Itoa(int(c.Weight+0.5))
	}
	return words
}

func columnWords(col detection.AttackColumn) string {
	seen := 0
	for _, c := range col.Cells {
		if c.Watched() {
			seen++
		}
	}
	return strconv.Itoa(seen) + " of " + strconv.Itoa(len(col.Cells))
}

// becauseWords names who would do it.
func becauseWords(c *detection.AttackCell) string {
	var names []string
	for _, n := range c.Because[:min(len(c.Because), 3)] {
		names = append(names, n.Title)
	}
	if more := len(c.Because) - len(names); more > 0 {
		names = append(names, strconv.Itoa(more)+" more")
	}
	return strings.Join(names, ", ")
}

func (v *attackView) facts() []ui.KeyValueItem {
	c := v.chosen
	items := []ui.KeyValueItem{
		{Label: "Sight", Value: sightBadge(c)}, {Label: "Weight here", Value: ui.Text(strconv.Itoa(int(c.Weight+0.5)) + " of 100")},
	}
	add := func(label, text string) {
		if text != "" {
			items = append(items, ui.KeyValueItem{Label: label, Value: ui.Text(text)})
		}
	}
	add("Last noticed in a test", dayOrEmpty(c.Last))
	add("Missed in a test", dayOrEmpty(c.Missed))
	add("Could be seen in what arrives", strings.Join(c.Logs, ", "))
	if len(c.Because) > 0 {
		items = append(items, ui.KeyValueItem{Label: "Would be done by", Value: ui.Text(becauseWords(c)), Wide: true})
	}
	if c.Remedy != "" {
		items = append(items, ui.KeyValueItem{Label: "What would close it", Value: ui.Text(c.Remedy), Wide: true})
	}
	return items
}

func dayOrEmpty(d kind.Date) string {
	if d == "" {
		return ""
	}
	return dayWords(d)
}

func sightTone(c *detection.AttackCell) ui.Tone {
	switch {
	case c.Watched():
		return ui.Positive
	case c.Sight == detection.SightDeaf:
		return ui.Attention
	case c.Matters:
		return ui.Negative
	}
	return ui.Plain
}

// watcherItems are what would notice the chosen technique, its special cases included.
func (v *attackView) watcherItems() (items []ui.ListItem) {
	for _, c := range append([]*detection.AttackCell{v.chosen}, v.chosen.Subs...) {
		for _, w := range c.By {
			k := v.Kind(w.Kind)
			words := "Would ring"
			if !w.Live {
				words = upperFirst(w.Lacks)
			}
			if w.Proved != "" {
				words += "; rang in a test on " + dayWords(w.Proved)
			}
			if c != v.chosen {
				words = c.ID + ": " + words
			}
			items = append(items, ui.ListItem{Title: w.Title, Detail: words, Href: web.RecordURL(k, w.ID), Aside: ui.Badge(ui.BadgeProps{Text: strings.ToLower(k.Label)})})
		}
	}
	return items
}
