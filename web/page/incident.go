package page

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/catalog"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// seesIncidents: whoever may read incidents with what they are made of.
func seesIncidents(a access.Actor) bool {
	return web.MayRead(isms.Incidents, isms.IncidentActions, isms.Notifications, isms.Assets, isms.Alerts)(a)
}

// mayAnswer: whoever may work on incidents.
func mayAnswer(a access.Actor) bool { return a.May(kind.Write, isms.Incidents) == access.All }

func incidentURL(i *isms.Incident) string { return web.RecordURL(isms.Incidents, i.ID) }

// roomSkip are the parts of the record that the room shows already.
var roomSkip = []string{"phase", "severity", "asset_id", "lead_id", "scribe_id", "spokesperson_id", "playbook_id", "phase_due", "summary",
	"incident_action", "notification", "root_cause", "alert"}

// A roomView is the incident room.
type roomView struct {
	*web.Request
	figures
	*response.Room
	writes, approves bool
}

func (c Config) roomView(r *web.Request, id string) (*roomView, error) {
	room, err := c.Response.Room(r.Ctx(), id)
	if err != nil {
		return nil, err
	}
	return &roomView{Request: r, figures: figures{r.Format}, Room: room, writes: mayAnswer(r.Actor), approves: r.May(kind.Approve, isms.Incidents)}, nil
}

// incidentAbove is the room, above the fields of the record.
func (c Config) incidentAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	if !seesIncidents(r.Actor) {
		return nil, nil
	}
	v, err := c.roomView(r, rec.GetBase().ID)
	if err != nil {
		return nil, err
	}
	return roomBody(v), nil
}

