package web_test

import (
	"net/http"
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
)

// Every kind has a list, a form and an empty state for an administrator.
func TestEveryKindHasItsPages(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		v := s.as("ada@example.org")
		for _, k := range isms.Registry.All() {
			v.get("/" + k.Plural).is(http.StatusOK).shows(k.Doc)
			v.get("/"+k.Plural+"?deleted=true").is(http.StatusOK).shows("Bin of", "The bin is empty")
			v.fragment("/" + k.Plural + "/options?q=x").is(http.StatusOK)
			switch k.Name {
			case "attachment", "comment", "passkey", "workspace":
				v.get("/" + k.Plural + "/new").is(http.StatusForbidden)
			case "api_token":
				v.get("/" + k.Plural + "/new").leadsTo("/account#tokens")
			default:
				v.get("/"+k.Plural+"/new").is(http.StatusOK).shows("New ", `action="/`+k.Plural+`"`)
			}
			v.get("/" + k.Plural + "/no-such-record").is(http.StatusNotFound).hides(`class="shell"`)
		}
	})
}

// Staff see what is theirs; of everything else they do not even learn that it exists.
func TestStaffDoNotLearnWhatTheyMayNotRead(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		s.person("sam@example.org", "staff")
		v := s.as("sam@example.org")
		staff := access.Actor{Roles: []access.Role{access.Staff}}
		home := v.get("/").is(http.StatusOK)
		for _, k := range isms.Registry.All() {
			if staff.May(kind.Read, k) == access.Nothing {
				v.get("/" + k.Plural).is(http.StatusNotFound)
				v.get("/" + k.Plural + "/new").is(http.StatusNotFound)
				v.get("/" + k.Plural + "/options").is(http.StatusNotFound)
				home.hides(`href="/` + k.Plural + `"`)
			} else {
				v.get("/" + k.Plural).is(http.StatusOK).hides(`value="delete"`)
			}
			if staff.May(kind.Write, k) == access.Nothing {
				v.post("/"+k.Plural, "title", "x").isOneOf(http.StatusForbidden, http.StatusNotFound)
			}
		}
	})
}
