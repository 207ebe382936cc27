package page

import (
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
)

// countOpenIncidents is the number of open incidents, for the menu; nothing when
// there are none.
func (c Config) countOpenIncidents(r *web.Request) string {
	if !r.May(kind.Read, isms.Incidents) {
		return ""
	}
	page, err := r.App().List(r.Ctx(), isms.Incidents, kind.Query{Limit: 1, Count: true}.With("phase", kind.Not, string(isms.IncidentClosed)))
	if err != nil || page.Total == 0 {
		return ""
	}
	return r.Format.Count(page.Total)
}
