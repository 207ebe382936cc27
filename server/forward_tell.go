package server

import (
	"context"
	"slices"

	"holdfast/access"
	"holdfast/forward"
	"holdfast/isms"
	"holdfast/kind"
)

// ForwardOverview tells how the targets of the workspace of the actor go. Only whoever may
// set up sources is told where the file lies and what is wrong with it.
func (l *Local) ForwardOverview(ctx context.Context) (forward.Overview, error) {
	out := forward.Overview{File: "forward.yaml in the data folder"}
	ws, err := l.spaceOf(ctx, kind.Read, isms.EventSources)
	if err != nil {
		return out, err
	}
	out.Workspace = ws.Slug
	actor, err := access.From(ctx)
	if err != nil {
		return out, err
	}
	operates := actor.May(kind.Write, isms.EventSources) == access.All
	if operates {
		out.File = l.Place.ForwardFile()
	}
	targets, err := l.forwardTargets()
	if err != nil {
		out.Problem = "The file cannot be used. Whoever sets up sources sees why."
		if operates {
			out.Problem = err.Error()
		}
		return out, nil //nolint:nilerr // it is told as a problem
	}
	for i := range targets {
		if targets[i].Workspace != ws.Slug {
			continue
		}
		s, err := l.ForwardStats(ctx, targets[i].Name)
		if err != nil {
			return out, err
		}
		if events, err := l.Events(ws.ID); err == nil { // else a server runs, and remembers it
			s.Behind = uint64(events.Last() - min(s.Position, events.Last()))
		}
		out.Targets = append(out.Targets, targets[i].Tell(s))
	}
	return out, nil
}

// TestForward sends a test event to a target of the workspace of the actor, who may set up
// sources. That the receiver does not take it is unavailable, and says why.
func (l *Local) TestForward(ctx context.Context, name string) error {
	ws, err := l.spaceOf(ctx, kind.Write, isms.EventSources)
	if err != nil {
		return err
	}
	targets, err := l.forwardTargets()
	if err != nil {
		return kind.Errorf(kind.Unavailable, "%w", err)
	}
	i := slices.IndexFunc(targets, func(t forward.Target) bool { return t.Name == name && t.Workspace == ws.Slug })
	if i < 0 {
		return kind.Errorf(kind.NotFound, "no target is named %q", name)
	}
	if err := forward.Test(ctx, targets[i], l.now()); err != nil {
		return kind.Errorf(kind.Unavailable, "%w", err)
	}
	return nil
}

// spaceOf is the workspace of the actor, who may do this with all records of a kind.
func (l *Local) spaceOf(ctx context.Context, verb kind.Verb, k *kind.Kind) (*isms.Workspace, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if actor.May(verb, k) != access.All {
		return nil, actor.Refuse(verb, k)
	}
	spaces, err := l.App.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(spaces, func(ws *isms.Workspace) bool { return ws.ID == actor.Workspace })
	if i < 0 {
		return nil, kind.Errorf(kind.NotFound, "the workspace does not exist")
	}
	return spaces[i], nil
}
