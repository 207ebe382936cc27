package feed

import (
	"net/url"
	"slices"
	"strings"
)

// A SourceKind says what a source must hold to be accepted.
type SourceKind string

// The kinds of source.
const (
	Advisories   SourceKind = "advisories"
	KnownExploit SourceKind = "kev"
	Predictions  SourceKind = "epss"
)

// A Source is one file of outside knowledge.
type Source struct {
	Name    string     `json:"name"` // also the name of the file in the data folder
	Title   string     `json:"title"`
	Kind    SourceKind `json:"kind"`
	URL     string     `json:"url"`
	Default bool       `json:"default"` // fetched when the operator names none
}

// osvBucket is where the OSV project publishes all records of an ecosystem.
const osvBucket = "https://osv-vulnerabilities.storage.googleapis.com/"

// Sources are all that are known here. The defaults cover what a small
// organisation usually runs; the others are fetched by name.
func Sources() []Source {
	list := []Source{
		{Name: "kev.json", Title: "CISA known exploited vulnerabilities", Kind: KnownExploit, Default: true,
			URL: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"},
		{Name: "epss.csv.gz", Title: "FIRST exploit prediction scores", Kind: Predictions, Default: true,
			URL: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"},
	}
	for _, e := range []string{"Debian", "Ubuntu", "Alpine", "AlmaLinux", "Rocky Linux", "npm", "PyPI", "Go", "crates.io", "Maven"} {
		list = append(list, osvSource(e, true))
	}
	for _, e := range []string{
		"Red Hat", "SUSE", "openSUSE", "Mageia", "openEuler", "Wolfi", "Chainguard", "NuGet", "Packagist", "RubyGems",
		"Hex", "Pub", "SwiftURL", "CRAN", "Hackage", "GitHub Actions", "Bitnami",
	} {
		list = append(list, osvSource(e, false))
	}
	return list
}

func osvSource(ecosystem string, def bool) Source {
	slug := strings.NewReplacer(" ", "-", ".", "-").Replace(strings.ToLower(ecosystem))
	return Source{
		Name: "osv-" + slug + ".zip", Title: "OSV advisories for " + ecosystem, Kind: Advisories, Default: def,
		URL: osvBucket + url.PathEscape(ecosystem) + "/all.zip",
	}
}

// DefaultSources are those of Sources that are fetched when none are named.
func DefaultSources() []Source {
	return slices.DeleteFunc(Sources(), func(s Source) bool { return !s.Default })
}
