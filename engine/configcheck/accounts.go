package configcheck

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"holdfast/engine"
)

var errShadow = errors.New("/etc/shadow may not be read by this account: run as root to know the state of the passwords")

// unreadable says whether the state of a password is hidden.
func unreadable(users []engine.User) bool {
	for _, u := range users {
		if u.Password == engine.PasswordUnreadable || u.Password == "" {
			return true
		}
	}
	return false
}

// judgeAccounts runs find over every account; an account whose password state is
// hidden makes the check Unknown when needShadow is set.
func (h *host) judgeAccounts(needShadow bool, good string, find func(engine.User) string) []verdict {
	users, err := h.users()
	if err != nil {
		return unknown(err)
	}
	var t tally
	if needShadow && unreadable(users) {
		t.doubt(errShadow)
	}
	for _, u := range users {
		t.looked++
		if detail := find(u); detail != "" {
			t.fail(u.Name, detail, engine.Seen{Path: "/etc/passwd", Value: u.Name})
		}
	}
	return t.verdicts(good, "")
}

var accountEmptyPassword = check{
	Check: engine.Check{
		ID:             "account-empty-password",
		Title:          "An account has no password",
		Why:            "Whoever reaches a prompt, or another account on the machine, becomes this user by pressing return.",
		Fix:            "Set a password, or lock the account when nobody logs in with one.",
		Remedy:         `awk -F: '$2 == "" { print $1 }' /etc/shadow | while read -r u; do passwd -l "$u"; done`,
		FalsePositives: "Right to ignore only on a kiosk or a live system that is thrown away after use.",
		References:     []string{"CWE-258", "CWE-521", "T1078.003", "shadow(5)", "CIS Debian Linux 12 Benchmark 7.2.2", "Lynis AUTH-9283"},
		Severity:       engine.Critical, Principle: "compromise", CWE: "CWE-258",
		Techniques: []string{"T1078.003"}, Topic: "accounts",
	},
	look: func(h *host) []verdict {
		return h.judgeAccounts(true, "every account has a password or is locked", func(u engine.User) string {
			if u.Password != engine.PasswordEmpty {
				return ""
			}
			return "the password field is empty; the shell is " + shellName(u)
		})
	},
}

func shellName(u engine.User) string {
	if u.Shell == "" {
		return "/bin/sh"
	}
	return u.Shell
}

var accountSecondRoot = check{
	Check: engine.Check{
		ID:             "account-second-root",
		Title:          "Another account than root has the user id 0",
		Why:            "It is root by another name: it escapes the rules that name root, and intruders add one to come back.",
		Fix:            "Find out who made it. Give it an id of its own or remove it, and use sudo for the work it did.",
		Remedy:         `awk -F: '$3 == 0 && $1 != "root" { print $1 }' /etc/passwd | while read -r u; do passwd -l "$u"; usermod -s /usr/sbin/nologin "$u"; done`,
		FalsePositives: "Some BSD-minded people keep toor as a spare. It is still a second key to the same door.",
		References:     []string{"CWE-250", "T1136.001", "T1078.003", "passwd(5)", "CIS Debian Linux 12 Benchmark 5.4.2.1", "Lynis AUTH-9204"},
		Severity:       engine.Critical, Principle: "compromise", CWE: "CWE-250",
		Techniques: []string{"T1136.001", "T1098"}, Topic: "accounts",
	},
	look: func(h *host) []verdict {
		return h.judgeAccounts(false, "only root has the user id 0", func(u engine.User) string {
			if u.UID != 0 || u.Name == "root" || !canLogin(u.Shell) {
				return ""
			}
			return "user id 0, shell " + shellName(u)
		})
	},
}

