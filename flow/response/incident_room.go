package response

import (
	"context"
	"slices"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// A Room is all that those who answer an incident need at once.
type Room struct {
	Incident  *isms.Incident
	Asset     *isms.Asset // nil: none is named
	Playbook  *isms.Playbook
	Phases    []PhaseTime
	Steps     []*RoomStep
	Timeline  []*isms.IncidentAction // in the order in which it happened
	Corrected map[string]string      // entry → the entry that puts it right
	Clocks    []RoomClock            // the next first
	Alerts    []*isms.Alert
	Exhibits  []*Exhibit
	Causes    []*isms.RootCause
	Tasks     []*isms.Task
	Duties    []*isms.Obligation // that its facts start
	Reports   []*isms.Concern
	Reach     *Reach
	Cost      *Cost
	People    map[string]*isms.Person
	Now       time.Time
	Zone      *time.Location // of the organisation
}

// Name is the name of a person; empty when nobody is meant.
func (r *Room) Name(id string) string {
	if p := r.People[id]; p != nil {
		return p.Title
	}
	return ""
}

// A RoomClock is one legal clock with how it stands now.
type RoomClock struct {
	Notice *isms.Notification
	Left   time.Duration // until it is due; negative: so long ago
	Open   bool          // still to be sent
	Late   bool          // due and not sent, or sent too late
}

// An Exhibit is a piece of evidence with its chain of custody.
type Exhibit struct {
	Evidence *isms.Evidence
	Files    []*isms.Attachment
	Chain    []*isms.IncidentAction // in order
	Holder   string                 // who has it now
}

// Room reads everything about an incident that the actor may read.
func (f *Flow) Room(ctx context.Context, idOrKey string) (*Room, error) {
	inc, err := f.incidents().Get(ctx, idOrKey)
	if err != nil {
		return nil, err
	}
	r := &Room{Incident: inc, Corrected: map[string]string{}, People: map[string]*isms.Person{}, Now: f.app.Now()}
	if r.Timeline, err = f.timelineOf(ctx, inc.ID); err != nil {
		return nil, err
	}
	for _, e := range r.Timeline {
		if e.CorrectsID != "" {
			r.Corrected[e.CorrectsID] = e.ID
		}
	}
	r.Phases = phaseTimes(inc, r.Timeline, r.Now)
	for _, read := range []func(context.Context, *Room) error{f.roomSubjects, f.roomLists, f.roomClocks, f.roomExhibits, f.roomSteps, f.roomPeople} {
		if err := read(ctx, r); err != nil {
			return nil, err
		}
	}
	if r.Reach, err = f.Reach(ctx, inc); err != nil {
		return nil, err
	}
	if r.Zone, err = f.Zone(ctx); err != nil {
		return nil, err
	}
	r.Cost, err = f.CostOf(ctx, inc, r.Timeline)
	return r, err
}

func (f *Flow) roomSubjects(ctx context.Context, r *Room) error {
	if id := r.Incident.AssetID; id != "" {
		found, err := f.app.Many(ctx, isms.Assets, []string{id})
		if err != nil {
			return err
		}
		r.Asset, _ = found[id].(*isms.Asset)
	}
	var err error
	r.Playbook, err = f.playbookOf(ctx, r.Incident)
	return err
}

func (f *Flow) roomLists(ctx context.Context, r *Room) (err error) {
	id := r.Incident.ID
	if r.Alerts, err = app.Of[isms.Alert](f.app, isms.Alerts).All(ctx, kind.Query{Sort: "first_seen"}.Where("incident_id", id)); err != nil {
		return err
	}
	if r.Causes, err = app.Of[isms.RootCause](f.app, isms.RootCauses).All(ctx, kind.Query{Sort: "position"}.Where("incident_id", id)); err != nil {
		return err
	}
	if r.Reports, err = app.Of[isms.Concern](f.app, isms.Concerns).All(ctx, kind.Query{Sort: "created_at"}.Where("incident_id", id)); err != nil {
		return err
	}
	r.Tasks, err = app.Of[isms.Task](f.app, isms.Tasks).All(ctx, kind.Query{Sort: "due"}.Where("subject_kind", isms.Incidents.Name).Where("subject_id", id))
	return err
}

func (f *Flow) roomClocks(ctx context.Context, r *Room) error {
	list, err := f.notifications().All(ctx, kind.Query{Sort: "due_at"}.Where("incident_id", r.Incident.ID))
	if err != nil {
		return err
	}
	var duties []string
	for _, n := range list {
		r.Clocks = append(r.Clocks, clockNow(n, r.Now))
		if n.ObligationID != "" {
			duties = append(duties, n.ObligationID)
		}
	}
	slices.SortStableFunc(r.Clocks, func(a, b RoomClock) int {
		switch {
		case a.Open == b.Open:
			return 0
		case a.Open:
			return -1
		}
		return 1
	})
	linked, err := f.farIDs(ctx, isms.Incidents, "triggers", []string{r.Incident.ID})
	if err != nil {
		return err
	}
	duties = append(duties, linked[r.Incident.ID]...)
	slices.Sort(duties)
	found, err := f.app.Many(ctx, isms.Obligations, slices.Compact(duties))
	for _, id := range slices.Compact(duties) {
		if o, ok := found[id].(*isms.Obligation); ok {
			r.Duties = append(r.Duties, o)
		}
	}
	return err
}

func clockNow(n *isms.Notification, now time.Time) RoomClock {
	c := RoomClock{Notice: n, Open: n.Status == isms.NotificationPending || n.Status == isms.NotificationApproved}
	if n.DueAt.IsZero() {
		return c
	}
	c.Left = n.DueAt.Sub(now)
	switch {
	case c.Open:
		c.Late = c.Left < 0
	case !n.SentAt.IsZero():
		c.Late = n.SentAt.After(n.DueAt)
	}
	return c
}

func (f *Flow) roomExhibits(ctx context.Context, r *Room) error {
	rel, err := f.app.Relation(isms.Incidents, "evidenced by")
	if err != nil {
		return err
	}
	list, err := f.evidence.Linked(ctx, rel, r.Incident.ID)
	if err != nil {
		return err
	}
	for _, e := range list {
		x := &Exhibit{Evidence: e}
		for _, entry := range r.Timeline {
			if entry.EvidenceID == e.ID {
				x.Chain = append(x.Chain, entry)
				if entry.HandedTo != "" {
					x.Holder = entry.HandedTo
				}
			}
		}
		if x.Files, err = f.Attachments().All(ctx, kind.Query{Sort: "created_at"}.Where("subject_kind", isms.Evidences.Name).Where("subject_id", e.ID)); err != nil {
			return err
		}
		r.Exhibits = append(r.Exhibits, x)
	}
	slices.SortFunc(r.Exhibits, func(a, b *Exhibit) int { return a.Evidence.At.Compare(b.Evidence.At) })
	return nil
}

// roomPeople reads everybody whom the room names.
func (f *Flow) roomPeople(ctx context.Context, r *Room) error {
	ids := []string{r.Incident.LeadID, r.Incident.ScribeID, r.Incident.SpokespersonID}
	for _, e := range r.Timeline {
		ids = append(ids, e.PersonID)
	}
	for _, c := range r.Clocks {
		ids = append(ids, c.Notice.OwnerID, c.Notice.ApprovedBy)
	}
	for _, t := range r.Tasks {
		ids = append(ids, t.AssigneeID)
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(s string) bool { return s == "" })
	found, err := f.app.Many(ctx, isms.People, ids)
	for id, rec := range found {
		r.People[id] = rec.(*isms.Person)
	}
	return err
}

// OpenIncidents lists the incidents that are not closed, the gravest first, each with
// the clock that is due next.
func (f *Flow) OpenIncidents(ctx context.Context) ([]OpenIncident, error) {
	list, err := f.incidents().All(ctx, kind.Query{Sort: "-declared_at"}.With("phase", kind.Not, string(isms.IncidentClosed)))
	if err != nil {
		return nil, err
	}
	return f.withClocks(ctx, list)
}

// An OpenIncident is a line of the list of incidents.
type OpenIncident struct {
	Incident *isms.Incident
	Asset    string
	Lead     string
	Next     *RoomClock // nil: no clock runs
	Clocks   int        // that run
	Late     int        // of them
	Over     time.Duration
	Left     time.Duration // of the phase
}

func (f *Flow) withClocks(ctx context.Context, list []*isms.Incident) ([]OpenIncident, error) {
	var ids, assets, people []string
	for _, inc := range list {
		ids, assets, people = append(ids, inc.ID), append(assets, inc.AssetID), append(people, inc.LeadID)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	notices, err := f.notifications().All(ctx, kind.Query{Sort: "due_at"}.Where("incident_id", ids...).Where("status", string(isms.NotificationPending), string(isms.NotificationApproved)))
	if err != nil {
		return nil, err
	}
	assetOf, err := f.app.Many(ctx, isms.Assets, present(assets))
	if err != nil {
		return nil, err
	}
	personOf, err := f.app.Many(ctx, isms.People, present(people))
	if err != nil {
		return nil, err
	}
	now := f.app.Now()
	var out []OpenIncident
	for _, inc := range list {
		o := OpenIncident{Incident: inc, Asset: recordTitle(assetOf[inc.AssetID]), Lead: recordTitle(personOf[inc.LeadID])}
		for _, n := range notices {
			if n.IncidentID == inc.ID {
				o.take(clockNow(n, now))
			}
		}
		if d := inc.PhaseDue.Sub(now); !inc.PhaseDue.IsZero() {
			o.Left, o.Over = max(d, 0), max(-d, 0)
		}
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(a, b OpenIncident) int {
		return severityRank(b.Incident.Severity) - severityRank(a.Incident.Severity)
	})
	return out, nil
}

func (o *OpenIncident) take(c RoomClock) {
	if o.Next == nil {
		o.Next = &c
	}
	o.Clocks++
	if c.Late {
		o.Late++
	}
}

func present(ids []string) []string {
	ids = slices.DeleteFunc(slices.Clone(ids), func(s string) bool { return strings.TrimSpace(s) == "" })
	slices.Sort(ids)
	return slices.Compact(ids)
}

func recordTitle(r kind.Record) string {
	if r == nil {
		return ""
	}
	return r.GetBase().Title
}
