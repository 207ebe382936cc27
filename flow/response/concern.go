package response

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"io"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// An OddCall is what somebody noticed and found odd.
type OddCall struct {
	What      string
	Category  isms.ConcernCategory
	At        time.Time // zero: now
	Place     string
	Anonymous bool // the name of the reporter is kept nowhere, not even in the journal
	FileName  string
	File      io.Reader // nil: none
}

// longestOdd bounds the text of a report.
const longestOdd = 20_000

// ReportOdd keeps a report of something odd and returns its receipt number, with
// which whoever knows it can look at the answer. The number itself is stored nowhere.
// Everybody with an account may report; without a name nobody can tell who it was.
func (f *Flow) ReportOdd(ctx context.Context, call OddCall) (receipt string, c *isms.Concern, err error) {
	actor, err := access.From(ctx)
	if err != nil {
		return "", nil, err
	}
	if !actor.Machine && actor.May(kind.Write, isms.Concerns) == access.Nothing {
		return "", nil, actor.Refuse(kind.Write, isms.Concerns)
	}
	reporter := ""
	if !call.Anonymous {
		if reporter, err = f.inRegister(ctx, actor.ID); err != nil {
			return "", nil, err
		}
	}
	return f.keepOdd(nobody(actor.Workspace, reporter, actor.Name), call, reporter)
}

// nobody acts for a reporter: by name where one is given, else as somebody.
func nobody(workspace, reporter, name string) context.Context {
	if reporter == "" {
		name = "somebody"
	}
	return access.With(context.Background(), access.Actor{ID: reporter, Name: name, Workspace: workspace, Machine: true, Via: "report"})
}

func (f *Flow) keepOdd(machine context.Context, call OddCall, reporter string) (string, *isms.Concern, error) {
	what := strings.TrimSpace(prose.Clean(call.What))
	switch {
	case what == "":
		return "", nil, kind.Fieldf("what", "say in your own words what you noticed")
	case len(what) > longestOdd:
		return "", nil, kind.Fieldf("what", "is longer than %d characters; the first page is enough", longestOdd)
	}
	now := f.app.Now()
	if call.At.IsZero() || call.At.After(now) {
		call.At = now
	}
	receipt, err := newReceipt()
	if err != nil {
		return "", nil, err
	}
	staged, err := f.stage(call.File)
	if err != nil {
		return "", nil, err
	}
	if staged != nil {
		defer staged.Close()
	}
	c := &isms.Concern{Category: call.Category, What: isms.Markdown(what), At: call.At, Place: prose.Cut(prose.Clean(call.Place), 300), ReporterID: reporter, Receipt: access.HashSecret(receipt)}
	err = f.app.Atomic(machine, func(ctx context.Context) error {
		if err := f.app.Save(ctx, c); err != nil {
			return err
		}
		if staged == nil {
			return nil
		}
		_, err := f.AttachFile(ctx, isms.Concerns.Name, c.ID, call.FileName, staged)
		return err
	})
	return receipt, c, err
}

// newReceipt is a number that can be read out and cannot be guessed: 80 bits.
func newReceipt() (string, error) {
	secret, err := access.NewSecret()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(secret))
	text := base32.StdEncoding.EncodeToString(sum[:])
	return text[0:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:16], nil
}

// An OddAnswer is what the holder of a receipt may know.
type OddAnswer struct {
	Status     isms.ConcernStatus
	ReportedAt time.Time
	Answer     string
	AnsweredAt time.Time
}

// OddAnswerFor looks a report up by its receipt number, in whatever workspace it
// lies. A number that nobody was given is NotFound.
func (f *Flow) OddAnswerFor(ctx context.Context, receipt string) (*OddAnswer, error) {
	unknown := kind.Errorf(kind.NotFound, "nobody was given this number; look at the letters again")
	receipt = strings.ToUpper(strings.TrimSpace(receipt))
	if len(receipt) != 19 {
		return nil, unknown
	}
	found, err := f.app.Store().Across(ctx, isms.Concerns, "receipt", access.HashSecret(receipt))
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, unknown
	}
	c := found[0].Record.(*isms.Concern)
	return &OddAnswer{Status: c.Status, ReportedAt: c.CreatedAt, Answer: string(c.Answer), AnsweredAt: c.AnsweredAt}, nil
}

// A Door is an organisation that takes reports from people without an account.
type Door struct{ Workspace, Name string }

// OpenDoor finds the workspace with the short name that takes reports without an
// account; without a name the only one that does. NotFound when there is none: the
// caller learns nothing about workspaces that do not.
func (f *Flow) OpenDoor(ctx context.Context, slug string) (*Door, error) {
	closed := kind.Errorf(kind.NotFound, "reports without an account are not taken here; sign in to report")
	spaces, err := f.app.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	var open []*Door
	for _, w := range spaces {
		if slug != "" && w.Slug != slug || w.Status != isms.WorkspaceActive {
			continue
		}
		machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: w.ID, Machine: true, Via: "report"})
		o, err := f.organisation(machine)
		if err != nil {
			return nil, err
		}
		if o != nil && o.OpenReports {
			open = append(open, &Door{Workspace: w.ID, Name: prose.FirstOf(o.LegalName, o.Title)})
		}
	}
	if len(open) != 1 {
		return nil, closed
	}
	return open[0], nil
}

// ReportOddAsVisitor is ReportOdd for somebody without an account, through an open
// door. The caller limits how often an address may do it.
func (f *Flow) ReportOddAsVisitor(ctx context.Context, slug string, call OddCall) (string, error) {
	door, err := f.OpenDoor(ctx, slug)
	if err != nil {
		return "", err
	}
	receipt, _, err := f.keepOdd(nobody(door.Workspace, "", ""), call, "")
	return receipt, err
}

// OpenConcerns lists the reports that nobody has answered yet, the oldest first.
func (f *Flow) OpenConcerns(ctx context.Context) ([]*isms.Concern, error) {
	return app.Of[isms.Concern](f.app, isms.Concerns).All(ctx, kind.Query{Sort: "created_at"}.Where("status", "reported", "checking", "confirmed").With("answered_at", kind.Empty, "true"))
}
