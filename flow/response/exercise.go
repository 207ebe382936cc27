package response

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

func (f *Flow) exercises() app.Repo[isms.Exercise] {
	return app.Of[isms.Exercise](f.app, isms.Exercises)
}

func (f *Flow) injects() app.Repo[isms.ExerciseInject] {
	return app.Of[isms.ExerciseInject](f.app, isms.ExerciseInjects)
}

// An ExerciseOrder asks for an exercise. Everything but the time may be left out.
type ExerciseOrder struct {
	RiskID    string            // id or key; empty: the dearest risk that was not played for longest
	AssetID   string            // id or key of what a restore test brings back; empty: that whose restore was not proved for longest
	Scenario  isms.IncidentType // empty: what the risk is about
	Restore   bool              // a restore test instead of a story at a table
	Seed      int               // the same seed and records give the same story; 0: one of the day
	Minutes   int               // 0: ninety
	At        time.Time         // zero: in two weeks at nine
	LeadID    string            // id or key; empty: whoever asks
	Announced bool
}

// Bounds of an exercise.
const (
	fewestInjects   = 6
	mostInjects     = 12
	usualMinutes    = 90
	longestExercise = 8 * 60
	playedDays      = 365 // a risk that was played within a year is played again last
)

// PlanExercise makes an exercise with its injects from the records of the
// organisation: a risk of its own, the names of its own systems and people, its
// playbook and its target. It happens whole or not at all.
func (f *Flow) PlanExercise(ctx context.Context, o ExerciseOrder) (*isms.Exercise, error) {
	if o.Minutes < 0 || o.Minutes > longestExercise {
		return nil, kind.Fieldf("minutes", "is between 1 and %d", longestExercise)
	}
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	var made *isms.Exercise
	err = f.app.Atomic(ctx, func(ctx context.Context) error {
		w := &storyteller{f: f, s: f.survey(ctx), order: o}
		if made, err = w.exercise(actor); err != nil {
			return err
		}
		if err := f.exercises().Save(ctx, made); err != nil {
			return err
		}
		for _, i := range w.injects() {
			i.ExerciseID = made.ID
			if err := f.injects().Save(ctx, i); err != nil {
				return err
			}
		}
		return w.links(ctx, made.ID)
	})
	return made, err
}

// A storyteller makes one exercise.
type storyteller struct {
	f     *Flow
	s     *survey
	order ExerciseOrder
	risk  *isms.Risk
	asset *isms.Asset
	point *isms.RestorePoint
	story *catalog.Story
	rand  *rand.Rand
	names map[string]string
}

// scenarioPlays tells which kind of incident a scenario of the catalogue is.
var scenarioPlays = map[string]isms.IncidentType{
	"ransomware-internet": "ransomware", "admin-password": "phishing", "account-takeover": "phishing", "fake-colleague": "mail_compromise", "mail-fraud": "mail_compromise",
	"insider-data-theft": "insider", "web-breach": "web_compromise", "supplier-compromise": "supplier_breach", "poisoned-dependency": "supplier_breach",
	"lost-device": "lost_device", "cloud-key-leak": "cloud_key_leak", "denial-of-service": "denial_of_service", "unnoticed-intrusion": "trap_hit",
	"privilege-escalation": "malware", "physical-intrusion": "physical", "provider-outage": "failure", "failed-restore": "failure", "expired-certificate": "failure",
	"key-person": "failure", "human-error-deletion": "mistake", "non-compliance": "data_leak",
}

func (w *storyteller) exercise(actor access.Actor) (*isms.Exercise, error) {
	if err := w.choose(); err != nil {
		return nil, err
	}
	o, now := w.order, w.s.Now
	if o.Seed == 0 {
		o.Seed = now.Year()*1000 + now.YearDay()
	}
	w.rand = rand.New(rand.NewPCG(uint64(o.Seed), 1)) //nolint:gosec // a story, not a secret
	w.order.Minutes = cmp.Or(o.Minutes, usualMinutes)
	at := o.At
	if at.IsZero() {
		at = now.Truncate(24*time.Hour).AddDate(0, 0, 14).Add(9 * time.Hour)
	}
	e := &isms.Exercise{
		Type: "tabletop", Category: w.category(), At: at, Minutes: w.order.Minutes, Seed: o.Seed, Announced: o.Announced, LeadID: o.LeadID,
		Goals: isms.Markdown(w.tellAll(w.story.Goals)),
	}
	if o.Restore {
		e.Type, e.RestoreID = "restore", w.point.ID
	}
	if e.LeadID == "" {
		var err error
		if e.LeadID, err = w.f.ownerFor(w.s.Ctx, actor); err != nil {
			return nil, err
		}
	}
	w.name(e)
	e.Goals = isms.Markdown(w.tellAll(w.story.Goals))
	e.Scenario = isms.Markdown(catalog.Tell(w.story.Openings[w.rand.IntN(len(w.story.Openings))], w.names))
	e.Title = w.title(e)
	w.recovery(e)
	return e, w.s.Err
}

func (w *storyteller) category() isms.IncidentType {
	if w.order.Restore {
		return "failure"
	}
	return w.order.Scenario
}

func (w *storyteller) title(e *isms.Exercise) string {
	if w.order.Restore {
		return prose.Cut("Restore of "+w.names["base"], 300)
	}
	label := kind.Humanise(string(e.Category))
	for _, c := range e.Category.Choices() {
		if c.Value == string(e.Category) && c.Label != "" {
			label = c.Label
		}
	}
	return prose.Cut(fmt.Sprintf("%s: %s", label, w.names["asset"]), 300)
}

