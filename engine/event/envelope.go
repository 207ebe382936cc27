package event

import (
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// ocsfIn reads an event that is in the words of OCSF already.
func (p *Parser) ocsfIn(v *fastjson.Value, e *Event) {
	e.Class = Class(v.GetInt("class_uid"))
	e.ActivityID = v.GetInt("activity_id")
	e.Activity = firstOf(p.at(v, "activity_name"), e.Class.activity(e.ActivityID))
	e.Severity = min(max(v.GetInt("severity_id"), 0), 99)
	if e.Severity > 6 {
		e.Severity = 0
	}
	p.when(e, firstOf(p.at(v, "time"), p.at(v, "time_dt")))
	e.Product = strings.ToLower(p.firstAt(v, "metadata.product.vendor_name", "metadata.product.name"))
	e.Service = strings.ToLower(p.firstAt(v, "metadata.log_name", "metadata.product.feature.name", "metadata.product.name"))
	e.Message = firstOf(p.at(v, "message"), p.firstAt(v, "finding_info.title", "finding.title", "type_name", "class_name"))
	e.Host = p.firstAt(v, "device.hostname", "device.name", "device.ip", "dst_endpoint.hostname")
	e.User = p.firstAt(v, "user.name", "actor.user.name", "user.email_addr", "actor.user.email_addr", "actor.user.uid", "user.uid")
	e.Process = p.firstAt(v, "process.file.path", "process.name", "actor.process.file.path", "actor.process.name")
	e.CommandLine = p.firstAt(v, "process.cmd_line", "actor.process.cmd_line")
	e.PID, _ = strconv.ParseInt(p.firstAt(v, "process.pid", "actor.process.pid"), 10, 64)
	e.File = p.firstAt(v, "file.path", "file.name", "module.file.path")
	e.Src, e.Dst = address(p.firstAt(v, "src_endpoint.ip")), address(p.firstAt(v, "dst_endpoint.ip"))
	e.SrcPort, e.DstPort = port(p.firstAt(v, "src_endpoint.port")), port(p.firstAt(v, "dst_endpoint.port"))
	e.Domain = strings.ToLower(strings.TrimSuffix(p.firstAt(v, "query.hostname", "http_request.url.hostname", "dst_endpoint.hostname", "tls.sni"), "."))
	e.URL = p.firstAt(v, "http_request.url.url_string", "http_request.url.text", "http_request.url.path")
	e.UserAgent = p.firstAt(v, "http_request.user_agent")
	e.Mail = p.firstAt(v, "email.from", "email.smtp_from")
	switch p.at(v, "status_id") {
	case "1":
		e.Outcome = Success
	case "2":
		e.Outcome = Failure
	default:
		e.Outcome = outcomeOf(p.at(v, "status"))
	}
	for _, at := range [...][]string{{"file", "hashes"}, {"process", "file", "hashes"}} {
		for _, h := range v.GetArray(at...) {
			e.setHash(p.at(h, "value"))
		}
	}
	p.ocsfObservables(v, e)
}

// observableTypes are the type_id of observables in OCSF.
var observableTypes = map[int]ObservableType{1: ObservableDomain, 2: ObservableAddress, 5: ObservableEmail, 6: ObservableURL, 7: ObservableFileName, 16: ObservableUserAgent}

func (p *Parser) ocsfObservables(v *fastjson.Value, e *Event) {
	for _, o := range v.GetArray("observables") {
		value, field, t := p.at(o, "value"), p.at(o, "name"), observableTypes[o.GetInt("type_id")]
		switch {
		case value == "" || field == "" || len(e.Also) >= mostAlso:
		case o.GetInt("type_id") == 8:
			e.setHash(value)
		case t != "" && !strings.HasPrefix(field, "src_endpoint.ip") && !strings.HasPrefix(field, "dst_endpoint.ip"):
			e.Also = append(e.Also, Observable{t, value, field})
		}
	}
}

// outcomeOf reads the words that software has for how it ended.
func outcomeOf(s string) string {
	switch strings.ToLower(s) {
	case "success", "succeeded", "successful", "ok", "true", "allow", "allowed", "0":
		return Success
	case "failure", "failed", "fail", "error", "denied", "deny", "blocked", "false":
		return Failure
	}
	return ""
}

// ecs reads an event in the words of the Elastic Common Schema.
func (p *Parser) ecs(v *fastjson.Value, e *Event) {
	p.when(e, p.firstAt(v, "@timestamp", "event.created"))
	e.Message = firstOf(p.firstAt(v, "message", "event.original", "event.action", "event.reason"))
	e.Host = p.firstAt(v, "host.name", "host.hostname", "observer.hostname", "agent.hostname", "agent.name")
	e.User = p.firstAt(v, "user.name", "user.email", "user.id")
	e.Process = p.firstAt(v, "process.executable", "process.name")
	e.CommandLine = p.firstAt(v, "process.command_line")
	e.PID, _ = strconv.ParseInt(p.firstAt(v, "process.pid"), 10, 64)
	e.File = p.firstAt(v, "file.path", "file.name")
	e.Src, e.Dst = address(p.firstAt(v, "source.ip", "client.ip", "source.address")), address(p.firstAt(v, "destination.ip", "server.ip"))
	e.SrcPort, e.DstPort = port(p.firstAt(v, "source.port", "client.port")), port(p.firstAt(v, "destination.port", "server.port"))
	e.Domain = strings.ToLower(p.firstAt(v, "dns.question.name", "url.domain", "destination.domain", "tls.client.server_name"))
	e.URL = p.firstAt(v, "url.full", "url.original", "url.path")
	e.UserAgent = p.firstAt(v, "user_agent.original")
	e.Mail = p.firstAt(v, "email.from.address", "email.sender.address")
	for _, path := range [...]string{"file.hash.", "process.hash.", "hash."} {
		for _, name := range [...]string{"md5", "sha1", "sha256"} {
			e.setHash(p.firstAt(v, path+name))
		}
	}
	p.certificate(p.firstAt(v, "tls.server.hash.sha256", "tls.server.hash.sha1"), e)
	for _, a := range list(dig(v, "dns.resolved_ip")) {
		p.answer(p.scalar(a), e)
	}
	e.Outcome = outcomeOf(p.firstAt(v, "event.outcome"))
	e.Product, e.Service = ecsProduct(p.firstAt(v, "event.module", "event.dataset", "host.os.type", "host.os.platform")), p.firstAt(v, "event.provider", "event.dataset", "event.module")
	e.Severity = levelSeverity(p.firstAt(v, "log.level", "event.severity"))
	p.ecsClass(v, e)
}

func list(v *fastjson.Value) []*fastjson.Value {
	if v == nil {
		return nil
	}
	if v.Type() != fastjson.TypeArray {
		return []*fastjson.Value{v}
	}
	return v.GetArray()
}

func ecsProduct(module string) string {
	name, _, _ := strings.Cut(module, ".")
	if name == "system" || name == "auditd" || name == "iptables" {
		return "linux"
	}
	return name
}

// ecsClass says what kind of event it is by event.category and event.type.
func (p *Parser) ecsClass(v *fastjson.Value, e *Event) {
	kinds := list(dig(v, "event.type"))
	is := func(word string) bool {
		for _, k := range kinds {
			if string(k.GetStringBytes()) == word {
				return true
			}
		}
		return false
	}
	crud := func(c Class) {
		activity := activityOther
		for i, word := range [...]string{"creation", "access", "change", "deletion"} {
			if is(word) {
				activity = i + 1
			}
		}
		e.is(c, activity)
	}
	for _, c := range list(dig(v, "event.category")) {
		switch string(c.GetStringBytes()) {
		case "authentication", "session":
			e.is(Authentication, 1)
			if is("end") {
				e.is(Authentication, 2)
			}
		case "process":
			e.is(ProcessActivity, 1)
			e.Category = "process_creation"
			if is("end") {
				e.is(ProcessActivity, 2)
				e.Category = "process_termination"
			}
		case "file":
			crud(FileActivity)
		case "network":
			if e.Class == Base {
				e.is(NetworkActivity, 6)
			}
			if dig(v, "dns.question.name") != nil {
				e.is(DNSActivity, 1)
				e.Category = "dns"
			}
		case "web":
			e.is(HTTPActivity, methodActivity(strings.ToUpper(p.firstAt(v, "http.request.method"))))
			e.Category = "webserver"
		case "iam":
			e.is(AccountChange, activityOther)
		case "intrusion_detection", "malware", "threat":
			e.is(DetectionFinding, 1)
		case "registry":
			e.is(RegistryValue, 2)
		case "driver", "library":
			e.is(ModuleActivity, 1)
		case "email":
			e.is(EmailActivity, activityOther)
		}
		if e.Class != Base {
			return
		}
	}
}

// levelSeverity is the severity_id of a level in words or of a number up to 100.
func levelSeverity(level string) int {
	switch strings.ToLower(level) {
	case "emerg", "emergency", "fatal", "panic":
		return 6
	case "alert", "crit", "critical":
		return 5
	case "err", "error", "high":
		return 4
	case "warn", "warning", "medium":
		return 3
	case "notice", "low":
		return 2
	}
	if n, err := strconv.Atoi(level); err == nil && n > 20 && n <= 100 {
		return 1 + n/21
	}
	return 1
}
