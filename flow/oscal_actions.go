package flow

import (
	"fmt"
	"slices"
	"strings"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/oscal"
	"holdfast/store"
)

// actions makes the plan of action and milestones: the risks that are open with what
// is done about them and by when, the findings that no risk uses, and the milestones
// of the roadmap.
func (m *oscalMaker) actions() (*oscal.Document, error) {
	p := oscal.ActionPlan{
		SystemID: &oscal.SystemID{IdentifierType: "http://ietf.org/rfc/rfc4122", ID: m.systemID()},
		Local:    &oscal.LocalDefinitions{Components: []oscal.SystemComponent{m.thisSystem()}, Inventory: m.inventory()},
	}
	observed := map[string]string{}
	for _, f := range m.openFindings() {
		if len(p.Observations) == mostObservations {
			break
		}
		o := m.findingObservation(f)
		p.Observations = append(p.Observations, o)
		observed[f.ID] = o.UUID
	}
	used := m.uses()
	covered := map[string]bool{}
	for _, r := range m.openRisks() {
		risk := m.risk(r)
		item := oscal.ActionItem{
			UUID: m.id("item", "risk", r.ID), Title: single(r.Title), Description: say(string(r.Description), r.Title),
			Props: prop(nil, "key", r.Key), RelatedRisks: []oscal.RelatedRisk{{RiskUUID: risk.UUID}},
		}
		for _, id := range used[r.ID] {
			if u := observed[id]; u != "" {
				covered[id] = true
				item.RelatedObservations = append(item.RelatedObservations, oscal.RelatedObservation{ObservationUUID: u})
			}
		}
		risk.RelatedObservations = item.RelatedObservations
		p.Risks = append(p.Risks, risk)
		p.Items = append(p.Items, item)
	}
	for _, f := range m.openFindings() {
		if covered[f.ID] || observed[f.ID] == "" {
			continue
		}
		p.Items = append(p.Items, oscal.ActionItem{
			UUID: m.id("item", "finding", f.ID), Title: single(f.Title), Description: say(f.Fix, f.Detail, f.Title),
			Props:               prop(prop(nil, "due", string(f.Due)), "severity", string(f.Severity)),
			RelatedObservations: []oscal.RelatedObservation{{ObservationUUID: observed[f.ID]}},
		})
	}
	p.Items = append(p.Items, m.milestones()...)
	if len(p.Items) == 0 {
		return nil, kind.Errorf(kind.Invalid, "nothing is open: there is no finding, risk or milestone to plan for, and OSCAL has no empty plan")
	}
	p.Metadata = m.metadata("Plan of action and milestones")
	p.UUID = m.documentID(OSCALActions)
	return m.document(oscal.ActionPlanModel, p)
}

// openRisks are those that a person has confirmed and nobody has closed, on assets in
// scope or on none.
func (m *oscalMaker) openRisks() []*isms.Risk {
	inside := map[string]bool{"": true}
	for _, a := range m.assets() {
		inside[a.ID] = true
	}
	var list []*isms.Risk
	for _, r := range sortedByKey(Every[isms.Risk](m.Survey, isms.Risks)) {
		if r.Status != isms.RiskClosed && r.Status != isms.RiskDraft && inside[r.AssetID] {
			m.saw(r.UpdatedAt)
			list = append(list, r)
		}
	}
	return list
}

// uses are the findings that each risk uses, by the ids of both.
func (m *oscalMaker) uses() map[string][]string {
	out := map[string][]string{}
	if m.Err != nil {
		return out
	}
	m.Err = m.f.app.View(m.Ctx, func(tx *store.Tx) error {
		pairs, err := tx.Pairs(isms.Risks, "uses")
		for _, p := range pairs {
			out[p.From] = append(out[p.From], p.To)
		}
		return err
	})
	for _, list := range out {
		slices.Sort(list)
	}
	return out
}

// riskStates says the state of a risk in the words of OSCAL.
var riskStates = map[isms.RiskStatus]string{
	isms.RiskOpen: "open", isms.RiskTreating: "remediating", isms.RiskAccepted: "deviation-approved",
}

