package isms

import (
	"net/url"

	"holdfast/kind"
)

// A SavedView is a list as somebody likes it: filters, order and columns.
type SavedView struct {
	Base
	Of      string   `json:"of"       isms:"required,list,filter,index,immutable,label=list of" doc:"Name of the kind that is listed."`
	Query   string   `json:"query"    doc:"Filters and order as they stand in the address of the list."`
	Columns []string `json:"columns"  doc:"Names of the columns in their order; empty: the usual ones."`
	OwnerID string   `json:"owner_id" isms:"ref=person,list,filter,label=owner"`
	Shared  bool     `json:"shared"   isms:"list,filter" doc:"Everybody may use it."`
	Pinned  bool     `json:"pinned"   isms:"list,filter" doc:"Shown in the menu."`
	Display Display  `json:"display"  doc:"How the list is drawn."`
}

// Display is how a list is drawn.
type Display string

// Choices lists the ways.
func (Display) Choices() []kind.Choice {
	return kind.Words("table", "board", "calendar", "timeline")
}

// SavedViews describes the record type.
var SavedViews = kind.Of("saved_view", kind.Spec[SavedView]{
	Group: kind.System, Plural: "saved-views", Icon: "bookmark", Personal: true, Owner: "owner_id", Sort: "title",
	Doc: "A list as somebody likes it: filters, order and columns under a name.",
	Validate: func(v *SavedView) error {
		_, err := url.ParseQuery(v.Query)
		return refuse(err != nil, "query", "is not the query part of an address")
	},
})
