package page

import (
	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// mayMeet: whoever may write meetings.
func mayMeet(a access.Actor) bool { return a.May(kind.Write, isms.Meetings) == access.All }

// meetingAbove shows what waits for a meeting that is still to come, and offers to
// make the agenda of it.
func (c Config) meetingAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	m := rec.(*isms.Meeting)
	if m.Status != isms.MeetingPlanned || !seesBoard(r.Actor) {
		return nil, nil
	}
	b, err := c.Flow.Board(r.Ctx())
	if err != nil {
		return nil, err
	}
	v := &boardView{Request: r, figures: figures{r.Format}, board: b}
	return meetingAsks(v, m, mayMeet(r.Actor)), nil
}

func (v *boardView) askList() []ui.ListItem {
	var list []ui.ListItem
	for _, q := range v.board.Asks {
		list = append(list, v.askLine(q))
	}
	return list
}

func (v *boardView) askLine(q flow.Question) ui.ListItem {
	return ui.ListItem{Title: q.Title, Href: askRecord(q), Detail: v.askFigures(q)}
}

// writeAgenda makes the agenda of what waits for an answer.
func (c Config) writeAgenda(r *web.Request) error {
	id := r.PathValue("id")
	if err := c.Flow.WriteAgenda(r.Ctx(), id); err != nil {
		return err
	}
	return r.Redirect(web.RecordURL(isms.Meetings, id), ui.ToastProps{Text: "The agenda is made of what waits for an answer.", Tone: ui.Positive})
}
