package configcheck

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"holdfast/engine"
)

// minPassword is the shortest password that is accepted without remark; the
// guides ask for 12 to 15 characters where a password is the only factor.
const minPassword = 12

var pamNoQuality = check{
	Check: engine.Check{
		ID:    "pam-no-quality",
		Title: "New passwords are not checked for length and guessability",
		Why:   "People may choose short words and names. Those are what guessing tools try first, over the network and against stolen hashes.",
		Fix:   "Put pam_pwquality.so (or pam_passwdqc.so) before pam_unix.so in the password stack and ask for at least 12 characters; length counts more than character classes.",
		Remedy: `if command -v apt-get >/dev/null 2>&1; then DEBIAN_FRONTEND=noninteractive apt-get install -y libpam-pwquality; fi
mkdir -p /etc/security
touch /etc/security/pwquality.conf
sed -i -E '/^[[:space:]]*(minlen|enforcing)[[:space:]]*=/d' /etc/security/pwquality.conf
printf 'minlen = 14\nenforcing = 1\n' >> /etc/security/pwquality.conf
sed -i --follow-symlinks -E '/pam_pwquality/ s/[[:space:]]+minlen=[0-9]+//g' /etc/pam.d/*`,
		FalsePositives: "Right to ignore where nobody has a local password, for instance with keys and single sign-on only.",
		References:     []string{"CWE-521", "T1110.001", "pam_pwquality(8)", "pwquality.conf(5)", "NIST SP 800-63B 5.1.1", "CIS Debian Linux 12 Benchmark 5.3.3.2.2", "Lynis AUTH-9262"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-521",
		Techniques: []string{"T1110.001", "T1110.002"}, Topic: "authentication",
	},
	look: lookQuality,
}

// nobodyHasPassword says whether it is known that no account has a password, so
// that there is nothing to guess.
func (h *host) nobodyHasPassword() bool {
	users, err := h.users()
	return err == nil && !anyPassword(users) && !h.remoteAccounts()
}

const noPasswords = "no account has a password"

func lookQuality(h *host) []verdict {
	if h.nobodyHasPassword() {
		return absent(noPasswords)
	}
	rules, v := h.passwordRules("pam_pwquality", "pam_cracklib", "pam_passwdqc")
	if v != nil {
		return v
	}
	if len(rules) == 0 {
		return fail("no quality module (pam_pwquality, pam_cracklib, pam_passwdqc) stands in the stack that changes passwords")
	}
	r := rules[len(rules)-1]
	at := seen(r.file, r.line, r.module+" "+strings.Join(r.args, " "))
	if r.module == "pam_passwdqc" {
		return pass("pam_passwdqc checks new passwords (%s)", where(at))
	}
	q, err := h.pwquality(r)
	if err != nil {
		return unknown(err)
	}
	if q.enforcing == "0" {
		return fail("the quality module only warns: enforcing = 0", q.at)
	}
	if q.minlen < minPassword {
		v := fail(fmt.Sprintf("passwords of %d characters are accepted (%s); at least %d are asked for", q.minlen, where(q.at), minPassword), q.at)
		v[0].severity = engine.Low
		return v
	}
	return pass("%s asks for %d characters", r.module, q.minlen)
}

type quality struct {
	minlen    int
	enforcing string
	at        engine.Seen
}

// pwquality returns the effective settings: the files of pwquality.conf.d, then
// pwquality.conf, then the arguments of the module, the later one winning.
// Without any of them minlen is 8 (9 for pam_cracklib).
func (h *host) pwquality(r pamRule) (quality, error) {
	q := quality{minlen: 8, at: seen(r.file, r.line, r.module)}
	var files []string
	if r.module == "pam_cracklib" {
		q.minlen = 9
	} else {
		drop, err := h.glob("etc/security/pwquality.conf.d/*.conf")
		if err != nil {
			return q, err
		}
		files = append(drop, "etc/security/pwquality.conf")
	}
	for _, f := range files {
		body, err := h.read(f)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return q, err
		}
		for _, l := range lines(body, "#") {
			key, value, _ := strings.Cut(l.text, "=")
			q.set(strings.TrimSpace(key), strings.TrimSpace(value), seen(f, l.no, l.text))
		}
	}
	for _, a := range r.args {
		key, value, _ := strings.Cut(a, "=")
		q.set(key, value, seen(r.file, r.line, a))
	}
	return q, nil
}

func (q *quality) set(key, value string, at engine.Seen) {
	switch key {
	case "minlen":
		if n, err := strconv.Atoi(value); err == nil {
			q.minlen, q.at = n, at
		}
	case "enforcing":
		q.enforcing = value
		if value == "0" {
			q.at = at
		}
	}
}

