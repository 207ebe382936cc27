// Package event reads what machines write down and says it in one language.
//
// A Line is what arrived, byte for byte; it is what is kept. An Event is what a
// line says, in the words of the Open Cybersecurity Schema Framework (OCSF), and
// can be read out of its line again at any time. The package is pure: it opens
// nothing and asks nobody.
//
// Read it in this order:
//
//	event.go, class.go   what an event is, and the classes of OCSF
//	parser.go            from a line to an event; recognise.go: in which format it is
//	split.go             from a document to its lines; tables.go: the heads of tables that lines are rows of
//	syslog.go, program.go, audit.go, access.go, zeek.go, …
//	                     one file for each format
//	fields.go, ocsf.go, observable.go
//	                     an event as columns, as a document, as what indicators know
package event

import (
	"net/netip"
	"time"
)

// MaxLine is the longest line that is taken, in bytes. What is longer is cut by
// whoever receives it, and says so.
const MaxLine = 1 << 20

// A Line is one event as it arrived.
type Line struct {
	Source   string    // id of the event source that it came through
	Received time.Time // when it reached us, UTC
	Peer     string    // address of the sender; of files that a pattern names the path, otherwise empty
	Raw      []byte    // without the end of line or the frame in which it came

	// Head is that of the table of which the line is a row, as [Tables] remember it; nil
	// where nobody knows one. The parser then reads the row by what it saw itself.
	Head []byte
}

// An Event is what a line says. What a line does not say is empty.
type Event struct {
	Line
	Time       time.Time // when it happened, UTC; Received where the line does not tell
	Format     Format    // in which it was written
	Class      Class     // OCSF class_uid; 0 is the base event
	ActivityID int       // OCSF activity_id, of the class
	Activity   string    // OCSF activity_name
	Severity   int       // OCSF severity_id: 0 unknown, 1 informational … 6 fatal
	Product    string    // of the log source, in the words of Sigma rules: windows, linux, aws
	Service    string    // sshd, cloudtrail
	Category   string    // process_creation, firewall, webserver
	Message    string    // what a person reads

	Host             string // the machine that it happened on
	User             string // whoever acted, or tried to
	Process          string // program, as a path where the line has one
	PID              int64
	CommandLine      string
	File             string     // that was touched
	Src, Dst         netip.Addr // of the connection; Src is whoever began it
	SrcPort, DstPort uint16
	Domain           string // that was asked for or spoken to
	URL              string
	Hashes           Hashes // of the file or program, in small letters
	Mail             string // address of whoever sent, or was meant
	UserAgent        string
	Outcome          string // success or failure

	// Also are further values that indicators may know, for which there is no column:
	// addresses in answers, fingerprints of certificates.
	Also []Observable

	// Meta is set where the line is no event but says how others are to be read, such as
	// the head of a table.
	Meta bool

	// Complaint says what could not be read, and what was done instead.
	Complaint string

	// Native is a JSON object with the fields as the product names them, which is
	// what Sigma rules read. It is valid until the event is used for another line, and
	// no longer than Raw.
	Native []byte

	buffer []byte // for Native where it is made
}

// Hashes are fingerprints of a file.
type Hashes struct{ MD5, SHA1, SHA256 string }

// The outcomes.
const (
	Success = "success"
	Failure = "failure"
)

// Format is how a line was written.
type Format string

// The formats. Auto asks for recognition.
const (
	Auto       Format = "auto"
	Syslog     Format = "syslog"
	OCSF       Format = "ocsf"
	ECS        Format = "ecs"
	CloudTrail Format = "cloudtrail"
	Windows    Format = "windows"
	Zeek       Format = "zeek"
	Suricata   Format = "suricata"
	Auditd     Format = "auditd"
	Journald   Format = "journald"
	AccessLog  Format = "access_log"
	JSON       Format = "json"
	Text       Format = "text"
)

// Formats lists all formats, Auto first.
var Formats = []Format{Auto, Syslog, OCSF, ECS, CloudTrail, Windows, Zeek, Suricata, Auditd, Journald, AccessLog, JSON, Text}
