package stix

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"holdfast/engine/indicator"
)

// The members of an event of MISP that are read. MISP writes numbers and flags as
// texts in some versions and as themselves in others.
type mispEvent struct {
	UUID       string                `json:"uuid"`
	Info       string                `json:"info"`
	Timestamp  loose                 `json:"timestamp"`
	Org        struct{ Name string } `json:"Orgc"`
	Tags       []mispTag             `json:"Tag"`
	Galaxies   []mispGalaxy          `json:"Galaxy"`
	Attributes []mispAttribute       `json:"Attribute"`
	Objects    []struct {
		Name       string          `json:"name"`
		Deleted    loose           `json:"deleted"`
		Attributes []mispAttribute `json:"Attribute"`
	} `json:"Object"`
}

type mispTag struct {
	Name string `json:"name"`
}

type mispGalaxy struct {
	Type     string `json:"type"`
	Clusters []struct {
		Value string `json:"value"`
	} `json:"GalaxyCluster"`
}

type mispAttribute struct {
	UUID      string       `json:"uuid"`
	Type      string       `json:"type"`
	Value     string       `json:"value"`
	Comment   string       `json:"comment"`
	ToIDs     *loose       `json:"to_ids"`
	Deleted   loose        `json:"deleted"`
	Timestamp loose        `json:"timestamp"`
	FirstSeen string       `json:"first_seen"`
	LastSeen  string       `json:"last_seen"`
	Tags      []mispTag    `json:"Tag"`
	Galaxies  []mispGalaxy `json:"Galaxy"`
}

// loose is a number, text or flag as text.
type loose string

func (l *loose) UnmarshalJSON(b []byte) error {
	*l = loose(strings.Trim(string(b), `"`))
	return nil
}

func (l loose) yes() bool { return l == "true" || l == "1" }

func (l loose) time() time.Time {
	s, err := strconv.ParseInt(string(l), 10, 64)
	if err != nil || s <= 0 || s > 1<<34 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// event makes marks of the attributes of one event.
func (c *collector) event(raw json.RawMessage) error {
	var e mispEvent
	if err := json.Unmarshal(raw, &e); err != nil {
		return fmt.Errorf("is no event of MISP: %w", err)
	}
	c.Objects["event"]++
	base := Mark{Campaign: e.Info, Source: e.Org.Name, Confidence: -1}
	base.tags(e.Tags, e.Galaxies)
	all := e.Attributes
	for _, o := range e.Objects {
		c.Objects["object"]++
		if !o.Deleted.yes() {
			all = append(all, o.Attributes...)
		}
	}
	for _, a := range all {
		c.Objects["attribute"]++
		if err := c.attribute(a, base); err != nil {
			return err
		}
	}
	return nil
}

// contextConfidence is how sure one is of what its author does not call a sign.
const contextConfidence = 25

func (c *collector) attribute(a mispAttribute, m Mark) error {
	where := "attribute " + a.UUID
	switch {
	case a.Deleted.yes():
		c.skip(where, a.Value, "it was deleted")
		return nil
	case a.ToIDs != nil && !a.ToIDs.yes() && c.options.Context:
		m.Confidence = contextConfidence
	case a.ToIDs != nil && !a.ToIDs.yes():
		c.skip(where, a.Value, "its author says that it is context, not a sign (to_ids)")
		return nil
	}
	m.ExternalID, m.Note, m.From = a.UUID, a.Comment, a.Timestamp.time()
	if first := instant(a.FirstSeen); !first.IsZero() {
		m.From = first
	}
	m.Techniques = slices.Clone(m.Techniques)
	m.tags(a.Tags, a.Galaxies)
	found := valuesOf(a.Type, a.Value)
	if len(found) == 0 {
		c.skip(where, a.Type+" "+a.Value, "attributes of the type "+a.Type+" cannot be looked for")
		return nil
	}
	for _, f := range found {
		m.Type, m.Value = f.Type, f.Value
		if err := c.add(where, m); err != nil {
			return err
		}
	}
	return nil
}

var mispTypes = map[string]indicator.Type{
	"ip": indicator.Address, "ip-src": indicator.Address, "ip-dst": indicator.Address, "domain": indicator.Domain, "hostname": indicator.Domain, "url": indicator.URL, "uri": "", "link": "",
	"md5": indicator.MD5, "sha1": indicator.SHA1, "sha256": indicator.SHA256, "email": indicator.Email, "email-src": indicator.Email, "email-dst": indicator.Email, "email-reply-to": indicator.Email,
	"user-agent": indicator.UserAgent, "filename": indicator.FileName, "x509-fingerprint-sha256": indicator.Certificate,
}

// valuesOf reads the value of an attribute; those of two parts, such as
// filename|sha256, give the part that says more, and domain|ip both.
func valuesOf(typ, value string) []Found {
	kinds, parts := strings.Split(typ, "|"), []string{value}
	if len(kinds) == 2 {
		a, b, ok := strings.Cut(value, "|")
		if !ok {
			return nil
		}
		parts = []string{a, b}
	}
	var out []Found
	for i, k := range kinds[:min(len(kinds), 2)] {
		t := mispTypes[k]
		if t == indicator.Address {
			t = typeFor(t, parts[i])
		}
		if t != "" {
			out = append(out, Found{t, strings.TrimSpace(parts[i])})
		}
	}
	if len(out) == 2 && out[0].Type == indicator.FileName {
		return out[1:]
	}
	return out
}

var techniqueInTag = regexp.MustCompile(`T[0-9]{4}(\.[0-9]{3})?`)

// tags takes over what tags and galaxies say: with whom to share, who, how.
func (m *Mark) tags(tags []mispTag, galaxies []mispGalaxy) {
	for _, t := range tags {
		if s := sharing(t.Name); s != "" && rank(s) > rank(m.Sharing) {
			m.Sharing = s
		}
		name, quoted, _ := strings.Cut(t.Name, "=")
		m.galaxy(strings.TrimPrefix(name, "misp-galaxy:"), strings.Trim(quoted, `"`))
	}
	for _, g := range galaxies {
		for _, cl := range g.Clusters {
			m.galaxy(g.Type, cl.Value)
		}
	}
	slices.Sort(m.Techniques)
	m.Techniques = slices.Compact(m.Techniques)
}

func (m *Mark) galaxy(name, value string) {
	switch {
	case value == "":
	case strings.Contains(name, "attack-pattern"):
		if id := techniqueInTag.FindString(value); id != "" {
			m.Techniques = append(m.Techniques, id)
		}
	case strings.Contains(name, "threat-actor") || strings.Contains(name, "intrusion-set"):
		if m.Actor == "" {
			m.Actor = value
		}
	}
}
