package event

import "strings"

// ocsfVersion is the version of the schema that documents are written in.
const ocsfVersion = "1.5.0"

// OCSF is the event as a JSON document of OCSF. One that arrived as such is given back
// as it was. What has no place in the schema stands in unmapped, the line in raw_data.
func (e *Event) OCSF() []byte {
	if e.Format == OCSF && len(e.Native) > 0 {
		return append([]byte(nil), e.Native...)
	}
	var o object
	o.open(make([]byte, 0, 2*len(e.Raw)+1024))
	e.ocsfHead(&o)
	e.ocsfWho(&o)
	e.ocsfNetwork(&o)
	e.ocsfThings(&o)
	e.ocsfFindings(&o)
	o.text("raw_data", string(e.Raw))
	if len(e.Native) > 0 && e.Native[0] == '{' {
		o.raw("unmapped", e.Native)
	}
	return o.close()
}

func (e *Event) ocsfHead(o *object) {
	o.number("class_uid", int64(e.Class))
	o.text("class_name", e.Class.Name())
	o.number("category_uid", int64(e.Class.Category()))
	o.text("category_name", e.Class.categoryName())
	o.number("activity_id", int64(e.ActivityID))
	o.text("activity_name", firstOf(e.Activity, e.Class.activity(e.ActivityID)))
	o.number("type_uid", int64(e.Class)*100+int64(e.ActivityID))
	o.number("severity_id", int64(e.Severity))
	if !e.Time.IsZero() {
		o.number("time", e.Time.UnixMilli())
	} else {
		o.number("time", 0)
	}
	o.text("message", e.Message)
	switch e.Outcome {
	case Success:
		o.number("status_id", 1)
		o.text("status", "Success")
	case Failure:
		o.number("status_id", 2)
		o.text("status", "Failure")
	}
	o.enter("metadata")
	o.text("version", ocsfVersion)
	o.enter("product")
	o.always("name", firstOf(e.Product, "unknown"))
	o.always("vendor_name", firstOf(vendors[e.Product], e.Product, "unknown"))
	o.leave()
	o.text("log_name", e.Service)
	o.text("log_provider", e.Source)
	o.text("log_format", string(e.Format))
	if !e.Received.IsZero() {
		o.number("logged_time", e.Received.UnixMilli())
	}
	o.leave()
}

// vendors are the makers of the products that are known.
var vendors = map[string]string{"windows": "Microsoft", "aws": "AWS", "zeek": "Zeek", "suricata": "OISF", "linux": "Linux", "kubernetes": "Kubernetes"}

// ocsfWho writes the machine, the user and the program.
func (e *Event) ocsfWho(o *object) {
	if e.Host != "" || e.Class.Category() == 1 {
		o.enter("device")
		o.text("hostname", e.Host)
		o.number("type_id", 0)
		o.leave()
	}
	if e.User != "" || e.Process != "" || e.Class.Category() == 1 || e.Class == APIActivity {
		o.enter("actor")
		if e.User != "" {
			o.enter("user")
			o.text("name", e.User)
			o.leave()
		}
		if e.Process != "" && e.Class != ProcessActivity {
			e.ocsfProcess(o)
		}
		if e.User == "" && (e.Process == "" || e.Class == ProcessActivity) {
			o.always("app_name", firstOf(e.Service, e.Product, "unknown"))
		}
		o.leave()
	}
	if e.Class == ProcessActivity {
		e.ocsfProcess(o)
	}
	if c := e.Class; c == Authentication || c == AccountChange || c == AuthorizeSession || c == GroupManagement {
		o.enter("user")
		o.always("name", firstOf(e.User, "unknown"))
		o.leave()
	}
}

