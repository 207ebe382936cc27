package response

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// A BackupBoard is how well every asset that needs it can be restored. A copy from
// which nobody ever restored counts as none.
type BackupBoard struct {
	Now    time.Time     `json:"now"`
	Assets []*BackupLine `json:"assets"` // the worst first
	Good   int           `json:"good"`
	Watch  int           `json:"watch"`
	Bad    int           `json:"bad"`
}

// A BackupLine is one asset with its copies.
type BackupLine struct {
	Asset        *isms.Asset          `json:"-"`
	Record       flow.Named           `json:"asset"`
	Backups      []*isms.Backup       `json:"-"`
	Points       []*isms.RestorePoint `json:"-"`             // newest first, expired ones left out
	LastCopy     time.Time            `json:"last_copy"`     // zero: never
	LastVerified time.Time            `json:"last_verified"` // of a restore that was found good; zero: never
	AgeHours     float64              `json:"age_hours"`     // of the newest copy now: data that a failure at this moment would lose
	Every        float64              `json:"every_hours"`   // between copies, as arranged
	RPO          float64              `json:"rpo"`           // hours wanted; 0: nobody said
	RTO          float64              `json:"rto"`
	Took         float64              `json:"took_hours"` // of the last verified restore; 0: not measured
	Rules        []BackupRule         `json:"rules"`      // 3-2-1-1-0, and what else a copy needs to be one
	Health       isms.Health          `json:"health"`
	Verdict      string               `json:"verdict"` // in a sentence
	Next         string               `json:"next"`    // what to do; empty: nothing
}

// A BackupRule is one thing that a good backup has.
type BackupRule struct {
	ID    string `json:"id"`   // "3", "2", "1", "1", "0" of the rule, or a word
	Name  string `json:"name"` // what must hold
	Holds bool   `json:"holds"`
	Why   string `json:"why"` // from what it follows
}

// copyGrace is after how many of its intervals without a copy something is wrong: a
// backup that takes a while is not late.
const copyGrace = 2

// restoreTestDays is how often a restore is to be shown where nobody said.
const restoreTestDays = 90

// Backups judges all arrangements from the live records. It writes nothing.
func (f *Flow) Backups(ctx context.Context) (*BackupBoard, error) {
	s := f.survey(ctx)
	b := s.backups()
	return b, s.Err
}

func (s *survey) backups() *BackupBoard {
	board := &BackupBoard{Now: s.Now}
	lines := s.backupLines()
	for _, l := range lines {
		s.judgeBackup(l)
		switch l.Health {
		case isms.HealthGood:
			board.Good++
		case isms.HealthWatch:
			board.Watch++
		default:
			board.Bad++
		}
		board.Assets = append(board.Assets, l)
	}
	rank := map[isms.Health]int{isms.HealthBad: 0, isms.HealthWatch: 1, isms.HealthGood: 2}
	slices.SortStableFunc(board.Assets, func(a, b *BackupLine) int {
		return cmp.Or(cmp.Compare(rank[a.Health], rank[b.Health]), cmp.Compare(b.Asset.Criticality, a.Asset.Criticality), strings.Compare(a.Record.Title, b.Record.Title))
	})
	return board
}

// backupLines gathers the assets that have a backup, and those that keep data of
// which little may be lost and have none.
func (s *survey) backupLines() map[string]*BackupLine {
	lines := map[string]*BackupLine{}
	assets := flow.ByID(every[isms.Asset](s, isms.Assets))
	net := s.recoveryNet()
	net.lines = s.impactLines()
	net.demands()
	net.inherit()
	at := func(id string) *BackupLine {
		a := assets[id]
		if lines[id] == nil && a != nil && a.Lifecycle != "disposed" {
			l := &BackupLine{Asset: a, Record: flow.NamedOf("asset", &a.Base, "")}
			if n := net.nodes[id]; n != nil {
				l.RPO, l.RTO = n.Point.Hours, n.Need.Hours
			}
			lines[id] = l
		}
		return lines[id]
	}
	owner := map[string]*BackupLine{}
	for _, b := range every[isms.Backup](s, isms.Backups) {
		if l := at(b.AssetID); l != nil && b.Status != "stopped" {
			l.Backups = append(l.Backups, b)
			owner[b.ID] = l
		}
	}
	for _, p := range every[isms.RestorePoint](s, isms.RestorePoints) {
		if l := owner[p.BackupID]; l != nil && p.Status != "expired" {
			l.Points = append(l.Points, p)
		}
	}
	for id, n := range net.nodes {
		if n.Point.Hours > 0 && n.Every == 0 && net.keepsData(n.Asset) {
			at(id)
		}
	}
	for _, l := range lines {
		slices.SortStableFunc(l.Points, func(a, b *isms.RestorePoint) int {
			return cmp.Or(b.TakenAt.Compare(a.TakenAt), strings.Compare(b.ID, a.ID))
		})
	}
	return lines
}

