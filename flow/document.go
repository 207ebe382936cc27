package flow

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"holdfast/access"
	"holdfast/app"
	"holdfast/catalog"
	"holdfast/isms"
	"holdfast/kind"
)

// What became of a document that was to be written.
const (
	DocumentWritten   = "written"   // it is new
	DocumentProposed  = "proposed"  // a draft brings what changed in the data or the template
	DocumentUnchanged = "unchanged" // nothing to say that it does not say
	DocumentWaiting   = "waiting"   // a version is in review; the proposal comes when it is decided
)

// A WrittenDocument is what became of one template.
type WrittenDocument struct {
	Template string
	What     string
	Document *isms.Document
	Version  *isms.DocumentVersion // the draft that was written, or the newest version
	Before   string                // the text that stood before a proposal
	Kept     int                   // places that people had changed, which stay as they are
}

// templateLanguage is the language of the shipped templates.
const templateLanguage = "en-GB"

// maxVersions bounds how many versions of one document are looked at.
const maxVersions = kind.MaxLimit

func (f *Flow) documents() app.Repo[isms.Document] {
	return app.Of[isms.Document](f.app, isms.Documents)
}
func (f *Flow) versions() app.Repo[isms.DocumentVersion] {
	return app.Of[isms.DocumentVersion](f.app, isms.DocumentVersions)
}

// onBehalf is the product acting for somebody who may write every record of the
// kinds: it sets what nobody may type. The journal names the person.
func onBehalf(ctx context.Context, kinds ...*kind.Kind) (context.Context, access.Actor, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, actor, err
	}
	for _, k := range kinds {
		if actor.May(kind.Write, k) != access.All {
			return nil, actor, actor.Refuse(kind.Write, k)
		}
	}
	return AsMachine(ctx, actor), actor, nil
}

// WriteDocument writes the document of a template, filled with the organisation's own
// data. Written again it proposes a draft when the data or the template changed: what
// people edited stays. Over unchanged data it writes nothing.
func (f *Flow) WriteDocument(ctx context.Context, template string) (WrittenDocument, error) {
	list, err := f.writeDocuments(ctx, template)
	if err != nil {
		return WrittenDocument{}, err
	}
	return list[0], nil
}

// WriteDocuments writes the whole set in one go, all or nothing.
func (f *Flow) WriteDocuments(ctx context.Context) ([]WrittenDocument, error) {
	var ids []string
	for _, d := range f.cat.Documents {
		ids = append(ids, d.ID)
	}
	return f.writeDocuments(ctx, ids...)
}