// roomLive answers with the parts of the room that change by themselves.
func (c Config) roomLive(r *web.Request) error {
	v, err := c.roomView(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	return r.RenderPart(roomNow(v))
}

func (v *roomView) url(parts ...string) string {
	return incidentURL(v.Incident) + strings.Join(append([]string{""}, parts...), "/")
}

func (v *roomView) lock() ui.Hidden {
	return ui.Hidden{Name: "version", Value: strconv.FormatInt(v.Incident.Version, 10)}
}

var phaseNames = map[isms.IncidentPhase]string{"detect": "Detect", "contain": "Contain", "eradicate": "Eradicate", "recover": "Recover", "learn": "Learn", "closed": "Closed"}

// steps is the way through the phases, with the time that each took or has.
func (v *roomView) steps() []ui.Step {
	var list []ui.Step
	for _, p := range v.Phases {
		s := ui.Step{Label: phaseNames[p.Phase]}
		switch p.State {
		case "done":
			s.Stage = ui.Done
			if !p.From.IsZero() && !p.To.IsZero() {
				s.Detail = "took " + response.InWords(p.To.Sub(p.From))
			}
		case "now":
			s.Stage, s.Detail = ui.Doing, phaseLeft(p.Left, p.Over, p.Due)
		}
		list = append(list, s)
	}
	return list
}

func phaseLeft(left, over time.Duration, due time.Time) string {
	switch {
	case due.IsZero():
		return ""
	case over > 0:
		return response.InWords(over) + " over its time"
	}
	return response.InWords(left) + " left"
}

// stats are the figures of the incident.
func (v *roomView) stats() []ui.StatProps {
	return []ui.StatProps{v.reachStat(), v.costStat()}
}

// nextWord is who must be told next and how long there is for it, or for how long a
// closed incident was open; nil: no clock runs.
func (v *roomView) nextWord() *ui.BadgeProps {
	i := v.Incident
	if i.Phase == isms.IncidentClosed {
		return &ui.BadgeProps{Text: "Open for " + response.InWords(i.ClosedAt.Sub(i.DeclaredAt)), Tone: ui.Positive}
	}
	for _, c := range v.Clocks {
		if c.Open {
			b := clockBadge(c)
			b.Icon, b.Text = "clock", "Next word: "+b.Text
			return &b
		}
	}
	return nil
}

// clockLeft is the time of a clock in words.
func clockLeft(c response.RoomClock) string {
	switch {
	case c.Notice.DueAt.IsZero():
		return "no time set"
	case c.Open && c.Left < 0:
		return response.InWords(c.Left) + " late"
	case c.Open:
		return response.InWords(c.Left)
	case c.Late:
		return "sent " + response.InWords(c.Notice.SentAt.Sub(c.Notice.DueAt)) + " late"
	case c.Notice.Status == isms.NotificationWaived:
		return "not needed"
	}
	return "in time"
}

func (v *roomView) reachStat() ui.StatProps {
	note := v.plural(int64(v.falling()), "asset falls", "assets fall") + ", " + v.plural(int64(len(v.Reach.Assets)), "in reach", "in reach")
	if v.Reach.People > 0 {
		note += ", data of " + v.format.Count(int64(v.Reach.People)) + " people"
	}
	return ui.StatProps{Label: "Value in reach", Value: v.short(v.Reach.Value), Note: note, Href: "#reach"}
}

func (v *roomView) costStat() ui.StatProps {
	c := v.Cost
	why := &ui.WhyProps{ID: "why-cost", About: "Cost so far", Summary: "What it has cost until now.", Formula: "cost = minutes ÷ 60 × rate + money spent + loss of the outage", Inputs: []ui.WhyInput{
		{Name: "Time of people", Value: fmt.Sprintf("%d min × %s an hour (%s) = %s", c.Minutes, v.money(c.Rate), c.RateFrom, v.money(c.People)), Source: ui.Computed},
		{Name: "Money spent, from the timeline", Value: v.money(c.Money), Source: ui.Computed},
		{Name: "Outage: " + cmp.Or(c.OutageOf, "counts once work stands still"), Value: v.money(c.Outage), Source: ui.Estimated},
	}}
	return ui.StatProps{Label: "Cost so far", Value: v.money(c.Total), Note: v.plural(int64(c.Minutes), "minute", "minutes") + " of people", Why: why}
}

// alarm is what must be seen at once.
func (v *roomView) alarm() *ui.CalloutProps {
	var late []string
	for _, c := range v.Clocks {
		if c.Open && c.Late {
			late = append(late, c.Notice.Title+" ("+clockLeft(c)+")")
		}
	}
	if len(late) > 0 {
		return &ui.CalloutProps{Tone: ui.Negative, Title: "Somebody should have been told", Text: strings.Join(late, "; ") + ". Tell them now and say why it is late."}
	}
	for _, p := range v.Phases {
		if p.State == "now" && p.Over > 0 {
			return &ui.CalloutProps{Tone: ui.Attention, Title: "This phase takes longer than planned", Text: phaseNames[p.Phase] + " is " + response.InWords(p.Over) + " over its time. Call for help, or say in the timeline what holds it up."}
		}
	}
	return nil
}

// phaseMove is a way on from the present phase.
type phaseMove struct {
	action, label string
	primary       bool
}

// moves are the ways on, the usual one first. It is the one to press once every step of
// the phase is done.
func (v *roomView) moves() []phaseMove {
	ready := v.now() == nil
	order := map[isms.IncidentPhase][]phaseMove{
		"detect":    {{"contain", "It is real: contain", ready}},
		"contain":   {{"eradicate", "Contained: eradicate", ready}},
		"eradicate": {{"recover", "Eradicated: recover", ready}, {"contain", "Back to contain", false}},
		"recover":   {{"learn", "Recovered: learn", ready}, {"contain", "Back to contain", false}},
	}
	return order[v.Incident.Phase]
}

// stepGroups are the steps of the playbook by phase.
type stepGroup struct {
	phase isms.IncidentPhase
	steps []*response.RoomStep
	done  int
	open  bool
}

func (v *roomView) stepGroups() []stepGroup {
	var groups []stepGroup
	for _, s := range v.Steps {
		if len(groups) == 0 || groups[len(groups)-1].phase != s.Step.Phase {
			groups = append(groups, stepGroup{phase: s.Step.Phase, open: s.Step.Phase == v.Incident.Phase})
		}
		g := &groups[len(groups)-1]
		g.steps = append(g.steps, s)
		if s.State == "done" || s.State == "skipped" {
			g.done++
		}
	}
	return groups
}

func (g stepGroup) title() string {
	return fmt.Sprintf("%s · %d of %d", phaseNames[g.phase], g.done, len(g.steps))
}

func (v *roomView) now() *response.RoomStep {
	for _, s := range v.Steps {
		if s.Next {
			return s
		}
	}
	return nil
}

// timelineShown is how many entries are seen at once; the older ones are folded.
const timelineShown = 6

// foldedTo is the newest entry that is folded; empty: all are seen. The page keeps it
// while it stands open, so that what arrives meanwhile pushes nothing into the fold.
func (v *roomView) foldedTo() string {
	if id := v.URL.Query().Get("after"); v.entryAt(id) >= 0 {
		return id
	}
	if n := len(v.Timeline) - timelineShown; n > 0 {
		return v.Timeline[n-1].ID
	}
	return ""
}

func (v *roomView) entryAt(id string) int {
	return slices.IndexFunc(v.Timeline, func(e *isms.IncidentAction) bool { return e.ID == id })
}

// fresh are the entries that are seen, the newest first.
func (v *roomView) fresh() []*isms.IncidentAction {
	return newestFirst(v.Timeline[v.entryAt(v.foldedTo())+1:])
}

// folded are those before them.
func (v *roomView) folded() []*isms.IncidentAction {
	return newestFirst(v.Timeline[:v.entryAt(v.foldedTo())+1])
}

func newestFirst(list []*isms.IncidentAction) []*isms.IncidentAction {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// by is who an entry is from.
func (v *roomView) by(e *isms.IncidentAction) string {
	if name := v.Name(e.PersonID); name != "" {
		return name
	}
	if e.Automatic {
		return "Holdfast"
	}
	return e.CreatedBy
}

var entryIcons = map[isms.EntryType]string{"action": "check", "observation": "search", "decision": "flag", "communication": "chat", "custody": "lock", "correction": "undo"}

func entryTone(e *isms.IncidentAction) ui.Tone {
	switch {
	case e.Status == "failed":
		return ui.Negative
	case e.Type == "decision":
		return ui.Accent
	case e.Status == "underway":
		return ui.Attention
	}
	return ""
}

// countries of the facts form: what can be said about an incident that starts clocks.
type fact struct {
	name, label, help, value string
	typ                      ui.FieldType
}

func (v *roomView) facts() []fact {
	i := v.Incident
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return v.format.Time(t).Format("2006-01-02T15:04")
	}
	flag := strconv.FormatBool
	return []fact{
		{"personal_data", "Personal data are affected", "Starts the clock of the data protection authority.", flag(i.PersonalData), ui.FlagField},
		{"high_risk", "High risk to these people", "They are told too.", flag(i.HighRisk), ui.FlagField},
		{"card_data", "Payment cards are affected", "", flag(i.CardData), ui.FlagField},
		{"health_data", "Health data without encryption", "", flag(i.HealthData), ui.FlagField},
		{"significant", "Services seriously disturbed, or others harmed", "Starts the clocks of NIS2 where it binds us.", flag(i.Significant), ui.FlagField},
		{"operational", "Work stands still", "The outage then counts into the cost.", flag(slices.Contains(i.Impacts, "operational")), ui.FlagField},
		{"data_subjects", "People affected", "The best estimate.", strconv.Itoa(i.DataSubjects), ui.NumberField},
		{"data_categories", "Kinds of data", "Separated by commas.", strings.Join(i.DataCategories, ", "), ui.TextField},
		{"started_at", "When it began", "As far as one knows.", at(i.StartedAt), ui.InstantField},
		{"aware_at", "When it was certain", "Most clocks count from here. Empty: from the declaration.", at(i.AwareAt), ui.InstantField},
		{"major_at", "When it was classified as major", "Financial entities; the clocks of DORA count from here.", at(i.MajorAt), ui.InstantField},
	}
}

// signs lists the alerts, reports and causes of the incident.
func (v *roomView) signs() []ui.ListItem {
	var list []ui.ListItem
	for _, a := range v.Alerts {
		list = append(list, ui.ListItem{Title: a.Title, Href: web.RecordURL(isms.Alerts, a.ID), Detail: strings.TrimSpace("seen " + v.plural(int64(a.Count), "time", "times") + " " + a.Actor), Aside: ui.Severity(string(a.Severity))})
	}
	for _, c := range v.Reports {
		list = append(list, ui.ListItem{Title: c.Title, Href: web.RecordURL(isms.Concerns, c.ID), Detail: "reported by a person"})
	}
	for _, c := range v.Causes {
		list = append(list, ui.ListItem{Title: c.Title, Href: web.RecordURL(isms.RootCauses, c.ID), Detail: "cause, " + strings.ToLower(string(c.Status))})
	}
	return list
}

// short12 is the beginning of a hash, enough to compare by eye.
func short12(hash string) string { return hash[:min(12, len(hash))] }

// clockCounted is how the rule of a message is counted; empty for those of people and
// contracts.
func clockCounted(n *isms.Notification) string {
	legal, err := catalog.LegalClocks()
	if err != nil {
		return ""
	}
	rule, ok := legal.Clock(n.Clock)
	if !ok {
		return ""
	}
	return rule.Counted + " Source: " + rule.Source + "."
}
