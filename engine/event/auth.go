package event

import "strings"

// sudo reads "alice : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/bin/ls", with a
// reason before the fields where it refused.
func (p *Parser) sudo(e *Event, m string) {
	user, rest, ok := strings.Cut(m, " : ")
	if !ok {
		return
	}
	outcome, at := Success, strings.Index(rest, "TTY=")
	if at < 0 {
		at = strings.Index(rest, "PWD=")
	}
	if at < 0 {
		return
	}
	if reason := strings.Trim(rest[:at], " ;"); reason != "" && !strings.HasPrefix(reason, "HOST=") && !strings.HasPrefix(reason, "(command continued)") {
		outcome = Failure
	}
	e.login(strings.TrimSpace(user), outcome)
	if _, command, ok := strings.Cut(rest, "COMMAND="); ok {
		e.CommandLine = command
	}
	if outcome == Failure {
		e.Severity = max(e.Severity, 3)
	}
}

// su reads the messages of several programs of that name.
func (p *Parser) su(e *Event, m string) {
	switch {
	case strings.HasPrefix(m, "FAILED SU (to "):
		_, tail, _ := strings.Cut(m, ") ")
		e.login(firstWord(tail), Failure)
	case strings.HasPrefix(m, "Successful su for "), strings.HasPrefix(m, "FAILED su for "):
		outcome := Failure
		if m[0] == 'S' {
			outcome = Success
		}
		_, tail, _ := strings.Cut(m, " by ")
		e.login(firstWord(tail), outcome)
	case strings.HasPrefix(m, "(to "):
		_, tail, _ := strings.Cut(m, ") ")
		e.login(firstWord(tail), Success)
	case strings.HasPrefix(m, "'su "):
		_, tail, _ := strings.Cut(m, " failed for ")
		e.login(firstWord(tail), Failure)
	case strings.HasPrefix(m, "failed: "):
		e.suChange(m, Failure)
	case strings.Contains(m, " changing from "):
		e.suChange(m, Success)
	case strings.HasPrefix(m, "+ "), strings.HasPrefix(m, "- "):
		_, tail, _ := strings.Cut(m[2:], " ")
		user, _, ok := strings.Cut(tail, ":")
		if ok && m[0] == '+' {
			e.login(user, Success)
		} else if ok {
			e.login(user, Failure)
		}
	case strings.HasPrefix(m, "BAD SU "):
		e.login(firstWord(m[7:]), Failure)
	case strings.Contains(m, " to ") && strings.Contains(m, " on /dev/"):
		e.login(firstWord(m), Success)
	default:
		p.pamLine(e, m)
	}
}

func (e *Event) suChange(m, outcome string) {
	if _, tail, ok := strings.Cut(m, " changing from "); ok {
		e.login(firstWord(tail), outcome)
	}
}

// pamLine reads what the modules of PAM say, also in the name of another program.
func (p *Parser) pamLine(e *Event, m string) {
	if strings.HasPrefix(m, "pam_") {
		if _, tail, ok := strings.Cut(m, "): "); ok {
			m = tail
		}
	}
	switch {
	case strings.HasPrefix(m, "authentication failure;"), strings.Contains(m, "more authentication failure"), strings.HasPrefix(m, "conversation failed"):
		e.pamFailure(m)
	case strings.HasPrefix(m, "session opened for user "):
		e.login(pamUser(m[len("session opened for user "):]), Success)
	case strings.HasPrefix(m, "session closed for user "):
		e.login(pamUser(m[len("session closed for user "):]), Success)
		e.is(Authentication, 2)
	case strings.HasPrefix(m, "check pass; user unknown"):
		e.login("", Failure)
	case strings.HasPrefix(m, "FAILED LOGIN"):
		_, tail, _ := strings.Cut(m, " FOR ")
		e.login(strings.Trim(firstWord(tail), "'`,"), Failure)
	case strings.HasPrefix(m, "password changed for "):
		e.is(AccountChange, 3)
		e.User, e.Outcome = firstWord(m[len("password changed for "):]), Success
	}
}

