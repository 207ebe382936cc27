package event

import (
	"bytes"
	"strings"
)

// looksLikeAccess recognises a line of a web server's log by its time and its request.
func looksLikeAccess(line []byte) bool {
	head := line[:min(len(line), 512)]
	open := bytes.IndexByte(head, '[')
	if open < 3 || open+22 > len(head) || bytes.Count(head[open:open+13], []byte{'/'}) != 2 {
		return false
	}
	return bytes.IndexByte(head[open:], '"') > 0
}

// access reads the common and the combined format of nginx, Apache and Tomcat:
//
//	host ident user [time] "METHOD path HTTP/1.1" status bytes "referer" "user agent"
//
// with a name of the virtual host before, and anything behind.
func (p *Parser) access(s string, e *Event) bool {
	s = strings.TrimSpace(s)
	if p.webError(s, e) || p.squid(s, e) {
		return true
	}
	open := strings.IndexByte(s, '[')
	if open < 0 {
		return false
	}
	stamp, rest, ok := strings.Cut(s[open+1:], "]")
	if !ok {
		return false
	}
	when, n := commonTime(stamp)
	if n == 0 {
		return false
	}
	vhost, client, ident, user := accessClient(strings.Fields(s[:open]))
	rest = strings.TrimLeft(rest, " ")
	if !strings.HasPrefix(rest, `"`) {
		return false
	}
	request, n := quotedText(rest[1:])
	fields := strings.TrimLeft(rest[1+n:], " ")
	status, fields, _ := strings.Cut(fields, " ")
	size, fields, _ := strings.Cut(fields, " ")
	referer, fields := nextQuoted(fields)
	agent, _ := nextQuoted(fields)

	e.Format, e.Message = AccessLog, cleanText(s)
	e.happened(when, stamp)
	e.Category = "webserver"
	method, target, protocol := splitRequest(request)
	e.is(HTTPActivity, methodActivity(method))
	e.Src, e.User, e.UserAgent = address(client), user, agent
	if !e.Src.IsValid() {
		e.Domain = client
	}
	e.URL = target
	e.Host = vhost
	e.Outcome = statusOutcome(status)

	var o object
	o.open(e.buffer)
	o.text("c-ip", client)
	o.text("cs-ident", ident)
	o.text("cs-username", user)
	o.text("cs-host", vhost)
	o.text("cs-method", method)
	path, query, _ := strings.Cut(target, "?")
	o.text("cs-uri", target)
	o.text("cs-uri-stem", path)
	o.text("cs-uri-query", query)
	o.text("cs-version", protocol)
	if code, ok := digits(status); ok {
		o.number("sc-status", int64(code))
	}
	if count, ok := digits(size); ok && len(size) < 18 {
		o.number("sc-bytes", int64(count))
	}
	o.text("cs-referer", referer)
	o.text("cs-user-agent", agent)
	o.always("message", s)
	e.native(o.close())
	return true
}

// accessClient takes "vhost:443 client ident user" apart.
func accessClient(words []string) (vhost, client, ident, user string) {
	dash := func(s string) string {
		if s == "-" {
			return ""
		}
		return s
	}
	switch len(words) {
	case 0:
	case 1:
		client = words[0]
	case 2:
		client, user = words[0], dash(words[1])
	case 3:
		client, ident, user = words[0], dash(words[1]), dash(words[2])
	default:
		if address(words[0]).IsValid() || dash(words[1]) == "" {
			return "", words[0], dash(words[1]), dash(strings.Join(words[2:], " "))
		}
		vhost, client, ident, user = words[0], words[1], dash(words[2]), dash(strings.Join(words[3:], " "))
	}
	return vhost, client, ident, user
}

// quotedText reads up to the closing quote; a quote behind a backslash is part of it.
func quotedText(s string) (string, int) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[:i], i + 1
		}
	}
	return s, len(s)
}

func nextQuoted(s string) (text, rest string) {
	s = strings.TrimLeft(s, " ")
	if !strings.HasPrefix(s, `"`) {
		return "", s
	}
	text, n := quotedText(s[1:])
	if text == "-" {
		text = ""
	}
	return text, s[1+n:]
}

// splitRequest takes "GET /path HTTP/1.1" apart. What is no request is a target.
func splitRequest(s string) (method, target, protocol string) {
	method, rest, ok := strings.Cut(s, " ")
	if !ok {
		return "", notNil(s), ""
	}
	for _, c := range method {
		if (c < 'A' || c > 'Z') && c != '_' && c != '-' {
			return "", s, ""
		}
	}
	if i := strings.LastIndexByte(rest, ' '); i >= 0 && strings.HasPrefix(rest[i+1:], "HTTP/") {
		return method, rest[:i], rest[i+1:]
	}
	return method, rest, ""
}

func methodActivity(method string) int {
	switch method {
	case "CONNECT":
		return 1
	case "DELETE":
		return 2
	case "GET":
		return 3
	case "HEAD":
		return 4
	case "OPTIONS":
		return 5
	case "POST":
		return 6
	case "PUT":
		return 7
	case "TRACE":
		return 8
	case "PATCH":
		return 9
	case "":
		return activityUnknown
	}
	return activityOther
}

// statusOutcome: whoever is not let in, or breaks something, failed.
func statusOutcome(status string) string {
	if len(status) != 3 || !isDigit(status[0]) {
		return ""
	}
	if status[0] >= '4' {
		return Failure
	}
	return Success
}