func (m *oscalMaker) risk(r *isms.Risk) oscal.Risk {
	out := oscal.Risk{
		UUID: m.id("risk", r.ID), Title: single(r.Title), Description: say(string(r.Description), r.Title),
		Statement: say(string(r.Rationale), "Expected loss: "+m.amount(r.LossNow)+" a year as things stand."),
		Props:     prop(prop(prop(nil, "key", r.Key), "treatment", string(r.Treatment)), "accepted-until", string(r.AcceptedUntil)),
		Status:    riskStates[r.Status],
	}
	facets := []oscal.Facet{}
	for _, f := range []struct {
		name  string
		value kind.Money
	}{{"yearly-loss-now", r.LossNow}, {"yearly-loss-inherent", r.LossInherent}, {"yearly-loss-target", r.LossTarget}, {"bad-year-p95", r.LossP95}} {
		if f.value != 0 {
			facets = append(facets, oscal.Facet{Name: f.name, System: oscalNS, Value: m.amount(f.value)})
		}
	}
	for _, f := range []struct {
		name  string
		value kind.Level
	}{{"impact", r.ImpactLevel}, {"likelihood", r.ProbabilityLevel}} {
		if f.value > 0 {
			facets = append(facets, oscal.Facet{Name: f.name, System: oscalNS, Value: f.value.String()})
		}
	}
	if len(facets) > 0 {
		out.Characterizations = []oscal.Characterization{{
			Origin: oscal.Origin{Actors: []oscal.Actor{{Type: "party", ActorUUID: m.id("organisation")}}}, Facets: facets,
		}}
	}
	out.Remediations, out.Deadline = m.remediations(r)
	return out
}

// amount is money with the currency of the organisation.
func (m *oscalMaker) amount(v kind.Money) string {
	if org := m.Organisation(); org != nil && org.Currency != "" {
		return org.Currency + " " + v.String()
	}
	return v.String()
}

// remediations are the treatments of a risk with their tasks, and the day by which
// the last of them is due.
func (m *oscalMaker) remediations(r *isms.Risk) (list []oscal.Response, deadline string) {
	var last kind.Date
	for _, t := range sortedByKey(Every[isms.Treatment](m.Survey, isms.Treatments)) {
		if t.RiskID != r.ID || t.Status == isms.TreatmentDeclined {
			continue
		}
		m.saw(t.UpdatedAt)
		last = max(last, t.Due)
		resp := oscal.Response{
			UUID: m.id("treatment", t.ID), Lifecycle: lifecycle(t.Status), Title: single(t.Title),
			Description: say(string(t.Plan), string(t.Rationale), t.Title), Props: prop(nil, "status", string(t.Status)),
		}
		if t.Due != "" {
			resp.Tasks = append(resp.Tasks, oscal.Task{
				UUID: m.id("treatment", t.ID, "due"), Type: "milestone", Title: single("In place: " + t.Title),
				Timing: onDay(t.Due), ResponsibleRoles: m.owner(t.OwnerID),
			})
		}
		resp.Tasks = append(resp.Tasks, m.tasks(t)...)
		list = append(list, resp)
	}
	return list, endOf(last)
}

func lifecycle(s isms.TreatmentStatus) string {
	switch s {
	case isms.TreatmentProposed:
		return "recommendation"
	case isms.TreatmentDone:
		return "completed"
	}
	return "planned"
}

func onDay(d kind.Date) *oscal.Timing {
	if d == "" {
		return nil
	}
	return &oscal.Timing{OnDate: &oscal.OnDate{Date: endOf(d)}}
}

// tasks are those about a treatment or its safeguard that are not dropped.
func (m *oscalMaker) tasks(t *isms.Treatment) []oscal.Task {
	var list []oscal.Task
	for _, task := range sortedByKey(Every[isms.Task](m.Survey, isms.Tasks)) {
		about := task.SubjectKind == isms.Treatments.Name && task.SubjectID == t.ID || task.SubjectKind == isms.Safeguards.Name && task.SubjectID == t.SafeguardID
		if !about || task.Status == isms.TaskDropped {
			continue
		}
		m.saw(task.UpdatedAt)
		list = append(list, oscal.Task{
			UUID: m.id("task", t.ID, task.ID), Type: "action", Title: single(task.Title), Description: say(string(task.Description)),
			Props: prop(nil, "status", string(task.Status)), Timing: onDay(task.Due), ResponsibleRoles: m.owner(task.AssigneeID),
		})
	}
	return list
}

// milestones are those of the roadmap that are not reached.
func (m *oscalMaker) milestones() []oscal.ActionItem {
	var list []oscal.ActionItem
	for _, ms := range sortedByKey(Every[isms.Milestone](m.Survey, isms.Milestones)) {
		if ms.ReachedOn != "" || ms.Due == "" || strings.Contains(string(ms.Status), "dropped") {
			continue
		}
		m.saw(ms.UpdatedAt)
		list = append(list, oscal.ActionItem{
			UUID: m.id("item", "milestone", ms.ID), Title: single(ms.Title), Description: say(string(ms.Description), string(ms.DoneWhen), ms.Title),
			Props: prop(prop(prop(prop(nil, "due", string(ms.Due)), "forecast", string(ms.Forecast)), "status", string(ms.Status)), "progress", fmt.Sprintf("%.0f%%", 100*ms.Progress)),
		})
	}
	return list
}
