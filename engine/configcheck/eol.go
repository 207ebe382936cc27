package configcheck

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"holdfast/engine"
)

// A release is the last day on which its publisher mends security holes without
// a separate contract.
type release struct {
	os, version string
	end         string // year-month-day
	source      string
}

// Sources of the dates. They are facts that the publishers announce; the table
// was last compared in 2025.
const (
	srcDebian   = "Debian LTS schedule"
	srcUbuntu   = "Ubuntu release cycle, standard support"
	srcAlpine   = "Alpine Linux release branches"
	srcRedHat   = "Red Hat Enterprise Linux life cycle"
	srcCentOS   = "CentOS end-of-life announcements"
	srcAlma     = "AlmaLinux release notes"
	srcRocky    = "Rocky Linux release and version guide"
	srcFedora   = "Fedora release schedule"
	srcAmazon   = "Amazon Linux FAQ"
	srcOracle   = "Oracle Linux premier support"
	srcSUSE     = "SUSE product support life cycle, general support"
	srcOpenSUSE = "openSUSE lifetime page"
)

var releases = []release{
	{"debian", "7", "2018-05-31", srcDebian}, {"debian", "8", "2020-06-30", srcDebian}, {"debian", "9", "2022-06-30", srcDebian},
	{"debian", "10", "2024-06-30", srcDebian}, {"debian", "11", "2026-08-31", srcDebian}, {"debian", "12", "2028-06-30", srcDebian},
	{"debian", "13", "2030-06-30", srcDebian},
	{"ubuntu", "12.04", "2017-04-28", srcUbuntu}, {"ubuntu", "14.04", "2019-04-25", srcUbuntu}, {"ubuntu", "16.04", "2021-04-30", srcUbuntu},
	{"ubuntu", "18.04", "2023-05-31", srcUbuntu}, {"ubuntu", "20.04", "2025-05-31", srcUbuntu}, {"ubuntu", "22.04", "2027-04-30", srcUbuntu},
	{"ubuntu", "22.10", "2023-07-20", srcUbuntu}, {"ubuntu", "23.04", "2024-01-25", srcUbuntu}, {"ubuntu", "23.10", "2024-07-11", srcUbuntu},
	{"ubuntu", "24.04", "2029-04-30", srcUbuntu}, {"ubuntu", "24.10", "2025-07-10", srcUbuntu}, {"ubuntu", "25.04", "2026-01-15", srcUbuntu},
	{"ubuntu", "25.10", "2026-07-31", srcUbuntu},
	{"alpine", "3.12", "2022-05-01", srcAlpine}, {"alpine", "3.13", "2022-11-01", srcAlpine}, {"alpine", "3.14", "2023-05-01", srcAlpine},
	{"alpine", "3.15", "2023-11-01", srcAlpine}, {"alpine", "3.16", "2024-05-23", srcAlpine}, {"alpine", "3.17", "2024-11-22", srcAlpine},
	{"alpine", "3.18", "2025-05-09", srcAlpine}, {"alpine", "3.19", "2025-11-01", srcAlpine}, {"alpine", "3.20", "2026-04-01", srcAlpine},
	{"alpine", "3.21", "2026-11-01", srcAlpine}, {"alpine", "3.22", "2027-05-01", srcAlpine},
	{"rhel", "5", "2017-03-31", srcRedHat}, {"rhel", "6", "2020-11-30", srcRedHat}, {"rhel", "7", "2024-06-30", srcRedHat},
	{"rhel", "8", "2029-05-31", srcRedHat}, {"rhel", "9", "2032-05-31", srcRedHat}, {"rhel", "10", "2035-05-31", srcRedHat},
	{"centos", "6", "2020-11-30", srcCentOS}, {"centos", "7", "2024-06-30", srcCentOS}, {"centos", "8", "2021-12-31", srcCentOS},
	{"centos", "9", "2027-05-31", srcCentOS}, {"centos", "10", "2030-05-31", srcCentOS},
	{"almalinux", "8", "2029-03-01", srcAlma}, {"almalinux", "9", "2032-05-31", srcAlma}, {"almalinux", "10", "2035-05-31", srcAlma},
	{"rocky", "8", "2029-05-31", srcRocky}, {"rocky", "9", "2032-05-31", srcRocky}, {"rocky", "10", "2035-05-31", srcRocky},
	{"fedora", "37", "2023-12-05", srcFedora}, {"fedora", "38", "2024-05-21", srcFedora}, {"fedora", "39", "2024-11-26", srcFedora},
	{"fedora", "40", "2025-05-13", srcFedora}, {"fedora", "41", "2025-12-15", srcFedora}, {"fedora", "42", "2026-05-13", srcFedora},
	{"amzn", "2018.03", "2023-12-31", srcAmazon}, {"amzn", "2", "2026-06-30", srcAmazon}, {"amzn", "2023", "2029-06-30", srcAmazon},
	{"ol", "6", "2021-03-31", srcOracle}, {"ol", "7", "2024-12-31", srcOracle}, {"ol", "8", "2029-07-31", srcOracle}, {"ol", "9", "2032-06-30", srcOracle},
	{"sles", "12.5", "2024-10-31", srcSUSE}, {"sles", "15.3", "2022-12-31", srcSUSE}, {"sles", "15.4", "2023-12-31", srcSUSE},
	{"sles", "15.5", "2024-12-31", srcSUSE}, {"sles", "15.6", "2025-12-31", srcSUSE}, {"sles", "15.7", "2031-07-31", srcSUSE},
	{"opensuse-leap", "15.4", "2023-12-07", srcOpenSUSE}, {"opensuse-leap", "15.5", "2024-12-31", srcOpenSUSE}, {"opensuse-leap", "15.6", "2026-04-30", srcOpenSUSE},
}

