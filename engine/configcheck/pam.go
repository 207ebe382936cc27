package configcheck

import (
	"errors"
	"sort"
	"strings"

	"holdfast/engine"
)

// pamServices are the services by which somebody may get in, and the shared
// files in which distributions keep their stacks.
var pamServices = []string{
	"login", "remote", "sshd", "su", "su-l", "sudo", "sudo-i", "passwd", "chsh", "chfn",
	"gdm-password", "lightdm", "sddm", "kde", "xdm", "xrdp-sesman", "cockpit", "vsftpd", "proftpd",
	"dovecot", "polkit-1", "doas", "screen", "vlock", "other",
	"common-auth", "system-auth", "password-auth", "system-login", "base-auth",
}

const noPAM = "PAM is not used here: no service of it is configured"

var pamEmptyPassword = check{
	Check: engine.Check{
		ID:    "pam-empty-password-allowed",
		Title: "PAM lets an account with an empty password in",
		Why: "The stack accepts an account whose password field is empty without asking for anything. One slip, " +
			"an account made with passwd -d or an image with a blank root, is then a login for everybody who reaches a prompt.",
		Fix: "Remove nullok from the pam_unix.so line of the authentication stack. On Debian keep the change through " +
			"pam-auth-update; on Red Hat systems use authselect.",
		Remedy: `if command -v authselect >/dev/null 2>&1 && authselect current >/dev/null 2>&1; then authselect enable-feature without-nullok; fi
sed -i --follow-symlinks -E '/^-?auth[[:space:]].*pam_unix/ s/[[:space:]]+nullok(_secure)?([[:space:]]|$)/\2/g' /etc/pam.d/*`,
		FalsePositives: "Right to ignore on a kiosk or a live image that is meant to be used without a password. " +
			"While no account has an empty password the door is closed by chance, not by rule.",
		References: []string{"CWE-258", "CWE-521", "T1078.003", "pam_unix(8)", "pam.conf(5)", "CIS Debian Linux 12 Benchmark 5.3.3.4.1", "STIG RHEL-08-020331"},
		Severity:   engine.Medium, Principle: "compromise", CWE: "CWE-258",
		Techniques: []string{"T1078.003", "T1110"}, Topic: "authentication",
	},
	look: lookPAMEmpty,
}

func lookPAMEmpty(h *host) []verdict {
	severity := engine.Severity("")
	for _, u := range h.facts.Users {
		if u.Password == engine.PasswordEmpty && canLogin(u.Shell) {
			severity = engine.Critical // the open door is in use
		}
	}
	return h.judgePAM(severity, "every authentication stack refuses an empty password", func(stack []pamHandler) (*pamRule, error) {
		if _, open, err := wrongPassword.canSucceed(stack); open || err != nil {
			return nil, err // pam-always-permits says so
		}
		trail, _, err := emptyPassword.canSucceed(stack)
		for i := range trail {
			if isPAMUnix(trail[i].module) && acceptsEmpty(trail[i]) {
				return &trail[i], nil
			}
		}
		return nil, err
	})
}

var pamAlwaysPermits = check{
	Check: engine.Check{
		ID:    "pam-always-permits",
		Title: "PAM lets somebody in who typed a wrong password",
		Why: "Following the control values of the stack, an attempt that every password module refuses still ends in success: " +
			"a jump that lands on pam_permit, a sufficient pam_permit, or a stack of sufficient modules with nothing that refuses at its end. Anybody who knows a name gets in.",
		Fix: "Repair the order of the stack: after the last module that may succeed there must be a required or requisite pam_deny.so, " +
			"and every [success=N] must skip exactly over it. Compare with the file the distribution ships.",
		Remedy: `if command -v pam-auth-update >/dev/null 2>&1; then pam-auth-update --force --package; fi
if command -v authselect >/dev/null 2>&1 && authselect current >/dev/null 2>&1; then authselect apply-changes; fi
sed -i --follow-symlinks -E 's/^(-?auth[[:space:]]+)sufficient([[:space:]]+pam_permit)/\1optional\2/' /etc/pam.d/*`,
		FalsePositives: "A module this program does not know is taken to refuse; a stack that relies on one of those being asked first is judged too mildly, not too harshly.",
		References:     []string{"CWE-287", "CWE-305", "T1556.003", "pam.conf(5)", "pam_permit(8)"},
		Severity:       engine.Critical, Principle: "compromise", CWE: "CWE-287",
		Techniques: []string{"T1556.003", "T1078.003"}, Topic: "authentication",
	},
	look: func(h *host) []verdict {
		return h.judgePAM("", "every authentication stack refuses a wrong password", func(stack []pamHandler) (*pamRule, error) {
			trail, open, err := wrongPassword.canSucceed(stack)
			if !open {
				return nil, err
			}
			return &trail[len(trail)-1], nil
		})
	},
}

