package app_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// atOnce calls do from n goroutines that start together.
func atOnce(n int, do func(i int)) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	wg.Wait()
}

func TestOfManyWritersOfOneVersionExactlyOneWins(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		team := &isms.Team{Base: kind.Base{Title: "Night shift"}}
		must(t, w.App.Save(admin, team))
		const writers, rounds = 8, 5
		for round := range rounds {
			var won, lost atomic.Int32
			var winner atomic.Value
			base, err := w.App.Get(admin, isms.Teams, team.ID)
			must(t, err)
			atOnce(writers, func(i int) {
				mine := isms.Teams.Clone(base)
				mine.GetBase().Title = fmt.Sprintf("round %d writer %d", round, i)
				switch err := w.App.Save(admin, mine); kind.CodeOf(err) {
				case "":
					won.Add(1)
					winner.Store(mine.GetBase().Title)
				case kind.Conflict:
					lost.Add(1)
					if stored, ok := app.Stored(err); ok && stored.GetBase().Version <= base.GetBase().Version {
						t.Errorf("the conflict shows version %d", stored.GetBase().Version)
					}
				default:
					t.Error(err)
				}
			})
			got, err := w.App.Get(admin, isms.Teams, team.ID)
			must(t, err)
			if won.Load() != 1 || lost.Load() != writers-1 || got.GetBase().Title != winner.Load() || got.GetBase().Version != int64(round+2) {
				t.Errorf("round %d: %d won, %d lost; stored %q version %d", round, won.Load(), lost.Load(), got.GetBase().Title, got.GetBase().Version)
			}
		}
		if h := history(t, w, isms.Teams, team); len(h) != rounds+1 {
			t.Errorf("%d journal entries for %d changes", len(h), rounds+1)
		}
		sound(t, s)
	})
}

// Writers that do not meet must not refuse each other, leave gaps in the journal or
// take the same key, and readers beside them see whole changes only.
func TestParallelWritersAndReadersDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		const writers, each = 6, 8
		stop := make(chan struct{})
		var readers sync.WaitGroup
		for range 2 {
			readers.Go(func() { readUntil(t, w.App, stop) })
		}
		atOnce(writers, func(i int) {
			for n := range each {
				err := w.App.Atomic(admin, func(ctx context.Context) error {
					risk := &isms.Risk{Base: kind.Base{Title: "Same title"}}
					guard := &isms.Safeguard{Base: kind.Base{Title: "Same title"}}
					if err := w.App.Save(ctx, risk); err != nil {
						return err
					}
					if err := w.App.Save(ctx, guard); err != nil {
						return err
					}
					return w.App.Link(ctx, isms.Risks, risk.ID, "treated by", guard.ID)
				})
				if err != nil {
					t.Errorf("writer %d, change %d: %v", i, n, err)
					return
				}
			}
		})
		close(stop)
		readers.Wait()
		heads, err := s.VerifyJournals(context.Background(), nil, nil)
		must(t, err)
		if want := int64(writers * each * 3); len(heads) != 1 || heads[0].Seq != want {
			t.Errorf("journals end at %v, want %d", heads, want)
		}
		page, err := w.App.List(admin, isms.Risks, kind.Query{Count: true})
		must(t, err)
		if page.Total != writers*each {
			t.Errorf("%d of %d risks", page.Total, writers*each)
		}
		sound(t, s)
	})
}

// readUntil reads what the writers write: a risk is never seen without its safeguard.
func readUntil(t *testing.T, a *app.App, stop chan struct{}) {
	rel, err := a.Relation(isms.Risks, "treated by")
	if err != nil {
		t.Error(err)
		return
	}
	for {
		select {
		case <-stop:
			return
		default:
		}
		page, err := a.List(admin, isms.Risks, kind.Query{Limit: 5, Count: true})
		if err != nil {
			t.Error(err)
			return
		}
		for _, r := range page.Records {
			guards, err := a.Linked(admin, rel, r.GetBase().ID, 5)
			if err != nil || len(guards) != 1 {
				t.Errorf("a risk with %d safeguards was seen, %v", len(guards), err)
				return
			}
		}
		if _, err := a.Recent(admin, 0, 20); err != nil {
			t.Error(err)
			return
		}
	}
}

func TestAWorkspaceIsNotHeldUpByTheJournalOfAnother(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		atOnce(4, func(i int) {
			ctx := testkit.In(fmt.Sprintf("ws%d", i), "administrator")
			for range 5 {
				if err := w.App.Save(ctx, &isms.Team{Base: kind.Base{Title: "Team"}}); err != nil {
					t.Error(err)
				}
			}
		})
		heads, err := s.VerifyJournals(context.Background(), nil, nil)
		must(t, err)
		if len(heads) != 4 {
			t.Fatalf("%d journals", len(heads))
		}
		for _, h := range heads {
			if h.Seq != 5 {
				t.Errorf("the journal of %s ends at %d", h.Workspace, h.Seq)
			}
		}
	})
}

// The clock may be set back; the chain must hold all the same.
func TestAClockThatIsSetBackDoesNotBreakTheJournal(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		team := &isms.Team{Base: kind.Base{Title: "Team"}}
		must(t, w.App.Save(admin, team))
		w.Clock.Advance(-48 * 60 * 60 * 1e9)
		team.Title = "Other team"
		must(t, w.App.Save(admin, team))
		heads, err := s.VerifyJournals(context.Background(), []journal.Head{}, nil)
		must(t, err)
		if heads[0].Seq != 2 {
			t.Errorf("%v", heads)
		}
		sound(t, s)
	})
}
