package page

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// saySoa takes what somebody says about one line.
func (c Config) saySoa(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	d := flow.LineDecision{RequirementID: form.Get("requirement"), Applies: isms.Applies(form.Get("applies")), Reason: strings.TrimSpace(form.Get("reason")),
		IncludedFor: distinct(form["included_for"]), Status: isms.ApplicabilityStatus(form.Get("status"))}
	how, owner := strings.TrimSpace(form.Get("how")), form.Get("owner_id")
	level, err := kind.ParseLevel(form.Get("maturity"))
	review, err2 := kind.ParseDate(form.Get("review_by"))
	d.How, d.OwnerID, d.Maturity, d.ReviewBy = &how, &owner, &level, &review
	d.Version, _ = strconv.ParseInt(form.Get("version"), 10, 64) // 0 when the line was not there yet
	switch {
	case err != nil:
		err = kind.Fieldf("maturity", "%s", err.Error())
	case err2 != nil:
		err = kind.Fieldf("review_by", "%s", err2.Error())
	default:
		_, err = c.Flow.Decide(r.Ctx(), form.Get("scope_id"), []flow.LineDecision{d})
	}
	if err == nil {
		return r.Back("/soa", ui.ToastProps{Text: "Saved", Tone: ui.Positive})
	}
	if code := kind.CodeOf(err); code != kind.Invalid && code != kind.Conflict {
		return err
	}
	return c.soaAgain(r, form, err)
}

// soaAgain shows the page with the form as it was typed and what is wrong.
func (c Config) soaAgain(r *web.Request, form url.Values, problem error) error {
	back, err := url.Parse(form.Get("back"))
	if err != nil {
		back = &url.URL{}
	}
	q := back.Query()
	q.Set("edit", form.Get("requirement"))
	v, err := c.soaView(r, q)
	if err != nil {
		return err
	}
	v.typed = form
	for _, f := range kind.FieldsOf(problem) {
		v.errors = append(v.errors, ui.FieldError{Field: f.Field, ID: "f-" + f.Field, Label: labelOf(f.Field), Text: f.Message})
	}
	status := http.StatusUnprocessableEntity
	if len(v.errors) == 0 {
		v.errors = append(v.errors, ui.FieldError{Text: upperFirst(problem.Error()) + "."})
	}
	if kind.CodeOf(problem) == kind.Conflict {
		status = http.StatusConflict
	}
	r.Wide()
	return r.RenderAs(status, "Statement of applicability", soaBody(v))
}

func labelOf(field string) string {
	if f := isms.Applicabilities.Field(field); f != nil {
		return f.Label
	}
	return ""
}

// bulkSoa decides many lines the same way, or all as proposed.
func (c Config) bulkSoa(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	if form.Get("do") == "accept" {
		n, err := c.Flow.AcceptProposals(r.Ctx(), form.Get("framework_id"), form.Get("scope_id"))
		if err != nil {
			return err
		}
		return r.Back("/soa", ui.ToastProps{Text: plainCount(n, "requirement decided as proposed", "requirements decided as proposed"), Tone: ui.Positive})
	}
	var how *string // nothing typed: each line keeps its own words
	if text := strings.TrimSpace(form.Get("how")); text != "" {
		how = &text
	}
	var list []flow.LineDecision
	for _, id := range distinct(form["id"]) {
		list = append(list, flow.LineDecision{RequirementID: id, Applies: isms.Applies(form.Get("applies")), Status: isms.ApplicabilityStatus(form.Get("status")), Reason: strings.TrimSpace(form.Get("reason")), How: how})
	}
	if len(list) == 0 {
		return r.Back("/soa", ui.ToastProps{Text: "Choose at least one requirement", Tone: ui.Attention})
	}
	n, err := c.Flow.Decide(r.Ctx(), form.Get("scope_id"), list)
	if kind.CodeOf(err) == kind.Invalid || kind.CodeOf(err) == kind.Conflict {
		return r.Back("/soa", ui.ToastProps{Text: "Nothing was changed. " + upperFirst(err.Error()) + ".", Tone: ui.Negative})
	}
	if err != nil {
		return err
	}
	return r.Back("/soa", ui.ToastProps{Text: plainCount(n, "requirement changed", "requirements changed"), Tone: ui.Positive})
}

// value is what a field of the form holds: what was typed, else what is stored.
func (v *soaView) value(field string) string {
	if v.typed != nil {
		return v.typed.Get(field)
	}
	l := v.edit.Line
	if l == nil {
		l = &isms.Applicability{Applies: isms.AppliesUndecided, Status: isms.ApplicabilityNotStarted}
		if p, ok := v.proposals[v.edit.Requirement.ID]; ok {
			l.Reason, l.Applies = isms.Markdown(p.Reason), p.Applies
		}
	}
	return isms.Applicabilities.Field(field).Text(l)
}

func (v *soaView) values(field string) []string {
	if v.typed != nil {
		return v.typed[field]
	}
	if v.edit.Line != nil {
		return v.edit.Line.IncludedFor
	}
	return v.proposals[v.edit.Requirement.ID].IncludedFor
}

func (v *soaView) errorAt(field string) string {
	for _, e := range v.errors {
		if e.Field == field {
			return upperFirst(e.Text)
		}
	}
	return ""
}
