package eventstore

import (
	"iter"
	"strings"

	"holdfast/engine/event"
)

// A column is a normalised value that a segment keeps beside the raw line, by its path
// in OCSF. Texts are kept in small letters, so that searching does not depend on them;
// the raw line keeps what was written. What can only be said again by repeating most of
// the line (message, command line, user agent), and numbers that nobody searches for (the
// port of a client, process ids), have no column: they are read out of the line when
// they are asked for.
type column struct {
	name   string
	short  string // as people type it
	number bool
	bloom  bool // has many values, of which one is looked for
	of     func(s Stored, e *event.Event) string
}

// The columns, in the order of a block. The first two are of the line itself.
var columns = []column{
	{name: "source", short: "source", of: func(s Stored, _ *event.Event) string { return s.Source }},
	{name: "peer", short: "peer", bloom: true, of: func(s Stored, _ *event.Event) string { return s.Peer }},
	{name: "metadata.log_provider", short: "format"},
	{name: "metadata.product.name", short: "product"},
	{name: "metadata.log_name", short: "service"},
	{name: "category", short: "category"},
	{name: "class_uid", short: "class", number: true},
	{name: "activity_name", short: "activity"},
	{name: "severity_id", short: "severity", number: true},
	{name: "status", short: "status"},
	{name: "device.hostname", short: "host", bloom: true},
	{name: "actor.user.name", short: "user", bloom: true},
	{name: "process.file.path", short: "process", bloom: true},
	{name: "file.path", short: "file", bloom: true},
	{name: "file.hashes.md5", short: "md5", bloom: true},
	{name: "file.hashes.sha1", short: "sha1", bloom: true},
	{name: "file.hashes.sha256", short: "sha256", bloom: true},
	{name: "src_endpoint.ip", short: "src", bloom: true},
	{name: "dst_endpoint.ip", short: "dst", bloom: true},
	{name: "dst_endpoint.port", short: "port", number: true},
	{name: "dst_endpoint.hostname", short: "domain", bloom: true},
	{name: "http_request.url.url_string", short: "url", bloom: true},
	{name: "email.from", short: "mail", bloom: true},
}

// The places of columns that the code asks for.
const (
	columnSource   = 0
	columnPeer     = 1
	columnClass    = 6
	columnSeverity = 8
)

// groups are names for several columns at once.
var groups = map[string][]string{
	"ip":   {"src", "dst", "peer"},
	"hash": {"md5", "sha1", "sha256"},
}

// valueOf is what a column holds of an event.
func (c *column) valueOf(s Stored, e *event.Event) string {
	if c.of != nil {
		return c.of(s, e)
	}
	text := strings.ToLower(e.Field(c.name))
	if c.number && text == "" {
		return "0" // as it is read back
	}
	return text
}

// Values are what the columns hold of an event, by their paths in OCSF and in small
// letters; source and peer as they are. Empty ones are left out.
func Values(s Stored, e *event.Event) iter.Seq2[string, string] {
	return func(yield func(path, value string) bool) {
		for i := range columns {
			if value := columns[i].valueOf(s, e); value != "" && !yield(columns[i].name, value) {
				return
			}
		}
	}
}

// columnNamed finds columns by a path, the short form of one, or the name of a group;
// none when there is no such column.
func columnNamed(name string) []int {
	var found []int
	for i, c := range columns {
		if c.name == name || c.short == name {
			return []int{i}
		}
	}
	for _, part := range groups[name] {
		found = append(found, columnNamed(part)...)
	}
	return found
}

// FieldNames are the short names of the columns and groups of columns by which events
// are found without reading their lines, and what each stands for.
func FieldNames() []FieldName {
	var list []FieldName
	for _, c := range columns {
		list = append(list, FieldName{c.short, c.name})
	}
	for _, g := range []string{"ip", "hash"} {
		list = append(list, FieldName{g, strings.Join(groups[g], ", ")})
	}
	return list
}

// A FieldName is a name by which people search.
type FieldName struct {
	Short string // as it is typed
	Path  string // in OCSF, or the short names that it stands for
}
