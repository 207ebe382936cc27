package configcheck

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"holdfast/engine"
)

// sharedHomes are directories that passwd names as home of many accounts and
// that are not the home of anybody.
var sharedHomes = map[string]bool{".": true, "bin": true, "sbin": true, "usr": true, "usr/bin": true, "usr/sbin": true, "nonexistent": true, "dev/null": true, "tmp": true, "var/empty": true}

// A home is the directory of a person.
type home struct {
	user engine.User
	dir  string
	mode fileMode
}

// homes returns the homes of persons that exist. A home that cannot be looked at
// is a doubt of the check.
func (h *host) homes(t *tally) []home {
	people, err := h.people()
	if err != nil {
		t.doubt(err)
	}
	var list []home
	for _, u := range people {
		dir := relative(u.Home)
		if u.Home == "" || sharedHomes[dir] {
			continue
		}
		m, err := h.mode(dir)
		if isMissing(err) {
			continue
		}
		if err != nil {
			t.doubt(err)
			continue
		}
		if m.info.IsDir() {
			list = append(list, home{u, dir, m})
		}
	}
	return list
}

var homePermissions = check{
	Check: engine.Check{
		ID:             "home-permissions",
		Title:          "A home directory is open to others",
		Why:            "Others read keys, tokens and history, or, where they may write, put commands into the start files of its owner.",
		Fix:            "chmod 0750 or 0700, and give the directory to its owner.",
		Remedy:         `awk -F: '($3 == 0 || $3 >= 1000) && $3 != 65534 && $7 !~ /(nologin|false|sync|halt|shutdown)$/ { print $6 }' /etc/passwd | while read -r d; do case "$d" in /home/?*|/root) if [ -d "$d" ]; then chmod g-w,o-rwx "$d"; fi;; esac; done`,
		FalsePositives: "Some web servers publish ~/public_html and need to pass through (mode 0711, not reported). Readable homes are rated low.",
		References:     []string{"CWE-732", "CWE-276", "T1552.001", "chmod(1)", "CIS Debian Linux 12 Benchmark 7.2.9", "Lynis HOME-9304"},
		Severity:       engine.Medium, Principle: "impact", CWE: "CWE-732",
		Techniques: []string{"T1552.001", "T1546.004"}, Topic: "files",
	},
	look: func(h *host) []verdict {
		var t tally
		for _, d := range h.homes(&t) {
			t.looked++
			if problem, severity := h.homeProblem(d); problem != "" {
				t.failAs(severity, "/"+d.dir, problem, d.mode.seen(d.dir))
			}
		}
		return t.verdicts("every home directory is closed to others", "no person has a home directory here")
	},
}

func (h *host) homeProblem(d home) (string, engine.Severity) {
	m := d.mode
	switch {
	case m.owned && m.uid != d.user.UID && m.uid != 0:
		return "the home of " + d.user.Name + " belongs to " + h.ownerName(m.uid), engine.High
	case m.perm&0o002 != 0:
		return "everybody may write to the home of " + d.user.Name + " (" + m.String() + ")", engine.High
	case m.perm&0o020 != 0 && !(m.owned && (m.gid == 0 || h.privateGroup(m.gid, d.user.Name))):
		return "a group may write to the home of " + d.user.Name + " (" + m.String() + ")", engine.Medium
	case m.perm&0o004 != 0:
		return "everybody may read the home of " + d.user.Name + " (" + m.String() + ")", engine.Low
	}
	return "", ""
}

