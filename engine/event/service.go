package event

import (
	"net/netip"
	"strconv"
	"strings"
)

// kernel reads what the packet filter logs: "IN=eth0 OUT= SRC=… DST=… PROTO=TCP SPT=…".
func (p *Parser) kernel(e *Event, m string) {
	if !strings.Contains(m, " SRC=") || !strings.Contains(m, " DST=") {
		if _, tail, ok := strings.Cut(m, "] "); ok && strings.HasPrefix(m, "[") { // seconds since it was started
			m = tail
		}
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
	from, to := mailAddress(m, "from=<"), mailAddress(m, "to=<")
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

// mailAddress is the mail address behind a name.
func mailAddress(m, name string) string {
	_, tail, ok := strings.Cut(m, name)
	if !ok {
		return ""
	}
	inner, _, _ := strings.Cut(tail, ">")
	return inner
}

// cisco reads what the firewalls of Cisco say of connections: "%ASA-6-302013: Built
// inbound TCP connection 1 for outside:A/1 (A/1) to inside:B/2 (B/2)". Of an outbound
// one the second is who began it.
func (p *Parser) cisco(e *Event, m string) {
	code, text, ok := strings.Cut(m, ": ")
	parts := strings.Split(code, "-")
	if !ok || len(parts) != 3 {
		return
	}
	e.Product, e.Service = "cisco", strings.ToLower(strings.TrimPrefix(parts[0], "%"))
	if n, ok := digits(parts[1]); ok && n < len(ocsfSeverity) {
		e.Severity = ocsfSeverity[n]
	}
	a, aPort, rest := ciscoEnd(text)
	b, bPort, _ := ciscoEnd(rest)
	if !a.IsValid() {
		return
	}
	if strings.Contains(text, " outbound ") {
		a, aPort, b, bPort = b, bPort, a, aPort
	}
	e.Src, e.SrcPort, e.Dst, e.DstPort = a, aPort, b, bPort
	e.Category = "firewall"
	switch verb := firstWord(text); {
	case strings.HasPrefix(verb, "Teardown"):
		e.is(NetworkActivity, 2)
	case strings.HasPrefix(verb, "Deny"), strings.Contains(text, " denied "), strings.HasPrefix(verb, "Dropped"):
		e.is(NetworkActivity, 5)
		e.Outcome = Failure
	case strings.HasPrefix(verb, "Built"), strings.Contains(text, " permitted "):
		e.is(NetworkActivity, 1)
		e.Outcome = Success
	default:
		e.is(NetworkActivity, 6)
	}
}

// ciscoEnd finds the next interface:address/port.
func ciscoEnd(s string) (a netip.Addr, number uint16, rest string) {
	for s != "" {
		var word string
		word, s, _ = strings.Cut(s, " ")
		_, at, ok := strings.Cut(word, ":")
		if !ok {
			continue
		}
		host, portText, _ := strings.Cut(at, "/")
		if a := address(host); a.IsValid() {
			return a, port(strings.TrimRight(portText, ",.)")), s
		}
	}
	return netip.Addr{}, 0, ""
}
