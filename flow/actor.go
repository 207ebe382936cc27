package flow

import (
	"context"

	"holdfast/access"
)

// AsMachine is a context in which the actor acts with the rights of the product.
func AsMachine(ctx context.Context, actor access.Actor) context.Context {
	return access.With(ctx, access.Actor{ID: actor.ID, Name: actor.Name, Workspace: actor.Workspace, Via: actor.Via, Machine: true})
}

// AsProduct is a context in which the product itself acts in the actor's workspace.
func AsProduct(ctx context.Context, actor access.Actor) context.Context {
	return access.With(ctx, access.Actor{Name: "holdfast", Workspace: actor.Workspace, Machine: true, Via: "flow"})
}

// AsIfProduct is asProduct for whoever acts now.
func AsIfProduct(ctx context.Context) context.Context {
	actor, err := access.From(ctx)
	if err != nil {
		return ctx // whatever is asked next refuses it
	}
	return AsProduct(ctx, actor)
}
