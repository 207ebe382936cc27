package page

import (
	"strconv"
	"strings"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// seesPlans: whoever may read what the management plan is made of.
func seesPlans(a access.Actor) bool {
	return web.MayRead(isms.Plans, isms.PlanMessages, isms.CrisisContacts, isms.RecoveryTargets, isms.ImpactAssessments, isms.Backups, isms.RestorePoints, isms.Assets, isms.AssetDependencies)(a)
}

// mayPlanCrisis: whoever may write plans.
func mayPlanCrisis(a access.Actor) bool {
	return seesPlans(a) && a.May(kind.Write, isms.Plans) == access.All && a.May(kind.Write, isms.PlanMessages) == access.All
}

// A planView is the system security management plan.
type planView struct {
	*web.Request
	plan   *response.SecurityPlan
	writes bool
	today  kind.Date
}

func (c Config) planPage(r *web.Request) error {
	p, err := c.Response.SecurityPlan(r.Ctx())
	if err != nil {
		return err
	}
	r.Wide()
	v := &planView{Request: r, plan: p, writes: mayPlanCrisis(r.Actor), today: r.Format.Today(r.Now())}
	return r.Render("Management plan", planBody(v))
}

// writePlans makes the plans that are missing from the skeletons.
func (c Config) writePlans(r *web.Request) error {
	made, err := c.Response.WritePlans(r.Ctx())
	if err != nil {
		return err
	}
	text := "Every plan is there already."
	if len(made) > 0 {
		text = upperFirst(figures{r.Format}.plural(int64(len(made)), "plan", "plans")) + " written. Complete what stands in square brackets."
	}
	return r.Redirect("/plan", ui.ToastProps{Text: text, Tone: ui.Positive})
}

func (v *planView) unwritten() int {
	n := 0
	for _, p := range v.plan.Parts {
		if p.Plan == nil && p.Type != "contacts" {
			n++
		}
	}
	return n
}

func (v *planView) stats() []ui.StatProps {
	approved, words, said := 0, 0, 0
	for _, p := range v.plan.Parts {
		if p.Plan != nil && (p.Plan.Status == "approved" || p.Plan.Status == "activated") {
			approved++
		}
		for _, m := range p.Messages {
			words++
			if m.Status == isms.MessageApproved {
				said++
			}
		}
	}
	of := func(a, b int) string { return strconv.Itoa(a) + " of " + strconv.Itoa(b) }
	return []ui.StatProps{
		{Label: "Complete", Value: whole(v.plan.Progress), Note: "Mean of the parts, each counted from records"},
		{Label: "Plans approved", Value: of(approved, len(v.plan.Parts)-1)},
		{Label: "Words approved", Value: of(said, words), Note: "Holding statements"},
		{Label: "Gaps in recovery", Value: v.Format.Count(int64(v.plan.Impact.Conflicts)), Href: "/continuity", Note: "Assets where need and reality part"},
		{Label: "Backups that do not count", Value: v.Format.Count(int64(v.plan.Backups.Bad)), Href: "/backups", Note: "Out of " + strconv.Itoa(len(v.plan.Backups.Assets)) + " assets"},
	}
}

// crisisURL is where a next step of the plan is taken.
func crisisURL(n flow.Next) string {
	switch n.Page {
	case "plan", "continuity", "backups":
		return "/" + n.Page
	}
	return nextURL(n)
}

// fact are the lines under the title of a part: who leads, where it stands.
func (v *planView) facts(p *isms.Plan) string {
	var parts []string
	if name := v.plan.Person(p.LeadID); name != "" {
		parts = append(parts, "Led by "+name)
	}
	if name := v.plan.Person(p.DeputyID); name != "" {
		parts = append(parts, "deputy "+name)
	}
	if p.Number != "" {
		parts = append(parts, "version "+p.Number)
	}
	if !p.ApprovedAt.IsZero() {
		parts = append(parts, "approved "+string(kind.DateOf(v.Format.Time(p.ApprovedAt)))+" by "+v.plan.Person(p.ApprovedBy))
	}
	if p.TestedOn != "" {
		parts = append(parts, "tried "+string(p.TestedOn))
	}
	return strings.Join(parts, " · ")
}

func (v *planView) messageItem(m *isms.PlanMessage) ui.ListItem {
	detail := []string{"within " + lengthShort(m.WithinHours)}
	if who := v.plan.Person(m.SpeakerID); who != "" {
		detail = append(detail, "by "+who)
	} else {
		detail = append(detail, "nobody is named to say it")
	}
	if m.Channel != "" {
		detail = append(detail, m.Channel)
	}
	return ui.ListItem{Title: m.Title, Href: web.RecordURL(isms.PlanMessages, m.ID), Detail: strings.Join(detail, " · "), Aside: v.Show(isms.PlanMessages, m, "status")}
}

func (v *planView) messageItems(p response.PlanPart) []ui.ListItem {
	var list []ui.ListItem
	for _, m := range p.Messages {
		list = append(list, v.messageItem(m))
	}
	return list
}

func (v *planView) contactItems() []ui.ListItem {
	var list []ui.ListItem
	for _, c := range v.plan.Contacts {
		detail := strings.Join(nonEmpty(c.Telephone, c.Alternative, c.Hours), " · ")
		it := ui.ListItem{Title: c.Title, Href: web.RecordURL(isms.CrisisContacts, c.ID), Detail: detail}
		tried := ui.BadgeProps{Text: "Never tried", Tone: ui.Attention}
		if c.CheckedOn != "" {
			tried = ui.BadgeProps{Text: "Tried " + string(c.CheckedOn)}
			if c.CheckedOn < kind.DateOf(v.today.Time().AddDate(0, 0, -180)) {
				tried.Tone = ui.Attention
			}
		}
		it.Aside = ui.Badge(tried)
		list = append(list, it)
	}
	return list
}

func nonEmpty(parts ...string) []string {
	var list []string
	for _, p := range parts {
		if p != "" {
			list = append(list, p)
		}
	}
	return list
}

// lengthShort is a time for tight places: "15 min", "9.5 h", "3 d".
func lengthShort(h float64) string {
	switch {
	case h <= 0:
		return "–"
	case h < 0.995:
		return strconv.Itoa(int(h*60+0.5)) + " min"
	case h >= 48:
		return chart.Compact(float64(int(h/24*10+0.5))/10) + " d"
	}
	return chart.Compact(float64(int(h*10+0.5))/10) + " h"
}

func planActions(v *planView) templ.Component {
	list := []templ.Component{
		ui.Button(ui.ButtonProps{Label: "Crisis sheet", Icon: "bell", Href: "/reports/crisis-sheet.pdf"}),
		ui.Button(ui.ButtonProps{Label: "Plan as PDF", Icon: "download", Href: "/reports/security-plan.pdf"}),
		ui.Button(ui.ButtonProps{Label: "DOCX", Href: "/reports/security-plan.docx"}),
	}
	return ui.Join(list...)
}
