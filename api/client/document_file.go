package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
)

// A File is a file of a record.
type File struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Media  string `json:"media"` // as recognised by what it holds
	Size   int64  `json:"size"`  // bytes
	SHA256 string `json:"sha256"`
	By     string `json:"by,omitempty"`
}

// PutFile puts a file to a record of the kind with the plural; own makes it the text of
// the draft, which must be a document version.
func (c *Client) PutFile(ctx context.Context, plural, id, name string, own bool, body io.Reader) (File, error) {
	last := "files"
	if own {
		last = "file"
	}
	var f File
	err := c.Do(ctx, Request{Method: http.MethodPost, Path: []string{plural, id, last}, Query: url.Values{"name": {name}}, Type: "application/octet-stream", Body: body}, &f)
	return f, err
}

// Files lists the files of a record.
func (c *Client) Files(ctx context.Context, plural, id string) ([]File, error) {
	var list List[File]
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{plural, id, "files"}}, &list)
	return list.Data, err
}

// GetFile writes the content of a file to w.
func (c *Client) GetFile(ctx context.Context, id string, w io.Writer) error {
	return c.Copy(ctx, Request{Method: http.MethodGet, Path: []string{"attachments", id, "file"}}, w)
}
