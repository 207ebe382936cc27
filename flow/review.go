package flow

import (
	"context"

	"holdfast/isms"
	"holdfast/kind"
)

// Review ends decisions whose time is over: an accepted risk or finding whose date
// has passed is open again, so that somebody decides anew. It returns how many.
func (f *Flow) Review(ctx context.Context) (int, error) {
	today := string(kind.DateOf(f.app.Now()))
	n := 0
	for _, k := range []*kind.Kind{isms.Risks, isms.Findings} {
		q := kind.Query{Sort: "accepted_until"}.Where("status", "accepted").With("accepted_until", kind.Less, today).With("accepted_until", kind.Empty, "false")
		page, err := f.app.List(ctx, k, q)
		if err != nil {
			return n, err
		}
		for _, r := range page.Records {
			if _, err := f.app.Do(ctx, k, r.GetBase().ID, "reopen", 0, kind.Input{Reason: "the acceptance has expired"}); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}
