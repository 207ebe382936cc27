package page

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

var seesExercises = web.MayRead(isms.Exercises, isms.ExerciseInjects)

// mayPlay: whoever may write exercises and their injects.
func mayPlay(a access.Actor) bool {
	return a.May(kind.Write, isms.Exercises) == access.All && a.May(kind.Write, isms.ExerciseInjects) == access.All
}

// mayMakeStories: whoever may play and may read what stories are made of.
func mayMakeStories(a access.Actor) bool {
	return mayPlay(a) && web.MayRead(isms.Risks, isms.Assets, isms.AssetDependencies, isms.People, isms.Vendors, isms.InterestedParties, isms.Obligations,
		isms.Backups, isms.RestorePoints, isms.RecoveryTargets, isms.Playbooks, isms.Organisations)(a)
}

// A practiceView is where exercises are planned and looked back at.
type practiceView struct {
	*web.Request
	coming, running, held []*isms.Exercise
	plays                 bool
	makes                 bool
	form                  map[string]string
	errors                []ui.FieldError
}

func (c Config) practice(r *web.Request) error {
	v, err := c.practiceOf(r)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK)
}

func (v *practiceView) show(status int) error {
	v.Crumbs(ui.Crumb{Label: "Exercises", Href: "/exercises"})
	return v.RenderAs(status, "Practice", practiceBody(v))
}

func (c Config) practiceOf(r *web.Request) (*practiceView, error) {
	v := &practiceView{Request: r, plays: mayPlay(r.Actor), makes: mayMakeStories(r.Actor), form: map[string]string{}}
	page, err := r.App().List(r.Ctx(), isms.Exercises, kind.Query{Limit: 100, Sort: "-at"})
	if err != nil {
		return nil, err
	}
	for _, rec := range page.Records {
		switch e := rec.(*isms.Exercise); e.Status {
		case "planned":
			v.coming = append([]*isms.Exercise{e}, v.coming...)
		case "running", "evaluating":
			v.running = append(v.running, e)
		case "done":
			v.held = append(v.held, e)
		}
	}
	return v, nil
}

func roomURL(id string) string { return web.RecordURL(isms.Exercises, id) + "/room" }

// exerciseLine says how an exercise stands in one line.
func (v *practiceView) exerciseLine(e *isms.Exercise) string {
	parts := []string{kind.Humanise(string(e.Type)), dayWords(kind.DateOf(e.At))}
	if e.Status == "done" {
		parts = append(parts, strconv.Itoa(e.Score)+" %")
	}
	if r := recoveryWords(e); r != "" {
		parts = append(parts, r)
	}
	return strings.Join(parts, " · ")
}

// recoveryWords compares what was measured with what was aimed at.
func recoveryWords(e *isms.Exercise) string {
	switch {
	case e.Recovery > 0 && e.TargetHours > 0:
		return "back after " + inHours(e.Recovery) + ", aimed at " + inHours(e.TargetHours)
	case e.TargetHours > 0:
		return "back within " + inHours(e.TargetHours)
	}
	return ""
}

func inHours(h float64) string {
	if h < 2 {
		return strconv.Itoa(int(h*60+0.5)) + " min"
	}
	return strings.TrimSuffix(strconv.FormatFloat(h, 'f', 1, 64), ".0") + " h"
}

func (v *practiceView) scenarioOptions() []ui.Option {
	out := []ui.Option{{Value: "", Label: "Our dearest risk that was not played for longest"}}
	for _, c := range isms.IncidentType("").Choices() {
		if c.Value == "other" {
			continue
		}
		label := c.Label
		if label == "" {
			label = kind.Humanise(c.Value)
		}
		out = append(out, ui.Option{Value: c.Value, Label: label})
	}
	return append(out, ui.Option{Value: "restore", Label: "Restore test: bring back a real copy"})
}