// choose finds the risk, the asset and the story.
func (w *storyteller) choose() error {
	if w.order.Restore {
		return w.chooseRestore()
	}
	if err := w.chooseRisk(); err != nil {
		return err
	}
	if w.order.Scenario == "" {
		w.order.Scenario = "ransomware"
		if w.risk != nil {
			w.order.Scenario = cmp.Or(scenarioPlays[w.risk.Scenario], isms.IncidentType("malware"))
		}
	}
	story, ok := w.f.cat.Story(string(w.order.Scenario))
	if !ok {
		return kind.Fieldf("scenario", "nothing is played about %q", string(w.order.Scenario))
	}
	w.story = story
	if w.risk != nil {
		w.asset = flow.ByID(every[isms.Asset](w.s, isms.Assets))[w.risk.AssetID]
	}
	if w.asset == nil {
		w.asset = dearest(every[isms.Asset](w.s, isms.Assets))
	}
	return w.s.Err
}

// chooseRisk takes the risk that was named, else the dearest of those that were not
// played for a year, else of those that were.
func (w *storyteller) chooseRisk() error {
	if w.order.RiskID != "" {
		r, err := w.f.risks.Get(w.s.Ctx, w.order.RiskID)
		w.risk = r
		return err
	}
	played := w.played()
	list := flow.Those(every[isms.Risk](w.s, isms.Risks), func(r *isms.Risk) bool {
		return r.Status != isms.RiskClosed && (w.order.Scenario == "" && scenarioPlays[r.Scenario] != "" || w.order.Scenario != "" && scenarioPlays[r.Scenario] == w.order.Scenario)
	})
	slices.SortStableFunc(list, func(a, b *isms.Risk) int {
		return cmp.Or(cmp.Compare(played[a.ID], played[b.ID]), cmp.Compare(b.LossNow, a.LossNow), strings.Compare(a.Key, b.Key))
	})
	w.risk = flow.First(list)
	return w.s.Err
}

// played are the risks of which an exercise of the last year tells, with their number.
func (w *storyteller) played() map[string]int {
	out := map[string]int{}
	plays := w.s.From(isms.Exercises, "plays")
	since := w.s.Now.AddDate(0, 0, -playedDays)
	for _, e := range every[isms.Exercise](w.s, isms.Exercises) {
		if e.Status == "cancelled" || e.At.Before(since) {
			continue
		}
		for _, id := range plays[e.ID] {
			out[id]++
		}
	}
	return out
}

// dearest is the asset that matters most; nil: there is none.
func dearest(list []*isms.Asset) *isms.Asset {
	live := flow.Those(list, func(a *isms.Asset) bool { return a.Lifecycle != "disposed" })
	slices.SortStableFunc(live, func(a, b *isms.Asset) int {
		return cmp.Or(cmp.Compare(b.Criticality, a.Criticality), cmp.Compare(flow.Mean(b.Value), flow.Mean(a.Value)), strings.Compare(a.Key, b.Key))
	})
	return flow.First(live)
}

// chooseRestore finds the backup whose restore was not proved for longest, and its
// newest copy that may be used.
func (w *storyteller) chooseRestore() error {
	story, _ := w.f.cat.Story("restore")
	w.story = story
	var asset string
	if w.order.AssetID != "" {
		a, err := w.f.assets.Get(w.s.Ctx, w.order.AssetID)
		if err != nil {
			return err
		}
		asset = a.ID
	}
	list := flow.Those(every[isms.Backup](w.s, isms.Backups), func(b *isms.Backup) bool { return b.Status != "stopped" && (asset == "" || b.AssetID == asset) })
	slices.SortStableFunc(list, func(a, b *isms.Backup) int {
		return cmp.Or(a.LastVerified.Compare(b.LastVerified), strings.Compare(a.Key, b.Key))
	})
	points := every[isms.RestorePoint](w.s, isms.RestorePoints)
	for _, b := range list {
		usable := flow.Those(points, func(p *isms.RestorePoint) bool {
			return p.BackupID == b.ID && (p.Status == "unverified" || p.Status == "verified")
		})
		slices.SortStableFunc(usable, func(a, b *isms.RestorePoint) int { return b.TakenAt.Compare(a.TakenAt) })
		if len(usable) > 0 {
			w.point = usable[0]
			w.asset = flow.ByID(every[isms.Asset](w.s, isms.Assets))[b.AssetID]
			return w.s.Err
		}
	}
	if w.s.Err != nil {
		return w.s.Err
	}
	return kind.Fieldf("asset", "has no copy that could be restored; report one first")
}

// recovery sets how soon work should go on: the target of the asset, else that of
// what depends on it.
func (w *storyteller) recovery(e *isms.Exercise) {
	if w.asset == nil {
		return
	}
	for _, t := range every[isms.RecoveryTarget](w.s, isms.RecoveryTargets) {
		if t.AssetID == w.asset.ID {
			e.TargetHours, e.PlanID = t.RTO, t.PlanID
			return
		}
	}
}

// links joins the exercise with what it plays and tries, and with its playbook.
func (w *storyteller) links(ctx context.Context, id string) error {
	if w.risk != nil {
		if err := w.f.app.Link(ctx, isms.Exercises, id, "plays", w.risk.ID); err != nil {
			return err
		}
	}
	if w.asset != nil {
		return w.f.app.Link(ctx, isms.Exercises, id, "tries", w.asset.ID)
	}
	return nil
}
