package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"holdfast/flow"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/job"
	"holdfast/notify"
)

// The settings by which messages leave are those of the operator, from the environment:
// they hold a password, which is shown nowhere.
//
//	HOLDFAST_URL              where people reach the product: https://isms.example.org
//	HOLDFAST_SMTP_SERVER      mail.example.org:587
//	HOLDFAST_SMTP_FROM        Holdfast <alarms@example.org>
//	HOLDFAST_SMTP_USER        and HOLDFAST_SMTP_PASSWORD, where the server wants them
//	HOLDFAST_SMTP_PLAIN       1: a relay without TLS and password in a closed network
//	HOLDFAST_WEBHOOK_SECRET   signs the webhooks of alert routes
//	HOLDFAST_NOTIFY_PRIVATE   names and networks inside that may be spoken to, with commas
func notifyConfig(env func(string) string) notify.Config {
	return notify.Config{
		Mail: notify.Mail{Server: env("HOLDFAST_SMTP_SERVER"), From: env("HOLDFAST_SMTP_FROM"), User: env("HOLDFAST_SMTP_USER"),
			Password: env("HOLDFAST_SMTP_PASSWORD"), Plain: env("HOLDFAST_SMTP_PLAIN") != ""},
		Network: notify.Network{Private: words(env("HOLDFAST_NOTIFY_PRIVATE"))},
		Secret:  env("HOLDFAST_WEBHOOK_SECRET"),
	}
}

// words are the parts of a list with commas.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// A caller calls people.
type caller struct {
	l    *Local
	out  *notify.Notifier
	site string // where people reach the product; empty: nobody has said
}

func (l *Local) newCaller() *caller {
	cfg := notifyConfig(os.Getenv)
	cfg.Now = l.now
	return &caller{l: l, out: notify.New(cfg), site: strings.TrimRight(os.Getenv("HOLDFAST_URL"), "/")}
}

// register takes over the jobs by which people are called.
func (c *caller) register(r *job.Runner) {
	r.Register(detection.JobCall, c.call)
	r.Register(detection.JobUnanswered, c.unanswered)
	r.Register(detection.JobTryRoute, c.try)
}

var gravity = map[isms.Severity]notify.Severity{
	isms.SeverityLow: notify.Low, isms.SeverityMedium: notify.Medium, isms.SeverityHigh: notify.High, isms.SeverityCritical: notify.Critical,
}

// call makes one call about one alert. A failure is kept on the route and repeated by the
// runner; one that repeating cannot mend is not.
func (c *caller) call(ctx context.Context, w *job.Work) error {
	var what detection.Call
	if err := w.Payload(&what); err != nil {
		return err
	}
	p, err := c.l.Detection.PrepareCall(ctx, what)
	if err != nil {
		return err
	}
	if p == nil {
		w.Progress("not needed any more", 1, 1)
		return nil
	}
	w.Progress("calling "+p.Recipient, 0, 1)
	w.Result("/alerts/" + p.Alert.Key)
	sent := c.send(ctx, p.Route.Channel, p.Recipient, c.message(p, w.Job.ID))
	if err := c.l.Detection.NoteCall(ctx, p, sent); err != nil {
		return errors.Join(sent, err)
	}
	return sent
}

// send marks what sending again cannot mend. The demo calls nobody: it only says whom it
// would have called.
func (c *caller) send(ctx context.Context, by isms.AlertChannel, to string, m notify.Message) error {
	if c.l.quiet {
		return nil
	}
	err := c.out.Send(ctx, notify.Channel(by), to, m)
	if errors.Is(err, notify.ErrSetUp) {
		return fmt.Errorf("%w: %w", err, job.ErrFinal)
	}
	return err
}

// An alertData is an alert as machines are told of it.
type alertData struct {
	ID         string   `json:"id"`
	Key        string   `json:"key"`
	Severity   string   `json:"severity"`
	Score      float64  `json:"score"`
	Count      int      `json:"count"`
	Asset      string   `json:"asset,omitempty"`
	Actor      string   `json:"actor,omitempty"`
	Source     string   `json:"source"`
	Techniques []string `json:"techniques,omitempty"`
	IncidentID string   `json:"incident_id,omitempty"`
}

func (c *caller) message(p *detection.CallPlan, id string) notify.Message {
	a := p.Alert
	subject, text := p.CallText()
	m := notify.Message{ID: id, Kind: "alert", At: a.LastSeen, Severity: max(gravity[a.Severity], notify.Informational), Subject: subject, Text: text, Link: c.link("/alerts/" + a.Key)}
	data := alertData{ID: a.ID, Key: a.Key, Severity: string(a.Severity), Score: a.Score, Count: a.Count, Actor: a.Actor, Source: string(a.Source), Techniques: a.Techniques, IncidentID: a.IncidentID}
	if p.Asset != nil {
		data.Asset = p.Asset.Key
	}
	m.Data = data
	return m
}

// link is an address of the product; empty when nobody has said where people reach it.
func (c *caller) link(path string) string {
	if c.site == "" {
		return ""
	}
	return c.site + path
}

// unanswered calls the next when nobody has taken the alert on.
func (c *caller) unanswered(ctx context.Context, w *job.Work) error {
	var what detection.Call
	if err := w.Payload(&what); err != nil {
		return err
	}
	called, err := c.l.Detection.CallNext(ctx, what)
	if called {
		w.Progress("nobody has answered: the next is called", 1, 1)
	}
	return err
}

// try sends a message over a route, so that people see whether it arrives.
func (c *caller) try(ctx context.Context, w *job.Work) error {
	var what detection.Call
	if err := w.Payload(&what); err != nil {
		return err
	}
	p, err := c.l.Detection.PrepareTrial(ctx, what.RouteID)
	if err != nil {
		return err
	}
	w.Progress("sending to "+p.Recipient, 0, 1)
	w.Result("/alert-routes/" + p.Route.Key)
	m := notify.Message{ID: w.Job.ID, Kind: "test", At: c.l.App.Now(), Severity: notify.Informational, Subject: "Test: " + p.Route.Title,
		Text: "This is only a test of the route “" + p.Route.Title + "”. If you read it, an alarm will reach you.\n", Link: c.link("/alert-routes/" + p.Route.Key)}
	sent := c.send(ctx, p.Route.Channel, p.Recipient, m)
	return errors.Join(sent, c.l.Detection.NoteTrial(ctx, p.Route.ID, sent))
}

// remind carries the reminder of a person by mail. Without a mail server nothing is sent
// and the product shows it only.
func (c *caller) remind(ctx context.Context, r flow.Reminder) error {
	if r.Person.Email == "" || !c.mails() {
		return nil
	}
	var b strings.Builder
	b.WriteString("Please read and confirm:\n\n")
	for _, a := range r.Open {
		fmt.Fprintf(&b, "- %s (until %s)\n", a.Title, a.Due)
	}
	first := r.Open[0]
	m := notify.Message{ID: fmt.Sprintf("%s-%d", first.ID, first.Reminders+1), Kind: "reminder", At: c.l.App.Now(), Severity: notify.Informational,
		Subject: fmt.Sprintf("%d to read and confirm", len(r.Open)), Text: b.String(), Link: c.link("/my")}
	return c.send(ctx, "mail", r.Person.Email, m)
}

func (c *caller) mails() bool { return os.Getenv("HOLDFAST_SMTP_SERVER") != "" }
