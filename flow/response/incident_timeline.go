package response

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// FollowIncidents is a Settler of the waist: it writes the timeline of incidents
// from what happens to them and around them, and gives every phase its time. Each
// change is told once, in the transaction in which it happens.
func (f *Flow) FollowIncidents(ctx context.Context, changed []app.Event) error {
	for _, e := range changed {
		if err := f.followIncident(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (f *Flow) followIncident(ctx context.Context, e app.Event) error {
	switch e.Kind {
	case isms.Incidents:
		return f.followPhase(ctx, e)
	case isms.Alerts:
		return f.tellAlert(ctx, e)
	case isms.Comments:
		if c := e.Record.(*isms.Comment); e.Verb == "create" && c.SubjectKind == isms.Incidents.Name {
			return f.tell(ctx, e, isms.IncidentAction{IncidentID: c.SubjectID, Type: "communication", What: "Comment: " + c.Text})
		}
	case isms.Tasks:
		return f.tellTask(ctx, e)
	case isms.Notifications:
		return f.tellNotification(ctx, e)
	case isms.RootCauses:
		if c := e.Record.(*isms.RootCause); e.Verb == "confirm" {
			return f.tell(ctx, e, isms.IncidentAction{IncidentID: c.IncidentID, Type: "decision", What: isms.Markdown("Cause confirmed: " + c.Title)})
		}
	case isms.RestorePoints:
		p := e.Record.(*isms.RestorePoint)
		if p.IncidentID != "" && slices.Contains([]string{"verify", "fail", "taint", "clear"}, e.Verb) {
			return f.tell(ctx, e, isms.IncidentAction{IncidentID: p.IncidentID, Type: "action", What: isms.Markdown(p.Title + ": " + strings.ToLower(kind.Humanise(string(p.Status)))), Result: p.Result})
		}
	}
	return nil
}

// tell writes an entry that the product saw itself. Incidents that are gone or not
// there have no timeline.
func (f *Flow) tell(ctx context.Context, e app.Event, entry isms.IncidentAction) error {
	machine := flow.AsProduct(ctx, e.Actor)
	inc, err := f.incidents().Get(machine, entry.IncidentID)
	if kind.CodeOf(err) == kind.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if entry.At.IsZero() {
		entry.At = f.app.Now()
	}
	if entry.Phase == "" {
		entry.Phase = inc.Phase
	}
	if entry.PersonID == "" && !e.Actor.Machine {
		if entry.PersonID, err = f.inRegister(machine, e.Actor.ID); err != nil {
			return err
		}
	}
	entry.Automatic, entry.Status = true, "done"
	return app.Of[isms.IncidentAction](f.app, isms.IncidentActions).Save(machine, &entry)
}

// reasonOf is why the change was made, as the journal has it.
func (f *Flow) reasonOf(ctx context.Context, e app.Event) isms.Markdown {
	list, err := f.app.History(flow.AsProduct(ctx, e.Actor), e.Kind, e.ID, 0, 5)
	if err != nil {
		return ""
	}
	for _, entry := range list {
		if entry.Version == e.Version && entry.Verb == e.Verb {
			return isms.Markdown(entry.Reason)
		}
	}
	return ""
}

// inRegister is the id of a person, or empty when nobody in the register has it: the
// local operator acts here without being there.
func (f *Flow) inRegister(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	_, err := app.Of[isms.Person](f.app, isms.People).Get(flow.AsIfProduct(ctx), id)
	if kind.CodeOf(err) == kind.NotFound {
		return "", nil
	}
	return id, err
}

// followPhase tells of changes of the incident itself, and sets the clock of the
// phase it is in.
func (f *Flow) followPhase(ctx context.Context, e app.Event) error {
	inc := e.Record.(*isms.Incident)
	before, known := e.Before.(*isms.Incident)
	var err error
	switch {
	case e.Verb == "create":
		err = f.tellDeclared(ctx, e, inc)
	case known && before.Phase != inc.Phase:
		err = f.tellPhase(ctx, e, before, inc)
	case known && e.Verb == "update":
		err = f.tellChanges(ctx, e, before, inc)
	}
	if err == nil && known && before.Phase != inc.Phase && inc.Phase == isms.IncidentClosed {
		return f.keepCost(flow.AsProduct(ctx, e.Actor), inc.ID)
	}
	if err != nil || inc.Phase == isms.IncidentClosed || !inc.PhaseDue.IsZero() {
		return err
	}
	return f.setPhaseDue(flow.AsProduct(ctx, e.Actor), inc.ID)
}

func (f *Flow) tellDeclared(ctx context.Context, e app.Event, inc *isms.Incident) error {
	who := e.Actor.Name
	if e.Actor.Machine {
		who = "The product"
	}
	if !inc.StartedAt.IsZero() && inc.StartedAt.Before(inc.DetectedAt) {
		err := f.tell(ctx, e, isms.IncidentAction{IncidentID: inc.ID, Type: "observation", Phase: isms.IncidentDetect, At: inc.StartedAt, AssetID: inc.AssetID, What: "The first event of it, as far as one knows."})
		if err != nil {
			return err
		}
	}
	at := inc.DeclaredAt
	if at.IsZero() || at.After(f.app.Now()) {
		at = f.app.Now()
	}
	return f.tell(ctx, e, isms.IncidentAction{IncidentID: inc.ID, Type: "decision", Phase: inc.Phase, At: at, AssetID: inc.AssetID,
		What:   isms.Markdown(prose.Sentence(fmt.Sprintf("%s declared the incident: %s", who, inc.Title))),
		Result: f.reasonOf(ctx, e)})
}

func (f *Flow) tellPhase(ctx context.Context, e app.Event, before, inc *isms.Incident) error {
	words := phaseWords[inc.Phase]
	if e.Verb == "reopen" {
		words = "Open again: is it still there?"
	} else if inc.Outcome == isms.ResultFalseAlarm && inc.Phase == isms.IncidentClosed {
		words = "Closed: it was a false alarm."
	}
	if late := f.app.Now().Sub(before.PhaseDue); !before.PhaseDue.IsZero() && late > 0 {
		words += fmt.Sprintf(" %s took %s longer than planned.", kind.Humanise(string(before.Phase)), InWords(late))
	}
	return f.tell(ctx, e, isms.IncidentAction{IncidentID: inc.ID, Type: "decision", Phase: inc.Phase, What: isms.Markdown(words), Result: f.reasonOf(ctx, e)})
}

var phaseWords = map[isms.IncidentPhase]string{
	isms.IncidentDetect:    "Looking into it: what is it, and how far does it reach?",
	isms.IncidentContain:   "It is real. Containment begins.",
	isms.IncidentEradicate: "Contained. Now everything of theirs is removed.",
	isms.IncidentRecover:   "Eradicated. Now we restore.",
	isms.IncidentLearn:     "Recovered: work goes on. Now we find out why.",
	isms.IncidentClosed:    "Closed.",
}

// untold are fields whose change says nothing to a reader of the timeline: the
// product keeps them itself, or they are long text that its own page shows.
var untold = []string{"phase", "phase_due", "contained_at", "eradicated_at", "recovered_at", "closed_at", "cost_so_far", "key", "labels", "updated_at", "updated_by", "version"}

// tellChanges sums up the fields that changed in one entry.
func (f *Flow) tellChanges(ctx context.Context, e app.Event, before, inc *isms.Incident) error {
	var lines []string
	for _, field := range isms.Incidents.Fields {
		if slices.Contains(untold, field.Name) || field.Hidden || field.Equal(before, inc) {
			continue
		}
		line, err := f.changeInWords(flow.AsProduct(ctx, e.Actor), field, before, inc)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil
	}
	return f.tell(ctx, e, isms.IncidentAction{IncidentID: inc.ID, Type: "observation", What: isms.Markdown(strings.Join(lines, " ")), Result: f.reasonOf(ctx, e)})
}

func (f *Flow) changeInWords(ctx context.Context, field *kind.Field, before, after kind.Record) (string, error) {
	if field.Type == kind.LongText {
		return prose.Sentence(field.Label + " was rewritten"), nil
	}
	was, err := f.valueInWords(ctx, field, before)
	if err != nil {
		return "", err
	}
	is, err := f.valueInWords(ctx, field, after)
	if err != nil {
		return "", err
	}
	label := strings.ToUpper(field.Label[:1]) + field.Label[1:]
	switch {
	case is == "":
		return prose.Sentence(label + ": no longer " + was), nil
	case was == "" || field.Type == kind.Flag:
		return prose.Sentence(label + ": " + is), nil
	}
	return prose.Sentence(label + ": " + is + " instead of " + was), nil
}

func (f *Flow) valueInWords(ctx context.Context, field *kind.Field, r kind.Record) (string, error) {
	if field.IsZero(r) {
		if field.Type == kind.Flag {
			return "no", nil
		}
		return "", nil
	}
	text := field.Text(r)
	switch {
	case field.Ref != "":
		found, err := f.app.Get(ctx, f.app.Registry().Named(field.Ref), text)
		if err != nil {
			return "", err
		}
		return found.GetBase().Title, nil
	case field.Type == kind.Flag:
		return "yes", nil
	case field.Type == kind.Instant:
		return field.Of(r).(time.Time).Format("2006-01-02 15:04") + " UTC", nil
	case len(field.Choices) > 0:
		return strings.ToLower(field.Choice(text).Label), nil
	}
	return text, nil
}

// setPhaseDue gives the phase of an incident its time.
func (f *Flow) setPhaseDue(machine context.Context, id string) error {
	inc, err := f.incidents().Get(machine, id)
	if err != nil || !inc.PhaseDue.IsZero() || inc.Phase == isms.IncidentClosed {
		return err
	}
	playbook, err := f.playbookOf(machine, inc)
	if err != nil {
		return err
	}
	inc.PhaseDue = f.app.Now().Add(phaseBudget(inc.Phase, inc.Severity, playbook))
	return f.incidents().Save(machine, inc)
}

// playbookOf is the playbook that an incident follows; nil for none.
func (f *Flow) playbookOf(ctx context.Context, inc *isms.Incident) (*isms.Playbook, error) {
	if inc.PlaybookID == "" {
		return nil, nil
	}
	p, err := app.Of[isms.Playbook](f.app, isms.Playbooks).Get(ctx, inc.PlaybookID)
	if kind.CodeOf(err) == kind.NotFound {
		return nil, nil
	}
	return p, err
}

// tellAlert tells that an alert became part of an incident, and what came of it.
func (f *Flow) tellAlert(ctx context.Context, e app.Event) error {
	a := e.Record.(*isms.Alert)
	before, known := e.Before.(*isms.Alert)
	if a.IncidentID == "" {
		return nil
	}
	if !known || before.IncidentID != a.IncidentID {
		return f.tell(ctx, e, isms.IncidentAction{IncidentID: a.IncidentID, Type: "observation", At: a.FirstSeen, AssetID: a.AssetID,
			What: isms.Markdown("Alert: " + prose.Sentence(a.Title)), Result: isms.Markdown(alertDetail(a))})
	}
	if e.Verb == "close" {
		return f.tell(ctx, e, isms.IncidentAction{IncidentID: a.IncidentID, Type: "decision", AssetID: a.AssetID, What: isms.Markdown("Alert closed: " + a.Title), Result: a.Note})
	}
	return nil
}

func alertDetail(a *isms.Alert) string {
	var parts []string
	if a.Actor != "" {
		parts = append(parts, "From "+a.Actor+".")
	}
	if a.Count > 1 {
		parts = append(parts, fmt.Sprintf("Seen %d times.", a.Count))
	}
	if a.SHA256 != "" {
		parts = append(parts, "The events are kept, SHA-256 "+a.SHA256+".")
	}
	return strings.Join(parts, " ")
}

func (f *Flow) tellTask(ctx context.Context, e app.Event) error {
	t := e.Record.(*isms.Task)
	if t.SubjectKind != isms.Incidents.Name || t.SubjectID == "" {
		return nil
	}
	what := map[string]string{"create": "To do: ", "finish": "Done: ", "drop": "Not done: ", "wait": "Waits: "}[e.Verb]
	if what == "" {
		return nil
	}
	result := t.Outcome
	if e.Verb == "wait" {
		result = isms.Markdown(t.WaitingFor)
	}
	return f.tell(ctx, e, isms.IncidentAction{IncidentID: t.SubjectID, Type: "action", What: isms.Markdown(what + t.Title), Result: result})
}

func (f *Flow) tellNotification(ctx context.Context, e app.Event) error {
	n := e.Record.(*isms.Notification)
	what := map[string]string{"approve": "Text approved: ", "send": "Sent: ", "answer": "Answered: ", "waive": "Not needed: ", "reopen": "Needed after all: "}[e.Verb]
	if what == "" {
		return nil
	}
	entry := isms.IncidentAction{IncidentID: n.IncidentID, Type: "communication", What: isms.Markdown(what + n.Title)}
	switch e.Verb {
	case "send":
		entry.At = n.SentAt
		if late := n.SentAt.Sub(n.DueAt); !n.DueAt.IsZero() && late > 0 {
			entry.What += isms.Markdown(" (" + InWords(late) + " late)")
		}
		entry.Result = isms.Markdown("SHA-256 of the text " + n.SHA256 + ".")
	case "waive":
		entry.Type, entry.Result = "decision", n.Remark
	}
	return f.tell(ctx, e, entry)
}

// InWords is a span of time as people say it, in its two largest units: "2 d 3 h",
// "45 min". Less than a minute is "less than a minute".
func InWords(d time.Duration) string {
	d = d.Abs()
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case days > 0 && hours > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case days > 0:
		return fmt.Sprintf("%d d", days)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%d h", hours)
	case minutes > 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return "less than a minute"
}