// planExercise makes an exercise of the organisation's own records.
func (c Config) planExercise(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	o := response.ExerciseOrder{RiskID: form.Get("risk_id"), Scenario: isms.IncidentType(form.Get("scenario")), LeadID: form.Get("lead_id"), Announced: true}
	if o.Scenario == "restore" {
		o.Scenario, o.Restore = "", true
	}
	e, err := c.orderExercise(r, o, form.Get("on"), form.Get("minutes"), form.Get("seed"))
	if fields := kind.FieldsOf(err); fields != nil {
		v, broken := c.practiceOf(r)
		if broken != nil {
			return broken
		}
		for name := range form {
			v.form[name] = form.Get(name)
		}
		for _, f := range fields {
			v.errors = append(v.errors, ui.FieldError{Field: f.Field, Label: kind.Humanise(f.Field), Text: f.Message})
		}
		return v.show(http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return r.Redirect(roomURL(e.ID), ui.ToastProps{Text: "The story is made. Read it through before anybody else does.", Tone: ui.Positive})
}

func (c Config) orderExercise(r *web.Request, o response.ExerciseOrder, on, minutes, seed string) (*isms.Exercise, error) {
	if on != "" {
		day, err := time.Parse(time.DateOnly, on)
		if err != nil {
			return nil, kind.Fieldf("on", "is a day such as 2027-03-01")
		}
		o.At = day.Add(9 * time.Hour)
	}
	for _, n := range []struct {
		name, text string
		into       *int
	}{{"minutes", minutes, &o.Minutes}, {"seed", seed, &o.Seed}} {
		text := strings.TrimSpace(n.text)
		if text == "" {
			continue
		}
		v, err := strconv.Atoi(text)
		if err != nil || v < 0 || v > 1<<30 {
			return nil, kind.Fieldf(n.name, "is a whole number")
		}
		*n.into = v
	}
	return c.Response.PlanExercise(r.Ctx(), o)
}

// A roomOfExercise is what the moderator has before them.
type roomOfExercise struct {
	*web.Request
	*response.ExerciseRoom
	plays bool
}

func (c Config) exerciseRoomOf(r *web.Request) (*roomOfExercise, error) {
	room, err := c.Response.ExerciseRoom(r.Ctx(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return &roomOfExercise{Request: r, ExerciseRoom: room, plays: mayPlay(r.Actor)}, nil
}

func (c Config) exerciseRoom(r *web.Request) error {
	v, err := c.exerciseRoomOf(r)
	if err != nil {
		return err
	}
	r.Crumbs(ui.Crumb{Label: "Practice", Href: "/practice"}, ui.Crumb{Label: v.Exercise.Title, Href: web.RecordURL(isms.Exercises, v.Exercise.ID)})
	return r.Render("Room: "+v.Exercise.Title, exerciseRoomBody(v))
}

// exerciseClock is the part of the room that goes on by itself.
func (c Config) exerciseClock(r *web.Request) error {
	v, err := c.exerciseRoomOf(r)
	if err != nil {
		return err
	}
	if !r.Fragment() {
		return r.Redirect(roomURL(v.Exercise.ID))
	}
	return r.RenderPart(clockPart(v))
}

func (c Config) startExercise(r *web.Request) error {
	id := r.PathValue("id")
	if err := c.Response.StartExercise(r.Ctx(), id); err != nil {
		return err
	}
	return r.Redirect(roomURL(id), ui.ToastProps{Text: "The clock goes. Read the scenario aloud.", Tone: ui.Positive})
}

func (c Config) finishExercise(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	end := response.ExerciseEnd{Result: form.Get("result"), NextOn: kind.Date(form.Get("next_on")), Compared: form.Get("compared"), Restored: form.Get("restored") == "yes"}
	if text := strings.ReplaceAll(strings.TrimSpace(form.Get("recovery")), ",", "."); text != "" {
		if end.Recovery, err = strconv.ParseFloat(text, 64); err != nil {
			return kind.Fieldf("recovery", "is a number of hours")
		}
	}
	room, err := c.Response.FinishExercise(r.Ctx(), r.PathValue("id"), end)
	if err != nil {
		return err
	}
	text := "Nothing has to change: everything that was expected was done."
	if n := len(room.Follows); n > 0 {
		text = upperFirst(figures{r.Format}.plural(int64(n), "corrective action follows", "corrective actions follow")) + " from it."
	}
	return r.Redirect(web.RecordURL(isms.Exercises, room.Exercise.ID), ui.ToastProps{Text: text, Tone: ui.Positive})
}

func (c Config) giveInject(r *web.Request) error {
	rec, err := r.App().Get(r.Ctx(), isms.ExerciseInjects, r.PathValue("id"))
	if err != nil {
		return err
	}
	i := rec.(*isms.ExerciseInject)
	if err := c.Response.GiveInject(r.Ctx(), i.ID); err != nil {
		return err
	}
	return r.Redirect(roomURL(i.ExerciseID) + "#inject-" + i.ID)
}

func (c Config) scoreInject(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	a := response.InjectAnswer{Text: strings.TrimSpace(form.Get("answer")), Missed: form.Get("as") == "missed"}
	for _, m := range form["met"] {
		if m != "" {
			a.Met = append(a.Met, m)
		}
	}
	i, err := c.Response.ScoreInject(r.Ctx(), r.PathValue("id"), a)
	if err != nil {
		return err
	}
	return r.Redirect(roomURL(i.ExerciseID)+"#inject-"+i.ID, ui.ToastProps{Text: "Scored " + strconv.Itoa(i.Score) + " %.", Tone: ui.Positive})
}

// exerciseAbove is the result of an exercise on its page.
func (c Config) exerciseAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	if !seesExercises(r.Actor) {
		return nil, nil
	}
	room, err := c.Response.ExerciseRoom(r.Ctx(), rec.GetBase().ID)
	if err != nil {
		return nil, err
	}
	return exerciseResult(&roomOfExercise{Request: r, ExerciseRoom: room, plays: mayPlay(r.Actor)}), nil
}

func (c Config) exerciseActions(r *web.Request, rec kind.Record) ([]templ.Component, error) {
	list, err := filesAction(isms.Exercises)(r, rec)
	if err != nil || !seesExercises(r.Actor) {
		return list, err
	}
	return append([]templ.Component{ui.Button(ui.ButtonProps{Label: "Exercise room", Icon: "play", Href: roomURL(rec.GetBase().ID)}),
		ui.Button(ui.ButtonProps{Label: "Report as PDF", Icon: "download", Href: web.RecordURL(isms.Exercises, rec.GetBase().ID) + "/report/pdf"})}, list...), nil
}

// elapsed is the time on the clock: "1 h 12 min".
func (v *roomOfExercise) elapsed() string { return minutesText(int(v.Elapsed.Minutes())) }

func (v *roomOfExercise) stats() []ui.StatProps {
	e := v.Exercise
	given := 0
	for _, i := range v.Injects {
		if i.Status == "answered" || i.Status == "missed" {
			given++
		}
	}
	list := []ui.StatProps{{Label: "Answered", Value: strconv.Itoa(given), Unit: "of " + strconv.Itoa(len(v.Injects))}}
	score := ui.StatProps{Label: "Score", Value: "–", Note: "The mean over what was answered or missed"}
	if v.Score >= 0 {
		score.Value, score.Unit = strconv.Itoa(v.Score), "%"
		score.Why = &ui.WhyProps{ID: "why-score", About: "The score of an exercise", Formula: "mean of (criteria met ÷ criteria × 100; three quarters of it when later than allowed)",
			Summary: "What was not told does not count; what nobody answered counts as nothing."}
	}
	list = append(list, score)
	if e.TargetHours > 0 || e.Recovery > 0 {
		r := ui.StatProps{Label: "Recovery", Value: "–", Note: "aimed at " + inHours(e.TargetHours)}
		if e.Recovery > 0 {
			r.Value = inHours(e.Recovery)
			if e.TargetHours == 0 {
				r.Note = "no target is set"
			}
		}
		list = append(list, r)
	}
	if e.NextOn != "" {
		list = append(list, ui.StatProps{Label: "Next one", Value: dayWords(e.NextOn)})
	}
	return list
}

// injectLine says when and to whom.
func (v *roomOfExercise) injectLine(i *isms.ExerciseInject) string {
	parts := []string{"minute " + strconv.Itoa(i.Minute)}
	if i.Audience != "" {
		parts = append(parts, "to: "+i.Audience)
	}
	if i.WithinMin > 0 {
		parts = append(parts, "within "+minutesText(i.WithinMin))
	}
	switch {
	case i.Status == "given":
		parts = append(parts, "told "+minutesText(int(v.Now().Sub(i.GivenAt).Minutes()))+" ago")
	case i.Status == "answered" && !i.AnsweredAt.IsZero() && !i.GivenAt.IsZero():
		parts = append(parts, "answered after "+minutesText(int(i.AnsweredAt.Sub(i.GivenAt).Minutes())))
	}
	if i.Status == "answered" || i.Status == "missed" {
		parts = append(parts, strconv.Itoa(i.Score)+" %")
	}
	return strings.Join(parts, " · ")
}

func (v *roomOfExercise) criteria(i *isms.ExerciseInject) []ui.Option {
	var out []ui.Option
	for _, c := range response.Criteria(i) {
		out = append(out, ui.Option{Value: c, Label: c})
	}
	return out
}
