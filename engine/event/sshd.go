package event

import "strings"

// sshd reads what OpenSSH says about those who come. The name of a user is chosen by
// whoever knocks and may say anything; the address is therefore read from the end.
func (p *Parser) sshd(e *Event, m string) {
	m = strings.TrimSuffix(strings.TrimSuffix(m, " [preauth]"), " [postauth]")
	m = strings.TrimPrefix(strings.TrimPrefix(m, "error: "), "fatal: ")
	verb, rest, _ := strings.Cut(m, " ")
	switch verb {
	case "Accepted", "Failed", "Postponed", "Partial":
		e.sshLogin(verb, rest)
	case "Invalid", "Illegal":
		e.sshUnknown(rest)
	case "Connection", "Disconnected", "Received", "Disconnecting", "Did", "Unable", "Read", "Bad", "banner", "ssh_dispatch_run_fatal:", "kex_exchange_identification:":
		e.sshConnection(m)
	case "User":
		e.sshRefused(rest)
	case "maximum":
		if _, who, ok := strings.Cut(rest, " exceeded for "); ok {
			e.userFrom(who, Failure)
		}
	case "reverse", "Address":
		e.sshReverse(m)
	case "input_userauth_request:":
		if user, ok := strings.CutPrefix(rest, "invalid user "); ok {
			e.login(strings.TrimSpace(user), Failure)
		}
	case "PAM", "PAM:":
		e.sshPAM(rest)
	case "Server":
		e.is(SSHActivity, 7)
		if _, tail, ok := strings.Cut(rest, " port "); ok {
			e.DstPort = port(strings.TrimSuffix(tail, "."))
		}
	case "Starting":
		e.is(SSHActivity, 6)
	}
}

// sshLogin reads "password for invalid user x y from 1.2.3.4 port 22 ssh2".
func (e *Event) sshLogin(verb, rest string) {
	_, who, ok := strings.Cut(rest, " for ")
	if !ok {
		return
	}
	outcome := map[string]string{"Accepted": Success, "Failed": Failure}[verb]
	e.userFrom(who, outcome)
	if verb == "Accepted" {
		if i := strings.LastIndex(who, " SHA256:"); i >= 0 {
			e.Also = append(e.Also, Observable{Type: ObservableCertificate, Value: strings.TrimSpace(who[i+1:]), Field: "certificate.fingerprints"})
		}
	}
}

// userFrom reads "invalid user NAME from ADDRESS port NUMBER".
func (e *Event) userFrom(who, outcome string) {
	user, tail := who, ""
	if i := strings.LastIndex(who, " from "); i >= 0 {
		user, tail = who[:i], who[i+len(" from "):]
	} else if host, ok := strings.CutPrefix(who, "from "); ok {
		user, tail = "", host
	}
	for _, word := range [...]string{"invalid user ", "illegal user "} {
		user = strings.TrimPrefix(user, word)
	}
	e.login(strings.TrimSpace(user), outcome)
	e.hostPort(tail)
}

// hostPort reads "ADDRESS port NUMBER …".
func (e *Event) hostPort(s string) {
	host, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	host = strings.TrimRight(host, ":,")
	number, _ := strings.CutPrefix(rest, "port ")
	number = strings.TrimRight(firstWord(number), ":.,")
	if a := address(host); a.IsValid() {
		e.from(host, number)
	} else if host != "" {
		e.Domain = host
	}
}

func (e *Event) sshUnknown(rest string) {
	if who, ok := strings.CutPrefix(rest, "user "); ok {
		e.userFrom(who, Failure)
	}
}

// sshRefused reads "User x from y not allowed because …".
func (e *Event) sshRefused(rest string) {
	who, _, ok := strings.Cut(rest, " not allowed because ")
	if !ok {
		return
	}
	e.userFrom(who, Failure)
}

