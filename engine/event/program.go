package event

import (
	"strings"
)

// A teller reads the messages of one program.
type teller struct {
	service string // as Sigma rules name it
	tell    func(p *Parser, e *Event, message string)
}

// tellerOf is the program whose messages are understood, by its name. It is no table
// because messages may hold events of other formats, which lead back here.
func tellerOf(name string) (teller, bool) {
	switch strings.ToLower(name) {
	case "sshd", "sshd-session", "sshd-auth":
		return teller{"sshd", (*Parser).sshd}, true
	case "dropbear":
		return teller{"sshd", (*Parser).dropbear}, true
	case "sudo":
		return teller{"sudo", (*Parser).sudo}, true
	case "su":
		return teller{"auth", (*Parser).su}, true
	case "login":
		return teller{"auth", (*Parser).pamLine}, true
	case "systemd-logind":
		return teller{"auth", (*Parser).logind}, true
	case "useradd", "userdel", "usermod", "groupadd", "groupdel", "gpasswd", "passwd", "chpasswd":
		return teller{"auth", (*Parser).accounts}, true
	case "cron", "crond":
		return teller{"cron", (*Parser).cron}, true
	case "kernel":
		return teller{"syslog", (*Parser).kernel}, true
	case "named":
		return teller{"syslog", (*Parser).named}, true
	case "dnsmasq":
		return teller{"syslog", (*Parser).dnsmasq}, true
	case "vsftpd":
		return teller{"vsftpd", (*Parser).vsftpd}, true
	case "dovecot":
		return teller{"syslog", (*Parser).dovecot}, true
	case "clamd", "freshclam":
		return teller{"clamav", (*Parser).inner}, true
	case "guacd":
		return teller{"guacamole", (*Parser).inner}, true
	case "audispd", "audisp-syslog", "auditd", "audit":
		return teller{"auditd", (*Parser).audited}, true
	case "nginx", "apache2", "httpd":
		return teller{"syslog", (*Parser).web}, true
	}
	return teller{}, false
}

// program reads the message of a syslog line in the words of the program.
func (p *Parser) program(h *header, e *Event) {
	name := h.program
	if i := strings.LastIndexByte(name, '/'); i >= 0 && strings.HasPrefix(name, "/") {
		name = name[i+1:]
	}
	name, module, _ := strings.Cut(name, "(")
	name, unit, _ := strings.Cut(name, "/")
	t, known := tellerOf(name)
	switch {
	case known:
		e.Service = t.service
	case name == "postfix" || name == "sendmail":
		e.Service = "syslog"
		p.mail(e, e.Message, unit)
		return
	case h.facility == 4 || h.facility == 10:
		e.Service = "auth"
	default:
		e.Service = "syslog"
	}
	if strings.HasPrefix(h.program, "%") { // network devices write no name before it
		p.inner(e, h.program+": "+e.Message)
		return
	}
	if strings.HasPrefix(module, "pam_") || strings.HasPrefix(e.Message, "pam_") {
		p.pamLine(e, e.Message)
		return
	}
	if known {
		t.tell(p, e, repeated(e.Message))
		return
	}
	p.inner(e, e.Message)
}

// inner reads a message that is itself of another format: a JSON object, a record of
// the audit system, a line of a web server's log.
func (p *Parser) inner(e *Event, message string) {
	message = strings.TrimPrefix(message, "@cee:")
	message = strings.TrimLeft(message, " ")
	switch {
	case strings.HasPrefix(message, "%ASA-"), strings.HasPrefix(message, "%FTD-"), strings.HasPrefix(message, "%PIX-"):
		p.cisco(e, message)
	case strings.HasPrefix(message, "{"):
		p.innerJSON(e, message)
	case looksLikeAudit([]byte(message[:min(len(message), 200)])):
		p.audited(e, message)
	case strings.HasPrefix(message, "<Event"):
		p.innerXML(e, message)
	case strings.HasPrefix(message, "pam_"):
		p.pamLine(e, message)
	}
}

// innerJSON reads an object within a syslog line.
func (p *Parser) innerJSON(e *Event, message string) {
	p.within(e, func(inner *Event) bool { return p.structured([]byte(message), JSON, inner) })
}

// innerXML reads a Windows event within a syslog line, as Sysmon for Linux writes it.
func (p *Parser) innerXML(e *Event, message string) {
	p.within(e, func(inner *Event) bool { return p.windowsXML([]byte(message), inner) })
}

// web reads a line of an access log within a syslog line.
func (p *Parser) web(e *Event, message string) {
	p.within(e, func(inner *Event) bool { return p.access(message, inner) })
}

// audited reads a record of the audit system within a syslog line.
func (p *Parser) audited(e *Event, message string) {
	p.within(e, func(inner *Event) bool { return p.audit(message, inner) })
}

// repeated takes "message repeated 5 times: [ … ]" off a message.
func repeated(message string) string {
	if !strings.HasPrefix(message, "message repeated ") {
		return message
	}
	if _, inner, ok := strings.Cut(message, " times: [ "); ok {
		return strings.TrimSuffix(inner, "]")
	}
	return message
}

// within reads a message that is an event of another format. What it does not say is
// that of the line around it.
func (p *Parser) within(e *Event, read func(inner *Event) bool) {
	inner := Event{Line: e.Line, Time: e.Time}
	if !read(&inner) {
		return
	}
	inner.buffer = append(e.buffer[:0], inner.Native...)
	inner.Native = inner.buffer
	inner.Host = firstOf(inner.Host, e.Host)
	inner.Process = firstOf(inner.Process, e.Process)
	inner.Message = firstOf(inner.Message, e.Message)
	inner.Product = firstOf(inner.Product, e.Product)
	inner.Severity = max(inner.Severity, e.Severity)
	inner.Complaint = firstOf(e.Complaint, inner.Complaint)
	*e = inner
}

// firstOf is the first text that is not empty.
func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// login says that somebody came in, or did not.
func (e *Event) login(user, outcome string) {
	e.is(Authentication, 1)
	e.User, e.Outcome = user, outcome
	if outcome == Failure {
		e.Severity = max(e.Severity, 2)
	}
}

// from sets the address at the other end.
func (e *Event) from(host, portNumber string) {
	if a := address(host); a.IsValid() {
		e.Src = a
		e.SrcPort = port(portNumber)
	}
}
