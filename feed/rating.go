package feed

import (
	"strings"

	gocvss20 "github.com/pandatix/go-cvss/20"
	gocvss30 "github.com/pandatix/go-cvss/30"
	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"
)

// A rating is how bad a source says a vulnerability is.
type rating struct {
	vector string
	score  float64 // of the vector, 0 to 10
	word   string  // none, low, medium, high, critical; empty: not told
}

func (r rating) empty() bool { return r == rating{} }

// better prefers a vector to a word alone, and the newer CVSS version.
func (r rating) better(than rating) bool {
	return cvssRank(r.vector) > cvssRank(than.vector) || (than.empty() && !r.empty())
}

// cvssRank orders the versions of CVSS by the prefix of the vector.
func cvssRank(vector string) int {
	switch {
	case vector == "":
		return 0
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		return 4
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		return 3
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		return 2
	}
	return 1
}

// rate scores a CVSS vector of version 2, 3.0, 3.1 or 4.0: the base score, for
// version 4 with what the vector says of threat. ok is false when it is not one.
func rate(vector string) (rating, bool) {
	vector = strings.Trim(vector, "() ")
	var score float64
	var err error
	switch cvssRank(vector) {
	case 4:
		var v *gocvss40.CVSS40
		if v, err = gocvss40.ParseVector(vector); err == nil {
			score = v.Score()
		}
	case 3:
		var v *gocvss31.CVSS31
		if v, err = gocvss31.ParseVector(vector); err == nil {
			score = v.BaseScore()
		}
	case 2:
		var v *gocvss30.CVSS30
		if v, err = gocvss30.ParseVector(vector); err == nil {
			score = v.BaseScore()
		}
	case 1:
		var v *gocvss20.CVSS20
		if v, err = gocvss20.ParseVector(vector); err == nil {
			score = v.BaseScore()
		}
	default:
		return rating{}, false
	}
	if err != nil {
		return rating{}, false
	}
	return rating{vector: vector, score: score, word: scoreWord(vector, score)}, true
}

// scoreWord is the qualitative scale of the CVSS specifications; version 2 as the
// NVD reads it, which has no "critical".
func scoreWord(vector string, score float64) string {
	switch {
	case score == 0:
		return "none"
	case score < 4:
		return "low"
	case score < 7:
		return "medium"
	case score < 9 || cvssRank(vector) == 1:
		return "high"
	}
	return "critical"
}

// severityWords are the words of the sources for our five.
var severityWords = map[string]string{
	"none": "none", "unimportant": "none", "informational": "none",
	"low": "low", "negligible": "low", "minor": "low", "unmaintained": "low", "unsound": "low", "notice": "low",
	"medium": "medium", "moderate": "medium",
	"high": "high", "important": "high",
	"critical": "critical", "urgent": "critical",
}

// rateWord translates a word of a source; an unknown word says nothing.
func rateWord(word string) rating {
	return rating{word: severityWords[strings.ToLower(strings.TrimSpace(word))]}
}

// rateSummary reads the word with which RPM distributions start the summary of a
// security update: "Important: openssl security update".
func rateSummary(summary string) rating {
	word, _, ok := strings.Cut(summary, ": ")
	if !ok || strings.Contains(word, " ") {
		return rating{}
	}
	return rateWord(word)
}