// judgePAM asks find for the guilty rule of each authentication stack. Services
// that share it are one failure, named after the file it stands in.
func (h *host) judgePAM(severity engine.Severity, good string, find func([]pamHandler) (*pamRule, error)) []verdict {
	var t tally
	guilty := map[string]engine.Seen{}
	services := map[string][]string{}
	for _, service := range pamServices {
		stack, err := h.pamStack(service, "auth")
		if errors.Is(err, errNoService) {
			continue
		}
		t.looked++
		var r *pamRule
		if err == nil {
			r, err = find(stack)
		}
		if err != nil {
			t.doubt(err)
			continue
		}
		if r != nil {
			at := seen(r.file, r.line, strings.TrimSpace(r.module+" "+strings.Join(r.args, " ")))
			guilty[at.Path] = at
			services[at.Path] = append(services[at.Path], service)
		}
	}
	for file, at := range guilty {
		t.failAs(severity, file, at.Value+" at "+where(at)+" decides for: "+strings.Join(services[file], ", "), at)
	}
	return t.verdicts(good, noPAM)
}

var pamWeakHash = check{
	Check: engine.Check{
		ID:    "pam-weak-hash",
		Title: "New passwords are stored with a weak hash",
		Why: "Passwords changed through PAM are hashed with a method that a graphics card tries millions or billions of times a second. " +
			"A stolen shadow file or backup becomes a list of passwords.",
		Fix:            "Give pam_unix.so in the password stack yescrypt or sha512, or set ENCRYPT_METHOD in /etc/login.defs where the line names no method, and let people change their passwords.",
		Remedy:         `sed -i --follow-symlinks -E '/^-?password[[:space:]].*pam_unix/ { s/[[:space:]]+(md5|bigcrypt)([[:space:]]|$)/\2/g; /yescrypt|sha512|sha256|blowfish/! s/$/ sha512/ }' /etc/pam.d/*`,
		FalsePositives: "Passwords that were set earlier keep their old hash until they are changed: account-weak-hash shows those.",
		References:     []string{"CWE-916", "CWE-328", "T1110.002", "pam_unix(8)", "crypt(5)", "CIS Debian Linux 12 Benchmark 5.3.3.4.3"},
		Severity:       engine.High, Principle: "impact", CWE: "CWE-916",
		Techniques: []string{"T1110.002", "T1003.008"}, Topic: "authentication",
	},
	look: lookPAMHash,
}

// pamHashes are the methods pam_unix knows; the value says whether it is weak.
var pamHashes = map[string]bool{
	"md5": true, "bigcrypt": true, "sha256": false, "sha512": false,
	"blowfish": false, "gost_yescrypt": false, "yescrypt": false,
}

func lookPAMHash(h *host) []verdict {
	rules, v := h.passwordRules("pam_unix")
	if v != nil {
		return v
	}
	if len(rules) == 0 {
		return absent("no password stack stores passwords locally with pam_unix")
	}
	var t tally
	for _, r := range rules {
		method, weak := "", false
		for _, a := range r.args {
			if w, ok := pamHashes[strings.ToLower(a)]; ok {
				method, weak = a, w
			}
		}
		if method == "" {
			method, weak = h.defaultHash()
		}
		if weak {
			at := seen(r.file, r.line, strings.Join(r.args, " "))
			t.fail(at.Path, "pam_unix hashes with "+method+" at "+where(at), at)
		}
	}
	return t.verdicts("pam_unix stores new passwords with a strong hash", "")
}

