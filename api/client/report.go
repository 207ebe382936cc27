package client

import (
	"context"
	"net/http"
)

// A ReportView is a document that can be made, with the names of the files that it
// can become.
type ReportView struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Text  string   `json:"text"`
	Own   bool     `json:"own,omitempty"` // made of a template of the organisation
	Files []string `json:"files"`
}

// Reports lists the documents that can be made.
func (c *Client) Reports(ctx context.Context) ([]ReportView, error) {
	var list List[ReportView]
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"reports"}}, &list)
	return list.Data, err
}