// pamUser takes "root(uid=0) by (uid=0)" apart.
func pamUser(s string) string {
	user, _, _ := strings.Cut(firstWord(s), "(")
	return user
}

// pamFailure reads "…; logname= uid=0 euid=0 tty=ssh ruser= rhost=1.2.3.4  user=root".
func (e *Event) pamFailure(m string) {
	user, ruser := valueOf(m, " user="), valueOf(m, " ruser=")
	e.login(firstOf(user, ruser), Failure)
	host := valueOf(m, " rhost=")
	if a := address(host); a.IsValid() {
		e.Src = a
	} else {
		e.Domain = host
	}
}

// valueOf is the word behind a name.
func valueOf(m, name string) string {
	i := strings.LastIndex(m, name)
	if i < 0 {
		return ""
	}
	return strings.TrimRight(firstWord(m[i+len(name):]), ",;")
}

func (p *Parser) logind(e *Event, m string) {
	if rest, ok := strings.CutPrefix(m, "New session "); ok {
		if _, user, ok := strings.Cut(rest, " of user "); ok {
			e.login(strings.TrimRight(firstWord(user), "."), Success)
		}
	}
}

// accounts reads what the tools say that make, change and remove users and groups.
func (p *Parser) accounts(e *Event, m string) {
	e.Outcome = Success
	switch {
	case strings.HasPrefix(m, "new user:"):
		e.is(AccountChange, 1)
		e.User = valueOf(m, "name=")
	case strings.HasPrefix(m, "new group:"):
		e.is(GroupManagement, 6)
	case strings.HasPrefix(m, "delete user "):
		e.is(AccountChange, 6)
		e.User = between(m, '\'')
	case strings.HasPrefix(m, "removed group "), strings.HasPrefix(m, "group ") && strings.Contains(m, "removed"):
		e.is(GroupManagement, 5)
	case strings.HasPrefix(m, "add '"), strings.HasPrefix(m, "user ") && strings.Contains(m, " added by "):
		e.is(GroupManagement, 3)
		e.User = firstOf(between(m, '\''), firstWord(strings.TrimPrefix(m, "user ")))
	case strings.Contains(m, "password changed for "), strings.HasPrefix(m, "change user ") && strings.Contains(m, "password"):
		e.is(AccountChange, 3)
		e.User = firstOf(between(m, '\''), lastWord(m))
	case strings.HasPrefix(m, "lock user "):
		e.is(AccountChange, 9)
		e.User = between(m, '\'')
	case strings.HasPrefix(m, "unlock user "):
		e.is(AccountChange, 12)
		e.User = between(m, '\'')
	case strings.HasPrefix(m, "failed"), strings.Contains(m, "failure"):
		e.is(AccountChange, activityOther)
		e.Outcome = Failure
	default:
		e.Outcome = ""
		p.pamLine(e, m)
	}
}

// between is the text between the first pair of marks.
func between(m string, mark byte) string {
	_, tail, ok := strings.Cut(m, string(mark))
	if !ok {
		return ""
	}
	inner, _, ok := strings.Cut(tail, string(mark))
	if !ok {
		return ""
	}
	return inner
}

func lastWord(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }

// cron reads "(root) CMD (/usr/bin/thing)".
func (p *Parser) cron(e *Event, m string) {
	user, rest, ok := strings.Cut(m, ") ")
	if !ok || !strings.HasPrefix(user, "(") {
		p.pamLine(e, m)
		return
	}
	e.User = user[1:]
	switch {
	case strings.HasPrefix(rest, "CMD ("):
		e.is(JobActivity, 6)
		e.CommandLine = strings.TrimSpace(strings.TrimSuffix(rest[5:], ")"))
	case strings.HasPrefix(rest, "REPLACE"), strings.HasPrefix(rest, "END EDIT"):
		e.is(JobActivity, 2)
	case strings.HasPrefix(rest, "DELETE"):
		e.is(JobActivity, 3)
	case strings.HasPrefix(rest, "BEGIN EDIT"), strings.HasPrefix(rest, "LIST"), strings.HasPrefix(rest, "RELOAD"):
		e.is(JobActivity, activityOther)
	}
}
