package inventory

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

func TestTheEcosystemOfADistributionIsTheOneOfItsAdvisories(t *testing.T) {
	debian := []string{"debian"}
	for _, c := range []struct {
		kind string
		os   engine.OS
		want string
	}{
		{typeDeb, engine.OS{ID: "debian", VersionID: "12"}, "Debian:12"},
		{typeDeb, engine.OS{ID: "debian", VersionID: "12.4"}, "Debian:12"},
		{typeDeb, engine.OS{ID: "debian", Codename: "trixie"}, "Debian:13"},
		{typeDeb, engine.OS{ID: "debian", Codename: "sid"}, "Debian"},
		{typeDeb, engine.OS{ID: "ubuntu", VersionID: "22.04"}, "Ubuntu:22.04:LTS"},
		{typeDeb, engine.OS{ID: "ubuntu", VersionID: "22.04.3"}, "Ubuntu:22.04:LTS"},
		{typeDeb, engine.OS{ID: "ubuntu", VersionID: "23.10"}, "Ubuntu:23.10"},
		{typeDeb, engine.OS{ID: "ubuntu", VersionID: "23.04"}, "Ubuntu:23.04"},
		{typeDeb, engine.OS{ID: "ubuntu", Codename: "noble"}, "Ubuntu:24.04:LTS"},
		{typeDeb, engine.OS{ID: "linuxmint", IDLike: []string{"ubuntu", "debian"}, VersionID: "21.3", Codename: "jammy"}, "Ubuntu:22.04:LTS"},
		{typeDeb, engine.OS{ID: "raspbian", IDLike: debian, VersionID: "12", Codename: "bookworm"}, "Debian:12"},
		{typeDeb, engine.OS{ID: "kali", IDLike: debian, VersionID: "2024.1", Codename: "kali-rolling"}, ""},
		{typeDeb, engine.OS{}, ""},
		{typeAPK, engine.OS{ID: "alpine", VersionID: "3.18.4"}, "Alpine:v3.18"},
		{typeAPK, engine.OS{ID: "alpine", VersionID: "3.21_alpha20240923"}, "Alpine:edge"},
		{typeAPK, engine.OS{ID: "alpine"}, "Alpine"},
		{typeAPK, engine.OS{ID: "wolfi", VersionID: "20230201"}, "Wolfi"},
		{typeAPK, engine.OS{ID: "debian", VersionID: "12"}, ""},
		{typeRPM, engine.OS{ID: "almalinux", VersionID: "8.9"}, "AlmaLinux:8"},
		{typeRPM, engine.OS{ID: "rocky", VersionID: "9.3"}, "Rocky Linux:9"},
		{typeRPM, engine.OS{ID: "rhel", VersionID: "8.6"}, "Red Hat:enterprise_linux:8"},
		{typeRPM, engine.OS{ID: "fedora", VersionID: "39"}, "Fedora:39"},
		{typeRPM, engine.OS{ID: "opensuse-leap", VersionID: "15.5"}, "openSUSE:Leap 15.5"},
		{typeRPM, engine.OS{ID: "opensuse-tumbleweed", VersionID: "20240101"}, "openSUSE:Tumbleweed"},
		{typeRPM, engine.OS{ID: "sles", VersionID: "15.5"}, "SUSE:Linux Enterprise Server 15 SP5"},
		{typeRPM, engine.OS{ID: "sles", VersionID: "15"}, "SUSE:Linux Enterprise Server 15"},
		{typeRPM, engine.OS{ID: "openEuler", VersionID: "24.03", PrettyName: "openEuler 24.03 (LTS-SP1)"}, "openEuler:24.03-LTS-SP1"},
		{typeRPM, engine.OS{ID: "mageia", VersionID: "9"}, "Mageia:9"},
		{typeRPM, engine.OS{ID: "centos", VersionID: "7"}, ""},
		{"other", engine.OS{ID: "debian", VersionID: "12"}, ""},
	} {
		if got := ecosystem(c.kind, c.os); got != c.want {
			t.Errorf("%s %+v: got %q, want %q", c.kind, c.os, got, c.want)
		}
	}
}

