package api

import (
	"net/http"

	"holdfast/api/client"
	"holdfast/kind"
)

// indicatorFeeds tells how the servers go that indicators are fetched from.
func (a *api) indicatorFeeds(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	if a.Feeds == nil {
		return kind.Errorf(kind.Unavailable, "indicators are not fetched here")
	}
	list, err := a.Feeds(r.Context())
	if err != nil {
		return err
	}
	out := []client.IndicatorFeed{}
	for _, s := range list {
		out = append(out, client.IndicatorFeed(s))
	}
	return answer(w, http.StatusOK, client.ListOf(out, "", -1))
}

// fetchFeed asks for a fetch now.
func (a *api) fetchFeed(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in struct {
		Name string `json:"name"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	if a.FetchFeed == nil {
		return kind.Errorf(kind.Unavailable, "indicators are not fetched here")
	}
	job, err := a.FetchFeed(r.Context(), in.Name)
	if err != nil {
		return err
	}
	return answer(w, http.StatusAccepted, map[string]string{"job": job})
}

// addFeedPaths describes these operations.
func addFeedPaths(paths object) {
	str, integer := object{"type": "string"}, object{"type": "integer"}
	when := object{"type": "string", "format": "date-time"}
	one := shape("A server that indicators are fetched from. It holds no secret.", object{"name": str, "kind": object{"type": "string", "enum": []string{"taxii", "url", ""}}, "host": str,
		"every_hours": integer, "last_worked": when, "last_tried": when, "due": when, "trouble": str, "read": integer, "created": integer})
	paths["/indicator-feeds"] = object{"get": op("areas", "indicatorFeeds", "How the servers go that indicators are fetched from", nil, nil, ok("200", "The servers.", listSchema(one)))}
	paths["/indicator-feeds/fetch"] = object{"post": op("areas", "fetchIndicatorFeed", "Fetch the indicators of one of them now", nil,
		object{"required": true, "content": object{mediaJSON: object{"schema": object{"type": "object", "required": []string{"name"}, "properties": object{"name": str}}}}},
		ok("202", "The job; empty when it is being fetched already.", shape("The job.", object{"job": str})))}
}