func (e *Event) ocsfProcess(o *object) {
	o.enter("process")
	o.text("name", baseName(e.Process))
	if e.PID > 0 {
		o.number("pid", e.PID)
	}
	o.text("cmd_line", e.CommandLine)
	if strings.ContainsAny(e.Process, `/\`) {
		o.enter("file")
		o.text("path", e.Process)
		o.text("name", baseName(e.Process))
		o.number("type_id", 1)
		if e.File == "" {
			e.ocsfHashes(o)
		}
		o.leave()
	}
	o.leave()
}

func (e *Event) ocsfNetwork(o *object) {
	e.ocsfEndpoint(o, "src_endpoint", addressText(e.Src), "", e.SrcPort)
	domain := e.Domain
	if e.Class == DNSActivity {
		domain = ""
	}
	e.ocsfEndpoint(o, "dst_endpoint", addressText(e.Dst), domain, e.DstPort)
	if e.Class == DNSActivity && e.Domain != "" {
		o.enter("query")
		o.text("hostname", e.Domain)
		o.leave()
	}
	if e.URL == "" && e.UserAgent == "" && e.Class != HTTPActivity {
		return
	}
	o.enter("http_request")
	o.text("user_agent", e.UserAgent)
	if e.URL != "" {
		o.enter("url")
		o.text("url_string", e.URL)
		o.leave()
	}
	o.leave()
}

func (e *Event) ocsfEndpoint(o *object, name, address, host string, port uint16) {
	if address == "" && host == "" && port == 0 {
		if e.Class == APIActivity && name == "src_endpoint" || e.Class == Authentication && name == "dst_endpoint" {
			o.named(name, "hostname", e.Host)
		}
		return
	}
	o.enter(name)
	o.text("ip", address)
	o.text("hostname", host)
	if port > 0 {
		o.number("port", int64(port))
	}
	o.leave()
}

// ocsfThings writes what was touched. The schema insists on the object that a class is
// about, also where the line does not name it.
func (e *Event) ocsfThings(o *object) {
	switch e.Class {
	case RegistryKey:
		o.named("reg_key", "path", e.File)
	case RegistryValue:
		o.named("reg_value", "path", e.File)
	case ModuleActivity:
		o.enter("module")
		e.ocsfFile(o)
		o.leave()
	case KernelActivity:
		o.enter("kernel")
		o.always("name", firstOf(e.File, "unknown"))
		o.number("type_id", 0)
		o.leave()
	case APIActivity:
		operation, _, _ := strings.Cut(e.Message, ":")
		o.named("api", "operation", lastWord(operation))
	case JobActivity:
		o.named("job", "name", firstOf(e.CommandLine, e.Message))
	case GroupManagement:
		o.named("group", "name", "")
	case EntityManagement:
		o.named("entity", "name", firstOf(e.File, e.User))
	case FileActivity:
		e.ocsfFile(o)
	default:
		if e.File != "" {
			e.ocsfFile(o)
		}
	}
	if e.Mail != "" || e.Class == EmailActivity {
		o.named("email", "from", e.Mail)
	}
	if e.Class == EmailActivity {
		o.number("direction_id", 0)
	}
}

// named writes an object with one name in it.
func (o *object) named(object, name, value string) {
	o.enter(object)
	o.always(name, firstOf(value, "unknown"))
	o.leave()
}

func (e *Event) ocsfFile(o *object) {
	o.enter("file")
	o.text("path", e.File)
	o.always("name", firstOf(baseName(e.File), "unknown"))
	o.number("type_id", 0)
	e.ocsfHashes(o)
	o.leave()
}

// ocsfHashes writes the fingerprints with the numbers of their algorithms.
func (e *Event) ocsfHashes(o *object) {
	if e.Hashes == (Hashes{}) {
		return
	}
	o.key("hashes")
	o.b = append(o.b, '[')
	for _, h := range [...]struct {
		id   int64
		name string
		sum  string
	}{{1, "MD5", e.Hashes.MD5}, {2, "SHA-1", e.Hashes.SHA1}, {3, "SHA-256", e.Hashes.SHA256}} {
		if h.sum == "" {
			continue
		}
		if o.b[len(o.b)-1] == '}' {
			o.b = append(o.b, ',')
		}
		o.b = append(o.b, '{')
		o.number("algorithm_id", h.id)
		o.text("algorithm", h.name)
		o.text("value", h.sum)
		o.leave()
	}
	o.b = append(o.b, ']')
}

// observableIDs are the type_id of our observables in OCSF.
var observableIDs = map[ObservableType]int64{ObservableDomain: 1, ObservableAddress: 2, ObservableEmail: 5, ObservableURL: 6, ObservableFileName: 7,
	ObservableMD5: 8, ObservableSHA1: 8, ObservableSHA256: 8, ObservableUserAgent: 16, ObservableCertificate: 99}

// ocsfFindings writes the observables and, of a finding, what was found.
func (e *Event) ocsfFindings(o *object) {
	if e.Class == DetectionFinding {
		o.enter("finding_info")
		o.text("title", firstOf(e.Message, "unknown"))
		o.text("uid", firstOf(e.Message, "unknown"))
		o.leave()
	}
	open := false
	for ob := range e.Observables() {
		if !open {
			o.key("observables")
			o.b = append(o.b, '[')
			open = true
		} else {
			o.b = append(o.b, ',')
		}
		o.b = append(o.b, '{')
		o.text("name", ob.Field)
		o.number("type_id", observableIDs[ob.Type])
		o.text("value", ob.Value)
		o.leave()
	}
	if open {
		o.b = append(o.b, ']')
	}
}
