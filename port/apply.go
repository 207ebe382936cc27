package port

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"holdfast/kind"
)

// MakePlan tells what Apply would do, and keeps nothing. It does everything once in a
// transaction that it takes back, so that what is wrong or not permitted is known
// before. Mistakes in files are an Invalid error that names file and line.
func MakePlan(ctx context.Context, a App, folder *Folder, opts PlanOptions) (*Plan, error) {
	var plan *Plan
	err := a.Atomic(ctx, func(ctx context.Context) (err error) {
		if plan, err = perform(ctx, a, folder, opts); err != nil {
			return err
		}
		return errDryRun
	})
	if !errors.Is(err, errDryRun) {
		return nil, err
	}
	return plan, nil
}

// Apply makes the records as the folder says, in one transaction: everything or
// nothing. It refuses conflicts, what the actor may not do, and a plan other than
// the one that was reviewed (opts.Only).
//
// A document whose record stands in the lock describes all of it: fields and links
// that it does not name are emptied and ended. Any other changes what it names.
func Apply(ctx context.Context, a App, folder *Folder, opts PlanOptions) (*Plan, error) {
	var plan *Plan
	err := a.Atomic(ctx, func(ctx context.Context) (err error) {
		if plan, err = perform(ctx, a, folder, opts); err != nil {
			return err
		}
		return plan.permitted(opts.Only)
	})
	if err != nil {
		return nil, err
	}
	plan.Applied = true
	return plan, nil
}

// perform compares and does the work.
func perform(ctx context.Context, a App, folder *Folder, opts PlanOptions) (*Plan, error) {
	ctx = a.Because(ctx, opts.Reason)
	p, err := newPlanner(ctx, a, folder, opts)
	if err != nil {
		return nil, err
	}
	if err := p.compare(); err != nil {
		return nil, err
	}
	if err := p.do(); err != nil {
		return nil, err
	}
	for _, e := range p.work {
		p.plan.Changes = append(p.plan.Changes, e.Change)
	}
	return p.plan, p.plan.finish(a.Registry())
}

// permitted tells why the plan may not be kept.
func (p *Plan) permitted(only string) error {
	if only != "" && only != p.Fingerprint {
		return kind.Errorf(kind.Conflict, "the plan is stale: the database or the folder has changed since it was made; plan again and review what is new")
	}
	conflicts := p.list(func(c Change) string { return c.Conflict })
	if conflicts != "" {
		return kind.Errorf(kind.Conflict, "%d records were changed in the database and in the folder:\n%s\nExport again and merge, or say --force KIND for kinds in which the folder is right; nothing was written", p.Summary.Conflicts, conflicts)
	}
	if refused := p.list(func(c Change) string { return c.Refused }); refused != "" {
		return kind.Errorf(kind.Forbidden, "%d changes are not permitted:\n%s\nAsk somebody who may; nothing was written", p.Summary.Refused, refused)
	}
	return nil
}

// maxListed bounds how many records an error lists.
const maxListed = 20

func (p *Plan) list(why func(Change) string) string {
	var b strings.Builder
	n := 0
	for _, c := range p.Changes {
		text := why(c)
		if text == "" {
			continue
		}
		if n++; n <= maxListed {
			fmt.Fprintf(&b, "%s %s: %s\n", c.Kind, c.Key, text)
		}
	}
	if n > maxListed {
		fmt.Fprintf(&b, "and %d more\n", n-maxListed)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// do makes the changes; what the actor may not do is noted and left out.
func (p *planner) do() error {
	im := newImporter(p.ctx, p.a, p.im.actor, p.opts.Options)
	by := map[*item]*errand{}
	im.refuse = func(it *item, why string) { by[it].Refused = why }
	for _, e := range p.work {
		if e.What == Remove {
			continue
		}
		im.prepare(&e.doc)
		it := im.items[len(im.items)-1]
		it.clears, it.finals = e.clears, e.finals
		by[it] = e
	}
	if err := im.doItems(); err != nil {
		return err
	}
	for _, e := range p.work {
		if err := p.undo(e); err != nil {
			return err
		}
	}
	return nil
}

// undo ends links and removes records.
func (p *planner) undo(e *errand) error {
	for _, l := range e.Unlinked {
		if err := e.note(p.a.Unlink(p.ctx, e.k, e.id, l.Relation, l.Key)); err != nil {
			return err
		}
	}
	if e.What != Remove {
		return nil
	}
	return e.note(p.a.Delete(p.ctx, e.k, e.id, 0))
}

// note keeps what the actor may not do.
func (e *errand) note(err error) error {
	if kind.CodeOf(err) == kind.Forbidden {
		e.Refused = err.Error()
		return nil
	}
	if err != nil {
		return &kind.Error{Code: kind.CodeOf(err), Message: e.Kind + " " + e.Key + ": " + err.Error(), Fields: kind.FieldsOf(err), Cause: err}
	}
	return nil
}
