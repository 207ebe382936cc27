package page

import (
	"strings"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// A documentView is the page of one document with one of its versions.
type documentView struct {
	*web.Request
	figures
	document  *isms.Document
	versions  []*isms.DocumentVersion
	version   *isms.DocumentVersion // shown; nil: there is none
	text      prose
	people    map[string]string
	consents  []*isms.Approval
	progress  []flow.Progress
	comments  []*isms.Comment
	answers   []kind.Record // requirements
	describes []kind.Record // safeguards
	mine      *isms.Acknowledgement
	file      *isms.Attachment // that is the text of the version; nil: it was written here
	today     kind.Date
	making    bool // may see what is in the making
}

func documentURL(d *isms.Document) string {
	return web.RecordURL(isms.Documents, firstWord(d.Key, d.ID))
}

// firstWord is the key unless it cannot stand in an address.
func firstWord(key, id string) string {
	if key == "" || strings.ContainsAny(key, "/:@#+~=") || key == "new" || key == "write" || key == "preview" {
		return id
	}
	return key
}

func documentCrumbs(d *isms.Document) []ui.Crumb {
	return []ui.Crumb{{Label: web.GroupName(kind.Govern)}, {Label: "Documents", Href: "/documents"}, {Label: d.Title, Href: documentURL(d)}}
}

// documentOf reads the document of the address with its versions, as far as the
// visitor may see them: staff sees what holds or held.
func (c Config) documentOf(r *web.Request) (*isms.Document, []*isms.DocumentVersion, error) {
	rec, err := r.App().Get(r.Ctx(), isms.Documents, r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	d := rec.(*isms.Document)
	list, err := c.Flow.VersionsOf(r.Ctx(), d.ID)
	if err != nil || seesMaking(r.Actor) {
		return d, list, err
	}
	var held []*isms.DocumentVersion
	for _, v := range list {
		if v.Status == isms.VersionPublished || v.Status == isms.VersionSuperseded {
			held = append(held, v)
		}
	}
	if held == nil {
		return nil, nil, kind.Errorf(kind.NotFound, "there is no document %q", r.PathValue("id"))
	}
	return d, held, nil
}

// documentPage shows a document: the version asked for, the one in the making to those
// who work on it, or the one that holds.
func (c Config) documentPage(r *web.Request) error {
	d, list, err := c.documentOf(r)
	if err != nil {
		return err
	}
	v := &documentView{Request: r, figures: figures{r.Format}, document: d, versions: list, today: r.Format.Today(r.Now()), making: seesMaking(r.Actor)}
	if v.version = versionAmong(list, r.FormValue("v")); v.version == nil {
		v.version = flow.InForce(list)
	}
	if v.version == nil && len(list) > 0 {
		v.version = list[0]
	}
	if err := c.fillDocument(v); err != nil {
		return err
	}
	r.Crumbs(documentCrumbs(d)[:2]...)
	return r.Render(d.Title, documentBody(v))
}

// fillDocument reads what stands around the text.
func (c Config) fillDocument(v *documentView) (err error) {
	if v.version != nil {
		if v.text, err = newProse(string(v.version.Body)); err != nil {
			return err
		}
		if err := v.readConsents(); err != nil {
			return err
		}
		if err := v.readComments(); err != nil {
			return err
		}
		if v.file, err = c.Flow.OwnFile(v.Ctx(), v.version); err != nil {
			return err
		}
	}
	if v.making {
		if v.progress, err = c.Flow.Campaigns(v.Ctx(), v.document.ID); err != nil {
			return err
		}
		if v.answers, err = v.linked("implements"); err != nil {
			return err
		}
		if v.describes, err = v.linked("describes"); err != nil {
			return err
		}
	}
	if err := v.readMine(); err != nil {
		return err
	}
	return v.readPeople()
}

// maxLinked bounds the linked records that the page lists.
const maxLinked = 200

func (v *documentView) linked(relation string) ([]kind.Record, error) {
	rel, err := v.App().Relation(isms.Documents, relation)
	if err != nil || v.Actor.May(kind.Read, rel.Other) != access.All {
		return nil, err
	}
	return v.App().Linked(v.Ctx(), rel, v.document.ID, maxLinked)
}

func (v *documentView) readConsents() error {
	if !v.making {
		return nil
	}
	var err error
	v.consents, err = app.Of[isms.Approval](v.App(), isms.Approvals).All(v.Ctx(), kind.Query{Sort: "-created_at"}.
		Where("subject_kind", isms.DocumentVersions.Name).Where("subject_key", v.version.Key))
	return err
}

// maxTalk bounds the comments on a page.
const maxTalk = 200

func (v *documentView) readComments() error {
	if !v.making || v.Actor.May(kind.Read, isms.Comments) != access.All {
		return nil
	}
	page, err := v.App().List(v.Ctx(), isms.Comments, kind.Query{Sort: "created_at", Limit: maxTalk}.
		Where("subject_kind", isms.DocumentVersions.Name).Where("subject_id", v.version.ID))
	for _, rec := range page.Records {
		v.comments = append(v.comments, rec.(*isms.Comment))
	}
	return err
}

// readMine finds whether the visitor is asked to accept the version shown.
func (v *documentView) readMine() error {
	if v.version == nil || v.Actor.ID == "" || !v.MaySome(kind.Read, isms.Acknowledgements) {
		return nil
	}
	page, err := v.App().List(v.Ctx(), isms.Acknowledgements, kind.Query{Limit: 1}.
		Where("document_version_id", v.version.ID).Where("person_id", v.Actor.ID))
	if err == nil && len(page.Records) > 0 {
		v.mine = page.Records[0].(*isms.Acknowledgement)
	}
	return err
}

func (v *documentView) readPeople() error {
	ids := []string{v.document.OwnerID, v.document.ApproverID}
	for _, x := range v.versions {
		ids = append(ids, x.AuthorID, x.ApprovedBy)
	}
	for _, a := range v.consents {
		ids = append(append(ids, a.ApproverID, a.AskedBy), a.ApprovedBy...)
	}
	var asked []string
	for _, id := range ids {
		if id != "" {
			asked = append(asked, id)
		}
	}
	found, err := v.App().Many(v.Ctx(), isms.People, asked)
	v.people = map[string]string{}
	for id, p := range found {
		v.people[id] = p.GetBase().Title
	}
	return err
}

// name of a person; an id that is not in the register is shown as somebody.
func (v *documentView) name(id string) string {
	if n := v.people[id]; n != "" {
		return n
	}
	return "somebody who is not in the register"
}

// url of the page with the version shown.
func (v *documentView) url() string {
	if v.version == nil {
		return documentURL(v.document)
	}
	return link(documentURL(v.document), "v", v.version.Number)
}

func (v *documentView) versionURL() string {
	return web.RecordURL(isms.DocumentVersions, v.version.ID)
}

// do is the address of an action on the version that comes back here.
func (v *documentView) do(action string) string { return v.versionURL() + "/do/" + action }

func (v *documentView) back() ui.Hidden { return ui.Hidden{Name: "back", Value: v.url()} }

func (v *documentView) mayWrite() bool {
	return writesDocuments(v.Actor) && v.document.DeletedAt.IsZero()
}

func (v *documentView) mayApprove() bool { return v.May(kind.Approve, isms.DocumentVersions) }

// open is the consent that is still asked for; nil: none is.
func (v *documentView) open() *isms.Approval {
	for _, a := range v.consents {
		if a.Status == isms.ApprovalPending {
			return a
		}
	}
	return nil
}

// mayAnswer tells whether the visitor is asked for the consent.
func (v *documentView) mayAnswer(a *isms.Approval) bool {
	if !v.May(kind.Approve, isms.Approvals) || a.FourEyes && a.AskedBy == v.Actor.ID {
		return false
	}
	for _, id := range a.ApprovedBy {
		if id == v.Actor.ID {
			return false
		}
	}
	return a.ApproverID == "" || a.Quorum > 1 || a.ApproverID == v.Actor.ID || a.DelegatedTo == v.Actor.ID
}

// newer is a version in the making beside the one shown; nil: there is none.
func (v *documentView) newer() *isms.DocumentVersion {
	if v.version == nil || len(v.versions) == 0 || v.versions[0] == v.version {
		return nil
	}
	switch v.versions[0].Status {
	case isms.VersionDraft, isms.VersionInReview, isms.VersionApproved:
		return v.versions[0]
	}
	return nil
}

// due tells whether the review has come.
func (v *documentView) due() bool {
	return v.document.Status == isms.DocumentPublished && v.document.ReviewBy != "" && v.document.ReviewBy <= v.today
}

// versionWord is the state of a version as people read it.
func versionWord(v *isms.DocumentVersion) string {
	return map[isms.VersionStatus]string{isms.VersionDraft: "draft", isms.VersionInReview: "in review", isms.VersionApproved: "approved",
		isms.VersionPublished: "in force", isms.VersionSuperseded: "replaced"}[v.Status]
}

func versionStage(v *isms.DocumentVersion) ui.Stage {
	return map[isms.VersionStatus]ui.Stage{isms.VersionDraft: ui.Todo, isms.VersionInReview: ui.Doing, isms.VersionApproved: ui.Doing,
		isms.VersionPublished: ui.Done, isms.VersionSuperseded: ui.Stopped}[v.Status]
}

// steps are the life of the version shown.
func (v *documentView) steps() []ui.Step {
	x := v.version
	at := map[isms.VersionStatus]int{isms.VersionDraft: 0, isms.VersionInReview: 1, isms.VersionApproved: 2, isms.VersionPublished: 4, isms.VersionSuperseded: 4}[x.Status]
	steps := []ui.Step{{Label: "Draft", Detail: v.people[x.AuthorID]}, {Label: "Review", Detail: v.consentWords()}, {Label: "Publication", Detail: v.people[x.ApprovedBy]}, {Label: "In force", Detail: string(x.HoldsFrom)}}
	for i := range steps {
		switch {
		case i < at:
			steps[i].Stage = ui.Done
		case i == at:
			steps[i].Stage = ui.Doing
		default:
			steps[i].Stage = ui.Todo
		}
	}
	return steps
}

func (v *documentView) consentWords() string {
	a := v.open()
	switch {
	case a == nil:
		return ""
	case a.Quorum > 1:
		return v.format.Count(int64(len(a.ApprovedBy))) + " of " + v.format.Count(int64(a.Quorum)) + " agreed"
	case a.ApproverID != "":
		return "asked: " + v.name(a.ApproverID)
	}
	return "anybody who may approve"
}

// toVersion leads from the address of a version to the page of its document.
func (c Config) toVersion(r *web.Request) error {
	rec, err := r.App().Get(r.Ctx(), isms.DocumentVersions, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := rec.(*isms.DocumentVersion)
	d, err := r.App().Get(r.Ctx(), isms.Documents, v.DocumentID)
	if err != nil {
		return err
	}
	return r.Redirect(link(documentURL(d.(*isms.Document)), "v", v.ID))
}
