package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit"
)

// Every record of every kind has a page, a form that takes back what it shows, and
// a way into the bin and out of it.
func TestEveryKindHasARecordPageAFormAndABin(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		s.person("sam@example.org", "staff")
		v, sam := s.as("ada@example.org"), s.as("sam@example.org")
		staff := access.Actor{Roles: []access.Role{access.Staff}}
		for _, k := range isms.Registry.All() {
			r := testkit.Example(t, s.world.App, s.ctx, k)
			at := "/" + k.Plural + "/" + r.GetBase().ID
			v.get("/"+k.Plural).is(http.StatusOK).shows(r.GetBase().Title, k.Doc)
			page := v.get(at).is(http.StatusOK).shows(k.Label, "History", r.GetBase().Title)
			page.hides("<no value>", "%!")
			if staff.May(kind.Read, k) != access.All {
				sam.get(at).is(http.StatusNotFound).hides(r.GetBase().Title)
				sam.get(at + "/edit").is(http.StatusNotFound)
				sam.post(at+"/delete").isOneOf(http.StatusForbidden, http.StatusNotFound)
			}
			if !strings.Contains(page.body, `/edit"`) {
				continue
			}
			version := kind.Itoa(r.GetBase().Version)
			form := v.get(at+"/edit").is(http.StatusOK).shows(`name="version" value="`+version+`"`, `name="title"`)
			s.unchangedByItsOwnForm(v, k, at, form)
			v.post(at + "/delete").leadsTo("/" + k.Plural)
			v.get("/" + k.Plural + "?deleted=true").shows(r.GetBase().Title)
			v.post(at + "/restore").is(http.StatusSeeOther)
		}
	})
}

// unchangedByItsOwnForm sends a form back as it came: nothing may change by that.
func (s *site) unchangedByItsOwnForm(v *visitor, k *kind.Kind, at string, form *reply) {
	s.t.Helper()
	before, err := s.world.App.Get(s.ctx, k, at[strings.LastIndexByte(at, '/')+1:])
	if err != nil {
		s.t.Fatal(err)
	}
	sent := inputs(form.body)
	if !slices.Contains(sent, "title") || !slices.Contains(sent, "labels") {
		s.t.Fatalf("%s: the form could not be read: %v", k.Name, sent)
	}
	v.post(at, sent...).is(http.StatusSeeOther)
	after, err := s.world.App.Get(s.ctx, k, before.GetBase().ID)
	if err != nil {
		s.t.Fatal(err)
	}
	diff, err := k.Diff(before, after)
	if err != nil || len(diff) > 0 {
		s.t.Errorf("%s: sending the form back unchanged changed %v, %v", k.Name, diff, err)
	}
}
