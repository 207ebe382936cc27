package isms

import (
	"cmp"

	"holdfast/kind"
)

// A Course is something that people learn: a lesson, a briefing, a phishing
// exercise. Who has to take it and who did stands in its assignments.
type Course struct {
	Base
	Type         CourseType   `json:"type"         isms:"list,filter"`
	Status       CourseStatus `json:"status"       isms:"list,filter"`
	OwnerID      string       `json:"owner_id"     isms:"ref=person,list,filter,label=owner"`
	Audience     []string     `json:"audience"     isms:"list,filter" doc:"Who has to take it: everyone, or names of teams and roles."`
	Minutes      int          `json:"minutes"      isms:"list,unit=minutes,label=takes"`
	PassMark     int          `json:"pass_mark"    isms:"unit=percent" doc:"Score from which it counts as passed; 0: taking part is enough."`
	RenewEvery   int          `json:"renew_every"  isms:"list,unit=days" doc:"What was learnt is forgotten; after so many days it is due again. 0: once."`
	Days         int          `json:"days"         isms:"unit=days,label=time to take it" doc:"Days that people have after it was assigned; 0: thirty."`
	Goal         Markdown     `json:"goal"         isms:"search" doc:"What people do differently afterwards."`
	Body         Markdown     `json:"body"         isms:"search,label=lesson"`
	Questions    Markdown     `json:"questions"    doc:"A numbered list of questions. Under each, the answers as a check list; the right ones are ticked."`
	Blob         string       `json:"blob"         isms:"label=file" doc:"Own material: slides, a PDF."`
	URL          string       `json:"url"          isms:"label=address" doc:"Where it is held when it is not here."`
	Catalogue    string       `json:"catalogue"    isms:"computed,filter" doc:"Id in the shipped catalogue."`
	Cost         Range        `json:"cost"         isms:"unit=money" doc:"Per person."`
	Participants int          `json:"participants" isms:"computed" doc:"How many people it is assigned to now."`
	Passed       float64      `json:"passed"       isms:"computed,unit=share" doc:"The share of them who passed and need not renew."`
}

// CourseType tells how people learn.
type CourseType string

// Choices lists the types.
func (CourseType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "lesson", Doc: "Read, then answer questions."}, {Value: "briefing", Doc: "Somebody tells it in person."},
		{Value: "phishing_exercise", Doc: "A harmless bait shows who would have bitten."},
		{Value: "workshop"}, {Value: "external", Doc: "Held by somebody else, with a certificate."},
	}
}

// CourseStatus is where a course stands.
type CourseStatus string

// Choices lists the states.
func (CourseStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "info"}, {Value: "offered", Tone: "good"}, {Value: "retired", Tone: "muted"},
	}
}

// Courses describes the record type.
var Courses = kind.Of("course", kind.Spec[Course]{
	Group: kind.Protect, Icon: "book", State: "status", Owner: "owner_id", Sort: "title",
	Doc:     "Something that people learn, how long it takes and when it must be renewed.",
	Prepare: func(c *Course) { c.Type = cmp.Or(c.Type, "lesson") },
	Validate: func(c *Course) error {
		return complaints(within("pass_mark", c.PassMark, 0, 100), notNegative("minutes", c.Minutes),
			notNegative("renew_every", c.RenewEvery), notNegative("days", c.Days))
	},
	Links: []kind.Link{
		{Name: "teaches", To: "document", Inverse: "taught by", Doc: "The policies that it explains."},
		{Name: "trains for", To: "requirement", Inverse: "trained by"},
		{Name: "strengthens", To: "safeguard", Inverse: "strengthened by"},
	},
	Actions: []kind.Act[Course]{
		{Action: kind.Action{Name: "offer", From: []string{"draft", "retired"}, To: "offered", Doc: "It can be assigned."}},
		{Action: kind.Action{Name: "revise", Label: "Back to draft", From: []string{"offered"}, To: "draft"}},
		{Action: kind.Action{Name: "retire", From: []string{"draft", "offered"}, To: "retired"}},
	},
})
