package web

import (
	"slices"
	"strings"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web/ui"
)

// maxComments bounds the comments on a page; older ones are in the list.
const maxComments = 50

// A commentView is what people said about a record.
type commentView struct {
	url      string // of the record
	list     []*isms.Comment
	may      bool
	mayCheck func(*isms.Comment) bool
	all      string
}

// uncommented are kinds whose records are themselves remarks or belong to one person.
var uncommented = []string{"comment", "attachment", "saved_view", "api_token", "passkey", "acknowledgement"}

func (r *Request) comments(k *kind.Kind, rec kind.Record) (*commentView, error) {
	if slices.Contains(uncommented, k.Name) || !r.MaySome(kind.Read, isms.Comments) {
		return nil, nil
	}
	q := kind.Query{Sort: "-created_at", Limit: maxComments}.Where("subject_kind", k.Name).Where("subject_id", rec.GetBase().ID)
	page, err := r.App().List(r.Ctx(), isms.Comments, q)
	if err != nil {
		return nil, err
	}
	v := &commentView{url: recordURL(k, rec), may: r.May(kind.Write, isms.Comments) && rec.GetBase().DeletedAt.IsZero()}
	v.mayCheck = func(c *isms.Comment) bool { return r.MayTouch(kind.Write, isms.Comments, c) }
	for _, c := range page.Records {
		v.list = append(v.list, c.(*isms.Comment))
	}
	slices.Reverse(v.list)
	if page.Next != "" {
		v.all = "/comments?filter%5Bsubject_id%5D=" + rec.GetBase().ID
	}
	return v, nil
}

func addComment(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		form, err := r.Form()
		if err != nil {
			return err
		}
		rec, err := r.App().Get(r.Ctx(), k, r.PathValue("id"))
		if err != nil {
			return err
		}
		to := recordURL(k, rec) + "#comments"
		text := strings.TrimSpace(form.Get("text"))
		if text == "" {
			return r.Redirect(to, ui.ToastProps{Text: "An empty comment says nothing.", Tone: ui.Attention})
		}
		c := &isms.Comment{SubjectKind: k.Name, SubjectID: rec.GetBase().ID, Text: kind.Markdown(text)}
		if err := r.App().Save(r.Ctx(), c); err != nil {
			return err
		}
		return r.Redirect(to)
	}
}
