package flow

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

const (
	usualReading = 14 // days to read a document that says nothing else
	remindBefore = 3  // days before the last day
	remindEvery  = 7  // days between two reminders of the same person
	maxReminders = 8
)

// A Campaign asks people to read and accept published documents.
type Campaign struct {
	Name      string
	Documents []string  // ids or keys; the version that holds now is asked for
	Audience  []string  // everybody, teams, roles; empty: whom each document names
	Due       kind.Date // empty: as each document says
	Standing  bool      // whoever joins later is asked too, and each new version anew
}

// Asked says what a campaign did.
type Asked struct {
	Asked   int // people × documents that were asked now
	Already int // were asked or had accepted before
}

func (f *Flow) acknowledgements() app.Repo[isms.Acknowledgement] {
	return app.Of[isms.Acknowledgement](f.app, isms.Acknowledgements)
}

// StartCampaign asks everybody in the audience who was not asked yet, in one
// transaction. Started again with the same name it asks whoever is new.
func (f *Flow) StartCampaign(ctx context.Context, c Campaign) (Asked, error) {
	machine, _, err := onBehalf(ctx, isms.Acknowledgements)
	if err != nil {
		return Asked{}, err
	}
	if strings.TrimSpace(c.Name) == "" {
		return Asked{}, kind.Fieldf("name", "give the campaign a name, so that people find it again")
	}
	if len(c.Documents) == 0 {
		return Asked{}, kind.Fieldf("documents", "choose at least one document")
	}
	if c.Due != "" && c.Due < kind.DateOf(f.app.Now()) {
		return Asked{}, kind.Fieldf("due", "lies in the past")
	}
	var total Asked
	err = f.app.Atomic(machine, func(ctx context.Context) error {
		total = Asked{}
		for _, id := range c.Documents {
			one, err := f.campaignFor(ctx, c, id)
			if err != nil {
				return err
			}
			total.Asked, total.Already = total.Asked+one.Asked, total.Already+one.Already
		}
		return nil
	})
	return total, err
}

func (f *Flow) campaignFor(ctx context.Context, c Campaign, id string) (Asked, error) {
	d, err := f.documents().Get(ctx, id)
	if err != nil {
		return Asked{}, err
	}
	list, err := f.VersionsOf(ctx, d.ID)
	if err != nil {
		return Asked{}, err
	}
	v := InForce(list)
	if v == nil || d.Status != isms.DocumentPublished {
		return Asked{}, kind.Fieldf("documents", "“%s” is not published; only what holds can be accepted", d.Title)
	}
	if c.Standing {
		d.MustRead = true
		if len(c.Audience) > 0 {
			d.Audience = c.Audience
		}
		if err := f.documents().Save(ctx, d); err != nil {
			return Asked{}, err
		}
	}
	return f.askReaders(ctx, d, v, reading{name: c.Name, audience: c.Audience, due: c.Due})
}

// A reading is what a campaign says beyond the document; empty: as the document says.
type reading struct {
	name     string
	audience []string
	due      kind.Date
}

// askReaders makes the acknowledgements that are missing.
func (f *Flow) askReaders(machine context.Context, d *isms.Document, v *isms.DocumentVersion, r reading) (Asked, error) {
	if len(r.audience) == 0 {
		r.audience = d.Audience
	}
	readers, err := f.Audience(machine, r.audience)
	if err != nil {
		return Asked{}, err
	}
	known, err := f.acknowledgements().All(machine, kind.Query{Sort: "created_at"}.Where("document_version_id", v.ID))
	if err != nil {
		return Asked{}, err
	}
	usual := d.Title + " " + v.Number
	asked := map[string]*isms.Acknowledgement{}
	for _, a := range known {
		asked[a.PersonID] = a
		if r.name == "" {
			r.name = a.Campaign
		}
	}
	if r.due == "" {
		r.due = kind.DateOf(f.app.Now().AddDate(0, 0, cmp.Or(d.ReadWithin, usualReading)))
	}
	var out Asked
	for _, p := range readers {
		if a := asked[p.ID]; a != nil {
			out.Already++
			if err := f.takeInto(machine, a, r, usual); err != nil {
				return out, err
			}
			continue
		}
		a := &isms.Acknowledgement{
			Base:              isms.Base{Key: StableKey("read", d.Key, v.Number, p.Key), Title: prose.Cut("Read and accept “"+d.Title+"”", 300), Origin: "person"},
			DocumentVersionID: v.ID, PersonID: p.ID, Due: r.due, Campaign: cmp.Or(r.name, usual),
		}
		if _, err := f.acknowledgements().Get(machine, a.Key); kind.CodeOf(err) != kind.NotFound {
			if err != nil {
				return out, err
			}
			out.Already++ // lies in the bin: somebody took it away on purpose
			continue
		}
		if err := f.acknowledgements().Save(machine, a); err != nil {
			return out, err
		}
		out.Asked++
	}
	return out, nil
}

