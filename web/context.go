package web

import "context"

type requestKey struct{}

func withRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// requestOf returns the request that guard put into the context of every request.
func requestOf(ctx context.Context) *Request { return ctx.Value(requestKey{}).(*Request) }