// sshConnection reads what is said of connections: "Connection closed by invalid user x
// 1.2.3.4 port 22", "Received disconnect from 1.2.3.4 port 22:11: Bye".
func (e *Event) sshConnection(m string) {
	activity := 2
	switch {
	case strings.HasPrefix(m, "Connection from"):
		activity = 1
	case strings.HasPrefix(m, "Connection reset"):
		activity = 3
	case !strings.HasPrefix(m, "Connection closed") && !strings.HasPrefix(m, "Disconnect") && !strings.HasPrefix(m, "Received"):
		activity = 4
	}
	e.is(SSHActivity, activity)
	if activity == 1 {
		e.sshBothEnds(m)
		return
	}
	if i := strings.LastIndex(m, " port "); i >= 0 {
		from := strings.LastIndexByte(m[:i], ' ')
		e.hostPort(m[from+1:])
		e.sshUserBefore(m[:max(from, 0)])
		return
	}
	for _, lead := range [...]string{" from remote host ", " from ", " by ", " with "} {
		if _, tail, ok := strings.Cut(m, lead); ok {
			if a := address(strings.TrimRight(firstWord(tail), ":,.")); a.IsValid() {
				e.Src = a
				return
			}
		}
	}
	if _, user, ok := strings.Cut(m, "authentication failures for "); ok {
		e.login(firstWord(strings.TrimPrefix(user, "invalid user ")), Failure)
	}
}

// sshBothEnds reads "Connection from ADDRESS port 1 on ADDRESS port 22".
func (e *Event) sshBothEnds(m string) {
	near, far, _ := strings.Cut(strings.TrimPrefix(m, "Connection from "), " on ")
	e.hostPort(near)
	host, number, _ := strings.Cut(far, " port ")
	e.Dst, e.DstPort = address(host), port(firstWord(number))
}

// sshUsers are the words before the name of a user whose connection ends, and whether he
// had failed to come in.
var sshUsers = []struct {
	words  string
	failed bool
}{
	{" by invalid user ", true}, {" by authenticating user ", true}, {" from authenticating user ", true}, {" from invalid user ", true},
	{" from user ", false}, {" by user ", false},
}

// sshUserBefore reads the user in "… by authenticating user NAME".
func (e *Event) sshUserBefore(m string) {
	for _, u := range sshUsers {
		if _, user, ok := strings.Cut(m, u.words); ok {
			e.User = strings.TrimSpace(user)
			if u.failed {
				e.Outcome = Failure
			}
			return
		}
	}
}

// sshReverse reads the warnings about names that do not fit their address.
func (e *Event) sshReverse(m string) {
	e.is(SSHActivity, 6)
	e.Severity = max(e.Severity, 3)
	if rest, ok := strings.CutPrefix(m, "Address "); ok {
		host, tail, _ := strings.Cut(rest, " maps to ")
		e.Src = address(host)
		e.Domain = strings.TrimRight(firstWord(tail), ",")
		return
	}
	if _, tail, ok := strings.Cut(m, " for "); ok {
		e.Domain = firstWord(tail)
	}
	if open := strings.IndexByte(m, '['); open >= 0 {
		inner, _, _ := strings.Cut(m[open+1:], "]")
		e.Src = address(inner)
	}
}

// sshPAM reads "Authentication failure for illegal user x from y" and "5 more
// authentication failures; … rhost=1.2.3.4  user=root".
func (e *Event) sshPAM(rest string) {
	if strings.Contains(rest, "rhost=") {
		e.pamFailure(rest)
		return
	}
	if _, who, ok := strings.Cut(rest, " for "); ok {
		e.userFrom(who, Failure)
	}
}

// dropbear reads the messages of the small SSH server of routers.
func (p *Parser) dropbear(e *Event, m string) {
	outcome := ""
	switch {
	case strings.Contains(m, "auth succeeded for '"):
		outcome = Success
	case strings.HasPrefix(m, "Bad password attempt for '"), strings.HasPrefix(m, "Login attempt for nonexistent user"):
		outcome = Failure
	default:
		return
	}
	user := ""
	if open := strings.IndexByte(m, '\''); open >= 0 {
		if end := strings.LastIndexByte(m, '\''); end > open {
			user = m[open+1 : end]
		}
	}
	e.login(user, outcome)
	if i := strings.LastIndex(m, " from "); i >= 0 {
		if j := strings.LastIndexByte(m, ':'); j > i {
			e.from(m[i+6:j], m[j+1:])
		}
	}
}