// takeInto makes what the publication asked for by itself part of a campaign, as long as
// nobody has answered.
func (f *Flow) takeInto(machine context.Context, a *isms.Acknowledgement, r reading, usual string) error {
	if a.Status != isms.AcknowledgementAsked || a.Campaign != usual || r.name == "" || r.name == usual {
		return nil
	}
	a.Campaign, a.Due = r.name, r.due
	return f.acknowledgements().Save(machine, a)
}

// Audience resolves words to the people they mean: everybody (also everyone, all), a
// team by name or key with the teams below it, a role in the product, a job title, or
// one of the words of the shipped templates (engineers, managers, administrators). No
// words mean everybody. People who left and service accounts are never among them, and
// externals only when they are named by team, role or title.
func (f *Flow) Audience(ctx context.Context, words []string) ([]*isms.Person, error) {
	if len(words) == 0 {
		words = []string{"everybody"}
	}
	people, err := app.Of[isms.Person](f.app, isms.People).All(ctx, kind.Query{Sort: "title"}.Where("status", string(isms.PersonActive)).With("employment", kind.Not, "service"))
	if err != nil {
		return nil, err
	}
	teams, err := app.Of[isms.Team](f.app, isms.Teams).All(ctx, kind.Query{Sort: "title"}.Where("status", string(isms.TeamActive)))
	if err != nil {
		return nil, err
	}
	chosen := map[string]bool{}
	var bad []kind.FieldError
	for _, word := range words {
		ok, err := f.audienceOf(ctx, word, people, teams, chosen)
		if err != nil {
			return nil, err
		}
		if !ok {
			bad = append(bad, kind.FieldError{Field: "audience", Message: "“" + word + "” is no team, role or job title here; write everybody, or the name of a team"})
		}
	}
	if bad != nil {
		return nil, kind.InvalidFields(bad)
	}
	return slices.DeleteFunc(people, func(p *isms.Person) bool { return !chosen[p.ID] }), nil
}

func (f *Flow) audienceOf(ctx context.Context, word string, people []*isms.Person, teams []*isms.Team, chosen map[string]bool) (known bool, err error) {
	is := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return n != "" && strings.EqualFold(strings.TrimSpace(word), n) })
	}
	if is("everybody", "everyone", "all") {
		for _, p := range people {
			chosen[p.ID] = chosen[p.ID] || p.Employment != "external"
		}
		return true, nil
	}
	leads := map[string]bool{}
	for _, p := range people {
		leads[p.ManagerID] = true
	}
	for _, t := range teams {
		leads[t.LeadID] = true
		if is(t.Title, t.Key) {
			known = true
			if err := f.members(ctx, t, teams, chosen, 0); err != nil {
				return known, err
			}
		}
	}
	known = known || is("engineers", "managers", "administrators")
	for _, c := range isms.Roles(nil).Choices() {
		known = known || is(c.Value, c.Label, kind.Humanise(c.Value))
	}
	for _, p := range people {
		has := func(role string) bool { return slices.Contains(p.Roles, role) }
		role := slices.ContainsFunc(p.Roles, func(r string) bool { return is(r, kind.Humanise(r)) })
		known = known || is(p.RoleTitle)
		if role || is(p.RoleTitle) || is("engineers") && has(isms.RoleContributor) || is("managers") && (leads[p.ID] || has(isms.RoleApprover)) ||
			is("administrators") && (has(isms.RoleAdministrator) || has(isms.RoleSecurityLead)) {
			chosen[p.ID] = true
		}
	}
	return known, nil
}

// maxTeamDepth ends a walk through teams that contain each other.
const maxTeamDepth = 8

