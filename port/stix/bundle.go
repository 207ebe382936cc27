package stix

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"holdfast/engine/indicator"
)

// An object is what is read of any STIX object. Members that some producers write in
// another type than the standard says are read leniently.
type object struct {
	Type        string      `json:"type"`
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Pattern     string      `json:"pattern"`
	PatternType string      `json:"pattern_type"`
	ValidFrom   string      `json:"valid_from"`
	ValidUntil  string      `json:"valid_until"`
	Revoked     bool        `json:"revoked"`
	Confidence  *int        `json:"confidence"`
	CreatedBy   string      `json:"created_by_ref"`
	Markings    []string    `json:"object_marking_refs"`
	Definition  definition  `json:"definition"`
	Source      string      `json:"source_ref"`
	Target      string      `json:"target_ref"`
	Relation    string      `json:"relationship_type"`
	References  []reference `json:"external_references"`
}

type definition struct {
	TLP string `json:"tlp"`
}

type reference struct {
	Source     string `json:"source_name"`
	ExternalID string `json:"external_id"`
}

// ids of the markings of the traffic light that STIX 2.1 names once and for all, and
// those of TLP 2.0 as OASIS publishes them.
var markings = map[string]string{
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear", "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber", "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "clear", "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber", "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "amber_strict",
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}

// bundle reads the objects of a bundle: first all by their id, then what the
// indicators say, with what relationships add.
func (c *collector) bundle(raw []json.RawMessage) error {
	byID := map[string]*object{}
	var indicators []*object
	var relations []*object
	for i, r := range raw {
		o := &object{}
		if err := json.Unmarshal(r, o); err != nil && o.Type == "" {
			return fmt.Errorf("object %d: %w", i+1, err)
		}
		c.Objects[cmpType(o.Type)]++
		byID[o.ID] = o
		switch o.Type {
		case "indicator":
			indicators = append(indicators, o)
		case "relationship":
			relations = append(relations, o)
		}
	}
	about := map[string][]*object{}
	for _, r := range relations {
		if t := byID[r.Target]; t != nil && (r.Relation == "indicates" || r.Relation == "based-on") {
			about[r.Source] = append(about[r.Source], t)
		}
	}
	for _, o := range indicators {
		if err := c.indicator(o, byID, about[o.ID]); err != nil {
			return err
		}
	}
	return nil
}

func cmpType(t string) string {
	if t == "" || len(t) > 60 {
		return "unknown"
	}
	return t
}

// indicator makes marks of the pattern of one object.
func (c *collector) indicator(o *object, byID map[string]*object, about []*object) error {
	if o.PatternType != "" && o.PatternType != "stix" {
		c.skip(o.ID, o.PatternType, "its pattern is written in "+o.PatternType+"; rules of Sigma are taken in as rules")
		return nil
	}
	found, err := Pattern(o.Pattern)
	if err != nil {
		c.skip(o.ID, o.Pattern, err.Error())
		return nil
	}
	m := Mark{Title: o.Name, Note: o.Description, Pattern: o.Pattern, ExternalID: o.ID, Confidence: -1, Revoked: o.Revoked, From: instant(o.ValidFrom), Until: instant(o.ValidUntil)}
	if o.Confidence != nil {
		m.Confidence = min(max(*o.Confidence, 0), 100)
	}
	if by := byID[o.CreatedBy]; by != nil {
		m.Source = by.Name
	}
	for _, id := range o.Markings {
		s := markings[id]
		if d := byID[id]; s == "" && d != nil {
			s = sharing("tlp:" + d.Definition.TLP)
			if s == "" {
				s = sharing(d.Name)
			}
		}
		if rank(s) > rank(m.Sharing) {
			m.Sharing = s
		}
	}
	m.tellAbout(about)
	for _, f := range found {
		m.Type, m.Value = f.Type, f.Value
		if err := c.add(o.ID, m); err != nil {
			return err
		}
	}
	return nil
}

var technique = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)

// tellAbout takes from what the indicator indicates who is behind it and how.
func (m *Mark) tellAbout(about []*object) {
	for _, o := range about {
		switch o.Type {
		case "malware", "campaign", "tool":
			if m.Campaign == "" {
				m.Campaign = o.Name
			}
		case "threat-actor", "intrusion-set":
			if m.Actor == "" {
				m.Actor = o.Name
			}
		case "attack-pattern":
			for _, r := range o.References {
				if technique.MatchString(r.ExternalID) && !slices.Contains(m.Techniques, r.ExternalID) {
					m.Techniques = append(m.Techniques, r.ExternalID)
				}
			}
		}
	}
	slices.Sort(m.Techniques)
}

// instant reads a time of STIX; zero where there is none or a wrong one.
func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1990 || t.Year() > 2200 {
		return time.Time{}
	}
	return t.UTC()
}

// A Found is a value that a pattern looks for.
type Found struct {
	Type  indicator.Type
	Value string
}

// kinds are the paths of STIX observables whose values can be looked for.
func typeOfPath(path string) indicator.Type {
	p := strings.ToLower(strings.NewReplacer("'", "", `"`, "").Replace(path))
	switch {
	case strings.HasSuffix(p, "hashes.md5"):
		return indicator.MD5
	case strings.HasPrefix(p, "x509-certificate:hashes.sha"):
		return indicator.Certificate
	case strings.HasSuffix(p, "hashes.sha-1"), strings.HasSuffix(p, "hashes.sha1"):
		return indicator.SHA1
	case strings.HasSuffix(p, "hashes.sha-256"), strings.HasSuffix(p, "hashes.sha256"):
		return indicator.SHA256
	case p == "ipv4-addr:value", p == "ipv6-addr:value", p == "network-traffic:src_ref.value", p == "network-traffic:dst_ref.value":
		return indicator.Address // or a network or a name: by the value
	case p == "domain-name:value":
		return indicator.Domain
	case p == "url:value":
		return indicator.URL
	case p == "email-addr:value", p == "email-message:from_ref.value", p == "email-message:sender_ref.value":
		return indicator.Email
	case p == "file:name", p == "process:name":
		return indicator.FileName
	case strings.HasSuffix(p, "request_header.user-agent"):
		return indicator.UserAgent
	}
	return ""
}
