package feed

import (
	"errors"
	"fmt"
	"strings"

	"github.com/valyala/fastjson"
)

// maxDetails bounds the text of one advisory that is kept.
const maxDetails = 256 << 10

// parseOSV reads one record of the OSV schema. The error names the place in the
// record. What the schema allows but matching does not need is left out.
func parseOSV(v *fastjson.Value) (record, error) {
	r := record{
		id:      text(v, "id"),
		summary: text(v, "summary"),
		details: truncate(text(v, "details"), maxDetails),
	}
	r.key = r.id
	if r.id == "" {
		return r, errors.New("id: is missing")
	}
	if len(r.id) > 200 {
		return r, errors.New("id: is longer than 200 characters")
	}
	for _, read := range []func(*fastjson.Value, *record) error{readTimes, readNames, readRating, readReferences, readAllAffected} {
		if err := read(v, &r); err != nil {
			return r, err
		}
	}
	r.setStreams()
	return r, nil
}

func readTimes(v *fastjson.Value, r *record) error {
	withdrawn := int64(0)
	for _, f := range []struct {
		key string
		to  *int64
	}{{"published", &r.published}, {"modified", &r.modified}, {"withdrawn", &withdrawn}} {
		t, err := parseTime(text(v, f.key))
		if err != nil {
			return fmt.Errorf("%s: %w", f.key, err)
		}
		*f.to = t
	}
	r.withdrawn = text(v, "withdrawn") != ""
	r.modified = max(r.modified, withdrawn)
	return nil
}

func readNames(v *fastjson.Value, r *record) (err error) {
	if r.aliases, err = texts(v, "aliases"); err != nil {
		return err
	}
	if r.upstream, err = texts(v, "upstream"); err != nil {
		return err
	}
	if r.related, err = texts(v, "related"); err != nil {
		return err
	}
	r.cwes, err = texts(v.Get("database_specific"), "cwe_ids")
	if err != nil {
		return fmt.Errorf("database_specific.%w", err)
	}
	return nil
}

func readReferences(v *fastjson.Value, r *record) error {
	list, err := array(v, "references")
	if err != nil {
		return err
	}
	for _, ref := range list {
		if url := text(ref, "url"); url != "" && len(r.urls) < 50 {
			r.urls = append(r.urls, url)
		}
	}
	return nil
}

// readRating takes the best CVSS vector; without one, the word of the source.
func readRating(v *fastjson.Value, r *record) error {
	best, err := severities(v)
	if err != nil {
		return err
	}
	if best.vector == "" {
		for _, word := range []rating{best, rateWord(text(v, "database_specific", "severity")), rateSummary(r.summary)} {
			if best.word == "" {
				best = word
			}
		}
	}
	if best.empty() && strings.HasPrefix(r.id, "MAL-") {
		best.word = "critical" // the package itself is the attack; its records carry no score
	}
	r.rating = best
	return nil
}

// severities reads the list "severity" of a record or of an affected package.
func severities(v *fastjson.Value) (rating, error) {
	list, err := array(v, "severity")
	if err != nil {
		return rating{}, err
	}
	var best rating
	for _, s := range list {
		score := text(s, "score")
		this, ok := rate(score)
		if !ok {
			this = rateWord(score)
		}
		if this.better(best) {
			best = this
		}
	}
	return best, nil
}

func readAllAffected(v *fastjson.Value, r *record) error {
	list, err := array(v, "affected")
	if err != nil {
		return err
	}
	r.affected = make([]affected, 0, len(list))
	for i, entry := range list {
		a, err := readAffected(entry)
		if err != nil {
			return fmt.Errorf("affected[%d]: %w", i, err)
		}
		if a.name != "" && (len(a.ranges) > 0 || len(a.versions) > 0) {
			r.affected = append(r.affected, a)
		}
	}
	return nil
}

func readAffected(v *fastjson.Value) (a affected, err error) {
	a.ecosystem = Canonical(text(v, "package", "ecosystem"))
	a.name = canonicalName(a.ecosystem, text(v, "package", "name"))
	if a.ecosystem == "" || a.name == "" {
		return affected{}, nil // a record of commits only; there is no package to match
	}
	if a.rating, err = severities(v); err != nil {
		return a, err
	}
	if a.rating.empty() {
		a.rating = specificRating(v)
	}
	if a.versions, err = texts(v, "versions"); err != nil {
		return a, err
	}
	a.ranges, err = readRanges(v)
	return a, err
}

// specificRating reads where sources put a word on one package: Debian and
// others an urgency, RustSec the kind of a notice.
func specificRating(v *fastjson.Value) rating {
	for _, place := range [][]string{
		{"ecosystem_specific", "urgency"}, {"ecosystem_specific", "severity"},
		{"database_specific", "severity"}, {"database_specific", "informational"},
	} {
		if r := rateWord(text(v, place...)); !r.empty() {
			return r
		}
	}
	if r, ok := rate(text(v, "database_specific", "cvss")); ok {
		return r
	}
	return rating{}
}

func readRanges(v *fastjson.Value) ([]Range, error) {
	list, err := array(v, "ranges")
	if err != nil {
		return nil, err
	}
	out := make([]Range, 0, len(list))
	for i, entry := range list {
		kind := text(entry, "type")
		if kind == "GIT" {
			continue // commits are not versions; the record lists those under versions
		}
		if kind != "SEMVER" && kind != "ECOSYSTEM" {
			return nil, fmt.Errorf("ranges[%d].type: %q is none of SEMVER, ECOSYSTEM, GIT", i, shorten(kind))
		}
		events, err := readEvents(entry)
		if err != nil {
			return nil, fmt.Errorf("ranges[%d].%w", i, err)
		}
		out = append(out, Range{SemVer: kind == "SEMVER", Events: events})
	}
	return out, nil
}

func readEvents(v *fastjson.Value) ([]Event, error) {
	list, err := array(v, "events")
	if err != nil {
		return nil, err
	}
	out := make([]Event, 0, len(list))
	starts := false
	for i, entry := range list {
		n := len(out)
		for kind := Introduced; kind <= Limit; kind++ {
			if version := text(entry, eventKeys[kind]); version != "" {
				out = append(out, Event{kind, version})
				starts = starts || kind == Introduced
			}
		}
		if len(out) == n {
			return nil, fmt.Errorf("events[%d]: has none of introduced, fixed, last_affected, limit", i)
		}
	}
	if !starts {
		return nil, errors.New("events: none is introduced")
	}
	return out, nil
}

// text is the string at a path, or "" when it is absent or not a string.
func text(v *fastjson.Value, path ...string) string { return string(v.GetStringBytes(path...)) }

// array is the list at a key; null and absence are the empty list.
func array(v *fastjson.Value, key string) ([]*fastjson.Value, error) {
	entry := v.Get(key)
	if entry == nil || entry.Type() == fastjson.TypeNull {
		return nil, nil
	}
	list, err := entry.Array()
	if err != nil {
		return nil, fmt.Errorf("%s: is not a list", key)
	}
	return list, nil
}

func texts(v *fastjson.Value, key string) ([]string, error) {
	list, err := array(v, key)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out := make([]string, 0, len(list))
	for i, entry := range list {
		s, err := entry.StringBytes()
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: is not a string", key, i)
		}
		out = append(out, string(s))
	}
	return out, nil
}

// truncate cuts a text at a character boundary.
func truncate(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + " …"
}
