package catalog

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
)

// A Plan is the skeleton of a part of the system security management plan. Its texts
// are templates over PlanData; an organisation completes what they leave open, which
// stands in square brackets.
type Plan struct {
	ID           string        `yaml:"id"`
	Type         string        `yaml:"type"` // of the record it becomes: recovery, continuity, communication, media, incident_response
	Title        string        `yaml:"title"`
	About        string        `yaml:"about"` // what it is for, in a sentence
	ReviewMonths int           `yaml:"review_months"`
	Activation   string        `yaml:"activation"`
	Scope        string        `yaml:"scope"`
	Body         string        `yaml:"body"`
	Workaround   string        `yaml:"workaround"`
	StandDown    string        `yaml:"stand_down"`
	Messages     []PlanMessage `yaml:"messages"`
}

func (p *Plan) id() string { return p.ID }

// A PlanMessage is who is told what, how soon and how, with a holding statement.
type PlanMessage struct {
	Audience    string  `yaml:"audience"`
	WithinHours float64 `yaml:"within_hours"`
	Channel     string  `yaml:"channel"`
	Repeat      string  `yaml:"repeat"`
	Statement   string  `yaml:"statement"`
	Never       string  `yaml:"never"`
}

// PlanData is what skeletons are filled with. All but the name may be empty.
type PlanData struct {
	DocumentData
	Processes []PlanProcess
	Order     []string // assets in the order of recovery
}

// A PlanProcess is a process with how it goes on by hand. MTPD is with its unit.
type PlanProcess struct{ Name, Owner, RTO, MTPD, Workaround string }

// Plan finds the skeleton of a plan by its id.
func (c *Catalog) Plan(id string) (*Plan, bool) { return find(c.Plans, id) }

// Fill writes the skeleton for an organisation. An error names the plan and the place
// in it.
func (p *Plan) Fill(data PlanData) (Plan, error) {
	data.DocumentData = data.Escaped()
	data.Order, data.Processes = slices.Clone(data.Order), slices.Clone(data.Processes)
	for i := range data.Order {
		data.Order[i] = plain(data.Order[i])
	}
	for i := range data.Processes {
		for _, s := range []*string{&data.Processes[i].Name, &data.Processes[i].Owner, &data.Processes[i].Workaround} {
			*s = plain(*s)
		}
	}
	out := *p
	out.Messages = append([]PlanMessage(nil), p.Messages...)
	texts := []*string{&out.Activation, &out.Scope, &out.Body, &out.Workaround, &out.StandDown}
	for i := range out.Messages {
		m := &out.Messages[i]
		texts = append(texts, &m.Channel, &m.Statement, &m.Never)
	}
	for _, s := range texts {
		t, err := template.New("plans/" + p.ID + ".yaml").Option("missingkey=error").Parse(*s)
		if err != nil {
			return Plan{}, err
		}
		var b strings.Builder
		if err := t.Execute(&b, data); err != nil {
			return Plan{}, err
		}
		*s = neat(b.String())
	}
	return out, nil
}

// neat drops the empty lines that the actions of a template leave behind.
func neat(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \t\r\n"); line != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, line)
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

var (
	planTypes     = words("recovery continuity communication media incident_response")
	planAudiences = words("data_protection_authority security_authority sector_regulator data_subjects customers card_brands insurer police partners investors staff media")
)

func (c *Catalog) checkPlan(p *Plan, complain complain) {
	complain.id(p.ID)
	complain.text("title", p.Title)
	complain.text("about", p.About)
	complain.text("activation", p.Activation)
	complain.text("body", p.Body)
	complain.among("type", planTypes, 1, p.Type)
	if p.ReviewMonths < 1 || p.ReviewMonths > 24 {
		complain("review_months: %d is not between 1 and 24", p.ReviewMonths)
	}
	for i, m := range p.Messages {
		complain.among(fmt.Sprintf("messages[%d].audience", i), planAudiences, 1, m.Audience)
		complain.text(fmt.Sprintf("messages[%d].statement", i), m.Statement)
		complain.text(fmt.Sprintf("messages[%d].channel", i), m.Channel)
		if m.WithinHours <= 0 {
			complain("messages[%d].within_hours: say how soon", i)
		}
	}
	for name, data := range map[string]PlanData{"empty": {}, "full": {DocumentData: DocumentData{Organisation: DocumentOrganisation{Name: "Example"}, Lead: "Ada", Crown: []CrownJewel{{Name: "Shop"}}},
		Processes: []PlanProcess{{Name: "Orders"}}, Order: []string{"Database", "Shop"}}} {
		if _, err := p.Fill(data); err != nil {
			complain("for an %s organisation: %v", name, err)
		}
	}
}