func (f *Flow) members(ctx context.Context, t *isms.Team, teams []*isms.Team, chosen map[string]bool, depth int) error {
	rel, err := f.app.Relation(isms.Teams, "has member")
	if err != nil {
		return err
	}
	list, err := app.Of[isms.Person](f.app, isms.People).Linked(ctx, rel, t.ID)
	if err != nil {
		return err
	}
	for _, p := range list {
		chosen[p.ID] = true
	}
	if t.LeadID != "" {
		chosen[t.LeadID] = true
	}
	for _, below := range teams {
		if below.ParentID == t.ID && depth < maxTeamDepth {
			if err := f.members(ctx, below, teams, chosen, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// A Progress is how far one campaign has come with one version.
type Progress struct {
	Name     string
	Document *isms.Document
	Version  *isms.DocumentVersion
	Due      kind.Date
	Total    int // without the excused
	Accepted int
	Declined int
	Excused  int
	Open     int
	Overdue  int
	Readers  []Reader // the missing first
}

// A Reader is one person in a campaign.
type Reader struct {
	Person          *isms.Person
	Acknowledgement *isms.Acknowledgement
	Overdue         bool
}

// Share of those asked who accepted, 0 to 1.
func (p Progress) Share() float64 { return float64(p.Accepted) / float64(max(p.Total, 1)) }

// Campaigns tells how far acknowledgements have come: of one document, or of all when
// the id is empty; newest first.
func (f *Flow) Campaigns(ctx context.Context, documentID string) ([]Progress, error) {
	versions := map[string]*isms.DocumentVersion{}
	vq := kind.Query{Sort: "-created_at"}
	if documentID != "" {
		vq = vq.Where("document_id", documentID)
	}
	known, err := f.versions().All(ctx, vq)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, v := range known {
		versions[v.ID] = v
		ids = append(ids, v.ID)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	aq := kind.Query{Sort: "-created_at"}
	if documentID != "" {
		aq = aq.Where("document_version_id", ids...)
	}
	list, err := f.acknowledgements().All(ctx, aq)
	if err != nil {
		return nil, err
	}
	return f.progress(ctx, list, versions)
}

func (f *Flow) progress(ctx context.Context, list []*isms.Acknowledgement, versions map[string]*isms.DocumentVersion) ([]Progress, error) {
	var people, documents []string
	for _, a := range list {
		people = append(people, a.PersonID)
		if v := versions[a.DocumentVersionID]; v != nil {
			documents = append(documents, v.DocumentID)
		}
	}
	who, err := f.app.Many(ctx, isms.People, uniqueIDs(people))
	if err != nil {
		return nil, err
	}
	what, err := f.app.Many(ctx, isms.Documents, uniqueIDs(documents))
	if err != nil {
		return nil, err
	}
	today := kind.DateOf(f.app.Now())
	index := map[string]int{}
	var out []Progress
	for _, a := range list {
		v := versions[a.DocumentVersionID]
		p, _ := who[a.PersonID].(*isms.Person)
		if v == nil || p == nil {
			continue
		}
		d, _ := what[v.DocumentID].(*isms.Document)
		if d == nil {
			continue
		}
		name := a.Campaign + "\x00" + v.ID
		i, ok := index[name]
		if !ok {
			i = len(out)
			index[name] = i
			out = append(out, Progress{Name: a.Campaign, Document: d, Version: v})
		}
		out[i].count(p, a, today)
	}
	for i := range out {
		slices.SortStableFunc(out[i].Readers, func(a, b Reader) int {
			if c := a.rank() - b.rank(); c != 0 {
				return c
			}
			return strings.Compare(a.Person.Title, b.Person.Title)
		})
	}
	return out, nil
}

func (p *Progress) count(who *isms.Person, a *isms.Acknowledgement, today kind.Date) {
	r := Reader{Person: who, Acknowledgement: a}
	switch a.Status {
	case isms.AcknowledgementAccepted:
		p.Accepted++
	case isms.AcknowledgementDeclined:
		p.Declined++
	case isms.AcknowledgementExcused:
		p.Excused++
	default:
		p.Open++
		if r.Overdue = a.Due != "" && a.Due < today; r.Overdue {
			p.Overdue++
		}
	}
	if a.Status != isms.AcknowledgementExcused {
		p.Total++
	}
	p.Due = max(p.Due, a.Due)
	p.Readers = append(p.Readers, r)
}

// rank puts whoever is missing first.
func (r Reader) rank() int {
	switch {
	case r.Overdue:
		return 0
	case r.Acknowledgement.Status == isms.AcknowledgementAsked:
		return 1
	case r.Acknowledgement.Status == isms.AcknowledgementDeclined:
		return 2
	case r.Acknowledgement.Status == isms.AcknowledgementAccepted:
		return 3
	}
	return 4
}

func uniqueIDs(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
