package flow

import (
	"context"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// A Todo is one thing that one person is asked to do.
type Todo struct {
	What   TodoKind
	Kind   *kind.Kind  // of Record
	Record kind.Record // what asks
	Title  string
	Detail string
	Due    kind.Date // empty: no day is set
}

// TodoKind is why somebody is asked.
type TodoKind string

// Why somebody is asked, in the order of the list.
const (
	TodoRead    TodoKind = "read"    // read and accept a document
	TodoApprove TodoKind = "approve" // agree or refuse
	TodoTask    TodoKind = "task"
	TodoLearn   TodoKind = "learn" // take a course
	TodoReview  TodoKind = "review"
)

// maxTodos bounds the things of one kind; nobody looks further.
const maxTodos = 200

// Mine lists everything that the actor is asked to do, kind by kind, the most urgent
// first. Whoever is no person in the register is asked nothing.
func (f *Flow) Mine(ctx context.Context) ([]Todo, error) {
	actor, err := access.From(ctx)
	if err != nil || actor.ID == "" {
		return nil, err
	}
	var out []Todo
	for _, gather := range []func(context.Context, access.Actor) ([]Todo, error){f.toRead, f.toApprove, f.tasksOf, f.toLearn, f.toReview} {
		list, err := gather(ctx, actor)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// mineOf lists the open records of a kind that belong to the actor.
func (f *Flow) mineOf(ctx context.Context, k *kind.Kind, q kind.Query) ([]kind.Record, error) {
	actor, err := access.From(ctx)
	if err != nil || actor.May(kind.Read, k) == access.Nothing {
		return nil, err
	}
	q.Limit = maxTodos
	page, err := f.app.List(ctx, k, q.Where(k.OwnerField, actor.ID))
	return page.Records, err
}

var (
	asked    = kind.Query{Sort: "due"}.Where("status", string(isms.AcknowledgementAsked))
	openTask = kind.Query{Sort: "due"}.Where("status", string(isms.TaskOpen), string(isms.TaskDoing), string(isms.TaskWaiting))
	learning = kind.Query{Sort: "due"}.Where("status", string(isms.AssignmentAssigned), string(isms.AssignmentStarted), string(isms.AssignmentFailed))
	consents = kind.Query{Sort: "expires"}.Where("status", string(isms.ApprovalPending))
)

func (f *Flow) toRead(ctx context.Context, _ access.Actor) ([]Todo, error) {
	list, err := f.mineOf(ctx, isms.Acknowledgements, asked)
	if err != nil {
		return nil, err
	}
	var out []Todo
	for _, r := range list {
		a := r.(*isms.Acknowledgement)
		out = append(out, Todo{What: TodoRead, Kind: isms.Acknowledgements, Record: a, Title: strings.TrimSuffix(strings.TrimPrefix(a.Title, "Read and accept “"), "”"), Detail: a.Campaign, Due: a.Due})
	}
	return out, nil
}

// toApprove lists what the actor may answer: what names them or their deputyship, and
// what is asked of anybody who may approve.
func (f *Flow) toApprove(ctx context.Context, actor access.Actor) ([]Todo, error) {
	if actor.May(kind.Approve, isms.Approvals) != access.All {
		return nil, nil
	}
	q := consents
	q.Limit = maxTodos
	list, err := app.Of[isms.Approval](f.app, isms.Approvals).List(ctx, q)
	if err != nil {
		return nil, err
	}
	today := kind.DateOf(f.app.Now())
	var out []Todo
	for _, a := range list {
		named := a.ApproverID == "" || a.Quorum > 1 || a.ApproverID == actor.ID || a.DelegatedTo == actor.ID
		late := a.Expires != "" && a.Expires < today
		if named && !late && !(a.FourEyes && a.AskedBy == actor.ID) && !slices.Contains(a.ApprovedBy, actor.ID) {
			out = append(out, Todo{What: TodoApprove, Kind: isms.Approvals, Record: a, Title: a.Title, Detail: firstSentence(string(a.Justification)), Due: a.Expires})
		}
	}
	waiting, err := f.toPublish(ctx, actor)
	return append(out, waiting...), err
}

// toPublish lists the versions that are agreed and wait for their approver to put them
// in force.
func (f *Flow) toPublish(ctx context.Context, actor access.Actor) ([]Todo, error) {
	list, err := f.versions().List(ctx, kind.Query{Sort: "created_at", Limit: maxTodos}.Where("status", string(isms.VersionApproved)))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, v := range list {
		ids = append(ids, v.DocumentID)
	}
	documents, err := f.app.Many(ctx, isms.Documents, ids)
	if err != nil {
		return nil, err
	}
	var out []Todo
	for _, v := range list {
		if d, ok := documents[v.DocumentID].(*isms.Document); ok && d.ApproverID == actor.ID {
			out = append(out, Todo{What: TodoApprove, Kind: isms.DocumentVersions, Record: v, Title: "Publish “" + d.Title + "”, version " + v.Number, Detail: "It is approved. From its publication on it holds."})
		}
	}
	return out, nil
}

func (f *Flow) tasksOf(ctx context.Context, _ access.Actor) ([]Todo, error) {
	list, err := f.mineOf(ctx, isms.Tasks, openTask)
	var out []Todo
	for _, r := range list {
		t := r.(*isms.Task)
		out = append(out, Todo{What: TodoTask, Kind: isms.Tasks, Record: t, Title: t.Title, Detail: t.Why, Due: t.Due})
	}
	return out, err
}

func (f *Flow) toLearn(ctx context.Context, _ access.Actor) ([]Todo, error) {
	list, err := f.mineOf(ctx, isms.Assignments, learning)
	var out []Todo
	for _, r := range list {
		a := r.(*isms.Assignment)
		out = append(out, Todo{What: TodoLearn, Kind: isms.Assignments, Record: a, Title: a.Title, Detail: a.Why, Due: a.Due})
	}
	return out, err
}

// toReview lists the actor's records of any kind whose review has come or is near.
// Documents have a task of their own for it.
func (f *Flow) toReview(ctx context.Context, actor access.Actor) ([]Todo, error) {
	until := string(kind.DateOf(f.app.Now().Add(14 * 24 * time.Hour)))
	var out []Todo
	for _, k := range f.app.Registry().All() {
		due := k.Field("review_by")
		if due == nil || due.Type != kind.Day || k.OwnerField == "" || k == isms.Documents || actor.May(kind.Read, k) == access.Nothing {
			continue
		}
		list, err := f.mineOf(ctx, k, kind.Query{Sort: "review_by"}.With("review_by", kind.AtMost, until).With("review_by", kind.Empty, "false"))
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			if k.StateField != "" && k.Field(k.StateField).Choice(k.State(r)).Tone == "muted" {
				continue // it is over
			}
			out = append(out, Todo{What: TodoReview, Kind: k, Record: r, Title: "Review “" + r.GetBase().Title + "”", Detail: k.Label, Due: kind.Date(due.Text(r))})
		}
	}
	slices.SortStableFunc(out, func(a, b Todo) int { return strings.Compare(string(a.Due), string(b.Due)) })
	return out, nil
}

// CountMine counts what Mine lists, but for reviews: quick enough for every page.
func (f *Flow) CountMine(ctx context.Context) (int, error) {
	actor, err := access.From(ctx)
	if err != nil || actor.ID == "" {
		return 0, err
	}
	n := 0
	for _, part := range []struct {
		k *kind.Kind
		q kind.Query
	}{{isms.Acknowledgements, asked}, {isms.Tasks, openTask}, {isms.Assignments, learning}} {
		if actor.May(kind.Read, part.k) == access.Nothing {
			continue
		}
		q := part.q.Where(part.k.OwnerField, actor.ID)
		q.Limit, q.Count = 1, true
		page, err := f.app.List(ctx, part.k, q)
		if err != nil {
			return 0, err
		}
		n += int(page.Total)
	}
	consent, err := f.toApprove(ctx, actor)
	return n + len(consent), err
}
