package event

import (
	"bytes"
	"strings"
	"time"
)

// webErrorStart is where the level stands in brackets in a line of the error log of
// nginx ("2024/12/30 06:07:37 [error] …") or Apache ("[Tue Sep 30 11:30:13.262255 2014]
// [core:error] …"); 0 where it is none.
func webErrorStart(s string) int {
	if len(s) > 22 && s[4] == '/' && s[7] == '/' && s[10] == ' ' && s[19] == ' ' && s[20] == '[' {
		return 20
	}
	if len(s) > 26 && s[0] == '[' && weekday(s[1:]) > 0 {
		if i := strings.Index(s, "] ["); i > 0 && i < 40 {
			return i + 2
		}
	}
	return 0
}

// webError reads a line of a web server's error log.
func (p *Parser) webError(s string, e *Event) bool {
	at := webErrorStart(s)
	if at == 0 && !bareLevel(s) {
		return false
	}
	level, rest, ok := strings.Cut(s[at+1:], "]")
	if !ok {
		return false
	}
	if _, after, ok := strings.Cut(level, ":"); ok { // core:error
		level = after
	}
	e.Format, e.Category, e.Message = AccessLog, "webserver", cleanText(s)
	e.Service = "apache"
	if at == 20 && s[0] != '[' {
		e.Service = "nginx"
	}
	e.Severity = levelSeverity(level)
	p.webErrorTime(s[:at], e)
	e.is(HTTPActivity, activityOther)
	client := webClient(rest)
	e.Src, e.SrcPort = client.Addr(), client.Port()
	var o object
	o.open(e.buffer)
	o.text("service", e.Service)
	o.text("level", level)
	o.text("c-ip", addressText(e.Src))
	o.always("message", s)
	e.native(o.close())
	return true
}

// bareLevel recognises a line of Apache's error log without a time.
func bareLevel(s string) bool {
	for _, level := range [...]string{"[error] ", "[notice] ", "[warn] ", "[crit] "} {
		if strings.HasPrefix(s, level) {
			return true
		}
	}
	return false
}

func (p *Parser) webErrorTime(head string, e *Event) {
	head = strings.Trim(head, "[] ")
	if head == "" {
		return
	}
	if t, n := isoTime(head, p.zone); n > 0 {
		e.happened(t, head)
		return
	}
	for _, layout := range [...]string{"Mon Jan 2 15:04:05.999999999 2006", "Mon Jan _2 15:04:05 2006"} {
		if t, err := time.ParseInLocation(layout, head, p.zone); err == nil {
			e.happened(t.UTC(), head)
			return
		}
	}
	e.complain("the time %q is in no known form; that of its arrival is taken", shorten(head, 60))
}

// looksLikeSquid recognises seconds with milliseconds, a duration and an address.
func looksLikeSquid(line []byte) bool {
	return len(line) > 30 && line[10] == '.' && isDigit(line[0]) && line[14] == ' ' && bytes.Contains(line[:min(len(line), 120)], []byte{'/'})
}

// squid reads the native log of the Squid proxy:
//
//	1140701230.827 781 192.168.1.210 TCP_DENIED/407 1785 GET http://example.org user NONE/- text/html
func (p *Parser) squid(s string, e *Event) bool {
	if !looksLikeSquid([]byte(s[:min(len(s), 120)])) {
		return false
	}
	f := strings.Fields(s)
	if len(f) < 8 {
		return false
	}
	at, ok := epoch(f[0])
	result, status, ok2 := strings.Cut(f[3], "/")
	if !ok || !ok2 {
		return false
	}
	e.Format, e.Category, e.Service, e.Message = AccessLog, "proxy", "squid", cleanText(s)
	e.happened(at, f[0])
	e.is(HTTPActivity, methodActivity(f[5]))
	e.Src, e.URL, e.User = address(f[2]), f[6], notNil(f[7])
	e.Outcome = statusOutcome(status)
	e.Domain = hostOf(e.URL)
	var o object
	o.open(e.buffer)
	o.text("c-ip", f[2])
	o.text("sc-result", result)
	o.text("sc-status", status)
	o.text("sc-bytes", f[4])
	o.text("cs-method", f[5])
	o.text("c-uri", f[6])
	o.text("cs-host", e.Domain)
	o.text("cs-username", e.User)
	o.always("message", s)
	e.native(o.close())
	return true
}

// hostOf is the host in a URL.
func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		rest = rest[:i]
	}
	return strings.ToLower(strings.Trim(rest, "[]"))
}
