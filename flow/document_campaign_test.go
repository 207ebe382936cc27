package flow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func (w *world) readings(person string) []*isms.Acknowledgement {
	w.Helper()
	q := kind.Query{Sort: "created_at"}
	if person != "" {
		q = q.Where("person_id", w.Person(person).ID)
	}
	list, err := app.Of[isms.Acknowledgement](w.App, isms.Acknowledgements).All(testkit.Machine(), q)
	w.Must(err)
	return list
}

func TestACampaignAsksEverybodyOnceAndNewcomersToo(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := company(t, s)
		lead := access.With(t.Context(), w.as("lead"))
		_, err := w.Flow.WriteDocument(lead, "access-control")
		w.Must(err)
		start := flow.Campaign{Name: "Spring", Documents: []string{"access-control"}, Audience: []string{"everybody"}, Due: "2026-03-20", Standing: true}
		_, err = w.Flow.StartCampaign(lead, start)
		w.Refuses(kind.Invalid, "a draft is put before people", err)
		w.publish("access-control")
		out, err := w.Flow.StartCampaign(lead, start)
		w.Must(err)
		if out.Asked != 4 || len(w.readings("guest"))+len(w.readings("bot")) > 0 {
			t.Errorf("%d were asked; the external auditor %d, the machine %d", out.Asked, len(w.readings("guest")), len(w.readings("bot")))
		}
		if again, err := w.Flow.StartCampaign(lead, start); err != nil || again.Asked != 0 || again.Already != 4 {
			t.Errorf("started again it asked %d, knew %d: %v", again.Asked, again.Already, err)
		}
		bad := start
		bad.Audience = []string{"the moon"}
		_, err = w.Flow.StartCampaign(lead, bad)
		w.Refuses(kind.Invalid, "an audience that nobody is", err)
		w.Must(w.App.Save(testkit.Machine(), &isms.Person{Base: isms.Base{Key: "new", Title: "New Here"}, Employment: "employee", Status: isms.PersonActive}))
		care, err := w.Flow.CareForDocuments(testkit.Machine(), nil)
		w.Must(err)
		if got := w.readings("new"); care.Asked != 1 || len(got) != 1 || got[0].Campaign != "Spring" {
			t.Errorf("the newcomer: %+v, %+v", care, got)
		}
	})
}

func TestOnlyThePersonAcceptsAndTheHashIsKept(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := company(t, s)
		lead, staff := access.With(t.Context(), w.as("lead")), access.With(t.Context(), w.as("staff"))
		_, err := w.Flow.WriteDocument(lead, "backup")
		w.Must(err)
		w.publish("backup")
		_, err = w.Flow.StartCampaign(lead, flow.Campaign{Name: "Spring", Documents: []string{"backup"}, Audience: []string{"everybody"}})
		w.Must(err)
		mine, others := w.readings("staff")[0], w.readings("dev")[0]
		_, err = w.App.Do(lead, isms.Acknowledgements, mine.ID, "accept", 0, kind.Input{})
		w.Refuses(kind.Forbidden, "the lead accepts for somebody", err)
		_, err = w.App.Do(testkit.As(access.Administrator), isms.Acknowledgements, mine.ID, "accept", 0, kind.Input{})
		w.Refuses(kind.Forbidden, "an administrator accepts for somebody", err)
		if _, err := w.App.Do(staff, isms.Acknowledgements, others.ID, "accept", 0, kind.Input{}); err == nil {
			t.Error("staff accepted what somebody else was asked")
		}
		if _, err := w.App.Get(staff, isms.Acknowledgements, others.ID); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("staff sees what somebody else was asked: %v", err)
		}
		_, err = w.App.Do(staff, isms.Acknowledgements, mine.ID, "accept", 0, kind.Input{})
		w.Must(err)
		got := w.readings("staff")[0]
		if got.Status != isms.AcknowledgementAccepted || got.AcceptedAt.IsZero() || got.SHA256 == "" || got.SHA256 != w.newest("backup").SHA256 {
			t.Errorf("the proof is %+v", got)
		}
		list, err := w.Flow.Campaigns(lead, "")
		w.Must(err)
		if len(list) != 1 || list[0].Total != 4 || list[0].Accepted != 1 || list[0].Open != 3 || list[0].Readers[0].Person.ID == got.PersonID {
			t.Errorf("progress %+v", list)
		}

		w.Clock.Advance(time.Hour)
		_, err = w.Flow.Revise(lead, "backup")
		w.Must(err)
		w.publish("backup")
		for _, who := range []string{"dev", "lead", "boss"} {
			if a := w.readings(who)[0]; a.Status != isms.AcknowledgementExcused {
				t.Errorf("%s is still asked to accept what does not hold: %s", who, a.Status)
			}
		}
		if a := w.readings("staff")[0]; a.Status != isms.AcknowledgementAccepted {
			t.Errorf("the proof of the version before became %s", a.Status)
		}
		_, err = w.App.Do(access.With(t.Context(), w.as("dev")), isms.Acknowledgements, w.readings("dev")[0].ID, "accept", 0, kind.Input{})
		w.Refuses(kind.Conflict, "a superseded text is accepted", err)
	})
}

