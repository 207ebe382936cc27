package flow

import (
	"context"
	"holdfast/access"
)

func asMachine(ctx context.Context, actor access.Actor) context.Context {
	return access.With(ctx, access.Actor{ID: actor.ID, Name: actor.Name, Workspace: actor.Workspace, Via: actor.Via, Machine: true})
}

// asProduct is a context in which the product itself acts in the actor's workspace.
func asProduct(ctx context.Context, actor access.Actor) context.Context {
	return access.With(ctx, access.Actor{Name: "holdfast", Workspace: actor.Workspace, Machine: true, Via: "flow"})
}

// asIfProduct is asProduct for whoever acts now.
func asIfProduct(ctx context.Context) context.Context {
	actor, err := access.From(ctx)
	if err != nil {
		return ctx // whatever is asked next refuses it
	}
	return asProduct(ctx, actor)
}
