package isms

import (
	"regexp"

	"holdfast/kind"
)

// A Workspace is one tenant: an organisation with its people and records, unseen
// by all others. It is the only record that belongs to no workspace; package
// store keeps it outside the rule that limits every query to one.
type Workspace struct {
	Base
	Slug   string          `json:"slug"   isms:"required,list,filter,immutable" doc:"Short name in addresses and on the command line, unique in the installation."`
	Status WorkspaceStatus `json:"status" isms:"list,filter"`
	Note   Markdown        `json:"note"   doc:"Why it was suspended or closed."`
}

// WorkspaceStatus is whether a workspace can be used.
type WorkspaceStatus string

// The states of a workspace.
const (
	WorkspaceActive    WorkspaceStatus = "active"
	WorkspaceSuspended WorkspaceStatus = "suspended"
	WorkspaceClosed    WorkspaceStatus = "closed"
)

// Choices lists the states.
func (WorkspaceStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "active", Tone: "good"}, {Value: "suspended", Tone: "warn", Doc: "Can be read, but not changed."},
		{Value: "closed", Tone: "muted", Doc: "Nobody gets in; the records are kept."},
	}
}

var slug = shape{regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`), "has only lower-case letters, digits and single hyphens"}

// Workspaces describes the record type.
var Workspaces = kind.Of("workspace", kind.Spec[Workspace]{
	Group: kind.System, Icon: "building", State: "status", Sort: "title",
	Doc: "One organisation with its people and records, unseen by all others.",
	Prepare: func(w *Workspace) {
		if w.Slug == "" {
			w.Slug = kind.Slug(w.Title)
		}
	},
	Validate: func(w *Workspace) error {
		return complaints(slug.check("slug", w.Slug), refuse(len(w.Slug) > 60, "slug", "is longer than 60 characters"))
	},
	Actions: []kind.Act[Workspace]{
		{Action: kind.Action{Name: "suspend", From: []string{"active"}, To: "suspended", Needs: kind.Admin, Reason: true, Danger: true}, Do: noteWorkspace},
		{Action: kind.Action{Name: "close", From: []string{"active", "suspended"}, To: "closed", Needs: kind.Admin, Reason: true, Danger: true}, Do: noteWorkspace},
		{Action: kind.Action{Name: "resume", From: []string{"suspended", "closed"}, To: "active", Needs: kind.Admin},
			Do: func(w *Workspace, _ kind.Input) error { w.Note = ""; return nil }},
	},
})

func noteWorkspace(w *Workspace, in kind.Input) error {
	w.Note = Markdown(in.Reason)
	return nil
}