func TestPeopleAreRemindedOnceAWeekAndNotBefore(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := company(t, s)
		lead := access.With(t.Context(), w.as("lead"))
		_, err := w.Flow.WriteDocument(lead, "backup")
		w.Must(err)
		w.publish("backup")
		_, err = w.Flow.StartCampaign(lead, flow.Campaign{Name: "Spring", Documents: []string{"backup"}, Audience: []string{"staff", "contributor"}, Due: "2026-03-20"})
		w.Must(err)
		var told []string
		deliver := func(_ context.Context, r flow.Reminder) error {
			told = append(told, r.Person.Key)
			if r.Person.Key == "dev" {
				return kind.Errorf(kind.Unavailable, "the mailbox is full")
			}
			return nil
		}
		day := func(n int) flow.Care {
			w.Clock.Advance(time.Duration(n) * 24 * time.Hour)
			c, err := w.Flow.CareForDocuments(testkit.Machine(), deliver)
			w.Must(err)
			return c
		}
		if c := day(1); c.Reminded != 0 || told != nil {
			t.Errorf("reminded at once: %+v", c)
		}
		if c := day(15); c.Reminded != 1 || strings.Join(told, " ") != "dev staff" && strings.Join(told, " ") != "staff dev" {
			t.Errorf("near the day: %+v, %v", c, told)
		}
		if c := day(1); c.Reminded != 0 {
			t.Errorf("reminded again the next day: %+v", c)
		}
		if c := day(7); c.Reminded != 1 {
			t.Errorf("after a week: %+v", c)
		}
		if a, b := w.readings("staff")[0], w.readings("dev")[0]; a.Reminders != 2 || a.RemindedAt.IsZero() || b.Reminders != 0 {
			t.Errorf("reminders: %d, and %d where none was delivered", a.Reminders, b.Reminders)
		}
	})
}

func TestTheOwnerIsAskedToReviewOnce(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := company(t, s)
		lead := access.With(t.Context(), w.as("lead"))
		_, err := w.Flow.WriteDocument(lead, "backup")
		w.Must(err)
		w.publish("backup")
		if c, err := w.Flow.CareForDocuments(testkit.Machine(), nil); err != nil || c.Reviews != 0 {
			t.Errorf("asked a year early: %+v %v", c, err)
		}
		w.Clock.Advance(345 * 24 * time.Hour)
		for _, want := range []int{1, 0} {
			if c, err := w.Flow.CareForDocuments(testkit.Machine(), nil); err != nil || c.Reviews != want {
				t.Errorf("want %d: %+v %v", want, c, err)
			}
		}
		tasks, err := app.Of[isms.Task](w.App, isms.Tasks).All(lead, kind.Query{})
		w.Must(err)
		if len(tasks) != 1 || tasks[0].AssigneeID != w.Person("lead").ID || tasks[0].SubjectID != w.document("backup").ID {
			t.Errorf("tasks %+v", tasks)
		}
	})
}

func TestAnAudienceIsTeamsRolesAndTitles(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := company(t, s)
		ctx := testkit.Machine()
		w.Must(w.App.Save(ctx, &isms.Team{Base: isms.Base{Key: "platform", Title: "Platform"}, Status: isms.TeamActive, LeadID: w.Person("boss").ID}))
		w.Must(w.App.Save(ctx, &isms.Team{Base: isms.Base{Key: "on-call", Title: "On call"}, Status: isms.TeamActive, ParentID: "platform"}))
		w.Must(w.App.Link(ctx, isms.People, "guest", "member of", "on-call"))
		p := w.Person("staff")
		p.RoleTitle = "Office"
		w.Must(w.App.Save(ctx, p))
		for _, c := range []struct{ words, want string }{
			{"everybody", "staff boss dev lead"}, {"Everyone", "staff boss dev lead"}, {"platform", "guest boss"}, {"Platform|office", "staff guest boss"},
			{"engineers", "dev"}, {"managers", "boss"}, {"security_lead", "lead"}, {"Security lead", "lead"}, {"On Call", "guest"},
		} {
			list, err := w.Flow.Audience(ctx, strings.Split(c.words, "|"))
			w.Must(err)
			var got []string
			for _, p := range list {
				got = append(got, p.Key)
			}
			for _, k := range strings.Fields(c.want) {
				if !strings.Contains(" "+strings.Join(got, " ")+" ", " "+k+" ") {
					t.Errorf("%s: %v, want %s", c.words, got, c.want)
				}
			}
			if len(got) != len(strings.Fields(c.want)) {
				t.Errorf("%s: %v, want %s", c.words, got, c.want)
			}
		}
		_, err := w.Flow.Audience(ctx, []string{"nobody like this"})
		w.Refuses(kind.Invalid, "an unknown word", err)
	})
}
