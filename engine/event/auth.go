package event

import (
	"strconv"
	"strings"
)

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
	case strings.HasPrefix(m, "Successful su for "), strings.HasPrefix(m, "FAILED su for "), strings.HasPrefix(m, "FAILED SU "):
		outcome := Failure
		if m[0] == 'S' {
			outcome = Success
		}
		_, tail, _ := strings.Cut(m, " by ")
		e.login(firstWord(tail), outcome)
	case strings.HasPrefix(m, "(to "):
		_, tail, _ := strings.Cut(m, ") ")
		e.login(firstWord(tail), Success)
	case strings.HasPrefix(m, "FAILED SU (to "):
		_, tail, _ := strings.Cut(m, ") ")
		e.login(firstWord(tail), Failure)
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
	name := func() string { user, _, _ := strings.Cut(m, "name="); _ = user; return valueOf(m, "name=") }
	e.Outcome = Success
	switch {
	case strings.HasPrefix(m, "new user:"):
		e.is(AccountChange, 1)
		e.User = name()
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

// kernel reads what the packet filter logs: "IN=eth0 OUT= SRC=… DST=… PROTO=TCP SPT=…".
func (p *Parser) kernel(e *Event, m string) {
	if !strings.Contains(m, " SRC=") || !strings.Contains(m, " DST=") {
		p.inner(e, m)
		return
	}
	e.is(NetworkActivity, 6)
	e.Category = "firewall"
	e.Src, e.Dst = address(valueOf(m, " SRC=")), address(valueOf(m, " DST="))
	e.SrcPort, e.DstPort = port(valueOf(m, " SPT=")), port(valueOf(m, " DPT="))
	upper := strings.ToUpper(m[:strings.Index(m, "SRC=")])
	for _, word := range [...]string{"BLOCK", "DROP", "DENY", "REJECT"} {
		if strings.Contains(upper, word) {
			e.is(NetworkActivity, 5)
			e.Outcome = Failure
		}
	}
	if strings.Contains(upper, "ALLOW") || strings.Contains(upper, "ACCEPT") {
		e.is(NetworkActivity, 1)
		e.Outcome = Success
	}
}

// named reads "client @0x7f… 10.0.0.1#1036 (example.org): query: example.org IN A".
func (p *Parser) named(e *Event, m string) {
	i := strings.Index(m, "client ")
	if i < 0 {
		return
	}
	rest := m[i+len("client "):]
	if strings.HasPrefix(rest, "@") {
		_, rest, _ = strings.Cut(rest, " ")
	}
	host, tail, ok := strings.Cut(rest, "#")
	if !ok {
		return
	}
	e.is(DNSActivity, 1)
	e.Category = "dns"
	number := tail
	if end := strings.IndexFunc(tail, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		number = tail[:end]
	}
	e.from(host, number)
	if _, query, ok := strings.Cut(tail, "query: "); ok {
		e.Domain = strings.ToLower(firstWord(query))
	} else if _, name, ok := strings.Cut(tail, "("); ok && !strings.HasPrefix(name, "cache)") {
		name, _, _ = strings.Cut(name, ")")
		e.Domain = strings.ToLower(name)
	}
	if strings.Contains(tail, "denied") || strings.Contains(tail, "refused") {
		e.Outcome = Failure
	}
}

// dnsmasq reads "query[A] example.org from 10.0.0.2".
func (p *Parser) dnsmasq(e *Event, m string) {
	verb, rest, _ := strings.Cut(m, " ")
	if _, err := strconv.Atoi(verb); err == nil { // a number and an address before it, with log-queries=extra
		_, rest, _ = strings.Cut(rest, " ")
		verb, rest, _ = strings.Cut(rest, " ")
	}
	if !strings.HasPrefix(verb, "query[") {
		return
	}
	e.is(DNSActivity, 1)
	e.Category = "dns"
	name, tail, _ := strings.Cut(rest, " from ")
	e.Domain = strings.ToLower(name)
	e.Src = address(firstWord(tail))
}

// vsftpd reads `FAIL LOGIN: Client "10.0.0.1"`.
func (p *Parser) vsftpd(e *Event, m string) {
	_, tail, ok := strings.Cut(m, "Client \"")
	if !ok {
		p.pamLine(e, m)
		return
	}
	host, _, _ := strings.Cut(tail, "\"")
	e.is(FTPActivity, activityOther)
	switch {
	case strings.Contains(m, "FAIL LOGIN"):
		e.login(ftpUser(m), Failure)
	case strings.Contains(m, "OK LOGIN"):
		e.login(ftpUser(m), Success)
	}
	e.Src = address(host)
}

// ftpUser is the name in brackets before the last word of the event.
func ftpUser(m string) string {
	head, _, _ := strings.Cut(m, " LOGIN")
	end := strings.LastIndexByte(head, ']')
	open := strings.LastIndexByte(head, '[')
	if open < 0 || end < open {
		return ""
	}
	user := head[open+1 : end]
	if strings.HasPrefix(user, "pid ") {
		return ""
	}
	return user
}

// dovecot reads "imap-login: Login: user=<x>, method=PLAIN, rip=1.2.3.4".
func (p *Parser) dovecot(e *Event, m string) {
	if !strings.Contains(m, "user=<") {
		p.pamLine(e, m)
		return
	}
	_, tail, _ := strings.Cut(m, "user=<")
	user, _, _ := strings.Cut(tail, ">")
	switch {
	case strings.Contains(m, "Login: "):
		e.login(user, Success)
	case strings.Contains(m, "auth failed"), strings.Contains(m, "Aborted login"):
		e.login(user, Failure)
	}
	e.Src, e.Dst = address(valueOf(m, " rip=")), address(valueOf(m, " lip="))
}

// mail reads what Postfix says of connections and of mail.
func (p *Parser) mail(e *Event, m, unit string) {
	if open := strings.IndexByte(m, '['); open >= 0 {
		inner, tail, _ := strings.Cut(m[open+1:], "]")
		if a := address(inner); a.IsValid() {
			e.Src = a
			if number, ok := strings.CutPrefix(tail, ":"); ok {
				n, m := shortNumber(number, 5)
				if m > 0 {
					e.SrcPort = uint16(min(n, 65535))
				}
			}
		}
	}
	from, to := address2(m, "from=<"), address2(m, "to=<")
	e.Mail = firstOf(from, to)
	if from != "" && to != "" {
		e.Also = append(e.Also, Observable{Type: ObservableEmail, Value: to, Field: "email.to"})
	}
	switch {
	case strings.Contains(m, "SASL") && strings.Contains(m, "authentication failed"):
		e.login(valueOf(m, "sasl_username="), Failure)
	case strings.Contains(m, "sasl_username="):
		e.login(valueOf(m, "sasl_username="), Success)
	case strings.Contains(m, "reject:"):
		e.is(EmailActivity, 2)
		e.Outcome = Failure
	case strings.Contains(m, "status=sent"):
		e.is(EmailActivity, 1)
		e.Outcome = Success
	case strings.Contains(m, "status="):
		e.is(EmailActivity, 1)
		e.Outcome = Failure
	case e.Mail != "", strings.HasPrefix(m, "connect from "), unit == "smtpd":
		e.is(EmailActivity, 4)
	}
}

// address2 is the mail address behind a name.
func address2(m, name string) string {
	_, tail, ok := strings.Cut(m, name)
	if !ok {
		return ""
	}
	inner, _, _ := strings.Cut(tail, ">")
	return inner
}
