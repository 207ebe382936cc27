package configcheck

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"holdfast/engine"
)

var passwordNoExpiry = check{
	Check: engine.Check{
		ID:             "password-never-expires",
		Title:          "New passwords never have to be changed",
		Why:            "A password that leaked without anybody noticing keeps working for years.",
		Fix:            "Set PASS_MAX_DAYS to 365 in /etc/login.defs, and chage -M 365 for accounts that exist. Where a second factor and a check for leaked passwords are in place, record an exception instead.",
		Remedy:         setLoginDefs("PASS_MAX_DAYS", "365"),
		FalsePositives: "NIST SP 800-63B and the UK NCSC advise against regular changes when passwords are long, checked against known leaks and changed after an incident. Then this may be ignored.",
		References:     []string{"CWE-262", "CWE-263", "T1078.003", "login.defs(5)", "chage(1)", "CIS Debian Linux 12 Benchmark 5.4.1.1", "Lynis AUTH-9286"},
		Severity:       engine.Low, Principle: "impact", CWE: "CWE-262",
		Techniques: []string{"T1078.003"}, Topic: "authentication",
	},
	look: lookExpiry,
}

// setLoginDefs makes the lines that set a name of login.defs.
func setLoginDefs(name, value string) string {
	return fmt.Sprintf(`sed -i -E '/^[[:space:]]*%[1]s[[:space:]]/d' /etc/login.defs
printf '%[1]s %[2]s\n' >> /etc/login.defs`, name, value)
}

// readLoginDefs returns the values of login.defs or the verdict without them.
func (h *host) readLoginDefs() (map[string]setting, []verdict) {
	body, err := h.read("etc/login.defs")
	if isMissing(err) {
		return nil, absent("there is no /etc/login.defs")
	}
	if err != nil {
		return nil, unknown(err)
	}
	return loginDefs(body), nil
}

func lookExpiry(h *host) []verdict {
	defs, v := h.readLoginDefs()
	if v != nil {
		return v
	}
	if h.nobodyHasPassword() {
		return absent(noPasswords)
	}
	d, ok := defs["PASS_MAX_DAYS"]
	if !ok {
		return fail("PASS_MAX_DAYS is not set: passwords never expire", seen("etc/login.defs", 0, ""))
	}
	at := seen("etc/login.defs", d.line, "PASS_MAX_DAYS "+d.value)
	n, err := strconv.Atoi(d.value)
	if err != nil {
		return unknown(fmt.Errorf("%s: PASS_MAX_DAYS is not a number: %q", where(at), d.value))
	}
	if n < 0 || n > 365 {
		return fail(fmt.Sprintf("PASS_MAX_DAYS is %d (%s)", n, where(at)), at)
	}
	return pass("PASS_MAX_DAYS is %d", n)
}

// anyPassword says whether some account has a password, or whether that is not known.
func anyPassword(users []engine.User) bool {
	for _, u := range users {
		if u.Password != engine.PasswordLocked {
			return true
		}
	}
	return false
}

var loginDefsHash = check{
	Check: engine.Check{
		ID:             "login-defs-weak-hash",
		Title:          "Tools that set passwords use a weak hash",
		Why:            "useradd, chpasswd and newusers hash with ENCRYPT_METHOD of login.defs. DES and MD5 are tried so fast that a stolen shadow file is read like a list.",
		Fix:            "Set ENCRYPT_METHOD to YESCRYPT, or to SHA512 where the C library does not know it.",
		Remedy:         "grep -Eq '^ENCRYPT_METHOD[[:space:]]+(YESCRYPT|SHA512|SHA256)' /etc/login.defs || {\n" + setLoginDefs("ENCRYPT_METHOD", "SHA512") + "\n}",
		FalsePositives: "Programs that go through PAM use the method of pam_unix instead; see pam-weak-hash.",
		References:     []string{"CWE-916", "CWE-328", "T1110.002", "login.defs(5)", "crypt(5)", "CIS Debian Linux 12 Benchmark 5.4.1.4", "Lynis AUTH-9230"},
		Severity:       engine.Medium, Principle: "impact", CWE: "CWE-916",
		Techniques: []string{"T1110.002"}, Topic: "authentication",
	},
	look: func(h *host) []verdict {
		defs, v := h.readLoginDefs()
		if v != nil {
			return v
		}
		m, ok := defs["ENCRYPT_METHOD"]
		if !ok {
			if y, md5 := defs["MD5_CRYPT_ENAB"]; md5 && strings.EqualFold(y.value, "yes") {
				return fail("MD5_CRYPT_ENAB yes", seen("etc/login.defs", y.line, "MD5_CRYPT_ENAB yes"))
			}
			return h.noEncryptMethod()
		}
		at := seen("etc/login.defs", m.line, "ENCRYPT_METHOD "+m.value)
		if weakHash(m.value) {
			return fail("ENCRYPT_METHOD "+m.value+" ("+where(at)+")", at)
		}
		return pass("ENCRYPT_METHOD %s", m.value)
	},
}

