package access_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
)

var update = flag.Bool("update", false, "write docs/access.md anew")

const matrixFile = "../docs/access.md"

var letters = map[kind.Verb]string{kind.Read: "R", kind.Write: "W", kind.Delete: "D", kind.Approve: "A", kind.Admin: "M"}

// matrix prints who may do what, in capital letters for all records and in small
// ones for a person's own.
func matrix() string {
	var b strings.Builder
	b.WriteString("# Who may do what\n\n")
	b.WriteString("Made from `access/rules.go` by `go test ./access -run Matrix -update`; a test fails when it is out of date.\n\n")
	b.WriteString("R read · W write, and the actions that ask for no more · D put into the bin and restore · A decide for the organisation · M administer. ")
	b.WriteString("A small letter: only records for which the person is responsible. A star: only what is published. A token can do no more than its person, and only what its scopes name. ")
	b.WriteString("The product itself never decides.\n")
	for _, g := range kind.Groups {
		fmt.Fprintf(&b, "\n## %s\n\n| record |", kind.Humanise(string(g)))
		for _, r := range access.Roles {
			b.WriteString(" " + kind.Humanise(string(r)) + " |")
		}
		b.WriteString("\n|---|" + strings.Repeat("---|", len(access.Roles)) + "\n")
		for _, k := range isms.Registry.In(g) {
			b.WriteString("| " + k.Label + " |")
			for _, r := range access.Roles {
				b.WriteString(" " + cell(r, k) + " |")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func cell(r access.Role, k *kind.Kind) string {
	var s string
	for _, v := range kind.Verbs {
		switch (access.Actor{Roles: []access.Role{r}}).May(v, k) {
		case access.All:
			s += letters[v]
		case access.Own:
			s += strings.ToLower(letters[v])
		case access.Published:
			s += letters[v] + "*"
		}
	}
	if s == "" {
		return "–"
	}
	return s
}

func TestTheMatrixInTheDocumentationIsTheOneInTheCode(t *testing.T) {
	want := matrix()
	if *update {
		if err := os.WriteFile(matrixFile, []byte(want), 0o644); err != nil { //nolint:gosec // a page for everybody
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Error("docs/access.md is out of date: look at the change, then run go test ./access -run Matrix -update")
	}
}

func as(r access.Role) access.Actor {
	return access.Actor{ID: "p1", Workspace: "ws1", Roles: []access.Role{r}}
}

// The sentences below are what the table must never say, whoever edits it.
func TestNoRoleMayMoreThanItIsFor(t *testing.T) {
	for _, k := range isms.Kinds {
		for _, r := range access.Roles {
			a := as(r)
			may := func(v kind.Verb) access.Grant { return a.May(v, k) }
			complain := func(wrong bool, text string) {
				if wrong {
					t.Errorf("%s, %s: %s", r, k.Name, text)
				}
			}
			complain(r != access.Administrator && may(kind.Admin) != access.Nothing, "administers")
			complain(r != access.Administrator && r != access.Approver && may(kind.Approve) != access.Nothing, "decides")
			complain(r == access.Auditor && (may(kind.Write) != access.Nothing || may(kind.Delete) != access.Nothing), "changes what it audits")
			complain(r == access.Staff && may(kind.Write) == access.All, "writes what is not its own")
			complain(r == access.Staff && may(kind.Delete) == access.All, "deletes what is not its own")
			complain(may(kind.Write) > may(kind.Read), "writes what it cannot read")
			complain(may(kind.Delete) > may(kind.Write), "deletes what it cannot write")
			complain(may(kind.Approve) > may(kind.Read), "decides on what it cannot read")
			complain(r == access.Staff && may(kind.Read) == access.All && strings.HasPrefix(k.Name, "document"), "reads drafts")
			complain(may(kind.Read) == access.Own && k.OwnerField == "", "is limited to its own records, of which there are none")
			switch k.Name {
			case "person", "workspace", "webhook", "identity_provider":
				complain(r != access.Administrator && may(kind.Write) != access.Nothing, "changes what gives power")
			case "api_token", "passkey":
				complain(r != access.Administrator && (may(kind.Read) == access.All || may(kind.Write) == access.All || may(kind.Delete) == access.All), "reaches the keys of others")
			}
		}
	}
}

func TestNobodyWithoutARoleMayDoAnything(t *testing.T) {
	for _, a := range []access.Actor{{ID: "p1", Workspace: "ws1"}, as("superuser"), {ID: "p1", Workspace: "ws1", Roles: []access.Role{access.Administrator}, Scopes: []string{}}} {
		for _, k := range isms.Kinds {
			for _, v := range kind.Verbs {
				if a.May(v, k) != access.Nothing {
					t.Errorf("roles %v with scopes %v may %s %s", a.Roles, a.Scopes, v, k.Name)
				}
			}
		}
	}
}

func TestTheProductNeverDecides(t *testing.T) {
	machine := access.Actor{Name: "holdfast", Workspace: "ws1", Machine: true, Roles: []access.Role{access.Approver, access.Administrator}}
	for _, k := range isms.Kinds {
		if machine.May(kind.Approve, k) != access.Nothing {
			t.Errorf("the product may approve %s", k.Name)
		}
	}
}

// A token is cut down to its scopes and never raises its person above the roles.
func TestScopesOnlyTakeAway(t *testing.T) {
	scopes := [][]string{{"*:read"}, {"*:write"}, {"*:admin"}, {"risk:write", "*:read"}, {"finding:read"}, {"risk:approve"}, {"risk"}, {":"}, {"*"}, {"*:"}, {"ris:read"}, {""}}
	for _, list := range scopes {
		for _, r := range access.Roles {
			person, token := as(r), as(r)
			token.Scopes = list
			for _, k := range isms.Kinds {
				for _, v := range kind.Verbs {
					if token.May(v, k) > person.May(v, k) {
						t.Errorf("%s with the scopes %v may %s %s, the person may not", r, list, v, k.Name)
					}
				}
			}
		}
	}
	allowed := []struct {
		scopes string
		verb   kind.Verb
		k      *kind.Kind
		want   access.Grant
	}{
		{"*:read", kind.Read, isms.Risks, access.All}, {"*:read", kind.Write, isms.Risks, access.Nothing},
		{"risk:write", kind.Read, isms.Risks, access.All}, {"risk:write", kind.Delete, isms.Risks, access.All},
		{"risk:write", kind.Approve, isms.Risks, access.Nothing}, {"risk:write", kind.Read, isms.Assets, access.Nothing},
		{"risk:approve", kind.Approve, isms.Risks, access.All}, {"risk:approve", kind.Read, isms.Risks, access.Nothing},
		{"person:write", kind.Admin, isms.People, access.Nothing}, {"*:admin", kind.Admin, isms.People, access.All},
		{"risk", kind.Read, isms.Risks, access.Nothing}, {"*", kind.Read, isms.Risks, access.Nothing},
	}
	for _, c := range allowed {
		a := as(access.Administrator)
		a.Scopes = []string{c.scopes}
		if got := a.May(c.verb, c.k); got != c.want {
			t.Errorf("with %q: %s %s is %d, want %d", c.scopes, c.verb, c.k.Name, got, c.want)
		}
	}
}