// rollingReleases have no versions that could end.
var rollingReleases = map[string]bool{"arch": true, "opensuse-tumbleweed": true, "gentoo": true, "void": true, "nixos": true, "kali": true, "manjaro": true}

// soon is how long before the end a move should be under way.
const soon = 90 * 24 * time.Hour

var osEndOfLife = check{
	Check: engine.Check{
		ID:             "os-end-of-life",
		Title:          "The operating system gets no security updates any more",
		Why:            "Every hole that becomes known from now on stays open for ever, and criminals know it.",
		Fix:            "Move to a supported release; until then keep the host away from the network, or buy extended support.",
		Remedy:         `if command -v do-release-upgrade >/dev/null 2>&1; then do-release-upgrade -f DistUpgradeViewNonInteractive; else echo "plan the move to a supported release: see the release notes of the distribution" >&2; fi`,
		FalsePositives: "With a contract for extended support (Ubuntu Pro, Debian ELTS, RHEL ELS, LTSS) updates go on.",
		References:     []string{"CWE-1104", "CWE-1277", "T1190", "T1068", "os-release(5)", "NIST SP 800-40"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-1104",
		Techniques: []string{"T1190", "T1210", "T1068"}, Topic: "maintenance",
	},
	look: lookEndOfLife,
}

func lookEndOfLife(h *host) []verdict {
	os := h.facts.OS
	if os.ID == "" {
		os = h.osRelease()
	}
	switch {
	case os.ID == "":
		return absent("there is no /etc/os-release: the root holds no distribution")
	case rollingReleases[os.ID] || os.ID == "debian" && os.VersionID == "":
		return absent("%s has no releases that end", os.ID)
	case h.now.IsZero():
		return unknown(errors.New("the time of the run is not known"))
	}
	r, ok := findRelease(os)
	if !ok {
		return unknown(fmt.Errorf("%s %s is not in the table of release dates", os.ID, os.VersionID))
	}
	end, err := time.Parse(time.DateOnly, r.end)
	if err != nil {
		return unknown(fmt.Errorf("release table: %w", err))
	}
	detail := fmt.Sprintf("%s %s: security updates end on %s (%s)", os.ID, os.VersionID, r.end, r.source)
	at := engine.Seen{Path: "/etc/os-release", Value: os.ID + " " + os.VersionID}
	switch left := end.AddDate(0, 0, 1).Sub(h.now); {
	case left <= 0:
		return fail(strings.Replace(detail, "end on", "ended on", 1), at)
	case left < soon:
		v := fail(detail, at)
		v[0].severity = engine.Low
		return v
	}
	return pass("%s", detail)
}

// findRelease looks for the whole version, then for its first two numbers, then
// for the first: RHEL 8.9 is in the table as 8, Alpine 3.18.4 as 3.18.
func findRelease(os engine.OS) (release, bool) {
	parts := strings.Split(os.VersionID, ".")
	for n := len(parts); n > 0; n-- {
		for _, r := range releases {
			if r.os == os.ID && r.version == strings.Join(parts[:n], ".") {
				return r, true
			}
		}
	}
	return release{}, false
}

// osRelease reads os-release when the inventory did not.
func (h *host) osRelease() engine.OS {
	body, _, err := h.readFirst("etc/os-release", "usr/lib/os-release")
	if err != nil {
		return engine.OS{}
	}
	return engine.OS{ID: shellValue(body, "ID"), VersionID: shellValue(body, "VERSION_ID"), IDLike: strings.Fields(shellValue(body, "ID_LIKE"))}
}
