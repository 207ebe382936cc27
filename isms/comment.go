package isms

import "holdfast/kind"

// A Comment is what somebody says about a record. Who said it is in created_by.
type Comment struct {
	Base
	SubjectKind string        `json:"subject_kind" isms:"required,list,filter,index,immutable,label=about (kind)"`
	SubjectID   string        `json:"subject_id"   isms:"required,filter,index,immutable,label=about (record)"`
	Text        Markdown      `json:"text"         isms:"required,search"`
	Status      CommentStatus `json:"status"       isms:"list,filter"`
	ParentID    string        `json:"parent_id"    isms:"ref=comment,filter,index,label=answers,immutable"`
	AuthorID    string        `json:"author_id"    isms:"ref=person,list,filter,computed,label=author" doc:"Who said it; empty for a machine."`
	Mentions    []string      `json:"mentions"     doc:"Keys of the people who are told."`
	Field       string        `json:"field"        isms:"immutable" doc:"The field that is meant; empty: the record as a whole."`
	ResolvedBy  string        `json:"resolved_by"  isms:"ref=person,computed"`
	ResolvedAt  Instant       `json:"resolved_at"  isms:"computed"`
}

// CommentStatus is whether a comment still needs an answer.
type CommentStatus string

// The states of a comment.
const (
	CommentOpen     CommentStatus = "open"
	CommentResolved CommentStatus = "resolved"
)

// Choices lists the states.
func (CommentStatus) Choices() []kind.Choice {
	return []kind.Choice{{Value: "open", Tone: "info"}, {Value: "resolved", Tone: "good"}}
}

// Comments describes the record type.
var Comments = kind.Of("comment", kind.Spec[Comment]{
	Group: kind.System, Icon: "chat", State: "status", Sort: "created_at", Owner: "author_id",
	Doc: "What somebody says about a record, open until it is resolved.",
	Prepare: func(c *Comment) {
		if c.Text != "" {
			c.Title = firstLine(string(c.Text))
		}
	},
	Actions: []kind.Act[Comment]{
		{Action: kind.Action{Name: "resolve", From: []string{"open"}, To: "resolved"},
			Do: func(c *Comment, in kind.Input) error { c.ResolvedBy, c.ResolvedAt = in.By, in.At; return nil }},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"resolved"}, To: "open"},
			Do: func(c *Comment, _ kind.Input) error { c.ResolvedBy, c.ResolvedAt = "", Instant{}; return nil }},
	},
})
