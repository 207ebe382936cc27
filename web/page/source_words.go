package page

import (
	"strconv"
	"strings"

	"holdfast/engine/event"
	"holdfast/flow/detection"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// mostOfLine is how much of a raw line the page of a source shows.
const mostOfLine = 2000

// lastLine is the newest line of a source as it arrived, safe to show, and what it
// says.
func (c Config) lastLine(r *web.Request, l detection.SourceLook) (raw templ.Component, said []ui.KeyValueItem) {
	if l.Live.Last == nil || !r.Actor.MayReadEvents() {
		return nil, nil
	}
	line := event.Line{Source: l.Source.ID, Received: l.Live.LastSeen, Peer: l.Live.Peer, Raw: l.Live.Last}
	if s, err := c.eventStore(r); err == nil {
		line = s.Headed(line)
	}
	var e event.Event
	event.NewParser(detection.SourceOptions(l.Source)).Parse(line, &e)
	say := func(label, value string) {
		if value != "" && value != "invalid IP" {
			said = append(said, ui.KeyValueItem{Label: label, Value: ui.Text(plainly(value, 300))})
		}
	}
	said = append(said, ui.KeyValueItem{Label: "When", Value: ui.Time(r.Format.Time(e.Time))})
	say("Read as", string(e.Format))
	say("Kind", e.Class.Name())
	say("Activity", e.Activity)
	say("Host", e.Host)
	say("User", e.User)
	say("Process", e.Process)
	if e.Src.IsValid() {
		say("From", e.Src.String())
	}
	if e.Dst.IsValid() {
		say("To", e.Dst.String())
	}
	say("Outcome", e.Outcome)
	say("Message", e.Message)
	say("Not understood", e.Complaint)
	return seen(l.Live.Last, mostOfLine), said
}

func recipeItems() []ui.ListItem {
	var list []ui.ListItem
	for _, r := range detection.SourceRecipes {
		list = append(list, ui.ListItem{Title: r.Title, Detail: r.Says, Href: link("/sources/connect", "recipe", r.ID)})
	}
	return list
}

func sendersNeeded(r *detection.SourceRecipe) bool {
	return strings.HasPrefix(string(r.Transport), "syslog_")
}

func sendersHelp(r *detection.SourceRecipe) string {
	if sendersNeeded(r) {
		return "Addresses or networks, separated by commas. Syslog has no password: whoever sends from there is believed."
	}
	return "Addresses or networks, separated by commas. Empty: from anywhere, with the token."
}

func joinSenders(list []string) string { return strings.Join(list, ", ") }

func waitingWords(l detection.SourceLook) string {
	switch {
	case l.Source.Transport == "file":
		return "The file is looked at every half second. This page shows the first line as soon as it is there."
	case l.At != "":
		return "We listen on " + l.At + ". This page shows the first event as soon as it is there; " + strconv.FormatInt(l.Live.Open, 10) + " connected, " + strconv.FormatInt(l.Live.Refused, 10) + " refused."
	}
	return "This page shows the first event as soon as it is there. " + strconv.FormatInt(l.Live.Refused, 10) + " refused so far."
}

func newestWords(v *sourceView) string {
	l := v.look
	text := v.plural(l.Live.Lines, "event", "events") + " since the server started"
	if l.Live.Peer != "" {
		text += ", the last from " + l.Live.Peer
	}
	for _, also := range []struct {
		count int64
		what  string
	}{{l.Live.Repeated, "offered twice and kept once"}, {l.Live.Cut, "cut because they were too long"}, {l.Dropped(), "left out"}} {
		if also.count > 0 {
			text += ", " + v.Format.Count(also.count) + " " + also.what
		}
	}
	return text
}

// survivalWords say what becomes of events when the process dies.
func survivalWords(l detection.SourceLook) string {
	switch l.Source.Transport {
	case "syslog_relp", "syslog_relp_tls":
		return "Each message is there once: senders repeat what was not acknowledged."
	case "syslog_tcp":
		switch {
		case l.Live.Kept && l.Live.Loose > 0:
			return "Each message is there once, but for " + plainCount(int(l.Live.Loose), "connection", "connections") + " beyond as many as are kept: raise FileDescriptorStoreMax and FDSTORE in the unit."
		case l.Live.Kept:
			return "Each message is there once: connections outlive the process, and what has not been kept waits in them."
		}
		return "Messages that had arrived and had not been read are lost, a few thousand at full speed. Nothing is when Holdfast runs as holdfast serve --keep, or from systemd with FileDescriptorStoreMax; or use RELP."
	case "syslog_tls":
		return "Messages that had arrived and had not been read are lost, a few thousand at full speed. RELP over TLS loses nothing."
	case "syslog_udp":
		return "What is sent until it runs again is lost. RELP loses nothing."
	case "file":
		return "Each line is there once: it is read on where it was kept up to."
	case "http":
		return "A post that was answered is there. Give posts an Idempotency-Key, and one that is repeated is there once."
	}
	return "What was acknowledged is there."
}