func (f *Flow) writeDocuments(ctx context.Context, templates ...string) ([]WrittenDocument, error) {
	machine, actor, err := onBehalf(ctx, isms.Documents, isms.DocumentVersions)
	if err != nil {
		return nil, err
	}
	data, _, err := f.DocumentData(ctx)
	if err != nil {
		return nil, err
	}
	var out []WrittenDocument
	err = f.app.Atomic(machine, func(ctx context.Context) error {
		out = nil // a repeated transaction begins anew
		w, err := f.newWriter(ctx, actor, data)
		if err != nil {
			return err
		}
		for _, id := range templates {
			one, err := w.write(ctx, id)
			if err != nil {
				return fmt.Errorf("document %s: %w", id, err)
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

// A writer holds what is the same for all documents of one go.
type writer struct {
	*Flow
	author       string // id of the person
	data         catalog.DocumentData
	owner        string
	approver     string
	requirements map[string]string // framework:code of adopted frameworks → id
}

func (f *Flow) newWriter(ctx context.Context, actor access.Actor, data catalog.DocumentData) (*writer, error) {
	w := &writer{Flow: f, author: actor.ID, data: data, requirements: map[string]string{}}
	if actor.ID != "" {
		if _, err := app.Of[isms.Person](f.app, isms.People).Get(ctx, actor.ID); err != nil {
			if kind.CodeOf(err) != kind.NotFound {
				return nil, err
			}
			w.author = "" // acts here, but is not in the register
		}
	}
	orgs, err := app.Of[isms.Organisation](f.app, isms.Organisations).List(ctx, kind.Query{Sort: "created_at", Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(orgs) > 0 {
		w.owner = orgs[0].SecurityLeadID
		if w.approver, err = f.whoDecides(ctx, orgs[0].ExecutiveID); err != nil {
			return nil, err
		}
	}
	frameworks, err := app.Of[isms.Framework](f.app, isms.Frameworks).All(ctx, adoptedFrameworks())
	if err != nil {
		return nil, err
	}
	for _, fw := range frameworks {
		if fw.Catalogue == "" {
			continue
		}
		list, err := app.Of[isms.Requirement](f.app, isms.Requirements).All(ctx, kind.Query{}.Where("framework_id", fw.ID))
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			w.requirements[fw.Catalogue+":"+r.Code] = r.ID
		}
	}
	return w, nil
}

// whoDecides is the person when they can decide here; empty: they have no part in the
// product, and a document that names them could never be approved.
func (f *Flow) whoDecides(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	p, err := app.Of[isms.Person](f.app, isms.People).Get(ctx, id)
	if kind.CodeOf(err) == kind.NotFound {
		return "", nil
	}
	if err != nil || p.Status != isms.PersonActive || !slices.Contains(p.Roles, isms.RoleApprover) && !slices.Contains(p.Roles, isms.RoleAdministrator) {
		return "", err
	}
	return id, nil
}

func (w *writer) write(ctx context.Context, id string) (WrittenDocument, error) {
	t, ok := w.cat.Document(id)
	if !ok {
		return WrittenDocument{}, kind.Errorf(kind.NotFound, "there is no template %q", id)
	}
	text, err := t.Fill(w.data)
	if err != nil {
		return WrittenDocument{}, err
	}
	out := WrittenDocument{Template: id, What: DocumentUnchanged}
	found, err := w.documents().List(ctx, kind.Query{Sort: "created_at", Limit: 1}.Where("template", id).With("status", kind.Not, string(isms.DocumentWithdrawn)))
	if err != nil {
		return out, err
	}
	if len(found) == 0 {
		err = w.begin(ctx, t, text, &out)
	} else {
		out.Document = found[0]
		err = w.again(ctx, text, &out)
	}
	if err != nil {
		return out, err
	}
	return out, w.link(ctx, t, out.Document)
}

// begin makes a document with its first draft.
func (w *writer) begin(ctx context.Context, t *catalog.Document, text string, out *WrittenDocument) error {
	d := &isms.Document{
		Base: isms.Base{Title: t.Title, Origin: "catalogue"}, Type: isms.DocumentType(t.Kind), OwnerID: w.owner, ApproverID: w.approver,
		Summary: isms.Markdown(t.About), Audience: []string{t.Audience}, MustRead: t.Audience == "everybody", ReviewEvery: t.ReviewMonths * 365 / 12,
		Template: t.ID, Language: templateLanguage,
	}
	if _, err := w.documents().Get(ctx, t.ID); kind.CodeOf(err) == kind.NotFound {
		d.Key = t.ID // as long as nothing else has it
	}
	if err := w.documents().Save(ctx, d); err != nil {
		return err
	}
	out.What, out.Document = DocumentWritten, d
	out.Version = &isms.DocumentVersion{Base: isms.Base{Key: StableKey(d.Key, "1.0"), Title: t.Title + " 1.0", Origin: "catalogue"}, DocumentID: d.ID, Number: "1.0", AuthorID: w.author,
		Body: isms.Markdown(text), Generated: isms.Markdown(text), ChangeNote: "Written from the template “" + t.Title + "”."}
	return w.versions().Save(ctx, out.Version)
}

// again proposes what changed since the document was written.
func (w *writer) again(ctx context.Context, text string, out *WrittenDocument) error {
	list, err := w.VersionsOf(ctx, out.Document.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	v := list[0]
	out.Version = v
	switch {
	case v.Generated == "" || string(v.Generated) == text: // by hand, or nothing new
		return nil
	case v.Status == isms.VersionInReview || v.Status == isms.VersionApproved:
		out.What = DocumentWaiting
		return nil
	}
	merged, kept := mergeTexts(string(v.Generated), string(v.Body), text)
	out.What, out.Before, out.Kept = DocumentProposed, string(v.Body), kept
	if v.Status != isms.VersionDraft {
		v = &isms.DocumentVersion{Base: isms.Base{Origin: "catalogue"}, DocumentID: out.Document.ID, Number: freeNumber(list), AuthorID: w.author}
		v.Title, v.Key = out.Document.Title+" "+v.Number, StableKey(out.Document.Key, v.Number)
		v.ChangeNote = "Proposed, because the organisation's data or the template changed." + keptWords(kept)
	}
	v.Body, v.Generated = isms.Markdown(merged), isms.Markdown(text)
	out.Version = v
	return w.versions().Save(ctx, v)
}

func keptWords(kept int) string {
	switch kept {
	case 0:
		return ""
	case 1:
		return " One place that people had changed was kept as it is."
	}
	return " " + strconv.Itoa(kept) + " places that people had changed were kept as they are."
}

// link joins the document with the requirements of adopted frameworks that it answers
// and with the safeguards that it describes, as far as they are in the registers.
func (w *writer) link(ctx context.Context, t *catalog.Document, d *isms.Document) error {
	for _, ref := range t.Meets {
		if id := w.requirements[ref]; id != "" {
			if err := w.app.Link(ctx, isms.Documents, d.ID, "implements", id); err != nil {
				return err
			}
		}
	}
	for _, key := range t.Safeguards {
		s, err := w.safeguards.Get(ctx, key)
		if kind.CodeOf(err) == kind.NotFound || err == nil && !s.DeletedAt.IsZero() {
			continue
		}
		if err == nil {
			err = w.app.Link(ctx, isms.Documents, d.ID, "describes", s.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// VersionsOf lists the versions of a document, newest first.
func (f *Flow) VersionsOf(ctx context.Context, documentID string) ([]*isms.DocumentVersion, error) {
	list, err := f.versions().List(ctx, kind.Query{Sort: "-created_at", Limit: maxVersions}.Where("document_id", documentID))
	slices.SortStableFunc(list, func(a, b *isms.DocumentVersion) int { // what was made at one moment, by number
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return compareNumbers(b.Number, a.Number)
	})
	return list, err
}

// InForce finds the version of the list that holds now; nil: none does.
func InForce(list []*isms.DocumentVersion) *isms.DocumentVersion {
	if i := slices.IndexFunc(list, func(v *isms.DocumentVersion) bool { return v.Status == isms.VersionPublished }); i >= 0 {
		return list[i]
	}
	return nil
}

// freeNumber is the number after the highest: 1.4 → 1.5; what is no number gets one.
func freeNumber(list []*isms.DocumentVersion) string {
	highest := "0.9"
	for _, v := range list {
		if compareNumbers(v.Number, highest) > 0 {
			highest = v.Number
		}
	}
	major, minor, _ := strings.Cut(highest, ".")
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(minor)
	switch {
	case highest == "0.9":
		return "1.0"
	case errA != nil:
		return strconv.Itoa(len(list)+1) + ".0"
	case errB != nil:
		return strconv.Itoa(a) + ".1"
	}
	return strconv.Itoa(a) + "." + strconv.Itoa(b+1)
}

// compareNumbers compares part by part, as numbers where they are some.
func compareNumbers(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		p, q := partAt(x, i), partAt(y, i)
		if p != q {
			return p - q
		}
	}
	return strings.Compare(a, b)
}

func partAt(parts []string, i int) int {
	if i >= len(parts) {
		return -1
	}
	n, err := strconv.Atoi(parts[i])
	if err != nil {
		return -1
	}
	return n
}

// Revise begins a new draft of a document out of its newest version, or returns the
// draft that there is. A version that is in review or approved is in the way: Conflict.
func (f *Flow) Revise(ctx context.Context, documentIDOrKey string) (*isms.DocumentVersion, error) {
	machine, actor, err := onBehalf(ctx, isms.DocumentVersions)
	if err != nil {
		return nil, err
	}
	var out *isms.DocumentVersion
	err = f.app.Atomic(machine, func(ctx context.Context) error {
		d, err := f.documents().Get(ctx, documentIDOrKey)
		if err != nil {
			return err
		}
		list, err := f.VersionsOf(ctx, d.ID)
		if err != nil {
			return err
		}
		out = &isms.DocumentVersion{DocumentID: d.ID, Number: freeNumber(list)}
		if len(list) > 0 {
			newest := list[0]
			switch newest.Status {
			case isms.VersionDraft:
				out = newest
				return nil
			case isms.VersionInReview, isms.VersionApproved:
				return kind.Errorf(kind.Conflict, "version %s is %s; publish it or send it back to draft first", newest.Number, strings.ToLower(kind.Humanise(string(newest.Status))))
			}
			out.Body, out.Generated = newest.Body, newest.Generated
		}
		if _, err := app.Of[isms.Person](f.app, isms.People).Get(ctx, actor.ID); err == nil {
			out.AuthorID = actor.ID
		}
		out.Title, out.Key = d.Title+" "+out.Number, StableKey(d.Key, out.Number)
		out.Origin = "person"
		return f.versions().Save(ctx, out)
	})
	return out, err
}

// Pair finds two versions of a document to compare, by number or id. Without a choice
// they are the one in force, or the one before, and the newest.
func Pair(list []*isms.DocumentVersion, from, to string) (old, new *isms.DocumentVersion, err error) {
	if len(list) == 0 {
		return nil, nil, kind.Errorf(kind.NotFound, "the document has no version yet")
	}
	new, old = list[0], list[min(1, len(list)-1)]
	if holds := InForce(list); holds != nil && holds != new {
		old = holds
	}
	for _, c := range []struct {
		name string
		at   **isms.DocumentVersion
	}{{from, &old}, {to, &new}} {
		if c.name == "" {
			continue
		}
		i := slices.IndexFunc(list, func(v *isms.DocumentVersion) bool { return v.ID == c.name || v.Number == c.name })
		if i < 0 {
			return nil, nil, kind.Errorf(kind.NotFound, "there is no version %q", c.name)
		}
		*c.at = list[i]
	}
	return old, new, nil
}