// defaultHash is the method of pam_unix when its line names none: ENCRYPT_METHOD
// of login.defs, and DES when that is missing too.
func (h *host) defaultHash() (method string, weak bool) {
	body, err := h.read("etc/login.defs")
	if err == nil {
		if m, ok := loginDefs(body)["ENCRYPT_METHOD"]; ok {
			return m.value + " (ENCRYPT_METHOD)", weakHash(m.value)
		}
	}
	return "DES, the default of pam_unix,", true
}

// weakHash judges a method as login.defs or shadow names it.
func weakHash(method string) bool {
	switch strings.ToLower(method) {
	case "des", "descrypt", "bsdi", "bsdicrypt", "md5", "md5crypt", "bigcrypt", "nt", "sha1", "sha1crypt", "sunmd5":
		return true
	}
	return false
}

// passwordServices are tried in turn for the stack that changes passwords.
var passwordServices = []string{"passwd", "common-password", "system-auth", "password-auth", "base-password", "other"}

// passwordRules returns the rules that call a module in the stack that changes
// passwords, or the verdict when there is no such stack or it cannot be read.
func (h *host) passwordRules(modules ...string) ([]pamRule, []verdict) {
	for _, service := range passwordServices {
		stack, err := h.pamStack(service, "password")
		if errors.Is(err, errNoService) || err == nil && len(stack) == 0 {
			continue
		}
		if err != nil {
			return nil, unknown(err)
		}
		rules := pamModules(stack, modules...)
		sort.SliceStable(rules, func(i, j int) bool { return rules[i].file < rules[j].file })
		return rules, nil
	}
	return nil, absent(noPAM)
}

var pamSuOpen = check{
	Check: engine.Check{
		ID:    "pam-su-unrestricted",
		Title: "Every account may try to become root with su",
		Why: "Who takes over any account, a service's too, can guess the password of root on the machine itself, " +
			"where neither the network nor sshd stands in the way.",
		Fix: "Require pam_wheel.so in /etc/pam.d/su, with a group that only administrators are in.",
		Remedy: `getent group sugroup >/dev/null 2>&1 || groupadd sugroup
grep -Eq '^auth[[:space:]]+(required|requisite)[[:space:]]+pam_wheel' /etc/pam.d/su || sed -i '/^auth.*pam_rootok/a auth required pam_wheel.so use_uid group=sugroup' /etc/pam.d/su`,
		FalsePositives: "Of little weight where root has no password, as on most Debian and Ubuntu installations with sudo.",
		References:     []string{"CWE-250", "T1548", "pam_wheel(8)", "su(1)", "CIS Debian Linux 12 Benchmark 5.2.7"},
		Severity:       engine.Low, Principle: "impact", CWE: "CWE-250",
		Techniques: []string{"T1110.001", "T1548"}, Topic: "privilege",
	},
	look: lookPAMSu,
}

func lookPAMSu(h *host) []verdict {
	stack, err := h.pamStack("su", "auth")
	switch {
	case errors.Is(err, errNoService):
		return absent("su is not configured for PAM")
	case err != nil:
		return unknown(err)
	}
	for _, r := range pamModules(stack, "pam_wheel", "pam_succeed_if", "pam_access", "pam_listfile") {
		if a := r.control.after("perm_denied"); a == pamBad || a == pamDie {
			return pass("%s restricts su at %s", r.module, where(seen(r.file, r.line, "")))
		}
	}
	for _, u := range h.facts.Users {
		switch {
		case u.Name == "root" && u.Password == engine.PasswordLocked:
			return pass("root has no password that su could ask for")
		case u.Name == "root" && u.Password == engine.PasswordUnreadable:
			return unknown(errShadow)
		}
	}
	return fail("the stack of su has no rule that limits who may use it", seen("etc/pam.d/su", 0, ""))
}
