package decoy

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// A Visit is what one connection to a decoy left behind. Every text in it is safe to
// show: what cannot be printed is written as \x1b or \u202e.
type Visit struct {
	ID      string    `json:"id"` // the same in the announcement and at the end
	Trap    string    `json:"trap,omitempty"`
	Service string    `json:"service"`
	Remote  string    `json:"remote"` // address and port of the visitor
	Local   string    `json:"local"`
	Start   time.Time `json:"start"`
	End     time.Time `json:"end,omitzero"`
	Open    bool      `json:"open,omitempty"` // an announcement: the visitor is still there
	Ended   Ending    `json:"ended,omitempty"`
	Scanner bool      `json:"scanner,omitempty"` // comes from a listed scanner: no alarm

	Client      string       `json:"client,omitempty"` // how the client named itself
	Tool        string       `json:"tool,omitempty"`   // a guess at the program behind it
	Credentials []Credential `json:"credentials,omitempty"`
	Commands    []string     `json:"commands,omitempty"`
	Paths       []string     `json:"paths,omitempty"`
	Headers     []Header     `json:"headers,omitempty"`
	Tokens      []string     `json:"tokens,omitempty"` // ids of canary tokens, or marks of them, that were shown

	Received int64  `json:"received"` // bytes
	Sent     int64  `json:"sent"`
	SHA256   string `json:"sha256,omitempty"`  // of everything received
	Sample   []byte `json:"sample,omitempty"`  // the first of it, as it came
	Omitted  int    `json:"omitted,omitempty"` // entries that had no room in the lists
	Refused  int    `json:"refused,omitempty"` // connections of the same address that were turned away meanwhile
	Fault    string `json:"fault,omitempty"`   // the decoy failed; the visit was ended
}

// A Credential is one attempt to sign in.
type Credential struct {
	User   string `json:"user"`
	Secret string `json:"secret,omitempty"` // the password as typed, the fingerprint of a key, or a response to a challenge
	Method string `json:"method"`           // password, public key, basic, form, ntlm, challenge, …
}

// A Header is one line of the head of a request.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// An Ending says why a visit was over.
type Ending string

// The endings of a visit.
const (
	EndedByVisitor Ending = "left"    // the client hung up
	EndedByDecoy   Ending = "done"    // the decoy had learnt what it could
	EndedSlow      Ending = "slow"    // an answer took longer than Limits.Phase
	EndedTime      Ending = "time"    // longer than Limits.Visit
	EndedBytes     Ending = "bytes"   // more than Limits.Received or Limits.Sent
	EndedStopped   Ending = "stopped" // the server went down
	EndedFault     Ending = "fault"   // see Visit.Fault
)

// visible writes text from a stranger so that it can be shown: valid UTF-8 in which
// nothing moves the cursor, hides or turns the direction of reading. At most limit
// bytes of it are read.
func visible(text string, limit int) string {
	cut := len(text) > limit
	if cut {
		text = text[:limit]
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			if cut && len(text)-i < utf8.UTFMax {
				i = len(text) // the cut went through a letter
				continue
			}
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case printable(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += size
	}
	if cut {
		b.WriteString("…")
	}
	return b.String()
}

// Shown is the visit with every text safe to show, whoever wrote it: a visit that comes
// from elsewhere may hold what no decoy of ours would write. Lists are cut to what a visit
// holds at most.
func (v Visit) Shown() Visit {
	show := func(text string) string { return visible(text, 2*textLimit) }
	all := func(list []string, limit int) (out []string) {
		for _, text := range list[:min(len(list), DefaultLimits.Entries)] {
			out = append(out, visible(text, limit))
		}
		return out
	}
	v.ID, v.Service, v.Remote, v.Local, v.Client, v.Tool, v.SHA256, v.Fault = show(v.ID), show(v.Service), show(v.Remote), show(v.Local), show(v.Client), show(v.Tool), show(v.SHA256), show(v.Fault)
	v.Ended = Ending(show(string(v.Ended)))
	v.Commands, v.Paths, v.Tokens = all(v.Commands, DefaultLimits.Line), all(v.Paths, textLimit), all(v.Tokens, textLimit)
	tried, heads := v.Credentials[:min(len(v.Credentials), DefaultLimits.Entries)], v.Headers[:min(len(v.Headers), DefaultLimits.Entries)]
	v.Credentials, v.Headers = nil, nil
	for _, c := range tried {
		v.Credentials = append(v.Credentials, Credential{show(c.User), show(c.Secret), show(c.Method)})
	}
	for _, h := range heads {
		v.Headers = append(v.Headers, Header{show(h.Name), show(h.Value)})
	}
	v.Sample = v.Sample[:min(len(v.Sample), DefaultLimits.Sample)]
	return v
}

// Visible writes text from a stranger so that it can be shown on a page or a terminal:
// valid UTF-8 in which nothing moves the cursor, hides or turns the direction of reading.
// At most limit bytes of it are read.
func Visible(text string, limit int) string { return visible(text, limit) }
