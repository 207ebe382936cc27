package flow

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"holdfast/catalog"
	"holdfast/isms"
	"holdfast/kind"
)

// A DocumentCard is one document of the set: what the shipped templates say should be
// there, and what is.
type DocumentCard struct {
	Template *catalog.Document     // nil: it was not made from a template
	Document *isms.Document        // nil: not written yet
	InForce  *isms.DocumentVersion // the version that holds; nil: none
	Open     *isms.DocumentVersion // the one in the making: draft, in review or approved; nil: none
	State    DocumentState
}

// DocumentState is what has to be done about a document.
type DocumentState string

// The states of the set, the most pressing first.
const (
	DocumentDue       DocumentState = "due" // its review has come
	DocumentMissing   DocumentState = "missing"
	DocumentReviewing DocumentState = "in_review"
	DocumentAgreed    DocumentState = "approved" // waits to be published
	DocumentDrafted   DocumentState = "draft"
	DocumentHolds     DocumentState = "published"
	DocumentGone      DocumentState = "withdrawn"
)

// DocumentStates lists the states in their order.
var DocumentStates = []DocumentState{DocumentDue, DocumentMissing, DocumentReviewing, DocumentAgreed, DocumentDrafted, DocumentHolds, DocumentGone}

// Title names the document, also one that is not written yet.
func (c DocumentCard) Title() string {
	if c.Document != nil {
		return c.Document.Title
	}
	return c.Template.Title
}

// DocumentSet is every document there is and every template that has none, by state
// and title.
func (f *Flow) DocumentSet(ctx context.Context) ([]DocumentCard, error) {
	documents, err := f.documents().All(ctx, kind.Query{Sort: "created_at"})
	if err != nil {
		return nil, err
	}
	versions, err := f.versions().All(ctx, kind.Query{Sort: "-created_at"}.With("status", kind.Not, string(isms.VersionSuperseded)))
	if err != nil {
		return nil, err
	}
	by := map[string][]*isms.DocumentVersion{}
	for _, v := range versions {
		by[v.DocumentID] = append(by[v.DocumentID], v)
	}
	today := kind.DateOf(f.app.Now())
	written := map[string]bool{}
	var out []DocumentCard
	for _, d := range documents {
		c := DocumentCard{Document: d, InForce: InForce(by[d.ID]), Open: openVersion(by[d.ID])}
		if t, ok := f.cat.Document(d.Template); ok {
			c.Template = t
			written[d.Template] = written[d.Template] || d.Status != isms.DocumentWithdrawn
		}
		c.State = c.state(today)
		out = append(out, c)
	}
	for i := range f.cat.Documents {
		if t := &f.cat.Documents[i]; !written[t.ID] {
			out = append(out, DocumentCard{Template: t, State: DocumentMissing})
		}
	}
	slices.SortStableFunc(out, func(a, b DocumentCard) int {
		return cmp.Or(slices.Index(DocumentStates, a.State)-slices.Index(DocumentStates, b.State), strings.Compare(a.Title(), b.Title()))
	})
	return out, nil
}

// openVersion is the version that is not in force yet; nil: there is none.
func openVersion(list []*isms.DocumentVersion) *isms.DocumentVersion {
	i := slices.IndexFunc(list, func(v *isms.DocumentVersion) bool {
		return v.Status == isms.VersionDraft || v.Status == isms.VersionInReview || v.Status == isms.VersionApproved
	})
	if i < 0 {
		return nil
	}
	return list[i]
}

func (c DocumentCard) state(today kind.Date) DocumentState {
	d := c.Document
	switch {
	case d.Status == isms.DocumentWithdrawn:
		return DocumentGone
	case c.Open != nil && c.Open.Status == isms.VersionInReview:
		return DocumentReviewing
	case c.Open != nil && c.Open.Status == isms.VersionApproved:
		return DocumentAgreed
	case d.Status == isms.DocumentPublished && d.ReviewBy != "" && d.ReviewBy <= today:
		return DocumentDue
	case d.Status == isms.DocumentPublished:
		return DocumentHolds
	}
	return DocumentDrafted
}
