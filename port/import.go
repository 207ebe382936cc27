package port

import "context"

// Import takes in documents, all of them or, on an error, none.
func Import(ctx context.Context, a App, docs []Doc, opts Options) (Result, error) {
	return Result{}, nil
}