// maxAttempts is the largest number of failures before a lock that still stops
// guessing.
const maxAttempts = 10

var pamNoLockout = check{
	Check: engine.Check{
		ID:    "pam-no-lockout",
		Title: "Failed logins do not lock an account",
		Why:   "A password can be guessed for as long as the attacker likes; a patient list of common passwords gets in somewhere.",
		Fix:   "Add pam_faillock.so (preauth and authfail) to the authentication stack and set deny in /etc/security/faillock.conf to 10 or less, with an unlock_time so that nobody can lock people out for good.",
		Remedy: `mkdir -p /etc/security
touch /etc/security/faillock.conf
sed -i -E '/^[[:space:]]*(deny|unlock_time)[[:space:]]*=/d' /etc/security/faillock.conf
printf 'deny = 5\nunlock_time = 900\n' >> /etc/security/faillock.conf
if command -v authselect >/dev/null 2>&1 && authselect current >/dev/null 2>&1; then authselect enable-feature with-faillock; fi
if [ -f /etc/pam.d/common-auth ] && ! grep -q pam_faillock /etc/pam.d/common-auth; then
  sed -i -E '0,/^auth.*pam_unix/ s//auth required pam_faillock.so preauth\n&/; 0,/^auth[[:space:]]+requisite[[:space:]]+pam_deny/ s//auth [default=die] pam_faillock.so authfail\n&/' /etc/pam.d/common-auth
fi`,
		FalsePositives: "Right to ignore where passwords cannot be tried: only keys for SSH and no other remote login. A log watcher such as fail2ban slows guessing by address, not by account.",
		References:     []string{"CWE-307", "T1110", "pam_faillock(8)", "faillock.conf(5)", "CIS Debian Linux 12 Benchmark 5.3.3.1.1", "Lynis AUTH-9286"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-307",
		Techniques: []string{"T1110.001", "T1110.003"}, Topic: "authentication",
	},
	look: lookLockout,
}

// lockoutServices are the doors at which passwords can be guessed.
var lockoutServices = []string{"login", "sshd", "gdm-password", "lightdm", "sddm", "xrdp-sesman", "cockpit"}

func lookLockout(h *host) []verdict {
	if h.nobodyHasPassword() {
		return absent(noPasswords)
	}
	var open, doubts []string
	found := 0
	for _, service := range lockoutServices {
		stack, err := h.pamStack(service, "auth")
		if errors.Is(err, errNoService) || service == "sshd" && h.sshdTakesNoPassword() {
			continue
		}
		if err != nil {
			doubts = append(doubts, err.Error())
			continue
		}
		found++
		deny, err := h.lockout(stack)
		if err != nil {
			doubts = append(doubts, err.Error())
		} else if deny <= 0 || deny > maxAttempts {
			open = append(open, fmt.Sprintf("%s (%s)", service, denyWords(deny)))
		}
	}
	switch {
	case len(open) > 0:
		return fail("no lock after failed logins for: " + strings.Join(open, ", "))
	case len(doubts) > 0:
		return unknown(errors.New(some(doubts, 3)))
	case found == 0:
		return absent("no login service is configured for PAM")
	}
	return pass("accounts are locked after failed logins")
}

func denyWords(deny int) string {
	if deny <= 0 {
		return "never"
	}
	return fmt.Sprintf("only after %d", deny)
}

// lockout is the number of failures after which the stack locks; 0 means never.
func (h *host) lockout(stack []pamHandler) (int, error) {
	if rules := pamModules(stack, "pam_tally2", "pam_tally"); len(rules) > 0 {
		v, _ := rules[0].arg("deny")
		n, _ := strconv.Atoi(v)
		return n, nil
	}
	rules := pamModules(stack, "pam_faillock")
	records := false
	for _, r := range rules {
		records = records || r.has("authfail")
	}
	if !records { // without authfail nothing is counted
		return 0, nil
	}
	deny := 3 // the default of faillock.conf(5)
	body, err := h.read("etc/security/faillock.conf")
	if err != nil && !isMissing(err) {
		return 0, err
	}
	for _, l := range lines(body, "#") {
		key, value, _ := strings.Cut(l.text, "=")
		if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && strings.TrimSpace(key) == "deny" {
			deny = n
		}
	}
	for _, r := range rules {
		if v, ok := r.arg("deny"); ok {
			if n, err := strconv.Atoi(v); err == nil {
				deny = n
			}
		}
	}
	return deny, nil
}