func (s *survey) judgeBackup(l *BackupLine) {
	for _, b := range l.Backups {
		l.LastCopy, l.LastVerified = later(l.LastCopy, b.LastSuccess), later(l.LastVerified, b.LastVerified)
		if b.EveryHours > 0 && (l.Every == 0 || b.EveryHours < l.Every) {
			l.Every = b.EveryHours
		}
	}
	var shown time.Time
	for _, p := range l.Points {
		if p.Status == "verified" || p.Status == "unverified" {
			l.LastCopy = later(l.LastCopy, p.TakenAt)
		}
		if p.Status != "verified" {
			continue
		}
		l.LastVerified = later(l.LastVerified, p.VerifiedAt)
		if p.RestoreMinutes > 0 && p.VerifiedAt.After(shown) {
			shown, l.Took = p.VerifiedAt, float64(p.RestoreMinutes)/60
		}
	}
	if !l.LastCopy.IsZero() {
		l.AgeHours = max(0, s.Now.Sub(l.LastCopy).Hours())
	}
	l.Rules = s.backupRules(l)
	s.concludeBackup(l)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// concludeBackup says how it stands and what to do first.
func (s *survey) concludeBackup(l *BackupLine) {
	l.Health = isms.HealthBad
	failing := slices.IndexFunc(l.Backups, func(b *isms.Backup) bool { return b.Status == "failing" })
	every := testEvery(l.Backups)
	days := int(s.Now.Sub(l.LastVerified).Hours() / 24)
	switch {
	case len(l.Backups) == 0:
		l.Verdict, l.Next = "Nothing is copied.", "Arrange a backup, and restore from it once."
	case l.LastCopy.IsZero():
		l.Verdict, l.Next = "Arranged, and never done.", "Make the first copy and restore from it."
	case l.LastVerified.IsZero():
		l.Verdict, l.Next = "Copied, and never restored: that counts as no backup.", "Restore the newest copy to an empty place, compare, and write down how long it took."
	case failing >= 0:
		l.Verdict, l.Next = "The last copy or restore failed: "+orElse(l.Backups[failing].Failure, "nobody wrote down why")+".", "Find out why, repair it, and make a copy."
	case l.Every > 0 && l.AgeHours > copyGrace*l.Every:
		l.Verdict, l.Next = fmt.Sprintf("The newest copy is %s old and should come every %s.", lasting(l.AgeHours), lasting(l.Every)), "Look why no copy arrives, or whether nobody reports it."
	case days > 2*every:
		l.Verdict, l.Next = fmt.Sprintf("The last restore was shown %d days ago.", days), fmt.Sprintf("Restore again: it is to be shown every %d days.", every)
	default:
		l.Health, l.Verdict = isms.HealthGood, fmt.Sprintf("Restored and found good %d days ago.", days)
		s.doubtBackup(l, days, every)
	}
}

// testEvery is the number of days after which a restore is to be shown again: the
// shortest that somebody set.
func testEvery(list []*isms.Backup) int {
	every := 0
	for _, b := range list {
		if b.VerifyEvery > 0 && (every == 0 || b.VerifyEvery < every) {
			every = b.VerifyEvery
		}
	}
	return cmp.Or(every, restoreTestDays)
}

func orElse(s, other string) string {
	if s = strings.TrimRight(strings.TrimSpace(s), "."); s == "" {
		return other
	}
	return s
}

// doubtBackup looks for what is less than good about a backup that works.
func (s *survey) doubtBackup(l *BackupLine, days, every int) {
	missing := slices.IndexFunc(l.Rules, func(r BackupRule) bool { return !r.Holds })
	switch {
	case l.RPO > 0 && l.Every > l.RPO:
		l.Next = fmt.Sprintf("Copy more often: at most %s may be lost, and it is copied every %s.", lasting(l.RPO), lasting(l.Every))
	case l.RTO > 0 && l.Took > l.RTO:
		l.Next = fmt.Sprintf("Make the restore faster: it took %s and may take %s.", lasting(l.Took), lasting(l.RTO))
	case days > every:
		l.Next = fmt.Sprintf("Restore again: it is to be shown every %d days.", every)
	case missing >= 0:
		l.Next = "Missing: " + lowerFirstWord(l.Rules[missing].Name) + ". " + l.Rules[missing].Why
	default:
		return
	}
	l.Health = isms.HealthWatch
}

func lowerFirstWord(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// backupRules checks 3-2-1-1-0: three copies with the original, in two places, one
// elsewhere, one out of reach, no error in the last restore; and that a thief reads
// nothing and that the key survives.
func (s *survey) backupRules(l *BackupLine) []BackupRule {
	places := map[string]bool{}
	var offsite, apart, open, keyless, fragile []string
	for _, b := range l.Backups {
		places[strings.ToLower(cmp.Or(b.StoredOnID, b.Place, b.ID))] = true
		if b.Offsite {
			offsite = append(offsite, b.Title)
		}
		if b.Offline || b.Immutable {
			apart = append(apart, b.Title)
		}
		if !b.Encrypted {
			open = append(open, b.Title)
		}
		if b.Encrypted && !keySurvives(b) {
			keyless = append(keyless, b.Title)
		}
		if b.StoredOnID != "" && s.needsAsset(b.StoredOnID, l.Asset.ID) {
			fragile = append(fragile, b.Title)
		}
	}
	copies := 1 + len(l.Backups)
	rules := []BackupRule{
		{"3", "Three copies, the original counted", copies >= 3, fmt.Sprintf("%d: the original and %d arranged.", copies, len(l.Backups))},
		{"2", "In two different places", len(places) >= 2, fmt.Sprintf("Copies lie in %d.", len(places))},
		{"1", "One of them elsewhere", len(offsite) > 0, orNothing(offsite, "None lies in another place than the original.")},
		{"1", "One out of reach: offline or unchangeable", len(apart) > 0, orNothing(apart, "An intruder with the rights of an administrator can delete all.")},
		{"0", "No error in the last restore", !l.LastVerified.IsZero() && !failed(l), verifiedWhen(l)},
		{"encrypted", "Encrypted", len(l.Backups) > 0 && len(open) == 0, orWhich(open, "All are.", "Not encrypted: ")},
		{"key", "The key survives the loss", len(l.Backups) > 0 && len(keyless) == 0, orWhich(keyless, "It is written down where each key is kept, and not beside the copies.", "Nobody wrote down a place of the key away from the copies: ")},
		{"apart", "Does not fall with the original", len(l.Backups) > 0 && len(fragile) == 0, orWhich(fragile, "What holds the copies does not need the original.", "What holds the copies needs the original to run: ")},
	}
	return rules
}

// keySurvives: the place of the key is known, and is not the place of the copies.
func keySurvives(b *isms.Backup) bool {
	key := strings.TrimSpace(b.KeyPlace)
	return key != "" && !strings.EqualFold(key, strings.TrimSpace(b.Place))
}

func failed(l *BackupLine) bool {
	return slices.ContainsFunc(l.Backups, func(b *isms.Backup) bool { return b.Status == "failing" }) ||
		slices.ContainsFunc(l.Points, func(p *isms.RestorePoint) bool { return p.Status == "failed" && p.TakenAt.After(l.LastVerified) })
}

func verifiedWhen(l *BackupLine) string {
	if l.LastVerified.IsZero() {
		return "No restore was ever shown."
	}
	return "Last shown on " + string(kind.DateOf(l.LastVerified)) + "."
}

func orNothing(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return strings.Join(list, "; ") + "."
}

func orWhich(list []string, none, some string) string {
	if len(list) == 0 {
		return none
	}
	return some + strings.Join(list, "; ") + "."
}

// needsAsset tells whether an asset rests on another, over all dependencies for which
// nothing else stands in.
func (s *survey) needsAsset(id, other string) bool {
	needs := map[string][]string{}
	for _, d := range every[isms.AssetDependency](s, isms.AssetDependencies) {
		if !d.Redundant {
			needs[d.AssetID] = append(needs[d.AssetID], d.NeedsID)
		}
	}
	seen, todo := map[string]bool{id: true}, []string{id}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		for _, to := range needs[at] {
			if to == other {
				return true
			}
			if !seen[to] {
				seen[to] = true
				todo = append(todo, to)
			}
		}
	}
	return false
}