var fileRhosts = check{
	Check: engine.Check{
		ID:             "file-rhosts",
		Title:          "A file trusts other machines without a password",
		Why:            ".rhosts, .shosts and hosts.equiv let anybody in who claims to be a user of a named machine; addresses and names are easily forged.",
		Fix:            "Delete the file and use SSH keys.",
		Remedy:         `rm -f /etc/hosts.equiv /etc/shosts.equiv; awk -F: '{ print $6 }' /etc/passwd | while read -r d; do case "$d" in /home/?*|/root) rm -f "$d/.rhosts" "$d/.shosts";; esac; done`,
		FalsePositives: "An empty file does nothing and is not reported.",
		References:     []string{"CWE-290", "T1021", "T1199", "hosts.equiv(5)", "CIS Debian Linux 12 Benchmark 7.2.10"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-290",
		Techniques: []string{"T1021", "T1199"}, Topic: "files",
	},
	look: func(h *host) []verdict {
		var t tally
		files := []string{"etc/hosts.equiv", "etc/shosts.equiv", "etc/ssh/shosts.equiv"}
		for _, d := range h.homes(&t) {
			files = append(files, d.dir+"/.rhosts", d.dir+"/.shosts")
		}
		for _, f := range files {
			body, err := h.read(f)
			if isMissing(err) {
				continue
			}
			if err != nil {
				t.doubt(err)
			} else if n := len(lines(body, "#")); n > 0 {
				t.fail("/"+f, fmt.Sprintf("%d lines", n), seen(f, 0, ""))
			}
		}
		return t.verdicts("no file trusts other machines", "")
	},
}

var fileNetrc = check{
	Check: engine.Check{
		ID:             "file-credentials-readable",
		Title:          "A file with stored passwords is readable by others",
		Why:            "Programs keep passwords and tokens in these files in clear text; who reads one goes on to the next system.",
		Fix:            "chmod 0600, and change what was readable.",
		Remedy:         `awk -F: '{ print $6 }' /etc/passwd | while read -r d; do case "$d" in /home/?*|/root) for f in .netrc .pgpass .my.cnf .git-credentials .npmrc .pypirc .docker/config.json .aws/credentials .kube/config .vault-token .smbcredentials; do if [ -f "$d/$f" ]; then chmod go-rwx "$d/$f"; fi; done;; esac; done`,
		FalsePositives: "The file may hold settings only. A file in a home that others cannot enter is not reported.",
		References:     []string{"CWE-522", "CWE-256", "T1552.001", "netrc(5)"},
		Severity:       engine.Medium, Principle: "impact", CWE: "CWE-522",
		Techniques: []string{"T1552.001"}, Topic: "files",
	},
	look: func(h *host) []verdict {
		return h.judgeHomeFiles("no file with stored passwords is readable by others", credentialFiles, 0o077)
	},
}

var credentialFiles = []string{
	".netrc", ".pgpass", ".my.cnf", ".git-credentials", ".npmrc", ".pypirc", ".docker/config.json", ".aws/credentials",
	".kube/config", ".vault-token", ".smbcredentials", ".config/gcloud/application_default_credentials.json", ".azure/accessTokens.json",
}

// judgeHomeFiles fails for files in homes that have one of the bits, unless the
// home keeps everybody out.
func (h *host) judgeHomeFiles(good string, names []string, bits uint32) []verdict {
	var t tally
	for _, d := range h.homes(&t) {
		for _, n := range names {
			f := path.Join(d.dir, n)
			m, err := h.mode(f)
			if isMissing(err) {
				continue
			}
			t.looked++
			if err != nil {
				t.doubt(err)
			} else if over := h.reachableBits(d, m) & bits; over != 0 {
				t.fail("/"+f, "mode and owner "+m.String(), m.seen(f))
			}
		}
	}
	return t.verdicts(good, "no such file exists")
}

// reachableBits are the permissions of a file that group and others can use,
// given those of the home it stands in.
func (h *host) reachableBits(d home, m fileMode) uint32 {
	var bits uint32
	if d.mode.perm&0o001 != 0 {
		bits |= m.perm & 0o007
	}
	if d.mode.perm&0o010 != 0 && !(m.owned && (m.gid == 0 || h.privateGroup(m.gid, d.user.Name))) {
		bits |= m.perm & 0o070
	}
	return bits
}

// keyFiles lists the private keys in ~/.ssh of a home: a file that has a .pub
// beside it, or one of the usual names.
func (h *host) keyFiles(d home) ([]string, error) {
	names, err := h.list(d.dir + "/.ssh")
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, n := range names {
		have[n] = true
	}
	var keys []string
	for _, n := range names {
		usual := n == "identity" || strings.HasPrefix(n, "id_") && !strings.Contains(n, ".")
		if have[n+".pub"] || usual {
			keys = append(keys, d.dir+"/.ssh/"+n)
		}
	}
	return keys, nil
}

var sshPrivateKeys = check{
	Check: engine.Check{
		ID:             "ssh-private-key-readable",
		Title:          "A private SSH key is readable by others",
		Why:            "Who copies the key is its owner on every machine that accepts it.",
		Fix:            "chmod 0600, then replace the key, because it may have been copied.",
		Remedy:         `awk -F: '{ print $6 }' /etc/passwd | while read -r d; do case "$d" in /home/?*|/root) for k in "$d"/.ssh/id_* "$d"/.ssh/identity; do case "$k" in *.pub) ;; *) if [ -f "$k" ]; then chmod go-rwx "$k"; fi;; esac; done;; esac; done`,
		FalsePositives: "The client refuses to use such a key, so it may be a left-over copy. Delete it then.",
		References:     []string{"CWE-732", "CWE-522", "T1552.004", "ssh(1)"},
		Severity:       engine.High, Principle: "impact", CWE: "CWE-522",
		Techniques: []string{"T1552.004", "T1021.004"}, Topic: "files",
	},
	look: func(h *host) []verdict {
		var t tally
		for _, d := range h.homes(&t) {
			keys, err := h.keyFiles(d)
			if err != nil {
				t.doubt(err)
			}
			for _, k := range keys {
				m, err := h.mode(k)
				if err != nil {
					continue
				}
				t.looked++
				if h.reachableBits(d, m)&0o077 != 0 && h.dirOpen(path.Dir(k)) {
					t.fail("/"+k, "mode and owner "+m.String(), m.seen(k))
				}
			}
		}
		return t.verdicts("private SSH keys are closed to others", "nobody keeps a private SSH key here")
	},
}

// dirOpen says whether others than the owner may enter a directory.
func (h *host) dirOpen(dir string) bool {
	info, err := fs.Stat(h.fsys, dir)
	return err == nil && modeOf(info).perm&0o011 != 0
}

var authorizedKeys = check{
	Check: engine.Check{
		ID:             "ssh-authorized-keys-writable",
		Title:          "Others may add keys that log in as this user",
		Why:            "A line added to authorized_keys, or a replaced .ssh directory, is a login without a password.",
		Fix:            "chmod 0600 authorized_keys, 0700 .ssh, both owned by the user.",
		Remedy:         `awk -F: '{ print $6 }' /etc/passwd | while read -r d; do case "$d" in /home/?*|/root) if [ -d "$d/.ssh" ]; then chmod go-w "$d/.ssh"; find "$d/.ssh" -maxdepth 1 -type f -name 'authorized_keys*' -exec chmod go-w {} +; fi;; esac; done`,
		FalsePositives: "With StrictModes yes sshd refuses such a file, so people will notice that their key does not work.",
		References:     []string{"CWE-732", "T1098.004", "sshd(8)"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1098.004"}, Topic: "files",
	},
	look: func(h *host) []verdict {
		var t tally
		for _, d := range h.homes(&t) {
			for _, n := range []string{".ssh", ".ssh/authorized_keys", ".ssh/authorized_keys2"} {
				f := path.Join(d.dir, n)
				m, err := h.mode(f)
				if isMissing(err) {
					continue
				}
				t.looked++
				switch {
				case err != nil:
					t.doubt(err)
				case m.owned && m.uid != d.user.UID && m.uid != 0:
					t.fail("/"+f, "belongs to "+h.ownerName(m.uid)+" instead of "+d.user.Name, m.seen(f))
				case h.reachableBits(d, m)&0o022 != 0:
					t.fail("/"+f, "mode and owner "+m.String(), m.seen(f))
				}
			}
		}
		return t.verdicts("only their owners can change which keys log in", "nobody logs in with a key")
	},
}