var accountSystemLogin = check{
	Check: engine.Check{
		ID:             "account-system-login",
		Title:          "A service account has a password and a login shell",
		Why:            "Accounts of services belong to no person: nobody notices a login, nobody changes the password, and it is often simple.",
		Fix:            "Lock the password and give the account the shell nologin.",
		Remedy:         `awk -F: 'NR == FNR { if ($2 ~ /^\$|^[A-Za-z0-9.\/]{13}$/) set[$1] = 1; next } $3 > 0 && $3 < 1000 && set[$1] && $7 !~ /(nologin|false|sync|halt|shutdown)$/ { print $1 }' /etc/shadow /etc/passwd | while read -r u; do usermod -L -s /usr/sbin/nologin "$u"; done`,
		FalsePositives: "Some products log in as their own account for maintenance, with a key. A key needs no password: lock it all the same.",
		References:     []string{"CWE-1391", "CWE-284", "T1078.003", "passwd(5)", "usermod(8)", "CIS Debian Linux 12 Benchmark 5.4.2.7"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-284",
		Techniques: []string{"T1078.003"}, Topic: "accounts",
	},
	look: func(h *host) []verdict {
		first := h.firstUser()
		return h.judgeAccounts(true, "no service account has a password and a login shell", func(u engine.User) string {
			if u.UID == 0 || u.UID >= first && u.UID != 65534 || u.Password != engine.PasswordSet || !canLogin(u.Shell) {
				return ""
			}
			return fmt.Sprintf("user id %d, shell %s, a password is set", u.UID, shellName(u))
		})
	},
}

var accountWeakHash = check{
	Check: engine.Check{
		ID:             "account-weak-hash",
		Title:          "A stored password is protected by an outdated hash",
		Why:            "DES looks at eight characters only, and DES, MD5 and NT hashes are tried billions of times a second. From a copy of the shadow file the password is soon known.",
		Fix:            "Change the method first (see login-defs-weak-hash and pam-weak-hash), then have the password changed.",
		Remedy:         `awk -F: '$2 ~ /^(\$1\$|\$md5|\$3\$|_|[A-Za-z0-9.\/]{13}$)/ { print $1 }' /etc/shadow | while read -r u; do chage -d 0 "$u"; done`,
		FalsePositives: "None known; locked passwords are not reported.",
		References:     []string{"CWE-916", "CWE-328", "T1110.002", "crypt(5)", "Lynis AUTH-9229"},
		Severity:       engine.High, Principle: "impact", CWE: "CWE-916",
		Techniques: []string{"T1110.002", "T1003.008"}, Topic: "accounts",
	},
	look: func(h *host) []verdict {
		return h.judgeAccounts(true, "every stored password uses a strong hash", func(u engine.User) string {
			if u.Password != engine.PasswordSet || !weakHash(u.Method) {
				return ""
			}
			return "the password is hashed with " + u.Method
		})
	},
}

// knownAccounts come with images and appliances; their passwords are printed in
// manuals and tried by every scanner.
var knownAccounts = map[string]string{
	"pi": "Raspberry Pi OS", "vagrant": "Vagrant boxes", "ubnt": "Ubiquiti devices", "osmc": "OSMC",
	"cirros": "CirrOS images", "kali": "Kali Linux", "tc": "Tiny Core Linux", "linaro": "Linaro images",
	"odroid": "Odroid images", "alarm": "Arch Linux ARM", "orangepi": "Orange Pi images", "rock": "Radxa images",
	"guest": "guest access", "test": "tests", "demo": "demonstrations", "ftpuser": "FTP set-ups",
	"toor": "a spare root", "support": "appliances", "oracle": "Oracle products", "hadoop": "Hadoop",
}

var accountKnownName = check{
	Check: engine.Check{
		ID:             "account-default-name",
		Title:          "An account with a well-known name has a password",
		Why:            "Names like pi, vagrant, test or oracle are the first that guessing tools try, each with the password from the manual.",
		Fix:            "Remove the account, or lock its password and let its owner use a key or another name.",
		Remedy:         `for u in ` + strings.Join(knownNames(), " ") + `; do if grep -Eq "^$u:[^!*:]" /etc/shadow; then passwd -l "$u"; fi; done`,
		FalsePositives: "Somebody may really be called Pi. What counts is a long password that is used nowhere else.",
		References:     []string{"CWE-1392", "CWE-798", "T1078.001", "passwd(5)"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-1392",
		Techniques: []string{"T1078.001", "T1110.001"}, Topic: "accounts",
	},
	look: func(h *host) []verdict {
		return h.judgeAccounts(true, "no account with a well-known name has a password", func(u engine.User) string {
			origin, ok := knownAccounts[u.Name]
			if !ok || u.Password != engine.PasswordSet || !canLogin(u.Shell) {
				return ""
			}
			return "known from " + origin + ", with a password and the shell " + shellName(u)
		})
	},
}

func knownNames() []string {
	var list []string
	for n := range knownAccounts {
		list = append(list, n)
	}
	sort.Strings(list)
	return list
}

var accountDuplicate = check{
	Check: engine.Check{
		ID:             "account-duplicate-id",
		Title:          "Two accounts share a user id",
		Why:            "They own each other's files and processes, and the log cannot say which of the two did something.",
		Fix:            "Give one of them a new id and hand its files over with chown.",
		Remedy:         `awk -F: '$3 != 0 && n[$3]++ { print $1 }' /etc/passwd | while read -r u; do passwd -l "$u"; done`,
		FalsePositives: "Some administrators share an id on purpose to give one person two shells.",
		References:     []string{"CWE-286", "T1078.003", "passwd(5)", "CIS Debian Linux 12 Benchmark 7.2.5", "Lynis AUTH-9208"},
		Severity:       engine.Low, Principle: "detection", CWE: "CWE-286",
		Techniques: []string{"T1078.003"}, Topic: "accounts",
	},
	look: func(h *host) []verdict {
		users, err := h.users()
		if err != nil {
			return unknown(err)
		}
		names := map[int][]string{}
		for _, u := range users {
			names[u.UID] = append(names[u.UID], u.Name)
		}
		var t tally
		for id, n := range names {
			if id != 0 && len(n) > 1 {
				t.fail("uid "+strconv.Itoa(id), "shared by "+strings.Join(n, ", "), engine.Seen{Path: "/etc/passwd"})
			}
		}
		return t.verdicts("every account has a user id of its own", "")
	},
}

var accountUnshadowed = check{
	Check: engine.Check{
		ID:             "account-hash-in-passwd",
		Title:          "A password hash stands in /etc/passwd",
		Why:            "Everybody on the machine can read /etc/passwd, so every process can take the hash away and guess at leisure.",
		Fix:            "Move the hashes to /etc/shadow with pwconv, then change the password, because it must be taken as known.",
		Remedy:         "pwconv",
		FalsePositives: "None known.",
		References:     []string{"CWE-522", "T1003.008", "pwconv(8)", "passwd(5)", "CIS Debian Linux 12 Benchmark 7.2.1"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-522",
		Techniques: []string{"T1003.008", "T1552.001"}, Topic: "accounts",
	},
	look: lookUnshadowed,
}

func lookUnshadowed(h *host) []verdict {
	body, err := h.read("etc/passwd")
	if isMissing(err) {
		return absent("there is no /etc/passwd")
	}
	if err != nil {
		return unknown(err)
	}
	var t tally
	for _, l := range lines(body, "#+-") {
		f := strings.Split(l.text, ":")
		if len(f) < 7 || f[1] == "x" || f[1] == "" || strings.HasPrefix(f[1], "*") || strings.HasPrefix(f[1], "!") {
			continue
		}
		t.fail(f[0], "the second field holds a hash", seen("etc/passwd", l.no, ""))
	}
	return t.verdicts("no password hash stands in /etc/passwd", "")
}
