package response

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// plainDraft is the text for duties without a template of their own.
var plainDraft = &catalog.Clock{ID: "plain", Draft: `**Word about an incident** at {{.Organisation}}

To {{.Recipient}}. On {{.Detected}} we noticed: {{.Incident}}. {{.Summary}}
What this means for you: to be completed.
What we did so far:{{range .Done}}
- {{.}}{{else}} still being found out.{{end}}

Please ask {{.Contact}}. We write again as soon as we know more. Our reference: {{.Reference}}.`}

// mostDone bounds how many measures a draft lists.
const mostDone = 12

// noticeText fills the text of a message from the record.
func (f *Flow) noticeText(ctx context.Context, inc *isms.Incident, n *isms.Notification, rule *catalog.Clock) (isms.Markdown, error) {
	if rule == nil {
		rule = plainDraft
	}
	d, err := f.noticeData(flow.AsIfProduct(ctx), inc, n)
	if err != nil {
		return "", err
	}
	text, err := rule.Fill(*d)
	return isms.Markdown(text), err
}

func (f *Flow) noticeData(ctx context.Context, inc *isms.Incident, n *isms.Notification) (*catalog.ClockDraft, error) {
	o, err := f.organisation(ctx)
	if err != nil {
		return nil, err
	}
	zone := zoneOf(o)
	d := &catalog.ClockDraft{
		Organisation: "our organisation", Incident: strings.TrimRight(inc.Title, ".!"), Reference: inc.Key, Summary: string(inc.Summary),
		Category: isms.Incidents.Field("category").Choice(string(inc.Category)).Label, Severity: string(inc.Severity), Phase: string(inc.Phase),
		Started: inWall(inc.StartedAt, zone), Detected: inWall(firstTime(inc.DetectedAt, inc.DeclaredAt), zone), Aware: inWall(firstTime(inc.AwareAt, inc.DeclaredAt), zone),
		Declared: inWall(inc.DeclaredAt, zone), Now: inWall(f.app.Now(), zone),
		People: inc.DataSubjects, Data: inc.DataCategories, Recipient: prose.FirstOf(n.Name, kind.Humanise(string(n.Recipient))),
		Late: !n.DueAt.IsZero() && f.app.Now().After(n.DueAt),
	}
	contact := inc.SpokespersonID
	if o != nil {
		d.Organisation, d.Country = prose.FirstOf(o.LegalName, o.Title), o.Country
		if inc.PersonalData && o.PrivacyOfficerID != "" {
			contact = o.PrivacyOfficerID
		}
	}
	if d.Contact, err = f.contact(ctx, prose.FirstOf(contact, inc.LeadID)); err != nil {
		return nil, err
	}
	if inc.AssetID != "" {
		if a, err := f.assets.Get(ctx, inc.AssetID); err == nil {
			d.Asset = a.Title
		}
	}
	return d, f.noticeStory(ctx, inc, d)
}

// noticeStory adds what was done and why it could happen.
func (f *Flow) noticeStory(ctx context.Context, inc *isms.Incident, d *catalog.ClockDraft) error {
	entries, err := app.Of[isms.IncidentAction](f.app, isms.IncidentActions).All(ctx, kind.Query{Sort: "at"}.Where("incident_id", inc.ID).Where("type", "action").Where("status", "done"))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Automatic {
			d.Done = append(d.Done, strings.TrimSpace(strings.SplitN(string(e.What), "\n", 2)[0]))
		}
	}
	d.Done = d.Done[max(0, len(d.Done)-mostDone):]
	causes, err := app.Of[isms.RootCause](f.app, isms.RootCauses).All(ctx, kind.Query{Sort: "position"}.Where("incident_id", inc.ID).Where("status", "confirmed", "removed"))
	for _, c := range causes {
		d.Causes = append(d.Causes, c.Title)
	}
	return err
}

func (f *Flow) contact(ctx context.Context, personID string) (string, error) {
	if personID == "" {
		return "to be completed", nil
	}
	p, err := app.Of[isms.Person](f.app, isms.People).Get(ctx, personID)
	if kind.CodeOf(err) == kind.NotFound {
		return "to be completed", nil
	}
	if err != nil {
		return "", err
	}
	parts := []string{p.Title}
	for _, s := range []string{p.RoleTitle, p.Email, p.Phone} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", "), nil
}

// inWall is a time in words of the zone; empty when it is not known.
func inWall(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone)
	return fmt.Sprintf("%s at %s", t.Format("2 January 2006"), t.Format("15:04 MST"))
}
