package access

import "holdfast/kind"

// events stands for the lines that sources send. They are no records, so they have no
// kind of their own; a token reads them with the scope event:read.
var events = &kind.Kind{Name: "event", Plural: "events"}

// MayReadEvents tells whether the actor may read events. They tell what people did and
// when, and may hold secrets that slipped into a log: whoever investigates reads them,
// whoever audits, approves or only works here does not.
func (a Actor) MayReadEvents() bool {
	if !a.inScope(kind.Read, events) {
		return false
	}
	return a.Machine || a.Has(Administrator) || a.Has(SecurityLead) || a.Has(Contributor)
}

// RefuseEvents is the error for an actor who may not read events.
func (a Actor) RefuseEvents() error { return a.Refuse(kind.Read, events) }
