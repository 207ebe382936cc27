package page

import (
	"strings"

	"holdfast/forward"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// A forwardView is the page on the systems that events are handed on to.
type forwardView struct {
	*web.Request
	figures
	overview forward.Overview
	may      bool // send a test
}

// forwarding shows how each target goes.
func (c Config) forwarding(r *web.Request) error {
	if c.Forward == nil {
		return kind.Errorf(kind.Unavailable, "events are not forwarded here")
	}
	v := &forwardView{Request: r, figures: figures{r.Format}, may: connects(r.Actor)}
	var err error
	if v.overview, err = c.Forward(r.Ctx()); err != nil {
		return err
	}
	return r.Render("Forwarding", forwardBody(v))
}

// testForward sends a test event.
func (c Config) testForward(r *web.Request) error {
	if c.TestForward == nil {
		return kind.Errorf(kind.Unavailable, "events are not forwarded here")
	}
	name := r.PathValue("name")
	err := c.TestForward(r.Ctx(), name)
	switch kind.CodeOf(err) {
	case "":
		return r.Redirect("/forwarding", ui.ToastProps{Text: name + " took the test event.", Tone: ui.Positive})
	case kind.Unavailable:
		return r.Redirect("/forwarding", ui.ToastProps{Text: "The test event did not arrive: " + plainly(err.Error(), 300), Tone: ui.Negative})
	}
	return err
}

// file is where targets are named, as far as the reader may know.
func (v *forwardView) file() string {
	if v.may {
		return v.overview.File
	}
	return "forward.yaml in the data folder"
}

var forwardTones = map[forward.State]ui.Tone{forward.Going: ui.Positive, forward.Behind: ui.Attention, forward.Standing: ui.Negative}

func forwardBadge(s forward.Status) ui.BadgeProps {
	return ui.BadgeProps{Text: kind.Humanise(string(s.State())), Tone: forwardTones[s.State()]}
}

// trouble says what is wrong and what to do; empty: nothing is.
func (v *forwardView) trouble(s forward.Status) (title, text string, tone ui.Tone) {
	switch s.State() {
	case forward.Standing:
		return "It stands still", plainly(s.Trouble, 500) + ". Mend what it names; it goes on by itself, and no event is lost while it is kept.", ui.Negative
	case forward.Fresh:
		return "It has not begun", "The file is read when the server starts: start it again.", ui.Attention
	case forward.Behind:
		return "It is far behind", "The receiver takes events more slowly than they arrive.", ui.Attention
	}
	return "", "", ""
}

func (v *forwardView) stats(s forward.Status) []ui.StatProps {
	last := "no event so far"
	if !s.At.IsZero() {
		last = "last " + v.format.Time(s.At).Format("2 Jan 15:04:05")
	}
	return []ui.StatProps{
		{Label: "Sent", Value: v.count(s.Sent), Note: last}, {Label: "Waiting", Value: v.count(s.Behind), Note: "arrived and not yet sent"},
		{Label: "Refused", Value: v.count(s.Refused + s.Poison), Note: "by the receiver, and given up"},
		{Label: "Lost on the way", Value: v.count(s.Skipped + s.Cut), Note: v.count(s.Skipped) + " skipped by retention, " + v.count(s.Cut) + " cut"},
	}
}

func (v *forwardView) count(n uint64) string { return v.format.Count(int64(min(n, 1<<62))) } //nolint:gosec // bounded

func (v *forwardView) about(s forward.Status) []ui.KeyValueItem {
	sources, severity := "All", "All"
	if len(s.Sources) > 0 {
		sources = strings.Join(s.Sources, ", ")
	}
	if s.MinSeverity != "" {
		severity = kind.Humanise(s.MinSeverity) + " and above"
	}
	list := []ui.KeyValueItem{
		{Label: "Receiver", Value: ui.Mono(s.To)}, {Label: "Sources", Value: ui.Text(sources)}, {Label: "Severity", Value: ui.Text(severity)},
	}
	if s.MinSeverity != "" || len(s.Sources) > 0 {
		list = append(list, ui.KeyValueItem{Label: "Left out", Value: ui.Text(v.plural(int64(min(s.Left, 1<<62)), "event", "events") + " of other sources or less severe")}) //nolint:gosec // bounded
	}
	if s.LastErr != "" {
		list = append(list, ui.KeyValueItem{Label: "Last error, " + v.format.Time(s.LastAt).Format("2 Jan 15:04:05"), Value: ui.Text(plainly(s.LastErr, 500)), Wide: true})
	}
	return list
}
