package web

import (
	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/kind"
)

// A Page is a page made for a job: a workbench, or one of the pages of this
// package. It is listed once, in Config.Pages; nothing registers itself.
type Page struct {
	// Pattern is a pattern of net/http, for example "GET /heatmap" or
	// "POST /risks/{id}/simulate". A page whose pattern is that of a generic page
	// ("GET /{$}", "GET /findings", "GET /plans/new", "GET /risks/{id}") takes its place.
	Pattern string

	Title string     // in the menu and the palette; empty: in neither
	Icon  string     // of web/ui, for the palette
	Group kind.Group // part of the menu; empty: only the palette finds it
	Words string     // other words by which the palette finds it
	On    string     // name of a kind whose list offers this page as a button
	Tasks bool       // lists what the person has to do: stands beside Home, and at the foot of a phone

	// Needs says who may open it; nil: everybody who is signed in. Whoever may not
	// neither sees it in the menu nor learns that it exists.
	Needs func(access.Actor) bool
	// Badge is a short count beside the menu entry; nil or empty: none. It is asked
	// on every page of the site, so it must be quick.
	Badge func(*Request) string

	MaxBody int64 // of a request; 0: DefaultBody
	Serve   func(*Request) error

	// Visitors lets people in who have no account: the report of something odd. What
	// they post is limited by address; r.Actor is empty, and Needs is not asked.
	Visitors bool

	public bool // answers visitors too: sign-in
	unlock bool // answers a person who still has to choose a password
}

// A Detail changes the generic page of a record of one kind. What is nil stays
// generic.
type Detail struct {
	Kind string // name

	// Actions are further buttons of the header, before the generic ones.
	Actions func(*Request, kind.Record) ([]templ.Component, error)
	// Above stands between the header and the fields: the curve of a risk, the
	// path to a trap.
	Above func(*Request, kind.Record) (templ.Component, error)
	// Aside stands in the right column above the details.
	Aside func(*Request, kind.Record) (templ.Component, error)
	// Skip names fields, and kinds that refer to the record, which Above or Aside
	// show already.
	Skip []string
	// Fold is for what Above makes a room of its own: it has the whole width, and what
	// is generic stands folded below it.
	Fold bool
}

// MayRead makes a Page.Needs of the right to read every record of the kinds.
func MayRead(kinds ...*kind.Kind) func(access.Actor) bool {
	return func(a access.Actor) bool {
		for _, k := range kinds {
			if a.May(kind.Read, k) != access.All {
				return false
			}
		}
		return true
	}
}
