package client

import (
	"context"
	"net/http"
	"net/url"
)

// A DocumentCard is one document of the set, written or not.
type DocumentCard struct {
	Template string `json:"template,omitempty"`
	Key      string `json:"key,omitempty"` // empty: not written yet
	Title    string `json:"title"`
	State    string `json:"state"` // due, missing, in_review, approved, draft, published or withdrawn
	InForce  string `json:"in_force,omitempty"`
	Open     string `json:"open,omitempty"` // number of the version in the making
	ReviewBy string `json:"review_by,omitempty"`
}

// A WrittenDocument is what became of one template.
type WrittenDocument struct {
	Template string `json:"template"`
	What     string `json:"what"` // written, proposed, unchanged or waiting
	Key      string `json:"key"`
	Title    string `json:"title"`
	Number   string `json:"number"`
	Kept     int    `json:"kept,omitempty"` // places that people changed and that stayed
	Diff     string `json:"diff,omitempty"` // of a proposal, as a unified diff
}

// A WriteInput names a template; empty: all of them.
type WriteInput struct {
	Template string `json:"template,omitempty"`
}

// A SubmitInput says who has to agree to a version.
type SubmitInput struct {
	ApproverID  string `json:"approver_id,omitempty"`
	CommitteeID string `json:"committee_id,omitempty"`
	Quorum      int    `json:"quorum,omitempty"`
	FourEyes    bool   `json:"four_eyes,omitempty"`
	Expires     string `json:"expires,omitempty"`
	Why         string `json:"why,omitempty"`
}

// A DocumentDiff is the difference between two versions.
type DocumentDiff struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Added   int    `json:"added"` // lines
	Removed int    `json:"removed"`
	Unified string `json:"unified"`
}

// A CampaignInput asks people to read.
type CampaignInput struct {
	Name      string   `json:"name"`
	Documents []string `json:"documents"`
	Audience  []string `json:"audience,omitempty"`
	Due       string   `json:"due,omitempty"`
	Standing  bool     `json:"standing,omitempty"`
}

// Asked is what a campaign did.
type Asked struct {
	Asked   int `json:"asked"`
	Already int `json:"already"`
}

// A Campaign is how far one campaign has come with one version.
type Campaign struct {
	Name     string   `json:"name"`
	Document string   `json:"document"` // key
	Title    string   `json:"title"`
	Version  string   `json:"version"`
	Due      string   `json:"due,omitempty"`
	Total    int      `json:"total"`
	Accepted int      `json:"accepted"`
	Declined int      `json:"declined"`
	Excused  int      `json:"excused"`
	Open     int      `json:"open"`
	Overdue  int      `json:"overdue"`
	Readers  []Reader `json:"readers"`
}

// A Reader is one person in a campaign, with the proof.
type Reader struct {
	Person     string `json:"person"` // key
	Name       string `json:"name"`
	Email      string `json:"email,omitempty"`
	State      string `json:"state"`
	Due        string `json:"due,omitempty"`
	AcceptedAt string `json:"accepted_at,omitempty"`
	SHA256     string `json:"sha256,omitempty"`
}

// A Todo is one thing that the caller is asked to do.
type Todo struct {
	What   string `json:"what"` // read, approve, task, learn or review
	Kind   string `json:"kind"`
	ID     string `json:"id"`
	Title  string `json:"title"`
	Detail string `json:"detail,omitempty"`
	Due    string `json:"due,omitempty"`
}

// Documents lists the set of documents: what there is, and what is not written.
func (c *Client) Documents(ctx context.Context) ([]DocumentCard, error) {
	var list List[DocumentCard]
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"documents", "set"}}, &list)
	return list.Data, err
}

// WriteDocuments writes the document of a template, or all when it is empty.
func (c *Client) WriteDocuments(ctx context.Context, template string) ([]WrittenDocument, error) {
	var list List[WrittenDocument]
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"documents", "write"}}, WriteInput{template}, &list)
	return list.Data, err
}

// DocumentDiff tells two versions apart; empty numbers mean the one in force, or the
// one before, and the newest.
func (c *Client) DocumentDiff(ctx context.Context, document, from, to string) (DocumentDiff, error) {
	q := url.Values{}
	for name, v := range map[string]string{"from": from, "to": to} {
		if v != "" {
			q.Set(name, v)
		}
	}
	var d DocumentDiff
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"documents", document, "difference"}, Query: q}, &d)
	return d, err
}

// PublishDocument takes the newest version into force.
func (c *Client) PublishDocument(ctx context.Context, document string) (WrittenDocument, error) {
	var d WrittenDocument
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"documents", document, "publish"}}, struct{}{}, &d)
	return d, err
}

// StartCampaign asks people to read.
func (c *Client) StartCampaign(ctx context.Context, in CampaignInput) (Asked, error) {
	var out Asked
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"campaigns"}}, in, &out)
	return out, err
}

// Campaigns tells how far readings have come: of one document, or of all.
func (c *Client) Campaigns(ctx context.Context, document string) ([]Campaign, error) {
	q := url.Values{}
	if document != "" {
		q.Set("document", document)
	}
	var list List[Campaign]
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"campaigns"}, Query: q}, &list)
	return list.Data, err
}
