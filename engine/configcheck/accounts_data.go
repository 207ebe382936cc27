package configcheck

import (
	"errors"
	"path"
	"strconv"
	"strings"

	"holdfast/engine"
)

// errNoAccounts is the doubt of every check that needs the accounts.
var errNoAccounts = errors.New("the accounts of the target are not known: the inventory has none")

// users returns the accounts, or why they are not known.
func (h *host) users() ([]engine.User, error) {
	if len(h.facts.Users) == 0 {
		return nil, errNoAccounts
	}
	return h.facts.Users, nil
}

// canLogin says whether a shell lets its user work.
func canLogin(shell string) bool {
	switch path.Base(shell) {
	case "nologin", "false", "true", "sync", "halt", "shutdown", "git-shell", "null":
		return false
	}
	return true // an empty shell field means /bin/sh, passwd(5)
}

// firstUser is the lowest id of an account of a person: UID_MIN of login.defs.
func (h *host) firstUser() int {
	body, err := h.read("etc/login.defs")
	if err == nil {
		if v, ok := loginDefs(body)["UID_MIN"]; ok {
			if n, err := strconv.Atoi(v.value); err == nil && n > 0 {
				return n
			}
		}
	}
	return 1000
}

// people are the accounts of persons: root and everybody from UID_MIN on who can
// log in. nobody (65534) is not a person.
func (h *host) people() ([]engine.User, error) {
	users, err := h.users()
	if err != nil {
		return nil, err
	}
	var list []engine.User
	first := h.firstUser()
	for _, u := range users {
		if (u.UID == 0 || u.UID >= first && u.UID != 65534) && canLogin(u.Shell) {
			list = append(list, u)
		}
	}
	return list, nil
}

// A setting is a value and the place where it stands.
type setting struct {
	value string
	line  int
}

// loginDefs parses login.defs(5): a name, white space and a value; the last one
// of a name counts.
func loginDefs(body string) map[string]setting {
	values := map[string]setting{}
	for _, l := range lines(body, "#") {
		f := strings.Fields(l.text)
		if len(f) >= 2 {
			values[f[0]] = setting{value: strings.Trim(f[1], `"`), line: l.no}
		}
	}
	return values
}

// remoteAccounts says whether accounts may also come from a directory service, so
// that the inventory does not know them all.
func (h *host) remoteAccounts() bool {
	body, err := h.read("etc/nsswitch.conf")
	if err != nil {
		return !isMissing(err)
	}
	for _, l := range lines(body, "#") {
		key, sources, _ := strings.Cut(l.text, ":")
		if key != "passwd" && key != "group" {
			continue
		}
		for _, s := range strings.Fields(sources) {
			switch s {
			case "sss", "ldap", "winbind", "nis", "nisplus", "extrausers", "db", "hesiod":
				return true
			}
		}
	}
	return false
}
