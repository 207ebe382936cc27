// Package event reads what machines write down and says it in one language.
//
// A Line is what arrived, byte for byte; it is what is kept. An Event is what a
// line says, in the words of the Open Cybersecurity Schema Framework (OCSF), and
// can be read out of its line again at any time. The package is pure: it opens
// nothing and asks nobody.
package event

import "time"

// MaxLine is the longest line that is taken, in bytes. What is longer is cut by
// whoever receives it, and says so.
const MaxLine = 1 << 20

// A Line is one event as it arrived.
type Line struct {
	Source   string    // id of the event source that it came through
	Received time.Time // when it reached us, UTC
	Peer     string    // address of the sender; empty for files
	Raw      []byte    // without the end of line or the frame in which it came
}

// An Event is what a line says.
type Event struct {
	Line
	Time     time.Time // when it happened, UTC; Received where the line does not tell
	Format   Format    // in which it was written
	Class    int       // OCSF class_uid; 0 is the base event
	Activity string    // OCSF activity_name
	Severity int       // OCSF severity_id: 0 unknown, 1 informational … 6 fatal
	Product  string    // of the log source, in the words of Sigma rules: windows, linux, aws
	Service  string    // sshd, cloudtrail
	Category string    // process_creation, firewall, webserver
	Message  string

	// Native is a JSON object with the fields as the product names them, which is
	// what Sigma rules read.
	Native []byte
}

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
