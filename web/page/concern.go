package page

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// visitorBody bounds what somebody without an account may send: words, no files.
const visitorBody = 64 << 10

// An oddView is the form by which something odd is reported.
type oddView struct {
	*web.Request
	visitor bool
	place   string // organisation to which a visitor reports
	action  string
	what    string // as typed
	where   string
	problem error
	receipt string // after it was sent
	answer  *response.OddAnswer
}

// oddOf makes the form for whoever asks: a person with an account, or a visitor where
// the organisation opened its door.
func (c Config) oddOf(r *web.Request) (*oddView, error) {
	v := &oddView{Request: r, visitor: r.Actor.Workspace == "", action: "/report"}
	if !v.visitor {
		return v, nil
	}
	slug := r.PathValue("slug")
	door, err := c.Response.OpenDoor(r.Context(), slug)
	if kind.CodeOf(err) == kind.NotFound {
		return nil, kind.Errorf(kind.Unauthenticated, "sign in to report something")
	}
	if err != nil {
		return nil, err
	}
	if slug != "" {
		v.action += "/" + slug
	}
	v.place = door.Name
	return v, nil
}

func (v *oddView) show(status int, title string, body templ.Component) error {
	if v.visitor {
		return v.RenderPlain(status, title, body)
	}
	return v.RenderAs(status, title, body)
}

// reportPage is the form of everybody who noticed something odd.
func (c Config) reportPage(r *web.Request) error {
	v, err := c.oddOf(r)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "Report something odd", oddBody(v))
}

// reportOdd keeps the report and shows its number, once.
func (c Config) reportOdd(r *web.Request) error {
	v, err := c.oddOf(r)
	if err != nil {
		return err
	}
	if v.visitor {
		r.Body = http.MaxBytesReader(r.W, r.Body, visitorBody)
	}
	call := response.OddCall{}
	send := func() (err error) {
		if v.visitor {
			v.receipt, err = c.Response.ReportOddAsVisitor(r.Context(), r.PathValue("slug"), call)
			return err
		}
		v.receipt, _, err = c.Response.ReportOdd(r.Ctx(), call)
		return err
	}
	err = eachPart(r, func(name, file, value string, in io.Reader) (bool, error) {
		switch name {
		case "what":
			call.What, v.what = value, value
		case "place":
			call.Place, v.where = value, value
		case "category":
			call.Category = isms.ConcernCategory(strings.TrimSpace(value))
		case "anonymous":
			call.Anonymous = value == "true"
		case "file":
			if v.visitor {
				return true, kind.Fieldf("file", "files are taken from people with an account only")
			}
			call.FileName, call.File = file, in
			return true, send()
		}
		return false, nil
	})
	if errors.Is(err, errNoFile) {
		err = send()
	}
	if code := kind.CodeOf(err); code == kind.Invalid || code == kind.TooLarge {
		v.problem = err
		return v.show(http.StatusUnprocessableEntity, "Report something odd", oddBody(v))
	}
	if err != nil {
		return err
	}
	return v.show(http.StatusCreated, "Thank you", oddThanks(v))
}

// oddAnswer shows what became of a report to whoever knows its number.
func (c Config) oddAnswer(r *web.Request) error {
	v := &oddView{Request: r, visitor: r.Actor.Workspace == "", action: "/report"}
	form, err := r.Form()
	if err != nil {
		return err
	}
	v.answer, err = c.Response.OddAnswerFor(r.Context(), form.Get("receipt"))
	if kind.CodeOf(err) == kind.NotFound {
		v.problem = err
		return v.show(http.StatusNotFound, "Your report", oddAnswerBody(v))
	}
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "Your report", oddAnswerBody(v))
}

// concernActions offers to make a report an incident.
func (c Config) concernActions(r *web.Request, rec kind.Record) ([]templ.Component, error) {
	concern := rec.(*isms.Concern)
	if !mayAnswer(r.Actor) || concern.IncidentID != "" || concern.Status == "answered" {
		return nil, nil
	}
	return []templ.Component{postButton("/response/declare", ui.ButtonProps{Label: "Make it an incident", Icon: "warning"}, ui.Hidden{Name: "concern_id", Value: concern.ID})}, nil
}

func oddKinds() []ui.Option {
	var list []ui.Option
	for _, c := range isms.Concerns.Field("category").Choices {
		list = append(list, ui.Option{Value: c.Value, Label: c.Label, Help: c.Doc})
	}
	return list
}

func (v *oddView) errors() []ui.FieldError {
	var list []ui.FieldError
	for _, f := range kind.FieldsOf(v.problem) {
		list = append(list, ui.FieldError{Field: f.Field, Text: f.Message})
	}
	if v.problem != nil && list == nil {
		list = append(list, ui.FieldError{Text: v.problem.Error()})
	}
	return list
}
