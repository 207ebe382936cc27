package inventory

import (
	"slices"
	"strings"

	"holdfast/engine"
)

// The package types of package URLs that distributions use.
const (
	typeDeb = "deb"
	typeAPK = "apk"
	typeRPM = "rpm"
)

// debianReleases are the numbers of Debian's code names.
var debianReleases = map[string]string{
	"squeeze": "6", "wheezy": "7", "jessie": "8", "stretch": "9", "buster": "10",
	"bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14", "duke": "15",
}

// ubuntuReleases are the numbers of Ubuntu's code names.
var ubuntuReleases = map[string]string{
	"precise": "12.04", "trusty": "14.04", "xenial": "16.04", "bionic": "18.04", "cosmic": "18.10",
	"disco": "19.04", "eoan": "19.10", "focal": "20.04", "groovy": "20.10", "hirsute": "21.04",
	"impish": "21.10", "jammy": "22.04", "kinetic": "22.10", "lunar": "23.04", "mantic": "23.10",
	"noble": "24.04", "oracular": "24.10", "plucky": "25.04", "questing": "25.10", "resolute": "26.04",
}

// ecosystem is the name under which the OSV schema files advisories for packages
// of a distribution, with its release: "Debian:12", "Alpine:v3.18". It is empty
// for a distribution that has none, and has no release when the release is not
// known. kind is the package type: deb, apk or rpm.
func ecosystem(kind string, os engine.OS) string {
	switch kind {
	case typeDeb:
		return debEcosystem(os)
	case typeAPK:
		return apkEcosystem(os)
	case typeRPM:
		return rpmEcosystem(os)
	}
	return ""
}

// needsRelease are the ecosystems whose advisories are filed by release.
var needsRelease = map[string]bool{
	"Debian": true, "Ubuntu": true, "Alpine": true, "AlmaLinux": true, "Rocky Linux": true, "Red Hat": true, "SUSE": true,
	"openSUSE": true, "Fedora": true, "Mageia": true, "Photon OS": true, "Azure Linux": true, "Alpaquita": true,
}

// debEcosystem falls back on the code name, because Debian testing has no number
// and derivatives number their releases as they like but name the base.
func debEcosystem(os engine.OS) string {
	code := strings.ToLower(os.Codename)
	switch {
	case os.ID == "debian":
		n := majorOf(os.VersionID)
		if n == "" {
			n = debianReleases[code]
		}
		return release("Debian", n)
	case os.ID == "ubuntu" && os.VersionID != "":
		return ubuntu(os.VersionID)
	case ubuntuReleases[code] != "":
		return ubuntu(ubuntuReleases[code])
	case debianReleases[code] != "" && slices.Contains(os.IDLike, "debian"):
		return release("Debian", debianReleases[code])
	case os.ID == "ubuntu":
		return "Ubuntu"
	}
	return ""
}

// ubuntu names a release; the spring releases of even years have long-term support.
func ubuntu(version string) string {
	year, month, ok := strings.Cut(version, ".")
	if !ok {
		return "Ubuntu"
	}
	month, _, _ = strings.Cut(month, ".") // 22.04.3 is the third medium of 22.04
	eco := "Ubuntu:" + year + "." + month
	if month == "04" && year != "" && strings.ContainsRune("02468", rune(year[len(year)-1])) {
		eco += ":LTS"
	}
	return eco
}

func apkEcosystem(os engine.OS) string {
	switch os.ID {
	case "alpine":
		return alpine(os.VersionID)
	case "wolfi":
		return "Wolfi"
	case "chainguard":
		return "Chainguard"
	case "minimos":
		return "MinimOS"
	case "alpaquita":
		return release("Alpaquita", os.VersionID)
	case "bellsoft-hardened-containers":
		return release("BellSoft Hardened Containers", os.VersionID)
	}
	return ""
}

// alpine names a branch: 3.18.4 is v3.18, 3.21_alpha20240923 is edge.
func alpine(version string) string {
	version = strings.TrimPrefix(version, "v")
	if version == "edge" || strings.Contains(version, "_alpha") {
		return "Alpine:edge"
	}
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return "Alpine"
	}
	return "Alpine:v" + parts[0] + "." + parts[1]
}

func rpmEcosystem(os engine.OS) string {
	major := majorOf(os.VersionID)
	switch strings.ToLower(os.ID) {
	case "rhel", "redhat":
		if major == "" {
			return "Red Hat"
		}
		return "Red Hat:enterprise_linux:" + major
	case "almalinux", "alma":
		return release("AlmaLinux", major)
	case "rocky", "rocky-linux", "rockylinux":
		return release("Rocky Linux", major)
	case "opensuse-leap", "opensuse.leap":
		return release("openSUSE", prefixed("Leap ", os.VersionID))
	case "opensuse-tumbleweed", "opensuse.tumbleweed":
		return "openSUSE:Tumbleweed"
	case "sles", "suse":
		return release("SUSE", prefixed("Linux Enterprise Server ", servicePack(os.VersionID)))
	case "sled":
		return release("SUSE", prefixed("Linux Enterprise Desktop ", servicePack(os.VersionID)))
	case "fedora":
		return release("Fedora", major)
	case "mageia":
		return release("Mageia", major)
	case "openeuler":
		return release("openEuler", os.VersionID+longTermSupport(os.PrettyName))
	case "photon":
		return release("Photon OS", os.VersionID)
	case "azurelinux", "mariner":
		return release("Azure Linux", major)
	}
	return ""
}

// advisoriesBySource tells whether the advisories of a distribution speak of
// source packages. Those of AlmaLinux and Red Hat speak of the packages that are
// installed.
func advisoriesBySource(eco string) bool {
	return !strings.HasPrefix(eco, "AlmaLinux") && !strings.HasPrefix(eco, "Red Hat")
}

// servicePack turns SUSE's 15.5 into 15 SP5.
func servicePack(version string) string {
	major, minor, ok := strings.Cut(version, ".")
	if !ok || minor == "0" {
		return major
	}
	return major + " SP" + minor
}

// longTermSupport is the part of openEuler's releases that only the pretty name
// has: "openEuler 24.03 (LTS-SP1)" is 24.03-LTS-SP1.
func longTermSupport(pretty string) string {
	_, rest, _ := strings.Cut(pretty, "(")
	lts, _, ok := strings.Cut(rest, ")")
	if !ok || !strings.HasPrefix(lts, "LTS") {
		return ""
	}
	return "-" + lts
}

func release(name, version string) string {
	if version == "" {
		return name
	}
	return name + ":" + version
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func majorOf(version string) string {
	major, _, _ := strings.Cut(version, ".")
	return major
}