func TestAPackageURLGivesTheNameUnderWhichAdvisoriesAreFiled(t *testing.T) {
	type p = engine.Package
	for purl, want := range map[string]p{
		"pkg:npm/%40angular/core@16.0.0":                          {Name: "@angular/core", Version: "16.0.0", Ecosystem: "npm"},
		"pkg:pypi/Flask_SQLAlchemy.x@3.0":                         {Name: "flask-sqlalchemy-x", Version: "3.0", Ecosystem: "PyPI"},
		"pkg:golang/github.com/Masterminds/semver/v3@v3.2.0":      {Name: "github.com/Masterminds/semver/v3", Version: "3.2.0", Ecosystem: "Go"},
		"pkg:golang/k8s.io/api@v0.1.0?type=module#core/v1":        {Name: "k8s.io/api", Version: "0.1.0", Ecosystem: "Go"},
		"pkg:golang/stdlib@1.22.1":                                {Name: "stdlib", Version: "1.22.1", Ecosystem: "Go"},
		"pkg:cargo/rand@0.8.5":                                    {Name: "rand", Version: "0.8.5", Ecosystem: "crates.io"},
		"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1":    {Name: "org.apache.logging.log4j:log4j-core", Version: "2.14.1", Ecosystem: "Maven"},
		"pkg:nuget/Newtonsoft.Json@13.0.1":                        {Name: "Newtonsoft.Json", Version: "13.0.1", Ecosystem: "NuGet"},
		"pkg:composer/laravel/framework@7.12.0":                   {Name: "laravel/framework", Version: "7.12.0", Ecosystem: "Packagist"},
		"pkg:gem/rails@7.0.0":                                     {Name: "rails", Version: "7.0.0", Ecosystem: "RubyGems"},
		"pkg:hex/phoenix@1.7.0":                                   {Name: "phoenix", Version: "1.7.0", Ecosystem: "Hex"},
		"pkg:pub/http@1.0.0":                                      {Name: "http", Version: "1.0.0", Ecosystem: "Pub"},
		"pkg:swift/github.com/vapor/vapor@4.0.0":                  {Name: "github.com/vapor/vapor", Version: "4.0.0", Ecosystem: "SwiftURL"},
		"pkg:githubactions/actions/checkout@v4":                   {Name: "actions/checkout", Version: "v4", Ecosystem: "GitHub Actions"},
		"pkg:generic/openssl@1.1.1":                               {Name: "openssl", Version: "1.1.1"},
		"pkg:docker/library/nginx@1.25":                           {Name: "library/nginx", Version: "1.25"},
		"pkg:deb/debian/curl@7.88?arch=amd64&distro=debian-12":    {Name: "curl", Version: "7.88", Ecosystem: "Debian:12", Arch: "amd64"},
		"pkg:deb/debian/curl@7.88?distro=bookworm":                {Name: "curl", Version: "7.88", Ecosystem: "Debian:12"},
		"pkg:deb/debian/curl@7.88?distro=debian-bullseye":         {Name: "curl", Version: "7.88", Ecosystem: "Debian:11"},
		"pkg:deb/debian/curl@7.88":                                {Name: "curl", Version: "7.88", Ecosystem: "Debian"},
		"pkg:deb/ubuntu/curl@7.81?distro=jammy":                   {Name: "curl", Version: "7.81", Ecosystem: "Ubuntu:22.04:LTS"},
		"pkg:deb/ubuntu/curl@7.81?distro=ubuntu-22.04":            {Name: "curl", Version: "7.81", Ecosystem: "Ubuntu:22.04:LTS"},
		"pkg:deb/ubuntu/curl@7.47?distro=esm-infra/xenial":        {Name: "curl", Version: "7.47", Ecosystem: "Ubuntu:16.04:LTS"},
		"pkg:deb/debian/vim@8?epoch=2&upstream=vi%408.1":          {Name: "vim", Version: "2:8", Ecosystem: "Debian", Source: "vi", SourceVer: "8.1"},
		"pkg:apk/alpine/musl@1.2?distro=3.18.4":                   {Name: "musl", Version: "1.2", Ecosystem: "Alpine:v3.18"},
		"pkg:apk/alpine/musl@1.2?distro=alpine-v3.18":             {Name: "musl", Version: "1.2", Ecosystem: "Alpine:v3.18"},
		"pkg:apk/alpine/musl@1.2?distro=edge":                     {Name: "musl", Version: "1.2", Ecosystem: "Alpine:edge"},
		"pkg:apk/wolfi/musl@1.2?distro=20230201":                  {Name: "musl", Version: "1.2", Ecosystem: "Wolfi"},
		"pkg:rpm/redhat/bash@4.4-1.el8_6?arch=x86_64":             {Name: "bash", Version: "4.4-1.el8_6", Ecosystem: "Red Hat:enterprise_linux:8", Arch: "x86_64"},
		"pkg:rpm/redhat/bash@4.4?distro=rhel-9.2":                 {Name: "bash", Version: "4.4", Ecosystem: "Red Hat:enterprise_linux:9"},
		"pkg:rpm/almalinux/nss@3-1?epoch=1&distro=almalinux-8":    {Name: "nss", Version: "1:3-1", Ecosystem: "AlmaLinux:8"},
		"pkg:rpm/rocky-linux/java?distro=rocky-linux-8-4-l":       {Name: "java", Ecosystem: "Rocky Linux:8"},
		"pkg:rpm/opensuse/zypper@1?distro=opensuse-leap-15.5":     {Name: "zypper", Version: "1", Ecosystem: "openSUSE:Leap 15.5"},
		"pkg:rpm/opensuse/zypper@1?distro=opensuse-tumbleweed":    {Name: "zypper", Version: "1", Ecosystem: "openSUSE:Tumbleweed"},
		"pkg:rpm/suse/zypper@1?distro=sles-15.5":                  {Name: "zypper", Version: "1", Ecosystem: "SUSE:Linux Enterprise Server 15 SP5"},
		"pkg:rpm/rocky/libs@1-2.el9?upstream=src-1-2.el9.src.rpm": {Name: "libs", Version: "1-2.el9", Ecosystem: "Rocky Linux:9", Source: "src"},
		"pkg:rpm/redhat/libs@1-2.el9?upstream=src-1-2.src.rpm":    {Name: "libs", Version: "1-2.el9", Ecosystem: "Red Hat:enterprise_linux:9"},
		"pkg:rpm/redhat/pg@1-2.el8?rpmmod=postgresql:12":          {Name: "pg", Version: "1-2.el8", Ecosystem: "Red Hat:enterprise_linux:8", Module: "postgresql:12"},
	} {
		got, err := fromPURL(purl)
		want.PURL = purl
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", purl, err, d)
		}
	}
}

func TestABrokenPackageURLIsAnError(t *testing.T) {
	for _, purl := range []string{"", "npm/x@1", "pkg:", "pkg:npm", "pkg:npm/", "http://x", "pkg:npm/%zz@1"} {
		if got, err := fromPURL(purl); err == nil {
			t.Errorf("%q gave %+v", purl, got)
		}
	}
}

func FuzzPURL(f *testing.F) {
	f.Add("pkg:deb/debian/curl@7.88?arch=amd64&distro=debian-12&upstream=x%401")
	f.Add("pkg:rpm/rocky/libs@1-2.el9?epoch=1&upstream=src-1-2.el9.src.rpm")
	f.Add("pkg:golang/github.com/A/b@v1#c")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := fromPURL(s); err == nil && (p.Name == "" || p.PURL != s) {
			t.Errorf("%q gave %+v", s, p)
		}
	})
}
