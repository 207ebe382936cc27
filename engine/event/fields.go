package event

import (
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// A column is one normalised value by its path in OCSF.
type column struct {
	name string
	of   func(e *Event) string
}

var columns = []column{
	{"time", func(e *Event) string { return stampText(e.Time) }},
	{"class_name", func(e *Event) string { return e.Class.Name() }},
	{"class_uid", func(e *Event) string { return strconv.Itoa(int(e.Class)) }},
	{"activity_name", func(e *Event) string { return e.Activity }},
	{"severity_id", func(e *Event) string { return strconv.Itoa(e.Severity) }},
	{"status", func(e *Event) string { return e.Outcome }},
	{"message", func(e *Event) string { return e.Message }},
	{"device.hostname", func(e *Event) string { return e.Host }},
	{"actor.user.name", func(e *Event) string { return e.User }},
	{"process.name", func(e *Event) string { return baseName(e.Process) }},
	{"process.file.path", func(e *Event) string { return e.Process }},
	{"process.pid", func(e *Event) string { return count(e.PID) }},
	{"process.cmd_line", func(e *Event) string { return e.CommandLine }},
	{"file.path", func(e *Event) string { return e.File }},
	{"file.name", func(e *Event) string { return baseName(e.File) }},
	{"file.hashes.md5", func(e *Event) string { return e.Hashes.MD5 }},
	{"file.hashes.sha1", func(e *Event) string { return e.Hashes.SHA1 }},
	{"file.hashes.sha256", func(e *Event) string { return e.Hashes.SHA256 }},
	{"src_endpoint.ip", func(e *Event) string { return addressText(e.Src) }},
	{"src_endpoint.port", func(e *Event) string { return count(int64(e.SrcPort)) }},
	{"dst_endpoint.ip", func(e *Event) string { return addressText(e.Dst) }},
	{"dst_endpoint.port", func(e *Event) string { return count(int64(e.DstPort)) }},
	{"dst_endpoint.hostname", func(e *Event) string { return e.Domain }},
	{"http_request.url.url_string", func(e *Event) string { return e.URL }},
	{"http_request.user_agent", func(e *Event) string { return e.UserAgent }},
	{"email.from", func(e *Event) string { return e.Mail }},
	{"metadata.product.name", func(e *Event) string { return e.Product }},
	{"metadata.log_name", func(e *Event) string { return e.Service }},
	{"metadata.log_provider", func(e *Event) string { return string(e.Format) }},
	{"category", func(e *Event) string { return e.Category }},
}

var columnOf = func() map[string]int {
	m := map[string]int{}
	for i, c := range columns {
		m[c.name] = i
	}
	return m
}()

// FieldNames are the names of all normalised values, by their paths in OCSF.
func FieldNames() []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return slices.Clip(names)
}

// Field is the normalised value of a name of FieldNames as text; empty where the event
// does not say, or there is no such name.
func (e *Event) Field(name string) string {
	if i, ok := columnOf[name]; ok {
		return columns[i].of(e)
	}
	return ""
}

// Fields are the normalised values that the event has, in the order of FieldNames.
func (e *Event) Fields() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, c := range columns {
			if value := c.of(e); value != "" && !yield(c.name, value) {
				return
			}
		}
	}
}

func stampText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// count is a number as text; 0 is none.
func count(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