// noEncryptMethod judges a login.defs without a method: shadow before 4.17 fell
// back to DES, later versions take the C library's choice. Only the version tells.
func (h *host) noEncryptMethod() []verdict {
	p, ok := h.hasPackage("passwd", "shadow-utils", "shadow")
	if !ok {
		return unknown(errors.New("/etc/login.defs names no ENCRYPT_METHOD, and the version of the tools, which decides on the default, is not known"))
	}
	if major, minor := majorMinor(p.Version); major > 4 || major == 4 && minor >= 17 {
		return pass("no ENCRYPT_METHOD; shadow %s uses the C library's choice", p.Version)
	}
	return fail("ENCRYPT_METHOD is not set: shadow "+p.Version+" uses DES", seen("etc/login.defs", 0, ""))
}

// majorMinor reads the first two numbers of a version, after an epoch.
func majorMinor(version string) (major, minor int) {
	if _, rest, ok := strings.Cut(version, ":"); ok {
		version = rest
	}
	parts := strings.SplitN(version, ".", 3)
	major = leadingNumber(parts[0])
	if len(parts) > 1 {
		minor = leadingNumber(parts[1])
	}
	return major, minor
}

func leadingNumber(s string) int {
	end := 0
	for end < len(s) && end < 9 && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(s[:end])
	return n
}

var umaskOpen = check{
	Check: engine.Check{
		ID:    "umask-too-open",
		Title: "New files can be written by others",
		Why: "The default mask leaves new files open to be changed by the group or by everybody. Scripts, keys and " +
			"settings that people make are then a way into their account.",
		Fix: "Set UMASK 027 in /etc/login.defs and remove weaker umask lines from /etc/profile, /etc/bash.bashrc and /etc/profile.d.",
		Remedy: setLoginDefs("UMASK", "027") + `
sed -i --follow-symlinks -E 's/^([[:space:]]*umask[[:space:]]+)[0-7]+/\1027/' $(ls /etc/profile /etc/bash.bashrc /etc/bashrc /etc/profile.d/*.sh 2>/dev/null) /dev/null`,
		FalsePositives: "A mask of 002 is usual where every user has a private group (USERGROUPS_ENAB yes); that case is not reported.",
		References:     []string{"CWE-276", "CWE-732", "T1222.002", "umask(2)", "login.defs(5)", "pam_umask(8)", "CIS Debian Linux 12 Benchmark 5.4.3.3", "Lynis AUTH-9328"},
		Severity:       engine.Low, Principle: "impact", CWE: "CWE-276",
		Techniques: []string{"T1222.002"}, Topic: "files",
	},
	look: lookUmask,
}

// shellFiles are read by login shells and interactive shells of everybody.
var shellFiles = []string{"etc/profile", "etc/bash.bashrc", "etc/bashrc", "etc/csh.cshrc", "etc/zsh/zshenv", "etc/zshrc"}

func lookUmask(h *host) []verdict {
	masks, err := h.umasks()
	if err != nil {
		return unknown(err)
	}
	if len(masks) == 0 {
		return absent("no file sets a umask: the kernel's default of 022 applies")
	}
	defs, _ := h.readLoginDefs()
	privateGroups := strings.EqualFold(defs["USERGROUPS_ENAB"].value, "yes")
	var t tally
	for _, m := range masks {
		n, err := strconv.ParseUint(m.Value, 8, 16)
		if err != nil {
			continue // a symbolic mask, "u=rwx,g=rx,o="
		}
		if n&0o002 == 0 || n&0o020 == 0 && !privateGroups {
			t.fail(m.Path, fmt.Sprintf("umask %s at %s", m.Value, where(m)), m)
		}
	}
	return t.verdicts("no file sets a umask that leaves new files writable", "")
}

// umasks finds every mask that is set for all users.
func (h *host) umasks() ([]engine.Seen, error) {
	var masks []engine.Seen
	if defs, _ := h.readLoginDefs(); defs != nil {
		if m, ok := defs["UMASK"]; ok {
			masks = append(masks, seen("etc/login.defs", m.line, m.value))
		}
	}
	drop, err := h.glob("etc/profile.d/*.sh")
	if err != nil {
		return nil, err
	}
	for _, f := range append(append([]string(nil), shellFiles...), drop...) {
		body, err := h.read(f)
		if errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
		masks = append(masks, umaskLines(f, body)...)
	}
	for _, service := range []string{"login", "common-session", "system-auth"} {
		stack, err := h.pamStack(service, "session")
		if errors.Is(err, errNoService) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, r := range pamModules(stack, "pam_umask") {
			if v, ok := r.arg("umask"); ok {
				masks = append(masks, seen(r.file, r.line, v))
			}
		}
	}
	return masks, nil
}

// umaskLines finds the commands "umask N" of a shell script.
func umaskLines(file, body string) []engine.Seen {
	var found []engine.Seen
	for _, l := range lines(body, "#") {
		f := strings.Fields(l.text)
		for i := 0; i+1 < len(f); i++ {
			if f[i] == "umask" {
				found = append(found, seen(file, l.no, strings.TrimRight(f[i+1], ";")))
			}
		}
	}
	return found
}
