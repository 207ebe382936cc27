package api

import (
	"net/http"

	"holdfast/api/client"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// documentSet lists what there is and what is not written.
func (a *api) documentSet(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	cards, err := a.Flow.DocumentSet(r.Context())
	if err != nil {
		return err
	}
	list := []client.DocumentCard{}
	for _, c := range cards {
		one := client.DocumentCard{Title: c.Title(), State: string(c.State)}
		if c.Template != nil {
			one.Template = c.Template.ID
		}
		if c.Document != nil {
			one.Key, one.ReviewBy = c.Document.Key, string(c.Document.ReviewBy)
		}
		if c.InForce != nil {
			one.InForce = c.InForce.Number
		}
		if c.Open != nil {
			one.Open = c.Open.Number
		}
		list = append(list, one)
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", -1))
}

// writeDocuments writes one document from its template, or the whole set.
func (a *api) writeDocuments(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.WriteInput
	if err := decode(w, r, &in); err != nil {
		return err
	}
	var written []flow.WrittenDocument
	var err error
	if in.Template == "" {
		written, err = a.Flow.WriteDocuments(r.Context())
	} else {
		var one flow.WrittenDocument
		one, err = a.Flow.WriteDocument(r.Context(), in.Template)
		written = []flow.WrittenDocument{one}
	}
	if err != nil {
		return err
	}
	list := []client.WrittenDocument{}
	for _, d := range written {
		one := client.WrittenDocument{Template: d.Template, What: d.What, Key: d.Document.Key, Title: d.Document.Title, Kept: d.Kept}
		if d.Version != nil {
			one.Number = d.Version.Number
		}
		if d.What == flow.DocumentProposed {
			one.Diff = flow.Unified(d.Document.Key+" before", d.Document.Key+" "+d.Version.Number, d.Before, string(d.Version.Body))
		}
		list = append(list, one)
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", -1))
}

// reviseDocument begins a new draft, or answers the one there is.
func (a *api) reviseDocument(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	v, err := a.Flow.Revise(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return a.answerVersion(w, v)
}

func (a *api) answerVersion(w http.ResponseWriter, v *isms.DocumentVersion) error {
	text, err := isms.DocumentVersions.Encode(v)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, text)
}

// submitVersion sends a draft to review and asks for consent to it.
func (a *api) submitVersion(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.SubmitInput
	if err := decode(w, r, &in); err != nil {
		return err
	}
	until, err := kind.ParseDate(in.Expires)
	if err != nil {
		return kind.Fieldf("expires", "%v", err)
	}
	v, err := a.Flow.SubmitVersion(r.Context(), r.PathValue("id"), 0, flow.Consent{ApproverID: in.ApproverID, CommitteeID: in.CommitteeID, Quorum: in.Quorum, FourEyes: in.FourEyes, Expires: until, Why: in.Why})
	if err != nil {
		return err
	}
	return a.answerVersion(w, v)
}

// publishDocument takes the newest version into force.
func (a *api) publishDocument(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var none struct{}
	if err := decode(w, r, &none); err != nil {
		return err
	}
	v, err := a.Flow.PublishDocument(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	d, err := a.App.Get(r.Context(), isms.Documents, v.DocumentID)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.WrittenDocument{Template: d.(*isms.Document).Template, What: "published", Key: d.GetBase().Key, Title: d.GetBase().Title, Number: v.Number})
}

// documentDifference tells two versions of a document apart.
func (a *api) documentDifference(w http.ResponseWriter, r *http.Request) error {
	q, err := params(r, "from", "to")
	if err != nil {
		return err
	}
	d, err := a.App.Get(r.Context(), isms.Documents, r.PathValue("id"))
	if err != nil {
		return err
	}
	list, err := a.Flow.VersionsOf(r.Context(), d.GetBase().ID)
	if err != nil {
		return err
	}
	from, to, err := flow.Pair(list, q.Get("from"), q.Get("to"))
	if err != nil {
		return err
	}
	key := d.GetBase().Key
	diff := flow.Compare(string(from.Body), string(to.Body))
	return answer(w, http.StatusOK, client.DocumentDiff{From: from.Number, To: to.Number, Added: diff.Added, Removed: diff.Removed,
		Unified: flow.Unified(key+" "+from.Number, key+" "+to.Number, string(from.Body), string(to.Body))})
}

// startCampaign asks people to read.
func (a *api) startCampaign(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.CampaignInput
	if err := decode(w, r, &in); err != nil {
		return err
	}
	due, err := kind.ParseDate(in.Due)
	if err != nil {
		return kind.Fieldf("due", "%v", err)
	}
	out, err := a.Flow.StartCampaign(r.Context(), flow.Campaign{Name: in.Name, Documents: in.Documents, Audience: in.Audience, Due: due, Standing: in.Standing})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.Asked{Asked: out.Asked, Already: out.Already})
}

// campaigns tells how far readings have come.
func (a *api) campaigns(w http.ResponseWriter, r *http.Request) error {
	q, err := params(r, "document")
	if err != nil {
		return err
	}
	id := ""
	if key := q.Get("document"); key != "" {
		d, err := a.App.Get(r.Context(), isms.Documents, key)
		if err != nil {
			return err
		}
		id = d.GetBase().ID
	}
	progress, err := a.Flow.Campaigns(r.Context(), id)
	if err != nil {
		return err
	}
	list := []client.Campaign{}
	for _, p := range progress {
		one := client.Campaign{Name: p.Name, Document: p.Document.Key, Title: p.Document.Title, Version: p.Version.Number, Due: string(p.Due), Total: p.Total, Accepted: p.Accepted,
			Declined: p.Declined, Excused: p.Excused, Open: p.Open, Overdue: p.Overdue, Readers: []client.Reader{}}
		for _, x := range p.Readers {
			r := client.Reader{Person: x.Person.Key, Name: x.Person.Title, Email: x.Person.Email, State: string(x.Acknowledgement.Status), Due: string(x.Acknowledgement.Due), SHA256: x.Acknowledgement.SHA256}
			if !x.Acknowledgement.AcceptedAt.IsZero() {
				r.AcceptedAt = kind.FormatTime(x.Acknowledgement.AcceptedAt)
			}
			one.Readers = append(one.Readers, r)
		}
		list = append(list, one)
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", -1))
}

// my lists what the caller is asked to do.
func (a *api) my(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	todos, err := a.Flow.Mine(r.Context())
	if err != nil {
		return err
	}
	list := []client.Todo{}
	for _, t := range todos {
		list = append(list, client.Todo{What: string(t.What), Kind: t.Kind.Name, ID: t.Record.GetBase().ID, Title: t.Title, Detail: t.Detail, Due: string(t.Due)})
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", -1))
}

// addDocumentPaths describes the operations of this file.
func addDocumentPaths(paths object) {
	str, integer, flag := object{"type": "string"}, object{"type": "integer"}, object{"type": "boolean"}
	get := func(id, summary string, params []object, schema string) object {
		return object{"get": op("areas", id, summary, params, nil, ok("200", summary+".", ref(schema)))}
	}
	paths["/documents/set"] = get("documentSet", "The set of documents: what there is and what is not written", nil, "DocumentCards")
	paths["/documents/write"] = object{"post": op("areas", "writeDocuments", "Write the document of a template, or all, from the organisation's own data; edits are never lost", nil,
		jsonBody(shape("Empty: all.", object{"template": str}), false), ok("200", "What became of each.", ref("WrittenDocuments")))}
	paths["/documents/{id}/revise"] = object{"parameters": []object{param("id")}, "post": op("areas", "reviseDocument", "Begin a new draft, or get the one there is", nil, nil, ok("200", "The draft.", ref("DocumentVersion")))}
	paths["/documents/{id}/publish"] = object{"parameters": []object{param("id")}, "post": op("areas", "publishDocument", "Take the newest version into force, where nobody's consent is waited for", nil, nil, ok("200", "What holds now.", ref("WrittenDocument")))}
	paths["/documents/{id}/difference"] = object{"parameters": []object{param("id")}, "get": op("areas", "documentDifference", "The difference between two versions",
		[]object{query("from", "Number or id; the one in force when empty.", str), query("to", "Number or id; the newest when empty.", str)}, nil, ok("200", "The difference.", ref("DocumentDiff")))}
	paths["/document-versions/{id}/submit"] = object{"parameters": []object{param("id")}, "post": op("areas", "submitVersion", "Send a draft to review and ask for consent", nil,
		jsonBody(shape("Who has to agree.", object{"approver_id": str, "committee_id": str, "quorum": integer, "four_eyes": flag, "expires": object{"type": "string", "format": "date"}, "why": str}), false), ok("200", "The version.", ref("DocumentVersion")))}
	paths["/campaigns"] = object{
		"get": op("areas", "listCampaigns", "How far readings have come, with the proof of each reader", []object{query("document", "Key or id; all when empty.", str)}, nil, ok("200", "Campaigns.", ref("Campaigns"))),
		"post": op("areas", "startCampaign", "Ask people to read and accept what holds", nil, jsonBody(shape("What, who and until when.", object{"name": str, "documents": arrayOf(str), "audience": arrayOf(str),
			"due": object{"type": "string", "format": "date"}, "standing": flag}), true), ok("200", "How many were asked.", ref("Asked")))}
	paths["/my"] = get("my", "What you are asked to do", nil, "Todos")
}

// addDocumentSchemas describes their answers.
func addDocumentSchemas(schemas object) {
	str, integer := object{"type": "string"}, object{"type": "integer"}
	for name, s := range map[string]object{
		"DocumentCard":    shape("One document of the set.", object{"template": str, "key": str, "title": str, "state": str, "in_force": str, "open": str, "review_by": str}),
		"WrittenDocument": shape("What became of a document.", object{"template": str, "what": str, "key": str, "title": str, "number": str, "kept": integer, "diff": str}),
		"DocumentDiff":    shape("The difference between two versions.", object{"from": str, "to": str, "added": integer, "removed": integer, "unified": str}),
		"Asked":           shape("What a campaign did.", object{"asked": integer, "already": integer}),
		"Campaign": shape("How far one campaign has come with one version.", object{"name": str, "document": str, "title": str, "version": str, "due": str, "total": integer, "accepted": integer,
			"declined": integer, "excused": integer, "open": integer, "overdue": integer,
			"readers": arrayOf(shape("One person, with the proof.", object{"person": str, "name": str, "email": str, "state": str, "due": str, "accepted_at": str, "sha256": str}))}),
		"Todo": shape("One thing that somebody is asked to do.", object{"what": str, "kind": str, "id": str, "title": str, "detail": str, "due": str}),
	} {
		schemas[name] = s
	}
	for _, name := range []string{"DocumentCard", "WrittenDocument", "Campaign", "Todo"} {
		schemas[name+"s"] = listSchema(ref(name))
	}
}
